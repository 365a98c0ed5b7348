"""The documents, compared with what they are about."""

import json
import os
import re
import shlex
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import yaml
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from loan_application_simulator.scenarios import SCENARIOS
from prometheus_client import CollectorRegistry
from webhook_receiver.alertmanager.watchdog import SILENT_LABELS

from prometheus import generate_rules
from stack.example_models import EXAMPLES
from tests import compose
from tests.documents import pages as documents
from tests.documents.pages import ALL, PAGES, README, ROOT, RUNBOOK

TEXT = README.read_text()
DOCS = ROOT / "docs"
# What a newcomer finishes, and what one question deserves.
README_LINES, README_WORDS, PAGE_LINES = 180, 1_200, 250

RECORDING = r"(?<![\w:])[a-z_]+:[a-z_]+:[a-z0-9_]+(?![\w:*])"
MODULES = {"model_monitor", "credit_analyzer", "model_version", "webhook_receiver"}
# Exported if the card sets them; the shipped one does not.
OPTIONAL = {"model_signal_critical_ratio", "model_false_alarm_days"}
FOLDERS = [
    str(ROOT / name)
    for name in (".", "credit-analyzer", "model-monitor", "webhook-receiver")
]
COMMANDS = [command for document in ALL for command in documents.programs(document)]

every_document = pytest.mark.parametrize("document", ALL, ids=documents.name)


def section(page, title):
    return page.read_text().split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_readme_is_short():
    assert len(TEXT.splitlines()) <= README_LINES
    assert len(TEXT.split()) <= README_WORDS


@pytest.mark.parametrize("page", PAGES, ids=documents.name)
def test_a_page_is_short_and_has_one_title(page):
    text = page.read_text()
    assert len(text.splitlines()) <= PAGE_LINES
    assert len(re.findall(r"^# ", documents.CODE.sub("", text), re.M)) == 1


@every_document
def test_links_lead_to_files_and_headings_that_exist(document):
    for target, anchor in documents.links(document):
        assert target.exists(), target
        if anchor:
            assert anchor in documents.anchors(target), f"{target}#{anchor}"


@every_document
def test_targets_of_make_exist(document):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z][\w-]*)", documents.commands(document)))
    assert named <= targets


def test_a_word_that_is_avoided_is_found_with_its_place(tmp_path):
    page = tmp_path / "page.md"
    avoided = "dlot"[::-1]
    page.write_text(f"# Alerts\n\nThe operator is {avoided}.\n")
    words = [sys.executable, ".ci/words.py", page]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{page}:3: '{avoided}': write ")
    page.write_text("# Alerts\n\nThe operator is notified.\n")
    assert subprocess.run(words, cwd=ROOT).returncode == 0


def test_every_page_is_in_the_index():
    linked = {target for target, _ in documents.links(DOCS / "index.md")}
    assert {page for page in PAGES if page.parent == DOCS} <= linked | {
        DOCS / "index.md"
    }


