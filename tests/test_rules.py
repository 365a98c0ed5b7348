"""What promtool and amtool say of the rules and configurations."""

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from stack import configuration

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
CASES = sorted((ROOT / "tests" / "rules").glob("*.test.yml"))
WINDOWS = {"30s": 30, "5m": 300, "1h": 3600}


def check(command):
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def groups(file):
    return yaml.safe_load(file.read_text())["groups"]


@pytest.fixture(scope="session")
def promtool(monitoring_binaries):
    return monitoring_binaries / "promtool"


@pytest.mark.parametrize("rules", RULES, ids=lambda file: file.name)
def test_rules_pass_the_lint(promtool, rules):
    check([promtool, "check", "rules", "--lint=all", "--lint-fatal", rules])


@pytest.mark.parametrize("cases", CASES, ids=lambda file: file.name)
def test_rules_do_what_their_cases_say(promtool, cases):
    check([promtool, "test", "rules", cases])


def test_every_rules_file_has_cases():
    assert [f.stem for f in RULES] == [f.name.split(".")[0] for f in CASES]


def test_prometheus_accepts_its_configuration(promtool):
    check([promtool, "check", "config", ROOT / "prometheus" / "prometheus.yml"])


def test_alertmanager_accepts_its_configuration(monitoring_binaries):
    file = ROOT / "alertmanager" / "alertmanager.yml"
    check([monitoring_binaries / "amtool", "check-config", file])


@pytest.mark.parametrize(
    "labels",
    [
        ["alertname=CreditDecisionDrift", "severity=critical", "model=m"],
        ["alertname=CreditInputDrift", "severity=warning"],
        ["alertname=SomethingNew"],
    ],
)
def test_every_alert_is_routed_to_the_receiver(monitoring_binaries, labels):
    file = ROOT / "alertmanager" / "alertmanager.yml"
    command = ["config", "routes", "test", f"--config.file={file}"]
    check(
        [
            monitoring_binaries / "amtool",
            *command,
            "--verify.receivers=webhook-receiver",
            *labels,
        ]
    )


def test_the_windows_differ_only_in_their_length_up_to_the_evidence():
    chains = []
    drift = groups(ROOT / "prometheus" / "rules" / "drift.yml")
    for group, (window, seconds) in zip(drift, WINDOWS.items(), strict=True):
        assert group["name"] == f"credit-drift-{window}"
        records = [rule["record"] for rule in group["rules"]]
        assert records[-1] == f"signal:credit_drift:significant{window}"
        evidence = records.index(f"signal:credit_drift:nats{window}")
        text = str(group["rules"][: evidence + 1]).replace(
            f"* {seconds - 1} / {seconds}", "* (W - s) / W"
        )
        chains.append(text.replace(window, "W"))
    for one, other in pairwise(chains):
        assert one == other


def test_evidence_is_corrected_for_the_scrape_interval_that_is_configured():
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    assert config["global"]["scrape_interval"] == "1s"
    text = (ROOT / "prometheus" / "rules" / "drift.yml").read_text()
    for seconds in WINDOWS.values():
        assert text.count(f") * {seconds - 1} / {seconds}\n") == 1


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_no_expression_is_longer_than_eight_lines(file):
    for group in groups(file):
        for rule in group["rules"]:
            assert len(rule["expr"].strip().splitlines()) <= 8, rule


def test_the_local_configuration_differs_in_addresses_only():
    addresses = {"credit-analyzer:8001": "127.0.0.1:1"}
    local = configuration.prometheus(addresses)
    original = (ROOT / "prometheus" / "prometheus.yml").read_text()
    restored = local.replace("127.0.0.1:1", "credit-analyzer:8001")
    rules = f"{ROOT / 'prometheus' / 'rules'}/"
    assert restored.replace(rules, "rules/") == original


def test_an_address_that_is_configured_nowhere_is_named():
    with pytest.raises(ValueError, match=r"prometheus\.yml does not mention nobody:1"):
        configuration.prometheus({"nobody:1": "127.0.0.1:1"})
