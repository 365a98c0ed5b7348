"""The API's own description (OpenAPI 3.1), made of what the code itself goes by.

Names, categories, ranges, reasons and limits are those of the modules that enforce
them, so that what is described is what is accepted and answered.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from .api import MAX_BODY_BYTES, PATH, STATUS_OF_BODY
from .application import (
    CATEGORIES,
    COLUMNS,
    EXAMPLE,
    FAULTS,
    MAX_BRL,
    MIN_BRL,
    USUAL_RANGE_BRL,
)
from .decision import Decision
from .query_form import AMOUNTS, FLAGS, STATUS

Json = dict[str, Any]

SCORE: Json = {"type": "number", "minimum": 0, "maximum": 1}
TEXT: Json = {"type": "string"}

openapi = Blueprint("openapi", __name__)


@openapi.get("/openapi.json")
def describe() -> Response:
    """The description, as a document."""
    return Response(json.dumps(description()), content_type="application/json")


def description() -> Json:
    """The description, as a JSON object (spec.openapis.org/oas/v3.1.0)."""
    health = {"status": {"const": "ok"}, "model": TEXT, "model_version": TEXT}
    own = _operation("This description", {"type": "object"})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "credit-analyzer",
            "version": "1",
            "description": "Errors are problem documents (RFC 9457).",
        },
        "paths": {
            PATH: {"post": _post(), "get": _get()},
            "/healthz": {"get": _operation("Which model decides", _object(health))},
            "/openapi.json": {"get": own},
        },
        "components": {"schemas": _problems()},
    }


def _post() -> Json:
    decided = {"score": SCORE, "decision": {"enum": [*Decision]}, "model_version": TEXT}
    amounts = {field: _amount(field) for field in USUAL_RANGE_BRL}
    categories = {field: {"enum": [*known]} for field, known in CATEGORIES.items()}
    form = {"schema": _object(categories | amounts), "example": asdict(EXAMPLE)}
    return {
        **_operation("Decide", _object(decided), {422, *STATUS_OF_BODY.values()}),
        "requestBody": {
            "description": f"At most {MAX_BODY_BYTES:,} bytes.",
            "required": True,
            "content": {"application/json": form},
        },
    }


def _get() -> Json:
    status: Json = {"enum": [*STATUS.values()]}
    answer = {"probability_of_credit_approval": SCORE, "status": status}
    encoded = zip(COLUMNS, map(int, EXAMPLE.encode()), strict=True)
    form = {
        "name": "application",
        "in": "query",
        "description": "Each property is a query parameter.",
        "required": True,
        "style": "form",
        "explode": True,
        "schema": _query(),
        "example": dict(encoded),
    }
    return {
        **_operation("Decide, for existing callers", _object(answer), {422}),
        "parameters": [form],
    }


def _query() -> Json:
    """Nine properties: two amounts, and of each group of flags one that is 1."""
    amounts = {parameter: _amount(field) for parameter, field in AMOUNTS.items()}
    flags = {flag: {"enum": [0, 1]} for group in FLAGS.values() for flag in group}
    one_hot = [
        {"oneOf": [_chosen(flag, group) for flag in group]} for group in FLAGS.values()
    ]
    return _object(amounts | flags) | {"allOf": one_hot}


def _chosen(chosen: str, group: Iterable[str]) -> Json:
    return {"properties": {flag: {"const": int(flag == chosen)} for flag in group}}


def _amount(field: str) -> Json:
    low, high = USUAL_RANGE_BRL[field]
    return {
        "type": "integer",
        "minimum": MIN_BRL,
        "maximum": MAX_BRL,
        "description": f"In BRL. Usual are {low:,} to {high:,}.",
    }


def _operation(summary: str, answer: Json, refusals: Iterable[int] = ()) -> Json:
    responses = {
        "200": _response("The answer.", "application/json", answer),
        **{str(status): _problem("Refusal") for status in sorted(refusals)},
        "500": _problem("Problem"),
    }
    return {"summary": summary, "responses": responses}


def _problem(name: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return _response(f"{name}.", "application/problem+json", schema)


def _problems() -> Json:
    reasons = sorted({reason for _, reason in FAULTS})
    fault = _object({"field": TEXT, "reason": {"enum": reasons}, "detail": TEXT})
    problem = {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT}
    errors = {"type": "array", "items": fault, "minItems": 1}
    refusal = problem | {"errors": errors}
    return {"Problem": _object(problem), "Refusal": _object(refusal)}


def _response(description: str, media_type: str, schema: Json) -> Json:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _object(properties: Mapping[str, Json]) -> Json:
    return {
        "type": "object",
        "properties": {**properties},
        "required": [*properties],
        "additionalProperties": False,
    }
