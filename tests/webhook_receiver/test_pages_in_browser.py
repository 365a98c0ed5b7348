"""The pages as a real browser shows them."""

import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from webhook_receiver.app import create_app

pytestmark = pytest.mark.slow

BACKWARDS = "\u202egnp.exe"
HOSTILE = {
    "script": '"><script>window.ran = 1</script>',
    "image": '"><img src=x onerror="window.ran = 1">',
    "handler": "' autofocus onfocus='window.ran = 1'",
    "url": "javascript:void(window.ran = 1)",
    "long word": "W" * 10_000,
    "backwards": BACKWARDS,
}
PATHS = [
    "?refresh=off",
    "?refresh=on",
    "?refresh=off&state=resolved&model=bush",
    "?refresh=off&q=nothing+like+this",
    "runbook",
]
SIZES = pytest.mark.parametrize("width", [390, 1280])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def url(history, tmp_path, registry, root, serve_pages):
    runbook = root / "prometheus" / "RUNBOOK.md"
    app = create_app(history, tmp_path / "token", registry, runbook=runbook)
    return serve_pages(app)


@pytest.fixture
def show(url, visit):
    """Opens a page of the receiver, and closes it before the receiver ends."""

    def show(path="", width=1280, **options):
        return visit(url + path, width, **options)

    return show


@pytest.fixture
def store(history, received):
    """Stores alerts, as if they had arrived."""
    return lambda *alerts: history.record(received(*alerts), datetime.now(UTC))


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
def hostile(store, alert, named):
    """An alert whose every text is hostile, and one of a model that sorts before it."""

    def hostile(text):
        labels = ("alertname", "severity", "model", "model_version", "signal")
        labels += ("direction",)
        annotations = ("summary", "description", "runbook_url", "dashboard_url")
        store(
            alert(
                labels=dict.fromkeys(labels, text),
                annotations=dict.fromkeys(annotations, text),
                generatorURL=text,
            ),
            named("Other", 1, "!", status="resolved", endsAt="2026-11-22T11:05:00Z"),
        )

    return hostile


def names(page):
    return page.locator("ol.alerts h3 > bdi")


def overflow(page):
    """How many pixels of the page are to the right of the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def assert_shown_as_text(page, text):
    expect(names(page).first).to_have_text(re.compile(re.escape(text[:150])))
    alert = page.locator(".alert").first
    assert page.locator("main").locator("script, img, [onfocus]").count() == 0
    assert alert.locator(".links").count() == 0
    assert page.evaluate("window.ran") is None
    assert overflow(page) <= 0


def test_firing_alerts_are_on_top_and_then_the_newest(show, three):
    page = show()
    expect(names(page)).to_have_text(["Second", "First", "Third"])
    expect(page).to_have_title("2 critical firing – credit-monitor")


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
        "runbook_url": "prometheus/RUNBOOK.md#modelstuck",
        "dashboard_url": dashboard,
    }
    store(alert(annotations=annotations, generatorURL=query))
    page = show()
    for name, target in (("Query", query), ("Dashboard", dashboard)):
        link = page.locator(".alert").get_by_role("link", name=name)
        expect(link).to_have_attribute("href", target)
    page.locator(".alert").get_by_role("link", name="Runbook").click()
    expect(page.get_by_role("heading", name="ModelStuck")).to_be_in_viewport()
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page).to_have_url(url)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@SIZES
def test_hostile_texts_neither_run_nor_break_the_page(show, hostile, text, width):
    hostile(text)
    page = show("?refresh=off", width)
    assert_shown_as_text(page, text)
    page.get_by_role("navigation", name="Filter").get_by_role("link").last.click()
    page.wait_for_load_state()
    expect(page.locator("[aria-current]")).to_have_count(2)
    expect(names(page)).to_have_count(1)
    assert_shown_as_text(page, text)


def test_right_to_left_text_reverses_nothing_else(show, store, alert):
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
def test_the_page_is_accessible(show, three, width, scheme, path):
    page = show(path, width, color_scheme=scheme)
    assert overflow(page) <= 0
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_page_is_light_or_dark_as_the_system_is(show):
    grounds = {
        show(color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2


def test_words_are_searched_for_without_scripts(show, url, three):
    page = show(java_script_enabled=False)
    page.get_by_role("link", name="Search").click()
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("second")
    field.press("Enter")
    expect(names(page)).to_have_text(["Second"])
    expect(field).to_have_value("second")
    page.get_by_role("link", name="Resolved", exact=True).click()
    expect(page.get_by_text("No such alert has arrived.")).to_be_visible()
    page.get_by_role("link", name="Clear search").click()
    expect(names(page)).to_have_text(["Third"])


def test_a_long_name_breaks_between_its_words(show, store, alert):
    name = "ModelInputDriftOfSecondsSinceTheLastTransaction"
    labels = {"alertname": name, "signal": "seconds_since_last_transaction"}
    store(alert(labels=labels))
    page = show(width=320)
    # What each line of the title begins with.
    lines = names(page).evaluate(
        """(name) => {
          const tops = new Map(), range = document.createRange();
          for (const text of name.childNodes) {
            for (let at = 0; at < (text.data || "").length; at++) {
              range.setStart(text, at);
              range.setEnd(text, at + 1);
              const top = range.getBoundingClientRect().top;
              tops.set(top, (tops.get(top) || "") + text.data[at]);
            }
          }
          return [...tops.values()];
        }"""
    )
    assert "".join(lines) == name
    assert len(lines) > 1
    assert all(line[0].isupper() for line in lines)
    assert overflow(page) <= 0


def test_the_icon_is_loaded(show, url, store, named):
    store(named("First", 1))
    page = show()
    [icon] = page.locator("link[rel=icon]").all()
    assert page.request.get(url + icon.get_attribute("href")[1:]).ok
