import hashlib
import json
import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
import sklearn
from credit_analyzer.application import (
    EDUCATION_LEVELS,
    PROFESSION_TYPES,
    LoanApplication,
)
from credit_analyzer.model import ARTIFACTS, ModelError, Scorer, load, unpickle
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

ROWS = np.eye(9, dtype=np.float32)
OUTCOMES = [0, 1, 0, 1, 0, 1, 0, 1, 0]


class Malicious:
    """Leaves a trace as soon as it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (type(self.trace).touch, (self.trace,))


@pytest.fixture
def artifacts(tmp_path):
    """A copy of the shipped model, to spoil."""
    return shutil.copytree(ARTIFACTS, tmp_path / "artifacts")


class Pessimist(DecisionTreeClassifier):
    def predict_proba(self, rows):
        return super().predict_proba(rows) * [1, 0]


def test_a_tree_that_scores_in_a_way_of_its_own_is_asked(application):
    tree = Pessimist().fit(ROWS, OUTCOMES)
    assert Scorer(tree).score(application) == 0


def test_any_classifier_over_the_columns_scores(application):
    classifier = LogisticRegression().fit(ROWS, OUTCOMES)
    assert 0 <= Scorer(classifier).score(application) <= 1


@pytest.mark.parametrize("education", EDUCATION_LEVELS)
@pytest.mark.parametrize("profession", PROFESSION_TYPES)
@pytest.mark.parametrize("loan", [10_000, 15_000, 20_000, 30_000, 45_000])
def test_a_higher_income_never_makes_a_loan_much_less_likely(
    model, education, profession, loan
):
    incomes = range(1_500, 40_000, 250)
    applications = [
        LoanApplication(education, profession, loan, income) for income in incomes
    ]
    scores = model.scores([application.encode() for application in applications])
    assert (np.maximum.accumulate(scores) - scores).max() < 0.05


@pytest.mark.parametrize("income", [2_000, 4_000, 8_000, 16_000])
def test_a_larger_loan_never_makes_it_much_more_likely(model, income):
    loans = range(10_000, 50_001, 2_500)
    applications = [LoanApplication("Bachelor", "clt", loan, income) for loan in loans]
    scores = model.scores([application.encode() for application in applications])
    assert (scores - np.minimum.accumulate(scores)).max() < 0.05


def test_a_pickle_with_a_wrong_hash_never_runs(artifacts):
    trace = artifacts / "trace"
    (artifacts / "model.pkl").write_bytes(pickle.dumps(Malicious(trace)))
    with pytest.raises(ModelError, match=r"has sha256 \w{64}, its card expects \w{64}"):
        load(artifacts)
    assert not trace.exists()


def test_whoever_writes_pickle_and_card_is_trusted(artifacts, model):
    # Not wanted, but so: a hash tells that the two belong together, not who made them.
    pickled = pickle.dumps(Malicious(artifacts / "trace"))
    (artifacts / "model.pkl").write_bytes(pickled)
    sha256 = hashlib.sha256(pickled).hexdigest()
    replace(model.card, sha256=sha256).write(artifacts / "model.json")
    with pytest.raises(ModelError, match="takes None columns"):
        load(artifacts)
    assert (artifacts / "trace").exists()


@pytest.mark.parametrize("name", ["model.pkl", "model.json", "."])
def test_a_model_that_everybody_can_write_is_refused(artifacts, name):
    (artifacts / name).chmod(0o777)
    with pytest.raises(ModelError, match="can be written by everybody: chmod go-w"):
        load(artifacts)


def test_another_scikit_learn_is_refused_before_unpickling(artifacts):
    card = json.loads((artifacts / "model.json").read_text())
    (artifacts / "model.json").write_text(json.dumps(card | {"scikit_learn": "0.1"}))
    with pytest.raises(ModelError, match=r"fitted with scikit-learn 0\.1, installed"):
        load(artifacts)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_a_card_that_is_none_is_named(artifacts):
    (artifacts / "model.json").write_text("{}")
    with pytest.raises(ModelError, match=r"model\.json: signals must be"):
        load(artifacts)


@pytest.mark.parametrize("name", ["model.pkl", "model.json"])
def test_a_missing_file_is_named(artifacts, name):
    (artifacts / name).unlink()
    with pytest.raises(ModelError, match=name):
        load(artifacts)


def test_a_pickle_of_nothing_known_is_refused(artifacts, model):
    (artifacts / "model.pkl").write_bytes(b"not a pickle")
    sha256 = hashlib.sha256(b"not a pickle").hexdigest()
    replace(model.card, sha256=sha256).write(artifacts / "model.json")
    with pytest.raises(ModelError, match="cannot be unpickled"):
        load(artifacts)


@pytest.mark.parametrize(
    ("classifier", "complaint"),
    [
        (object(), "takes None columns"),
        (DecisionTreeClassifier().fit(ROWS[:, :4], OUTCOMES), "takes 4 columns"),
        (DecisionTreeClassifier().fit(ROWS, range(9)), "knows the classes"),
        (DecisionTreeClassifier().fit(ROWS, ["n", "y"] * 4 + ["n"]), "knows the"),
    ],
)
def test_a_model_that_cannot_score_applications_is_refused(classifier, complaint):
    with pytest.raises(ModelError, match=complaint):
        Scorer(classifier)


class Nonsense(LogisticRegression):
    """Fitted as it should be, but its scores are none."""

    def __init__(self, answer=None):
        super().__init__()
        self.answer = answer

    def predict_proba(self, rows):
        if self.answer is None:
            raise ValueError("columns must be named")
        return np.full((len(rows), 2), self.answer)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "cannot score: columns must be named"),
        (float("nan"), "scores nan"),
        (1.5, r"scores 1\.5"),
    ],
)
def test_a_model_is_tried_out_before_it_decides(answer, complaint):
    with pytest.raises(ModelError, match=complaint):
        Scorer(Nonsense(answer).fit(ROWS, OUTCOMES))


def test_a_pickle_of_another_scikit_learn_is_refused():
    tree = DecisionTreeClassifier().fit(ROWS, OUTCOMES)
    pickled = pickle.dumps(tree).replace(sklearn.__version__.encode(), b"0.9.9")
    with pytest.raises(ModelError, match=r"from version 0\.9\.9"):
        unpickle(pickled)


def test_a_model_fitted_on_other_columns_is_refused():
    tree = DecisionTreeClassifier().fit(ROWS, OUTCOMES)
    tree.feature_names_in_ = np.array([f"x{i}" for i in range(9)], dtype=object)
    with pytest.raises(ModelError, match="fitted on the columns x0, x1"):
        Scorer(tree)
