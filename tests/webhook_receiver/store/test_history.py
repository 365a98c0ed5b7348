import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.store import schema
from webhook_receiver.store.history import Filter, History

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)


def statuses(entries):
    return [entry.status for entry in entries]


def names(alerts):
    return [alert["alertname"] for alert in alerts]


def test_an_alert_is_stored_with_all_its_fields(history, received, alert):
    assert statuses(history.record(received(alert()), NOW)) == ["firing"]
    [stored] = history.newest(10)
    assert stored == {
        "fingerprint": "0123456789abcdef",
        "status": "firing",
        "alertname": "CreditDecisionDrift",
        "severity": "critical",
        "starts_at": "2026-11-22T11:00:39.916000+00:00",
        "ends_at": None,
        "labels": alert()["labels"],
        "annotations": alert()["annotations"],
        "first_annotations": alert()["annotations"],
        "generator_url": "http://prometheus:9090/graph?g0.expr=x",
        "suppressed": "",
        "firing_received_at": "2026-11-22T11:00:41.000000+00:00",
        "resolved_received_at": None,
        "heard_at": "2026-11-22T11:00:41.000000+00:00",
        "reopened": 0,
        "previous_end": None,
        "reopened_at": None,
    }


def test_a_resolved_alert_has_both_times_of_receipt(history, received, alert, resolved):
    history.record(received(alert()), NOW)
    history.record(received(resolved()), LATER)
    [stored] = history.newest(10)
    assert stored["status"] == "resolved"
    assert stored["ends_at"] == "2026-11-22T11:02:24.916000+00:00"
    assert stored["firing_received_at"] < stored["resolved_received_at"]


def test_the_newest_texts_stand_beside_the_first(history, received, alert, resolved):
    def said():
        [stored] = history.newest(10)
        return stored["first_annotations"], stored["annotations"], stored["heard_at"]

    texts = [{"description": f"DENIED {share} %"} for share in (88, 60, 11)]
    history.record(received(alert(annotations=texts[0])), NOW)
    assert said()[:2] == (texts[0], texts[0])
    history.record(received(alert(annotations=texts[1])), LATER)
    assert said()[:2] == (texts[0], texts[1])
    assert datetime.fromisoformat(said()[2]) == LATER
    history.record(received(resolved(annotations=texts[2])), LATER)
    assert said()[:2] == (texts[0], texts[2])


def test_a_line_says_what_the_notification_said(history, received, alert, resolved):
    changed = {"annotations": {"description": "now"}}
    [fired] = history.record(received(alert()), NOW)
    assert history.record(received(alert(**changed)), NOW) == []
    [ended] = history.record(received(resolved(**changed)), LATER)
    lines = [json.loads(entry.line) for entry in (fired, ended)]
    assert [line["change"] for line in lines] == ["fired", "resolved"]
    assert lines[0]["annotations"] == alert()["annotations"]
    assert lines[1]["annotations"] == changed["annotations"]
    assert lines[1]["received_at"] == LATER.isoformat()


def test_a_line_names_the_start_of_the_event(history, received, alert, resolved):
    # As after a restart of Prometheus.
    moved = {"startsAt": "2026-11-22T11:01:00Z"}
    [fired] = history.record(received(alert()), NOW)
    [ended] = history.record(received(resolved(**moved)), LATER)
    starts = {json.loads(entry.line)["starts_at"] for entry in (fired, ended)}
    assert starts == {"2026-11-22T11:00:39.916000+00:00"}


def test_a_reopened_event_says_when_it_was_interrupted(
    history, received, alert, resolved
):
    history.record(received(alert()), NOW)
    history.record(received(resolved()), LATER)
    [entry] = history.record(received(alert()), LATER, lambda _: True)
    assert json.loads(entry.line)["change"] == "reopened"
    [stored] = history.newest(10)
    assert stored["reopened"] == 1
    assert stored["previous_end"] == "2026-11-22T11:02:24.916000+00:00"
    assert datetime.fromisoformat(stored["reopened_at"]) == LATER
    assert stored["resolved_received_at"] is None


def test_a_stale_event_that_is_replaced_ended_unnoticed(tmp_path, received, alert):
    history = History(tmp_path / "alerts.sqlite", stale_after=timedelta(hours=1))
    history.record(received(alert()), NOW)
    again = received(alert(startsAt="2026-11-22T13:00:00Z"))
    entries = history.record(again, NOW + timedelta(hours=2))
    changes = [json.loads(entry.line)["change"] for entry in entries]
    assert changes == ["ended, not notified", "fired"]
    new, old = history.newest(10)
    assert (new["status"], old["status"]) == ("firing", "resolved")
    assert (old["ends_at"], old["resolved_received_at"]) == (old["heard_at"], None)
    history.close()


def test_alerts_are_told_apart_by_their_fingerprints(history, received, alert):
    history.record(received(alert(), alert(fingerprint="another")), NOW)
    assert len(history.newest(10)) == 2


def test_a_notification_is_stored_as_a_whole_or_not_at_all(history, received, alert):
    [valid] = received(alert())
    with pytest.raises(sqlite3.Error):
        history.record(
            [valid, valid.__class__(None, "firing", NOW, None, {}, {}, "")], NOW
        )
    assert history.newest(10) == []
    assert history.unlogged() == []


