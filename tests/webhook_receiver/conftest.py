import json
import logging

import pytest
from prometheus_client import CollectorRegistry
from webhook_receiver.alerts import parse_notification
from webhook_receiver.store.history import History


@pytest.fixture
def alert():
    """Makes an alert, as Alertmanager 0.25 and 0.33 send it; firing unless changed."""

    def alert(**changes):
        return {
            "status": "firing",
            "labels": {
                "alertname": "CreditDecisionDrift",
                "model": "credit-approval-tree",
                "severity": "critical",
                "signal": "decision",
            },
            "annotations": {"summary": "It drifts.", "description": "DENIED 85 %"},
            "startsAt": "2026-11-22T11:00:39.916Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph?g0.expr=x",
            "fingerprint": "0123456789abcdef",
        } | changes

    return alert


@pytest.fixture
def resolved(alert):
    """Makes the same alert, resolved."""

    def resolved(**changes):
        end = {"status": "resolved", "endsAt": "2026-11-22T11:02:24.916Z"}
        return alert(**end | changes)

    return resolved


@pytest.fixture
def notification():
    """Makes a notification of alerts."""

    def notification(*alerts, **changes):
        return {
            "version": "4",
            "groupKey": '{}:{alertname="CreditDecisionDrift"}',
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "webhook-receiver",
            "groupLabels": {"alertname": "CreditDecisionDrift"},
            "commonLabels": {},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager:9093",
            "notification_reason": "first",
            "alerts": list(alerts),
        } | changes

    return notification


@pytest.fixture
def received(notification):
    """The alerts of a notification, as the receiver reads them."""

    def received(*alerts):
        return parse_notification(json.dumps(notification(*alerts)).encode()).alerts

    return received


@pytest.fixture
def listed(alert):
    """Makes an alert as Alertmanager's API lists it; active unless changed."""

    def listed(**changes):
        status = {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
        fields = alert(
            receivers=[{"name": "webhook-receiver"}],
            updatedAt="2026-11-22T11:01:00.000Z",
            endsAt="2026-11-22T11:05:00.000Z",
        )
        return fields | {"status": status} | changes

    return listed


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "alerts.sqlite")
    yield history
    history.close()


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def log(caplog):
    """The lines that were logged, parsed."""
    caplog.set_level(logging.INFO, "webhook_receiver")
    return lambda: [json.loads(record.message) for record in caplog.records]
