"""The history and the runbook as pages for people. They have no JavaScript."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound

from . import runbook
from .alert_view import AlertView, alert_view, breakable, duration, headline
from .alertmanager.reconciliation import Alertmanagers
from .alerts import STATUSES
from .api import receiver, watchdog
from .store.history import MOST_SEARCHED, Filter

ALERTMANAGERS = "webhook_receiver_alertmanagers"
RUNBOOK = "webhook_receiver_runbook"
PAGE_SIZE = 100
MAX_MODELS = 50
MAX_QUERY = 200
MAX_WORDS = 8
REFRESH_SECONDS = 5
# How long the page mentions alerts that a notification left out.
TRUNCATED_SHOWN = timedelta(days=1)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

site = Blueprint("site", __name__)
site.add_app_template_filter(breakable)


class InvalidQuery(ValueError):
    """There is no such page. The message names the parameter and what it accepts."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which page of the history: the alerts of a state, a model, with words, or all."""

    state: str = "all"
    model: str = ""
    q: str = ""
    page: int = 1
    refresh: str = "on"


@dataclass(frozen=True, slots=True)
class Connection:
    """A part that alerts depend on. `is_ok` is None if that is unknown."""

    is_ok: bool | None
    text: str
    detail: str = ""


def parse(arguments: Mapping[str, str]) -> Query:
    """The query in the arguments of a URL. Raises `InvalidQuery`."""
    query = Query(
        state=arguments.get("state", "all"),
        model=arguments.get("model", ""),
        q=" ".join(arguments.get("q", "").split()),
        refresh=arguments.get("refresh", "on"),
    )
    page = arguments.get("page", "1")
    if query.state not in ("all", *STATUSES):
        raise InvalidQuery("state must be all, firing or resolved")
    if query.refresh not in ("on", "off"):
        raise InvalidQuery("refresh must be on or off")
    if len(query.q) > MAX_QUERY or len(query.q.split()) > MAX_WORDS:
        raise InvalidQuery(
            f"q must have at most {MAX_WORDS} words and {MAX_QUERY} characters"
        )
    if not re.fullmatch("[1-9][0-9]{0,3}", page):
        raise InvalidQuery("page must be a whole number from 1 to 9999")
    return replace(query, page=int(page))


@site.get("/")
def show_alerts() -> Response:
    """The alerts, those that fire on top; ?state=, ?model=, ?q=, ?page=."""
    try:
        query = parse(request.args)
    except InvalidQuery as error:
        return Response(render_template("invalid.html", error=str(error)), 422)
    history, now = receiver().history, receiver().now()
    alerts = history.page(
        Filter(
            status=None if query.state == "all" else query.state,
            model=query.model or None,
            words=query.q.split(),
        ),
        limit=PAGE_SIZE + 1,
        skip=PAGE_SIZE * (query.page - 1),
    )
    path = url_for(".show_runbook") if current_app.extensions[RUNBOOK] else None
    views = [
        alert_view(alert, now, path, history.stale_after)
        for alert in alerts[:PAGE_SIZE]
    ]
    firing = history.firing()
    html = render_template(
        "alerts.html",
        groups=[(name, list(group)) for name, group in groupby(views, _group)],
        has_older=len(alerts) > PAGE_SIZE,
        headline=headline(firing),
        icon=_icon(firing),
        is_quiet=not any(firing.values()),
        connections=connections(now),
        truncated=_truncated(now),
        most_searched=MOST_SEARCHED,
        models=history.models(MAX_MODELS),
        now=now,
        query=query,
        refresh_seconds=REFRESH_SECONDS,
        link=partial(_link, query),
        runbook=path,
    )
    response = Response(html)
    # Older pages do not change. Without a URL, this one is requested again.
    if query.refresh == "on" and query.page == 1:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@site.get("/runbook")
def show_runbook() -> str:
    """The runbook, with an anchor for each alert."""
    path: Path | None = current_app.extensions[RUNBOOK]
    if path is None:
        raise NotFound("this receiver was started without a runbook (--runbook FILE)")
    try:
        document = runbook.read(path)
    except OSError as error:
        raise NotFound(f"the runbook cannot be read: {error}") from error
    return render_template("runbook.html", document=document)


@site.after_app_request
def harden(response: Response) -> Response:
    """No text of an alert can run, load, frame or leak anything."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def connections(now: datetime) -> list[Connection]:
    """The watchdog, and each Alertmanager that is asked."""
    alertmanagers: Alertmanagers = current_app.extensions[ALERTMANAGERS]
    found = [_watchdog_connection()]
    for peer in alertmanagers.peers():
        name = f"Alertmanager {peer.url}"
        ago = f"{duration(now - peer.answered_at)} ago" if peer.answered_at else ""
        if peer.error:
            last = f" It last answered {ago}." if ago else ""
            text = f"{name} does not answer, so this page may be out of date"
            found.append(Connection(False, text, f"{peer.error}.{last}"))
        elif ago:
            found.append(Connection(True, f"{name} asked {ago}"))
        else:
            found.append(Connection(None, f"{name} not asked yet"))
    if len(found) == 1:
        found.append(Connection(None, "Alertmanager is not asked (--alertmanager URL)"))
    return found


def _watchdog_connection() -> Connection:
    waited, has_arrived, is_late = watchdog().state()
    if not has_arrived:
        is_ok = False if is_late else None
        return Connection(is_ok, f"Watchdog not seen for {duration(waited)}")
    return Connection(not is_late, f"Watchdog {duration(waited)} ago")


def _group(view: AlertView) -> str:
    return view.group


def _icon(firing: Mapping[str, int]) -> str:
    if firing["critical"]:
        return "critical"
    return "warning" if firing["warning"] or firing["other"] else "quiet"


def _truncated(now: datetime) -> tuple[int, str] | None:
    """How many alerts the last truncated notification left out, and how long ago."""
    last = receiver().metrics.last_truncated
    if last is None or now - last[1] > TRUNCATED_SHOWN:
        return None
    return last[0], duration(now - last[1])


def _link(query: Query, **changes: object) -> str:
    """The URL of `query` with `changes`, without its defaults."""
    fields = (asdict(query) | changes).items() - asdict(Query()).items()
    return url_for(".show_alerts", **dict(sorted(fields)))