def test_the_newest_are_as_many_as_asked_for(history, received, alert):
    history.record(received(*(alert(fingerprint=str(i)) for i in range(5))), NOW)
    assert len(history.newest(3)) == 3


@pytest.fixture
def severities(history, received, alert, resolved):
    """An alert of each severity, in the order of their starts."""
    for minute, severity in enumerate(("info", "critical", "page", "warning", "")):
        labels = {"alertname": severity or "none", "severity": severity}
        starts = f"2026-11-22T11:0{minute}:00Z"
        changes = {"labels": labels, "fingerprint": severity, "startsAt": starts}
        changes["fingerprint"] = severity or "none"
        history.record(received(alert(**changes)), NOW)
    ended = {"fingerprint": "ended", "labels": {"severity": "critical"}}
    history.record(received(resolved(**ended)), NOW)


def test_the_most_severe_alert_that_fires_comes_first(history, severities):
    page = names(history.page(Filter(), 10, 0))
    assert page == ["critical", "warning", "none", "page", "info", ""]
    assert names(history.page(Filter("firing"), 10, 0)) == page[:-1]
    assert names(history.page(Filter("resolved"), 10, 0)) == [""]


def test_firing_alerts_are_counted_by_severity(history, severities):
    assert history.firing() == {
        "critical": 1,
        "warning": 1,
        "other": 2,
        "info": 1,
        "suppressed": 0,
    }


def test_an_alert_is_found_by_the_words_of_its_labels_and_texts(
    history, received, alert
):
    first = alert(
        labels={"alertname": "A", "signal": "monthly_income"},
        annotations={"description": 'More "é" than 20 % in C:\\x', "summary": ""},
    )
    other = alert(labels={"alertname": "B"}, fingerprint="b")
    history.record(received(first, other), NOW)

    def found(*words):
        return names(history.page(Filter(words=words), 10, 0))

    assert found("income") == found("INCOME") == found("more", "income") == ["A"]
    assert found('"É"') == found("20 %") == found("C:\\x") == ["A"]
    # What is between texts in the file is in none of them.
    assert found('", "') == found('":') == found("{") == []
    assert found("drifts") == ["B"]
    assert found("income", "drifts") == found("monthly%income") == found("i_c") == []


def test_words_are_searched_for_in_a_bounded_number_of_alerts(
    history, received, alert, monkeypatch
):
    history.record(received(*(alert(fingerprint=str(i)) for i in range(5))), NOW)
    monkeypatch.setattr("webhook_receiver.store.history.MOST_SEARCHED", 3)
    assert len(history.page(Filter(words=["drifts"]), 10, 0)) == 3
    assert len(history.page(Filter(), 10, 0)) == 5


def test_words_are_searched_for_in_a_state_and_a_model(history, received, alert):
    for model in ("tree", "bush"):
        labels = {"alertname": model, "model": model}
        history.record(received(alert(labels=labels, fingerprint=model)), NOW)
    assert names(history.page(Filter("firing", "tree", ["drifts"]), 10, 0)) == ["tree"]
    assert names(history.page(Filter("resolved", "tree", ["drifts"]), 10, 0)) == []


@pytest.mark.parametrize(
    "query",
    [schema.PAGE, schema.PAGE_OF_MODEL, schema.NEWEST_FIRST.replace("?", ":limit")],
)
def test_a_page_is_read_without_sorting_the_history(history, query):
    values = {"model": "tree", "limit": 1, "skip": 0}
    values |= {"first_rank": 0, "last_rank": 9}
    explained = history._select(f"EXPLAIN QUERY PLAN {query}", values)
    plan = [row["detail"] for row in explained]
    assert "USING INDEX alerts_by_" in plan[0]
    # Only alerts that began in the same instant are put in order then.
    assert not any(step.endswith("B-TREE FOR ORDER BY") for step in plan)


@pytest.mark.parametrize("query", [schema.NEWEST_EVENT, schema.EVENT_OF_END])
def test_the_event_of_a_notification_is_found_by_an_index(history, query):
    values = {"fingerprint": "a", "starts_at": "", "ends_at": ""}
    [step] = history._select(f"EXPLAIN QUERY PLAN {query}", values)
    assert "USING INDEX alerts_by_fingerprint" in step["detail"]


def test_the_models_are_those_that_alerts_name(history, received, alert):
    for model in ("b", "a", "b", "c"):
        labels = {"alertname": "A", "model": model}
        history.record(received(alert(labels=labels, fingerprint=model)), NOW)
    history.record(received(alert(labels={"alertname": "B"}, fingerprint="w")), NOW)
    assert history.models(10) == ["a", "b", "c"]
    assert history.models(2) == ["a", "b"]


def test_a_history_survives_a_restart(tmp_path, received, alert):
    first = History(tmp_path / "alerts.sqlite")
    first.record(received(alert()), NOW)
    first.close()
    second = History(tmp_path / "alerts.sqlite")
    assert second.record(received(alert()), LATER) == []
    assert len(second.newest(10)) == 1
    second.close()
