"""What the numbers mean, in sentences and in four figures."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from statistics import median

from .format import (
    after_change,
    between,
    count,
    duration,
    ends,
    listed,
    percent,
    plain,
    seconds,
    subject,
)
from .record import Alert, ModelRecord, Record, Signal


def urgent(alerts: Sequence[Alert]) -> list[Alert]:
    """The alerts that are more than context."""
    return [alert for alert in alerts if alert.row.severity != "info"]


def sentence(record: Record, alerts: Sequence[Alert]) -> str:
    """What happened, for a reader who reads no further."""
    alerts = urgent(alerts)
    if not alerts:
        return f"No alert fired in {duration(record.until - record.since)}."
    parts = [f"{count(len(alerts), 'alert')}{_when(record, alerts)}."]
    if record.phases and not _in(alerts, record.phases[0].name):
        parts.append(f"None in {plain(record.phases[0].name)}, before the change.")
    return " ".join([*parts, _at_the_end(alerts)])


def _at_the_end(alerts: Sequence[Alert]) -> str:
    firing = [a.row for a in alerts if a.resolved is None]
    if not firing:
        return "All are resolved."
    names = dict.fromkeys(subject(row) or row.name for row in firing)
    verb = "fires" if len(firing) == 1 else "fire"
    return f"{len(firing)} still {verb} at the end: {listed([*names])}."


def _in(alerts: Sequence[Alert], phase: str) -> list[Alert]:
    return [alert for alert in alerts if alert.row.cause == phase]


def _when(record: Record, alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        return f", {after_change(record, alerts[0].fired)}"
    if not record.phases:
        return f" in {duration(record.until - record.since)}"
    names = dict.fromkeys(phase.name for phase in record.phases)
    fired = [(name, of_phase) for name in names if (of_phase := _in(alerts, name))]
    if len(fired) == 1:
        [(name, _)] = fired
        first = seconds(min(alert.row.delay for alert in alerts))
        return f" in {plain(name)}, the first after {first}"
    return ": " + "; ".join(
        f"{len(of_phase)} in {plain(name)}, the first after"
        f" {seconds(min(alert.row.delay for alert in of_phase))}"
        for name, of_phase in fired
    )


def numbers(record: Record, of_model: ModelRecord) -> Iterator[tuple[str, str]]:
    """The most important figures, each with its meaning."""
    alerts = urgent(of_model.alerts)
    yield f"{len(alerts)}", "alert" if len(alerts) == 1 else "alerts"
    first_after_a_change = [
        min(alert.row.delay for alert in of_phase)
        for phase in record.phases[1:]
        if (of_phase := _in(alerts, phase.name))
    ]
    if first_after_a_change:
        what = "from a change to its first alert, at most"
        yield seconds(max(first_after_a_change)), what
    delays = [a.row.delivered - a.row.fired for a in alerts if a.row.delivered]
    if delays:
        yield seconds(max(median(delays), 0)), "from firing to delivery (median)"
    yield f"{of_model.applications:,.0f}", "applications decided"


def of_signal(record: Record, signal: Signal) -> str:
    """Where a signal moved most, and when; empty if that does not show in percent."""
    moved = [
        (*furthest(signal, observed), interval)
        for observed, interval in zip(signal.observed, record.intervals, strict=True)
        if observed
    ]
    if not moved:
        return "Nothing was observed."
    name, share, expected, interval = max(moved, key=lambda m: abs(m[1] - m[2]))
    if percent(share) == percent(expected):
        return ""
    unit = f" {signal.unit}" if signal.unit else ""
    return (
        f"Furthest off in {plain(interval.name)}: {name}{unit}, {percent(share)}"
        f" instead of {percent(expected)}."
    )


def furthest(signal: Signal, observed: Sequence[float]) -> tuple[str, float, float]:
    """The cell or range whose share is furthest off, the share, and the reference's."""
    shifts = [o - r for o, r in zip(observed, signal.reference, strict=True)]
    if signal.is_numeric:
        low, high = _moved_range(shifts)
        name = between(ends(signal.cells[low])[0], ends(signal.cells[high - 1])[1])
    else:
        # Of two categories, the shares are equally far off.
        low = max(range(len(shifts)), key=lambda place: round(abs(shifts[place]), 6))
        high = low + 1
        name = signal.cells[low]
    return name, sum(observed[low:high]), sum(signal.reference[low:high])


def _moved_range(shifts: Sequence[float]) -> tuple[int, int]:
    """The buckets whose share changed most together, as alerts describe them.

    The range is open to one side if nearly all of the cumulative curve's shift is
    there.
    """
    curve = list(accumulate(shifts))
    rise, fall = max(curve), -min(curve)
    top, bottom = curve.index(rise) + 1, curve.index(-fall) + 1
    if rise >= 4 * fall:
        return 0, top
    if fall > 4 * rise:
        return bottom, len(shifts)
    return min(top, bottom), max(top, bottom)


def budget(record: Record) -> str:
    """How often chance may cause an alert, in words."""
    days = sorted({m.false_alarm_days for m in record.models if m.false_alarm_days})
    if not days:
        return "as often as its budget allows"
    return f"once in {listed([f'{number:.3g}' for number in days])} days"
