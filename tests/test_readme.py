"""The README, held against what it talks about."""

import json
import re
from pathlib import Path

import yaml
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from loan_application_simulator.scenarios import SCENARIOS
from prometheus_client import CollectorRegistry
from webhook_receiver.watchdog import SILENT_LABELS

from tests import compose

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def section(title):
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_alerts_are_those_of_the_rules():
    alerts = {
        (rule["alert"], rule["labels"]["severity"])
        for file in (ROOT / "prometheus" / "rules").glob("alerts-*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \|", section("Which alerts, and why"), re.M
    )
    # The one alert that comes from elsewhere.
    silent = (SILENT_LABELS["alertname"], SILENT_LABELS["severity"])
    assert len(rows) == len(set(rows))
    assert set(rows) == alerts | {silent}


def test_the_thresholds_are_those_of_the_rules():
    rules = yaml.safe_load(
        (ROOT / "prometheus" / "rules" / "thresholds.yml").read_text()
    )
    thresholds = {
        rule["record"]: re.fullmatch(r"vector\((.*)\)", rule["expr"])[1]
        for group in rules["groups"]
        for rule in group["rules"]
        if rule["record"].endswith(":threshold")
    }
    text = section("Which alerts, and why")
    assert f"d ≥ {thresholds['credit_drift:distance:threshold']}" in text
    assert f"> {thresholds['credit_drift:nats:threshold']} nats" in text


def test_the_make_targets_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"make (\w+)", README))
    assert {"demo", "test"} <= named <= targets


def test_the_scenarios_are_those_of_the_simulator():
    named = re.search(r"Other scenarios:(.*?)\n\n", README, re.DOTALL)[1]
    for name in set(SCENARIOS) - {"storyline"}:
        assert name in named


def test_the_variables_that_compose_is_given_are_read_there():
    given = set(re.findall(r"(\w+)=\S+ docker compose", README))
    assert given
    assert given <= compose.names()


def test_the_phases_last_as_long_as_they_do():
    second = 0
    for phase in SCENARIOS["storyline"].phases:
        end = second + phase.seconds
        name = phase.name.replace("-", " ")
        assert f"| {second}–{end} | {name} |" in README
        second = end


def test_the_example_of_the_api_is_answered_as_it_says():
    client = create_app(load(), CollectorRegistry()).test_client()
    path = re.search(r"curl -X POST http://127\.0\.0\.1:8000(\S+)", README)[1]
    sent = json.loads(re.search(r"-d '(.*?)'", README, re.DOTALL)[1])
    answered = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    assert client.post(path, json=sent).json == answered


def test_the_files_that_are_linked_exist():
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
