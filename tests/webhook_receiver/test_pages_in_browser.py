"""The pages as a real browser shows them."""

import re
import threading
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from webhook_receiver import create_app
from webhook_receiver.alerts import parse
from werkzeug.serving import make_server

BACKWARDS = "\u202egnp.exe"
HOSTILE = {
    "script": '"><script>window.ran = 1</script>',
    "image": '"><img src=x onerror="window.ran = 1">',
    "handler": "' autofocus onfocus='window.ran = 1'",
    "url": "javascript:void(window.ran = 1)",
    "long word": "W" * 10_000,
    "backwards": BACKWARDS,
}
PATHS = ["?refresh=off", "?refresh=off&state=resolved&model=bush", "runbook"]
SIZES = pytest.mark.parametrize("width", [390, 1280])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def url(history, tmp_path, registry, root):
    runbook = root / "prometheus" / "RUNBOOK.md"
    app = create_app(history, tmp_path / "token", registry, runbook=runbook)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # It looks this often, in seconds, whether it is to stop.
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(url, visit):
    """Opens a page of the receiver, and closes it before the receiver ends."""

    def show(path="", width=1280, **options):
        return visit(url + path, width, **options)

    return show


@pytest.fixture
def store(history, notification):
    """Keeps alerts, as if they had arrived."""
    return lambda *alerts: history.add(parse(notification(*alerts)), datetime.now(UTC))


@pytest.fixture
def named(alert):
    """Makes an alert with a name, in a minute of its own."""

    def named(name, minute, model="tree", **changes):
        labels = {"alertname": name, "severity": "critical", "model": model}
        starts = f"2026-11-22T11:{minute:02}:00Z"
        return alert(labels=labels, fingerprint=name, startsAt=starts, **changes)

    return named


@pytest.fixture
def three(store, named):
    """Two alerts that fire, of two models, and one after them that is resolved."""
    ended = {"status": "resolved", "endsAt": "2026-11-22T11:05:00Z"}
    store(named("First", 1), named("Second", 2, "bush"), named("Third", 3, **ended))


@pytest.fixture
def hostile(store, alert):
    """An alert of which everything that can be hostile is."""

    def hostile(text):
        labels = ("alertname", "severity", "model", "model_version", "signal")
        annotations = ("summary", "description", "runbook_url", "dashboard_url")
        store(
            alert(
                labels=dict.fromkeys(labels, text),
                annotations=dict.fromkeys(annotations, text),
                generatorURL=text,
            )
        )

    return hostile


def names(page):
    return page.locator("ol.alerts h2")


def overflow(page):
    """How many pixels of the page are to the right of the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def assert_shown_as_words(page, text):
    expect(names(page)).to_have_text([re.compile(re.escape(text[:150]))])
    assert page.locator("main").locator("script, img, [onfocus], .links").count() == 0
    assert page.evaluate("window.ran") is None
    assert overflow(page) <= 0


def test_what_fires_is_on_top_and_then_the_newest(show, three):
    page = show()
    expect(names(page)).to_have_text(["Second", "First", "Third"])
    expect(page).to_have_title("2 alerts firing – credit-monitor")


def test_the_controls_of_the_page_filter_it(show, url, three):
    page = show(java_script_enabled=False)
    page.get_by_role("link", name="Firing", exact=True).click()
    expect(names(page)).to_have_text(["Second", "First"])
    page.get_by_role("link", name="bush", exact=True).click()
    expect(names(page)).to_have_text(["Second"])
    page.get_by_role("link", name="Resolved", exact=True).click()
    expect(page.get_by_text("No such alert has arrived.")).to_be_visible()
    page.get_by_role("link", name="All models").click()
    expect(names(page)).to_have_text(["Third"])
    page.get_by_role("link", name="All", exact=True).click()
    expect(page).to_have_url(url)
    expect(page.locator("[aria-current]")).to_have_text(["All", "All models"])


def test_the_links_lead_where_they_say(show, url, store, alert):
    query, dashboard = "http://127.0.0.1:9/graph?g0.expr=a", "https://g.example/d/x?a=b"
    annotations = {
        "runbook_url": "prometheus/RUNBOOK.md#creditmodelstuck",
        "dashboard_url": dashboard,
    }
    store(alert(annotations=annotations, generatorURL=query))
    page = show()
    for name, target in (("Query", query), ("Dashboard", dashboard)):
        link = page.locator(".alert").get_by_role("link", name=name)
        expect(link).to_have_attribute("href", target)
    page.locator(".alert").get_by_role("link", name="Runbook").click()
    expect(page.get_by_role("heading", name="CreditModelStuck")).to_be_in_viewport()
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page).to_have_url(url)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@SIZES
def test_hostile_words_neither_run_nor_break_the_page(show, hostile, text, width):
    hostile(text)
    page = show("?refresh=off", width)
    assert_shown_as_words(page, text)
    page.get_by_role("navigation", name="Filter").get_by_role("link").last.click()
    page.wait_for_load_state()
    expect(page.locator("[aria-current]")).to_have_count(2)
    assert_shown_as_words(page, text)


def test_words_from_right_to_left_turn_nothing_else_round(show, store, alert):
    labels = {"alertname": "A", "model": BACKWARDS, "model_version": "1.0.0-rc"}
    store(alert(labels=labels))
    first, last = (
        show()
        .get_by_text("1.0.0-rc")
        .evaluate(
            """(version) => ["1", "c"].map((letter) => {
              const range = document.createRange();
              const at = version.firstChild.data.lastIndexOf(letter);
              range.setStart(version.firstChild, at);
              range.setEnd(version.firstChild, at + 1);
              return range.getBoundingClientRect().left;
            })"""
        )
    )
    assert first < last


def test_a_new_alert_is_shown_without_scripts(show, store, named, monkeypatch):
    monkeypatch.setattr("webhook_receiver.pages.REFRESH_SECONDS", 1)
    page = show("?state=firing", java_script_enabled=False)
    expect(page.get_by_text("No such alert has arrived.")).to_be_visible()
    store(named("JustNow", 1))
    expect(page.get_by_role("heading", name="JustNow")).to_be_visible()
    assert page.url.endswith("/?state=firing")


@SIZES
@SCHEMES
@pytest.mark.parametrize("path", PATHS)
def test_everybody_can_read_it(show, three, width, scheme, path):
    page = show(path, width, color_scheme=scheme)
    assert overflow(page) <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_it_is_light_or_dark_as_its_reader_likes(show):
    grounds = {
        show(color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2
