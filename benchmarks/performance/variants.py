"""The analyzer with parts of it left out, on the server that the analyzer runs on.

python -m benchmarks.performance.variants NAME PORT
"""

import sys
from collections.abc import Callable, Mapping
from unittest.mock import patch

from credit_analyzer.api import MAX_BODY_BYTES, PATH
from credit_analyzer.app import create_app
from credit_analyzer.http.rsgi_bridge import BufferedRequests
from credit_analyzer.http.server import serve
from credit_analyzer.model import load
from flask import Flask, Response
from model_monitor import Monitor
from prometheus_client import CollectorRegistry

from stack.ports import HOST

ANSWER = '{"score": 0.6196, "decision": "ANALYST", "model_version": "1.0.0"}'


class UncountedMonitor(Monitor):
    """Reads applications, and counts none."""

    def add(self, *_: object) -> None:
        """Does nothing."""


def constant() -> Flask:
    """What Flask itself costs."""
    app = Flask(__name__)

    @app.post(PATH)
    def answer() -> Response:
        return Response(ANSWER, content_type="application/json")

    return app


def shipped() -> Flask:
    """Everything."""
    return create_app(load(), CollectorRegistry())


def without_domain_metrics() -> Flask:
    """With the metrics of HTTP only."""
    with patch("credit_analyzer.app.Monitor", UncountedMonitor):
        return shipped()


APPS: Mapping[str, Callable[[], Flask]] = {
    "constant": constant,
    "shipped": shipped,
    "without-domain-metrics": without_domain_metrics,
}


def main(name: str, port: str) -> None:
    """Serves until a signal to stop, behind the buffer that the analyzer is behind."""
    serve(BufferedRequests(APPS[name]().wsgi_app, MAX_BODY_BYTES), HOST, int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
