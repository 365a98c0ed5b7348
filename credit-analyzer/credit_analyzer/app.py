"""Builds the application: the API, and every metric of it."""

from flask import Flask
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_flask_exporter import PrometheusMetrics

from .analyzer import Analyzer
from .api import EXTENSION, MAX_BODY_BYTES, api
from .methods import refuse_unknown_methods
from .metrics import CreditMetrics
from .model import Model

# Upper edges in seconds. A decision takes well under a millisecond here; an
# application that waits longer than a second has lost its caller.
LATENCY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


def create_app(model: Model, registry: CollectorRegistry) -> Flask:
    """The HTTP API, deciding with `model`, with every metric in `registry`.

    Serves no /metrics: business figures are not for API callers. Raises `ValueError`
    if `registry` already serves another application.
    """
    # Every counter would otherwise be accompanied by a gauge of its time of birth,
    # which nobody asks for and which doubles the number of series.
    disable_created_metrics()
    app = Flask(__name__)
    # One byte more, because Werkzeug cuts a body of undeclared length off there.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    app.extensions[EXTENSION] = Analyzer(model, CreditMetrics(model.card, registry))
    app.register_blueprint(api)
    # Grouped by rule, not by path: else every URL that a client invents is a series.
    PrometheusMetrics(
        app,
        path=None,
        group_by="url_rule",
        buckets=LATENCY_BUCKETS,
        excluded_paths="^/healthz$",
        registry=registry,
    )
    # The global registry has these; one of our own has to be given them.
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    app.wsgi_app = refuse_unknown_methods(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app
