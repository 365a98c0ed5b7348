"""HTTP in, HTTP out. Errors are application/problem+json (RFC 9457)."""

import json
import re
import sqlite3
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from .alertmanager.watchdog import Watchdog
from .alerts import InvalidPayload
from .receiver import Receiver, Unauthorized

RECEIVER = "webhook_receiver"
WATCHDOG = "webhook_receiver_watchdog"
# Ten thousand alerts with long descriptions; a notification holds one group of them.
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_LISTED = 1_000

api = Blueprint("notifications", __name__)


def receiver() -> Receiver:
    """The receiver of the application that handles this request."""
    found: Receiver = current_app.extensions[RECEIVER]
    return found


def watchdog() -> Watchdog:
    """The watchdog of the application that handles this request."""
    found: Watchdog = current_app.extensions[WATCHDOG]
    return found


@api.post("/notifications")
def receive() -> Response:
    """204 once every alert is durable. On 5xx, Alertmanager sends it again at once."""
    return _handle(receiver().receive)


@api.post("/watchdog")
def receive_watchdog() -> Response:
    """204 for the alert that always fires. It is not stored; its absence is."""
    return _handle(watchdog().receive)


def _handle(receive: Callable[[bytes], object]) -> Response:
    try:
        receiver().authorize(request.headers.get("Authorization", ""))
        receive(request.get_data(cache=False))
    except Unauthorized as error:
        response = _problem(401, str(error))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    except InvalidPayload as error:
        return _problem(400, f"not a notification: {error}")
    except RequestEntityTooLarge:
        detail = f"a notification has at most {MAX_BODY_BYTES:,} bytes"
        receiver().refuse("invalid", detail)
        return _problem(413, detail)
    return Response(status=204)


@api.get("/alerts")
def list_alerts() -> Response:
    """The events of the history, newest first, at most ?limit=100 of them."""
    limit = request.args.get("limit", "100")
    if not re.fullmatch("[0-9]{1,4}", limit) or not 1 <= int(limit) <= MAX_LISTED:
        return _problem(422, f"limit must be a whole number from 1 to {MAX_LISTED}")
    return _json({"alerts": receiver().history.newest(int(limit))})


@api.get("/healthz")
def healthz() -> Response:
    """Shows that this process answers."""
    return _json({"status": "ok"})


@api.app_errorhandler(sqlite3.Error)
def unavailable(error: sqlite3.Error) -> Response:
    """The history cannot be written or read, for now."""
    return _problem(503, f"the history is not available: {error}")


@api.app_errorhandler(HTTPException)
def fail(error: HTTPException) -> Response:
    """Every other error in the same form."""
    response = _problem(error.code or 500, error.description or "")
    if allowed := error.get_response().headers.get("Allow"):
        response.headers["Allow"] = allowed
    return response


def _json(fields: dict[str, object]) -> Response:
    return Response(json.dumps(fields), content_type="application/json")


def _problem(status: int, detail: str) -> Response:
    title = HTTPStatus(status).phrase
    fields = {"title": title, "status": status, "detail": detail}
    response = Response(json.dumps(fields), status)
    response.content_type = "application/problem+json"
    return response
