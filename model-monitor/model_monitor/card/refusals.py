"""Why an application is refused: a closed set, so that each reason can be counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from .inputs import Categorical, Input

# Where the fault is not in one of the inputs.
BODY, UNKNOWN = "body", "unknown"
BODY_REASONS = ("not_json", "not_an_object", "too_large", "unsupported_media_type")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and what is accepted instead.

    (`field`, `reason`) is one of `reasons()`; `parameter` is what the caller called the
    field, where that differs.
    """

    field: str
    reason: str
    detail: str
    parameter: str | None = None


class Refused(ValueError):
    """An application that cannot be scored, with every fault that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(
            "; ".join(f"{f.parameter or f.field} {f.detail}" for f in faults)
        )
        self.faults = faults

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each fault, for an answer to the caller (RFC 9457's example of `errors`)."""
        return [
            {"field": f.parameter or f.field, "reason": f.reason, "detail": f.detail}
            for f in self.faults
        ]


def reasons(
    inputs: Mapping[str, Input], flags: frozenset[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """Every (field, reason) that can occur.

    `flags` are the inputs that some callers send as flags, one for each category.
    """
    found = []
    for name, field in inputs.items():
        if not field.optional:
            found.append((name, "missing"))
        found.append((name, "repeated"))
        found.append((name, kind_reason(field)))
        if isinstance(field, Categorical):
            if name in flags:
                found.append((name, "not_one_hot"))
        else:
            found.append((name, "out_of_range"))
    found.append((UNKNOWN, "unknown_field"))
    found.extend((BODY, reason) for reason in BODY_REASONS)
    return tuple(found)


def kind_reason(field: Input) -> str:
    """The reason for which a value of another kind than `field` takes is refused."""
    if isinstance(field, Categorical):
        return "not_a_boolean" if field.boolean else "unknown_category"
    return "not_a_whole_number" if field.integer else "not_a_number"
