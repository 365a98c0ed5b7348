"""HTTP in, HTTP out."""

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from . import query_form
from .analyzer import Analyzer
from .application import FIELDS, Fault, InvalidApplication, parse
from .problem import from_http_exception, problem

PATH = "/api/v1/credit-analyzer/"
MAX_BODY_BYTES = 16 * 1024
EXTENSION = "credit_analyzer"

# A body that is no application at all has a status of its own; anything else that is
# wrong with an application is 422.
STATUS_OF_BODY = {"not_json": 400, "too_large": 413, "unsupported_media_type": 415}


api = Blueprint("credit", __name__)


def analyzer() -> Analyzer:
    """The analyzer of the application that handles this request."""
    found: Analyzer = current_app.extensions[EXTENSION]
    return found


@api.post(PATH)
def decide_json() -> Response:
    """A decision on the application in a JSON body."""
    decides = analyzer()
    score, decision = decides.decide(parse(fields()))
    version = decides.model.card.version
    return _json(
        {"score": round(score, 4), "decision": decision, "model_version": version}
    )


@api.get(PATH)
def decide_query() -> Response:
    """A decision on the application in a query string, for existing callers."""
    score, decision = analyzer().decide(query_form.parse_query(request.args))
    return _json(query_form.answer(score, decision))


@api.get("/healthz")
def healthz() -> Response:
    """That this process decides, and by which model."""
    card = analyzer().model.card
    return _json({"status": "ok", "model": card.name, "model_version": card.version})


@api.app_errorhandler(InvalidApplication)
def refuse(error: InvalidApplication) -> Response:
    """Names every fault; counts the application once, under the first."""
    first = error.faults[0]
    analyzer().refuse(first)
    status = STATUS_OF_BODY.get(first.reason, 422)
    return problem(status, "The application cannot be decided on.", error.faults)


@api.app_errorhandler(HTTPException)
def fail(error: HTTPException) -> Response:
    """Every other error in the same form."""
    return from_http_exception(error)


def fields() -> dict[str, Any]:
    """The JSON object in the request's body."""
    if not request.is_json:
        raise _bad_body("unsupported_media_type", "must be sent as application/json")
    try:
        # Some callers begin with a mark of the byte order, which may be ignored.
        fields = _decoder.decode(_body().removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError) as error:
        raise _bad_body("not_json", "must be JSON (RFC 8259)") from error
    if not isinstance(fields, dict):
        raise _bad_body("not_an_object", "must be a JSON object")
    return fields


def _body() -> bytes:
    # Our server ends the stream where the body ends. Where a server does not, Flask's
    # own stream counts; here that would take longer than to read JSON.
    terminated = request.environ.get("wsgi.input_terminated")
    stream = request.environ["wsgi.input"] if terminated else request.stream
    body: bytes = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise _bad_body("too_large", f"must be at most {MAX_BODY_BYTES:,} bytes")
    return body


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, unless it says two things about one field."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        faults = [
            Fault(name, "repeated", "must be given once")
            for name in FIELDS
            if names.count(name) > 1
        ]
        if faults:
            raise InvalidApplication(*faults)
    return fields


# json.loads with a hook makes a decoder at each call.
_decoder = json.JSONDecoder(object_pairs_hook=_unrepeated)


def _json(fields: Mapping[str, object]) -> Response:
    return Response(json.dumps(fields), content_type="application/json")


def _bad_body(reason: str, detail: str) -> InvalidApplication:
    return InvalidApplication(Fault("body", reason, detail))
