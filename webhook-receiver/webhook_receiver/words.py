"""What the page says, from what an alert says. Pure functions.

Whatever an alert says may come from a stranger: the page escapes it, and only what is
found here becomes a link.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of the page. `links` are pairs of what they say and where they lead."""

    status: str
    severity: str
    name: str
    signal: str
    model: str
    version: str
    fired: datetime
    resolved: datetime | None
    lasted: str
    summary: str
    description: str
    links: list[tuple[str, str]]


def entry(alert: Mapping[str, Any], now: datetime, runbook: str | None) -> Entry:
    """An alert of the history, at `now`.

    `runbook` is the path of our own runbook, or None if there is none to link to.
    """
    labels, annotations = alert["labels"], alert["annotations"]
    fired = datetime.fromisoformat(alert["starts_at"])
    end = alert["ends_at"]
    resolved = datetime.fromisoformat(end) if end else None
    return Entry(
        status=alert["status"],
        severity=alert["severity"],
        name=alert["alertname"],
        signal=labels.get("signal", ""),
        model=labels.get("model", ""),
        version=labels.get("model_version", ""),
        fired=fired,
        resolved=resolved,
        lasted=duration((resolved or now) - fired),
        summary=annotations.get("summary", ""),
        description=annotations.get("description", ""),
        links=list(_links(annotations, alert["generator_url"], runbook)),
    )


def duration(time: timedelta) -> str:
    """In the one or two units that matter: 41 s, 3 min, 2 h 5 min, 4 d 1 h.

    Clocks of two machines differ, so what is over before it began took 0 s.
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


def external(url: str) -> str | None:
    """`url` if it leads to another site by http or https, else None."""
    try:
        parts = urlsplit(url)
        is_site = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    # Not as it came, but as it was understood: a browser may read it otherwise.
    return parts.geturl() if is_site else None


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
