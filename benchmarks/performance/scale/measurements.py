"""What a fleet costs, by Prometheus' own metrics."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .fleet import Fleet
from .monitor import Monitor

# The slices of a measurement whose spread is shown, in seconds.
SLICE = 20
OWN = '{job="prometheus"}'
CPU = "rate(process_cpu_seconds_total{job=%s}[%ds] offset %ds)"
DURATION = "prometheus_rule_group_last_duration_seconds"


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the least and the most."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fleet costs.

    `cores` are CPU seconds per second, `series` those with a sample of now. `groups` are seconds of an evaluation.
    """

    fleet: Fleet
    cores: Spread
    memory_bytes: float
    series: float
    samples_per_second: float
    scrapes_missed: float
    evaluations_missed: float
    evaluations: float
    groups: Mapping[str, Spread]
    alerts: float


def measure(monitor: Monitor, fleet: Fleet, seconds: int) -> Cost:
    """The cost of the last `seconds`, while all of it was running."""
    value, over = monitor.value, f"[{seconds}s]"
    slices = range(0, seconds, max(SLICE, 4 * fleet.every))
    window = max(SLICE, 4 * fleet.every)
    expected = fleet.models * seconds / fleet.every
    scraped = f'sum(sum_over_time(up{{job="credit-analyzer"}}{over}))'
    return Cost(
        fleet=fleet,
        cores=Spread.of([value(CPU % ('"prometheus"', window, ago)) for ago in slices]),
        memory_bytes=value(f"max_over_time(process_resident_memory_bytes{OWN}{over})"),
        series=value('count({__name__=~".+"})'),
        samples_per_second=value(
            f"rate(prometheus_tsdb_head_samples_appended_total{OWN}{over})"
        ),
        scrapes_missed=expected - value(scraped),
        evaluations_missed=value(_sum("iterations_missed_total", over)),
        evaluations=value(_sum("iterations_total", over)),
        groups=_groups(monitor, over),
        alerts=value('count(ALERTS{alertstate="firing"})'),
    )


def _sum(what: str, over: str) -> str:
    return f"sum(increase(prometheus_rule_group_{what}{over}))"


def _groups(monitor: Monitor, over: str) -> dict[str, Spread]:
    found: dict[str, list[float]] = {}
    for quantile in ("0.5", "0", "1"):
        series = monitor.query(f"quantile_over_time({quantile}, {DURATION}{over})")
        for sample in series:
            name = sample["metric"]["rule_group"].rpartition(";")[2]
            found.setdefault(name, []).append(float(sample["value"][1]))
    return {name: Spread(*values) for name, values in found.items()}


def table(costs: Sequence[Cost]) -> Iterator[str]:
    """Markdown: a line for each fleet."""
    yield (
        "| models | every | cores | CPU for a model | memory | live series "
        "| for a model more | samples/s | missed: scrapes | evaluations | alerts |"
    )
    yield "|---" * 11 + "|"
    for c in costs:
        more = (c.series - costs[0].series) / max(c.fleet.models - 1, 1)
        yield (
            f"| {c.fleet.models} | {c.fleet.every} s "
            f"| {c.cores.middle:.3f} ({c.cores.least:.3f} to {c.cores.most:.3f}) "
            f"| {1e3 * c.cores.middle / c.fleet.models:.1f} ms/s "
            f"| {c.memory_bytes / 1e6:,.0f} MB | {c.series:,.0f} | {more:,.0f} "
            f"| {c.samples_per_second:,.0f} "
            f"| {c.scrapes_missed:.0f} | {c.evaluations_missed:.0f} of "
            f"{c.evaluations:.0f} | {c.alerts:.0f} |"
        )


def group_table(costs: Sequence[Cost]) -> Iterator[str]:
    """Markdown: the time that an evaluation of each group takes, in milliseconds."""
    heads = [f"{c.fleet.models} every {c.fleet.every} s" for c in costs]
    yield "| group | " + " | ".join(heads) + " |"
    yield "|---" * (len(costs) + 1) + "|"
    last = costs[-1]
    for name in sorted(last.groups, key=lambda n: -last.groups[n].middle):
        groups = [c.groups[name] for c in costs]
        cells = [f"{1e3 * g.middle:.1f} (to {1e3 * g.most:.0f})" for g in groups]
        yield f"| {name} | " + " | ".join(cells) + " |"
