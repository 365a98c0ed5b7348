"""Walks along a fitted decision tree with one row at a time.

scikit-learn does so in C, and releases the interpreter's lock for it. That pays for
many rows. For one, the thread that receives requests takes the lock in that moment, and
the decision waits until it comes back, which takes many times as long as the walk.
"""

from array import array
from collections.abc import Callable, Sequence

from sklearn.tree import DecisionTreeClassifier

LEAF = -1


def walk(classifier: DecisionTreeClassifier) -> Callable[[Sequence[float]], float]:
    """What gives, for a row without gaps, `predict_proba` of the second class.

    To the last bit: a value is rounded to single precision, then compared with the
    threshold in double precision, as scikit-learn does it.
    """
    tree = classifier.tree_
    left, right = tree.children_left.tolist(), tree.children_right.tolist()
    feature, threshold = tree.feature.tolist(), tree.threshold.tolist()
    probability = tree.value[:, 0, 1].tolist()

    def score(row: Sequence[float]) -> float:
        values = array("f", row)
        node = 0
        while left[node] != LEAF:
            lower = values[feature[node]] <= threshold[node]
            node = left[node] if lower else right[node]
        return float(probability[node])

    return score
