"""What Prometheus says of itself, and what its blocks weigh."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .fleet import Fleet
from .monitor import Monitor

# The slices of a measurement whose spread is shown, in seconds.
SLICE = 20
DAY = 86_400
BLOCKS_PER_DAY = 12
OWN = '{job="prometheus"}'
CPU = "rate(process_cpu_seconds_total{job=%s}[%ds] offset %ds)"
DURATION = "prometheus_rule_group_last_duration_seconds"


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of what was seen, and the least and the most."""

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

    `cores` are CPU seconds per second, `exporter` those of the exporter. `groups` and
    `scrape` are in seconds, `bytes_per_day` on the disk.
    """

    fleet: Fleet
    cores: Spread
    exporter: float
    memory_bytes: float
    series: float
    samples_per_second: float
    bytes_per_day: float
    scrape: Spread
    scrapes_missed: float
    evaluations_missed: float
    evaluations: float
    groups: Mapping[str, Spread]
    intervals: Mapping[str, float]
    alerts: float


def measure(monitor: Monitor, fleet: Fleet, seconds: int) -> Cost:
    """The cost of the last `seconds`, while all of it was running."""
    value, over = monitor.value, f"[{seconds}s]"
    slices = range(0, seconds, SLICE)
    analyzers = '{job="credit-analyzer"}'
    samples = value(f"rate(prometheus_tsdb_head_samples_appended_total{over})")
    expected = fleet.models * seconds / fleet.every
    # Before anything that costs as much as a snapshot.
    return Cost(
        fleet=fleet,
        cores=Spread.of([value(CPU % ('"prometheus"', SLICE, ago)) for ago in slices]),
        exporter=value(CPU % ('"webhook-receiver"', seconds, 0)),
        memory_bytes=value(f"max_over_time(process_resident_memory_bytes{OWN}{over})"),
        series=value("prometheus_tsdb_head_series"),
        samples_per_second=samples,
        scrape=_scrapes(monitor, analyzers, over),
        scrapes_missed=expected - value(f"sum(sum_over_time(up{analyzers}{over}))"),
        evaluations_missed=value(_sum("iterations_missed_total", over)),
        evaluations=value(_sum("iterations_total", over)),
        groups=_groups(monitor, over),
        intervals={
            _name(series["metric"]): float(series["value"][1])
            for series in monitor.query("prometheus_rule_group_interval_seconds")
        },
        alerts=value('count(ALERTS{alertstate="firing"})'),
        bytes_per_day=_bytes_per_day(monitor.snapshot(), samples),
    )


def _sum(what: str, over: str) -> str:
    return f"sum(increase(prometheus_rule_group_{what}{over}))"


def _scrapes(monitor: Monitor, selector: str, over: str) -> Spread:
    each = f"quantile_over_time(%s, scrape_duration_seconds{selector}{over})"
    middle, most = each % "0.5", each % "1"
    least = each % "0"
    return Spread(
        monitor.value(f"quantile(0.5, {middle})"),
        monitor.value(f"min({least})"),
        monitor.value(f"max({most})"),
    )


def _groups(monitor: Monitor, over: str) -> dict[str, Spread]:
    found: dict[str, list[float]] = {}
    for quantile in ("0.5", "0", "1"):
        for series in monitor.query(
            f"quantile_over_time({quantile}, {DURATION}{over})"
        ):
            found.setdefault(_name(series["metric"]), []).append(
                float(series["value"][1])
            )
    return {name: Spread(*values) for name, values in found.items()}


def _name(labels: Mapping[str, str]) -> str:
    return labels["rule_group"].rpartition(";")[2]


def _bytes_per_day(blocks: Path, samples_per_second: float) -> float:
    """Of the chunks by sample, of the index by block of two hours."""
    metas = [json.loads(meta.read_text()) for meta in blocks.glob("*/meta.json")]
    samples = sum(meta["stats"]["numSamples"] for meta in metas)
    chunks = sum(file.stat().st_size for file in blocks.glob("*/chunks/*"))
    index = max(file.stat().st_size for file in blocks.glob("*/index"))
    per_sample: float = chunks / samples
    return per_sample * samples_per_second * DAY + index * BLOCKS_PER_DAY
