import json
import pickle

import numpy as np
import pandas as pd
import pytest
from model_monitor.__main__ import main
from sklearn.tree import DecisionTreeClassifier


@pytest.fixture
def files(tmp_path):
    """A model, and the table that it was fitted on."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"amount": rng.integers(1, 10_000, 2_000), "age": rng.integers(18, 90, 2_000)}
    )
    outcome = (frame.amount > 5_000).astype(int)
    tree = DecisionTreeClassifier(max_depth=3).fit(frame, outcome)
    model = tmp_path / "shop.pkl"
    model.write_bytes(pickle.dumps(tree))
    table = tmp_path / "table.csv"
    frame.assign(paid=outcome).to_csv(table, index=False)
    return str(model), str(table)


@pytest.fixture
def card(files, tmp_path):
    main(["card", *files, "--outcome", "paid", "--decide", "NO:0.5,YES"])
    return tmp_path / "shop.json"


def test_a_card_is_written_beside_the_model(capsys, card):
    fields = json.loads(card.read_text())
    assert fields["file"] == "shop.pkl"
    output = capsys.readouterr().out
    assert "amount: whole numbers from" in output
    assert f"model-monitor card --check {card}" in output


def test_a_card_is_readable(card):
    text = card.read_text()
    assert '"names": ["NO", "YES"]' in text
    assert max(map(len, text.splitlines())) < 300


def test_a_card_is_checked_with_its_model(card, capsys):
    main(["card", "--check", str(card)])
    output = capsys.readouterr().out
    assert "shop 1.0.0: 2 inputs" in output
    assert "scores an ordinary application" in output


def test_a_card_is_checked_alone_where_there_is_no_model(card, capsys):
    card.with_suffix(".pkl").unlink()
    main(["card", "--check", str(card)])
    assert "only the card was checked" in capsys.readouterr().out


def test_a_wrong_card_is_a_sentence(card):
    card.write_text(card.read_text().replace('"NO"', '"NO\\n"'))
    with pytest.raises(SystemExit, match=r"model-monitor: \$\.decisions\.names\[0\]"):
        main(["card", "--check", str(card)])


def test_a_card_that_does_not_fit_its_model_is_a_sentence(card):
    card.with_suffix(".pkl").write_bytes(b"another")
    with pytest.raises(SystemExit, match="its card expects"):
        main(["card", "--check", str(card)])


def test_the_next_version_is_made_like_the_last(card, files, tmp_path):
    out = str(tmp_path / "next.json")
    options = ["--like", str(card), "--version", "2.0.0", "--out", out]
    main(["card", *files, *options])
    fields = json.loads((tmp_path / "next.json").read_text())
    assert fields["version"] == "2.0.0"
    assert fields["decisions"]["names"] == ["NO", "YES"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["card"], "name a model and a table, or --check a card"),
        (["card", "no.pkl", "no.csv"], r"no\.csv"),
        (["card", "--check", "no.json"], r"no\.json"),
        (["batch", "no.json", "no.csv", "--textfile", "x"], r"no\.json"),
    ],
)
def test_what_is_missing_is_a_sentence(arguments, problem):
    with pytest.raises(SystemExit, match=problem):
        main(arguments)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--unit", "age"], "age must have the form FIELD=VALUE"),
        (["--categories", "colour="], "colour= must have the form FIELD=VALUE"),
        (["--unit", "age=a", "--unit", "age=b"], "age=b: age is given twice"),
    ],
)
def test_an_option_without_one_value_is_a_sentence(files, options, problem):
    with pytest.raises(SystemExit, match=problem):
        main(["card", *files, *options])


@pytest.mark.parametrize("share", ["1", "-0.1", "nan", "few"])
def test_a_share_that_is_none_is_refused(files, share, capsys):
    with pytest.raises(SystemExit):
        main(["card", *files, "--refused", share])
    assert "--refused" in capsys.readouterr().err


def test_what_a_job_scored_is_counted(card, tmp_path, capsys):
    scored = tmp_path / "scored.csv"
    scored.write_text("amount,age,score\n10,20,0.1\n20,30.0,0.9\n-1,30,0.9\n")
    metrics = tmp_path / "shop.prom"
    for _ in range(2):
        command = ["batch", str(card), str(scored), "--textfile", str(metrics)]
        main([*command, "--wait", "0"])
    assert "2 applications counted, 1 refused" in capsys.readouterr().out
    text = metrics.read_text()
    assert 'shop_decisions_total{decision="YES",model="shop",' in text
    [line] = [x for x in text.splitlines() if 'decisions_total{decision="YES"' in x]
    assert line.endswith(" 2.0")


@pytest.mark.parametrize("score", ["high", "nan", "inf", "1e999"])
def test_a_score_that_is_no_number_is_found_by_its_line(card, tmp_path, score):
    scored = tmp_path / "scored.csv"
    scored.write_text(f"amount,age,score\n10,20,0.5\n10,20,{score}\n")
    command = ["batch", str(card), str(scored), "--textfile", str(tmp_path / "x.prom")]
    with pytest.raises(SystemExit, match=r"line 3: score is no number: "):
        main(command)


def test_zeros_are_written_ahead_of_the_first_run(card, tmp_path, capsys):
    metrics = tmp_path / "shop.prom"
    main(["batch", str(card), "--textfile", str(metrics)])
    assert "shop_decisions_total" in metrics.read_text()
    assert "0 applications counted" in capsys.readouterr().out


def test_neither_a_model_nor_a_card_is_overwritten(card, files):
    before = card.read_text()
    card.write_text(before.replace('"NO"', '"DENIED"'))
    with pytest.raises(
        SystemExit, match=r"shop\.json exists; .*replace it \(--force\)"
    ):
        main(["card", *files, "--outcome", "paid", "--decide", "NO:0.5,YES"])
    assert "DENIED" in card.read_text()
    command = ["card", *files, "--outcome", "paid", "--decide", "NO:0.5,YES"]
    main([*command, "--force"])
    assert "DENIED" not in card.read_text()
    for file in files:
        with pytest.raises(SystemExit, match="is read; name another file"):
            main([*command, "--force", "--out", file])


def test_what_a_former_card_says_is_not_said_again(card, files, tmp_path):
    options = ["--like", str(card), "--out", str(tmp_path / "next.json")]
    with pytest.raises(SystemExit, match="leave out --decide, --segments, or leave"):
        main(["card", *files, *options, "--decide", "A:0.5,B", "--segments", "age"])


def test_counters_of_another_model_are_not_replaced(card, tmp_path):
    metrics = tmp_path / "shop.prom"
    main(["batch", str(card), "--textfile", str(metrics)])
    before = metrics.read_text()
    other = tmp_path / "other.json"
    other.write_text(card.read_text().replace('"name": "shop"', '"name": "other"'))
    with pytest.raises(SystemExit, match="has the counters of shop: give other a file"):
        main(["batch", str(other), "--textfile", str(metrics)])
    assert metrics.read_text() == before
    # A new version of the same model takes its place.
    other.write_text(card.read_text().replace('"version": "1.0.0"', '"version": "2"'))
    main(["batch", str(other), "--textfile", str(metrics)])
    assert 'model_version="2"' in metrics.read_text()
