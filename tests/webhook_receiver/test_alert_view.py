from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.alert_view import (
    alert_view,
    breakable,
    duration,
    external,
    headline,
)
from webhook_receiver.alerts import OWN_FINGERPRINT

NOW = datetime(2026, 11, 22, 11, 4, 0, tzinfo=UTC)
STALE_AFTER = timedelta(hours=8)
ENDED = "2026-11-22T11:01:21.000000+00:00"


def stored(**changes):
    """An alert as the history returns it."""
    annotations = {"summary": "They moved.", "description": "68 % above 27500"}
    return {
        "fingerprint": "0123456789abcdef",
        "status": "firing",
        "alertname": "CreditInputDrift",
        "severity": "warning",
        "labels": {
            "signal": "loan_amount",
            "direction": "higher",
            "model": "tree",
            "model_version": "2",
        },
        "annotations": annotations,
        "first_annotations": changes.get("annotations", annotations),
        "starts_at": "2026-11-22T11:00:40.000000+00:00",
        "ends_at": None,
        "previous_end": None,
        "reopened_at": None,
        "heard_at": "2026-11-22T11:03:48.000000+00:00",
        "resolved_received_at": None,
        "suppressed": "",
        "generator_url": "",
    } | changes


def view(now=NOW, runbook="/runbook", **changes):
    return alert_view(stored(**changes), now, runbook, STALE_AFTER)


def links(runbook="/runbook", query="", **annotations):
    shown = view(runbook=runbook, annotations=annotations, generator_url=query)
    return dict(shown.links)


@pytest.mark.parametrize(
    ("seconds", "text"),
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
def test_a_duration_has_the_units_that_matter(seconds, text):
    assert duration(timedelta(seconds=seconds)) == text


def test_a_firing_alert_has_lasted_until_now():
    shown = view()
    assert (shown.lasted, shown.ended, shown.confirmed) == ("3 min", None, "12 s")
    assert (shown.signal, shown.direction) == ("loan_amount", "higher")
    assert (shown.model, shown.version) == ("tree", "2")
    assert (shown.state, shown.group) == ("firing", "Firing")


def test_a_resolved_alert_lasted_until_its_end():
    shown = view(status="resolved", ends_at=ENDED, resolved_received_at=ENDED)
    assert (shown.lasted, shown.confirmed) == ("41 s", "")
    assert shown.ended == datetime(2026, 11, 22, 11, 1, 21, tzinfo=UTC)
    assert (shown.state, shown.group) == ("resolved", "Resolved")


def test_an_end_that_was_not_notified_is_shown_as_such():
    shown = view(status="resolved", ends_at=ENDED)
    assert (shown.state, shown.group) == ("ended", "Resolved")


def test_a_suppressed_alert_is_in_a_group_of_its_own():
    shown = view(suppressed="silenced")
    assert (shown.state, shown.group) == ("silenced", "Silenced or inhibited")


def test_an_alert_is_stale_if_it_was_not_confirmed_for_too_long():
    soon, late = (NOW + STALE_AFTER + timedelta(seconds=s) for s in (-13, 0))
    assert not view(soon).is_stale
    assert view(late).is_stale
    assert not view(late, status="resolved", ends_at=ENDED).is_stale
    assert not view(late, fingerprint=OWN_FINGERPRINT).is_stale


def test_the_first_texts_are_shown_if_they_differ_from_the_newest():
    first = {"summary": "They moved.", "description": "60 % above 27500"}
    assert view().first is None
    shown = view(first_annotations=first)
    assert shown.first.description == "60 % above 27500"
    assert shown.words.description == "68 % above 27500"


def test_an_alert_that_fired_again_says_when_it_was_interrupted():
    shown = view(previous_end=ENDED, reopened_at="2026-11-22T11:02:00.000000+00:00")
    assert [moment.minute for moment in shown.interrupted] == [1, 2]
    assert view().interrupted is None


def test_an_alert_without_labels_and_annotations_has_empty_texts():
    shown = view(labels={}, annotations={})
    assert (shown.signal, shown.model, shown.words.summary) == ("", "", "")
    assert shown.links == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Nothing is firing"),
        ({"critical": 1, "warning": 5}, "1 critical, 5 warnings firing"),
        (
            {"critical": 2, "warning": 1, "info": 3},
            "2 critical, 1 warning, 3 info firing",
        ),
        ({"other": 2}, "2 others firing"),
        ({"suppressed": 1}, "Nothing is firing, 1 suppressed"),
        ({"other": 1, "suppressed": 2}, "1 other firing, 2 suppressed"),
    ],
)
def test_the_headline_counts_by_severity(changes, text):
    none = dict.fromkeys(("critical", "warning", "other", "info", "suppressed"), 0)
    assert headline(none | changes) == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("CreditDecisionDrift", ["Credit", "Decision", "Drift"]),
        ("monthly_income", ["monthly_", "income"]),
        ("credit-approval-tree", ["credit-", "approval-", "tree"]),
        ("HTTPErrors5xxRate", ["HTTPErrors5xx", "Rate"]),
        ("plain words", ["plain words"]),
        ("", [""]),
    ],
)
def test_a_name_breaks_between_its_words(name, parts):
    assert breakable(name).split("<wbr>") == parts


def test_a_name_is_escaped():
    assert breakable('<b>"A_b') == "&lt;b&gt;&#34;A_<wbr>b"


def test_links_to_other_sites_stay_as_they_are():
    url = "http://127.0.0.1:9090/graph?g0.expr=a%3Ab&g0.tab=0"
    runbook = "http://127.0.0.1:8080/runbook#creditinputdrift"
    shown = links(runbook_url=runbook, dashboard_url=url, query=url)
    assert shown == {"Runbook": runbook, "Dashboard": url, "Query": url}


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
def test_a_url_that_leads_to_no_site_is_no_link(url):
    assert external(url) is None
    assert links(dashboard_url=url, query=url) == {}


def test_a_runbook_of_a_stranger_is_no_link():
    for url in ("javascript:alert(1)#watchdog", "//evil.example/#x", "../secret#x"):
        assert links(runbook_url=url) == {}


def test_external_normalises_whitespace_in_urls():
    assert external("ht\ntp://x.example/a\tb") == "http://x.example/ab"
