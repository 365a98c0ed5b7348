import os
from contextlib import ExitStack
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from loan_application_simulator.metrics import SimulatorMetrics
from loan_application_simulator.scenarios import SCENARIOS
from playwright.sync_api import sync_playwright
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from webhook_receiver.metrics import ReceiverMetrics
from werkzeug.serving import make_server

from stack import system
from stack.downloads import binaries, chromium
from stack.tied import tie
from tests.serving import serving

# When what runs the tests is killed, the tests end, and with them what they started.
tie()

# Several systems run at once, in tests: each takes any ports that are free.
system.PORTS.update(dict.fromkeys(system.PORTS, 0))

# Folders in which a test takes seconds: processes are started, or inputs are made up.
SLOW_FOLDERS = {"fuzz", "hostile"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS:
            item.add_marker(pytest.mark.slow)


class Html(HTMLParser):
    """The elements of a page: each a tag, its attributes, and what is inside."""

    EMPTY = ("meta", "br", "link", "wbr", "input")

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in self.EMPTY:
            self._open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        element = {"tag": tag, "text": "", "inside": [], **dict(attrs)}
        self.elements.append(element)
        for outer in self._open:
            outer["inside"].append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, tag, **attributes):
        """Every such element."""
        wanted = {"tag": tag, **attributes}.items()
        return [element for element in self.elements if wanted <= element.items()]

    def one(self, tag, **attributes):
        """The only such element."""
        [found] = self.all(tag, **attributes)
        return found


@pytest.fixture(scope="session")
def monitoring_binaries():
    """The folder of prometheus, promtool, alertmanager and amtool."""
    return binaries.find()


@pytest.fixture(
    scope="session",
    params=["distribution", pytest.param("newer", marks=pytest.mark.slow)],
)
def promtool(request, monitoring_binaries):
    """promtool as the distribution has it, and a newer one if there is one here."""
    folder = monitoring_binaries
    if request.param == "newer":
        folder = binaries.find_newer()
        if folder is None:
            pytest.skip(
                "python -m stack.downloads.binaries --newer fetches Prometheus 3"
            )
    return folder / "promtool"


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, as Playwright drives it.

    It ends with its module, because no test can run asyncio while Playwright runs.
    """
    try:
        found, driver = chromium.find(), chromium.driver_environment()
    except chromium.ChromiumMissing as missing:
        pytest.skip(str(missing))
    with patch.dict(os.environ, driver):
        playwright = sync_playwright().start()
    try:
        browser = playwright.chromium.launch(
            executable_path=found.executable, env=os.environ | found.environment
        )
        yield browser
        browser.close()
    finally:
        playwright.stop()


@pytest.fixture
def serve_pages():
    """Serves applications until the test is done: serve_pages(app) is the URL."""
    with ExitStack() as running:

        def serve_pages(app):
            server = make_server("127.0.0.1", 0, app, threaded=True)
            running.enter_context(serving(server))
            return f"http://127.0.0.1:{server.port}/"

        yield serve_pages


@pytest.fixture
def visit(browser):
    """Opens a URL: visit(url, width=390, color_scheme="dark") is a page of Playwright.

    What a page complains about on its console fails the test, unless it is `expected`.
    The server of the URL has to be there before this is, so that it ends after.
    """
    contexts, complaints = [], []

    def visit(url, width=1280, expected=None, **options):
        def complain(text):
            if expected is None or expected not in text:
                complaints.append(text)

        size = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=size, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complain(message.text))
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def root():
    """The folder of the project."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def exported_by_others():
    """What we use of Prometheus and Alertmanager: the labels of each metric."""
    return {
        "ALERTS": {"alertname", "alertstate"},
        "ALERTS_FOR_STATE": {"alertname"},
        "scrape_duration_seconds": set(),
        "up": set(),
        "alertmanager_alerts": {"state"},
        "alertmanager_notification_requests_failed_total": {"integration"},
        "alertmanager_notification_requests_total": {"integration"},
        "alertmanager_config_last_reload_successful": set(),
        "prometheus_config_last_reload_successful": set(),
        "prometheus_notifications_alertmanagers_discovered": set(),
        "prometheus_notifications_dropped_total": set(),
        "prometheus_notifications_errors_total": {"alertmanager"},
        "prometheus_notifications_sent_total": {"alertmanager"},
        "prometheus_rule_evaluation_failures_total": {"rule_group"},
        "prometheus_rule_group_interval_seconds": {"rule_group"},
        "prometheus_rule_group_iterations_missed_total": {"rule_group"},
        "prometheus_rule_group_iterations_total": {"rule_group"},
        "prometheus_rule_group_rules": {"rule_group"},
        "prometheus_rule_group_last_duration_seconds": {"rule_group"},
        "prometheus_tsdb_head_series": set(),
    }


@pytest.fixture(scope="session")
def parse():
    """Parses HTML."""
    return Html


@pytest.fixture(scope="session")
def exported(exported_by_others):
    """The labels of every sample that is exported, by its name."""
    registry = CollectorRegistry()
    model = load()
    optional = {"critical": {"decision": 0.1}, "false_alarm_days": 30.0}
    model = replace(model, card=replace(model.card, **optional))
    client = create_app(model, registry).test_client()
    client.post("/api/v1/credit-analyzer/", json={})
    truth = SimulatorMetrics(SCENARIOS["storyline"], registry)
    truth.began("baseline")
    ReceiverMetrics(registry, ["http://alertmanager:9093"])
    found = dict(exported_by_others)
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found
