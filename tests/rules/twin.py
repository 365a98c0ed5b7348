"""The evidence of prometheus/templates/drift.yml, in numpy.

One `evaluate` is one evaluation of the groups model-reference and model-drift, in that
order, in a Prometheus that was never away.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prometheus.generate_rules import CRITICAL_BANK, DRIFT_BANK

QUARANTINE = 900
IDLE = 600
CAP = 3.0
FLOOR = 1e-300
RELEASE = 0.0067
NOTABLE = math.exp(9)
MOST_NOTABLE = 0.135
MEMORY = 100
ROLES = {
    "0.2": ("decision", "score", "input"),
    "0.7": ("decision", "score", "input", "validity", "range", "segment"),
    "2.5": ("decision", "validity", "range"),
    "-0.2": ("decision", "score", "input"),
    "-0.7": ("decision", "score", "input"),
    "-2.5": ("decision",),
    "all": ("decision",),
}
CRITICAL_ROLES = dict.fromkeys(("0.3", "1.2", "-0.3", "-1.2"), ("decision",))


def bets(signal, bank, roles, tolerance):
    """(member, cell, edge) of each member of a signal's bank."""
    for member in bank:
        if signal.role not in roles[member.name]:
            continue
        for cell in signal.cells:
            if cell.kind == "bucket" and member.name != "0.7":
                continue
            share = round(sum(signal.reference[i] for i in cell.outcomes), 9)
            edge = share + math.copysign(tolerance, member.exponent)
            if 0 < edge < 1:
                yield member, cell, edge


class Bank:
    """What each member has spent for one signal."""

    def __init__(self, signal, bank, roles, tolerance):
        chosen = list(bets(signal, bank, roles, tolerance))
        self.size = len(chosen)
        self.spent = np.zeros(self.size)
        self.cells = [cell for _, cell, _ in chosen]
        self.members = [member for member, _, _ in chosen]
        outcomes = len(signal.reference)
        self._in = np.array(
            [[i in cell.outcomes for i in range(outcomes)] for cell in self.cells],
            dtype=float,
        ).reshape(-1, outcomes)
        self._stuck = np.array([member.name == "all" for member in self.members], bool)
        self._exponent = np.array(
            [0.0 if math.isinf(m.exponent) else m.exponent for m in self.members]
        )
        self._cost = np.array(
            [
                math.log(max(edge, 0.8))
                if member.name == "all"
                else math.log(1 + float(member.odds) * edge)
                for member, _, edge in chosen
            ]
        )

    def update(self, outcomes, chance):
        """One evaluation with these new observations of each outcome."""
        n = outcomes.sum()
        count = self._in @ outcomes
        limited = np.where(self._stuck, min(n, 3000), n)
        with np.errstate(over="ignore"):
            factor = np.exp(self._exponent * count - limited * self._cost)
        factor = np.where(self._stuck & (count != n), 0, factor)
        self.spent = np.clip((self.spent + chance) * factor, FLOOR, CAP)


@dataclass
class Replica:
    """What the rules remember of a replica."""

    counts: Mapping
    start: float | None
    resume: float = -math.inf


class Twin:
    """The state of the rules for one model."""

    def __init__(self, signals: Sequence, days=90.0):
        self.signals = {signal.key: signal for signal in signals}
        tolerance = {
            key: 0.02 if signal.tolerance is None else signal.tolerance
            for key, signal in self.signals.items()
        }
        self.banks = {
            key: Bank(signal, DRIFT_BANK, ROLES, tolerance[key])
            for key, signal in self.signals.items()
        }
        decision = self.signals[("decision", "")]
        far = decision.critical or tolerance[decision.key] + 0.04
        self.critical = Bank(decision, CRITICAL_BANK, CRITICAL_ROLES, far)
        self._budget = 1 / 86400 / days
        self._replicas: dict[str, Replica] = {}
        self._before: float | None = None
        self._last: float | None = None
        self.interval = None
        self.significant = dict.fromkeys(self.signals, False)

    @property
    def spent(self):
        """The part of the budget that each signal has spent."""
        return {key: bank.spent.sum() for key, bank in self.banks.items()}

    @property
    def notable(self):
        """More than a healthy signal spends."""
        level = NOTABLE * self._budget * self.interval / len(self.signals)
        return min(level, MOST_NOTABLE)

    def evaluate(self, time, replicas):
        """At `time`, of {name: (counts of each outcome by signal, start or None)}."""
        new = self._new(time, replicas)
        seconds = 0 if self._before is None else time - self._before
        self._before = time
        if new is None:
            return
        busy = self._last is not None and time - self._last < IDLE
        budget = self._budget * busy
        self._measure_traffic(time, new[("decision", "")].sum())
        for key, bank in self.banks.items():
            chance = budget / len(self.signals) / bank.size
            bank.update(new[key], chance * seconds)
        self.critical.update(
            new[("decision", "")], budget / self.critical.size * seconds
        )
        for key, spent in self.spent.items():
            level = RELEASE if self.significant[key] else 1
            self.significant[key] = spent >= level

    def _measure_traffic(self, time, n):
        if self.interval is None:
            self.interval = IDLE
        if n:
            since = 0 if self._last is None else min(time - self._last, IDLE)
            of = max(n, MEMORY)
            self.interval = self.interval * (1 - n / of) + since / of
            self._last = time

    def _new(self, time, replicas):
        """New observations of each outcome by signal; None before there were any."""
        new, counted = {}, False
        for name, (counts, start) in replicas.items():
            before = self._replicas.get(name)
            now = self._replicas[name] = Replica(counts, start)
            if before is None:
                continue
            growth = {key: counts[key] - before.counts[key] for key in counts}
            now.resume = self._resume(time, before, now, growth)
            if now.resume < time:
                counted = True
                for key, rows in growth.items():
                    new[key] = new.get(key, 0) + rows
        for gone in self._replicas.keys() - replicas.keys():
            del self._replicas[gone]
        if counted:
            self._known = True
            return new
        if not getattr(self, "_known", False):
            return None
        return {key: np.zeros(len(s.reference)) for key, s in self.signals.items()}

    @staticmethod
    def _resume(time, before, now, growth):
        if None not in (now.start, before.start) and now.start != before.start:
            return time
        if min(rows.sum() for rows in growth.values()) < 0:
            return time + QUARANTINE
        return before.resume if before.resume >= time else -math.inf
