"""The model card: everything that a monitor needs to know of a model, in one JSON file.

card.schema.json describes its form; what a schema cannot say is checked as well. A card
that could be misunderstood is refused before anything is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from . import parts
from .decisions import Decisions
from .form import check_form, parsed
from .inputs import Input
from .parts import Query
from .refusals import reasons
from .signals import Signal, derive


@dataclass(frozen=True, slots=True)
class Card:
    """A model, what it takes and decides, and what its reference looked like.

    `applications` is the size of the reference. `signals` are what is counted, each
    with its share in the reference. `tolerance` and `critical` are in [0, 1], by
    signal, and hold only what the card says.
    """

    name: str
    version: str
    namespace: str
    created: datetime
    inputs: Mapping[str, Input]
    decisions: Decisions
    score_edges: tuple[float, ...]
    segments: tuple[str, ...]
    signals: tuple[Signal, ...]
    refusals: tuple[tuple[str, str], ...]
    applications: int
    file: str = "model.pkl"
    sha256: str = ""
    library: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "fields"
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    positive_class: str | int | bool = 1
    tolerance: Mapping[str, float] = field(default_factory=dict)
    critical: Mapping[str, float] = field(default_factory=dict)
    false_alarm_days: float | None = None
    query: Query | None = None
    description: str = ""
    score_description: str = ""

    @classmethod
    def from_file(cls, path: str | Path) -> "Card":
        """The card in a file. Raises `CardError`, or `OSError` if it is unreadable."""
        return cls.from_json(Path(path).read_bytes())

    @classmethod
    def from_json(cls, written: bytes | str) -> "Card":
        """The card in a JSON document. Raises `CardError`."""
        return cls.from_fields(parsed(written))

    @classmethod
    def from_fields(cls, fields: object) -> "Card":
        """The card in a parsed JSON document. Raises `CardError` for a fault."""
        fields = check_form(fields)
        inputs = {
            name: parts.read_input(name, spec)
            for name, spec in fields["inputs"].items()
        }
        edges = parts.read_edges("$.score.edges", fields["score"]["edges"])
        decisions = parts.read_decisions(fields["decisions"], edges)
        segments = parts.read_segments(fields.get("segments", ()), inputs)
        query = parts.read_query(fields.get("query"), inputs, decisions)
        parts.check_signal_names(inputs, segments)
        refusals = reasons(inputs, query.flagged if query else frozenset())
        signals = derive(
            inputs,
            edges,
            decisions,
            segments,
            len(refusals),
            fields["reference"]["shares"],
        )
        parts.check_metric_names(fields["namespace"], inputs, segments)
        known = {signal.name for signal in signals}
        return cls(
            name=fields["name"],
            version=fields["version"],
            namespace=fields["namespace"],
            created=parts.read_moment(fields["created"]),
            inputs=inputs,
            decisions=decisions,
            score_edges=edges,
            segments=segments,
            signals=signals,
            refusals=refusals,
            applications=fields["reference"]["applications"],
            file=fields.get("file", "model.pkl"),
            sha256=fields.get("sha256", ""),
            library=fields.get("library", {}),
            encoding=fields.get("encoding", "fields"),
            columns=parts.read_columns(fields, inputs),
            features=parts.read_features(fields),
            positive_class=fields["score"].get("class", 1),
            tolerance=parts.read_by_signal("tolerance", fields, known),
            critical=parts.read_by_signal("critical", fields, known),
            false_alarm_days=fields.get("false_alarm_days"),
            query=query,
            description=fields.get("description", ""),
            score_description=fields["score"].get("description", ""),
        )

    @property
    def size(self) -> int:
        """How many counts the model needs."""
        return sum(signal.size for signal in self.signals)

    def signal(self, name: str) -> Signal:
        """The signal of a name, but for segments. Raises `KeyError` for others."""
        for signal in self.signals:
            if signal.name == name and signal.role != "segment":
                return signal
        raise KeyError(name)

    def tolerance_of(self, signal: Signal) -> float | None:
        """How far a share of `signal` may be off, in [0, 1], if the card says so."""
        return self.tolerance.get(signal.name, self.tolerance.get("*"))

    def critical_of(self, signal: Signal) -> float | None:
        """How far off a share of `signal` is critical, if the card says so."""
        return self.critical.get(signal.name, self.critical.get("*"))
