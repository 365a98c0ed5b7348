"""The model: load and verify it, score an application. No Flask, no metrics."""

import hashlib
import pickle
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.tree import DecisionTreeClassifier

from . import trusted_files
from .application import COLUMNS, EXAMPLE, LoanApplication
from .card import Card, CardError
from .tree import walk
from .trusted_files import UntrustedFile

ARTIFACTS = Path(__file__).with_name("artifacts")


class ModelError(Exception):
    """A model that must not decide on anything. The message says why, and the fix."""


class Scorer:
    """A fitted scikit-learn classifier over the nine `COLUMNS`.

    Its score is the probability of class 1, "repays".
    """

    def __init__(self, classifier: Any) -> None:
        """Raises `ModelError` unless `classifier` scores a row of `COLUMNS`."""
        columns = getattr(classifier, "n_features_in_", None)
        if columns != len(COLUMNS):
            raise ModelError(
                f"the model takes {columns} columns; it must be a fitted scikit-learn "
                f"classifier over these {len(COLUMNS)}: {', '.join(COLUMNS)}"
            )
        names = getattr(classifier, "feature_names_in_", COLUMNS)
        if tuple(names) != COLUMNS:
            raise ModelError(
                f"the model was fitted on the columns {', '.join(names)}; "
                f"it must be fitted on {', '.join(COLUMNS)}"
            )
        classes = list(getattr(classifier, "classes_", []))
        if classes != [0, 1] or not hasattr(classifier, "predict_proba"):
            raise ModelError(
                f"the model knows the classes {classes}; it must give probabilities "
                "of 0 (does not repay) and 1 (repays)"
            )
        self._classifier = classifier
        self._score_of_row: Callable[[Sequence[float]], float] = (
            walk(classifier) if _is_plain_tree(classifier) else self._only_score
        )
        self._try_out()

    def _try_out(self) -> None:
        try:
            score = self.score(EXAMPLE)
        except Exception as error:  # whatever the classifier raises
            raise ModelError(f"the model cannot score: {error}") from error
        if not 0 <= score <= 1:
            raise ModelError(f"the model scores {score}, which is not from 0 to 1")

    def scores(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """The score of each encoded application, shape (len(rows),)."""
        encoded = np.array(rows, dtype=np.float32)
        probabilities = self._classifier.predict_proba(encoded)
        return np.asarray(probabilities[:, 1], dtype=np.float64)

    def score(self, application: LoanApplication) -> float:
        """The probability in [0, 1] that `application` is repaid."""
        return self._score_of_row(application.encode())

    def _only_score(self, row: Sequence[float]) -> float:
        return float(self.scores((row,))[0])


def _is_plain_tree(classifier: Any) -> bool:
    """Whether its probabilities are those of its leaves, and nothing else."""
    method = getattr(type(classifier), "predict_proba", None)
    return method is DecisionTreeClassifier.predict_proba


class Model(Scorer):
    """A scorer that its card vouches for."""

    def __init__(self, classifier: Any, card: Card) -> None:
        """Raises `ModelError` unless `classifier` scores a row of `COLUMNS`."""
        super().__init__(classifier)
        self.card = card


def load(folder: Path = ARTIFACTS) -> Model:
    """The model in `folder`: `model.pkl`, vouched for by its card `model.json`.

    A pickle is code: it runs when it is loaded. So nothing is unpickled before its
    hash is found to be the one on the card, and neither is believed if a stranger can
    have written it. Whoever may write both is trusted like the analyzer itself.

    Raises `ModelError` if a file is missing or not to be trusted, or the two do not
    belong together, or the model was fitted with another scikit-learn (which may
    unpickle and then score differently).
    """
    try:
        written, pickled = trusted_files.read(folder, "model.json", "model.pkl")
        card = Card.from_json(written)
    except CardError as error:
        raise ModelError(f"{folder / 'model.json'}: {error}") from error
    except (UntrustedFile, OSError) as error:
        raise ModelError(str(error)) from error
    sha256 = hashlib.sha256(pickled).hexdigest()
    if sha256 != card.sha256:
        raise ModelError(
            f"{folder / 'model.pkl'} has sha256 {sha256}, its card expects "
            f"{card.sha256}: deploy the two files that were made together"
        )
    if sklearn.__version__ != card.scikit_learn:
        raise ModelError(
            f"{folder / 'model.pkl'} was fitted with scikit-learn {card.scikit_learn}, "
            f"installed is {sklearn.__version__}: install that version or fit again"
        )
    return Model(unpickle(pickled), card)


def unpickle(pickled: bytes) -> Any:
    """The object in a pickle that is known to be trustworthy.

    Raises `ModelError` if it is not a pickle of anything that is installed here, or
    of another scikit-learn.
    """
    # We send arrays to models that were fitted on named columns; Scorer compares
    # the names once, so being reminded at each application helps nobody.
    warnings.filterwarnings("ignore", "X does not have valid feature names")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            return pickle.loads(pickled)  # noqa: S301 - see load() # nosec B301
    except Exception as error:  # whatever the pickle's own code raises
        raise ModelError(f"the model cannot be unpickled: {error}") from error
