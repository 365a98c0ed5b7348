"""The history and the runbook as pages for people. They have no JavaScript."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound

from . import runbook
from .alerts import STATUSES
from .api import receiver
from .words import entry

RUNBOOK = "webhook_receiver_runbook"
PAGE_SIZE = 100
MAX_MODELS = 50
REFRESH_SECONDS = 5
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

site = Blueprint("site", __name__)


class InvalidQuery(ValueError):
    """There is no such page. The message names what is wrong, and what is right."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which page of the history: the alerts of a state and a model, or of all."""

    state: str = "all"
    model: str = ""
    page: int = 1
    refresh: str = "on"


def parse(arguments: Mapping[str, str]) -> Query:
    """The query in the arguments of a URL. Raises `InvalidQuery`."""
    query = Query(
        state=arguments.get("state", "all"),
        model=arguments.get("model", ""),
        refresh=arguments.get("refresh", "on"),
    )
    page = arguments.get("page", "1")
    if query.state not in ("all", *STATUSES):
        raise InvalidQuery("state must be all, firing or resolved")
    if query.refresh not in ("on", "off"):
        raise InvalidQuery("refresh must be on or off")
    if not re.fullmatch("[1-9][0-9]{0,3}", page):
        raise InvalidQuery("page must be a whole number from 1 to 9999")
    return replace(query, page=int(page))


@site.get("/")
def show_alerts() -> Response:
    """The alerts, those that fire on top, then the newest; ?state=, ?model=, ?page=."""
    try:
        query = parse(request.args)
    except InvalidQuery as error:
        return Response(render_template("invalid.html", error=str(error)), 422)
    history, now = receiver().history, receiver().now()
    alerts = history.page(
        status=None if query.state == "all" else query.state,
        model=query.model or None,
        limit=PAGE_SIZE + 1,
        skip=PAGE_SIZE * (query.page - 1),
    )
    path = url_for(".show_runbook") if current_app.extensions[RUNBOOK] else None
    html = render_template(
        "alerts.html",
        entries=[entry(alert, now, path) for alert in alerts[:PAGE_SIZE]],
        has_older=len(alerts) > PAGE_SIZE,
        firing=history.firing(),
        models=history.models(MAX_MODELS),
        now=now,
        query=query,
        refresh_seconds=REFRESH_SECONDS,
        link=partial(_link, query),
        runbook=path,
    )
    response = Response(html)
    # Older pages do not change. Without a URL, it is this one that is asked for again.
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
        found = runbook.read(path)
    except OSError as error:
        raise NotFound(f"the runbook cannot be read: {error}") from error
    return render_template("runbook.html", found=found)


@site.after_app_request
def harden(response: Response) -> Response:
    """Nothing that an alert says can run, load, frame or leak anything."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _link(query: Query, **changes: object) -> str:
    """The URL of `query` with `changes`, without what need not be said."""
    fields = (asdict(query) | changes).items() - asdict(Query()).items()
    return url_for(".show_alerts", **dict(sorted(fields)))
