"""What the parts promise each other: names, versions, addresses."""

import re
from functools import cache
from pathlib import Path

import yaml
from credit_analyzer.model import load

from tests import compose

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
PROMETHEUS = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
COMPOSE = compose.load()
SERVICES = ("credit-analyzer", "loan-application-simulator", "webhook-receiver")

WORDS = {"and", "or", "unless", "bool", "offset", "Inf"}
TARGET_LABELS = {"job", "instance", "le"}


@cache
def rules():
    return [
        rule
        for file in RULES
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def names_in(expression):
    """Metric names and recordings in a PromQL expression."""
    text = re.sub(r'"[^"]*"', "", expression)
    text = re.sub(r"\{[^}]*\}", "", text)
    clauses = r"\b(without|by|on|ignoring|group_left|group_right)\s*\([^)]*\)"
    text = re.sub(clauses, "", text)
    return {
        word[0]
        for word in re.finditer(r"(?<![\w:])[a-zA-Z_][\w:]*", text)
        if word[0] not in WORDS
        and not text[word.end() :].lstrip().startswith("(")  # a function
    }


def test_the_names_of_an_expression_are_found():
    expression = (
        'sum without (a) (rate(b_total{c="d"}[5m])) > on () group_left () e:f:g'
    )
    assert names_in(expression) == {"b_total", "e:f:g"}


def test_every_metric_that_a_rule_names_is_exported_or_recorded(exported):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for rule in rules():
        for name in names_in(rule["expr"]):
            assert name in recorded | exported.keys(), rule


def test_every_label_that_a_rule_on_exported_metrics_names_is_exported(exported):
    for rule in rules():
        for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", rule["expr"]):
            labels = set(re.findall(r"(\w+)\s*(?:=|!=|!~)", matchers))
            if name in exported:
                assert labels <= exported[name] | TARGET_LABELS, rule


def links_of_alerts(**variables):
    """The labels that the links begin with, as Prometheus has them in Compose."""
    project = compose.load(**variables)
    environment = project["services"]["prometheus"]["environment"]
    return {
        label: compose.interpolated(value, environment)
        for label, value in PROMETHEUS["global"]["external_labels"].items()
    }


def test_links_of_alerts_lead_to_the_published_ports():
    for variables in ({}, {"GRAFANA_PORT": "3001", "RECEIVER_PORT": "8081"}):
        ports = compose.published(compose.load(**variables))
        assert links_of_alerts(**variables) == {
            "grafana_url": f"http://127.0.0.1:{ports['grafana']}",
            "runbook_url": f"http://127.0.0.1:{ports['webhook-receiver']}/runbook",
        }


def test_links_of_alerts_lead_to_the_given_urls():
    urls = {"GRAFANA_URL": "https://g.example", "RECEIVER_URL": "https://r.example"}
    assert links_of_alerts(**urls) == {
        "grafana_url": "https://g.example",
        "runbook_url": "https://r.example/runbook",
    }


def test_no_alert_carries_where_its_links_lead_to():
    [drop] = PROMETHEUS["alerting"]["alert_relabel_configs"]
    assert drop["action"] == "labeldrop"
    assert set(drop["regex"].split("|")) == set(PROMETHEUS["global"]["external_labels"])


def test_every_image_has_a_version():
    images = [s["image"] for s in COMPOSE["services"].values() if "build" not in s]
    bases = [
        line.split()[1]
        for file in ROOT.glob("*/Dockerfile")
        for line in file.read_text().splitlines()
        if line.startswith("FROM")
    ]
    for image in images + bases:
        assert re.search(r":v?\d+\.\d+", image), image


def test_every_port_is_published_on_this_machine_only():
    for name, service in COMPOSE["services"].items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_every_target_is_a_service_that_listens_there():
    jobs = [*PROMETHEUS["scrape_configs"], *PROMETHEUS["alerting"]["alertmanagers"]]
    static = [
        target
        for job in jobs
        for found in job.get("static_configs", [])
        for target in found["targets"]
    ]
    by_dns = [
        f"{name}:{found['port']}"
        for job in jobs
        for found in job.get("dns_sd_configs", [])
        for name in found["names"]
    ]
    assert by_dns == ["credit-analyzer:8001"]
    for target in static + by_dns:
        host, port = target.split(":")
        service = COMPOSE["services"][host]
        text = f"{service.get('command')} {service.get('ports')}"
        assert port in text, target


def test_the_shipped_model_was_fitted_with_the_pinned_scikit_learn():
    text = (ROOT / "credit-analyzer" / "requirements.in").read_text()
    assert f"scikit-learn=={load().card.library['scikit-learn']}\n" in text
