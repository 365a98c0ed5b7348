"""Twenty fields of a borrower: a pipeline over raw fields.

The names are those of Hofmann's German credit data (1994); the people are invented.
"""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

OUTCOME = "good"
OPTIONS = (
    *("--namespace", "german", "--unit", "duration=months", "--unit", "age=years"),
    *("--unit", "credit_amount=dm", "--segments", "housing"),
    *("--decide", "REJECT:0.45,REVIEW:0.7,ACCEPT"),
)

# The share of each category in ordinary times, and what it does to the log-odds.
CATEGORIES: dict[str, dict[str, tuple[float, float]]] = {
    "checking_status": {
        "<0": (0.27, -0.8),
        "0-200": (0.27, -0.3),
        ">=200": (0.06, 0.3),
        "none": (0.40, 0.9),
    },
    "credit_history": {
        "none": (0.04, -0.8),
        "all_paid": (0.05, -0.6),
        "paid": (0.53, 0.0),
        "delayed": (0.09, 0.0),
        "critical": (0.29, 0.5),
    },
    "purpose": {
        "car": (0.34, 0.0),
        "furniture": (0.18, -0.1),
        "radio_tv": (0.28, 0.2),
        "education": (0.06, -0.3),
        "business": (0.10, 0.0),
        "other": (0.04, -0.2),
    },
    "savings": {
        "<100": (0.60, -0.3),
        "100-500": (0.10, -0.1),
        "500-1000": (0.07, 0.3),
        ">=1000": (0.05, 0.5),
        "unknown": (0.18, 0.4),
    },
    "employment": {
        "unemployed": (0.06, -0.4),
        "<1": (0.17, -0.4),
        "1-4": (0.34, 0.0),
        "4-7": (0.18, 0.4),
        ">=7": (0.25, 0.2),
    },
    "personal_status": {
        "male_single": (0.55, 0.2),
        "male_married": (0.09, 0.0),
        "female": (0.31, -0.1),
        "male_divorced": (0.05, -0.3),
    },
    "other_parties": {
        "none": (0.91, 0.0),
        "guarantor": (0.05, 0.4),
        "other": (0.04, -0.3),
    },
    "property": {
        "real_estate": (0.28, 0.3),
        "insurance": (0.23, 0.0),
        "car": (0.33, 0.0),
        "none": (0.16, -0.5),
    },
    "other_plans": {"bank": (0.14, -0.3), "stores": (0.05, -0.3), "none": (0.81, 0.1)},
    "housing": {"rent": (0.18, -0.3), "own": (0.71, 0.2), "free": (0.11, -0.2)},
    "job": {
        "unskilled_non_resident": (0.02, -0.1),
        "unskilled": (0.20, 0.0),
        "skilled": (0.63, 0.0),
        "management": (0.15, 0.0),
    },
    "telephone": {"yes": (0.40, 0.1), "none": (0.60, 0.0)},
    "foreign_worker": {"yes": (0.96, 0.0), "no": (0.04, 0.5)},
}
# Unemployment rises and savings are used up.
DRIFT = {
    "employment": [0.22, 0.27, 0.27, 0.11, 0.13],
    "savings": [0.78, 0.07, 0.03, 0.02, 0.10],
}


def population(rows: int, seed: int, drifted: bool = False) -> pd.DataFrame:
    """Borrowers, and whether each was good."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "duration": rng.choice([6, 9, 12, 15, 18, 24, 30, 36, 48, 60], rows),
            "credit_amount": rng.lognormal(7.8, 0.75, rows).round().astype(int),
            "installment_rate": rng.integers(1, 5, rows),
            "residence_since": rng.integers(1, 5, rows),
            "age": (19 + rng.gamma(2.5, 6.5, rows)).round().clip(19, 75).astype(int),
            "existing_credits": rng.choice(
                [1, 2, 3, 4], rows, p=[0.63, 0.33, 0.03, 0.01]
            ),
            "dependents": rng.choice([1, 2], rows, p=[0.85, 0.15]),
        }
    )
    if drifted:
        frame["credit_amount"] = (frame["credit_amount"] * 1.35).round().astype(int)
    odds = 1.2 - frame["duration"] / 40 - frame["credit_amount"] / 9_000
    odds += (frame["age"] - 35) / 60
    for name, known in CATEGORIES.items():
        shares = (
            DRIFT[name] if drifted and name in DRIFT else [s for s, _ in known.values()]
        )
        frame[name] = rng.choice(list(known), rows, p=shares)
        odds += frame[name].map({category: w for category, (_, w) in known.items()})
    frame[OUTCOME] = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)
    return frame


def classifier() -> Pipeline:
    """A logistic regression over the raw fields."""
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1_000))
