"""What was measured, as Markdown."""

from collections.abc import Iterator, Sequence

from .characteristics import Delay, FalseAlarms


def false_alarm_table(rows: Sequence[FalseAlarms]) -> Iterator[str]:
    """Markdown: a line for each signal, a column for each rate and fault."""
    columns = list(dict.fromkeys((row.rate, row.points) for row in rows))
    heads = [f"{rate}/s, {points:g} points off" for rate, points in columns]
    yield "| signal | " + " | ".join(heads) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name in dict.fromkeys(row.signal for row in rows):
        cells = [
            next(r for r in rows if (r.signal, r.rate, r.points) == (name, *column))
            for column in columns
        ]
        yield f"| {name} | " + " | ".join(f"{c.per_30_days:.2f}" for c in cells) + " |"
    sums = [
        sum(r.per_30_days for r in rows if (r.rate, r.points) == column)
        for column in columns
    ]
    yield "| **all** | " + " | ".join(f"**{total:.2f}**" for total in sums) + " |"


def delay_table(rows: Sequence[Delay]) -> Iterator[str]:
    """Markdown: a line for each change."""
    yield "| signal | change | rate | distance | limit | median | p95 | ratio |"
    yield "|---|---|---|---|---|---|---|---|"
    for r in rows:
        yield (
            f"| {r.signal} | {r.change} | {r.rate}/s | {r.distance:.3f} "
            f"| {r.limit:.1f} s | {r.median:.0f} s | {r.p95:.0f} s | {r.ratio:.2f} |"
        )
