import csv

import pytest
from loan_application_simulator.__main__ import main

from stack.ports import free_port


def test_a_dead_analyzer_is_a_sentence_and_status_one():
    url = f"http://127.0.0.1:{free_port(0)}"
    port = str(free_port(0))
    with pytest.raises(SystemExit, match=f"no credit analyzer at {url}"):
        main(["send", "--url", url, "--wait", "0", "--metrics-port", port])


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "fast"])
def test_a_rate_that_is_none_is_refused(rate, capsys):
    with pytest.raises(SystemExit):
        main(["send", "--rate", rate])
    assert "argument --rate" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["send"], ["dataset"]])
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize("rows", ["0", "-5", "many"])
def test_a_dataset_of_no_rows_is_refused(rows, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["dataset", "--rows", rows, "--out", str(tmp_path / "past.csv")])
    assert "argument --rows" in capsys.readouterr().err
    assert not (tmp_path / "past.csv").exists()


def test_an_unknown_scenario_is_refused_with_those_that_exist(capsys):
    with pytest.raises(SystemExit):
        main(["send", "--scenario", "stuck"])
    assert "'storyline'" in capsys.readouterr().err


def test_a_dataset_has_the_rows_that_are_asked_for(tmp_path):
    out = tmp_path / "past.csv"
    main(["dataset", "--rows", "12", "--out", str(out)])
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert set(rows[0]) == {
        "education_level",
        "profession_type",
        "loan_amount",
        "monthly_income",
        "repaid",
    }
