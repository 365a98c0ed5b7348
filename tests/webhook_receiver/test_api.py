import json
import logging
from datetime import datetime

import pytest
from webhook_receiver.app import create_app

AUTHORIZED = {"Authorization": "Bearer secret"}


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text("secret\n")
    return file


@pytest.fixture
def client(history, token_file, registry):
    return create_app(history, token_file, registry).test_client()


@pytest.fixture
def notified(registry):
    def notified(outcome):
        name = "webhook_receiver_notifications_total"
        return registry.get_sample_value(name, {"outcome": outcome})

    return notified


def post(client, body, headers=AUTHORIZED):
    return client.post("/notifications", json=body, headers=headers)


def test_a_notification_is_stored_logged_and_counted(
    client, alert, notification, log, notified, registry
):
    response = post(client, notification(alert()))
    assert response.status_code == 204
    [stored] = client.get("/alerts").json["alerts"]
    [line] = log()
    assert line["event"] == "alert"
    assert line["status"] == "firing"
    assert line["labels"] == stored["labels"] == alert()["labels"]
    assert line["annotations"] == stored["annotations"] == alert()["annotations"]
    assert notified("stored") == 1
    alerts = "webhook_receiver_alerts_total"
    assert registry.get_sample_value(alerts, {"status": "firing"}) == 1
    last = registry.get_sample_value("webhook_receiver_last_stored_timestamp_seconds")
    received = datetime.fromisoformat(stored["firing_received_at"]).timestamp()
    assert last == pytest.approx(received)


def test_each_alert_has_a_line_of_its_own(client, alert, notification, log):
    first, second = (
        alert(labels={"alertname": "A"}),
        alert(labels={"alertname": "B"}, fingerprint="b"),
    )
    post(client, notification(first, second))
    assert [(line["alertname"], line["labels"]) for line in log()] == [
        ("A", {"alertname": "A"}),
        ("B", {"alertname": "B"}),
    ]


def test_a_repetition_is_neither_logged_nor_counted_as_an_alert(
    client, alert, resolved, notification, log, notified, registry
):
    for body in (alert(), alert(), resolved(), resolved()):
        assert post(client, notification(body)).status_code == 204
    assert [line["status"] for line in log()] == ["firing", "resolved"]
    assert len(client.get("/alerts").json["alerts"]) == 1
    assert notified("stored") == 4
    alerts = "webhook_receiver_alerts_total"
    assert registry.get_sample_value(alerts, {"status": "firing"}) == 1


def test_an_alert_that_fires_again_with_the_same_start_is_not_lost(
    client, alert, resolved, notification, log
):
    # Alertmanager ended it while Prometheus could not send, and cannot be asked.
    for body in (alert(), resolved(), alert()):
        assert post(client, notification(body)).status_code == 204
    [stored] = client.get("/alerts").json["alerts"]
    assert stored["status"] == "firing"
    changes = [line["change"] for line in log()]
    assert changes == ["fired", "resolved", "reopened"]


def test_alerts_that_a_notification_leaves_out_are_counted_and_logged(
    client, alert, notification, log, registry, notified
):
    name = "webhook_receiver_truncated_alerts_total"
    assert registry.get_sample_value(name) == 0
    response = post(client, notification(alert(), truncatedAlerts=7))
    assert response.status_code == 204
    assert registry.get_sample_value(name) == 7
    assert notified("stored") == 1
    [_, line] = log()
    assert (line["event"], line["outcome"]) == ("notification", "truncated")
    assert line["detail"] == "alerts left out: 7"


def test_no_value_can_forge_a_line_of_the_log(client, alert, notification, caplog):
    caplog.set_level(logging.INFO, "webhook_receiver")
    evil = 'x\n{"event": "alert"}\r\u2028\x1b[31m'
    post(client, notification(alert(labels={"alertname": evil})))
    [record] = caplog.records
    assert record.message.isprintable()
    assert json.loads(record.message)["labels"] == {"alertname": evil}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"garbage", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"{}", 400),
        (b'{"version": "4"}', 400),
        (b'{"version": "4", "alerts": ["\\ud800"]}', 400),
        (b" " * (33 * 1024 * 1024), 413),
    ],
)
def test_garbage_is_refused_logged_and_not_stored(client, body, status, log, notified):
    response = client.post("/notifications", data=body, headers=AUTHORIZED)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert client.get("/alerts").json == {"alerts": []}
    [line] = log()
    assert line["outcome"] == "invalid"
    assert notified("invalid") == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic secret"},
        {"Authorization": "secret"},
        {"Authorization": "Bearer sécret"},
    ],
)
def test_a_request_without_the_token_is_refused(
    client, alert, notification, headers, log, notified
):
    response = post(client, notification(alert()), headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/alerts").json == {"alerts": []}
    assert [line["outcome"] for line in log()] == ["unauthorized"]
    assert notified("unauthorized") == 1


def test_a_token_can_be_replaced_while_the_receiver_runs(
    client, alert, notification, token_file
):
    token_file.write_text("other")
    assert post(client, notification(alert())).status_code == 401
    replaced = {"Authorization": "Bearer other"}
    assert post(client, notification(alert()), replaced).status_code == 204


@pytest.mark.parametrize("spoil", ["unlink", "empty"])
def test_without_a_token_every_request_is_refused(
    client, alert, notification, token_file, spoil
):
    token_file.unlink() if spoil == "unlink" else token_file.write_text("")
    for headers in (AUTHORIZED, {"Authorization": "Bearer "}):
        assert post(client, notification(alert()), headers).status_code == 401


def test_a_notification_that_cannot_be_stored_is_answered_503(
    client, history, alert, notification, log, notified
):
    history.close()
    response = post(client, notification(alert()))
    assert response.status_code == 503
    assert [line["outcome"] for line in log()] == ["failed"]
    assert notified("failed") == 1
    assert client.get("/alerts").status_code == 503


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "all", "", "²", "9" * 5_000])
def test_an_invalid_limit_is_refused(client, limit):
    assert client.get("/alerts", query_string={"limit": limit}).status_code == 422


def test_the_newest_alerts_come_first(client, alert, notification):
    for hour in ("10", "12", "11"):
        starts = f"2026-11-22T{hour}:00:00Z"
        post(client, notification(alert(startsAt=starts, fingerprint=hour)))
    alerts = client.get("/alerts", query_string={"limit": "2"}).json["alerts"]
    assert [a["starts_at"][11:13] for a in alerts] == ["12", "11"]


def test_metrics_are_served_beside_the_alerts(client):
    text = client.get("/metrics").text
    assert 'webhook_receiver_notifications_total{outcome="stored"} 0.0' in text
    assert "process_resident_memory_bytes" in text


def test_an_unknown_method_makes_no_series(client):
    client.open("/notifications", method="BREW")
    assert "BREW" not in client.get("/metrics").text


def test_a_wrong_method_is_answered_with_the_right_ones(client):
    response = client.get("/notifications")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_health(client):
    assert client.get("/healthz").json == {"status": "ok"}
