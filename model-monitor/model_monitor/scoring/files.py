"""Models in files: pickles, joblib's pickles, and ONNX.

A pickle is code that runs when it is loaded. Nothing here decides whether one is
trustworthy.
"""

import hashlib
import re
import warnings
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..card import Card
from ..errors import ModelError
from . import pickled_trees


def loaded(content: bytes, name: str, library: Mapping[str, str]) -> Any:
    """The classifier in a file called `name`, which the versions in `library` made.

    Raises `ModelError` if another version is installed (which may load a model and then
    score differently), or the file holds nothing that can be loaded here.
    """
    check_versions(library)
    return OnnxClassifier(content) if name.endswith(".onnx") else unpickled(content)


def checked(content: bytes, card: Card) -> Any:
    """The classifier in the content of a file, which `card` vouches for.

    Nothing is loaded before the hash is found to be the one on the card. Raises
    `ModelError`.
    """
    _check_hash(content, card)
    return loaded(content, card.file, card.library)


def served(content: bytes, card: Card) -> Any:
    """The same, to score one application after the other.

    A tree or a forest is read without scikit-learn, which would be most of the start.
    """
    _check_hash(content, card)
    check_versions(card.library)
    return pickled_trees.read(content) or loaded(content, card.file, card.library)


def _check_hash(content: bytes, card: Card) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != card.sha256:
        raise ModelError(
            f"{card.file} has sha256 {sha256}, its card expects {card.sha256 or 'none'}"
            ": deploy the two files that were made together"
        )


def check_versions(library: Mapping[str, str]) -> None:
    """Raises `ModelError` unless just these versions are installed."""
    for package, wanted in library.items():
        try:
            installed = version(package)
        except PackageNotFoundError:
            installed = "not installed"
        if installed != wanted:
            raise ModelError(
                f"the model was made with {package} {wanted}, here it is {installed}: "
                "install that version, or fit the model again"
            )


def unpickled(content: bytes) -> Any:
    """The object in a pickle, or in what joblib.dump wrote.

    Raises `ModelError` if it holds nothing that is installed here, or was made by
    another scikit-learn.
    """
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            return joblib.load(BytesIO(content))
    except InconsistentVersionWarning as warning:
        raise ModelError(
            f"the model was made with scikit-learn {warning.original_sklearn_version}, "
            f"here it is {warning.current_sklearn_version}: install that version, or "
            "fit the model again"
        ) from warning
    except Exception as error:  # anything that the pickle's own code raises
        raise ModelError(
            f"the model cannot be unpickled: {error}{_made_with(content)}"
        ) from error


def _made_with(content: bytes) -> str:
    """Which scikit-learn a pickle says it was made with, and which is here."""
    found = re.search(rb"_sklearn_version.{1,8}?(\d+(?:\.\w+)+)", content, re.DOTALL)
    if not found:
        return ""
    made, here = found[1].decode(), version("scikit-learn")
    return f" (it was made with scikit-learn {made}; here it is {here})"


class OnnxClassifier:
    """A classifier in ONNX, with scikit-learn's interface.

    Its classes are known by position only, 0 and up.
    """

    def __init__(self, content: bytes) -> None:
        """Raises `ModelError` if this is no classifier that gives probabilities."""
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError("an ONNX model needs onnxruntime: install it") from error
        options = onnxruntime.SessionOptions()
        # A decision is one row: threads would cost more than they save.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own errors have no common base
            raise ModelError(f"the ONNX model cannot be loaded: {error}") from error
        self._inputs = self._session.get_inputs()
        tensors = [o for o in self._session.get_outputs() if o.type == "tensor(float)"]
        if not tensors:
            raise ModelError(
                "the ONNX model gives no tensor of probabilities; convert it with "
                "options={'zipmap': False}"
            )
        self._output = tensors[-1].name
        count = tensors[-1].shape[-1]
        self.classes_ = list(range(count if isinstance(count, int) else 2))
        if len(self._inputs) > 1:
            self.feature_names_in_ = [found.name for found in self._inputs]
            self.n_features_in_ = len(self._inputs)

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """The probability of each class, of shape (len(rows), number of classes)."""
        if len(self._inputs) == 1:
            named = {self._inputs[0].name: np.asarray(rows, dtype=np.float32)}
        else:
            named = {i.name: _column(rows[i.name], i.type) for i in self._inputs}
        return np.asarray(self._session.run([self._output], named)[0], dtype=np.float64)


def _column(values: Any, kind: str) -> NDArray[Any]:
    dtype = {"tensor(string)": object, "tensor(int64)": np.int64}.get(kind, np.float32)
    return np.asarray(values, dtype=dtype).reshape(-1, 1)
