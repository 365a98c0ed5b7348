"""The dashboards and their provisioning, without a Grafana."""

import configparser
import json
import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from credit_analyzer.model import ARTIFACTS, load
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from model_dashboards.__main__ import FOLDER
from model_dashboards.panels import promql, variables
from model_dashboards.panels.common import RUNBOOK
from model_dashboards.rows import delivery, glance
from webhook_receiver.alertmanager.watchdog import PATIENCE, SILENT_LABELS

from tests import compose
from tests.grafana.dashboards import (
    BOARDS,
    PANEL_QUERIES,
    QUERIES,
    RATE_INTERVAL,
    fill,
    panels,
    used_variables,
)
from tests.grafana.dashboards import variables as variables_of
from tests.test_contracts import COMPOSE, PROMETHEUS, alerts, names_in, rules

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "grafana"
[SOURCES] = (GRAFANA / "provisioning" / "datasources").glob("*.yml")
[PROVIDERS] = (GRAFANA / "provisioning" / "dashboards").glob("*.yml")
LINT = yaml.safe_load((FOLDER / ".lint").read_text())["exclusions"]
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in panels(board)]
BY_TITLE = [f"{name}: {panel['title']}" for name, panel in PANELS]
# Values of variables, to make PromQL of a query. Grafana has more variables of its own.
VALUES = {
    "runbook": "http://127.0.0.1:8080/runbook",
    "model": "any-model",
    "version": "2",
    "compare": "1",
    "site": 'job=~".*"',
    "range": "5m",
    "signal": "any_field",
    "segments": "decision_by_any_field",
}
BOARDS_TEXT = "\n".join(query.text for query in QUERIES)

# Of Prometheus, Alertmanager and the receiver, beside those of the fixture `exported`.
# Here a misspelled name is found early; test_panels.py asks a real system for them.
FURTHER_METRICS = {
    "alertmanager_config_last_reload_successful",
    "prometheus_config_last_reload_successful",
    "prometheus_notifications_alertmanagers_discovered",
    "prometheus_rule_group_rules",
    "webhook_receiver_alertmanager_answered_timestamp_seconds",
    "webhook_receiver_alertmanager_up",
    "webhook_receiver_deleted_alerts_total",
    "webhook_receiver_histories_set_aside",
    "webhook_receiver_history_bytes",
    "webhook_receiver_reconciled_alerts_total",
    "webhook_receiver_truncated_alerts_total",
}

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
every_panel = pytest.mark.parametrize("panel", [p for _, p in PANELS], ids=BY_TITLE)
every_query = pytest.mark.parametrize("query", QUERIES, ids=str)


@every_board
def test_the_sdk_reads_a_dashboard_without_loss(board):
    register_default_plugins()
    encoded = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board))
    assert json.loads(encoded) == board


@every_board
def test_no_panel_overlaps_another_or_the_edge_of_the_grid(board):
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 for p in places)
    for one, other in combinations(places, 2):
        beside = (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        )
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@every_board
def test_a_panel_that_repeats_has_its_row_of_the_grid_for_itself(board):
    # Grafana gives it the whole width, and moves the panels below it down.
    for panel in panels(board):
        if "repeat" in panel:
            assert panel["repeatDirection"] == "h"
            assert panel["gridPos"]["w"] * panel["maxPerRow"] == 24
            [variable] = [
                v for v in board["templating"]["list"] if v["name"] == panel["repeat"]
            ]
            assert variable["multi"]
            assert variable["includeAll"]
            top = panel["gridPos"]["y"]
            assert [p for p in panels(board) if p["gridPos"]["y"] == top] == [panel]


