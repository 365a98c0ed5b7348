"""The time range of a report, and the phases of a scenario in it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..timeline import Phase, seconds
from .sources import MAX_POINTS, Prometheus, step

# The simulator exports when each phase began, and which is on; it ends after the last.
STARTS = "loan_simulator_phase_start_timestamp_seconds > 0"
SEARCHED_SECONDS = 3_600.0
LIVE_SECONDS = 900.0
MARGIN_SECONDS = 5.0


def phases(prometheus: Prometheus, since: float, until: float) -> tuple[Phase, ...]:
    """The phases that were on between `since` and `until`, in order.

    A phase ends where the next of its run begins. The last of a run ends a step of the
    query after the last scrape of the simulator, when it is certainly over.
    """
    resolution = step(until - since, MAX_POINTS)
    seen: dict[tuple[float, str], float] = {}
    for labels, points in prometheus.between(since, until, STARTS, MAX_POINTS):
        for moment, start in points:
            seen[start, labels["phase"]] = moment
    starts = sorted(seen)
    found = []
    for number, (start, name) in enumerate(starts, start=1):
        end = min(seen[start, name] + resolution, until)
        if number < len(starts):
            end = min(end, starts[number][0])
        found.append(Phase(name, start, end))
    return tuple(phase for phase in found if phase.end > since)


def latest(
    prometheus: Prometheus, alerts: Sequence[Mapping[str, Any]], now: float
) -> tuple[float, float]:
    """The time range of the last scenario of the last hour, else 15 minutes.

    `alerts` are the receiver's. The range of a scenario includes the end of the alerts
    that fired in it.
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
    """The phases that follow each other without a gap, up to the last."""
    begin = 0
    for number, (before, after) in enumerate(pairwise(found), start=1):
        if before.end != after.start:
            begin = number
    return found[begin:]
