"""The parts of a card, and what a schema cannot say about them.

Each function raises `CardError` that names the place, the value and the fix.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from ..errors import CardError
from .decisions import Decisions
from .inputs import BOOLEANS, LARGEST, MISSING, Categorical, Input, Numeric
from .refusals import BODY, UNKNOWN
from .signals import check_total

# Signals and labels of our own. An input of such a name would be taken for it.
RESERVED = frozenset({"score", "decision", "validity", "le", "signal", BODY, UNKNOWN})
# Labels that a metric by segment has already, or that Prometheus adds.
RESERVED_LABELS = frozenset(
    {"model", "model_version", "decision", "job", "instance", "pod", "container"}
    | {"container_id", "endpoint", "node", "host", "namespace", "service", "cluster"}
)
# For rules, of every model alike.
GENERIC_METRICS = (
    "model_cells",
    "model_cells_reference_ratio",
    "model_signal_tolerance_ratio",
    "model_signal_critical_ratio",
    "model_signal_info",
    "model_false_alarm_days",
    "model_info",
    "model_created_timestamp_seconds",
    "model_counting_start_timestamp_seconds",
)


@dataclass(frozen=True, slots=True)
class Query:
    """The form of callers that send an application as query parameters.

    `parameters` maps each to a field, or to `field=category` where it is a flag. The
    answer holds the score and the decision under these names; `texts` maps a decision
    to what the answer calls it.
    """

    parameters: Mapping[str, str]
    score: str = "score"
    decision: str = "decision"
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def flagged(self) -> frozenset[str]:
        """The inputs that are sent as flags, one for each category."""
        sources = self.parameters.values()
        return frozenset(s.partition("=")[0] for s in sources if "=" in s)


def metric_name(*words: str) -> str:
    """The words as one metric or label name: lower case, and nothing but letters."""
    joined = "_".join(filter(None, words))
    return re.sub(r"[^a-z0-9]+", "_", joined.lower()).strip("_")


def read_input(name: str, spec: Mapping[str, Any]) -> Input:
    """The input that `spec`, in the form of JSON Schema, describes."""
    path = f"$.inputs.{name}"
    if metric_name(name) in RESERVED or name in RESERVED:
        raise CardError(
            path, f"{name} is a name of our own; rename the input, such as {name}_input"
        )
    if not metric_name(name)[:1].isalpha():
        raise CardError(
            path, f"{name!r} must begin with one of a to z; rename the input"
        )
    if "=" in name:
        raise CardError(
            path,
            f"{name!r} would be taken for a category of an input (field=category); "
            "rename the input",
        )
    common = {
        "name": name,
        "optional": spec.get("optional", False),
        "description": spec.get("description", ""),
    }
    if "enum" in spec:
        if common["optional"] and MISSING in spec["enum"]:
            raise CardError(
                f"{path}.enum",
                f"{MISSING} is what an absent value is counted as; call the category "
                "otherwise, or require the input",
            )
        return Categorical(
            known=tuple(spec["enum"]), other=spec.get("other", False), **common
        )
    if spec["type"] == "boolean":
        return Categorical(known=BOOLEANS, boolean=True, **common)
    return _numeric(path, spec, common)


def _numeric(path: str, spec: Mapping[str, Any], common: Mapping[str, Any]) -> Numeric:
    minimum, maximum = spec.get("minimum"), spec.get("maximum")
    usual = tuple(spec["usual"]) if "usual" in spec else None
    for place in ("minimum", "maximum", "usual", "edges"):
        _check_reachable(f"{path}.{place}", spec.get(place))
    if spec["type"] == "integer":
        _check_whole(f"{path}.minimum", minimum)
        _check_whole(f"{path}.maximum", maximum)
    _check_rising(f"{path}.maximum", "minimum", minimum, "maximum", maximum)
    if usual:
        _check_rising(f"{path}.usual", "its first", usual[0], "its second", usual[1])
        _check_rising(f"{path}.usual", "minimum", minimum, "its first", usual[0])
        _check_rising(f"{path}.usual", "its second", usual[1], "maximum", maximum)
    return Numeric(
        edges=read_edges(f"{path}.edges", spec["edges"]),
        integer=spec["type"] == "integer",
        unit=spec.get("unit", ""),
        minimum=minimum,
        maximum=maximum,
        usual=usual,
        **common,
    )


def _check_reachable(path: str, found: float | Sequence[float] | None) -> None:
    for value in found if isinstance(found, Sequence) else [found or 0]:
        if abs(value) > LARGEST:
            raise CardError(
                path,
                f"{value:g} is larger than single precision, which models take, can "
                f"hold; write at most {LARGEST:g}",
            )


def _check_whole(path: str, limit: float | None) -> None:
    if limit is not None and limit != int(limit):
        raise CardError(path, f"{limit:g} limits an integer; write a whole number")


def _check_rising(
    path: str, one: str, low: float | None, other: str, high: float | None
) -> None:
    if low is not None and high is not None and low > high:
        raise CardError(
            path, f"{one}, {low:g}, is above {other}, {high:g}; exchange them"
        )


def read_edges(path: str, edges: Sequence[float]) -> tuple[float, ...]:
    """Edges as floats, of which two may be one where the numbers written are not."""
    found = tuple(map(float, edges))
    for place, (low, high) in enumerate(pairwise(found)):
        if low >= high:
            raise CardError(
                f"{path}[{place + 1}]",
                f"{high:g} is not above {low:g}; list the edges in rising order",
            )
    return found


def read_decisions(fields: Mapping[str, Any], edges: Sequence[float]) -> Decisions:
    """The decisions, whose cut-offs are among the `edges` of the score."""
    names, cutoffs = tuple(fields["names"]), tuple(map(float, fields.get("from", ())))
    argmax = "of" in fields
    expected = tuple(fields["expected"]) if "expected" in fields else None
    if cutoffs and argmax:
        raise CardError("$.decisions", "has both from and of; keep one of them")
    if cutoffs and len(cutoffs) != len(names) - 1:
        raise CardError(
            "$.decisions.from",
            f"has {len(cutoffs)} cut-offs; for {len(names)} decisions it must have "
            f"{len(names) - 1}",
        )
    read_edges("$.decisions.from", cutoffs)
    for place, cutoff in enumerate(cutoffs):
        if cutoff not in edges:
            raise CardError(
                f"$.decisions.from[{place}]",
                f"{cutoff:g} is no edge of the score; add it to $.score.edges",
            )
    if expected is not None:
        if len(expected) != len(names):
            raise CardError(
                "$.decisions.expected",
                f"has {len(expected)} shares; there are {len(names)} decisions",
            )
        check_total("$.decisions.expected", expected)
    return Decisions(names, cutoffs, argmax, expected)


def read_segments(names: Iterable[str], inputs: Mapping[str, Input]) -> tuple[str, ...]:
    """The inputs for each of whose categories the decisions are watched."""
    for place, name in enumerate(names):
        path = f"$.segments[{place}]"
        if not isinstance(inputs.get(name), Categorical):
            able = [n for n, i in inputs.items() if isinstance(i, Categorical)]
            known = ", ".join(able) or "none"
            raise CardError(path, f"{name} is no categorical input; these are: {known}")
        if metric_name(name) in RESERVED_LABELS:
            raise CardError(
                path, f"{name} is a label that metrics have already; rename the input"
            )
    return tuple(names)


def read_query(
    fields: Mapping[str, Any] | None,
    inputs: Mapping[str, Input],
    decisions: Decisions,
) -> Query | None:
    """The form of callers that send query parameters, if there is one."""
    if fields is None:
        return None
    parameters, answer = fields["parameters"], fields.get("answer", {})
    sources = _sources(inputs)
    for name, source in parameters.items():
        if source not in sources:
            raise CardError(
                f"$.query.parameters.{name}",
                f"{source} is neither an input nor one of its categories",
            )
    _check_flags_are_complete(set(parameters.values()), inputs)
    for name in answer.get("texts", ()):
        if name not in decisions.names:
            raise CardError(
                f"$.query.answer.texts.{name}",
                f"is no decision; these are: {', '.join(decisions.names)}",
            )
    return Query(parameters, **answer)


def _check_flags_are_complete(sources: set[str], inputs: Mapping[str, Input]) -> None:
    for name, found in inputs.items():
        if name in sources or found.optional:
            continue
        known = found.known if isinstance(found, Categorical) else ()
        missing = [f"{name}={c}" for c in known if f"{name}={c}" not in sources]
        if missing or not known:
            raise CardError(
                "$.query.parameters",
                f"no parameter is {missing[0] if missing else name}; add one",
            )


def _sources(inputs: Mapping[str, Input]) -> set[str]:
    """What a column or a parameter can be: `field`, or `field=category`."""
    return {*inputs} | {
        f"{name}={category}"
        for name, found in inputs.items()
        if isinstance(found, Categorical)
        for category in found.categories
    }


def read_columns(
    fields: Mapping[str, Any], inputs: Mapping[str, Input]
) -> tuple[str, ...]:
    """The columns of the model, in its order."""
    columns = tuple(fields.get("columns", inputs if "encoding" in fields else ()))
    one_hot = fields.get("encoding", "fields") == "one-hot"
    sources = _sources(inputs) if one_hot else {*inputs}
    for place, column in enumerate(columns):
        path = f"$.columns[{place}]"
        if column not in sources:
            raise CardError(
                path,
                f"{column} is no input{' or category of one' if one_hot else ''}; "
                f"inputs are {', '.join(inputs)}",
            )
        if columns.index(column) != place:
            raise CardError(path, f"{column} is a column twice; drop one")
        if one_hot and _is_text(inputs.get(column)):
            raise CardError(
                path,
                f"{column} is categorical; with one-hot encoding, a column is "
                f"{column}=category, one for each category",
            )
    return columns


def _is_text(found: Input | None) -> bool:
    return isinstance(found, Categorical) and not found.boolean


def read_features(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """What the model calls its columns, or nothing."""
    features = tuple(fields.get("features", ()))
    columns = fields.get("columns", fields["inputs"])
    if features and len(features) != len(columns):
        raise CardError(
            "$.features",
            f"has {len(features)} names; there are {len(columns)} columns",
        )
    return features


def read_by_signal(
    name: str, fields: Mapping[str, Any], known: set[str]
) -> Mapping[str, float]:
    """A number for some signals, of those that are `known`."""
    found: Mapping[str, float] = fields.get(name, {})
    for signal in found:
        if signal != "*" and signal not in known:
            raise CardError(
                f"$.{name}.{signal}",
                f"is no signal; these are: *, {', '.join(sorted(known))}",
            )
    return found


def read_moment(text: str) -> datetime:
    """A time with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CardError("$.created", f"{text!r:.50} is not an ISO 8601 time") from error
    if moment.tzinfo is None:
        raise CardError(
            "$.created", f"{text} has no time zone; add one, such as +00:00"
        )
    return moment


