"""The receiver, with its log and its metrics at hand."""

import io
import json
import logging
import re
from pathlib import Path

from prometheus_client import CollectorRegistry
from webhook_receiver.app import create_app
from webhook_receiver.store.history import History

TOKEN = "secret"
ALERT = {
    "status": "firing",
    "labels": {
        "alertname": "CreditDecisionDrift",
        "model": "credit-approval-tree",
        "severity": "critical",
        "signal": "decision",
        "direction": "DENIED",
    },
    "annotations": {
        "summary": "It drifts.",
        "description": "DENIED 85 %",
        "runbook_url": "prometheus/RUNBOOK.md#creditdecisiondrift",
        "dashboard_url": "http://127.0.0.1:3000/d/credit-model",
    },
    "startsAt": "2026-11-22T11:00:39.916Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus:9090/graph?g0.expr=x",
    "fingerprint": "0123456789abcdef",
}
NOTIFICATION = {
    "version": "4",
    "groupKey": '{}:{alertname="CreditDecisionDrift"}',
    "status": "firing",
    "receiver": "webhook-receiver",
    "truncatedAlerts": 1,
    "alerts": [ALERT, ALERT | {"status": "resolved", "endsAt": "2026-11-22T11:02:24Z"}],
}


class Receiver:
    """A receiver with an empty history in memory."""

    def __init__(self, folder):
        (folder / "token").write_text(TOKEN)
        (folder / "RUNBOOK.md").write_text("## CreditDecisionDrift\n")
        self.history = History(Path(":memory:"))
        self.registry = CollectorRegistry()
        app = create_app(
            self.history,
            folder / "token",
            self.registry,
            runbook=folder / "RUNBOOK.md",
        )
        self.client = app.test_client()
        self._log = io.StringIO()
        self._handler = logging.StreamHandler(self._log)
        logger = logging.getLogger("webhook_receiver")
        logger.setLevel(logging.INFO)
        logger.addHandler(self._handler)
        logger.propagate = False  # pytest keeps every record that it sees

    def notify(self, body, path="/notifications", token=TOKEN):
        """The response to a notification, and the lines of its log."""
        self._log.seek(0)
        self._log.truncate()
        bearer = {"Authorization": f"Bearer {token}"}
        response = self.client.post(path, data=body, headers=bearer)
        log = self._log.getvalue()
        # One line for each event: nothing in it ends a line or moves the cursor.
        assert re.fullmatch(r"([ -~]*\n)*", log)
        return response, [json.loads(line) for line in log.splitlines()]

    def notifications(self):
        """How many notifications were counted, by outcome."""
        registry = self.registry.restricted_registry(
            ["webhook_receiver_notifications_total"]
        )
        return {
            sample.labels["outcome"]: sample.value
            for family in registry.collect()
            for sample in family.samples
        }

    def series(self):
        """Every series that it exports, as a name and labels."""
        return {
            (sample.name, *sample.labels.items())
            for family in self.registry.collect()
            for sample in family.samples
        }

    def clear(self):
        """Empties the history."""

        def delete(connection):
            with connection:
                connection.execute("DELETE FROM alerts")

        self.history.file.use(delete)

    def close(self):
        """Ends it."""
        logger = logging.getLogger("webhook_receiver")
        logger.removeHandler(self._handler)
        logger.propagate = True
        self.history.close()
