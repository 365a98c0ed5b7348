"""The API: an application as JSON in, a decision out."""

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Request, Response, request
from model_monitor import Fault, Refused
from model_monitor.card.refusals import BODY
from werkzeug.exceptions import HTTPException

from .deciding import analyzer
from .problem import from_http_exception, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PATH = "/api/v1/credit-analyzer/"
MAX_BODY_BYTES = 16 * 1024

# A body that is no application at all has a status of its own; anything else that is
# wrong with an application is 422.
STATUS_OF_BODY = {"not_json": 400, "too_large": 413, "unsupported_media_type": 415}

api = Blueprint("credit", __name__)


@api.post(PATH)
def decide_json() -> Response:
    """A decision on the application in a JSON body."""
    found = analyzer()
    text = found.as_json(*found.decide(fields()))
    return Response(text, content_type="application/json")


@api.get("/healthz")
def healthz() -> Response:
    """That this process decides, and by which model."""
    card = analyzer().model.card
    return json_response(
        {"status": "ok", "model": card.name, "model_version": card.version}
    )


@api.app_errorhandler(Refused)
def refuse(error: Refused) -> Response:
    """Names every fault of an application, which was counted under the first."""
    status = STATUS_OF_BODY.get(error.faults[0].reason, 422)
    return problem(status, "The application cannot be decided on.", error.errors)


@api.app_errorhandler(HTTPException)
def fail(error: HTTPException) -> Response:
    """Any other error, such as a path that does not exist, as a problem document."""
    return from_http_exception(error)


def fields() -> Mapping[str, object]:
    """The JSON object in the request's body. Raises `Refused`, which was counted."""
    environ = request.environ
    if not _is_json(environ.get("CONTENT_TYPE", "")):
        raise _bad_body("unsupported_media_type", "must be sent as application/json")
    try:
        # Some callers begin with a mark of the byte order, which may be ignored.
        found = _decoder.decode(_body(environ).removeprefix(BOM_UTF8).decode())
    except Refused:
        raise
    except (ValueError, RecursionError) as error:
        raise _bad_body("not_json", "must be JSON (RFC 8259)") from error
    if not isinstance(found, dict):
        raise _bad_body("not_an_object", "must be a JSON object")
    return found


# Callers send the same one again and again; of others, the oldest is forgotten.
@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    return Request({"CONTENT_TYPE": content_type}).is_json


def _body(environ: "WSGIEnvironment") -> bytes:
    # Our server ends the stream where the body ends. Where a server does not, Flask's
    # own stream counts; here that would take longer than to read JSON.
    terminated = environ.get("wsgi.input_terminated")
    stream = environ["wsgi.input"] if terminated else request.stream
    body: bytes = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise _bad_body("too_large", f"must be at most {MAX_BODY_BYTES:,} bytes")
    return body


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, unless it says two things about one field."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        monitor = analyzer().monitor
        faults = [
            Fault(name, "repeated", "must be given once")
            for name in monitor.card.inputs
            if names.count(name) > 1
        ]
        if faults:
            raise monitor.refuse(*faults)
    return found


# json.loads with a hook makes a decoder at each call.
_decoder = json.JSONDecoder(object_pairs_hook=_unrepeated)


def json_response(fields: Mapping[str, object]) -> Response:
    """A JSON object as a response."""
    return Response(json.dumps(fields), content_type="application/json")


def _bad_body(reason: str, detail: str) -> Refused:
    return analyzer().monitor.refuse(Fault(BODY, reason, detail))