@every_board
def test_the_ids_of_panels_differ(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@every_panel
def test_a_panel_describes_how_to_read_it(panel):
    assert panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert re.fullmatch(r"[A-Z0-9].{100,}\.", panel["description"])


@every_panel
def test_a_panel_that_can_be_empty_gives_the_reason(panel):
    always_answered = panel["targets"][0]["expr"].endswith("or vector(0)")
    reason = panel["fieldConfig"]["defaults"].get("noValue", "")
    assert always_answered or re.fullmatch(r"[A-Z].{10,}\.", reason)


@every_panel
def test_a_panel_links_to_the_section_of_an_alert_in_the_runbook(panel):
    names = {alert["alert"] for alert in alerts()} | {SILENT_LABELS["alertname"]}
    sections = {name.lower() for name in names}
    for link in panel["links"]:
        page, section = link["url"].split("#")
        assert page == RUNBOOK
        assert section in sections


@every_board
def test_the_address_of_the_runbook_is_a_label_of_the_watchdog(board):
    variable = variables_of(board)["runbook"]
    wanted = r'label_values\(ALERTS\{alertname="(\w+)"\}, (\w+)\)'
    alert, label = re.fullmatch(wanted, variable["query"]).groups()
    [watchdog] = [rule for rule in alerts() if rule["alert"] == alert]
    assert watchdog["labels"][label] == "{{ $externalLabels.runbook_url }}"
    assert variable["hide"] == 2  # neither the label nor the choice
    assert RUNBOOK == "${runbook:raw}"


def test_links_of_alerts_lead_to_a_dashboard_and_its_variables():
    found = set()
    for alert in alerts():
        link = alert["annotations"]["dashboard_url"].split("/d/")[1]
        uid = re.match(r"[\w-]+", link)[0]
        found.add(uid)
        assert uid in BOARDS
        assert (
            set(re.findall(r"[?&]var-(\w+)=", link)) <= variables_of(BOARDS[uid]).keys()
        )
    assert found == BOARDS.keys()


@every_board
def test_a_dashboard_links_to_the_other_one_and_to_the_runbook(board):
    [other] = BOARDS.keys() - {board["uid"]}
    assert {link["url"] for link in board["links"]} == {RUNBOOK, f"/d/{other}"}


@every_panel
def test_series_are_named_after_their_labels(panel):
    if panel["type"] in ("timeseries", "bargauge", "stat"):
        legends = [target["legendFormat"] for target in panel["targets"]]
        assert all(legends)
        assert not [legend for legend in legends if "__" in legend]
        assert len(legends) == len(set(legends))


@every_board
def test_every_query_goes_to_the_chosen_datasource(board):
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    askers = [
        *panels(board),
        *(target for panel in panels(board) for target in panel["targets"]),
        *board["annotations"]["list"],
        *(event["target"] for event in board["annotations"]["list"]),
        *(v for v in board["templating"]["list"] if v["type"] == "query"),
    ]
    assert all(asker["datasource"] == chosen for asker in askers)


@every_query
def test_a_query_uses_variables_of_its_dashboard(query):
    own = variables_of(BOARDS[query.board]).keys()
    assert {v for v in used_variables(query.text) if not v.startswith("__")} <= own


@every_board
def test_a_title_uses_variables_of_its_dashboard(board):
    used = [used_variables(panel["title"]) for panel in panels(board)]
    assert set().union(*used) <= variables_of(board).keys()


@every_query
def test_a_query_names_metrics_that_exist(query, exported):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    there = recorded | exported.keys() | FURTHER_METRICS
    text = fill(query.text, VALUES)
    patterns = re.findall(r'__name__=~"([^"]+)"', text)
    names = names_in(text)
    assert patterns or names or text.startswith("vector(")
    assert names <= there
    for pattern in patterns:
        assert [name for name in there if re.fullmatch(pattern, name)], pattern


def test_no_model_and_no_job_is_named_in_the_builders():
    card = json.loads((ARTIFACTS / "model.json").read_text())
    fields = card["inputs"]
    words = {
        *fields,
        *(name for field in fields.values() for name in field.get("enum", [])),
        *(field["unit"] for field in fields.values() if "unit" in field),
        *card["decisions"]["names"],
        card["name"],
        *(job["job_name"] for job in PROMETHEUS["scrape_configs"]),
    } - {"prometheus", "alertmanager"}
    pattern = re.compile(
        rf"\b({'|'.join(map(re.escape, words))})\b|\b{card['namespace']}_"
    )
    for file in (GRAFANA / "model_dashboards").rglob("*.py"):
        assert not pattern.findall(file.read_text()), file.name
    for query in QUERIES:
        assert not re.search(r'\bjob="', query.text), query


def test_a_rate_is_over_the_interval_that_suits_the_page():
    for query in PANEL_QUERIES:
        ranges = re.findall(r"\b(?:rate|irate)\([^\[]*\[([^\]]*)\]", query.text)
        assert set(ranges) <= {"$__rate_interval"}, query


def test_counters_are_read_as_a_rate_or_an_increase():
    for query in PANEL_QUERIES:
        text = re.sub(r'"[^"]*"|\$\{[^}]*\}', "", query.text)
        counters = re.findall(r"\w+_total\b", text)
        read = re.findall(r"(?:rate|increase)\((\w+_total)(?:\{[^}]*\})?\[", text)
        assert counters == read, query


def test_the_rate_interval_is_four_scrapes():
    interval = PROMETHEUS["global"]["scrape_interval"]
    prometheus, _ = yaml.safe_load(SOURCES.read_text())["datasources"]
    assert prometheus["jsonData"]["timeInterval"] == interval
    assert f"{4 * int(interval.rstrip('s'))}s" == RATE_INTERVAL


@every_board
def test_a_dashboard_follows_the_linter(board):
    source, *others = board["templating"]["list"]
    assert (source["name"], source["label"]) == ("datasource", "Data source")
    assert board["editable"] is False
    for variable in others:
        if variable["type"] == "query" and variable["refresh"] != 2:
            assert "template-on-time-change-reload-rule" in LINT
            assert variable["name"] == "signal"
    names = {variable["name"] for variable in others}
    for name in ("job", "instance"):
        assert f"template-{name}-rule" in LINT or name in names
        assert f"target-{name}-rule" in LINT


def test_every_exclusion_of_the_linter_has_a_reason():
    for rule, exclusion in LINT.items():
        assert re.fullmatch(r"[A-Z].{20,}\.", exclusion["reason"]), rule


def threshold(record):
    """The value of a threshold of the rules."""
    [rule] = [rule for rule in rules() if rule.get("record") == record]
    return float(re.fullmatch(r"vector\(([\d.]+)\)", rule["expr"])[1])


def override(board, panel_id, title, name):
    """The value of an override of a column or a figure."""
    [panel] = [p for p in panels(BOARDS[board]) if p["id"] == panel_id]
    [value] = [
        prop["value"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["options"] == title
        for prop in override["properties"]
        if prop["id"] == name
    ]
    return value


def test_colours_change_at_the_thresholds_of_the_rules():
    days = threshold("threshold:model_detection:days")
    assert days * 86_400 == glance.BLIND_SECONDS
    steps = override("model", 12, "budget spent", "thresholds")["steps"]
    released = threshold("threshold:model_drift:release_ratio")
    assert [step["value"] for step in steps] == [None, released, 1]
    steps = override("model-service", 2, "scrapes failed (3 min)", "thresholds")[
        "steps"
    ]
    assert steps[1]["value"] == threshold("threshold:scrapes:failed_ratio")


def test_the_limit_of_the_watchdog_is_that_of_the_receiver():
    assert PATIENCE.total_seconds() == delivery.PATIENCE_SECONDS


def test_the_groups_of_rules_that_are_shown_are_all_of_ours():
    pattern = re.search(r'rule_group=~"([^"]+)"', BOARDS_TEXT)[1]
    for file in (ROOT / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(file.read_text())["groups"]:
            assert re.fullmatch(pattern, f"{file};{group['name']}")


def test_bars_of_numbers_are_sorted_by_the_upper_edge_in_their_text():
    patterns = re.findall(r'"order", "([^"]+)", "category", "([^"]+)"', BOARDS_TEXT)

    def order(text):
        for value, pattern in patterns:
            if found := re.fullmatch(pattern, text):
                return float(found.expand(value.replace("$", "\\")))
        raise AssertionError(text)

    numbers = [signal for signal in load().card.signals if signal.edges]
    assert numbers
    for signal in numbers:
        bars = [order(c.category) for c in signal.cells if c.kind == "bucket"]
        assert bars == sorted(bars)
        assert set(bars) <= {*signal.edges, 1e300}
    assert order("-5 to -0.25") == -0.25


def test_all_sites_are_matched_by_the_default():
    for board in BOARDS.values():
        site = variables_of(board)["site"]
        assert site["allValue"] == variables.ANY_SITE == 'job=~".*"'
        assert site["current"]["value"] == "$__all"


def test_the_site_is_a_list_of_matchers():
    [regex] = {variables_of(board)["site"]["regex"] for board in BOARDS.values()}
    # As Grafana writes a series that it is given by query_result.
    text = '{cluster="eu",job="scoring"} 1 1700000000000'
    assert re.search(regex.strip("/"), text)[1] == 'cluster="eu",job="scoring"'
    assert "${site:raw}" in promql.VERSION


def test_the_datasources_are_services_of_compose():
    for source in yaml.safe_load(SOURCES.read_text())["datasources"]:
        assert source["editable"] is False
        service, port = re.fullmatch(r"http://(\w+):(\d+)", source["url"]).groups()
        assert f":{port}" in str(COMPOSE["services"][service]["command"])
        assert COMPOSE["services"][service]["image"].split(":")[0] == (
            f"prom/{source['type']}"
        )


def test_grafana_knows_the_version_of_its_prometheus():
    prometheus, alertmanager = yaml.safe_load(SOURCES.read_text())["datasources"]
    image = COMPOSE["services"]["prometheus"]["image"]
    assert image.endswith(f":v{prometheus['jsonData']['prometheusVersion']}")
    assert prometheus["jsonData"]["alertmanagerUid"] == alertmanager["uid"]


def test_panels_are_checked_with_the_library_of_the_grafana_that_shows_them():
    package = json.loads((ROOT / "tests" / "grafana" / "package.json").read_text())
    image = COMPOSE["services"]["grafana"]["image"]
    assert image == f"grafana/grafana:{package['dependencies']['@grafana/data']}"


def test_the_library_is_pinned_by_hashes_and_from_no_particular_registry():
    lock = json.loads((ROOT / "tests" / "grafana" / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert not name or package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package


def test_the_dashboards_are_where_the_provider_looks_and_cannot_be_changed():
    [provider] = yaml.safe_load(PROVIDERS.read_text())["providers"]
    assert COMPOSE["services"]["grafana"]["volumes"] == ["./grafana:/etc/grafana:ro"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert provider["allowUiUpdates"] is False
    home = Path(settings()["dashboards"]["default_home_dashboard_path"])
    assert home.parent == Path("/etc/grafana/dashboards")
    assert home.stem in BOARDS


def settings():
    parser = configparser.ConfigParser()
    parser.read(GRAFANA / "grafana.ini")
    return parser


def test_without_a_password_there_are_only_viewers():
    ini = settings()
    assert ini["auth.anonymous"]["org_role"] == "Viewer"
    assert ini.getboolean("security", "disable_initial_admin_creation")
    assert ini.getboolean("auth", "disable_login_form")
    assert not ini.getboolean("auth.basic", "enabled")
    assert not ini.getboolean("users", "allow_sign_up")


def grafana_environment(**environment):
    """Overrides of grafana.ini in Compose, by section and key."""
    service = compose.load(**environment)["services"]["grafana"]
    return {
        tuple(name.lower().removeprefix("gf_").split("_", 1)): value
        for name, value in service["environment"].items()
        if name.startswith("GF_") and value
    }


def test_only_a_password_creates_an_administrator():
    root_url = {("server", "root_url"): "http://127.0.0.1:3000"}
    assert grafana_environment() == root_url
    file = {"GRAFANA_ADMIN_PASSWORD_FILE": "password"}
    project = compose.load(**file)
    assert project["secrets"]["grafana-admin-password"] == {"file": "password"}
    overridden = {
        ("security", "disable_initial_admin_creation"): "false",
        ("auth", "disable_login_form"): "false",
    }
    secret = "/run/secrets/grafana-admin-password"
    assert grafana_environment(**file) == root_url | overridden | {
        ("security", "admin_password__file"): secret
    }
    for section, key in overridden:
        assert settings().getboolean(section, key)
