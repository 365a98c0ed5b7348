"""What the page shows of an alert. Pure functions.

A stranger may have written any text of an alert: the page escapes it, and only what
`external` accepts becomes a link.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from .alerts import OWN_FINGERPRINT

# A long name breaks after these, and where a word begins in CamelCase.
BREAKS = re.compile(r"(?<=[_\-./:])(?=\w)|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Words:
    """What an alert said at a time."""

    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert of the page.

    `state` is firing, silenced, inhibited, muted, resolved or ended. The latter ended
    without a notification. `first` is what it said when it fired, if that differs from
    `words`, its newest. `confirmed` is how long ago Alertmanager confirmed it. `links`
    are pairs of a text and a URL.
    """

    status: str
    state: str
    is_stale: bool
    severity: str
    name: str
    signal: str
    direction: str
    model: str
    version: str
    fired: datetime
    ended: datetime | None
    interrupted: tuple[datetime, datetime] | None
    lasted: str
    confirmed: str
    words: Words
    first: Words | None
    links: list[tuple[str, str]]

    @property
    def group(self) -> str:
        """The heading that it is under."""
        if self.status == "resolved":
            return "Resolved"
        return "Firing" if self.state == "firing" else "Silenced or inhibited"


def alert_view(
    alert: Mapping[str, Any],
    now: datetime,
    runbook: str | None,
    stale_after: timedelta,
) -> AlertView:
    """An alert of the history, at `now`.

    `runbook` is the path of our own runbook, or None if there is none to link to. An
    alert that fires and was not confirmed for `stale_after` is stale.
    """
    labels, annotations = alert["labels"], alert["annotations"]
    fired = datetime.fromisoformat(alert["starts_at"])
    ended, previous_end, reopened_at = (
        datetime.fromisoformat(text) if (text := alert[name]) else None
        for name in ("ends_at", "previous_end", "reopened_at")
    )
    unheard = now - datetime.fromisoformat(alert["heard_at"])
    # The receiver's own alert needs no confirmation.
    is_own = alert["fingerprint"] == OWN_FINGERPRINT
    words, first = _words(annotations), _words(alert["first_annotations"])
    return AlertView(
        status=alert["status"],
        state=_state(alert),
        is_stale=not ended and not is_own and unheard > stale_after,
        severity=alert["severity"],
        name=alert["alertname"],
        signal=labels.get("signal", ""),
        direction=labels.get("direction", ""),
        model=labels.get("model", ""),
        version=labels.get("model_version", ""),
        fired=fired,
        ended=ended,
        interrupted=(
            (previous_end, reopened_at) if previous_end and reopened_at else None
        ),
        lasted=duration((ended or now) - fired),
        confirmed="" if ended or is_own else duration(unheard),
        words=words,
        first=None if first == words else first,
        links=list(_links(annotations, alert["generator_url"], runbook)),
    )


def headline(firing: Mapping[str, int]) -> str:
    """The number of alerts that fire by severity: 1 critical, 5 warnings firing."""
    plurals = {"warning": "warnings", "other": "others"}
    parts = [
        f"{count} {plurals.get(severity, severity) if count > 1 else severity}"
        for severity, count in firing.items()
        if count and severity != "suppressed"
    ]
    text = f"{', '.join(parts)} firing" if parts else "Nothing is firing"
    return text + (
        f", {firing['suppressed']} suppressed" if firing["suppressed"] else ""
    )


def duration(time: timedelta) -> str:
    """In the one or two units that matter: 41 s, 3 min, 2 h 5 min, 4 d 1 h.

    Clocks of two machines differ, so an alert that ended before it began took 0 s.
    """
    seconds = max(0, round(time.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    if not days:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"


def breakable(name: str) -> Markup:
    """A name as HTML that a browser breaks between its words if it has to."""
    return Markup("<wbr>").join(map(escape, BREAKS.split(name)))


def external(url: str) -> str | None:
    """`url` if it leads to another site by http or https, else None."""
    try:
        parts = urlsplit(url)
        is_site = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    # Not as it came, but as it was understood: a browser may read it otherwise.
    return parts.geturl() if is_site else None


def _state(alert: Mapping[str, Any]) -> str:
    if alert["status"] == "firing":
        return alert["suppressed"] or "firing"
    return "resolved" if alert["resolved_received_at"] else "ended"


def _words(annotations: Mapping[str, str]) -> Words:
    return Words(annotations.get("summary", ""), annotations.get("description", ""))


def _links(
    annotations: Mapping[str, str], query: str, runbook: str | None
) -> Iterator[tuple[str, str]]:
    instructions = annotations.get("runbook_url", "")
    _, _, section = instructions.partition("#")
    if link := external(instructions):
        yield "Runbook", link
    elif runbook and _is_ours(instructions):
        yield "Runbook", f"{runbook}#{section}"
    if link := external(annotations.get("dashboard_url", "")):
        yield "Dashboard", link
    if link := external(query):
        yield "Query", link


def _is_ours(url: str) -> bool:
    """Whether `url` is the runbook, as a page of ours or as a file of the project."""
    path, _, _ = url.partition("#")
    return path in ("/runbook", "prometheus/RUNBOOK.md")
