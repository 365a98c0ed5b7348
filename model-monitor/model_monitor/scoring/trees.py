"""Walks along fitted trees with one row at a time.

scikit-learn does so in C, and releases the interpreter's lock for it. That pays for
many rows. For one, the thread that receives requests takes the lock in that moment, and
the decision waits until it comes back, which takes many times as long as the walk.

Probabilities are scikit-learn's to the last bit: a value is rounded to single
precision, then compared with the threshold in double precision, and trees are added in
their order.
"""

import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LEAF = -1

Row = Sequence[float]
Probabilities = Callable[[Row], Sequence[float]]
# (feature, threshold, left, right, where a gap leads); of a leaf, (-1, 0, value, ...).
_Node = tuple[int, float, Any, Any, Any]


def compiled(classifier: Any) -> Probabilities | None:
    """`predict_proba` of one row, for a tree or an ensemble of trees.

    None if `classifier` is neither, or may compute its probabilities in another way
    than the classes of scikit-learn that are known here.
    """
    for module, name, compile_as in _COMPILERS:
        if _is(classifier, module, name):
            return compile_as(classifier)
    return None


def _is(found: Any, module: str, name: str) -> bool:
    """Whether `found` is just of that class. One of it has imported the module."""
    return type(found) is getattr(sys.modules.get(module), name, None)


def _tree(classifier: Any) -> Probabilities:
    root = _root(classifier.tree_, _leaves(classifier))

    def probabilities(row: Row) -> Sequence[float]:
        found: Sequence[float] = _leaf(root, array("f", row))
        return found

    return probabilities


def _forest(classifier: Any) -> Probabilities:
    roots = [_root(tree.tree_, _leaves(tree)) for tree in classifier.estimators_]
    blank = [0.0] * len(classifier.classes_)
    places = range(len(blank))

    def probabilities(row: Row) -> Sequence[float]:
        values = array("f", row)
        total = blank.copy()
        for root in roots:
            shares = _leaf(root, values)
            for place in places:
                total[place] += shares[place]
        return [share / len(roots) for share in total]

    return probabilities


def _boosted(classifier: Any) -> Probabilities | None:
    if classifier.init_ != "zero" and not _is(
        classifier.init_, "sklearn.dummy", "DummyClassifier"
    ):
        return None  # the first guess depends on the row
    rate = classifier.learning_rate
    stages = [
        [_root(tree.tree_, tree.tree_.value[:, 0, 0].tolist()) for tree in stage]
        for stage in classifier.estimators_
    ]
    blank_row = np.zeros((1, classifier.n_features_in_), dtype=np.float32)
    first = classifier._raw_predict_init(blank_row)[0].tolist()
    loss = classifier._loss

    def probabilities(row: Row) -> Sequence[float]:
        values = array("f", row)
        raw = first.copy()
        for stage in stages:
            for place, root in enumerate(stage):
                raw[place] += rate * _leaf(root, values)
        found: Sequence[float] = loss.predict_proba(np.array([raw]))[0].tolist()
        return found

    return probabilities


_READ = "model_monitor.scoring.pickled_trees"
_COMPILERS: tuple[tuple[str, str, Callable[[Any], Probabilities | None]], ...] = (
    (_READ, "WalkedTree", _tree),
    (_READ, "WalkedForest", _forest),
    ("sklearn.tree", "DecisionTreeClassifier", _tree),
    ("sklearn.tree", "ExtraTreeClassifier", _tree),
    ("sklearn.ensemble", "RandomForestClassifier", _forest),
    ("sklearn.ensemble", "ExtraTreesClassifier", _forest),
    ("sklearn.ensemble", "GradientBoostingClassifier", _boosted),
)


def _leaves(classifier: Any) -> list[list[float]]:
    found: list[list[float]] = classifier.tree_.value[:, 0, :].tolist()
    return found


def _root(tree: Any, values: Sequence[Any]) -> _Node:
    """The first node of a fitted tree, with all others below it."""
    left, right = tree.children_left.tolist(), tree.children_right.tolist()
    feature, threshold = tree.feature.tolist(), tree.threshold.tolist()
    gap_left = tree.missing_go_to_left.tolist()
    nodes: list[_Node] = [(LEAF, 0.0, None, None, None)] * len(left)
    # A child stands behind its parent.
    for place in reversed(range(len(left))):
        if left[place] == LEAF:
            nodes[place] = (LEAF, 0.0, values[place], None, None)
        else:
            below, above = nodes[left[place]], nodes[right[place]]
            gap = below if gap_left[place] else above
            nodes[place] = (feature[place], threshold[place], below, above, gap)
    return nodes[0]


def _leaf(node: _Node, row: Row) -> Any:
    """The value of the leaf that `row` leads to."""
    feature, threshold, below, above, gap = node
    while feature != LEAF:
        value = row[feature]
        if value <= threshold:
            node = below
        elif value == value:
            node = above
        else:  # not a number
            node = gap
        feature, threshold, below, above, gap = node
    return below
