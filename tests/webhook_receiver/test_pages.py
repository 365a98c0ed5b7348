from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.alertmanager.client import Alertmanager
from webhook_receiver.alerts import ListedAlert
from webhook_receiver.app import create_app
from webhook_receiver.pages import ALERTMANAGERS, TRUNCATED_SHOWN
from webhook_receiver.store.comparison import Differences, Listing

from tests.webhook_receiver.alertmanager.fake_alertmanager import FakeAlertmanager

NOW = datetime(2026, 11, 22, 11, 3, 0, tzinfo=UTC)
START = "2026-11-22T11:00:39.916Z"


@pytest.fixture
def runbook(tmp_path):
    file = tmp_path / "RUNBOOK.md"
    file.write_text("# Runbook\n\n## ModelStuck\n\n### Meaning\n\nIt is stuck.\n")
    return file


@pytest.fixture
def client(history, tmp_path, registry, runbook):
    app = create_app(history, tmp_path / "token", registry, runbook=runbook)
    return app.test_client()


@pytest.fixture
def store(history, received):
    return lambda *alerts: history.record(received(*alerts), NOW)


@pytest.fixture
def elements(parse):
    """The elements of a page, as tests/conftest.py parses them."""
    return lambda page: parse(page.text)


@pytest.fixture
def names(elements):
    """The names of the alerts of a page, in its order."""

    def names(page):
        assert page.status_code == 200
        titles = [title["inside"] for title in elements(page).all("h3")]
        return [inside[0]["text"] for inside in titles]

    return names


@pytest.fixture
def named(alert, resolved):
    """Makes an alert with a name, a severity and a model."""

    def named(name, model="tree", ended=False, severity="warning", **changes):
        labels = {"alertname": name, "severity": severity, "model": model}
        make = resolved if ended else alert
        return make(labels=labels, fingerprint=name, **changes)

    return named


