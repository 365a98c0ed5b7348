"""What was measured, as Markdown."""

from collections.abc import Iterator, Sequence

from .measurements import Cost


def table(costs: Sequence[Cost]) -> Iterator[str]:
    """Markdown: a line for each fleet."""
    yield (
        "| models | drifting | every | cores | memory | series | samples/s "
        "| bytes/day | scrape | missed: scrapes | evaluations | alerts | exporter |"
    )
    yield "|---" * 13 + "|"
    for c in costs:
        yield (
            f"| {c.fleet.models} | {c.fleet.drifting} | {c.fleet.every} s "
            f"| {c.cores.middle:.2f} ({c.cores.least:.2f} to {c.cores.most:.2f}) "
            f"| {c.memory_bytes / 1e6:,.0f} MB | {c.series:,.0f} "
            f"| {c.samples_per_second:,.0f} | {c.bytes_per_day / 1e9:.2f} GB "
            f"| {1e3 * c.scrape.middle:.1f} ms (to {1e3 * c.scrape.most:.0f}) "
            f"| {c.scrapes_missed:.0f} | {c.evaluations_missed:.0f} of "
            f"{c.evaluations:.0f} | {c.alerts:.0f} "
            f"| {c.exporter:.2f} |"
        )


def group_table(costs: Sequence[Cost]) -> Iterator[str]:
    """Markdown: the time that an evaluation of each group takes, in milliseconds."""
    heads = [
        f"{c.fleet.models} every {c.fleet.every} s, {c.fleet.drifting} drift"
        for c in costs
    ]
    yield "| group, every | " + " | ".join(heads) + " |"
    yield "|---" * (len(costs) + 1) + "|"
    last = costs[-1]
    for name in sorted(last.groups, key=lambda n: -_share(last, n)):
        cells = [
            f"{1e3 * c.groups[name].middle:.1f} (to {1e3 * c.groups[name].most:.0f})"
            for c in costs
        ]
        yield f"| {name}, {last.intervals[name]:g} s | " + " | ".join(cells) + " |"


def _share(cost: Cost, name: str) -> float:
    return cost.groups[name].middle / cost.intervals[name]
