"""Makes the card of a model, from its file and a table of reference applications."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..card import Card
from ..card.parts import metric_name
from ..errors import DraftError
from ..scoring.files import loaded
from ..scoring.scorer import Scorer, check_classifier
from .columns import Columns, encoded_values, find_columns
from .edges import edges
from .inputs import draft_input
from .policy import (
    add_expected,
    add_tolerance,
    check_expected,
    joined,
    positive_class,
    read_decide,
)
from .reference import Reference, uniform_reference
from .table import Table

# Packages that a pickled model may consist of, by the name of their module.
PACKAGES = {"sklearn": "scikit-learn", "xgboost": "xgboost", "lightgbm": "lightgbm"}
# The order in which a person reads a card.
ORDER = (
    *("name", "version", "namespace", "description", "created", "file", "sha256"),
    *("library", "inputs", "encoding", "columns", "features", "score", "decisions"),
    *("segments", "tolerance", "critical", "false_alarm_days", "query", "reference"),
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says about a model, beside its file and the table."""

    name: str = ""
    version: str = ""
    namespace: str = ""
    ignore: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ordinal: bool = False
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    positive_class: str = ""
    decide: str = ""
    expect: str = ""
    segments: tuple[str, ...] = ()
    refused: float = 0.0


@dataclass(frozen=True, slots=True)
class Made:
    """A card in its JSON form, and a line for each thing that was inferred."""

    fields: Mapping[str, Any]
    notes: Sequence[str]


def make(
    model: Path, table: Table, wishes: Wishes, like: Mapping[str, Any] | None = None
) -> Made:
    """The card of the model in the file `model`, with `table` as its reference.

    With `like`, another card in its JSON form, inputs, decisions and tolerances are
    those of that card, and only the reference is measured.

    Raises `DraftError` for what cannot be inferred, and `CardError`, `ModelError` or
    `TableError` for what does not fit.
    """
    content = model.read_bytes()
    classifier = loaded(content, model.name, {})
    check_classifier(classifier)
    _check_names(wishes, table)
    notes: list[str] = []
    if like is None:
        fields = _drafted(classifier, table, wishes, notes)
    else:
        fields = dict(like)
        notes.append(f"inputs and decisions: those of {like['name']} {like['version']}")
    fields["name"] = wishes.name or fields.get("name") or _name(model)
    fields["version"] = _version(wishes, like, content)
    fields["namespace"] = (
        wishes.namespace or fields.get("namespace") or metric_name(fields["name"])[:32]
    )
    fields["created"] = _now()
    fields["file"] = model.name
    fields["sha256"] = hashlib.sha256(content).hexdigest()
    fields["library"] = {} if model.suffix == ".onnx" else _libraries(classifier)
    if like is None:
        _add_score_edges(fields, classifier, table, notes)
    reference = _measure(fields, classifier, table)
    add_expected(fields, reference.decisions(), wishes.expect, notes)
    if like is None:
        add_tolerance(fields, reference, notes)
    check_expected(fields, reference)
    fields["reference"] = {
        "applications": reference.applications,
        "shares": reference.shares(wishes.refused),
    }
    Card.from_fields(fields)  # one that could not be read back must not be written
    return Made({name: fields[name] for name in ORDER if name in fields}, notes)


def written(fields: Mapping[str, Any]) -> str:
    """A card as JSON, with a list of numbers or texts on one line."""
    text = json.dumps(fields, indent=2, ensure_ascii=False)
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", _on_one_line, text) + "\n"


def _on_one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]"


def _version(wishes: Wishes, like: Mapping[str, Any] | None, content: bytes) -> str:
    if wishes.version:
        return wishes.version
    if like is None:
        return "1.0.0"
    if hashlib.sha256(content).hexdigest() != like.get("sha256"):
        raise DraftError(
            f"it is another model than that of {like['name']} {like['version']}: give "
            "it a version of its own (--version)"
        )
    return str(like["version"])


def _check_names(wishes: Wishes, table: Table) -> None:
    """Raises `DraftError` for a column that the table does not have."""
    for option, names in (
        ("--outcome or --ignore", wishes.ignore),
        ("--categories", wishes.categories),
        ("--segments", wishes.segments),
    ):
        for name in names:
            if name not in table.columns:
                raise DraftError(
                    f"{option} {name}: the table has the columns "
                    f"{joined(table.columns)}"
                )


