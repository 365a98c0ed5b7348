"""NannyML's drift score of every chunk, in an environment of its own.

    python -m benchmarks.detection.peers.nannyml_chunks FILE

Its default is the Jensen-Shannon distance, and a threshold that it sets by the spread
of the reference's own chunks. The distance is computed here in numpy, once both agree.
"""

import json
import os
import sys
from typing import Any

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

import nannyml  # type: ignore[import-not-found]
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from numpy.typing import NDArray

Values = NDArray[Any]

COMPARED = 2_000


def library(
    chunks: Values, reference: Values, kind: str
) -> tuple[NDArray[np.float64], float]:
    """The score of each chunk, and the threshold, by NannyML."""
    typed = str if kind == "categories" else float
    frames = [
        pd.DataFrame({"value": v.astype(typed)}) for v in (reference, chunks.ravel())
    ]
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=["value"], chunk_size=chunks.shape[1]
    )
    result = calculator.fit(frames[0]).calculate(frames[1]).filter(period="analysis")
    distances = result.to_df()["value"]["jensen_shannon"]
    return distances["value"].to_numpy(), float(distances["upper_threshold"].iloc[0])


def histogram(chunks: Values, reference: Values, kind: str) -> tuple[Values, Values]:
    """The shares of each bin in each chunk, and in the reference."""
    if kind == "categories":
        edges = np.arange(-0.5, 3)
    else:
        edges = np.histogram_bin_edges(reference.astype(float), bins="doane")
    counts = [np.histogram(chunk, edges)[0] for chunk in chunks]
    p = np.array(counts) / chunks.shape[1]
    q = np.histogram(reference, edges)[0] / len(reference)
    # What is beyond the reference is a bin of its own.
    beyond = 1 - p.sum(axis=1, keepdims=True)
    return np.hstack([p, np.maximum(beyond, 0)]), np.append(q, 0)


def jensen_shannon(p: Values, q: Values) -> NDArray[np.float64]:
    """The square root of the divergence, in bits."""
    m = (p + q) / 2

    def entropy(shares: Values) -> Values:
        ratio = np.divide(shares, m, out=np.ones_like(m), where=shares > 0)
        return np.asarray((shares * np.log2(ratio)).sum(axis=-1))

    twice = entropy(p) + entropy(np.broadcast_to(q, p.shape))
    return np.asarray(np.sqrt(np.maximum(twice, 0) / 2))


def main() -> None:
    """Prints the test, its threshold, and the scores of all chunks."""
    streams = np.load(sys.argv[1])
    chunks, reference = streams["chunks"], streams["reference"]
    kind = "amounts" if len(streams["bounds"]) else "categories"
    scores = jensen_shannon(*histogram(chunks, reference, kind))
    some = slice(None, None, max(1, len(chunks) // COMPARED))
    theirs, threshold = library(chunks[some], reference, kind)
    np.testing.assert_allclose(theirs, scores[some], atol=1e-7)
    method = "Jensen-Shannon distance"
    print(
        json.dumps(
            {"method": method, "threshold": threshold, "scores": scores.tolist()}
        )
    )


if __name__ == "__main__":
    main()