def test_the_site_is_built_without_a_warning(tmp_path):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir"]
    done = subprocess.run(
        [*build, tmp_path / "site"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "alerts.html").read_text()
    assert 'href="RUNBOOK.html#modelstuck"' in page
    # A file of the repository is no page: its path is text.
    assert "<code>prometheus/rules/thresholds.yml</code>" in page


def test_queries_are_understood(promtool, tmp_path):
    named = documents.queries(README, *PAGES, RUNBOOK)
    assert {README.name, "docs/metrics.md", "prometheus/RUNBOOK.md"} <= {
        document for document, _ in named
    }
    rules = [
        {"record": f"query:{number}", "expr": query, "labels": {"document": document}}
        for number, (document, query) in enumerate(named)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run(
        [promtool, "check", "rules", "--lint=none", file],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_program_has_the_options_that_a_command_names(command):
    module, *rest = command[1:] if command[0] == "-m" else ("model_monitor", *command)
    subcommand = rest[:1] if re.fullmatch("[a-z]+", rest[0]) else []
    done = subprocess.run(
        [sys.executable, "-m", module, *subcommand, "--help"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(FOLDERS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    options = {word.partition("=")[0] for word in command if word.startswith("--")}
    assert options <= set(re.findall(r"--[\w-]+", done.stdout))


def test_the_commands_of_each_program_are_checked():
    programs = {command[1] if command[0] == "-m" else "card" for command in COMMANDS}
    assert {"credit_analyzer", "webhook_receiver", "report", "card"} <= programs


def test_recordings_and_metrics_of_the_pages_exist(exported):
    rules = [
        rule
        for file in (ROOT / "prometheus" / "rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    exported = {re.sub("_(bucket|count)$", "", name) for name in exported}
    for page in (README, *PAGES, RUNBOOK):
        text = re.sub(r"[a-z]+://\S+", "", page.read_text())
        assert set(re.findall(RECORDING, text)) <= recorded, page
        inline = set(re.findall(r"`((?:model|credit|webhook_receiver)_\w+)`", text))
        assert inline - MODULES - OPTIONAL <= exported, page


def test_variables_that_compose_is_given_are_read_there():
    for document in ALL:
        given = re.findall(r"([A-Z_]+)=\S+ docker compose", document.read_text())
        assert set(given) <= compose.names(), document


def test_scenarios_and_models_of_the_readme_are_those_of_the_demo():
    [line] = re.findall(r"Other scenarios:.*?\n\n", TEXT, re.DOTALL)
    assert set(re.findall(r"[a-z]+(?:-[a-z]+)+|baseline|recovery|malformed", line)) == (
        set(SCENARIOS) - {"storyline"}
    )
    assert set(re.findall(r"--model (\w+)", line)) <= set(EXAMPLES)


def test_the_story_of_the_readme_is_that_of_the_simulator():
    seconds = {}
    second = 0
    for phase in SCENARIOS["storyline"].phases:
        seconds[phase.name] = second
        second += phase.seconds
    assert f"hard times from second {seconds['hard-times']}" in TEXT
    assert f"gold rush from second {seconds['gold-rush']}" in " ".join(TEXT.split())


def test_the_example_of_the_api_is_answered_as_the_readme_says():
    client = create_app(load(), CollectorRegistry()).test_client()
    path = re.search(r"curl http://127\.0\.0\.1:8000(\S+) --json", TEXT)[1]
    sent = json.loads(re.search(r"--json '(.*?)'", TEXT, re.DOTALL)[1])
    answered = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    assert client.post(path, json=sent).json == answered


def test_both_forms_of_the_api_are_answered_as_their_page_says():
    client = create_app(load(), CollectorRegistry()).test_client()
    page = DOCS / "api.md"
    text = " ".join(page.read_text().split())
    as_json, as_query = (
        shlex.split(block.replace("\\\n", " "))
        for block in documents.blocks(page, "console")
    )
    path = urlsplit(as_json[1]).path
    answer = client.post(path, json=json.loads(as_json[-1])).get_data(as_text=True)
    assert f"answers `{answer.strip()}`" in text
    given = as_query[as_query.index("--data-urlencode") + 1 :: 2]
    answer = client.get(path, query_string=dict(p.split("=") for p in given))
    assert f"`{answer.get_data(as_text=True).strip()}`" in text


def test_folders_and_files_of_the_layout_exist():
    [layout] = re.findall(r"## Layout\n\n```\n(.*?)```", TEXT, re.DOTALL)
    named = re.findall(r"(?:^|  )([\w.-]+/|demo\.py)", layout, re.M)
    assert len(named) > len(layout.splitlines())
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_page_of_alerts_lists_the_alerts_of_the_rules():
    alerts = {
        (rule["alert"], rule["labels"]["severity"])
        for file in (ROOT / "prometheus" / "rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    # The one alert that the receiver raises.
    alerts.add((SILENT_LABELS["alertname"], SILENT_LABELS["severity"]))
    text = (DOCS / "alerts.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\(\S+#(\w+)\) \| (\w+) \|", text, re.M)
    assert {(name, severity) for name, _, severity in rows} == alerts
    assert len(rows) == len(alerts)
    for alert, anchor, _ in rows:
        assert anchor == alert.lower()


def test_the_bets_of_the_page_are_those_of_the_rules():
    table = section(
        DOCS / "how-detection-works.md", 'Betting against "nothing is wrong"'
    )
    named = re.findall(r"^\| (all|[-\d., and]+?)(?: alone)? \|", table, re.M)
    bets = {bet for row in named for bet in re.split(r", | and ", row)}
    assert bets == {member.name for member in generate_rules.DRIFT_BANK}


def test_labels_of_the_page_are_those_of_the_generator():
    text = section(DOCS / "your-prometheus.md", "Which labels may be there?")
    replicas, sites = text.split("**Labels of sites**")
    listed = replicas.split("The list is closed")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == generate_rules.REPLICA_LABELS
    listed = sites.split("Another site label")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == generate_rules.SITE_LABELS


def test_every_test_that_holds_a_promise_exists():
    text = (DOCS / "guarantees.md").read_text()
    named = re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`", text)
    assert len(named) > 30
    for path, function in named:
        assert (ROOT / path).exists(), path
        if function:
            assert f"def {function}(" in (ROOT / path).read_text(), function
