"""The command, and how a report replaces the last one."""

import re
import sys
from datetime import UTC, datetime

import pytest

import report
from report.__main__ import main


@pytest.fixture
def out(tmp_path):
    """Where there is a report already."""
    file = tmp_path / "report.html"
    file.write_text("the last one")
    return file


@pytest.fixture
def command(monkeypatch):
    """Runs `python -m report` with arguments."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["report", *map(str, arguments)])
        main()

    return command


@pytest.fixture
def written(monkeypatch, record):
    """Has any sources give one record; the arguments of each reading."""
    asked = []

    def read(*arguments):
        asked.append(arguments[2:])
        return record()

    monkeypatch.setattr(report, "read", read)
    return asked


def test_the_last_report_is_replaced_by_a_complete_one(written, command, out, capsys):
    command("--out", out)
    assert out.read_text().endswith("</html>")
    assert capsys.readouterr().out == f"{out}\n"
    assert list(out.parent.iterdir()) == [out]


def test_the_last_report_is_kept_if_there_is_no_new_one(command, out):
    with pytest.raises(
        SystemExit, match=r"^report: the receiver at .* cannot be reach"
    ):
        command("--receiver", "http://127.0.0.1:1", "--out", out)
    assert out.read_text() == "the last one"


def test_the_last_report_is_kept_while_the_new_one_is_written(
    written, out, monkeypatch
):
    def fail(self, text, **_):
        self.write_bytes(text.encode()[:100])
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.write_text", fail)
    with pytest.raises(OSError, match="no space"):
        report.write("http://p", "http://r", out)
    monkeypatch.undo()
    assert out.read_text() == "the last one"


def test_a_folder_that_is_not_there_is_an_error(written, command, tmp_path):
    with pytest.raises(SystemExit, match=r"^report: .*No such file"):
        command("--out", tmp_path / "absent" / "report.html")


def test_the_options_are_those_of_the_reading(written, command, out):
    zone = "2026-11-22T09:30+02:00"
    command(
        *("--since", "2026-11-22T07:00", "--until", zone, "--model", "tree"),
        *("--out", out),
    )
    since = datetime(2026, 11, 22, 7, tzinfo=UTC).timestamp()
    assert written == [(since, since + 1_800, "tree")]


def test_the_documentation_has_each_option(command, capsys, root):
    with pytest.raises(SystemExit):
        command("--help")
    option = re.compile(r"--[a-z]+")
    exist = set(option.findall(capsys.readouterr().out)) - {"--help"}
    assert set(option.findall((root / "docs" / "report.md").read_text())) == exist


def test_a_time_that_is_none_is_an_error(command, out, capsys):
    with pytest.raises(SystemExit):
        command("--since", "yesterday", "--out", out)
    assert "yesterday is no time" in capsys.readouterr().err
