"""The model card: a model's identity, and the reference population it describes.

    python -m credit_analyzer.card MODEL.pkl APPLICATIONS.csv --name N --version V

makes the card of a model that was trained elsewhere.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .signals import (
    CATEGORICAL_SIGNALS,
    NUMERIC_SIGNALS,
    Categorical,
    InvalidDistribution,
    Numeric,
)


class CardError(Exception):
    """A card that cannot be read or made. The message names the field and the fix."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a model is, and what its signals looked like in its reference.

    `sha256` is of the pickle. `applications` is the size of the reference
    population. `categorical` and `numeric` hold a distribution for every signal.
    """

    name: str
    version: str
    sha256: str
    scikit_learn: str
    created: datetime
    applications: int
    categorical: Mapping[str, Categorical]
    numeric: Mapping[str, Numeric]

    @classmethod
    def from_json(cls, written: bytes) -> "Card":
        """A card from what `write` writes. Raises `CardError` if it is none."""
        try:
            fields = json.loads(written.decode())
        except (ValueError, RecursionError) as error:
            raise CardError(f"the card is not JSON: {error}") from error
        return cls.from_fields(fields)

    @classmethod
    def from_fields(cls, fields: object) -> "Card":
        """A card from its JSON form. Raises `CardError` naming the field at fault."""
        signals = _field(fields, "signals", dict)
        return cls(
            name=_matching(fields, "name", r"[\w.-]{1,64}"),
            version=_matching(fields, "version", r"[\w.+-]{1,64}"),
            sha256=_matching(fields, "sha256", r"[0-9a-f]{64}"),
            scikit_learn=_matching(fields, "scikit_learn", r"[\w.+-]{1,64}"),
            created=_moment(fields, "created"),
            applications=_field(fields, "applications", int),
            categorical={
                name: _categorical(_field(signals, name, dict), name, categories)
                for name, categories in CATEGORICAL_SIGNALS.items()
            },
            numeric={
                name: _numeric(_field(signals, name, dict), name)
                for name in NUMERIC_SIGNALS
            },
        )

    def to_fields(self) -> dict[str, Any]:
        """The JSON form of the card."""
        return {
            "name": self.name,
            "version": self.version,
            "created": self.created.isoformat(),
            "sha256": self.sha256,
            "scikit_learn": self.scikit_learn,
            "applications": self.applications,
            "signals": {
                **{name: dict(c.shares) for name, c in self.categorical.items()},
                **{
                    name: {"edges": [*n.edges], "cumulative": [*n.cumulative]}
                    for name, n in self.numeric.items()
                },
            },
        }

    def write(self, path: Path) -> None:
        """Writes the card, in the form that `from_json` reads."""
        path.write_text(json.dumps(self.to_fields(), indent=2) + "\n", encoding="utf-8")


def _field(fields: object, name: str, kind: type) -> Any:
    value = fields.get(name) if isinstance(fields, dict) else None
    if type(value) is not kind:
        raise CardError(f"{name} must be of type {kind.__name__}, it is {value!r:.100}")
    return value


def _matching(fields: object, name: str, pattern: str) -> str:
    value: str = _field(fields, name, str)
    if not re.fullmatch(pattern, value, re.ASCII):
        raise CardError(f"{name} must match {pattern}, it is {value!r:.100}")
    return value


def _moment(fields: object, name: str) -> datetime:
    value = _field(fields, name, str)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise CardError(
            f"{name} must be an ISO 8601 time, it is {value!r:.100}"
        ) from error
    if moment.tzinfo is None:
        raise CardError(f"{name} must have a time zone, it is {value!r:.100}")
    return moment


def _categorical(
    shares: dict[str, Any], name: str, categories: Sequence[str]
) -> Categorical:
    if set(shares) != set(categories):
        raise CardError(
            f"signals.{name} must have the shares of {', '.join(categories)}"
        )
    try:
        return Categorical(shares)
    except InvalidDistribution as error:
        raise CardError(f"signals.{name}: {error}") from error


def _numeric(fields: dict[str, Any], name: str) -> Numeric:
    try:
        return Numeric(
            edges=tuple(_field(fields, "edges", list)),
            cumulative=tuple(_field(fields, "cumulative", list)),
        )
    except (CardError, InvalidDistribution) as error:
        raise CardError(f"signals.{name}: {error}") from error


if __name__ == "__main__":
    from .reference import main  # late: what makes a card has to know what one is

    main()