def test_an_empty_history_says_that_no_alert_has_arrived(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "No alert has arrived yet." in page.text
    assert "<title>Nothing is firing" in page.text


def test_an_alert_is_shown_with_all_its_fields(client, store, resolved, elements):
    labels = resolved()["labels"] | {"direction": "DENIED", "model_version": "1.0.0"}
    store(resolved(labels=labels))
    page = client.get("/")
    [title] = elements(page).all("h3")
    assert title["text"].split() == ["CreditDecisionDrift", "decision", "DENIED"]
    assert '<time datetime="2026-11-22T11:00:39.916000+00:00">' in page.text
    assert "2026-11-22 11:02:24 UTC" in page.text
    text = elements(page).one("ol")["text"]
    for words in (
        "critical",
        "resolved",
        "after 1 min",
        "It drifts.",
        "DENIED 85\u00a0%",
    ):
        assert words in text
    assert "credit-approval-tree 1.0.0" in text
    assert 'href="http://prometheus:9090/graph?g0.expr=x"' in page.text


def test_the_most_severe_alert_that_fires_is_on_top(client, store, named, names):
    for number, (name, severity, ended) in enumerate(
        [
            ("OldWarning", "warning", False),
            ("Critical", "critical", False),
            ("OldResolved", "critical", True),
            ("Warning", "warning", False),
            ("Info", "info", False),
            ("Resolved", "info", True),
        ]
    ):
        starts = f"2026-11-22T1{number}:00:00Z"
        ends = "2026-11-22T20:00:00Z" if ended else ""
        body = named(name, severity=severity, ended=ended)
        store(body | {"startsAt": starts, "endsAt": ends})
    page = client.get("/")
    firing = ["Critical", "Warning", "OldWarning", "Info"]
    assert names(page) == [*firing, "Resolved", "OldResolved"]
    assert "<title>1 critical, 2 warnings, 1 info firing" in page.text


def test_groups_have_headings(client, store, named, history, received, elements):
    store(named("Firing"), named("Ended", ended=True))
    [silenced] = received(named("Silenced"))
    listing = Listing(
        {"Silenced": ListedAlert(silenced, frozenset(), "silenced")},
        frozenset({"Silenced"}),
        is_complete=False,
    )
    _, differences = history.reconcile(listing, NOW, Differences())
    history.reconcile(listing, NOW + timedelta(minutes=1), differences)
    page = elements(client.get("/"))
    headings = [heading["text"] for heading in page.all("h2")]
    assert headings == ["Firing", "Silenced or inhibited", "Resolved"]
    assert page.one("h1")["text"] == "1 warning firing, 1 suppressed"
    [_, alert, _] = page.all("li", **{"class": "alert"})
    assert "silenced" in alert["text"]


def test_texts_that_changed_are_shown_as_now_and_when_it_fired(client, store, alert):
    store(alert(annotations={"summary": "DENIED", "description": "88 of 100"}))
    store(alert(annotations={"summary": "APPROVED", "description": "76 of 100"}))
    text = client.get("/").text
    assert "<dt>Now</dt><dd>76 of 100</dd>" in text
    assert "<dt>When it fired</dt><dd>DENIED 88 of 100</dd>" in text
    assert '<p class="summary">APPROVED</p>' in text


def test_an_event_that_was_reopened_says_when_it_was_interrupted(
    client, store, history, received, alert, resolved
):
    store(alert())
    store(resolved())
    history.record(received(alert()), NOW, lambda _: True)
    text = client.get("/").text
    assert "<dt>Interrupted</dt>" in text
    assert "2026-11-22 11:02:24 UTC</time> to" in text


def test_a_stale_alert_says_that_it_may_have_ended(client, store, history, alert):
    store(alert(startsAt=START))
    assert "Not confirmed for" in client.get("/").text
    history.stale_after = datetime.now(UTC) - NOW + timedelta(hours=1)
    text = client.get("/").text
    assert "Not confirmed for" not in text
    assert "<dt>Confirmed</dt>" in text


def test_an_end_that_was_not_notified_is_named(client, store, history, alert):
    store(alert())
    listing = Listing({}, frozenset(), is_complete=True)
    asked_at = NOW
    differences = Differences()
    for _ in range(2):
        asked_at += timedelta(minutes=1)
        _, differences = history.reconcile(listing, asked_at, differences)
    text = client.get("/").text
    assert "ended, not notified" in text
    assert "<dt>Ended</dt>" in text


def test_a_state_and_a_model_can_be_chosen(client, store, named, names):
    store(named("A"), named("B", "bush"), named("C", ended=True))
    assert names(client.get("/?state=firing")) == ["A", "B"]
    assert names(client.get("/?state=resolved")) == ["C"]
    assert names(client.get("/?model=tree")) == ["A", "C"]
    assert names(client.get("/?state=firing&model=tree")) == ["A"]
    page = client.get("/?state=resolved&model=bush")
    assert names(page) == []
    assert "No such alert has arrived." in page.text


def test_words_can_be_searched_for(client, store, named, names):
    moved = {"summary": "Incomes moved.", "description": "lower"}
    store(named("A", annotations=moved), named("B", "bush"))
    assert names(client.get("/?q=INCOMES+moved")) == ["A"]
    assert names(client.get("/?q=bush")) == ["B"]
    page = client.get("/?q=incomes+bush")
    assert names(page) == []
    assert "No such alert has arrived." in page.text
    assert "“incomes bush”" in page.text


def test_the_search_keeps_the_rest_of_the_filter(client, store, named, elements):
    store(named("A"))
    page = elements(client.get("/?state=firing&model=tree&q=a+b&refresh=off"))
    form = page.one("form", role="search")
    sent = {e["name"]: e["value"] for e in form["inside"] if e["tag"] == "input"}
    assert sent == {"q": "a b", "state": "firing", "model": "tree", "refresh": "off"}
    # While it refreshes, the page would take the field away from its reader.
    live = elements(client.get("/"))
    assert not live.all("form")
    assert live.all("a", href="/?refresh=off#q")


def test_a_link_keeps_the_rest_of_the_filter(client, store, named):
    store(named("A"))
    text = client.get("/?state=firing&model=tree&q=a").text
    assert 'href="/?model=tree&amp;q=a&amp;state=resolved"' in text
    assert 'href="/?q=a&amp;state=firing"' in text
    assert 'href="/?model=tree&amp;state=firing"' in text


def test_models_are_only_listed_if_there_is_a_choice(client, store, named):
    store(named("A"))
    assert "All models" not in client.get("/").text
    store(named("B", "bush"))
    assert "All models" in client.get("/").text
    assert "All models" in client.get("/?model=none").text


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("state=burning", "state must be all, firing or resolved"),
        ("page=0", "page must be a whole number from 1 to 9999"),
        ("page=²", "page must be a whole number"),
        ("page=" + "9" * 5_000, "page must be a whole number"),
        ("refresh=1", "refresh must be on or off"),
        ("q=" + "a" * 201, "q must have at most 8 words and 200 characters"),
        ("q=a+b+c+d+e+f+g+h+i", "q must have at most 8 words"),
    ],
)
def test_an_invalid_query_is_answered_with_what_is_valid(client, query, complaint):
    page = client.get(f"/?{query}")
    assert page.status_code == 422
    assert complaint in page.text
    assert 'href="/"' in page.text


def test_a_page_is_bounded_and_links_to_older_alerts(
    client, store, alert, names, monkeypatch
):
    monkeypatch.setattr("webhook_receiver.pages.PAGE_SIZE", 2)
    for minute in range(5):
        labels = {"alertname": f"A{minute}", "severity": "info"}
        starts = f"2026-11-22T11:0{minute}:00Z"
        store(alert(labels=labels, startsAt=starts, fingerprint=str(minute)))
    first, last = client.get("/"), client.get("/?page=3")
    assert names(first) == ["A4", "A3"]
    assert 'href="/?page=2"' in first.text
    assert names(last) == ["A0"]
    assert ">Older<" not in last.text
    assert "There are no older alerts." in client.get("/?page=4").text


def test_long_annotations_are_truncated(client, store, alert):
    store(alert(annotations={"summary": "s" * 100_000, "description": "d" * 100_000}))
    assert len(client.get("/").text) < 10_000


