"""Finds out which columns a fitted model takes, and how they follow from a table."""

from collections.abc import Iterator, Mapping, Sequence
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
    raise DraftError(
        f"the model was fitted on {count} columns without names, and the table has "
        f"{len(available)}: say what they are, in order, such as --columns "
        "amount,colour=red,colour=blue"
    )


def check_categories(classifier: Any, name: str, categories: Sequence[str]) -> None:
    """Raises `DraftError` if the model knows these categories as numbers.

    A category is a text, which an encoder that was fitted on numbers may take for an
    unknown one, without an error.
    """
    for known in _encoded(classifier, name):
        texts = [f"{number:g}" for number in known]
        if set(texts) == set(categories):
            raise DraftError(
                f"--categories {name}: the model was fitted on the numbers "
                f"{', '.join(texts)}; leave the option out, or fit it on texts"
            )


def _encoded(part: Any, name: str) -> Iterator[list[float]]:
    """The numbers that an encoder in a pipeline takes for categories of a field."""
    fields = getattr(part, "feature_names_in_", ())
    known = dict(zip(fields, getattr(part, "categories_", ()), strict=False))
    if name in known and np.issubdtype(known[name].dtype, np.number):
        yield known[name].tolist()
    inner = [*getattr(part, "steps", ()), *getattr(part, "transformers_", ())]
    for _, step, *_ in inner:
        yield from _encoded(step, name)


def _by_name(
    features: tuple[str, ...], table: Table, available: Sequence[str], ordinal: bool
) -> tuple[Columns, str]:
    if all(feature in available for feature in features):
        encoding = "ordinal" if ordinal else "fields"
        return Columns(
            encoding, features
        ), "columns: those that the model was fitted on"
    sources = {metric_name(name): name for name in available}
    for name in available:
        if not _is_numeric(table.columns[name]):
            for category in {str(c) for c in table.columns[name] if c is not None}:
                sources.setdefault(metric_name(name, category), f"{name}={category}")
    columns = []
    for feature in features:
        # A ColumnTransformer puts the name of its step before two underscores.
        source = sources.get(metric_name(feature)) or sources.get(
            metric_name(feature.partition("__")[2])
        )
        if source is None:
            raise DraftError(
                f"the model was fitted on a column {feature}, which is no column of "
                "the table and no category of one: say what its columns are, in "
                "order, such as --columns amount,colour=red"
            )
        columns.append(source)
    found = _with_categories(tuple(columns), features, ordinal=False)
    return found, "columns: one for each category, found by the model's names for them"


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
