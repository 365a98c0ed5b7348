"""Receives the notifications of Alertmanager: logs and keeps every alert."""

from datetime import timedelta
from pathlib import Path

from flask import Flask
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_flask_exporter import PrometheusMetrics

from .api import EXTENSION, MAX_BODY_BYTES, WATCHDOG, api
from .history import History
from .history_metrics import HistoryMetrics
from .metrics import ReceiverMetrics
from .pages import RUNBOOK, site
from .receiver import Receiver
from .watchdog import Watchdog

# Alertmanager sends the watchdog every 20 s: two have to be lost before it is missed.
PATIENCE = timedelta(seconds=60)


def create_app(
    history: History,
    token_file: Path,
    registry: CollectorRegistry,
    patience: timedelta = PATIENCE,
    runbook: Path | None = None,
) -> Flask:
    """The receiver, keeping alerts in `history`, with its metrics in `registry`.

    Notifications must carry the bearer token that `token_file` holds. It is read each
    time, so it can be replaced while the receiver runs. `patience` is how long the
    watchdog may stay away; whoever runs the receiver has to `keep_looking`. `runbook`
    is the Markdown file that is shown beside the history, read each time.
    """
    disable_created_metrics()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    receiver = Receiver(history, token_file, ReceiverMetrics(registry))
    receiver.catch_up()
    HistoryMetrics(history, registry)
    app.extensions[EXTENSION] = receiver
    app.extensions[WATCHDOG] = Watchdog(receiver, patience)
    app.extensions[RUNBOOK] = runbook
    app.register_blueprint(api)
    app.register_blueprint(site)
    # Only for /metrics: its counters of requests are labelled by method, of which a
    # stranger may invent as many as he likes. ReceiverMetrics counts what matters.
    PrometheusMetrics(app, export_defaults=False, registry=registry)
    # The global registry has these; one of our own has to be given them.
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return app
