"""Pages for a person: what this service is, a form to try it, and its reference."""

import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from model_monitor import Card
from model_monitor.card.example import example
from model_monitor.card.inputs import Categorical
from model_monitor.reading import accepted

from .api import PATH
from .deciding import analyzer
from .openapi import description

# Nothing is loaded from anywhere else, and nothing is sent anywhere else.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

pages = Blueprint(
    "pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@pages.get("/")
def index() -> str:
    """What this is, and a form to try it."""
    card = analyzer().model.card
    return render_template("index.html", card=card, path=PATH, fields=_fields(card))


@pages.get("/docs")
def reference() -> str:
    """The reference of the API, made from its description."""
    described = description(analyzer().model.card)
    operations = [
        _operation(path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template("docs.html", info=described["info"], operations=operations)


@pages.after_request
def protect(response: Response) -> Response:
    """Keeps a page from loading, or sending, anything elsewhere."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _fields(card: Card) -> list[dict[str, Any]]:
    """What the form needs to know of each input."""
    values = example(card)
    found = []
    for name, field in card.inputs.items():
        choices = field.known if isinstance(field, Categorical) else ()
        found.append(
            {
                "name": name,
                "about": field.description,
                "accepted": accepted(field),
                "choices": () if getattr(field, "other", False) else choices,
                "suggestions": choices if getattr(field, "other", False) else (),
                "kind": "text" if isinstance(field, Categorical) else "number",
                "boolean": isinstance(field, Categorical) and field.boolean,
                "optional": field.optional,
                "value": str(values[name]).lower()
                if isinstance(values[name], bool)
                else values[name],
            }
        )
    return found


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """An operation of the description, in the form that the page shows it in."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    [query] = operation.get("parameters", [None])
    form = body or query or {}
    schema = form.get("schema", {})
    shown = form.get("example")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "about": operation["description"],
        "limit": operation.get("requestBody", {}).get("description", ""),
        "fields": _rows(schema, optional_are="optional"),
        "curl": _curl(path, method, shown, is_body=body is not None),
        "example": json.dumps(shown, indent=2, ensure_ascii=False) if body else "",
        "responses": [
            {
                "status": status,
                "about": response["description"],
                "type": media_type,
                "fields": _rows(content["schema"]),
            }
            for status, response in operation["responses"].items()
            for media_type, content in response["content"].items()
        ],
    }


def _rows(schema: dict[str, Any], optional_are: str = "") -> list[dict[str, str]]:
    schema = schema.get("contentSchema", schema)
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "type": _type(value),
            "about": value.get("description", ""),
            "note": "" if name in required else optional_are,
        }
        for name, value in schema.get("properties", {}).items()
    ]


def _type(value: dict[str, Any]) -> str:
    if "enum" in value:
        values = (json.dumps(v, ensure_ascii=False) for v in value["enum"])
        return f"one of {', '.join(values)}"
    if "const" in value:
        return json.dumps(value["const"])
    kinds = value.get("type", "object")
    text = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    limits = [
        f"{word} {value[key]:,}"
        for word, key in (("from", "minimum"), ("to", "maximum"))
        if key in value
    ]
    return " ".join([text, *limits])


def _curl(path: str, method: str, shown: Any, is_body: bool) -> str:
    address = request.url_root.rstrip("/") + path
    if method == "get" and shown:
        data = " \\\n  ".join(f"--data-urlencode '{k}={v}'" for k, v in shown.items())
        return f"curl --get {address} \\\n  {data}"
    if is_body:
        data = json.dumps(shown, ensure_ascii=False).replace("'", "'\\''")
        return f"curl {address} --json '{data}'"
    return f"curl {address}"
