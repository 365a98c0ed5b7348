"""The form that existing callers send: nine query parameters, categories one-hot.

It is read into the same `LoanApplication` as the JSON form and refused with the same
reasons; only the names are the callers' own.
"""

from collections.abc import Mapping
from itertools import islice

from werkzeug.datastructures import MultiDict

from .application import (
    COLUMNS,
    EDUCATION_LEVELS,
    MAX_UNKNOWN,
    PROFESSION_TYPES,
    Fault,
    InvalidApplication,
    LoanApplication,
    parse,
    whole_number_in,
)
from .decision import Decision

AMOUNTS = {"loan-amount": "loan_amount", "monthly-income": "monthly_income"}
# parameter -> category, in the order of COLUMNS
FLAGS: Mapping[str, Mapping[str, str]] = {
    "education_level": dict(zip(COLUMNS[2:6], EDUCATION_LEVELS, strict=True)),
    "profession_type": dict(zip(COLUMNS[6:], PROFESSION_TYPES, strict=True)),
}
FIELD_OF = AMOUNTS | {flag: field for field, flags in FLAGS.items() for flag in flags}
PARAMETER_OF = {field: parameter for parameter, field in AMOUNTS.items()}

STATUS = {
    Decision.APPROVED: "Approved",
    Decision.DENIED: "Denied",
    Decision.ANALYST: (
        "Could not automatically decide. An analyst should review this case"
    ),
}


def parse_query(query: MultiDict[str, str]) -> LoanApplication:
    """The application in a query string.

    Raises `InvalidApplication` as `parse` does, by the names of parameters.
    """
    faults = [*_unexpected(query)]
    fields: dict[str, object] = {
        field: whole_number_in(query[parameter])
        for parameter, field in AMOUNTS.items()
        if parameter in query
    }
    for field, flags in FLAGS.items():
        chosen = [flag for flag in flags if query.get(flag) == "1"]
        others = [flag for flag in flags if query.get(flag) == "0"]
        if len(chosen) == 1 and len(others) == len(flags) - 1:
            fields[field] = flags[chosen[0]]
        else:
            faults.append(_not_one_hot(field, query))
            fields[field] = next(iter(flags.values()))  # its fault is known
    try:
        application = parse(fields)
    except InvalidApplication as error:
        faults.extend(
            Fault(fault.field, fault.reason, fault.detail, PARAMETER_OF[fault.field])
            for fault in error.faults
        )
    if faults:
        raise InvalidApplication(*faults)
    return application


def answer(score: float, decision: Decision) -> dict[str, object]:
    """What existing callers read: the probability and a sentence."""
    return {
        "probability_of_credit_approval": round(score, 4),
        "status": STATUS[decision],
    }


def _unexpected(query: MultiDict[str, str]) -> list[Fault]:
    unknown = islice((name for name in query if name not in FIELD_OF), MAX_UNKNOWN)
    accepted = f"is not a parameter; accepted: {', '.join(COLUMNS)}"
    repeated = (name for name in FIELD_OF if len(query.getlist(name)) > 1)
    return [
        *(Fault("unknown", "unknown_field", accepted, name) for name in unknown),
        *(Fault(FIELD_OF[n], "repeated", "must be given once", n) for n in repeated),
    ]


def _not_one_hot(field: str, query: MultiDict[str, str]) -> Fault:
    flags = FLAGS[field]
    missing = [flag for flag in flags if flag not in query]
    return Fault(
        field,
        "missing" if missing else "not_one_hot",
        f"must be 1 for one of {', '.join(flags)} and 0 for the others",
        ", ".join(missing or flags),
    )
