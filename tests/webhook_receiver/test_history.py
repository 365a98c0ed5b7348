import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver import sql
from webhook_receiver.alerts import parse
from webhook_receiver.history import History

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def firing(alert, notification):
    return parse(notification(alert()))


@pytest.fixture
def ended(resolved, notification):
    return parse(notification(resolved()))


def test_an_alert_is_kept_with_all_that_it_said(history, firing):
    assert history.add(firing, NOW) == firing
    [kept] = history.newest(10)
    assert kept["status"] == "firing"
    assert kept["alertname"] == "CreditDecisionDrift"
    assert kept["severity"] == "critical"
    assert kept["starts_at"] == "2026-11-22T11:00:39.916000+00:00"
    assert kept["ends_at"] is None
    assert kept["firing_received_at"] == "2026-11-22T11:00:41.000000+00:00"
    assert kept["annotations"] == {
        "summary": "It drifts.",
        "description": "DENIED 85 %",
    }
    assert kept["labels"]["model"] == "credit-approval-tree"


def test_what_is_told_again_is_no_news(history, firing, ended):
    assert history.add(firing, NOW) == firing
    assert history.add(firing, LATER) == []
    assert history.add(ended, LATER) == ended
    assert history.add(ended, LATER) == []
    [kept] = history.newest(10)
    assert kept["status"] == "resolved"
    assert kept["firing_received_at"] < kept["resolved_received_at"]


def test_the_two_may_arrive_in_either_order(history, firing, ended):
    assert history.add(ended, NOW) == ended
    assert history.add(firing, LATER) == firing
    [kept] = history.newest(10)
    assert kept["status"] == "resolved"


def test_an_alert_that_fires_again_after_its_end_is_another(
    history, alert, notification, firing, ended
):
    again = parse(notification(alert(startsAt="2026-11-22T12:00:00Z")))
    history.add(firing, NOW)
    history.add(ended, NOW)
    assert history.add(again, NOW) == again
    assert [kept["starts_at"][11:19] for kept in history.newest(10)] == [
        "12:00:00",
        "11:00:39",
    ]


# As after a restart of Prometheus.
MOVED = {"startsAt": "2026-11-22T11:01:00Z"}


def test_an_end_with_another_start_is_the_end_of_what_fires(
    history, alert, resolved, notification, firing
):
    history.add(firing, NOW)
    [ended] = history.add(parse(notification(resolved(**MOVED))), LATER)
    assert (ended.status, ended.starts_at) == ("resolved", firing[0].starts_at)
    # Told late, and once more.
    assert history.add(parse(notification(alert(**MOVED))), LATER) == []
    [kept] = history.newest(10)
    assert kept["starts_at"] == "2026-11-22T11:00:39.916000+00:00"
    assert kept["ends_at"] == "2026-11-22T11:02:24.916000+00:00"


def test_what_fires_again_is_told_and_ends_what_nobody_ended(
    history, alert, notification, firing
):
    history.add(firing, NOW)
    again = parse(notification(alert(**MOVED)))
    assert history.add(again, LATER) == again
    assert history.add(again, LATER) == []
    new, old = history.newest(10)
    assert (new["status"], old["status"]) == ("firing", "resolved")
    assert old["ends_at"] == new["starts_at"]


def test_an_alert_that_starts_while_another_fires_is_another(
    history, alert, notification, firing
):
    moved = {"startsAt": "2026-11-22T11:01:00Z", "fingerprint": "another"}
    other = parse(notification(alert(**moved)))
    history.add(firing, NOW)
    assert history.add(other, NOW) == other
    assert len(history.newest(10)) == 2


def test_the_newest_are_as_many_as_asked_for(history, alert, notification):
    alerts = [alert(fingerprint=str(i)) for i in range(5)]
    history.add(parse(notification(*alerts)), NOW)
    assert len(history.newest(3)) == 3


def test_a_page_of_any_history_is_found_without_sorting_it(history):
    for query in (sql.FIRING_FIRST, sql.FIRING_FIRST_OF_MODEL):
        values = {"firing": 1, "model": "tree", "limit": 1, "skip": 0}
        plan = [
            row["detail"]
            for row in history._select(f"EXPLAIN QUERY PLAN {query}", values)
        ]
        assert "USING INDEX alerts_by_" in plan[0]
        # Only alerts that fired in the same instant are put in order then.
        assert not any(step.endswith("B-TREE FOR ORDER BY") for step in plan)


def test_a_history_of_before_there_were_pages_is_taken_over(tmp_path, firing):
    old = History(tmp_path / "alerts.sqlite")
    old.add(firing, NOW)
    for index in ("alerts_by_state", "alerts_by_model", "alerts_by_age"):
        old._select(f"DROP INDEX {index}")
    old.close()
    history = History(tmp_path / "alerts.sqlite")
    [kept] = history.page("firing", "credit-approval-tree", 10, 0)
    assert kept["alertname"] == "CreditDecisionDrift"
    history.close()


def test_the_models_are_those_that_alerts_name(history, alert, notification):
    for model in ("b", "a", "b", "c"):
        labels = {"alertname": "A", "model": model}
        history.add(parse(notification(alert(labels=labels, fingerprint=model))), NOW)
    other = alert(labels={"alertname": "Watchdog"}, fingerprint="w")
    history.add(parse(notification(other)), NOW)
    assert history.models(10) == ["a", "b", "c"]
    assert history.models(2) == ["a", "b"]


def test_a_history_survives_a_restart(tmp_path, firing):
    first = History(tmp_path / "alerts.sqlite")
    first.add(firing, NOW)
    first.close()
    second = History(tmp_path / "alerts.sqlite")
    assert second.add(firing, LATER) == []
    assert len(second.newest(10)) == 1
    second.close()


def test_a_commit_is_durable_and_visible_at_once(tmp_path, history, firing):
    history.add(firing, NOW)
    history.logged(firing)  # which alone does not wait for the disk
    other = sqlite3.connect(tmp_path / "alerts.sqlite")
    assert other.execute("SELECT count(*) FROM alerts").fetchone() == (1,)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    # Each connection has its own, so only its own can tell: 2 is FULL, after which a
    # commit has reached the disk.
    [[synchronous]] = history._select("PRAGMA synchronous")
    assert synchronous == 2
