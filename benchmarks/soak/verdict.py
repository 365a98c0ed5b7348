"""What was told, against the truth: pure functions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .facts import Alert, Drift, Outage, Told
from .truth import MEMORY_SECONDS, alert_of

# So long after a component is back its kill may be told: alerts about failures look
# back for a minute.
CONSEQUENCE_SECONDS = 75.0


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
    unresolved: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Whatever is not as it should be."""
        return [*self.missed, *self.duplicated, *self.unexpected, *self.unresolved]


def judge(
    drifts: Sequence[Drift], outages: Sequence[Outage], alerts: Sequence[Alert]
) -> Verdict:
    """Holds every alert against the drifts, of which none may be `merging`."""
    verdict = Verdict(expected=sum(len(drift.certain) for drift in drifts))
    of_drift: dict[tuple[Drift, str], list[Alert]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda alert: alert.started):
        if drift := _cause(alert, drifts):
            of_drift[drift, alert.signal].append(alert)
        elif _is_consequence(alert, outages):
            verdict.consequences += 1
        else:
            verdict.unexpected.append(f"{_named(alert)} {_when(alert, drifts)}")
        if alert.ended is None:
            verdict.unresolved.append(f"{_named(alert)} {_when(alert, drifts)}")
        if alert.logged != 1 and alert.told:
            words = f"{alert.logged} lines in the log, {_when(alert, drifts)}"
            (verdict.duplicated if alert.logged else verdict.missed).append(
                f"{_named(alert)}: {words}"
            )
    _count(verdict, drifts, outages, of_drift)
    return verdict


def _count(
    verdict: Verdict,
    drifts: Sequence[Drift],
    outages: Sequence[Outage],
    of_drift: Mapping[tuple[Drift, str], Sequence[Alert]],
) -> None:
    for drift in drifts:
        for signal in sorted(drift.signals):
            same = of_drift.get((drift, signal), [])
            verdict.duplicated += [
                f"{_named(alert)} {_when(alert, drifts)}, "
                f"{alert.started - same[0].started:.0f} s after the first"
                for alert in same[1:]
            ]
            if signal in drift.possible:
                verdict.possible += bool(same)
            elif same and same[0].told and same[0].told <= drift.end:
                verdict.told.append(_told(drift, signal, same[0].told, outages))
            else:
                late = ", told when it was over" if same else ""
                verdict.missed.append(
                    f"{alert_of(signal)} {signal} of {drift.name}{late}"
                )


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
    return any(
        alert.name in outage.consequences()
        and outage.killed <= alert.started <= outage.back + CONSEQUENCE_SECONDS
        for outage in outages
    )


def _named(alert: Alert) -> str:
    return f"{alert.name} {alert.signal}".rstrip()


def _when(alert: Alert, drifts: Sequence[Drift]) -> str:
    begun = [drift for drift in drifts if drift.start <= alert.started]
    if not begun:
        return "before any drift"
    return f"{alert.started - begun[-1].start:.0f} s after {begun[-1].name} began"
