"""Reads an application: checks it, encodes it, and finds the counts that it raises.

In two tiers. `read` answers with a few look-ups that are compiled from the card; only
an application that it refuses is explained, field by field.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from .card import Card
from .card.inputs import LARGEST, OTHER, Categorical, Input, Numeric
from .card.refusals import UNKNOWN, Fault, kind_reason
from .card.signals import Signal

# Of fields that no input has, no more are named: to name each, an answer would have to
# be many times as long as what was asked.
MAX_UNKNOWN = 10

# The row for the model, and the counts that the application raises.
Reading = tuple[list[Any], list[int]]
# What a value leads to: the count that it raises, the column that it is written to, and
# what is written. A column of -1 is none.
_Code = tuple[int, int, Any]


class _Category(NamedTuple):
    name: str
    kind: type
    codes: Mapping[object, _Code]
    other: _Code | None
    missing: _Code | None
    # The column that takes the value as it came.
    raw: int


class _Number(NamedTuple):
    name: str
    minimum: float
    maximum: float
    edges: tuple[float, ...]
    base: int
    # The first count of the sides of the usual range; -1 is none.
    sides: int
    low: float
    high: float
    column: int
    integer: bool
    optional: bool


class Reader:
    """Reads applications to the model of `card`."""

    def __init__(self, card: Card) -> None:
        self._inputs = card.inputs
        self._size = len(card.inputs)
        self._encoding = card.encoding
        self._columns = {column: place for place, column in enumerate(card.columns)}
        self._blank: list[Any] = [0.0] * len(card.columns)
        signals = {signal.name: signal for signal in card.signals if not signal.segment}
        self._categories = [
            self._category(found, signals[name])
            for name, found in card.inputs.items()
            if isinstance(found, Categorical)
        ]
        self._numbers = [
            self._number(found, signals[name], signals.get(f"{name}_range"))
            for name, found in card.inputs.items()
            if isinstance(found, Numeric)
        ]
        self.categorical = tuple(category.name for category in self._categories)

    def read(self, fields: Mapping[str, object], exact: bool = True) -> Reading | None:
        """The application in `fields`, or None if anything is wrong with it.

        Numbers are JSON numbers, so 25000.0 is a whole one and true is not. With
        `exact`, an integer has to be whole; without, a fraction is taken as it is. The
        first counts are those of the inputs in `categorical`, in that order.
        """
        row, counts, absent = self._blank.copy(), [], 0
        try:
            for category in self._categories:
                name, kind, codes, _, missing, raw = category
                value = fields[name] if missing is None else fields.get(name)
                code = codes.get(value)
                # 1 and true are one key, and are not the same.
                if code is None or type(value) is not kind:
                    code = _rare_code(category, value)
                    absent += name not in fields
                count, column, encoded = code
                counts.append(count)
                if column >= 0:
                    row[column] = encoded
                elif raw >= 0:
                    row[raw] = math.nan if value is None else value
            absent += self._read_numbers(fields, exact, row, counts)
        except (KeyError, TypeError, ValueError):
            return None
        return (row, counts) if len(fields) + absent == self._size else None

    def _read_numbers(
        self,
        fields: Mapping[str, Any],
        exact: bool,
        row: list[Any],
        counts: list[int],
    ) -> int:
        """Returns how many are absent. Raises an error for what is refused."""
        absent = 0
        for number in self._numbers:
            name, least, most, edges, base, sides, low, high, column, _, _ = number
            value = fields.get(name)
            if type(value) is not int:
                value = _rare_number(number, value, exact)
                if value is None:
                    absent += name not in fields
                    counts.append(sides + 3)
                    if column >= 0:
                        row[column] = math.nan
                    continue
            if not least <= value <= most:
                raise ValueError(name)
            counts.append(base + bisect_left(edges, value))
            if sides >= 0:
                counts.append(
                    sides + (1 if low <= value <= high else 2 * (value > high))
                )
            if column >= 0:
                row[column] = value
        return absent

    def faults(
        self, fields: Mapping[str, object], exact: bool = True
    ) -> Iterator[Fault]:
        """What is wrong with an application: of each input, and of unknown fields.

        No more than `MAX_UNKNOWN` of those that are unknown are named.
        """
        for name, found in self._inputs.items():
            if name not in fields or fields[name] is None:
                if not found.optional:
                    reason = kind_reason(found) if name in fields else "missing"
                    yield Fault(name, reason, f"must be {accepted(found)}")
            elif reason := _reason(found, fields[name], exact):
                yield Fault(name, reason, f"must be {accepted(found)}")
        known = ", ".join(self._inputs)
        unknown = (name for name in fields if name not in self._inputs)
        for name in islice(unknown, MAX_UNKNOWN):
            detail = f"is not part of an application; accepted: {known}"
            yield Fault(UNKNOWN, "unknown_field", detail, str(name))

    def _category(self, found: Categorical, signal: Signal) -> _Category:
        codes = {
            category: (signal.base + place, *self._encoded(found, category, place))
            for place, category in enumerate(found.categories)
        }
        keys = {name: name == "true" if found.boolean else name for name in found.known}
        raw = self._columns.get(found.name, -1) if self._encoding == "fields" else -1
        return _Category(
            found.name,
            bool if found.boolean else str,
            {key: codes[name] for name, key in keys.items()},
            codes[OTHER] if found.other else None,
            codes["missing"] if found.optional else None,
            raw,
        )

    def _encoded(
        self, found: Categorical, category: str, place: int
    ) -> tuple[int, float]:
        """The column that a category is written to, and what is written."""
        whole = self._columns.get(found.name, -1)
        if self._encoding == "fields":
            return -1, 0.0
        if self._encoding == "one-hot" and not found.boolean:
            return self._columns.get(f"{found.name}={category}", -1), 1.0
        if found.optional and category == "missing":
            return whole, math.nan
        return whole, float(place)

    def _number(self, found: Numeric, values: Signal, sides: Signal | None) -> _Number:
        low, high = found.usual or (-LARGEST, LARGEST)
        return _Number(
            found.name,
            -LARGEST if found.minimum is None else found.minimum,
            LARGEST if found.maximum is None else found.maximum,
            found.edges,
            values.base,
            sides.base if sides else -1,
            low,
            high,
            self._columns.get(found.name, -1),
            found.integer,
            found.optional,
        )


def _rare_code(category: _Category, value: object) -> _Code:
    """The code of what is none of the known values. Raises `KeyError` if refused."""
    code = None
    if value is None:
        code = category.missing
    elif isinstance(value, category.kind):
        code = category.codes.get(value, category.other)
    if code is None:
        raise KeyError(category.name)
    return code


def _rare_number(number: _Number, value: object, exact: bool) -> float | None:
    """The value of what is no int; None if missing. Raises `ValueError` if refused."""
    if type(value) is float:
        if not number.integer:
            return value
        if value.is_integer():
            return int(value)
        if not exact:
            return value
    elif value is None and number.optional:
        return None
    raise ValueError(number.name)


def _reason(found: Input, value: object, exact: bool) -> str:
    """Why `value` is refused, or nothing."""
    if isinstance(found, Categorical):
        if found.boolean:
            return "" if isinstance(value, bool) else kind_reason(found)
        known = isinstance(value, str) and (found.other or value in found.known)
        return "" if known else kind_reason(found)
    if type(value) not in (int, float) or value != value:  # NaN
        return kind_reason(found)
    whole = not isinstance(value, float) or value.is_integer()
    if found.integer and exact and not whole:
        return kind_reason(found)
    low = -LARGEST if found.minimum is None else found.minimum
    high = LARGEST if found.maximum is None else found.maximum
    return "" if low <= value <= high else "out_of_range"  # type: ignore[operator]


def accepted(found: Input) -> str:
    """The values that an input takes, in words."""
    if isinstance(found, Categorical):
        if found.boolean:
            return "true or false"
        if found.other:
            return "a text"
        return f"one of: {', '.join(found.known)}"
    what = "a whole number" if found.integer else "a number"
    limits = [
        f"{word} {limit:,}"
        for word, limit in (("from", found.minimum), ("to", found.maximum))
        if limit is not None
    ]
    return " ".join([what, *limits]) + (f", in {found.unit}" if found.unit else "")
