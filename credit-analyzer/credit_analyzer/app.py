"""Builds the application: the API, its pages, and every metric of it."""

import traceback
from collections.abc import Iterable
from http import HTTPMethod
from types import TracebackType
from typing import TYPE_CHECKING

from flask import Flask, request
from model_monitor import Monitor
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from .api import api
from .deciding import EXTENSION, Analyzer
from .http.request_metrics import HttpMetrics
from .model import Model
from .openapi import openapi
from .pages import pages
from .problem import problem
from .query_form import QueryForm, query_api

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# QUERY is younger than the list that Python has.
KNOWN_METHODS = frozenset(HTTPMethod) | {"QUERY"}


def create_app(model: Model, registry: CollectorRegistry) -> Flask:
    """The HTTP API, deciding with `model`, with every metric in `registry`.

    Serves no /metrics: business figures are not for API callers. Raises `ValueError`
    if `registry` already serves another application.
    """
    # A gauge of its time of creation beside every counter would double the number of
    # series, and no rule reads it.
    disable_created_metrics()
    app = LogRedactingFlask(__name__, static_folder=None)
    # A redirect to a path with other slashes would repeat any Host that a caller sends.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = Analyzer(model, Monitor(model.card, registry))
    app.register_blueprint(api)
    app.register_blueprint(openapi)
    app.register_blueprint(pages)
    if model.card.query:
        app.register_blueprint(query_api(QueryForm(model.card)))
    HttpMetrics(app, path=None, registry=registry)
    # The global registry has these; one of our own has to be given them.
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    app.wsgi_app = refuse_unknown_methods(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


class LogRedactingFlask(Flask):
    """Flask, which logs where a request failed, and not what the exception says.

    What fails on an application may quote it: a model that cannot take a value names
    it.
    """

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Logs the kind of exception, the rule it happened at, and lines of code."""
        kind, _, where = exc_info
        name = kind.__qualname__ if kind else "nothing"
        lines = "".join(traceback.format_tb(where))
        self.logger.error("%s at %s\n%s", name, request.url_rule, lines.rstrip())


def refuse_unknown_methods(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, behind a 501 (RFC 9110, 9.1) for methods that no standard names.

    The HTTP metrics are labelled by method, and a client may invent as many as it
    likes; each would be a new series. They end here, before anything counts them.
    """

    def guarded(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in KNOWN_METHODS:
            return application(environ, start_response)
        return problem(501, "This HTTP method is unknown.")(environ, start_response)

    return guarded
