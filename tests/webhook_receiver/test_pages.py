from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver import create_app
from webhook_receiver.alerts import parse

NOW = datetime(2026, 11, 22, 11, 3, 0, tzinfo=UTC)
START = "2026-11-22T11:00:39.916Z"


@pytest.fixture
def runbook(tmp_path):
    file = tmp_path / "RUNBOOK.md"
    file.write_text("# Runbook\n\n## CreditModelStuck\n\n### Meaning\n\nIt is stuck.\n")
    return file


@pytest.fixture
def client(history, tmp_path, registry, runbook):
    app = create_app(history, tmp_path / "token", registry, runbook=runbook)
    return app.test_client()


@pytest.fixture
def store(history, notification):
    return lambda *alerts: history.add(parse(notification(*alerts)), NOW)


def names(page):
    """The alerts of a page, in its order."""
    assert page.status_code == 200
    return [line.split("</")[0] for line in page.text.split("<h2><bdi>")[1:]]


@pytest.fixture
def named(alert, resolved):
    """Makes an alert with the name and the model that it is given."""

    def named(name, model="tree", ended=False, **changes):
        labels = {"alertname": name, "severity": "warning", "model": model}
        make = resolved if ended else alert
        return make(labels=labels, fingerprint=name, **changes)

    return named


def test_an_empty_history_says_so(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "No alert has arrived yet." in page.text
    assert "<title>No alerts firing" in page.text


def test_an_alert_is_shown_with_all_that_matters(client, store, resolved):
    store(resolved())
    text = client.get("/").text
    assert '<time datetime="2026-11-22T11:00:39.916000+00:00">' in text
    assert "2026-11-22 11:02:24 UTC" in text
    for words in ("CreditDecisionDrift", "critical", "resolved", "after 1 min"):
        assert words in text
    for words in ("It drifts.", "DENIED 85\u00a0%", "decision", "credit-approval-tree"):
        assert words in text
    assert 'href="http://prometheus:9090/graph?g0.expr=x"' in text


def test_what_fires_is_on_top_and_then_the_newest(client, store, named):
    for number, (name, ended) in enumerate(
        [("OldFiring", False), ("Old", True), ("Firing", False), ("New", True)]
    ):
        starts = f"2026-11-22T1{number}:00:00Z"
        ends = "2026-11-22T20:00:00Z" if ended else ""
        store(named(name, ended=ended) | {"startsAt": starts, "endsAt": ends})
    page = client.get("/")
    assert names(page) == ["Firing", "OldFiring", "New", "Old"]
    assert "<title>2 alerts firing" in page.text


def test_a_state_and_a_model_can_be_asked_for(client, store, named):
    store(named("A"), named("B", "bush"), named("C", ended=True))
    assert names(client.get("/?state=firing")) == ["A", "B"]
    assert names(client.get("/?state=resolved")) == ["C"]
    assert names(client.get("/?model=tree")) == ["A", "C"]
    assert names(client.get("/?state=firing&model=tree")) == ["A"]
    page = client.get("/?state=resolved&model=bush")
    assert names(page) == []
    assert "No such alert has arrived." in page.text


def test_a_link_keeps_the_rest_of_the_filter(client, store, named):
    store(named("A"))
    text = client.get("/?state=firing&model=tree").text
    assert 'href="/?model=tree&amp;state=resolved"' in text
    assert 'href="/?state=firing"' in text


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("state=burning", "state must be all, firing or resolved"),
        ("page=0", "page must be a whole number from 1 to 9999"),
        ("page=²", "page must be a whole number"),
        ("page=" + "9" * 5_000, "page must be a whole number"),
        ("refresh=1", "refresh must be on or off"),
    ],
)
def test_a_page_that_is_none_says_what_is_right(client, query, complaint):
    page = client.get(f"/?{query}")
    assert page.status_code == 422
    assert complaint in page.text
    assert 'href="/"' in page.text


def test_a_page_is_bounded_and_the_rest_is_older(client, store, alert, monkeypatch):
    monkeypatch.setattr("webhook_receiver.pages.PAGE_SIZE", 2)
    for minute in range(5):
        labels = {"alertname": f"A{minute}", "severity": "info"}
        store(alert(labels=labels, startsAt=f"2026-11-22T11:0{minute}:00Z"))
    first, last = client.get("/"), client.get("/?page=3")
    assert names(first) == ["A4", "A3"]
    assert 'href="/?page=2"' in first.text
    assert names(last) == ["A0"]
    assert ">Older<" not in last.text
    assert "There are no older alerts." in client.get("/?page=4").text


def test_nobody_has_to_read_a_book(client, store, alert):
    store(alert(annotations={"summary": "s" * 100_000, "description": "d" * 100_000}))
    assert len(client.get("/").text) < 10_000


def test_the_newest_page_is_read_again_and_can_be_paused(client):
    assert client.get("/?state=firing").headers["Refresh"] == "5"
    for query in ("refresh=off", "page=2"):
        assert "Refresh" not in client.get(f"/?{query}").headers
    assert 'href="/?refresh=off&amp;state=firing"' in client.get("/?state=firing").text


@pytest.mark.parametrize("path", ["/", "/?state=x", "/runbook", "/alerts", "/nowhere"])
def test_nothing_may_run_load_or_be_kept(client, path):
    headers = client.get(path).headers
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_the_style_is_served(client):
    response = client.get("/static/style.css")
    assert response.mimetype == "text/css"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    response.close()


def test_a_history_that_cannot_be_read_is_a_problem(client, history):
    history.close()
    assert client.get("/").status_code == 503


def test_an_alert_that_began_in_the_future_has_lasted_no_time(client, store, alert):
    starts = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    store(alert(startsAt=starts))
    assert "for 0 s" in client.get("/").text
