"""The shipped model, and how it and other models come to be."""

import csv
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from credit_analyzer import reference, train
from credit_analyzer.application import parse
from credit_analyzer.applications_csv import read_csv
from credit_analyzer.card import Card
from credit_analyzer.decision import EXPECTED_SHARES, decide
from credit_analyzer.model import load
from loan_application_simulator import __main__ as simulator
from loan_application_simulator.applicants import past_applications

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def applications_csv(tmp_path_factory):
    """The applications that the shipped tree was fitted on."""
    path = tmp_path_factory.mktemp("data") / "applications.csv"
    simulator.main(["dataset", "--out", str(path)])
    return path


@pytest.fixture
def rows():
    """A thousand other applications, as rows of a CSV file."""
    return list(past_applications(1_000, seed=2))


@pytest.fixture
def write(tmp_path):
    def write(rows):
        path = tmp_path / "rows.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def test_the_shipped_tree_decides_as_expected_on_its_reference(model, applications_csv):
    rows = [application.encode() for application, _ in read_csv(applications_csv)]
    decisions = [decide(score) for score in model.scores(rows).tolist()]
    for decision, expected in EXPECTED_SHARES.items():
        assert decisions.count(decision) / len(rows) == pytest.approx(
            expected, abs=0.005
        )


def test_the_shipped_tree_decides_as_expected_on_new_applicants(model):
    rows = list(past_applications(20_000, seed=99))
    encoded = [parse({k: r[k] for k in r if k != "repaid"}).encode() for r in rows]
    decisions = [decide(score) for score in model.scores(encoded).tolist()]
    for decision, expected in EXPECTED_SHARES.items():
        share = decisions.count(decision) / len(rows)
        assert share == pytest.approx(expected, abs=0.02)


def test_training_again_gives_the_shipped_model(
    model, applications_csv, tmp_path, capsys
):
    train.main(
        [str(applications_csv), "--version", model.card.version, "--out", str(tmp_path)]
    )
    again = load(tmp_path)
    assert again.card.numeric == model.card.numeric
    assert again.card.categorical == model.card.categorical
    rows = [a.encode() for a, _ in read_csv(applications_csv)]
    np.testing.assert_allclose(again.scores(rows), model.scores(rows), atol=1e-9)
    said = capsys.readouterr().out
    assert "fitted on 80,000 applications" in said
    assert "30.2% APPROVED / 49.6% DENIED / 20.3% ANALYST" in said


def test_scores_are_probabilities_of_repayment(model, rows):
    encoded = [parse({k: r[k] for k in r if k != "repaid"}).encode() for r in rows]
    scores = model.scores(encoded)
    repaid = np.array([row["repaid"] for row in rows])
    for low, high in ((0, 0.4), (0.4, 0.65), (0.65, 1.01)):
        inside = (scores >= low) & (scores < high)
        assert scores[inside].mean() == pytest.approx(repaid[inside].mean(), abs=0.08)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"repaid": "maybe"}, "repaid must be 0 or 1, not 'maybe'"),
        ({"loan_amount": "-5"}, "loan_amount must be a whole number"),
        ({"education_level": "PhD"}, "education_level must be one of"),
    ],
)
def test_a_bad_row_stops_the_training_with_a_sentence(write, rows, change, complaint):
    path = write([rows[0], rows[1] | change])
    with pytest.raises(SystemExit, match=complaint):
        train.main([str(path), "--version", "1"])


def test_a_model_that_decides_otherwise_is_not_shipped(write, rows, tmp_path):
    path = write([row | {"repaid": i % 2} for i, row in enumerate(rows)])
    with pytest.raises(SystemExit, match=r"the model decides .* within 0\.5 points"):
        train.main([str(path), "--version", "1", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows_kept", "complaint"), [(0, "holds no applications"), (9, "knows the classes")]
)
def test_applications_that_teach_nothing_stop_the_training_with_a_sentence(
    write, rows, rows_kept, complaint
):
    path = write([row | {"repaid": 1} for row in rows])
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: rows_kept + 1]))
    with pytest.raises(SystemExit, match=complaint):
        train.main([str(path), "--version", "1"])


def test_a_missing_file_stops_the_training_with_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match=r"nothing\.csv"):
        train.main([str(tmp_path / "nothing.csv"), "--version", "1"])


def test_a_model_trained_elsewhere_gets_a_card(
    applications_csv, tmp_path, monkeypatch, model
):
    with (train.ARTIFACTS / "model.pkl").open("rb") as file:
        tree = pickle.load(file)  # noqa: S301 - the shipped one
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(tree, protocol=4))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    reference.main(
        [
            *(str(tmp_path / "model.pkl"), str(applications_csv)),
            *("--name", "elsewhere", "--version", "2", "--invalid-ratio", "0.02"),
        ]
    )
    card = Card.from_json((tmp_path / "model.json").read_bytes())
    assert (card.name, card.version) == ("elsewhere", "2")
    assert card.created.isoformat() == "2026-01-01T00:00:00+00:00"
    assert card.sha256 != model.card.sha256
    assert load(tmp_path).card.numeric == model.card.numeric
    assert card.categorical["validity"].shares == {"valid": 0.98, "invalid": 0.02}
    assert card.categorical["loan_amount_range"].shares["usual"] == 1


@pytest.mark.parametrize("ratio", ["1", "-0.1", "nan", "few"])
def test_a_share_of_invalid_applications_that_is_none_is_refused(ratio, capsys):
    with pytest.raises(SystemExit):
        train.main(["any.csv", "--version", "1", "--invalid-ratio", ratio])
    assert "--invalid-ratio" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "rows_kept", "complaint"),
    [("1 0", 1_000, "version must match"), ("1", 0, "holds no applications")],
)
def test_a_card_that_cannot_be_is_refused_with_a_sentence(
    write, rows, tmp_path, version, rows_kept, complaint
):
    path = write(rows)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: rows_kept + 1]))
    pickled = str(train.ARTIFACTS / "model.pkl")
    out = str(tmp_path / "model.json")
    with pytest.raises(SystemExit, match=complaint):
        reference.main(
            [pickled, str(path), "--name", "m", "--version", version, "--out", out]
        )
    assert not (tmp_path / "model.json").exists()


def test_the_card_command_runs_as_documented():
    command = [sys.executable, "-m", "credit_analyzer.card", "--help"]
    folder = ROOT / "credit-analyzer"
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert "CSV of reference applications" in result.stdout
