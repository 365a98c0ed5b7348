"""A loan application: parse, validate, encode."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

EDUCATION_LEVELS = ("Bachelor", "High School", "Illiterate", "Master or Doctoral")
PROFESSION_TYPES = ("aposentado", "clt", "freelancer")

# The nine inputs of a model, in the order in which it was fitted. Existing callers
# send them under these names (see query_form).
COLUMNS = (
    "loan-amount",
    "monthly-income",
    "education-level-bachelor",
    "education-level-high-school",
    "education-level-illiterate",
    "education-level-master-or-doctoral",
    "professional-type-aposentado",
    "professional-type-clt",
    "professional-type-freelancer",
)

CATEGORIES = {
    "education_level": EDUCATION_LEVELS,
    "profession_type": PROFESSION_TYPES,
}
# What the bank usually sees, in BRL. Outside of it an application is scored and
# counted as unusual: a wrong unit upstream shows up there first.
USUAL_RANGE_BRL = {
    "loan_amount": (10_000, 50_000),
    "monthly_income": (1_500, 100_000),
}
SIDES = ("below", "usual", "above")
MIN_BRL = 1
MAX_BRL = 1_000_000_000
FIELDS = (*CATEGORIES, *USUAL_RANGE_BRL)

_ONE_HOT = {
    category: tuple(float(category == other) for other in categories)
    for categories in CATEGORIES.values()
    for category in categories
}

# Of fields that nobody knows, no more are named: to name each, an answer would have to
# be many times as long as what was asked.
MAX_UNKNOWN = 10

# Every way in which an application can be refused, as (field, reason): the closed
# set of labels of credit_invalid_applications_total.
FAULTS = (
    *((name, reason) for name in FIELDS for reason in ("missing", "repeated")),
    *((name, "unknown_category") for name in CATEGORIES),
    *((name, "not_one_hot") for name in CATEGORIES),
    *((name, "not_a_whole_number") for name in USUAL_RANGE_BRL),
    *((name, "out_of_range") for name in USUAL_RANGE_BRL),
    ("unknown", "unknown_field"),
    ("body", "not_json"),
    ("body", "not_an_object"),
    ("body", "too_large"),
    ("body", "unsupported_media_type"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and what is accepted instead.

    (`field`, `reason`) is one of `FAULTS`; `parameter` is what the caller called
    the field, where that differs.
    """

    field: str
    reason: str
    detail: str
    parameter: str | None = None


class InvalidApplication(Exception):
    """An application that cannot be scored, with every fault that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(
            "; ".join(f"{f.parameter or f.field} {f.detail}" for f in faults)
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class LoanApplication:
    """A valid application. Money in whole BRL; the income is per month."""

    education_level: str
    profession_type: str
    loan_amount: int
    monthly_income: int

    def encode(self) -> tuple[float, ...]:
        """The nine inputs of a model, in the order of `COLUMNS`."""
        return (
            float(self.loan_amount),
            float(self.monthly_income),
            *_ONE_HOT[self.education_level],
            *_ONE_HOT[self.profession_type],
        )

    def side(self, field: str) -> str:
        """On which of the `SIDES` of its usual range the amount in `field` is."""
        low, high = USUAL_RANGE_BRL[field]
        amount = getattr(self, field)
        if low <= amount <= high:
            return "usual"
        return "below" if amount < low else "above"

    def unusual(self) -> Iterator[tuple[str, str]]:
        """(field, "below" or "above") for each amount outside `USUAL_RANGE_BRL`."""
        for field in USUAL_RANGE_BRL:
            side = self.side(field)
            if side != "usual":
                yield field, side


# As good as any, where one has to be shown or tried out.
EXAMPLE = LoanApplication("Bachelor", "clt", loan_amount=20_000, monthly_income=5_000)


def whole_number_in(text: str) -> int | str:
    """The whole number that `text` spells, or `text` itself, for `parse` to refuse."""
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,30}", text, re.ASCII) else text


def parse(fields: Mapping[str, object]) -> LoanApplication:
    """A `LoanApplication` from its four fields.

    Numbers are JSON integers, so 25000.0 is one and true is not.

    Raises `InvalidApplication` with a fault for every field at fault, but for no more
    than `MAX_UNKNOWN` of those that are unknown.
    """
    faults: list[Fault] = []
    category = {name: _category(name, fields, faults) for name in CATEGORIES}
    amount = {name: _amount(name, fields, faults) for name in USUAL_RANGE_BRL}
    faults.extend(
        Fault(
            field="unknown",
            reason="unknown_field",
            detail=f"is not part of an application; accepted: {', '.join(FIELDS)}",
            parameter=name,
        )
        for name in islice((n for n in fields if n not in FIELDS), MAX_UNKNOWN)
    )
    if faults:
        raise InvalidApplication(*faults)
    return LoanApplication(
        education_level=category["education_level"],
        profession_type=category["profession_type"],
        loan_amount=amount["loan_amount"],
        monthly_income=amount["monthly_income"],
    )


def _category(name: str, fields: Mapping[str, object], faults: list[Fault]) -> str:
    accepted = CATEGORIES[name]
    value = fields.get(name)
    if isinstance(value, str) and value in accepted:
        return value
    reason = "unknown_category" if name in fields else "missing"
    faults.append(Fault(name, reason, f"must be one of: {', '.join(accepted)}"))
    return ""


def _amount(name: str, fields: Mapping[str, object], faults: list[Fault]) -> int:
    value = fields.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if MIN_BRL <= value <= MAX_BRL:
            return value
        reason = "out_of_range"
    else:
        reason = "not_a_whole_number" if name in fields else "missing"
    detail = f"must be a whole number of BRL from {MIN_BRL} to {MAX_BRL:,}"
    faults.append(Fault(name, reason, detail))
    return 0
