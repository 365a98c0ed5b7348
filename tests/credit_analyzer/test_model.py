import hashlib
import json
import pickle
import shutil

import pytest
from credit_analyzer.model import ARTIFACTS, load
from model_monitor.errors import ModelError


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


@pytest.fixture
def change(artifacts):
    """Changes the card; None removes what is there."""

    def change(**changes):
        card = json.loads((artifacts / "model.json").read_text()) | changes
        kept = {name: value for name, value in card.items() if value is not None}
        (artifacts / "model.json").write_text(json.dumps(kept))

    return change


@pytest.fixture
def replace_model(artifacts, change):
    """Puts other content in the place of the model, and its hash on the card."""

    def replace_model(content):
        (artifacts / "model.pkl").write_bytes(content)
        change(sha256=hashlib.sha256(content).hexdigest())

    return replace_model


def test_a_pickle_with_a_wrong_hash_never_runs(artifacts):
    trace = artifacts / "trace"
    (artifacts / "model.pkl").write_bytes(pickle.dumps(Malicious(trace)))
    with pytest.raises(ModelError, match=r"has sha256 \w{64}, its card expects \w{64}"):
        load(artifacts)
    assert not trace.exists()


def test_a_user_who_writes_pickle_and_card_is_trusted(artifacts, replace_model):
    # Not wanted, but so: a hash shows that the two belong together, not who made them.
    replace_model(pickle.dumps(Malicious(artifacts / "trace")))
    with pytest.raises(ModelError):
        load(artifacts)
    assert (artifacts / "trace").exists()


@pytest.mark.parametrize("name", ["model.pkl", "model.json", "."])
def test_a_model_that_every_user_can_write_is_refused(artifacts, name):
    (artifacts / name).chmod(0o777)
    with pytest.raises(ModelError, match="can be written by every user: chmod go-w"):
        load(artifacts)


def test_another_scikit_learn_is_refused_before_unpickling(artifacts, change):
    change(library={"scikit-learn": "0.1"})
    (artifacts / "model.pkl").write_bytes(b"")
    change(sha256=hashlib.sha256(b"").hexdigest())
    with pytest.raises(ModelError, match=r"scikit-learn 0\.1, here it is 1\."):
        load(artifacts)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_a_card_that_is_none_is_named(artifacts):
    (artifacts / "model.json").write_text("{}")
    with pytest.raises(ModelError, match=r"model\.json: \$: name is missing"):
        load(artifacts)


@pytest.mark.parametrize("name", ["model.pkl", "model.json"])
def test_a_missing_file_is_named(artifacts, name):
    (artifacts / name).unlink()
    with pytest.raises(ModelError, match=name):
        load(artifacts)


def test_the_card_names_the_file_of_the_model(artifacts, change, fields):
    (artifacts / "model.pkl").rename(artifacts / "tree-7.joblib")
    change(file="tree-7.joblib")
    assert load(artifacts).card.file == "tree-7.joblib"


def test_a_file_elsewhere_is_refused(artifacts, change):
    change(file="../model.pkl")
    with pytest.raises(ModelError, match=r"\$\.file: must match .*'\.\./model.pkl'"):
        load(artifacts)


def test_a_pickle_of_nothing_known_is_refused(artifacts, replace_model):
    replace_model(b"not a pickle")
    with pytest.raises(ModelError, match="cannot be unpickled"):
        load(artifacts)


def test_a_card_that_says_not_how_to_decide_is_refused(artifacts, change):
    change(decisions={"names": ["DENIED", "ANALYST", "APPROVED"]})
    with pytest.raises(ModelError, match=r"\$\.decisions says not how to decide"):
        load(artifacts)


def test_a_card_without_columns_is_refused(artifacts, change):
    change(columns=None, encoding=None)
    with pytest.raises(ModelError, match=r"\$\.columns is missing"):
        load(artifacts)
