"""From a score to a decision."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions that a model leads to, in the order of its score, lowest first.

    `cutoffs[i]` is the least score of decision i + 1. With `argmax` there are none: the
    decisions are the model's classes, and the most probable one is taken. With neither,
    the application decides, and says what it decided.
    """

    names: tuple[str, ...]
    cutoffs: tuple[float, ...] = ()
    argmax: bool = False
    expected: tuple[float, ...] | None = None

    def decide(self, score: float) -> int:
        """The position of the decision for `score`, by the cut-offs.

        Raises `ValueError` if it is no number: it would be above every cut-off.
        """
        if score != score:
            raise ValueError("the score is no number (NaN)")
        return bisect_right(self.cutoffs, score)

    def most_probable(self, probabilities: Sequence[float]) -> tuple[float, int]:
        """The largest of `probabilities`, one for each decision, and its position.

        Raises `ValueError` if one is no finite number.
        """
        if not isfinite(sum(probabilities)):
            raise ValueError(f"the probabilities {probabilities} are not all finite")
        score = max(probabilities)
        return score, probabilities.index(score)
