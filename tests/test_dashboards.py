"""The dashboards and their provisioning, without a Grafana."""

import configparser
import json
import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from credit_dashboards.__main__ import FOLDER, written
from credit_dashboards.panels import RUNBOOK
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests import compose
from tests.dashboards import BOARDS, FILLED, PANEL_QUERIES, QUERIES, VARIABLE, panels
from tests.test_contracts import COMPOSE, names_in, rules

ROOT = Path(__file__).parents[1]
GRAFANA = ROOT / "grafana"
[SOURCES] = (GRAFANA / "provisioning" / "datasources").glob("*.yml")
[PROVIDERS] = (GRAFANA / "provisioning" / "dashboards").glob("*.yml")
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in panels(board)]
BY_TITLE = [f"{name}: {panel['title']}" for name, panel in PANELS]

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
every_panel = pytest.mark.parametrize("panel", [p for _, p in PANELS], ids=BY_TITLE)
every_query = pytest.mark.parametrize("query", QUERIES, ids=str)


def test_the_files_are_what_the_builders_write():
    texts = {path: path.read_text() for path in FOLDER.glob("*.json")}
    assert texts == written(), "make dashboards"


@every_board
def test_a_dashboard_is_one_to_the_sdk_too(board):
    register_default_plugins()
    encoded = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board))
    assert json.loads(encoded) == board


