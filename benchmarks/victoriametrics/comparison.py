"""What two engines say about the same samples."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Query = Callable[[str, float | None], list[dict[str, Any]]]
Key = tuple[str, str, str]

FIRING = 'ALERTS{alertstate="firing",severity!="info"}[15m]'
WINDOWS = ("10s", "30s", "2m", "5m")
# n, as the evidence counts it, and before the correction for what is extrapolated.
SEEN = "sum(increase(credit_decisions_total[{window}]))"
COVERAGE = "max(1 - 1 / count_over_time(credit_model_info[{window}]))"


@dataclass(frozen=True, slots=True)
class Moment:
    """When an alert fired on each engine, in seconds after the phase began."""

    phase: str
    prometheus: float | None
    vmalert: float | None


def first_firing(query: Query, since: float) -> dict[Key, float]:
    """When each alert first fired after `since`, by name, severity and signal."""
    found: dict[Key, float] = {}
    for series in query(FIRING, None):
        labels = series["metric"]
        key = labels["alertname"], labels["severity"], labels.get("signal", "-")
        times = [float(at) for at, _ in series["values"] if float(at) >= since]
        if times:
            found[key] = min(times[0], found.get(key, times[0]))
    return found


def against(
    prometheus: Mapping[Key, float],
    vmalert: Mapping[Key, float],
    phases: Sequence[tuple[str, float]],
) -> dict[Key, Moment]:
    """Both, after the start of the phase in which Prometheus fired (or vmalert did)."""
    moments = {}
    for key in sorted({*prometheus, *vmalert}):
        fired = prometheus.get(key, vmalert.get(key, 0.0))
        name, start = [(name, at) for name, at in phases if at <= fired][-1]
        delays = [
            times[key] - start if key in times else None
            for times in (prometheus, vmalert)
        ]
        moments[key] = Moment(name, *delays)
    return moments


def counted(
    prometheus: Query, victoria: Query, moments: Sequence[float]
) -> Iterator[str]:
    """A Markdown table: the applications that each counts in a window, at `moments`."""
    yield "| window | Prometheus: increase | n | VictoriaMetrics: increase | n |"
    yield "|---|---|---|---|---|"
    for window in WINDOWS:
        cells = []
        for query in (prometheus, victoria):
            pairs = [_counted(query, window, at) for at in moments]
            cells += [
                f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
                for values in zip(*pairs, strict=True)
            ]
        yield f"| {window} | " + " | ".join(cells) + " |"


def _counted(query: Query, window: str, at: float) -> tuple[float, float]:
    seen, coverage = (
        float(query(promql.format(window=window), at)[0]["value"][1])
        for promql in (SEEN, COVERAGE)
    )
    return seen, seen * coverage


def table(runs: Sequence[Mapping[Key, Moment]]) -> Iterator[str]:
    """A Markdown table: when each alert fired, over all runs."""
    yield "| alert | severity | signal | phase | Prometheus | vmalert |"
    yield "|---|---|---|---|---|---|"
    for key in sorted({key for run in runs for key in run}):
        moments = [run[key] for run in runs if key in run]
        cells = [
            _cell([m.prometheus for m in moments], len(runs)),
            _cell([m.vmalert for m in moments], len(runs)),
        ]
        phase = moments[0].phase
        yield (
            f"| `{key[0]}` | {key[1]} | {key[2]} | {phase} | "
            + " | ".join(cells)
            + " |"
        )


def _cell(delays: Sequence[float | None], runs: int) -> str:
    known = [delay for delay in delays if delay is not None]
    if not known:
        return f"0 of {runs}"
    spread = f"{median(known):.1f} s ({min(known):.1f} to {max(known):.1f})"
    return f"{spread}, {len(known)} of {runs}"
