import pickle
import re
import sys
from hashlib import sha256
from io import BytesIO
from types import ModuleType

import joblib
import numpy as np
import pytest
import sklearn
from model_monitor.errors import ModelError
from model_monitor.reading import Reader
from model_monitor.scoring.files import OnnxClassifier, checked, loaded, unpickled
from model_monitor.scoring.scorer import Scorer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from .conftest import encoded

SKLEARN = sklearn.__version__


@pytest.fixture(scope="module")
def tree(applications):
    frame, outcome = applications
    return DecisionTreeClassifier(max_depth=4).fit(encoded(frame), outcome)


def probabilities(classifier):
    return classifier.predict_proba(np.full((1, 5), 20, dtype=np.float32)).tolist()


def test_a_pickle_is_loaded(tree):
    assert probabilities(unpickled(pickle.dumps(tree))) == probabilities(tree)


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("lzma", 3)])
def test_what_joblib_wrote_is_loaded(tree, compress):
    file = BytesIO()
    joblib.dump(tree, file, compress=compress)
    assert probabilities(unpickled(file.getvalue())) == probabilities(tree)


def test_a_file_whose_hash_is_not_on_the_card_is_not_loaded(make_card):
    poison = pickle.dumps(Poison())
    with pytest.raises(
        ModelError, match="deploy the two files that were made together"
    ):
        checked(poison, make_card(sha256="0" * 64, file="model.pkl"))
    assert not Poison.loaded


class Poison:
    loaded = False

    def __reduce__(self):
        return setattr, (Poison, "loaded", True)


def test_a_file_whose_hash_is_on_the_card_is_loaded(make_card, tree):
    content = pickle.dumps(tree)
    card = make_card(
        sha256=sha256(content).hexdigest(), library={"numpy": np.__version__}
    )
    assert probabilities(checked(content, card)) == probabilities(tree)


@pytest.mark.parametrize(
    ("library", "problem"),
    [
        ({"numpy": "1.0.0"}, rf"numpy 1\.0\.0, here it is {np.__version__}: install"),
        ({"no-such-package": "2"}, "no-such-package 2, here it is not installed"),
    ],
)
def test_other_versions_are_named_before_anything_is_loaded(tree, library, problem):
    with pytest.raises(ModelError, match=problem):
        loaded(pickle.dumps(tree), "model.pkl", library)


def test_a_pickle_of_another_scikit_learn_names_both_versions(tree):
    content = pickle.dumps(tree).replace(SKLEARN.encode(), b"9.9.9"[: len(SKLEARN)])
    with pytest.raises(
        ModelError, match=rf"scikit-learn 9\.9\.9, here it is {SKLEARN}"
    ):
        unpickled(content)


def test_a_pickle_that_needs_a_missing_module_names_both_versions():
    module = ModuleType("vanished")
    sys.modules["vanished"] = module
    module.Step = type("Step", (StandardScaler,), {"__module__": "vanished"})
    tree = DecisionTreeClassifier()
    pipeline = make_pipeline(module.Step(), tree).fit([[0.0], [1.0]], [0, 1])
    content = pickle.dumps(pipeline)
    del sys.modules["vanished"]
    with pytest.raises(
        ModelError,
        match=rf"No module named 'vanished' \(it was made with scikit-learn {SKLEARN}",
    ):
        unpickled(content)


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1])[:-2]])
def test_what_is_no_pickle_is_refused(content):
    with pytest.raises(ModelError, match="cannot be unpickled"):
        unpickled(content)


@pytest.fixture(scope="module")
def onnx(tree):
    return converted(tree)


def converted(classifier, **options):
    skl2onnx = pytest.importorskip("skl2onnx")
    kinds = [("rows", skl2onnx.common.data_types.FloatTensorType([None, 5]))]
    choices = {id(classifier): {"zipmap": False, **options}}
    model = skl2onnx.convert_sklearn(classifier, initial_types=kinds, options=choices)
    return model.SerializeToString()


def test_an_onnx_model_decides_as_the_one_it_was_made_of(
    make_card, applications, tree, onnx
):
    pytest.importorskip("onnxruntime")
    frame, _ = applications
    card = make_card(file="model.onnx")
    scorer = Scorer(loaded(onnx, "model.onnx", {}), card)
    read = Reader(card).read
    rows = [read(fields)[0] for fields in frame[:200].to_dict("records")]
    found = [scorer.outcome(row)[0] for row in rows]
    expected = tree.predict_proba(encoded(frame[:200]))[:, 1]
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


def test_an_onnx_model_with_an_input_for_each_field_is_served(make_card, applications):
    pytest.importorskip("onnxruntime")
    skl2onnx = pytest.importorskip("skl2onnx")
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder

    frame, outcome = applications
    flags = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer(
        [("texts", flags, ["colour"]), ("numbers", "passthrough", ["amount", "age"])]
    )
    forest = RandomForestClassifier(5, max_depth=4, random_state=0)
    pipeline = make_pipeline(columns, forest).fit(frame, outcome)
    kinds = [
        ("amount", FloatTensorType([None, 1])),
        ("age", FloatTensorType([None, 1])),
        ("colour", StringTensorType([None, 1])),
    ]
    model = skl2onnx.convert_sklearn(
        pipeline, initial_types=kinds, options={id(forest): {"zipmap": False}}
    )
    card = make_card("fields", file="model.onnx")
    scorer = Scorer(OnnxClassifier(model.SerializeToString()), card)
    read = Reader(card).read
    rows = [read(fields)[0] for fields in frame[:100].to_dict("records")]
    found = [scorer.outcome(row)[0] for row in rows]
    expected = pipeline.predict_proba(frame[:100])[:, 1]
    assert found == pytest.approx(expected.tolist(), abs=1e-5)


def test_an_onnx_model_of_maps_is_refused_with_the_fix(tree):
    pytest.importorskip("onnxruntime")
    with pytest.raises(ModelError, match=re.escape("options={'zipmap': False}")):
        OnnxClassifier(converted(tree, zipmap=True))


def test_what_is_no_onnx_is_refused():
    pytest.importorskip("onnxruntime")
    with pytest.raises(ModelError, match="the ONNX model cannot be loaded"):
        OnnxClassifier(b"no onnx")
