"""The alerts, each as a bar from firing to resolved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..format import after_change, delivered, subject
from ..record import Alert, Record
from .time_axis import TimeAxis

MAX_LANES = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """An alert, by position and width in percent.

    `delivered` is the position of its notification's arrival.
    """

    severity: str
    left: float
    width: float
    is_firing: bool
    delivered: float | None


@dataclass(frozen=True, slots=True)
class AlertLane:
    """Alerts of one name and subject: each severity, and each time it fired."""

    name: str
    subject: str
    words: str
    left: float
    bars: tuple[Bar, ...]


def lanes(record: Record, alerts: Sequence[Alert], x: TimeAxis) -> list[AlertLane]:
    """The alerts, in the order in which they fired first."""
    grouped: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault((alert.row.name, subject(alert.row)), []).append(alert)
    return [
        AlertLane(
            name=name,
            subject=about,
            words=_words(record, same),
            left=x(same[0].fired),
            bars=tuple(_bars(same, x)),
        )
        for (name, about), same in grouped.items()
    ]


def severity(alert: Alert) -> str:
    """The severity, for its colour; info stands for those that are unknown."""
    known = alert.row.severity in ("critical", "warning")
    return alert.row.severity if known else "info"


def _words(record: Record, alerts: Sequence[Alert]) -> str:
    first = alerts[0]
    of_several = f" (the first of {len(alerts)})" if len(alerts) > 1 else ""
    return f"{after_change(record, first.fired)}{of_several}, {delivered(first)}"


def _bars(alerts: Sequence[Alert], x: TimeAxis) -> Iterator[Bar]:
    for alert in alerts:
        left = x(alert.fired)
        right = x(x.until if alert.resolved is None else alert.resolved)
        yield Bar(
            severity=severity(alert),
            left=left,
            width=right - left,
            is_firing=alert.resolved is None,
            delivered=x(alert.delivered) if alert.delivered else None,
        )
