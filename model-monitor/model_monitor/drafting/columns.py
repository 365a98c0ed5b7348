"""Finds out which columns a fitted model takes, and how they follow from a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..card.parts import metric_name
from ..errors import DraftError
from .table import Table


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a model: `field`, or `field=category`, in its order.

    `features` are the model's own names, where they differ. `categories` are those that
    the model has columns for, by field.
    """

    encoding: str
    columns: tuple[str, ...]
    features: tuple[str, ...] = ()
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """The inputs of the model, each once."""
        return tuple(dict.fromkeys(c.partition("=")[0] for c in self.columns))


def find_columns(
    classifier: Any,
    table: Table,
    ignored: Sequence[str],
    said: tuple[str, ...],
    ordinal: bool,
) -> tuple[Columns, str]:
    """The columns of `classifier`, and why they are these.

    `said` are the columns as a person gave them, if any. Raises `DraftError` if they
    cannot be inferred.
    """
    names = getattr(classifier, "feature_names_in_", None)
    features = () if names is None else tuple(map(str, names))
    available = [name for name in table.columns if name not in ignored]
    if said:
        if sorted(said) == sorted(features) and said != features:
            raise DraftError(
                f"--columns {','.join(said)}: the model was fitted on these in the "
                f"order {','.join(features)}"
            )
        columns = _with_categories(said, features, ordinal)
        return columns, "columns: as given (--columns)"
    if features:
        return _by_name(features, table, available, ordinal)
    count = getattr(classifier, "n_features_in_", None)
    numeric = [name for name in available if _is_numeric(table.columns[name])]
    if len(available) == count == len(numeric):
        return (
            Columns("fields", tuple(available)),
            "columns: in the order of the table, because the model was fitted without "
            "names on as many numbers as the table has columns",
        )
    texts = [name for name in available if name not in numeric]
    but = f", and {texts[0]} holds texts" if texts else ""
    raise DraftError(
        f"the model was fitted on {count} columns without names, and the table has "
        f"{len(available)}{but}: say what they are, in order, such as --columns "
        "amount,colour=red,colour=blue"
    )


def encoded_values(part: Any, fields: Sequence[str] = ()) -> dict[str, list[Any]]:
    """The values, but for gaps, that encoders in a pipeline know of each field.

    `fields` are the columns that `part` is given, if it has no names for them itself.
    """
    fields = [*map(str, getattr(part, "feature_names_in_", fields))]
    known = getattr(part, "categories_", ())
    found: dict[str, list[Any]] = {}
    if len(known) == len(fields):
        for name, values in zip(fields, known, strict=True):
            found[name] = [v for v in np.asarray(values).tolist() if not _is_gap(v)]
    for _, step, chosen in getattr(part, "transformers_", ()):
        is_named = isinstance(chosen, list) and all(isinstance(c, str) for c in chosen)
        found |= encoded_values(step, chosen if is_named else ())
    for _, step in getattr(part, "steps", ()):
        found |= encoded_values(step, fields)
        if hasattr(step, "transformers_"):
            fields = []  # what comes after has other columns
    return found


def _is_gap(value: object) -> bool:
    return value is None or value != value  # NaN


def _by_name(
    features: tuple[str, ...], table: Table, available: Sequence[str], ordinal: bool
) -> tuple[Columns, str]:
    if all(feature in available for feature in features):
        encoding = "ordinal" if ordinal else "fields"
        return Columns(
            encoding, features
        ), "columns: those that the model was fitted on"
    sources = _sources(table, available)
    columns = tuple(_source(feature, sources) for feature in features)
    found = _with_categories(columns, features, ordinal=False)
    return found, "columns: one for each category, found by the model's names for them"


def _sources(table: Table, available: Sequence[str]) -> Mapping[str, set[str]]:
    """What a model may mean by a name: columns of the table, and their categories.

    By the name as it is, and as it is without capitals and signs.
    """
    found: dict[str, set[str]] = {}
    for name in available:
        found.setdefault(name, set()).add(name)
        found.setdefault(metric_name(name), set()).add(name)
        if not _is_numeric(table.columns[name]):
            for category in {str(c) for c in table.columns[name] if c is not None}:
                for spelled in (f"{name}_{category}", metric_name(name, category)):
                    found.setdefault(spelled, set()).add(f"{name}={category}")
    return found


def _source(feature: str, sources: Mapping[str, set[str]]) -> str:
    # A ColumnTransformer puts the name of its step before two underscores.
    _, _, inner = feature.partition("__")
    for name in (feature, inner, metric_name(feature), metric_name(inner)):
        found = sorted(sources.get(name, ()))
        if len(found) > 1:
            raise DraftError(
                f"the model was fitted on a column {feature}, which may be any of "
                f"{', '.join(found)}: say what its columns are, in order, such as "
                "--columns amount,colour=red"
            )
        if found:
            return found[0]
    raise DraftError(
        f"the model was fitted on a column {feature}, which is no column of the table "
        "and no category of one: say what its columns are, in order, such as --columns "
        "amount,colour=red"
    )


def _with_categories(
    columns: tuple[str, ...], features: tuple[str, ...], ordinal: bool
) -> Columns:
    categories: dict[str, list[str]] = {}
    for column in columns:
        name, separator, category = column.partition("=")
        if separator:
            categories.setdefault(name, []).append(category)
    encoding = "one-hot" if categories else "ordinal" if ordinal else "fields"
    own = features if features and features != columns else ()
    return Columns(encoding, columns, own, categories)


def _is_numeric(cells: Sequence[Any]) -> bool:
    found = next((cell for cell in cells if cell is not None), None)
    if not isinstance(found, str):
        return isinstance(found, int | float)
    try:
        float(found)
    except ValueError:
        return False
    return True
