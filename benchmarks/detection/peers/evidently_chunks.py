"""Evidently's drift score of every chunk, in an environment of its own.

    python -m benchmarks.detection.peers.evidently_chunks FILE

Which test, and at which threshold, is left to Evidently. Its score takes it a tenth of
a second, so it is computed here in numpy, once both agree on some chunks.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

os.environ["DO_NOT_TRACK"] = "1"

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from evidently import (  # type: ignore[import-not-found]
    DataDefinition,
    Dataset,
    Report,
)
from evidently.metrics import ValueDrift  # type: ignore[import-not-found]
from numpy.typing import NDArray

Values = NDArray[Any]
Score = Callable[[Values], float]

COMPARED = 200


def library(
    chunks: Values, reference: Values, kind: str
) -> Iterator[tuple[float, str, float]]:
    """Score, test and threshold of each chunk, by Evidently."""
    columns = "categorical_columns" if kind == "categories" else "numerical_columns"
    definition = DataDefinition(**{columns: ["value"]})

    def dataset(values: Values) -> Any:
        typed = values.astype(str if kind == "categories" else float)
        frame = pd.DataFrame({"value": typed})
        return Dataset.from_pandas(frame, data_definition=definition)

    report, against = Report([ValueDrift(column="value")]), dataset(reference)
    for chunk in chunks:
        [metric] = report.run(dataset(chunk), against).dict()["metrics"]
        config = metric["config"]
        yield float(metric["value"]), config["method"], config["threshold"]


def jensen_shannon(reference: Values) -> Score:
    """The square root of the divergence, in nats, between the shares of categories."""
    q = np.bincount(reference, minlength=3) / len(reference)

    def score(chunk: Values) -> float:
        p = np.bincount(chunk, minlength=3) / len(chunk)
        m = (p + q) / 2
        entropies = sum(s[s > 0] @ np.log(s[s > 0] / m[s > 0]) for s in (p, q))
        return float(np.sqrt(entropies / 2))

    return score


def wasserstein(reference: Values, chunk_size: int = 300) -> Score:
    """The mean distance of quantiles, in standard deviations of the reference."""
    deviation = reference.std()
    # Each of a chunk's values stands for as many of the reference.
    quantiles = np.sort(reference).reshape(chunk_size, -1).astype(float)

    def score(chunk: Values) -> float:
        distances = np.abs(quantiles - np.sort(chunk)[:, None])
        return float(distances.mean() / deviation)

    return score


def main() -> None:
    """Prints the test, its threshold, and the scores of all chunks."""
    streams = np.load(sys.argv[1])
    chunks, reference = streams["chunks"], streams["reference"]
    kind = "amounts" if len(streams["bounds"]) else "categories"
    score = {"categories": jensen_shannon, "amounts": wasserstein}[kind](reference)
    scores = [score(chunk) for chunk in chunks]
    some = slice(None, None, max(1, len(chunks) // COMPARED))
    theirs = list(library(chunks[some], reference, kind))
    [(method, threshold)] = {(method, at) for _, method, at in theirs}
    np.testing.assert_allclose([value for value, _, _ in theirs], scores[some])
    print(json.dumps({"method": method, "threshold": threshold, "scores": scores}))


if __name__ == "__main__":
    main()
