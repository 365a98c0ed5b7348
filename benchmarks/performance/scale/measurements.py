"""What a fleet costs, by Prometheus' own metrics."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .exporter import Fleet
from .monitor import Monitor

# The slices of a measurement whose spread is shown: so many evaluations, or seconds.
SLICE = 4
SLICE_SECONDS = 20
OWN = '{job="prometheus"}'
DURATION = "prometheus_rule_group_last_duration_seconds"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fleet costs. `columns` are text, `groups` of an evaluation of each group.

    `live_series` are those with a sample of now.
    """

    fleet: Fleet
    live_series: float
    columns: Mapping[str, str]
    groups: Mapping[str, str]


def measure(monitor: Monitor, fleet: Fleet, seconds: int) -> Cost:
    """The cost of the last `seconds`, while all of it was running."""
    value, over = monitor.value, f"[{seconds}s]"
    part = max(SLICE_SECONDS, SLICE * fleet.every)
    cores = [
        value(f"rate(process_cpu_seconds_total{OWN}[{part}s] offset {ago}s)")
        for ago in range(0, seconds, part)
    ]
    samples = f"rate(prometheus_tsdb_head_samples_appended_total{OWN}{over})"
    memory = value(f"max_over_time(process_resident_memory_bytes{OWN}{over})")
    missed = "sum(increase(prometheus_rule_group_iterations%s_total%s))"
    scraped = f'sum(sum_over_time(up{{job="credit-analyzer"}}{over}))'
    series = value('count({__name__=~".+"})')
    columns = {
        "cores": f"{median(cores):.3f} ({min(cores):.3f} to {max(cores):.3f})",
        "CPU for a model": f"{1e3 * median(cores) / fleet.models:.1f} ms/s",
        "memory": f"{memory / 1e6:,.0f} MB",
        "live series": f"{series:,.0f}",
        "samples/s": f"{value(samples):,.0f}",
        "scrapes": f"{value(scraped):,.0f}",
        "of": f"{fleet.models * seconds / fleet.every:,.0f}",
        "missed evaluations": f"{value(missed % ('_missed', over)):,.0f}",
        "of all": f"{value(missed % ('', over)):,.0f}",
        "alerts": f"{value('count(ALERTS)'):,.0f}",
    }
    return Cost(fleet, series, columns, _groups(monitor, over))


def _groups(monitor: Monitor, over: str) -> dict[str, str]:
    found: dict[str, list[float]] = {}
    for quantile in ("0.5", "1"):
        series = monitor.query(f"quantile_over_time({quantile}, {DURATION}{over})")
        for sample in series:
            name = sample["metric"]["rule_group"].rpartition(";")[2]
            found.setdefault(name, []).append(1e3 * float(sample["value"][1]))
    return {name: f"{half:.1f} (to {most:.0f})" for name, (half, most) in found.items()}


def tables(costs: Sequence[Cost]) -> Iterator[str]:
    """Markdown: a line for each fleet, and one for each group of rules."""
    columns = ["models", "every", *costs[0].columns]
    yield from ("| " + " | ".join(columns) + " |", "|---" * len(columns) + "|")
    for cost in costs:
        cells = [f"{cost.fleet.models}", f"{cost.fleet.every} s"]
        yield "| " + " | ".join([*cells, *cost.columns.values()]) + " |"
    yield ""
    of_interval: dict[int, list[Cost]] = {}
    for cost in costs:
        of_interval.setdefault(cost.fleet.every, []).append(cost)
    for every, found in of_interval.items():
        first, last = found[0], found[-1]
        models = last.fleet.models - first.fleet.models or 1
        more = (last.live_series - first.live_series) / models
        yield f"Every {every} s a model more is {more:,.0f} live series."
    yield from ("", "Milliseconds of an evaluation, median and longest:", "")
    heads = [f"{c.fleet.models} every {c.fleet.every} s" for c in costs]
    yield "| group | " + " | ".join(heads) + " |"
    yield "|---" * (len(costs) + 1) + "|"
    for name in costs[-1].groups:
        yield f"| {name} | " + " | ".join(c.groups[name] for c in costs) + " |"
