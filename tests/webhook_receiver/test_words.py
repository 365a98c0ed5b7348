from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.words import duration, entry, external

NOW = datetime(2026, 11, 22, 11, 4, 0, tzinfo=UTC)


def kept(**changes):
    """An alert as the history has it."""
    return {
        "status": "firing",
        "alertname": "CreditInputDrift",
        "severity": "warning",
        "labels": {"signal": "loan_amount", "model": "tree", "model_version": "2"},
        "annotations": {"summary": "They moved.", "description": "68 % above 27500"},
        "starts_at": "2026-11-22T11:00:40.000000+00:00",
        "ends_at": None,
        "generator_url": "",
    } | changes


def links(runbook="/runbook", query="", **annotations):
    alert = kept(annotations=annotations, generator_url=query)
    return dict(entry(alert, NOW, runbook).links)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (41.3, "41 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (2 * 3600 + 5 * 60, "2 h 5 min"),
        (4 * 86400 + 3600, "4 d 1 h"),
        (-3600, "0 s"),
    ],
)
def test_a_duration_has_the_units_that_matter(seconds, words):
    assert duration(timedelta(seconds=seconds)) == words


def test_what_fires_has_lasted_until_now():
    found = entry(kept(), NOW, None)
    assert (found.lasted, found.resolved) == ("3 min", None)
    assert (found.signal, found.model, found.version) == ("loan_amount", "tree", "2")


def test_what_is_resolved_lasted_until_then():
    end = "2026-11-22T11:01:21.000000+00:00"
    found = entry(kept(status="resolved", ends_at=end), NOW, None)
    assert found.lasted == "41 s"
    assert found.resolved == datetime(2026, 11, 22, 11, 1, 21, tzinfo=UTC)


def test_an_alert_without_labels_and_annotations_has_empty_words():
    found = entry(kept(labels={}, annotations={}), NOW, "/runbook")
    assert (found.signal, found.model, found.summary) == ("", "", "")
    assert found.links == []


def test_links_to_other_sites_stay_as_they_are():
    url = "http://127.0.0.1:9090/graph?g0.expr=a%3Ab&g0.tab=0"
    runbook = "http://127.0.0.1:8080/runbook#creditinputdrift"
    found = links(runbook_url=runbook, dashboard_url=url, query=url)
    assert found == {"Runbook": runbook, "Dashboard": url, "Query": url}


@pytest.mark.parametrize(
    "url", ["prometheus/RUNBOOK.md#watchdogsilent", "/runbook#watchdogsilent"]
)
def test_the_runbook_of_the_project_is_the_page(url):
    assert links(runbook_url=url) == {"Runbook": "/runbook#watchdogsilent"}
    assert links(runbook_url=url, runbook=None) == {}


def test_a_dashboard_without_a_host_is_no_link():
    assert links(dashboard_url="/d/credit-model?var-model=tree") == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/",
        "evil.example",
        "http:",
        "http:///path",
        "http://[",
        "file:///etc/passwd",
        "/runbook",
        "javascript:alert(1)#/runbook",
    ],
)
def test_what_is_no_site_is_no_link(url):
    assert external(url) is None
    assert links(dashboard_url=url, query=url) == {}


def test_a_runbook_of_a_stranger_is_no_link():
    for url in ("javascript:alert(1)#watchdog", "//evil.example/#x", "../secret#x"):
        assert links(runbook_url=url) == {}


def test_a_link_is_what_was_understood():
    assert external("ht\ntp://x.example/a\tb") == "http://x.example/ab"
