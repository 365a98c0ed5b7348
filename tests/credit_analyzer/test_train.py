"""The shipped model, and how it came to be."""

import csv
import os
import subprocess
import sys

import pytest
from credit_analyzer import train
from credit_analyzer.model import ARTIFACTS, load
from loan_application_simulator import __main__ as simulator
from loan_application_simulator.applicants import past_applications
from model_monitor.reading import Reader

pytestmark = pytest.mark.slow


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


@pytest.fixture
def run(tmp_path):
    """Trains on a table. Returns the folder that model and card are in."""

    def run(path, *options, version="1.0.0"):
        out = tmp_path / "out"
        train.main(
            [
                *(str(path), "--outcome", "repaid", "--version", version),
                *("--out", str(out), *options),
            ]
        )
        return out

    return run


def outcomes(model, rows):
    read = Reader(model.card).read
    names = model.card.inputs
    encoded = [read({name: row[name] for name in names})[0] for row in rows]
    return model.scorer.outcomes(encoded)


def test_training_again_gives_the_shipped_model(applications_csv, tmp_path, root):
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-m", "credit_analyzer.train", applications_csv),
        *("--outcome", "repaid", "--version", "1.0.0", "--out", out),
    ]
    # A process of its own: where another model was unpickled before, objects that are
    # shared make the pickle a few bytes longer.
    paths = root / "credit-analyzer", root / "model-monitor"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("model.pkl", "model.json"):
        found, shipped = (out / name).read_text("latin-1"), (ARTIFACTS / name)
        lines = [line for line in found.splitlines() if '"created"' not in line]
        assert lines == [
            line
            for line in shipped.read_text("latin-1").splitlines()
            if '"created"' not in line
        ]
    assert "fitted on 80,000 applications" in done.stdout
    assert "it decides 49.6% DENIED, 20.3% ANALYST, 30.2% APPROVED" in done.stdout


def test_the_shipped_tree_decides_as_expected_on_new_applicants(model):
    found = outcomes(model, past_applications(20_000, seed=99))
    decisions = [decision for _, decision in found]
    for place, expected in enumerate(model.card.decisions.expected):
        assert decisions.count(place) / len(decisions) == pytest.approx(
            expected, abs=0.02
        )


def test_scores_are_probabilities_of_repayment(model, rows):
    scores = [score for score, _ in outcomes(model, rows)]
    for low, high in ((0, 0.4), (0.4, 0.65), (0.65, 1.01)):
        inside = [
            (score, row["repaid"])
            for score, row in zip(scores, rows, strict=True)
            if low <= score < high
        ]
        means = [sum(column) / len(inside) for column in zip(*inside, strict=True)]
        assert means[0] == pytest.approx(means[1], abs=0.08)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"repaid": "maybe"}, r"rows\.csv, line 3: repaid must be 0 or 1, not 'maybe'"),
        ({"loan_amount": "-5"}, r"line 3: loan_amount must be a whole number"),
        ({"education_level": "PhD"}, r"line 3: education_level must be one of"),
        ({"education_level": ""}, r"line 3: education_level must be one of"),
    ],
)
def test_a_bad_row_stops_the_training_with_its_line(
    run, write, rows, change, complaint
):
    path = write([rows[0], rows[1] | change])
    with pytest.raises(SystemExit, match=complaint):
        run(path)


def test_a_model_that_decides_otherwise_is_not_written(run, write, rows, tmp_path):
    path = write([row | {"repaid": i % 2} for i, row in enumerate(rows)])
    with pytest.raises(SystemExit, match=r"the model decides .* within the tolerance"):
        run(path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows_kept", "complaint"),
    [(0, "has no rows"), (9, "knows one class only: fit it on both")],
)
def test_applications_that_teach_nothing_stop_the_training_with_a_sentence(
    run, write, rows, rows_kept, complaint
):
    path = write([row | {"repaid": 0} for row in rows])
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: rows_kept + 1]))
    with pytest.raises(SystemExit, match=complaint):
        run(path)


def test_a_missing_file_stops_the_training_with_a_sentence(run, tmp_path):
    with pytest.raises(SystemExit, match=r"nothing\.csv: No such file"):
        run(tmp_path / "nothing.csv")


def test_the_former_card_is_kept_but_for_the_reference(run, write):
    path = write(list(past_applications(30_000, seed=3)))
    card = load(run(path, "--expect", "measured", version="1.1.0")).card
    shipped = load().card
    assert card.version == "1.1.0"
    assert card.applications == 30_000
    assert card.inputs == shipped.inputs
    assert card.query == shipped.query
    assert card.sha256 != shipped.sha256
