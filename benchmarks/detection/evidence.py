"""The evidence of prometheus/templates/drift.yml, in numpy, for many runs at once.

A run is one model, watched in one simulated world. Each array has a row for each run.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prometheus.generate_rules import CRITICAL_BANK, DRIFT_BANK, Member

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Key = tuple[str, str]

DECISION: Key = ("decision", "")
CAP = 3.0
SEED = 1e-9
FLOOR = 1e-300
RELEASE = 0.0067
TOLERANCE = 0.02
CRITICAL_MARGIN = 0.04
# The selectors of generate_rules.py, by the name of the member.
ROLES: Mapping[str, Sequence[str]] = {
    "0.2": ("decision", "score", "input"),
    "0.7": ("decision", "score", "input", "validity", "range", "segment"),
    "2.5": ("decision", "validity", "range"),
    "-0.2": ("decision", "score", "input"),
    "-0.7": ("decision", "score", "input"),
    "-2.5": ("decision",),
    "all": ("decision",),
}
CRITICAL_ROLES = dict.fromkeys(("0.3", "1.2", "-0.3", "-1.2"), ("decision",))
# A direction begins with so much evidence, or as the strongest if there is no other. It
# ends with less than this part of the strongest, of which no more than that counts.
DIRECTION = 0.05
DIRECTION_END = 0.000912
STRONGEST = 0.368


@dataclass(frozen=True, slots=True)
class Cell:
    """Counts the observations with one of `outcomes`; `kind` is as in the label."""

    kind: str
    outcomes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """What is watched: `key` is its name and segment.

    `reference` is the share of each outcome. `tolerance` and `critical` are in points
    of 1, None where the card has none.
    """

    key: Key
    role: str
    reference: tuple[float, ...]
    cells: tuple[Cell, ...]
    tolerance: float | None = None
    critical: float | None = None


@dataclass(frozen=True, slots=True)
class Bet:
    """One member on one cell; `edge` is the share that is tolerated."""

    member: Member
    cell: Cell
    edge: float


def bets(
    signal: Signal,
    bank: Sequence[Member],
    roles: Mapping[str, Sequence[str]],
    tolerance: float,
) -> Iterator[Bet]:
    """Each member of the bank on each cell of the signal with room beyond its edge."""
    for member in bank:
        if signal.role not in roles[member.name]:
            continue
        for cell in signal.cells:
            if cell.kind == "bucket" and member.name != "0.7":
                continue
            share = round(sum(signal.reference[i] for i in cell.outcomes), 9)
            edge = share + math.copysign(tolerance, member.exponent)
            if 0 < edge < 1:
                yield Bet(member, cell, edge)


class Bank:
    """What each bet on one signal has spent: `spent` has shape (runs, bets)."""

    def __init__(
        self,
        signal: Signal,
        members: Sequence[Member],
        roles: Mapping[str, Sequence[str]],
        tolerance: float,
        runs: int = 1,
    ) -> None:
        self.bets = list(bets(signal, members, roles, tolerance))
        self.size = len(self.bets)
        self.spent: Floats = np.full((runs, self.size), SEED)
        outcomes = range(len(signal.reference))
        self._in = np.array(
            [[float(i in bet.cell.outcomes) for bet in self.bets] for i in outcomes]
        )
        self._rises = np.array(
            [[float(_rises(bet, i)) for i in outcomes] for bet in self.bets]
        )
        self._stuck = np.array([bet.member.name == "all" for bet in self.bets], bool)
        exponents = np.array([bet.member.exponent for bet in self.bets])
        self._exponent = np.where(self._stuck, 0, exponents)
        self._cost = np.array([_cost(bet) for bet in self.bets])

    def update(self, outcomes: ArrayLike, chance: ArrayLike) -> None:
        """One evaluation with new observations of each outcome, shape (runs, outcomes).

        `chance` is what each bet may spend, for all runs or each.
        """
        counted = np.atleast_2d(np.asarray(outcomes, dtype=float))
        n = counted.sum(1, keepdims=True)
        count = counted @ self._in
        limited = np.where(self._stuck, np.minimum(n, 3000), n)
        with np.errstate(over="ignore"):
            factor = np.exp(self._exponent * count - limited * self._cost)
        factor *= ~self._stuck | (count == n)
        self.spent += np.reshape(chance, (-1, 1))
        self.spent *= factor
        np.clip(self.spent, FLOOR, CAP, out=self.spent)

    def directions(self) -> Floats:
        """Evidence that a category rose, by its outcome: shape (runs, outcomes)."""
        found: Floats = self.spent @ self._rises
        return found


def _rises(bet: Bet, outcome: int) -> bool:
    rise = bet.member.exponent > 0 and bet.cell.kind == "category"
    return rise and tuple(bet.cell.outcomes) == (outcome,)


def _tolerance(signal: Signal) -> float:
    return TOLERANCE if signal.tolerance is None else signal.tolerance


def _cost(bet: Bet) -> float:
    if bet.member.name == "all":
        return math.log(max(bet.edge, 0.8))
    return math.log(1 + float(bet.member.odds) * bet.edge)


class Evidence:
    """What the signals of a model have spent, and which are significant."""

    def __init__(
        self,
        signals: Sequence[Signal],
        runs: int = 1,
        days: float = 90.0,
        sharing: int | None = None,
        critical: bool = True,
    ) -> None:
        """`sharing` is how many signals share the budget, if not only these.

        Without `critical`, that bank is left out.
        """
        self.signals = {signal.key: signal for signal in signals}
        self.sharing = sharing or len(self.signals)
        self.budget = 1 / 86400 / days
        self.banks = {
            key: Bank(signal, DRIFT_BANK, ROLES, _tolerance(signal), runs)
            for key, signal in self.signals.items()
        }
        # Of decisions alone; of any other signal it has no bets.
        first = self.signals.get(DECISION, signals[0])
        far = first.critical or _tolerance(first) + CRITICAL_MARGIN
        self.critical = Bank(first, CRITICAL_BANK, CRITICAL_ROLES, far, runs)
        self._has_critical = critical and self.critical.size > 0
        self.significant: dict[Key, Flags] = {
            key: np.zeros(runs, bool) for key in self.signals
        }

    def advance(self, new: Mapping[Key, ArrayLike], seconds: ArrayLike) -> None:
        """One evaluation with these new observations of each outcome, by signal.

        `seconds` since the last one, with traffic: those of which there is a budget.
        """
        budget = self.budget * np.asarray(seconds, dtype=float)
        for key, bank in self.banks.items():
            bank.update(new[key], budget / self.sharing / bank.size)
            level = np.where(self.significant[key], RELEASE, 1)
            self.significant[key] = bank.spent.sum(1) >= level
        if self._has_critical:
            self.critical.update(new[DECISION], budget / self.critical.size)


class Directions:
    """Which categories of a signal have an alert: `active` is (runs, outcomes)."""

    def __init__(self, evidence: Evidence, key: Key) -> None:
        self._evidence, self._key = evidence, key
        outcomes = len(evidence.signals[key].reference)
        runs = len(evidence.significant[key])
        self.active: Flags = np.zeros((runs, outcomes), bool)

    def advance(self) -> Flags:
        """After an evaluation. Returns the alerts that began with it."""
        spent = self._evidence.banks[self._key].directions()
        strongest = spent.max(1, keepdims=True)
        held = spent >= DIRECTION_END * np.minimum(strongest, STRONGEST)
        before = self.active
        alone = ~before.any(1, keepdims=True)
        begun = spent >= np.where(alone, np.minimum(strongest, DIRECTION), DIRECTION)
        significant = self._evidence.significant[self._key][:, None]
        self.active = (begun | held & before) & significant
        return self.active & ~before
