"""The receiver as a Flask application."""

from collections.abc import Sequence
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

from .alertmanager.client import Alertmanager
from .alertmanager.reconciliation import RECEIVER_NAME, RESEND, Alertmanagers
from .alertmanager.watchdog import PATIENCE, Watchdog
from .api import MAX_BODY_BYTES, RECEIVER, WATCHDOG, api
from .metrics import HistoryMetrics, ReceiverMetrics
from .pages import ALERTMANAGERS, RUNBOOK, site
from .receiver import Receiver, utc_now
from .store.history import History


def create_app(
    history: History,
    token_file: Path,
    registry: CollectorRegistry,
    patience: timedelta = PATIENCE,
    runbook: Path | None = None,
    alertmanagers: Sequence[Alertmanager] = (),
    receiver_name: str = RECEIVER_NAME,
    resend: timedelta = RESEND,
) -> Flask:
    """The receiver, which stores alerts in `history`, with its metrics in `registry`.

    Notifications must bear a token of `token_file`, which is read for each. `patience`
    is how long the watchdog may stay away, `runbook` a Markdown file to show beside the
    history. The caller runs the `Watchdog` and a `Reconciler` of `alertmanagers`, whose
    configuration calls this receiver `receiver_name`, and to which Prometheus sends
    firing alerts again every `resend`.
    """
    disable_created_metrics()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    metrics = ReceiverMetrics(registry, [each.url for each in alertmanagers])
    asked = Alertmanagers(alertmanagers, metrics, utc_now, receiver_name, resend)
    receiver = Receiver(history, token_file, metrics, utc_now, asked.ask_quickly)
    receiver.log_unlogged()
    HistoryMetrics(history, registry)
    app.extensions[RECEIVER] = receiver
    app.extensions[WATCHDOG] = Watchdog(receiver, patience)
    app.extensions[ALERTMANAGERS] = asked
    app.extensions[RUNBOOK] = runbook
    app.register_blueprint(api)
    app.register_blueprint(site)
    # Only for /metrics: its counters of requests are labelled by method, of which any
    # client can invent many. ReceiverMetrics counts what matters.
    PrometheusMetrics(app, export_defaults=False, registry=registry)
    # The global registry has these; ours has to be given them.
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return app
