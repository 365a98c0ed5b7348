"""When the first alert passed each stage, from what the components say."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Any

from stack.follow import PHASES
from stack.process import local
from stack.system import Stack
from report.timeline import seconds

# Whichever window sees it first; the hour has an alert of its own.
SIGNIFICANT = "signal:credit_drift:significant(10s|30s|2m|5m)"
# The analyzer exports it for as long as it lives, so its samples are the scrapes.
SCRAPES = "credit_model_info[30s]"


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the first alert about a signal, in seconds since 1970.

    `change`: the population changed. `enough`: a scrape would have found enough.
    `scraped`: one did. `judged`: the rules of the window saw that. `fired`: those of
    the alerts did. `passed_on`: Alertmanager had it. `received`: the receiver had it.
    """

    change: float
    enough: float
    scraped: float
    judged: float
    fired: float
    passed_on: float
    received: float

    @property
    def stages(self) -> tuple[float, ...]:
        """Seconds from each moment to the next."""
        return tuple(later - earlier for earlier, later in pairwise(astuple(self)))


def first_alert(stack: Stack) -> dict[str, Any] | None:
    """The first alert about a signal that the receiver was told, if there is one."""
    told = (
        alert
        for alert in stack.alerts()
        if alert["firing_received_at"] and "signal" in alert["labels"]
    )
    return min(
        told, key=lambda a: (a["starts_at"], a["firing_received_at"]), default=None
    )


def moments_of(alert: Mapping[str, Any], stack: Stack) -> Moments:
    """Raises `ValueError` if a component no longer knows, or never did."""
    signal = alert["labels"]["signal"]
    fired = seconds(alert["starts_at"])
    starts = [float(phase["value"][1]) for phase in stack.query(PHASES)]
    change = max((start for start in starts if start <= fired), default=None)
    if change is None:
        raise ValueError(f"{alert['alertname']} fired before the scenario began")
    record = f'{{__name__=~"{SIGNIFICANT}",signal="{signal}"}}'
    # To a millisecond, as samples are.
    verdicts = stack.query(f"{record}[1m]", at=fired + 0.001)
    if not verdicts:
        raise ValueError(f"no window found {signal} significant before the alert fired")
    first = min(verdicts, key=lambda series: float(series["values"][0][0]))
    judged = float(first["values"][0][0])
    window = first["metric"]["__name__"].rpartition("significant")[2]
    enough, scraped = _scrape(stack, signal, window, judged, change)
    return Moments(
        change=change,
        enough=enough,
        scraped=scraped,
        judged=judged,
        fired=fired,
        passed_on=_passed_on(stack, alert["fingerprint"]),
        received=seconds(alert["firing_received_at"]),
    )


def part_needed(before: float, after: float, threshold: float) -> float:
    """The part of the way from `before` to `after` that passes `threshold`, 0 to 1."""
    if after <= before:
        return 0.0
    return min(1.0, max(0.0, (threshold - before) / (after - before)))


def _scrape(
    stack: Stack, signal: str, window: str, judged: float, change: float
) -> tuple[float, float]:
    """When there was enough, and when that was scraped.

    Distance and evidence are known at the evaluation that passed and at the one before;
    between the scrapes that these saw, or from the change on, both are taken to grow
    evenly.
    """
    parts = []
    earlier = judged
    for quantity in ("distance", "nats"):
        [threshold] = stack.query(f"credit_drift:{quantity}:threshold", at=judged)
        record = f'signal:credit_drift:{quantity}{window}{{signal="{signal}"}}[15s]'
        [series] = stack.query(record, at=judged)
        (earlier, before), (_, after) = series["values"][-2:]
        limit = float(threshold["value"][1])
        parts.append(part_needed(float(before), float(after), limit))
    [scrapes] = stack.query(SCRAPES, at=judged)
    at = [float(moment) for moment, _ in scrapes["values"]]
    scraped = at[-1]
    since = max(at[bisect_right(at, float(earlier)) - 1], change)
    return since + max(parts) * (scraped - since), scraped


def _passed_on(stack: Stack, fingerprint: str) -> float:
    """When Alertmanager was last sent the alert: at first, if less than 30 s ago."""
    url = stack.url("alertmanager:9093") + "/api/v2/alerts"
    answer = local().get(url, timeout=5)
    answer.raise_for_status()
    for alert in answer.json():
        if alert["fingerprint"] == fingerprint:
            return seconds(alert["updatedAt"])
    raise ValueError("Alertmanager does not know the alert any more")
