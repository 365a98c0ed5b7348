"""Errors as application/problem+json (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException


def problem(
    status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()
) -> Response:
    """A problem document; with `errors`, an extension member of that name.

    Type is about:blank, so the title is the phrase of the status (RFC 9457, 4.2.1).
    """
    body: dict[str, object] = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(json.dumps(body), status, content_type="application/problem+json")


def from_http_exception(error: HTTPException) -> Response:
    """The problem document for an error that Flask or Werkzeug raised."""
    response = problem(error.code or 500, error.description or "")
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response
