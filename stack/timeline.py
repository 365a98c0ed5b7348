"""When alerts fired, against when the truth changed."""

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

    `cause` is the phase that it fired in, `delay` how long after that phase's start.
    """

    name: str
    severity: str
    signal: str
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
    told = alert["firing_received_at"]
    return Row(
        name=alert["alertname"],
        severity=alert["severity"],
        signal=alert["labels"].get("signal", NO_SIGNAL),
        fired=fired - start,
        cause=cause.name,
        delay=fired - cause.start,
        delivered=seconds(told) - start if told else None,
        resolved=seconds(alert["ends_at"]) - start if alert["ends_at"] else None,
        description=alert["annotations"].get("description", ""),
    )


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the report."""
    if not rows:
        yield "No alert fired."
        return
    alerts = "1 alert" if len(rows) == 1 else f"{len(rows)} alerts"
    yield f"{alerts}. Seconds count from the first application."
    yield ""
    words = [("alert", "severity", "signal")]
    words += [(r.name, r.severity, r.signal) for r in rows]
    widths = [max(map(len, column)) for column in zip(*words, strict=True)]
    heads, *cells = [
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True))
        for line in words
    ]
    yield f"{'fired':>7}  {'delivered':>9}  {'resolved':>8}  {heads}  after the change"
    for r, cell in zip(rows, cells, strict=True):
        yield (
            f"{r.fired:5.1f} s  {_or_dash(r.delivered):>9}  {_or_dash(r.resolved):>8}  "
            f"{cell}  {r.delay:.1f} s into {r.cause}"
        )
        # A number and its percent sign stay on one line.
        description = r.description.replace(" %", "\u00a0%")
        indent = " " * 9
        yield textwrap.fill(
            description, 100, initial_indent=indent, subsequent_indent=indent
        ).replace("\u00a0", " ")


def _or_dash(second: float | None) -> str:
    return "-" if second is None else f"{second:.1f} s"
