"""What was told, against the truth: pure functions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .facts import Alert, Drift, Outage, Told
from .truth import MEMORY_SECONDS, alert_of

# So long after a component is back its kill may be told: alerts about failures look
# back for a minute.
CONSEQUENCE_SECONDS = 75.0
# So many restarts within so long are more than a rollout's (alerts-service.yml).
RESTARTS = 2
RESTARTS_SECONDS = 600.0


@dataclass(slots=True)
class Verdict:
    """What became of each alert. All but `told` and the counts are sentences."""

    expected: int = 0
    told: list[Told] = field(default_factory=list)
    possible: int = 0
    consequences: int = 0
    missed: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Whatever is not as it should be."""
        told = [*self.missed, *self.duplicated, *self.unexpected]
        return [*told, *self.early, *self.unresolved]


def judge(
    drifts: Sequence[Drift], outages: Sequence[Outage], alerts: Sequence[Alert]
) -> Verdict:
    """Holds every alert against the drifts, of which none may be `merging`."""
    verdict = Verdict(expected=sum(len(drift.certain) for drift in drifts))
    of_drift: dict[tuple[Drift, str], list[Alert]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda alert: alert.started):
        words = _words(alert, drifts)
        drift = _cause(alert, drifts)
        if drift:
            of_drift[drift, alert.signal].append(alert)
        elif _is_consequence(alert, outages):
            verdict.consequences += 1
        else:
            verdict.unexpected.append(f"{words}, unexpected")
        _judge_end(verdict, alert, drift, words)
        if alert.told and alert.logged != 1:
            kind = verdict.duplicated if alert.logged else verdict.missed
            kind.append(f"{words}, with {alert.logged} lines in the log")
    for same in of_drift.values():
        verdict.duplicated += [f"{_words(again, drifts)}, again" for again in same[1:]]
    for drift in drifts:
        for signal in sorted(drift.signals):
            first = next(iter(of_drift[drift, signal]), None)
            _judge_beginning(verdict, drift, signal, first, outages)
    return verdict


def _judge_beginning(
    verdict: Verdict,
    drift: Drift,
    signal: str,
    alert: Alert | None,
    outages: Sequence[Outage],
) -> None:
    if signal in drift.possible:
        verdict.possible += alert is not None
    elif alert and alert.told and alert.told <= drift.end:
        verdict.told.append(_told(drift, signal, alert.told, outages))
    else:
        words = "told when it was over" if alert else "never told"
        verdict.missed.append(f"{alert_of(signal)} {signal}, {drift.name}, {words}")


def _judge_end(verdict: Verdict, alert: Alert, drift: Drift | None, words: str) -> None:
    if alert.ended is None:
        verdict.unresolved.append(f"{words}, never told to be over")
    elif drift and alert.signal in drift.certain and alert.ended < drift.end:
        verdict.early.append(f"{words}, told to be over while it was on")


def _told(drift: Drift, signal: str, told: float, outages: Sequence[Outage]) -> Told:
    broken = any(o.killed <= told and o.back >= drift.start for o in outages)
    return Told(drift.name, signal, told - drift.start, broken)


def _cause(alert: Alert, drifts: Sequence[Drift]) -> Drift | None:
    for drift in drifts:
        if (
            drift.start <= alert.started <= drift.end + MEMORY_SECONDS
            and alert.signal in drift.signals
            and alert.name == alert_of(alert.signal)
        ):
            return drift
    return None


def _is_consequence(alert: Alert, outages: Sequence[Outage]) -> bool:
    if alert.name == "CreditAnalyzerRestarting":
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
    return f"{alert.name} {alert.signal}".rstrip() + f", {when}"
