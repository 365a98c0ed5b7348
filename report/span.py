"""Which time a report is about, and which phases of a scenario it holds."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from stack.timeline import Phase, seconds

from .sources import MOST_POINTS, Prometheus, step

# The simulator exports when each phase began, and goes away after the last.
ON = (
    "loan_simulator_phase_start_timestamp_seconds > 0"
    " and loan_simulator_phase_active == 1"
)
SEARCHED_SECONDS = 3_600.0
LIVE_SECONDS = 900.0
MARGIN_SECONDS = 5.0


def phases(prometheus: Prometheus, since: float, until: float) -> tuple[Phase, ...]:
    """The phases that were on between `since` and `until`, in order.

    A phase ends where the next begins; if none does, within a step of the query after
    it was last seen to be on, for which half a step is as good a guess as any.
    """
    seen: dict[tuple[float, str], float] = {}
    for labels, points in prometheus.between(since, until, ON, MOST_POINTS):
        for moment, start in points:
            seen[start, labels["phase"]] = moment
    resolution = step(until - since, MOST_POINTS)
    starts = [start for start, _ in sorted(seen)] + [float("inf")]
    return tuple(
        Phase(
            name,
            start,
            next_start if next_start <= last + resolution else last + resolution / 2,
        )
        for ((start, name), last), next_start in zip(
            sorted(seen.items()), starts[1:], strict=True
        )
    )


def latest(
    prometheus: Prometheus, alerts: Sequence[Mapping[str, Any]], now: float
) -> tuple[float, float]:
    """The span of the last scenario, if one was on within the hour; else 15 minutes.

    `alerts` are the receiver's: the span of a scenario holds the end of those that
    fired in it.
    """
    run = _last_run(phases(prometheus, now - SEARCHED_SECONDS, now))
    if not run:
        return now - LIVE_SECONDS, now
    start, end = run[0].start, run[-1].end
    ends = [
        seconds(alert["resolved_received_at"] or alert["ends_at"])
        if alert["ends_at"]
        else now
        for alert in alerts
        if start <= seconds(alert["starts_at"]) <= end + MARGIN_SECONDS
    ]
    return start - MARGIN_SECONDS, min(max([end, *ends]) + MARGIN_SECONDS, now)


def _last_run(found: Sequence[Phase]) -> Sequence[Phase]:
    """Those of the phases that follow each other without a gap, up to the last."""
    begin = 0
    for number, (before, after) in enumerate(pairwise(found), start=1):
        if before.end != after.start:
            begin = number
    return found[begin:]