def test_the_newest_page_is_refreshed_and_can_be_paused(client):
    assert client.get("/?state=firing").headers["Refresh"] == "5"
    for query in ("refresh=off", "page=2"):
        assert "Refresh" not in client.get(f"/?{query}").headers
    assert 'href="/?refresh=off&amp;state=firing"' in client.get("/?state=firing").text


@pytest.mark.parametrize("path", ["/", "/?state=x", "/runbook", "/alerts", "/nowhere"])
def test_no_page_can_run_scripts_load_from_elsewhere_or_be_cached(client, path):
    headers = client.get(path).headers
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == policy["img-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("file", "mimetype"),
    [
        ("style.css", "text/css"),
        ("icon-quiet.svg", "image/svg+xml"),
        ("icon-warning.svg", "image/svg+xml"),
        ("icon-critical.svg", "image/svg+xml"),
    ],
)
def test_style_and_icons_are_served(client, file, mimetype):
    response = client.get(f"/static/{file}")
    assert response.mimetype == mimetype
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    response.close()


@pytest.mark.parametrize(
    ("severity", "icon"),
    [
        ("critical", "critical"),
        ("warning", "warning"),
        ("page", "warning"),
        ("info", "quiet"),
    ],
)
def test_the_icon_shows_the_worst_severity(client, store, named, severity, icon):
    assert "icon-quiet.svg" in client.get("/").text
    store(named("A", severity=severity))
    assert f"icon-{icon}.svg" in client.get("/").text


def test_a_history_that_cannot_be_read_is_answered_503(client, history):
    history.close()
    assert client.get("/").status_code == 503


def test_an_alert_that_began_in_the_future_has_lasted_no_time(client, store, alert):
    starts = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    store(alert(startsAt=starts))
    assert "for 0 s" in client.get("/").text


class TestConnections:
    """What the page says of the parts that alerts depend on."""

    @pytest.fixture
    def server(self):
        with FakeAlertmanager() as server:
            yield server

    @pytest.fixture
    def app(self, history, tmp_path, registry, server):
        (tmp_path / "token").write_text("secret")
        asked = [Alertmanager(server.url)]
        return create_app(
            history, tmp_path / "token", registry, timedelta(0.2), None, asked
        )

    @pytest.fixture
    def connections(self, app, elements):
        """The connections of the page, each whether it is well and its text."""

        def connections():
            page = elements(app.test_client().get("/"))
            found = page.one("ul", **{"class": "connections"})["inside"]
            return [
                (each["data-ok"], " ".join(each["text"].split()))
                for each in found
                if each["tag"] == "li"
            ]

        return connections

    @pytest.fixture
    def send(self, app, alert, notification):
        def send(path, **changes):
            watched = alert(labels={"alertname": "MonitorWatchdog"})
            body = notification(watched, **changes)
            headers = {"Authorization": "Bearer secret"}
            app.test_client().post(path, json=body, headers=headers)

        return send

    def test_before_anything_arrived_they_are_unknown(self, connections, server):
        assert connections() == [
            ("None", "Watchdog not seen for 0 s"),
            ("None", f"Alertmanager {server.url} not asked yet"),
        ]

    def test_they_are_well_once_the_watchdog_arrived_and_alertmanager_answered(
        self, app, connections, send, server
    ):
        quiet = "All is connected and quiet."
        assert quiet not in app.test_client().get("/").text
        send("/watchdog")
        app.extensions[ALERTMANAGERS].ask()
        assert connections() == [
            ("True", "Watchdog 0 s ago"),
            ("True", f"Alertmanager {server.url} asked 0 s ago"),
        ]
        assert quiet in app.test_client().get("/").text
        assert quiet not in app.test_client().get("/?state=resolved").text

    def test_an_alertmanager_that_does_not_answer_is_named(
        self, app, connections, server
    ):
        app.extensions[ALERTMANAGERS].ask()
        server.answer = lambda handler: handler.reply(500, b"")
        app.extensions[ALERTMANAGERS].ask()
        _, (is_ok, text) = connections()
        assert is_ok == "False"
        assert text == (
            f"Alertmanager {server.url} does not answer, so this page may be out of"
            " date: /api/v2/status: status 500. It last answered 0 s ago."
        )

    def test_a_watchdog_that_is_late_is_named(self, app, connections, send):
        send("/watchdog")
        app.extensions["webhook_receiver_watchdog"].patience = timedelta(seconds=-1)
        assert connections()[0] == ("False", "Watchdog 0 s ago")

    def test_alerts_that_were_left_out_are_named_for_a_day(
        self, app, connections, send, monkeypatch
    ):
        send("/notifications", truncatedAlerts=1)
        (is_ok, text) = connections()[-1]
        assert is_ok == "False"
        assert text == (
            "Alertmanager left 1 alert out of a notification 0 s ago (max_alerts)"
        )
        metrics = app.extensions["webhook_receiver"].metrics
        metrics.last_truncated = (5, datetime.now(UTC) - TRUNCATED_SHOWN)
        assert len(connections()) == 2

    def test_without_an_alertmanager_to_ask_the_page_says_so(self, client):
        assert "Alertmanager is not asked (--alertmanager URL)" in client.get("/").text
