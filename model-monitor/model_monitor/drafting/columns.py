"""Finds out which columns a fitted model takes, and how they follow from a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..card.parts import metric_name
from ..errors import DraftError
from ..spelling import number_in
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

    `fields` are the columns that `part` is given, where it was fitted without names,
    as what comes after an imputer is.
    """
    fields = [*map(str, getattr(part, "feature_names_in_", fields))]
    known = getattr(part, "categories_", ())
    found: dict[str, list[Any]] = {}
    if len(known) == len(fields):
        for name, values in zip(fields, known, strict=True):
            found[name] = [v for v in np.asarray(values).tolist() if not _is_gap(v)]
    for _, step, _ in getattr(part, "transformers_", ()):
        found |= encoded_values(step)
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
    exact, alike = _sources(table, available)
    columns = tuple(_source(feature, exact, alike) for feature in features)
    found = _with_categories(columns, features, ordinal=False)
    return found, "columns: one for each category, found by the model's names for them"


# What each name may stand for: columns of a table, or categories of one.
_Sources = Mapping[str, set[str]]


def _sources(table: Table, available: Sequence[str]) -> tuple[_Sources, _Sources]:
    """By the name as it is, and by what it is without capitals and signs."""
    exact: dict[str, set[str]] = {}
    alike: dict[str, set[str]] = {}
    for name in available:
        exact[name] = {name}
        alike.setdefault(metric_name(name), set()).add(name)
    for name in available:
        if not _is_numeric(table.columns[name]):
            for category in {str(c) for c in table.columns[name] if c is not None}:
                source = f"{name}={category}"
                if (spelled := f"{name}_{category}") not in available:
                    exact.setdefault(spelled, set()).add(source)
                alike.setdefault(metric_name(name, category), set()).add(source)
    return exact, alike


def _source(feature: str, exact: _Sources, alike: _Sources) -> str:
    # A ColumnTransformer puts the name of its step before two underscores.
    names = [name for name in (feature, feature.partition("__")[2]) if name]
    found = next(
        (
            sorted(by_name[key])
            for by_name, keys in ((exact, names), (alike, map(metric_name, names)))
            for key in keys
            if key and key in by_name
        ),
        [],
    )
    if len(found) > 1:
        raise DraftError(
            f"the model was fitted on a column {feature}, which may be any of "
            f"{', '.join(found)}: say what its columns are, in order, such as "
            "--columns amount,colour=red"
        )
    if not found:
        raise DraftError(
            f"the model was fitted on a column {feature}, which is no column of the "
            "table and no category of one: say what its columns are, in order, such "
            "as --columns amount,colour=red"
        )
    return found[0]


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
    found = (number_in(cell) if isinstance(cell, str) else cell for cell in cells)
    return all(cell is None or isinstance(cell, int | float) for cell in found)
