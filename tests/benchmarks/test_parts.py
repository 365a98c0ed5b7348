"""Benchmarks of several parts, each a section of a page."""

import pytest

from benchmarks.detection.__main__ import PARTS as OF_DETECTION
from benchmarks.parts import chosen, write_section
from benchmarks.performance.__main__ import PARTS as OF_PERFORMANCE


@pytest.fixture
def choose(monkeypatch):
    """The parts that are chosen by arguments."""

    def choose(*arguments, parts=OF_PERFORMANCE):
        monkeypatch.setattr("sys.argv", ["benchmark", *arguments])
        return chosen("benchmark", parts)

    return choose


@pytest.mark.parametrize("parts", [OF_DETECTION, OF_PERFORMANCE])
def test_without_a_choice_every_part_is_measured(choose, parts):
    assert choose(parts=parts) == list(parts)


def test_a_choice_is_measured_in_its_order(choose):
    assert choose("models", "peers") == ["models", "peers"]


def test_a_part_that_does_not_exist_is_refused(choose, capsys):
    with pytest.raises(SystemExit):
        choose("peers", "pears")
    assert "pears is none of peers, models" in capsys.readouterr().err


def test_a_section_is_what_was_printed_below_the_command(tmp_path, capsys):
    page = tmp_path / "pages" / "cost.md"
    write_section(page, "part", "`make it`", iter(["one", "two"]))
    assert capsys.readouterr().out == "one\ntwo\n"
    assert page.read_text() == "# Cost\n\n## part\n\n`make it`\n\none\ntwo\n"


def test_a_section_replaces_its_former_self_and_nothing_else(tmp_path):
    page = tmp_path / "cost.md"
    page.write_text("# What it costs\n\nAll of it.\n")
    for name, line in (("a", "old"), ("b", "other"), ("a", "new")):
        write_section(page, name, "`make it`", iter([line]))
    assert page.read_text() == (
        "# What it costs\n\nAll of it.\n\n"
        "## a\n\n`make it`\n\nnew\n\n## b\n\n`make it`\n\nother\n"
    )
