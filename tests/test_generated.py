"""Files that programs write are as the programs write them, and marked as such."""

import re
from pathlib import Path

from model_dashboards import __main__ as dashboards

from prometheus import generate_rules

ROOT = Path(__file__).parents[1]
RULES = ROOT / "prometheus" / "rules"
MARKED = re.compile(r"^# .*`make (\w+)`\n(\S+) linguist-generated$", re.MULTILINE)


def test_rules_and_dashboards_are_as_they_are_generated():
    generated = {RULES / name: text for name, text in generate_rules.generate()}
    generated |= dashboards.generate()
    folders = (RULES, dashboards.FOLDER)
    files = {
        file: file.read_text()
        for folder in folders
        for file in folder.iterdir()
        if not file.name.startswith(".")
    }
    assert files == generated, "make rules dashboards"


def test_git_marks_what_is_generated_with_the_target_that_writes_it():
    marked = dict(MARKED.findall((ROOT / ".gitattributes").read_text()))
    assert marked["rules"] == "prometheus/rules/*.yml"
    assert marked["dashboards"] == "grafana/dashboards/*.json"
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert marked.keys() <= set(targets)
    for pattern in marked.values():
        assert list(ROOT.glob(pattern)), pattern
