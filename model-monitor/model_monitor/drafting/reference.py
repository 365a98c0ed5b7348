"""Measures the reference of a model: counts it with the code that counts production."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ..card import Card
from ..card.inputs import Categorical
from ..card.parts import read_input
from ..card.refusals import Refused
from ..card.signals import Signal
from ..counts import ProcessCounts
from ..errors import ModelError
from ..monitor import Monitor
from ..reading import Reading, accepted
from ..scoring.scorer import Scorer
from .table import Table, TableError

CHUNK = 10_000


class Reference:
    """What a model was seen to decide on a table of applications."""

    def __init__(self, card: Card, scorer: Scorer, table: Table) -> None:
        """Raises `TableError` for an application that the card refuses.

        Raises `ModelError` if the model cannot score what the card accepts.
        """
        self._card = card
        counts = ProcessCounts(card.size)
        monitor = Monitor(card, counts=counts)
        found = readings(monitor, table)
        self.scores: list[float] = []
        while chunk := list(islice(found, CHUNK)):
            try:
                outcomes = scorer.outcomes([row for row, _ in chunk])
            except Exception as error:  # the classifier's own
                inputs = ", ".join(
                    f"{name} ({accepted(found)})" for name, found in card.inputs.items()
                )
                raise ModelError(
                    f"the model cannot score {table.path}: {error}; its columns were "
                    f"taken for {inputs}"
                ) from error
            for reading, (score, decision) in zip(chunk, outcomes, strict=True):
                monitor.add(reading, score, decision)
                self.scores.append(score)
        self._counts = counts.snapshot()
        self.applications = len(self.scores)

    def shares(self, refused: float) -> dict[str, Any]:
        """The share of each part of each signal, as a card holds them.

        `refused` is the share, in [0, 1), of what arrived that was refused.
        """
        found: dict[str, Any] = {}
        for signal in self._card.signals:
            if signal.role == "validity":
                found[signal.name] = [round(1 - refused, 6), refused]
            elif signal.segment:
                if shares := self._of(signal):
                    found.setdefault(signal.name, {})[signal.segment] = shares
            else:
                found[signal.name] = self._of(signal)
        return found

    def decisions(self) -> Sequence[float]:
        """The measured share of each decision."""
        return self._of(self._card.signal("decision"))

    def _of(self, signal: Signal) -> list[float]:
        counts = self._counts[signal.base : signal.base + signal.size]
        total = sum(counts)
        return [round(count / total, 6) for count in counts] if total else []

    def smallest_segments(self) -> dict[str, int]:
        """By signal of segments, how many applications the smallest segment had."""
        found: dict[str, int] = {}
        for signal in self._card.signals:
            if signal.segment:
                count = sum(self._counts[signal.base : signal.base + signal.size])
                if count:
                    found[signal.name] = min(count, found.get(signal.name, count))
        return found


def uniform_reference(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A reference for a card that has none yet: every part of a signal is as likely."""
    inputs = {name: read_input(name, spec) for name, spec in fields["inputs"].items()}
    decisions = len(fields["decisions"]["names"])
    sizes = {"decision": decisions, "score": len(fields["score"]["edges"]) + 1}
    for name, found in inputs.items():
        if isinstance(found, Categorical):
            sizes[name] = len(found.categories)
        else:
            sizes[name] = len(found.edges) + 1
            if found.sides:
                sizes[f"{name}_range"] = len(found.sides)
    shares: dict[str, Any] = {n: [1 / size] * size for n, size in sizes.items()}
    shares["validity"] = [1.0, 0.0]
    for name in fields.get("segments", ()):
        segment = inputs.get(name)
        if isinstance(segment, Categorical):
            each = [1 / decisions] * decisions
            shares[f"decision_by_{name}"] = dict.fromkeys(segment.categories, each)
    return {"applications": 1, "shares": shares}


def readings(monitor: Monitor, table: Table) -> Iterator[Reading]:
    """Each application of a table. Raises `TableError` for one that is refused."""
    for place, fields in enumerate(table.rows(monitor.card.inputs)):
        try:
            yield monitor.read(fields, exact=False)
        except Refused as error:
            raise TableError(f"{table.place(place)}: {error}") from error
