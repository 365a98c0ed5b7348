"""How an applicant is written down: the two forms of the API, and broken ones."""

import random
from collections.abc import Mapping
from dataclasses import asdict

from .applicants import EDUCATION_SHARES, PROFESSION_SHARES, Applicant

Fields = Mapping[str, object]


def fields_of(applicant: Applicant) -> dict[str, object]:
    """The JSON form of an application."""
    return asdict(applicant)


def break_one_field(rng: random.Random, fields: Fields) -> dict[str, object]:
    """`fields` with one of them as broken clients send it: no valid application."""
    name = rng.choice(list(fields))
    broken = dict(fields)
    if rng.random() < 0.3:
        del broken[name]
    elif name in ("education_level", "profession_type"):
        broken[name] = "unknown"
    else:
        broken[name] = rng.choice((-1, 0, "n/a", 10**30))
    return broken


def to_query(fields: Fields) -> dict[str, str]:
    """The nine query parameters of the GET form; a missing field stays missing."""
    query = {
        name.replace("_", "-"): str(fields[name])
        for name in ("loan_amount", "monthly_income")
        if name in fields
    }
    for field, prefix, categories in (
        ("education_level", "education-level", EDUCATION_SHARES),
        ("profession_type", "professional-type", PROFESSION_SHARES),
    ):
        if field in fields:
            query |= {
                f"{prefix}-{category.lower().replace(' ', '-')}": (
                    "1" if fields[field] == category else "0"
                )
                for category in categories
            }
    return query
