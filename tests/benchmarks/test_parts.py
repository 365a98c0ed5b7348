import pytest
from benchmarks.analyzer.__main__ import PARTS as OF_ANALYZER
from benchmarks.hostile.__main__ import PARTS as OF_HOSTILE

from benchmarks.parts import chosen, write


@pytest.fixture
def choose(monkeypatch):
    """The parts that are chosen by arguments."""

    def choose(*arguments, parts=OF_ANALYZER):
        monkeypatch.setattr("sys.argv", ["benchmark", *arguments])
        return chosen("benchmark", parts)

    return choose


@pytest.mark.parametrize("parts", [OF_ANALYZER, OF_HOSTILE])
def test_without_a_choice_every_part_is_measured(choose, parts):
    assert choose(parts=parts) == list(parts)


def test_a_choice_is_measured_in_its_order(choose):
    assert choose("work", "peers") == ["work", "peers"]


def test_a_part_that_does_not_exist_is_refused(choose, capsys):
    with pytest.raises(SystemExit):
        choose("peers", "pears")
    assert "pears is none of peers, metrics" in capsys.readouterr().err


def test_a_page_is_what_was_printed_below_its_head(tmp_path, capsys):
    write(tmp_path / "pages" / "part.md", "How it was made.", iter(["one", "two"]))
    assert capsys.readouterr().out == "one\ntwo\n"
    page = (tmp_path / "pages" / "part.md").read_text()
    assert page == "How it was made.\n\none\ntwo\n"
