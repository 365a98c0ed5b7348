"""Builds the application: the API, and every metric of it."""

from flask import Flask
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from .analyzer import Analyzer
from .api import EXTENSION, api
from .discreet import DiscreetFlask
from .http_metrics import HttpMetrics
from .methods import refuse_unknown_methods
from .metrics import CreditMetrics
from .model import Model
from .openapi import openapi


def create_app(model: Model, registry: CollectorRegistry) -> Flask:
    """The HTTP API, deciding with `model`, with every metric in `registry`.

    Serves no /metrics: business figures are not for API callers. Raises `ValueError`
    if `registry` already serves another application.
    """
    # Every counter would otherwise be accompanied by a gauge of its time of birth,
    # which nobody asks for and which doubles the number of series.
    disable_created_metrics()
    app = DiscreetFlask(__name__, static_folder=None)
    # A redirect to a path with other slashes would repeat any Host that a caller sends.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = Analyzer(model, CreditMetrics(model.card, registry))
    app.register_blueprint(api)
    app.register_blueprint(openapi)
    HttpMetrics(app, path=None, registry=registry)
    # The global registry has these; one of our own has to be given them.
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    app.wsgi_app = refuse_unknown_methods(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app