@every_board
def test_no_panel_lies_on_another_or_beyond_the_grid(board):
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 for p in places)
    for one, other in combinations(places, 2):
        beside = (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        )
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@every_board
def test_the_ids_of_panels_are_their_own(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@every_panel
def test_a_panel_says_how_to_read_it(panel):
    assert panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert re.fullmatch(r"[A-Z0-9].{60,}\.", panel["description"])


@every_panel
def test_a_panel_links_to_a_section_of_the_runbook_that_exists(panel):
    runbook = (ROOT / "prometheus" / "RUNBOOK.md").read_text()
    sections = {name.lower() for name in re.findall(r"^## (\w+)$", runbook, re.M)}
    for link in panel["links"]:
        page, section = link["url"].split("#")
        assert page == RUNBOOK
        assert section in sections


@every_board
def test_the_address_of_the_runbook_is_a_label_of_the_watchdog(board):
    [variable] = [v for v in board["templating"]["list"] if v["name"] == "runbook"]
    wanted = r'label_values\(ALERTS\{alertname="(\w+)"\}, (\w+)\)'
    alert, label = re.fullmatch(wanted, variable["query"]).groups()
    [watchdog] = [rule for rule in rules() if rule.get("alert") == alert]
    assert watchdog["labels"][label] == "{{ $externalLabels.runbook_url }}"
    assert variable["hide"] == 2  # neither the label nor the choice
    assert RUNBOOK == "${runbook:raw}"


@every_panel
def test_lines_are_named_after_what_differs(panel):
    if panel["type"] in ("timeseries", "bargauge", "stat", "heatmap"):
        legends = [target["legendFormat"] for target in panel["targets"]]
        assert all(legends)
        assert not [legend for legend in legends if "__" in legend]
        assert len(legends) == len(set(legends))


@every_board
def test_every_datasource_is_the_one_that_is_chosen(board):
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
def test_a_query_uses_variables_that_the_dashboard_has(query):
    board = BOARDS[query.board]
    own = {variable["name"] for variable in board["templating"]["list"]}
    for found in VARIABLE.finditer(query.text):
        name = found[1] or found[2]
        assert name in own or name.startswith("__")


@every_query
def test_a_query_names_metrics_that_exist(query, exported):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    names = names_in(query.filled)
    assert names or query.filled == "vector(1)"
    assert names <= recorded | exported.keys()


@pytest.mark.parametrize("window", ["10s", "30s", "2m", "5m", "1h"])
def test_there_is_a_recording_for_every_window_that_can_be_chosen(window):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    [variable] = [
        v for v in BOARDS["credit-model"]["templating"]["list"] if v["name"] == "window"
    ]
    assert window in variable["query"].split(",")
    for query in PANEL_QUERIES:
        for name in re.findall(r"([\w:]+)\$\{window\}", query.text):
            assert f"{name}{window}" in recorded


@every_query
def test_a_rate_is_over_the_interval_that_suits_the_page(query):
    ranges = re.findall(r"(?:rate|irate|increase)\([^\[]*\[([^\]]*)\]", query.text)
    assert set(ranges) <= {"$__rate_interval"}


def test_the_rate_interval_is_four_scrapes():
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    interval = config["global"]["scrape_interval"]
    prometheus, _ = yaml.safe_load(SOURCES.read_text())["datasources"]
    assert prometheus["jsonData"]["timeInterval"] == interval
    assert FILLED["__rate_interval"] == f"{4 * int(interval.rstrip('s'))}s"


@every_board
def test_a_dashboard_follows_the_linter(board):
    source, *variables = board["templating"]["list"]
    assert (source["name"], source["label"]) == ("datasource", "Data source")
    assert all(v["refresh"] == 2 for v in variables if v["type"] == "query")
    assert board["editable"] is False
    for rule in ("template-job-rule", "template-instance-rule"):
        assert exempt(rule) or rule.split("-")[1] in {v["name"] for v in variables}
    for rule in ("target-job-rule", "target-instance-rule"):
        assert exempt(rule)


def exempt(rule):
    """Why a rule of dashboard-linter does not hold here, or nothing."""
    exclusions = yaml.safe_load((FOLDER / ".lint").read_text())["exclusions"]
    return exclusions.get(rule, {}).get("reason")


def test_the_datasources_are_services_of_compose():
    for source in yaml.safe_load(SOURCES.read_text())["datasources"]:
        assert source["editable"] is False
        service, port = re.fullmatch(r"http://(\w+):(\d+)", source["url"]).groups()
        assert f":{port}" in str(COMPOSE["services"][service]["command"])
        assert COMPOSE["services"][service]["image"].split(":")[0] == (
            f"prom/{source['type']}"
        )


def test_grafana_knows_which_prometheus_it_asks():
    prometheus, alertmanager = yaml.safe_load(SOURCES.read_text())["datasources"]
    image = COMPOSE["services"]["prometheus"]["image"]
    assert image.endswith(f":v{prometheus['jsonData']['prometheusVersion']}")
    assert prometheus["jsonData"]["alertmanagerUid"] == alertmanager["uid"]


def test_the_dashboards_are_where_the_provider_looks_and_cannot_be_changed():
    [provider] = yaml.safe_load(PROVIDERS.read_text())["providers"]
    assert COMPOSE["services"]["grafana"]["volumes"] == ["./grafana:/etc/grafana:ro"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert provider["allowUiUpdates"] is False
    home = settings()["dashboards"]["default_home_dashboard_path"]
    assert home == "/etc/grafana/dashboards/credit-model.json"
    assert (GRAFANA / "dashboards" / "credit-model.json").exists()


def settings():
    parser = configparser.ConfigParser()
    parser.read(GRAFANA / "grafana.ini")
    return parser


def test_who_is_not_given_a_password_looks_and_does_nothing_else():
    ini = settings()
    assert ini["auth.anonymous"]["org_role"] == "Viewer"
    assert ini.getboolean("security", "disable_initial_admin_creation")
    assert ini.getboolean("auth", "disable_login_form")
    assert not ini.getboolean("auth.basic", "enabled")
    assert not ini.getboolean("users", "allow_sign_up")


def grafana_environment(**variables):
    """What overrides a setting of grafana.ini, by section and key."""
    environment = compose.load(**variables)["services"]["grafana"]["environment"]
    return {
        tuple(name.lower().removeprefix("gf_").split("_", 1)): value
        for name, value in environment.items()
        if name.startswith("GF_") and value
    }


def test_only_a_password_opens_the_way_to_an_administrator():
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