def _drafted(
    classifier: Any, table: Table, wishes: Wishes, notes: list[str]
) -> dict[str, Any]:
    columns, reason = find_columns(
        classifier, table, wishes.ignore, wishes.columns, wishes.ordinal
    )
    notes.append(reason)
    left_out = [
        name
        for name in table.columns
        if name not in columns.fields and name not in wishes.ignore
    ]
    if left_out:
        notes.append(
            f"left out, because the model does not take it: {joined(left_out)}"
        )
    inputs = _draft_inputs(classifier, table, wishes, columns, notes)
    fields: dict[str, Any] = {
        "inputs": inputs,
        "encoding": columns.encoding,
        "columns": list(columns.columns),
        "score": {"edges": []},
        "decisions": read_decide(wishes.decide, classifier, notes),
        "segments": list(wishes.segments),
    }
    if columns.features:
        fields["features"] = list(columns.features)
    if "of" not in fields["decisions"]:
        fields["score"]["class"] = positive_class(
            classifier, wishes.positive_class, notes
        )
    return fields


def _draft_inputs(
    classifier: Any, table: Table, wishes: Wishes, columns: Columns, notes: list[str]
) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    by_field = encoded_values(classifier) if columns.encoding == "fields" else {}
    for name in (name for name in table.columns if name in columns.fields):
        said = wishes.categories.get(name)
        known = said or columns.categories.get(name)
        if known and not said:
            known = _with_base(name, known, table.column(name), notes)
        encoded = by_field.get(name, [])
        is_text = bool(encoded) and all(isinstance(v, str) for v in encoded)
        if is_text:
            notes.append(f"{name}: a text, because the model was fitted on texts")
        draft = draft_input(
            name,
            table.column(name),
            known,
            table.has_types,
            is_text=is_text,
            keep_all=columns.encoding == "ordinal",
        )
        if "enum" in draft.fields:
            _check_encoded(name, draft.fields["enum"], encoded, bool(said))
        if columns.encoding == "ordinal" and "enum" in draft.fields and not said:
            order = joined(f"{i} = {c}" for i, c in enumerate(draft.fields["enum"]))
            draft.say(f"{name}: {order} (another order: --categories {name}=...)")
        inputs[name] = draft.fields
        notes.extend(draft.notes)
    for name, unit in wishes.units.items():
        if name not in inputs:
            raise DraftError(f"--unit {name}={unit}: the inputs are {joined(inputs)}")
        inputs[name]["unit"] = unit
    return inputs


def _with_base(
    name: str, known: Sequence[str], cells: Sequence[Any], notes: list[str]
) -> Sequence[str]:
    """`known`, and the one category that has no column: it is where all others are 0.

    Where several have none, a person has to say which are meant.
    """
    others = {str(cell) for cell in cells if cell is not None} - set(known)
    if len(others) != 1:
        return known
    notes.append(
        f"{name}: {min(others)} has no column, so it is where the others are 0"
    )
    return [*known, *others]


def _check_encoded(
    name: str, categories: Sequence[str], encoded: Sequence[object], is_said: bool
) -> None:
    """Raises `DraftError` if the model knows categories, which are texts, as others.

    An encoder that was fitted on numbers may take a text for an unknown one, without
    an error.
    """
    if not encoded or not all(isinstance(value, int | float) for value in encoded):
        return
    are_booleans = all(isinstance(value, bool) for value in encoded)
    kind = "booleans" if are_booleans else "numbers"
    known = [str(v).lower() if are_booleans else f"{v:g}" for v in encoded]
    fix = "leave the option out" if is_said else f"write it as {kind}"
    raise DraftError(
        f"{f'--categories {name}' if is_said else f'the column {name}'}: "
        f"{categories[0]} is a text, and the model was fitted on the {kind} "
        f"{joined(known)}; {fix}, or fit it on texts"
    )


def _add_score_edges(
    fields: dict[str, Any], classifier: Any, table: Table, notes: list[str]
) -> None:
    cutoffs = fields["decisions"].get("from", [])
    fields["score"]["edges"] = sorted({0.5, *cutoffs})
    scores = _measure(fields, classifier, table).scores
    cut = edges(scores, cutoffs)
    fields["score"]["edges"] = list(cut)
    notes.append(
        f"score: {len(cut) + 1} buckets, with edges near its quantiles"
        f"{' and at the cut-offs' if cutoffs else ''}"
    )


def _measure(fields: Mapping[str, Any], classifier: Any, table: Table) -> Reference:
    card = Card.from_fields({**fields, "reference": uniform_reference(fields)})
    return Reference(card, Scorer(classifier, card), table)


def _name(model: Path) -> str:
    stem = model.stem if model.stem != "model" else model.resolve().parent.name
    return metric_name(stem).replace("_", "-") or "model"


def _libraries(classifier: Any) -> dict[str, str]:
    """The packages that a classifier, and the parts it is composed of, come from."""
    parts = [classifier]
    if hasattr(classifier, "get_params"):
        parts += classifier.get_params(deep=True).values()
    modules = {type(part).__module__.partition(".")[0] for part in parts}
    return {
        package: version(package)
        for module, package in PACKAGES.items()
        if module in modules
    }


def _now() -> str:
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    return now.replace(microsecond=0).isoformat()