def check_signal_names(inputs: Mapping[str, Input], segments: Iterable[str]) -> None:
    """Raises `CardError` if an input has the name of a signal derived from another."""
    derived = {f"decision_by_{name}" for name in segments} | {
        f"{name}_range"
        for name, found in inputs.items()
        if isinstance(found, Numeric) and found.sides
    }
    for name in inputs:
        if name in derived:
            raise CardError(
                f"$.inputs.{name}",
                f"a derived signal is called {name}; rename the input",
            )


def check_metric_names(
    namespace: str, inputs: Mapping[str, Input], segments: Iterable[str]
) -> None:
    """Raises `CardError` if two metrics that people query have one name."""
    owners: dict[str, str] = {}
    names = [
        (metric_name(namespace, name, found.unit), name)
        for name, found in inputs.items()
        if isinstance(found, Numeric)
    ]
    names += [(metric_name(namespace, "decisions_by", name), name) for name in segments]
    own = ("decisions", "score", "refused_applications", "decisions_total")
    owners = {metric_name(namespace, word): "one of our own" for word in own}
    owners |= dict.fromkeys(GENERIC_METRICS, "one of our own")
    for metric, name in names:
        if metric in owners:
            raise CardError(
                f"$.inputs.{name}",
                f"its metric {metric} has the name of another, of {owners[metric]}; "
                "rename the input, or the namespace",
            )
        owners[metric] = name
