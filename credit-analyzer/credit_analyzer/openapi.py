"""The API's own description (OpenAPI 3.1), made of the card and of what is enforced.

Names, categories, ranges, reasons and limits are those of the modules that check them,
so that what is described is what is accepted and answered.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response
from model_monitor import Card
from model_monitor.card.example import example
from model_monitor.card.inputs import Input, Numeric
from model_monitor.card.refusals import BODY_REASONS

from .api import MAX_BODY_BYTES, PATH, STATUS_OF_BODY, json_response
from .deciding import analyzer
from .query_form import QueryForm

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
MEANING = {
    400: "The body is not JSON.",
    413: "The body is too large.",
    415: "The body is not sent as application/json.",
    422: "The application is refused; each fault is named.",
}

openapi = Blueprint("openapi", __name__)


@openapi.get("/openapi.json")
def describe() -> Response:
    """The description, as a document."""
    return json_response(description(analyzer().model.card))


def description(card: Card) -> Json:
    """The description, as a JSON object (spec.openapis.org/oas/v3.1.0)."""
    status = {"status": {"const": "ok"}, "model": TEXT, "model_version": TEXT}
    health = _operation(
        "health", "Which model decides", "Answers while this process decides.", status
    )
    own = _operation(
        "description", "This description", "The document that you are reading.", {}
    )
    own["responses"]["200"] = _response(
        "This document.", "application/json", {"type": "object"}
    )
    decide = {"post": _post(card)}
    if card.query:
        decide["get"] = _get(card)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": card.name,
            "version": card.version,
            "description": f"{card.description} Errors are problem documents "
            "(RFC 9457).".lstrip(),
        },
        "paths": {
            PATH: decide,
            "/healthz": {"get": health},
            "/openapi.json": {"get": own},
        },
        "components": {"schemas": _problems(card)},
    }


def _score(card: Card) -> Json:
    decisions = card.decisions
    about = card.score_description or (
        "Probability of the decision."
        if decisions.argmax
        else f"Probability of class {card.positive_class!r}."
    )
    about += " Rounded to 4 digits."
    if decisions.cutoffs:
        first, *others = decisions.names
        limits = [
            f"{name} from {cutoff:g}"
            for name, cutoff in zip(others, decisions.cutoffs, strict=True)
        ]
        about += f" The decision is {first} below, {', '.join(limits)}."
    return {"type": "number", "minimum": 0, "maximum": 1, "description": about}


def _post(card: Card) -> Json:
    decided = {
        "score": _score(card),
        "decision": {"enum": [*card.decisions.names]},
        "model_version": TEXT,
    }
    form = {"schema": _application(card), "example": example(card)}
    return {
        **_operation(
            "decide",
            "Decide on an application",
            "Scores one application, counts it, and answers with the decision.",
            decided,
            {422, *STATUS_OF_BODY.values()},
        ),
        "requestBody": {
            "description": f"At most {MAX_BODY_BYTES:,} bytes.",
            "required": True,
            "content": {"application/json": form},
        },
    }


def _application(card: Card) -> Json:
    found = _object({name: _value(i) for name, i in card.inputs.items()})
    found["required"] = [n for n, i in card.inputs.items() if not i.optional]
    return found


def _value(found: Input) -> Json:
    """The values that an input takes, in JSON Schema."""
    about: Json = {"description": found.description} if found.description else {}
    if isinstance(found, Numeric):
        value = _number(found)
        kinds = [value["type"], "null"]
    elif found.boolean:
        value, kinds = {"type": "boolean"}, ["boolean", "null"]
    elif found.other:
        value, kinds = (
            {"type": "string", "examples": [*found.known]},
            ["string", "null"],
        )
    else:
        value = {"enum": [*found.known, *([None] * found.optional)]}
        return value | about
    return (value | {"type": kinds} if found.optional else value) | about


def _number(found: Numeric) -> Json:
    value: Json = {"type": "integer" if found.integer else "number"}
    if found.minimum is not None:
        value["minimum"] = found.minimum
    if found.maximum is not None:
        value["maximum"] = found.maximum
    return value


def _get(card: Card) -> Json:
    """Parameters, and of each group of flags one that is 1."""
    form = QueryForm(card)
    plain = {p: _loose(card.inputs[name]) for p, name in form.plain.items()}
    flags = {flag: {"enum": [0, 1]} for group in form.flags.values() for flag in group}
    schema = _object(plain | flags) | {"additionalProperties": True}
    schema["allOf"] = [
        {"oneOf": [_chosen(flag, group) for flag in group]}
        for group in form.flags.values()
    ]
    query = {
        "name": "application",
        "in": "query",
        "description": "Each property is a query parameter; others are ignored.",
        "required": True,
        "style": "form",
        "explode": True,
        "schema": schema,
        "example": _query_example(card, form),
    }
    answer = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": _object(
            {
                form.query.score: _score(card),
                form.query.decision: {
                    "enum": [form.query.texts.get(n, n) for n in card.decisions.names]
                },
            }
        ),
    }
    found = _operation(
        "decideByQuery",
        "Decide, for existing callers",
        "Takes an application as query parameters, with a flag of 0 or 1 for each "
        "category, and answers with a JSON string that holds a JSON object.",
        {},
        {422},
    )
    found["responses"]["200"] = _response("The answer.", "application/json", answer)
    return found | {"parameters": [query]}


def _loose(found: Input) -> Json:
    """A parameter: a fraction is accepted where the JSON form wants a whole number."""
    value = _value(found)
    return value | {"type": "number"} if isinstance(found, Numeric) else value


def _query_example(card: Card, form: QueryForm) -> Json:
    fields = example(card)
    found: Json = {p: fields[name] for p, name in form.plain.items()}
    for name, group in form.flags.items():
        chosen = fields[name]
        found |= {flag: int(form.value(name, c) == chosen) for flag, c in group.items()}
    return found


def _chosen(chosen: str, group: Iterable[str]) -> Json:
    return {"properties": {flag: {"const": int(flag == chosen)} for flag in group}}


def _operation(
    name: str,
    summary: str,
    about: str,
    answer: Mapping[str, Json],
    refusals: Iterable[int] = (),
) -> Json:
    responses = {
        "200": _response("The answer.", "application/json", _object(answer)),
        **{
            str(status): _problem("Refusal", MEANING[status])
            for status in sorted(refusals)
        },
        "500": _problem("Problem", "The model failed; nothing was decided."),
    }
    return {
        "operationId": name,
        "summary": summary,
        "description": about,
        "responses": responses,
    }


def _problem(name: str, about: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return _response(about, "application/problem+json", schema)


def _problems(card: Card) -> Json:
    reasons = sorted({reason for _, reason in card.refusals} | {*BODY_REASONS})
    fault = _object({"field": TEXT, "reason": {"enum": reasons}, "detail": TEXT})
    problem = {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT}
    errors = {"type": "array", "items": fault, "minItems": 1}
    refusal = problem | {"errors": errors}
    return {"Problem": _object(problem), "Refusal": _object(refusal)}


def _response(about: str, media_type: str, schema: Json) -> Json:
    return {"description": about, "content": {media_type: {"schema": schema}}}


def _object(properties: Mapping[str, Json]) -> Json:
    return {
        "type": "object",
        "properties": {**properties},
        "required": [*properties],
        "additionalProperties": False,
    }
