"""The rules and configurations: what promtool and amtool say, and what they promise."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from prometheus import generate_rules
from stack import configuration

from . import promtool as rules

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
CASES = sorted((ROOT / "tests" / "rules").glob("*.test.yml"))
TEMPLATES = ROOT / "prometheus" / "templates"
# What a pager shows of an alert.
SUMMARY_CHARACTERS = 110


def check(command):
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def groups(file):
    return yaml.safe_load(file.read_text())["groups"]


RULE_LIST = [
    rule for file in RULES for group in groups(file) for rule in group["rules"]
]
ALERTS = [rule for rule in RULE_LIST if "alert" in rule]


def by_name(alert):
    return f"{alert['alert']}-{alert['labels']['severity']}"


@pytest.mark.parametrize("rules", RULES, ids=lambda file: file.name)
def test_rules_pass_the_lint(promtool, rules):
    check([promtool, "check", "rules", "--lint=all", "--lint-fatal", rules])


@pytest.mark.parametrize(
    "cases",
    [
        # Days of it.
        pytest.param(file, marks=[pytest.mark.slow] if "long" in file.name else [])
        for file in CASES
    ],
    ids=lambda file: file.name,
)
def test_rules_pass_their_cases(promtool, cases):
    check([promtool, "test", "rules", cases])


def test_a_threshold_that_is_missing_or_there_twice_is_an_alert(promtool, tmp_path):
    thresholds = [rule["record"] for rule in RULE_LIST if is_threshold(rule)]
    found = [{"series": name, "values": "1x80"} for name in thresholds]
    case = rules.Case("thresholds", found, step=15)
    # The first is found after five minutes, and twice after ten.
    case.series[0]["values"] = "_x20 1x60"
    case.series += [
        {"series": thresholds[1] + "{a='b'}", "values": "_x40 1x19 stale"},
        # Another team's.
        {"series": "threshold:theirs:ratio", "values": "1x80"},
    ]
    alert = "MonitorThresholdsMissing"
    for time, number in ((45, 0), (75, 1), (360, 0), (690, 1), (960, 0)):
        case.expect_firing(time, alert, number, severity="critical")
    rules.run(promtool, tmp_path, [case], 15, ["monitor"])


def is_threshold(rule):
    return rule.get("record", "").startswith(("default:", "threshold:"))


def test_without_any_threshold_there_is_an_alert(promtool, tmp_path):
    case = rules.Case("nothing", [], step=15)
    case.expect_firing(120, "MonitorThresholdsMissing")
    rules.run(promtool, tmp_path, [case], 15, ["monitor"])


def test_a_template_that_is_gone_takes_its_rules_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(generate_rules, "RULES", tmp_path)
    (tmp_path / "old.yml").write_text("groups: []\n")
    generate_rules.main([])
    assert {file.name for file in tmp_path.iterdir()} == {f.name for f in RULES}


def test_a_rules_file_names_its_template():
    for file in RULES:
        first = file.read_text().splitlines()[0]
        template = f"prometheus/templates/{file.name}"
        assert first == f"# Written by `make rules` from {template}."
        assert (ROOT / template).is_file()


def test_the_generator_knows_all_groups():
    names = [group["name"] for file in RULES for group in groups(file)]
    assert sorted(names) == sorted(generate_rules.GROUPS)


def test_a_silence_is_forgotten_by_half_in_16_days():
    [(every, rule)] = [
        (group["interval"], rule)
        for file in RULES
        for group in groups(file)
        for rule in group["rules"]
        if rule.get("record") == "model:model_applications:longest_silence_seconds"
    ]
    assert every == "1m"
    [kept] = re.findall(r"(0\.\d+) \*", rule["expr"])
    assert float(kept) ** (16 * 24 * 60) == pytest.approx(0.5, abs=0.01)


def test_links_may_be_written_into_the_rules(tmp_path, monkeypatch):
    monkeypatch.setattr(generate_rules, "RULES", tmp_path)
    urls = ["--runbook-url=https://w/r", "--grafana-url=https://g/"]
    generate_rules.main(urls)
    text = (tmp_path / "drift.yml").read_text()
    assert "externalLabels" not in text
    assert "runbook_url: 'https://w/r#modelstuck'" in text
    assert "dashboard_url: 'https://g/d/model?var-model=" in text


def test_rules_name_no_field_job_or_interval_of_ours():
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]} - {
        # These are also the names of metrics and labels.
        "prometheus",
        "alertmanager",
    }
    ours = {*jobs, "credit", "income", "loan", "DENIED", "job=", "instance="}
    for rule in RULE_LIST:
        for name in ours:
            assert name not in rule["expr"], rule


def test_rules_sum_over_replicas_by_the_closed_list_of_labels():
    replica = ", ".join(generate_rules.REPLICA_LABELS)
    for rule in RULE_LIST:
        for clause in re.findall(r"without \(([^)]*)\)", rule["expr"]):
            if "instance" in clause:
                assert clause.startswith(replica), rule
        assert not re.search(r"\bby \(", rule["expr"]), rule


def test_a_recording_is_named_by_level_metric_and_operations():
    for rule in RULE_LIST:
        if "record" in rule:
            assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", rule["record"])


def test_thresholds_are_recordings():
    # Other numbers of comparisons: 0 and 1, cells, and the form of the evidence.
    numbers = {"0", "1", "2", "200", "300", "600"}
    for rule in RULE_LIST:
        text = re.sub(r'"[^"]*"|\[[^]]*\]', "", rule["expr"])
        compared = r"[<>=!]=?\s*(?:bool\s*)?(\d[\d.e-]*)(?![\w:])"
        assert set(re.findall(compared, text)) <= numbers, rule


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_an_alert_has_a_short_static_summary_and_a_first_step(alert):
    assert re.fullmatch(r"(Model|Monitor)([A-Z][a-z]+)+", alert["alert"])
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    texts = alert["annotations"]
    assert set(texts) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert "{{" not in texts["summary"]
    assert texts["summary"].endswith(".")
    assert len(texts["summary"]) <= SUMMARY_CHARACTERS
    if alert["labels"]["severity"] != "info":
        assert "First step: " in texts["description"]


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_a_text_costs_at_most_four_queries(alert):
    calls = re.findall(r"\bquery\b", alert["annotations"]["description"])
    assert len(calls) <= 4


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_a_query_of_a_text_matches_all_labels_of_the_site(alert):
    text = alert["annotations"]["description"]
    if "query" in text:
        assert re.search(
            r'\$model := printf "job=%q,cluster=%q,namespace=%q,service=%q,model=%q,'
            r'model_version=%q" ',
            text,
        )
        for selector in re.findall(r"\{\" (\S+)", text):
            while selector != "$model":
                built = rf'\{selector} := print(?:f "(?:[^"\\]|\\.)*")? (\$\w+)'
                selector = re.search(built, text)[1]
        # A metric without a selector is that of every model.
        for metric in re.findall(r"\w+:\w+:\w+|\bmodel_\w+_(?:ratio|info)\b", text):
            for after in re.findall(rf"{metric}(.{{3}})", text):
                assert after == '{" '


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_an_alert_has_a_section_of_the_runbook(alert):
    text = (ROOT / "prometheus" / "RUNBOOK.md").read_text()
    section = text.split(f"\n## {alert['alert']}\n", 1)[1].split("\n## ", 1)[0]
    headings = re.findall(r"^### (.+)$", section, re.MULTILINE)
    assert headings == ["Meaning", "Impact", "Diagnosis", "Mitigation"]


def test_the_runbook_has_no_section_of_an_alert_that_is_gone():
    text = (ROOT / "prometheus" / "RUNBOOK.md").read_text()
    known = {alert["alert"] for alert in ALERTS} | {"WatchdogSilent"}
    assert set(re.findall(r"^## (.+)$", text, re.MULTILINE)) == known


def test_the_queries_of_the_runbook_name_what_is_recorded(promtool, tmp_path):
    text = (ROOT / "prometheus" / "RUNBOOK.md").read_text()
    queries = re.findall(r"```promql\n(.*?)```", text, re.DOTALL)
    recorded = {rule["record"] for rule in RULE_LIST if "record" in rule}
    for query in queries:
        names = re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+", query)
        assert set(names) <= recorded, query
    rules = [
        {"record": f"runbook:query:{i}", "expr": query}
        for i, query in enumerate(queries)
    ]
    file = tmp_path / "runbook.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "r", "rules": rules}]}))
    check([promtool, "check", "rules", "--lint=none", file])


def test_prometheus_accepts_its_configuration(promtool):
    check([promtool, "check", "config", ROOT / "prometheus" / "prometheus.yml"])


def test_alertmanager_accepts_its_configuration(monitoring_binaries):
    file = ROOT / "alertmanager" / "alertmanager.yml"
    check([monitoring_binaries / "amtool", "check-config", file])


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=ModelDecisionDrift", "severity=critical"], "webhook-receiver"),
        (["alertname=SomethingNew"], "webhook-receiver"),
        (["alertname=MonitorWatchdog"], "watchdog"),
    ],
)
def test_alerts_are_routed_to_their_receiver(monitoring_binaries, labels, receiver):
    file = ROOT / "alertmanager" / "alertmanager.yml"
    command = ["config", "routes", "test", f"--config.file={file}"]
    verify = f"--verify.receivers={receiver}"
    check([monitoring_binaries / "amtool", *command, verify, *labels])


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
    with pytest.raises(ValueError, match=r"prometheus\.yml does not mention unknown:1"):
        configuration.prometheus({"unknown:1": "127.0.0.1:1"})
