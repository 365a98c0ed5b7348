"""Three species of iris by four lengths: the most probable class is the decision.

Means and spreads are those of Fisher's flowers (1936); the flowers are invented.
"""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

OUTCOME = "species"
FIELDS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
OPTIONS = (
    *("--namespace", "iris"),
    *(word for field in FIELDS for word in ("--unit", f"{field}=cm")),
)

MEANS = {
    "setosa": [5.01, 3.43, 1.46, 0.25],
    "versicolor": [5.94, 2.77, 4.26, 1.33],
    "virginica": [6.59, 2.97, 5.55, 2.03],
}
SPREADS = {
    "setosa": [0.35, 0.38, 0.17, 0.11],
    "versicolor": [0.52, 0.31, 0.47, 0.20],
    "virginica": [0.64, 0.32, 0.55, 0.27],
}


def population(rows: int, seed: int, drifted: bool = False) -> pd.DataFrame:
    """Flowers and their species. In a drift, half of them are virginica."""
    rng = np.random.default_rng(seed)
    shares = [0.25, 0.25, 0.5] if drifted else [1 / 3, 1 / 3, 1 / 3]
    species = rng.choice(list(MEANS), rows, p=shares)
    lengths = [rng.normal(MEANS[s], SPREADS[s]) for s in species]
    frame = pd.DataFrame(np.clip(lengths, 0.1, None).round(1), columns=FIELDS)
    frame[OUTCOME] = species
    return frame


def classifier() -> RandomForestClassifier:
    """A forest of fifty trees."""
    return RandomForestClassifier(50, min_samples_leaf=20, random_state=0)
