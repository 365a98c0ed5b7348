"""What the figures say, in sentences and in four numbers."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from statistics import median

from .record import Alert, Distribution, Record
from .words import count, duration, percent, plain, seconds


def urgent(record: Record) -> Sequence[Alert]:
    """The alerts, but for those that are no more than context."""
    return [alert for alert in record.alerts if alert.row.severity != "info"]


def sentence(record: Record) -> str:
    """What happened, for somebody who reads no further."""
    alerts = urgent(record)
    if not alerts:
        return f"No alert fired in {duration(record.until - record.since)}."
    parts = [f"{count(len(alerts), 'alert')}{_where(record)}."]
    if record.phases and not _in(record, record.phases[0].name):
        parts.append(f"None in {plain(record.phases[0].name)}, before the change.")
    firing = sum(alert.resolved is None for alert in alerts)
    parts.append(f"{firing} not resolved." if firing else "All are resolved.")
    return " ".join(parts)


def _in(record: Record, phase: str) -> list[Alert]:
    return [alert for alert in urgent(record) if alert.row.cause == phase]


def _where(record: Record) -> str:
    if not record.phases:
        return f" in {duration(record.until - record.since)}"
    names = dict.fromkeys(phase.name for phase in record.phases)
    told = [(name, alerts) for name in names if (alerts := _in(record, name))]
    return ": " + "; ".join(
        f"{len(alerts)} in {plain(name)}, the first after"
        f" {seconds(min(alert.row.delay for alert in alerts))}"
        for name, alerts in told
    )


def numbers(record: Record) -> Iterator[tuple[str, str]]:
    """The most telling ones, each with what it is."""
    alerts = urgent(record)
    yield f"{len(alerts)}", "alert" if len(alerts) == 1 else "alerts"
    first_after_a_change = [
        min(alert.row.delay for alert in told)
        for phase in record.phases[1:]
        if (told := _in(record, phase.name))
    ]
    if first_after_a_change:
        what = "from a change to its first alert, at most"
        yield seconds(max(first_after_a_change)), what
    delays = [a.row.delivered - a.row.fired for a in alerts if a.row.delivered]
    if delays:
        yield seconds(median(delays)), "from firing to delivery (median)"
    yield f"{record.applications:,.0f}", "applications decided"


def of_distribution(record: Record, distribution: Distribution) -> str:
    """The stretch in which most moved, and what did."""
    moved = [
        (*_most_moved(distribution, observed), stretch)
        for observed, stretch in zip(
            distribution.observed, record.stretches, strict=True
        )
        if observed
    ]
    if not moved:
        return "Nothing was decided."
    _, what, share, expected, stretch = max(moved, key=lambda m: m[0])
    where = f" in {plain(stretch.name)}" if stretch.name else ""
    return (
        f"Moved most{where}: {what}, {percent(share)} against {percent(expected)}"
        " in the reference."
    )


def _most_moved(
    of: Distribution, observed: Sequence[float]
) -> tuple[float, str, float, float]:
    """By how much, what, its share, and its share in the reference."""
    shifts = [o - r for o, r in zip(observed, of.reference, strict=True)]
    if of.categories:
        low = max(range(len(shifts)), key=lambda place: abs(shifts[place]))
        high = low + 1
        name = of.categories[low]
    else:
        low, high = _moved_range(shifts)
        name = _range(of, low, high)
    share, expected = sum(observed[low:high]), sum(of.reference[low:high])
    return abs(share - expected), name, share, expected


def _moved_range(shifts: Sequence[float]) -> tuple[int, int]:
    """The buckets whose share changed most together, as alerts describe them.

    They are open to one side where nearly all of the cumulative curve's shift is.
    """
    curve = list(accumulate(shifts))
    rise, fall = max(curve), -min(curve)
    top, bottom = curve.index(rise) + 1, curve.index(-fall) + 1
    if rise >= 4 * fall:
        return 0, top
    if fall > 4 * rise:
        return bottom, len(shifts)
    return min(top, bottom), max(top, bottom)


def _range(of: Distribution, low: int, high: int) -> str:
    edges = [f"{edge:,.10g}" for edge in of.edges]
    unit = f" {of.unit}" if of.unit else ""
    if low == 0:
        return f"up to {edges[high - 1]}{unit}"
    if high == len(edges):
        return f"above {edges[low - 1]}{unit}"
    return f"{edges[low - 1]} to {edges[high - 1]}{unit}"
