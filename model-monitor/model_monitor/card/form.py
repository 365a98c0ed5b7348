"""The form of a card: JSON, as card.schema.json describes it."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import fastjsonschema
from fastjsonschema import JsonSchemaValueException

from ..errors import CardError

SCHEMA = Path(__file__).with_name("card.schema.json")


def parsed(written: bytes | str) -> object:
    """The document that `written` holds. Raises `CardError` if it is not JSON."""
    try:
        text = written.decode("utf-8-sig") if isinstance(written, bytes) else written
        return json.loads(
            text, object_pairs_hook=_unrepeated, parse_constant=_no_constant
        )
    except CardError:
        raise
    except (ValueError, RecursionError) as error:
        raise CardError("$", f"the card is not JSON: {error}") from error


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise CardError("$", f"{name!r:.100} stands twice in one object; keep one")
        found[name] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise CardError("$", f"{text} is no JSON number; write a finite one")


@cache
def _validator() -> Callable[[object], object]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator: Callable[[object], object] = fastjsonschema.compile(schema)
    return validator


def check_form(fields: object) -> Mapping[str, Any]:
    """`fields`, if the schema accepts them. Raises `CardError` otherwise."""
    try:
        _validator()(fields)
    except JsonSchemaValueException as error:
        raise _explained(error) from error
    _check_texts_and_numbers("$", fields)
    return fields  # type: ignore[return-value]  # the schema wants an object


def _explained(error: JsonSchemaValueException) -> CardError:
    name = error.name or ""
    path = "$" + name.removeprefix("data")
    problem = error.message.removeprefix(name).strip()
    if error.rule == "additionalProperties" and error.rule_definition is False:
        known = error.definition["properties"]
        surplus = [name for name in error.value if name not in known]
        problem = f"{surplus[0]!r} is unknown; known are {', '.join(known)}"
    elif error.rule == "propertyNames":
        pattern = error.rule_definition.get("pattern", ".{1,100}")
        wrong = next(name for name in error.value if not re.fullmatch(pattern, name))
        problem = f"{wrong!r:.100} is no name that matches {pattern}; rename it"
    elif error.rule == "required":
        missing = next(
            name for name in error.rule_definition if name not in error.value
        )
        problem = f"{missing} is missing; add it"
    elif not isinstance(error.value, dict | list):
        problem += f", it is {error.value!r:.100}"
    about = error.definition.get("description", "")
    return CardError(path, f"{problem:.300}{f' ({about})' if about else ''}")


def _check_texts_and_numbers(path: str, value: object) -> None:
    """Raises `CardError` for what no metric, and no float, can hold."""
    match value:
        case dict():
            for name, inner in value.items():
                _check_text(f"{path}.{name}", name)
                if name == "description" and isinstance(inner, str):
                    # It is in no label, and may have lines.
                    _check_text(f"{path}.{name}", re.sub(r"[\n\t]", " ", inner))
                else:
                    _check_texts_and_numbers(f"{path}.{name}", inner)
        case list():
            for place, inner in enumerate(value):
                _check_texts_and_numbers(f"{path}[{place}]", inner)
        case str():
            _check_text(path, value)
        case int() | float() if not _is_finite(value):
            raise CardError(
                path, "the number is larger than any float; write a smaller"
            )


def _check_text(path: str, text: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise CardError(
            path,
            f"{text!a:.100} cannot be shown; leave out control characters",
        )


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
