"""What a model decides: cut-offs, expected shares, and how far they may be off."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import CardError, DraftError
from .reference import Reference

# The edge of what is tolerated should be further from the reference than chance is: of
# a share measured on n applications, three standard errors.
STANDARD_ERRORS = 3
TOLERANCE = 0.02
DECISION_TOLERANCE = 0.01
# What a handful of applications supports: a share may be anything.
MAX_TOLERANCE = 0.99


def read_decide(text: str, classifier: Any, notes: list[str]) -> dict[str, Any]:
    """The decisions that `text` spells, such as REJECT:0.4,REVIEW:0.65,ACCEPT.

    Each decision but the last is followed by the score at which the next one begins.
    Without a text the decisions are the classes of the model.
    """
    if not text:
        classes = [str(label) for label in classifier.classes_]
        notes.append(
            f"decisions: the most probable of {joined(classes)}, because no cut-offs "
            "were given (--decide REJECT:0.4,REVIEW:0.65,ACCEPT)"
        )
        return {"names": classes, "of": "argmax"}
    parts = [part.partition(":") for part in text.split(",")]
    try:
        cutoffs = [float(cutoff) for _, _, cutoff in parts[:-1]]
    except ValueError:
        cutoffs = []
    if len(cutoffs) < len(parts) - 1 or len(parts) < 2 or parts[-1][1]:
        raise DraftError(
            f"--decide {text}: each decision but the last needs the score at which the "
            "next one begins, such as REJECT:0.4,REVIEW:0.65,ACCEPT"
        )
    for cutoff in cutoffs:
        if not 0 < cutoff <= 1:
            raise DraftError(
                f"--decide {text}: the score is a probability, so a cut-off lies "
                f"between 0 and 1; {cutoff:g} does not"
            )
    return {"names": [name.strip() for name, _, _ in parts], "from": cutoffs}


def add_expected(
    fields: dict[str, Any], measured: Sequence[float], text: str, notes: list[str]
) -> None:
    """Adds the expected shares that `text` spells, or none if they are measured.

    `text` is measured, or shares such as 50/20/30, in the order of the decisions, or
    ACCEPT=30,REJECT=50,REVIEW=20.
    """
    names = fields["decisions"]["names"]
    mix = ", ".join(f"{s:.1%} {n}" for n, s in zip(names, measured, strict=True))
    notes.append(f"on the reference it decides {mix}")
    if not text:
        return
    decisions = {k: v for k, v in fields["decisions"].items() if k != "expected"}
    fields["decisions"] = decisions
    if text == "measured":
        notes.append("expected shares: as measured (--expect 50/20/30 for a policy)")
        return
    try:
        shares = _shares_in(text, names)
    except (KeyError, ValueError) as error:
        raise DraftError(
            f"--expect {text}: needs a share for each of {joined(names)}, in that "
            "order, which sum to 1 or to 100"
        ) from error
    decisions["expected"] = shares


def _shares_in(text: str, names: Sequence[str]) -> list[float]:
    if "=" in text:
        parts = [part.split("=") for part in text.split(",")]
        pairs = dict(parts)
        if len(pairs) < len(parts):
            raise ValueError(parts)
        values = [float(pairs.pop(name)) for name in names]
        if pairs:
            raise ValueError(pairs)
    else:
        values = [float(part) for part in text.split("/")]
    total = math.fsum(values)
    if len(values) != len(names) or not any(abs(total - t) < 1e-6 for t in (1, 100)):
        raise ValueError(text)
    return [round(value / total, 6) for value in values]


def positive_class(classifier: Any, wanted: str, notes: list[str]) -> str | int:
    """The class whose probability is the score: `wanted`, or else 1, or the last."""
    classes = list(classifier.classes_)
    known: dict[str, str | int] = {
        str(c): c.item() if hasattr(c, "item") else c for c in classes
    }
    if wanted:
        if wanted not in known:
            raise DraftError(
                f"--score-class {wanted}: the model knows the classes {joined(known)}"
            )
        return known[wanted]
    chosen = known.get("1", list(known.values())[-1])
    notes.append(f"score: the probability of class {chosen!r} of {joined(known)}")
    return chosen


def add_tolerance(
    fields: dict[str, Any], reference: Reference, notes: list[str]
) -> None:
    """Adds how far a share may be off: at least as far as its measurement may be."""
    count = reference.applications
    shares = fields["decisions"].get("expected") or reference.decisions()
    rarest = min(share for share in shares if share > 0)
    decision = max(
        min(DECISION_TOLERANCE, rarest / 2),
        *(_chance(share, count) for share in shares),
    )
    found = {"*": max(TOLERANCE, _chance(0.5, count)), "decision": decision}
    for name, smallest in reference.smallest_segments().items():
        found[name] = max(TOLERANCE, _chance(0.5, smallest))
    fields["tolerance"] = {name: _up(value) for name, value in found.items()}
    said = ", ".join(f"{name} {v:g}" for name, v in fields["tolerance"].items())
    notes.append(
        f"tolerance: {said}; a share of a half that is measured on "
        f"{count:,} applications is known to within {_chance(0.5, count):.1%} "
        "(three standard errors)"
    )


def check_expected(fields: Mapping[str, Any], reference: Reference) -> None:
    """Raises `CardError` if the model itself is outside of what is tolerated."""
    expected = fields["decisions"].get("expected")
    if expected is None:
        return
    tolerance = fields.get("tolerance", {})
    most = tolerance.get("decision", tolerance.get("*", TOLERANCE))
    measured = reference.decisions()
    if any(abs(m - e) > most for m, e in zip(measured, expected, strict=True)):
        names = fields["decisions"]["names"]
        found = ", ".join(
            f"{m:.1%} {name} (expected {e:.1%})"
            for name, m, e in zip(names, measured, expected, strict=True)
        )
        raise CardError(
            "$.decisions.expected",
            f"on the reference the model decides {found}; each share must be within "
            f"the tolerance of {most:g}: correct the cut-offs or what is expected, or "
            "use --expect measured",
        )


def _chance(share: float, count: int) -> float:
    return STANDARD_ERRORS * math.sqrt(share * (1 - share) / count)


def _up(value: float) -> float:
    """Rounded up to two digits, and at most `MAX_TOLERANCE`."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    rounded = float(f"{math.ceil(round(value / step, 6)) * step:.6g}")
    return min(rounded, MAX_TOLERANCE)


def joined(names: Iterable[str], most: int = 12) -> str:
    """The names for a sentence, but for no more than `most` of them."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
