"""Reads a fitted tree or forest out of its pickle, without scikit-learn.

To import scikit-learn takes seconds and most of a service's memory, and a walk along
the nodes (trees.py) has no use for it. What is read is made of the classes below and
numpy's arrays alone: a pickle that names anything else is not read.
"""

import pickle
from functools import cached_property
from importlib.metadata import version
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .trees import compiled

# scikit-learn 1.4 to 1.9 store trees alike. Those of a later one are left to it, until
# its probabilities were compared with the walk's.
OLDEST, NEWEST = (1, 4), (1, 9)

# What reading leads to where the pickle is of something else, or is none.
OTHER_PICKLE = (
    *(AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError),
    pickle.UnpicklingError,
)


class Nodes:
    """The arrays of a `sklearn.tree._tree.Tree`, by the names that it has for them."""

    def __init__(self, features: int, classes: NDArray[np.intp], outputs: int) -> None:
        """Takes what scikit-learn gives; all of it is in the state as well."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        nodes = state["nodes"]
        self.children_left = nodes["left_child"]
        self.children_right = nodes["right_child"]
        self.feature = nodes["feature"]
        self.threshold = nodes["threshold"]
        self.missing_go_to_left = nodes["missing_go_to_left"]
        self.value = state["values"]


class _Walked:
    """The attributes of a fitted classifier of scikit-learn, and its probabilities."""

    classes_: NDArray[Any]
    n_outputs_: int
    _sklearn_version: str

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """The probability of each class, of shape (len(rows), number of classes)."""
        return np.array([self._walk(row) for row in np.asarray(rows).tolist()])

    @cached_property
    def _walk(self) -> Any:
        return compiled(self)


class WalkedTree(_Walked):
    """A DecisionTreeClassifier or an ExtraTreeClassifier."""

    tree_: Nodes


class WalkedForest(_Walked):
    """A RandomForestClassifier or an ExtraTreesClassifier."""

    estimators_: list[WalkedTree]


_OURS = {
    ("sklearn.tree._tree", "Tree"): Nodes,
    ("sklearn.tree._classes", "DecisionTreeClassifier"): WalkedTree,
    ("sklearn.tree._classes", "ExtraTreeClassifier"): WalkedTree,
    ("sklearn.ensemble._forest", "RandomForestClassifier"): WalkedForest,
    ("sklearn.ensemble._forest", "ExtraTreesClassifier"): WalkedForest,
}
_NUMPYS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _NUMPYS:
            return super().find_class(module, name)
        return _OURS[module, name]


def read(content: bytes) -> WalkedTree | WalkedForest | None:
    """The tree or forest in a pickle, which the installed scikit-learn made.

    None if there is anything else in it: scikit-learn can load it, or say what is
    wrong.
    """
    try:
        found = _Unpickler(BytesIO(content)).load()
        return found if _is_known(found) else None
    except OTHER_PICKLE:
        return None


def _is_known(found: Any) -> bool:
    installed = version("scikit-learn")
    return (
        isinstance(found, WalkedTree | WalkedForest)
        and found._sklearn_version == installed
        and OLDEST <= tuple(map(int, installed.split(".")[:2])) <= NEWEST
        and found.n_outputs_ == 1
        and len(found.classes_) > 1
        and found._walk is not None
    )
