"""Payments by card: a decision that is rare, gaps, and countries that no list has."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

OUTCOME = "fraud"
OPTIONS = (
    *("--namespace", "fraud", "--unit", "amount=eur"),
    *("--unit", "seconds_since_last=seconds", "--decide", "PASS:0.35,BLOCK"),
)

COUNTRIES = [f"{first}{second}" for first in "ABCDEFGH" for second in "NRTWZ"]
CHANNELS = ["chip", "contactless", "online", "phone"]


def population(rows: int, seed: int, drifted: bool = False) -> pd.DataFrame:
    """Payments, and whether each was a fraud. A drift is an attack on online shops."""
    rng = np.random.default_rng(seed)
    attacked = rng.random(rows) < (0.10 if drifted else 0.0)
    frame = pd.DataFrame(
        {
            "amount": rng.lognormal(3.4, 1.0, rows).round(2),
            "seconds_since_last": rng.exponential(40_000, rows).round(),
            "country": rng.choice(COUNTRIES, rows, p=_falling(len(COUNTRIES))),
            "channel": rng.choice(CHANNELS, rows, p=[0.42, 0.31, 0.22, 0.05]),
            "known_device": rng.random(rows) < 0.85,
        }
    )
    fraud = rng.random(rows) < 0.025
    suspicious = fraud | attacked
    frame.loc[suspicious, "amount"] = rng.lognormal(5.6, 0.6, suspicious.sum()).round(2)
    frame.loc[suspicious, "seconds_since_last"] = rng.exponential(
        300, suspicious.sum()
    ).round()
    frame.loc[suspicious, "channel"] = "online"
    frame.loc[suspicious, "known_device"] = rng.random(suspicious.sum()) < 0.1
    # A first payment has none before it, and some terminals send no country's code.
    frame.loc[rng.random(rows) < 0.12, "seconds_since_last"] = np.nan
    unlisted = rng.random(rows) < 0.01
    frame.loc[unlisted, "country"] = [
        f"X{n}" for n in rng.integers(0, 99, unlisted.sum())
    ]
    frame[OUTCOME] = suspicious.astype(int)
    return frame


def _falling(count: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def classifier() -> Pipeline:
    """Boosted trees, for which a gap is a value like others."""
    texts = OneHotEncoder(
        handle_unknown="ignore", sparse_output=False, max_categories=20
    )
    columns = make_column_transformer(
        (texts, ["country", "channel"]), remainder="passthrough"
    )
    boosted = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    return make_pipeline(columns, boosted)
