"""What promtool and amtool say of the rules and configurations."""

import subprocess
from pathlib import Path

import pytest
import yaml

from stack import configuration

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
CASES = sorted((ROOT / "tests" / "rules").glob("*.test.yml"))
# Each window, and how often it is evaluated.
WINDOWS = {"10s": "1s", "30s": "5s", "2m": "5s", "5m": "5s", "1h": "1m"}


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
    tested = {
        Path(file).name
        for cases in CASES
        for file in yaml.safe_load(cases.read_text())["rule_files"]
    }
    assert {file.name for file in RULES} == tested


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


def test_the_rules_of_the_longer_windows_are_those_of_the_shortest():
    [shortest, *longer] = [
        (ROOT / "prometheus" / "rules" / f"drift-{window}.yml").read_text()
        for window in WINDOWS
    ]
    rules = shortest[shortest.index("groups:\n") :]
    for text, (window, interval) in zip(longer, list(WINDOWS.items())[1:], strict=True):
        head, written = text.split("\n", 1)
        assert head == (
            "# Written by `make rules` from drift-10s.yml, which explains it."
        )
        expected = rules.replace("10s", window)
        assert written == expected.replace("interval: 1s", f"interval: {interval}")


def test_scrapes_that_fail_are_counted_at_the_interval_that_is_configured():
    # CreditAnalyzerDown and MonitorTargetDown: fifteen of a minute's sixty.
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    assert config["global"]["scrape_interval"] == "1s"


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_no_expression_is_longer_than_eight_lines(file):
    for group in groups(file):
        for rule in group["rules"]:
            assert len(rule["expr"].strip().splitlines()) <= 8, rule


def test_the_local_configuration_differs_in_addresses_only():
    addresses = {"prometheus:9090": "127.0.0.1:1"}
    local = configuration.prometheus(addresses)
    original = (ROOT / "prometheus" / "prometheus.yml").read_text()
    restored = local.replace("127.0.0.1:1", "prometheus:9090")
    restored = restored.replace('""', '"${GRAFANA_URL}"')
    restored = restored.replace("http://127.0.0.1:8080/runbook", "${RUNBOOK_URL}")
    rules = f"{ROOT / 'prometheus' / 'rules'}/"
    assert restored.replace(rules, "rules/") == original


def test_the_local_analyzer_is_a_static_target_and_in_no_dns():
    local = configuration.prometheus({"credit-analyzer:8001": "127.0.0.1:1"})
    [analyzer] = [
        job
        for job in yaml.safe_load(local)["scrape_configs"]
        if job["job_name"] == "credit-analyzer"
    ]
    assert analyzer == {
        "job_name": "credit-analyzer",
        "static_configs": [{"targets": ["127.0.0.1:1"]}],
    }


def test_the_local_links_lead_to_the_local_receiver_and_to_no_grafana():
    local = configuration.prometheus({"webhook-receiver:8080": "127.0.0.1:2"})
    links = yaml.safe_load(local)["global"]["external_labels"]
    assert links == {"grafana_url": "", "runbook_url": "http://127.0.0.1:2/runbook"}


def test_an_address_that_is_configured_nowhere_is_named():
    with pytest.raises(ValueError, match=r"prometheus\.yml does not mention nobody:1"):
        configuration.prometheus({"nobody:1": "127.0.0.1:1"})
