import os
import pickle
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import sklearn
from model_monitor.errors import ModelError
from model_monitor.scoring import pickled_trees
from model_monitor.scoring.files import served
from model_monitor.scoring.scorer import Scorer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
)

from .conftest import encoded, population
from .test_scorer import rows_of

ROOT = Path(__file__).parents[3]
READ = [
    DecisionTreeClassifier(min_samples_leaf=50),
    DecisionTreeClassifier(class_weight="balanced", criterion="entropy", max_depth=8),
    ExtraTreeClassifier(max_depth=6, random_state=0),
    RandomForestClassifier(20, max_depth=6, random_state=0, oob_score=True),
    ExtraTreesClassifier(20, max_depth=6, random_state=0),
]


class OtherTree(DecisionTreeClassifier):
    """Its probabilities might be computed in any way."""


class Poison:
    loaded = False

    def __reduce__(self):
        return setattr, (Poison, "loaded", True)


def fitted(classifier, applications, classes=None):
    frame, outcome = applications
    return classifier.fit(encoded(frame), outcome if classes is None else classes)


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("classifier", READ, ids=lambda c: type(c).__name__)
def test_what_is_read_scores_to_the_last_bit(
    make_card, applications, classifier, protocol
):
    fitted(classifier, applications)
    content = pickle.dumps(classifier, protocol)
    card = make_card(sha256=sha256(content).hexdigest(), file="model.pkl")
    scorer = Scorer(served(content, card), card)
    assert "model_monitor" in type(served(content, card)).__module__
    assert scorer.is_compiled
    fresh, _ = population(3_000, seed=2)
    expected = classifier.predict_proba(encoded(fresh))
    rows = rows_of(card, fresh)
    assert [scorer.outcome(row)[0] for row in rows] == expected[:, 1].tolist()
    assert scorer.probabilities(rows[:9]).tolist() == expected[:9].tolist()


def test_gaps_lead_where_scikit_learn_leads_them(make_card):
    frame, outcome = population(4_000, gaps=True)
    forest = RandomForestClassifier(20, max_depth=6, random_state=0)
    forest.fit(encoded(frame), outcome)
    rows = encoded(population(1_000, seed=1, gaps=True)[0])
    found = pickled_trees.read(pickle.dumps(forest))
    assert np.array_equal(found.predict_proba(rows), forest.predict_proba(rows))


def test_the_names_of_the_columns_are_those_of_the_pickle(applications):
    frame, outcome = applications
    columns = frame.select_dtypes("number")
    tree = DecisionTreeClassifier(max_depth=3).fit(columns, outcome)
    found = pickled_trees.read(pickle.dumps(tree))
    assert found.feature_names_in_.tolist() == list(columns)
    assert found.n_features_in_ == columns.shape[1]


@pytest.mark.parametrize("labels", [["bad", "good"], ["high", "low", "middle"]])
def test_classes_and_their_order_are_those_of_the_pickle(applications, labels):
    frame, _ = applications
    classes = np.array(labels)[np.arange(len(frame)) % len(labels)]
    tree = fitted(DecisionTreeClassifier(max_depth=3), applications, classes)
    found = pickled_trees.read(pickle.dumps(tree))
    assert found.classes_.tolist() == labels
    rows = encoded(frame)[:50]
    assert np.array_equal(found.predict_proba(rows), tree.predict_proba(rows))


@pytest.mark.parametrize(
    "classifier",
    [
        GradientBoostingClassifier(n_estimators=2),
        LogisticRegression(max_iter=2_000),
        make_pipeline(DecisionTreeClassifier(max_depth=2)),
        DecisionTreeRegressor(max_depth=2),
        OtherTree(max_depth=2),
        DecisionTreeClassifier(
            max_depth=2, max_features=1, random_state=np.random.RandomState(0)
        ),
    ],
    ids=lambda c: type(c).__name__,
)
def test_anything_else_is_left_to_scikit_learn(applications, classifier):
    assert pickled_trees.read(pickle.dumps(fitted(classifier, applications))) is None


def test_a_tree_of_several_outputs_or_one_class_is_left_to_scikit_learn(applications):
    frame, outcome = applications
    both = np.column_stack([outcome, outcome])
    for classes in (both, np.zeros(len(frame))):
        tree = fitted(DecisionTreeClassifier(max_depth=2), applications, classes)
        assert pickled_trees.read(pickle.dumps(tree)) is None


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x05."])
def test_what_is_no_pickle_is_left_to_scikit_learn(content):
    assert pickled_trees.read(content) is None


def test_an_unfitted_tree_is_left_to_scikit_learn():
    assert pickled_trees.read(pickle.dumps(DecisionTreeClassifier())) is None


def test_code_in_a_pickle_does_not_run(applications):
    tree = fitted(DecisionTreeClassifier(max_depth=2), applications)
    tree.note = Poison()
    assert pickled_trees.read(pickle.dumps(tree)) is None
    assert not Poison.loaded


def test_a_tree_of_a_scikit_learn_that_was_not_compared_is_left_to_it(
    applications, monkeypatch
):
    content = pickle.dumps(fitted(DecisionTreeClassifier(max_depth=2), applications))
    assert pickled_trees.read(content)
    major, minor = map(int, sklearn.__version__.split(".")[:2])
    for known in ("OLDEST", (major, minor + 1)), ("NEWEST", (major, minor - 1)):
        with monkeypatch.context() as patch:
            patch.setattr(pickled_trees, *known)
            assert pickled_trees.read(content) is None


def test_a_tree_of_another_scikit_learn_is_refused(make_card, applications):
    tree = fitted(DecisionTreeClassifier(max_depth=2), applications)
    content = pickle.dumps(tree)
    made = tree.__getstate__()["_sklearn_version"].encode()
    other = content.replace(made, b"0".ljust(len(made), b"9"))
    card = make_card(sha256=sha256(other).hexdigest(), file="model.pkl")
    with pytest.raises(ModelError, match="made with scikit-learn 0999"):
        served(other, card)


def test_a_file_whose_hash_is_not_on_the_card_is_not_read(make_card, applications):
    content = pickle.dumps(fitted(DecisionTreeClassifier(max_depth=2), applications))
    with pytest.raises(ModelError, match="deploy the two files that were made toget"):
        served(content, make_card(sha256="0" * 64, file="model.pkl"))


def test_versions_on_the_card_are_compared_before_a_tree_is_read(
    make_card, applications
):
    content = pickle.dumps(fitted(DecisionTreeClassifier(max_depth=2), applications))
    card = make_card(
        sha256=sha256(content).hexdigest(),
        file="model.pkl",
        library={"scikit-learn": "0.1"},
    )
    with pytest.raises(ModelError, match=r"made with scikit-learn 0\.1"):
        served(content, card)


def test_the_shipped_model_decides_without_scikit_learn():
    program = (
        "import sys; from credit_analyzer.model import load; load(); "
        "sys.exit('sklearn' in sys.modules or 'pandas' in sys.modules)"
    )
    folders = (ROOT / "credit-analyzer", ROOT / "model-monitor")
    path = os.pathsep.join(map(str, folders))
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env=os.environ | {"PYTHONPATH": path},
    )
