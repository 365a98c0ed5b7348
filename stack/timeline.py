"""When alerts fired, against when the phases of the scenario began."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Stands where an alert is about no signal.
NO_SIGNAL = "-"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the scenario, as Prometheus saw it, in seconds since 1970.

    `end` is infinite while it is on.
    """

    name: str
    start: float
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class Row:
    """One alert of the table. Times in seconds after the first phase began.

    `direction` is what there was more of, such as DENIED or lower. `cause` is the phase
    that it fired in, `delay` how long after that phase's start.
    """

    name: str
    severity: str
    signal: str
    direction: str
    fired: float
    cause: str
    delay: float
    delivered: float | None
    resolved: float | None
    description: str


def seconds(moment: str) -> float:
    """RFC 3339 in seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def row(alert: Mapping[str, Any], phases: Sequence[Phase]) -> Row:
    """An alert of the receiver's history against the phases, which are in order.

    What fired before the first is put down to it, after a negative delay.
    """
    start = phases[0].start
    fired = seconds(alert["starts_at"])
    cause = [phases[0], *(phase for phase in phases if phase.start <= fired)][-1]
    received = alert["firing_received_at"]
    return Row(
        name=alert["alertname"],
        severity=alert["severity"],
        signal=alert["labels"].get("signal", NO_SIGNAL),
        direction=alert["labels"].get("direction", ""),
        fired=fired - start,
        cause=cause.name,
        delay=fired - cause.start,
        delivered=seconds(received) - start if received else None,
        resolved=seconds(alert["ends_at"]) - start if alert["ends_at"] else None,
        description=alert["annotations"].get("description", ""),
    )


def table(rows: Sequence[Row], width: int = 80) -> Iterator[str]:
    """The lines of the report: each alert, when, and what it says."""
    if not rows:
        yield "No alert fired."
        return
    alerts = "1 alert" if len(rows) == 1 else f"{len(rows)} alerts"
    yield f"{alerts}. Seconds count from the first application."
    yield ""
    yield f"{'fired':>7}  {'resolved':>8}  severity  alert"
    for r in rows:
        about = " ".join(filter(None, (r.signal.strip(NO_SIGNAL), r.direction)))
        name = f"{r.name}: {about}" if about else r.name
        yield f"{r.fired:5.1f} s  {_or_dash(r.resolved):>8}  {r.severity:<8}  {name}"
        delivered = "not delivered"
        if r.delivered is not None:
            delivered = f"delivered {max(r.delivered - r.fired, 0):.1f} s later"
        yield f"{'':19}{r.delay:.1f} s into {r.cause}, {delivered}"
        # A number and its percent sign stay on one line.
        description = r.description.replace(" %", "\u00a0%")
        indent = " " * 19
        yield textwrap.fill(
            description, width, initial_indent=indent, subsequent_indent=indent
        ).replace("\u00a0", " ")


def _or_dash(second: float | None) -> str:
    return "-" if second is None else f"{second:.1f} s"
