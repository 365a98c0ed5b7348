"""When alerts fired, compared with when the phases of the scenario began."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# The signal of an alert that is about none.
NO_SIGNAL = "-"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the scenario, as Prometheus saw it, in seconds since 1970.

    `end` is infinite while the phase is on.
    """

    name: str
    start: float
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class Row:
    """One alert of the table. Times in seconds after the first phase began.

    `direction` is what there was more of, such as DENIED or lower. `cause` is the phase
    that the alert fired in, `delay` how long after the start of that phase. `resolved`
    is None while it fires, `delivered` if the receiver got no notification of it.
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
    segment: str = ""

    @property
    def subject(self) -> str:
        """What the alert is about, such as "decision DENIED"; may be empty."""
        signal = "" if self.signal == NO_SIGNAL else self.signal
        return " ".join(filter(None, (signal, self.segment, self.direction)))


def seconds(moment: str) -> float:
    """RFC 3339 in seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def row(alert: Mapping[str, Any], phases: Sequence[Phase]) -> Row:
    """An alert of the receiver's history, related to the phases, which are in order.

    The cause of an alert before the first phase is that phase, with a negative delay.
    """
    start = phases[0].start
    fired = seconds(alert["starts_at"])
    cause = [phases[0], *(phase for phase in phases if phase.start <= fired)][-1]
    received = alert["firing_received_at"]
    labels = alert["labels"]
    # What it said when it fired: later words may be about another drift.
    words = alert.get("first_annotations") or alert["annotations"]
    return Row(
        name=alert["alertname"],
        severity=alert["severity"],
        signal=labels.get("signal", NO_SIGNAL),
        direction=labels.get("direction", ""),
        segment=labels.get("segment", ""),
        fired=fired - start,
        cause=cause.name,
        delay=fired - cause.start,
        delivered=seconds(received) - start if received else None,
        resolved=seconds(alert["ends_at"]) - start if alert["ends_at"] else None,
        description=words.get("description", ""),
    )


def table(rows: Sequence[Row], width: int = 80) -> Iterator[str]:
    """The lines of a text report: each alert, its times, and its description."""
    if not rows:
        yield "No alert fired."
        return
    alerts = "1 alert" if len(rows) == 1 else f"{len(rows)} alerts"
    firing = sum(r.resolved is None for r in rows)
    at_the_end = f", {firing} firing at the end" if firing else ""
    yield f"{alerts}{at_the_end}. Seconds count from the first application."
    yield ""
    yield f"{'fired':>7}  {'resolved':>8}  severity  alert"
    for r in rows:
        resolved = "firing" if r.resolved is None else f"{r.resolved:.1f} s"
        name = f"{r.name}: {r.subject}" if r.subject else r.name
        yield f"{r.fired:5.1f} s  {resolved:>8}  {r.severity:<8}  {name}"
        delivered = "not delivered" if r.resolved is None else "resolved unnotified"
        if r.delivered is not None:
            delivered = f"delivered {max(r.delivered - r.fired, 0):.1f} s later"
        yield f"{'':19}{r.delay:.1f} s into {r.cause}, {delivered}"
        # A number and its percent sign stay on one line.
        description = r.description.replace(" %", "\u00a0%")
        indent = " " * 19
        for line in textwrap.wrap(
            description, width, initial_indent=indent, subsequent_indent=indent
        ):
            yield line.replace("\u00a0", " ")
