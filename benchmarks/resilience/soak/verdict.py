"""The alerts that were received, against the truth: pure functions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from .observed import Alert, Delivered, Drift, Outage

# The alerts that a drift has to have, by the name of its phase.
CERTAIN = {
    "hard-times": {
        ("ModelDecisionDrift", "decision"),
        ("ModelScoreDrift", "score"),
        ("ModelInputDrift", "monthly_income"),
        ("ModelInputDrift", "education_level"),
    },
    "gold-rush": {
        ("ModelDecisionDrift", "decision"),
        ("ModelScoreDrift", "score"),
        ("ModelInputDrift", "monthly_income"),
        ("ModelInputDrift", "profession_type"),
    },
    "broken-form": {("ModelInputDrift", "monthly_income")},
    "malformed": {("ModelInvalidInput", "validity")},
}
# Alerts that one of the applicants may have, beside these: what moves little, and
# decisions by segment.
POSSIBLE = (
    *("ModelDecisionDrift", "ModelScoreDrift", "ModelInputDrift"),
    *("ModelSegmentDrift", "ModelUnusualInput"),
)
# A drift that is over may still be reported: until the rest of it was scraped, and
# while Alertmanager repeats for a receiver or a Prometheus that was killed.
AFTER_SECONDS = 15.0
# Alerts on failures look back for five minutes, and Prometheus' own failures count only
# 330 s after its start.
CONSEQUENCE_SECONDS = 345.0
# So many restarts within so long are more than a rollout's (service.yml).
RESTARTS = 2
RESTARTS_SECONDS = 600.0


@dataclass(slots=True)
class Verdict:
    """What became of each alert. All but `received` and the counts are sentences."""

    expected: int = 0
    received: list[Delivered] = field(default_factory=list)
    possible: int = 0
    consequences: int = 0
    missed: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that is not as it should be."""
        kinds = (self.missed, self.duplicated, self.unexpected, self.early)
        return [*chain(*kinds), *self.unresolved]


def judge(
    drifts: Sequence[Drift], outages: Sequence[Outage], alerts: Sequence[Alert]
) -> Verdict:
    """Compares every alert with the drifts."""
    verdict = Verdict(expected=sum(len(CERTAIN[drift.name]) for drift in drifts))
    of_drift: dict[tuple[Drift, str, str, str], list[Alert]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda alert: alert.started):
        words = _words(alert, drifts)
        drift = _cause(alert, drifts)
        if drift:
            of_drift[drift, *alert.kind, alert.about].append(alert)
        elif _is_consequence(alert, outages):
            verdict.consequences += 1
        else:
            verdict.unexpected.append(f"{words}, unexpected")
        if alert.ended is None:
            verdict.unresolved.append(f"{words}, never resolved")
        if alert.received and alert.logged != 1:
            kind = verdict.duplicated if alert.logged else verdict.missed
            kind.append(f"{words}, with {alert.logged} lines in the log")
    for same in of_drift.values():
        # Its severity may change, which is another alert to Alertmanager.
        again = [alert for alert in same[1:] if alert.severity == same[0].severity]
        verdict.duplicated += [f"{_words(alert, drifts)}, again" for alert in again]
    for drift in drifts:
        ours = [a for (of, *_), same in of_drift.items() if of == drift for a in same]
        _judge_drift(verdict, drift, ours, outages)
    return verdict


def _judge_drift(
    verdict: Verdict, drift: Drift, alerts: Sequence[Alert], outages: Sequence[Outage]
) -> None:
    certain = CERTAIN[drift.name]
    verdict.possible += len({alert.kind for alert in alerts} - certain)
    for kind in sorted(certain):
        of_kind = [alert for alert in alerts if alert.kind == kind]
        received = [a.received for a in of_kind if a.received]
        words = f"{' '.join(kind)}, {drift.name}"
        if not received or min(received) > drift.end:
            late = "received when it was over" if of_kind else "never received"
            verdict.missed.append(f"{words}, {late}")
            continue
        verdict.received.append(_delivered(drift, kind[1], min(received), outages))
        # One of its directions, or of its severities, lasts as long as the drift.
        if not any(a.ended is None or a.ended >= drift.end for a in of_kind):
            verdict.early.append(f"{words}, resolved while it was on")


def _delivered(
    drift: Drift, signal: str, moment: float, outages: Sequence[Outage]
) -> Delivered:
    broken = any(o.killed <= moment and o.back >= drift.start for o in outages)
    return Delivered(drift.name, signal, moment - drift.start, broken)


def _cause(alert: Alert, drifts: Sequence[Drift]) -> Drift | None:
    for drift in drifts:
        on = drift.start <= alert.started <= drift.end + AFTER_SECONDS
        applicants = drift.name != "malformed"
        possible = applicants and alert.name in POSSIBLE
        if on and (alert.kind in CERTAIN[drift.name] or possible):
            return drift
    return None


def _is_consequence(alert: Alert, outages: Sequence[Outage]) -> bool:
    if alert.name == "ModelServiceRestarting":
        return _restarts_before(alert.started, outages) >= RESTARTS
    return any(
        alert.name in outage.consequences()
        and outage.killed <= alert.started <= outage.back + CONSEQUENCE_SECONDS
        for outage in outages
    )


def _restarts_before(moment: float, outages: Sequence[Outage]) -> int:
    return sum(
        outage.component == "credit-analyzer"
        and moment - RESTARTS_SECONDS <= outage.back <= moment
        for outage in outages
    )


def _words(alert: Alert, drifts: Sequence[Drift]) -> str:
    """Which alert it is, and when it began."""
    began = [drift for drift in drifts if drift.start <= alert.started]
    when = (
        f"{alert.started - began[-1].start:.0f} s after {began[-1].name} began"
        if began
        else "before any drift"
    )
    what = " ".join(filter(None, (alert.name, alert.signal, alert.about)))
    return f"{what}, {when}"
