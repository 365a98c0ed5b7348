"""Scores applications with a fitted classifier, as its card says.

Needs numpy, and pandas for a pipeline over named columns.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..card import Card
from ..card.example import example
from ..card.inputs import Categorical
from ..errors import ModelError
from ..reading import Reader
from .trees import compiled

# Rows on which a compiled model is compared with the classifier that it was made of.
TRIALS = 200

Row = Sequence[Any]
Outcome = tuple[float, int]


class Scorer:
    """A fitted classifier with scikit-learn's interface, and the card it belongs to."""

    def __init__(self, classifier: Any, card: Card) -> None:
        """Raises `ModelError` unless `classifier` scores the rows of `card`."""
        check_classifier(classifier)
        self._classifier = _single_threaded(classifier)
        self._card = card
        self._names = _feature_names(classifier, card)
        self._gapped = _gapped(self._names, card)
        self._positive = -1 if card.decisions.argmax else _positive(classifier, card)
        _check_classes(classifier, card)
        self._as_matrix: Callable[[Sequence[Row]], Any] = self._matrix
        row = self._try_out()
        walk = self._compiled(row)
        self.is_compiled = walk is not None
        self._one = walk or self._probabilities_of_one

    def outcome(self, row: Row) -> Outcome:
        """The score of an encoded application, and the position of its decision.

        Raises `ValueError` if the model gives no number for it.
        """
        return self._outcome(self._one(row))

    def outcomes(self, rows: Sequence[Row]) -> list[Outcome]:
        """The same of several applications at once."""
        return [self._outcome(found) for found in self.probabilities(rows).tolist()]

    def probabilities(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """The probability of each class, of shape (len(rows), number of classes)."""
        found = self._classifier.predict_proba(self._as_matrix(rows))
        return np.asarray(found, dtype=np.float64)

    def _outcome(self, probabilities: Sequence[float]) -> Outcome:
        decisions = self._card.decisions
        if decisions.argmax:
            return decisions.most_probable(probabilities)
        score = probabilities[self._positive]
        return score, decisions.decide(score)

    def _probabilities_of_one(self, row: Row) -> Sequence[float]:
        found: Sequence[float] = self.probabilities((row,))[0].tolist()
        return found

    def _matrix(self, rows: Sequence[Row]) -> Any:
        if self._card.encoding != "fields":
            return np.array(rows, dtype=np.float64)
        return self._frame(rows) if self._names else np.array(rows, dtype=object)

    def _frame(self, rows: Sequence[Row]) -> Any:
        try:
            import pandas as pd
        except ImportError as error:
            raise ModelError(
                "the model takes columns by name, so pandas has to be installed"
            ) from error
        columns = dict(
            zip(self._names, map(list, zip(*rows, strict=True)), strict=True)
        )
        for name in self._gapped:
            columns[name] = pd.Series(columns[name], dtype=object)
        return pd.DataFrame(columns)

    def _try_out(self) -> Row:
        """Scores an example, whole and without each optional input. Returns it."""
        row = self._try(example(self._card), "an ordinary application")
        for name, found in self._card.inputs.items():
            if found.optional:
                fields = {k: v for k, v in example(self._card).items() if k != name}
                fix = (
                    f"; fit it on gaps, or require the input ($.inputs.{name}.optional)"
                )
                self._try(fields, f"an application without {name}", fix)
        return row

    def _try(self, fields: Mapping[str, object], what: str, fix: str = "") -> Row:
        found = Reader(self._card).read(fields)
        if found is None:
            raise ModelError("the card does not accept its own example")
        row, _ = found
        try:
            probabilities = self._score(row)
        except Exception as error:  # anything that the classifier raises
            raise ModelError(f"the model cannot score {what}: {error}{fix}") from error
        if not np.isfinite(probabilities).all():
            raise ModelError(
                f"the model gives {what} the probabilities {probabilities}"
            )
        return row

    def _score(self, row: Row) -> Sequence[float]:
        # Arrays go to a model that was fitted on named columns, whose order was
        # compared. To be reminded of that at each application helps no caller.
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        try:
            return self._probabilities_of_one(row)
        except Exception:
            if self._card.encoding == "fields" or not self._names:
                raise
            self._as_matrix = self._frame
            return self._probabilities_of_one(row)

    def _compiled(self, row: Row) -> Callable[[Row], Sequence[float]] | None:
        """The classifier as Python code, if that gives the same to the last bit."""
        if self._card.encoding == "fields" and any(isinstance(v, str) for v in row):
            return None
        found = compiled(self._classifier)
        if found is None:
            return None
        rows = _trials(self._classifier, row)
        expected = self.probabilities(rows)
        same = np.array_equal(np.array([found(trial) for trial in rows]), expected)
        return found if same else None


def _single_threaded(classifier: Any) -> Any:
    """`classifier` without threads: for one row they cost more than they save."""
    if hasattr(classifier, "get_params"):
        jobs = [name for name in classifier.get_params() if name.endswith("n_jobs")]
        classifier.set_params(**dict.fromkeys(jobs, 1))
    return classifier


def _feature_names(classifier: Any, card: Card) -> tuple[str, ...]:
    """The names of the columns that `classifier` was fitted on, if it was on names."""
    columns = card.features or card.columns
    count = getattr(classifier, "n_features_in_", len(columns))
    if count != len(columns):
        raise ModelError(
            f"the model takes {count} columns, the card has {len(columns)}: "
            f"{', '.join(columns)}; correct $.columns"
        )
    names = getattr(classifier, "feature_names_in_", None)
    if names is None:
        return ()
    fitted = tuple(map(str, names))
    if fitted != columns:
        raise ModelError(
            f"the model was fitted on the columns {', '.join(fitted)}, the card has "
            f"{', '.join(columns)}; put the card's $.columns in that order, and the "
            "model's names in $.features"
        )
    return fitted


def _gapped(names: Sequence[str], card: Card) -> tuple[str, ...]:
    """The columns that may hold texts or booleans, and gaps.

    Of one row with a gap, pandas by itself would make a column of numbers.
    """
    if card.encoding != "fields":
        return ()
    found = zip(names, (card.inputs[column] for column in card.columns), strict=False)
    return tuple(n for n, i in found if isinstance(i, Categorical) and i.optional)


def _positive(classifier: Any, card: Card) -> int:
    """The position of the class whose probability is the score."""
    classes = [_plain(label) for label in getattr(classifier, "classes_", [])]
    wanted = card.positive_class
    if wanted not in classes:
        raise ModelError(
            f"the score is the probability of class {wanted!r}, and the model knows "
            f"the classes {classes}; correct $.score.class"
        )
    return classes.index(wanted)


def check_classifier(classifier: Any) -> None:
    """Raises `ModelError` unless it is a fitted classifier with probabilities."""
    name = type(classifier).__name__
    if not hasattr(classifier, "predict_proba"):
        raise ModelError(
            f"{name} gives no probabilities (predict_proba); take a classifier, or "
            "wrap one, such as in CalibratedClassifierCV"
        )
    classes = getattr(classifier, "classes_", None)
    if classes is None:
        raise ModelError(
            f"{name} has no classes_: fit it, or wrap it in a classifier of "
            "scikit-learn's interface"
        )
    if any(isinstance(each, np.ndarray) for each in classes):
        raise ModelError(
            f"{name} has {len(classes)} outputs: fit it on one column of outcomes"
        )
    if len(classes) < 2:
        raise ModelError(f"{name} knows one class only: fit it on both outcomes")


def _check_classes(classifier: Any, card: Card) -> None:
    if not card.decisions.argmax:
        return
    classes = [str(_plain(label)) for label in getattr(classifier, "classes_", [])]
    names = list(card.decisions.names)
    if len(classes) != len(names) or (set(classes) == set(names) and classes != names):
        raise ModelError(
            f"the model knows the classes {', '.join(classes)}; $.decisions.names must "
            "name one decision for each, in that order"
        )


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _trials(classifier: Any, row: Row) -> list[Row]:
    """Rows that lead to many leaves: values near the thresholds of a tree."""
    rng = np.random.default_rng(0)
    values = np.array(row, dtype=np.float64)
    tree = getattr(classifier, "tree_", None)
    if tree is None:
        tree = np.ravel(classifier.estimators_)[0].tree_
    inner = tree.feature >= 0
    rows = np.tile(values, (TRIALS, 1))
    for feature in set(tree.feature[inner].tolist()):
        thresholds = tree.threshold[inner & (tree.feature == feature)]
        # A split between gaps and everything else is at infinity.
        thresholds = thresholds[np.isfinite(thresholds)]
        if not thresholds.size:
            continue
        chosen = rng.choice(thresholds, TRIALS)
        rows[:, feature] = chosen + rng.choice([-1e-3, 0.0, 1e-3], TRIALS)
    found: list[Row] = rows.tolist()
    return found
