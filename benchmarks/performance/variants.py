"""The analyzer with parts of it left out, on the server that the analyzer runs on.

python -m benchmarks.performance.variants NAME PORT
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from unittest.mock import patch

from credit_analyzer.__main__ import server
from credit_analyzer.analyzer import Analyzer
from credit_analyzer.api import EXTENSION, MAX_BODY_BYTES, PATH
from credit_analyzer.app import create_app
from credit_analyzer.buffering import BufferedRequests
from credit_analyzer.http_metrics import LATENCY_BUCKETS
from credit_analyzer.model import load
from flask import Flask, Response
from granian import Granian
from granian.constants import Interfaces
from prometheus_client import CollectorRegistry
from prometheus_flask_exporter import PrometheusMetrics

ANSWER = '{"score": 0.6196, "decision": "ANALYST", "model_version": "1.0.0"}'


class Uncounted:
    """In the place of the domain metrics."""

    def decided(self, *_: object) -> None:
        """Counts nothing."""


def constant() -> Flask:
    """What Flask itself costs."""
    app = Flask(__name__)

    @app.post(PATH)
    def answer() -> Response:
        return Response(ANSWER, content_type="application/json")

    return app


def without_http_metrics() -> Flask:
    """With the domain metrics only."""
    with patch("credit_analyzer.app.HttpMetrics"):
        return create_app(load(), CollectorRegistry())


def without_metrics() -> Flask:
    """Validates, scores and decides."""
    app = without_http_metrics()
    app.extensions[EXTENSION] = Analyzer(load(), Uncounted())  # type: ignore[arg-type]
    return app


def with_the_library_s_hooks() -> Flask:
    """With HTTP metrics as prometheus-flask-exporter counts them by itself."""
    hooks = partial(
        PrometheusMetrics,
        group_by="url_rule",
        buckets=LATENCY_BUCKETS,
        excluded_paths="^/healthz$",
    )
    with patch("credit_analyzer.app.HttpMetrics", hooks):
        return create_app(load(), CollectorRegistry())


APPS: Mapping[str, Callable[[], Flask]] = {
    "constant": constant,
    "without-metrics": without_metrics,
    "without-http-metrics": without_http_metrics,
    "library-hooks": with_the_library_s_hooks,
}


def buffered(name: str) -> BufferedRequests:
    """A variant behind the buffer that the analyzer is behind."""
    return BufferedRequests(APPS[name]().wsgi_app, MAX_BODY_BYTES)


def main(name: str, port: str) -> None:
    """Serves until it is told to stop; `wsgi` is Flask on Granian as it comes."""
    if name == "wsgi":
        Granian(
            __name__,
            port=int(port),
            interface=Interfaces.WSGI,
            blocking_threads=1,
            websockets=False,
            log_enabled=False,
        ).serve(target_loader=constant, wrap_loader=False)
    else:
        server("127.0.0.1", int(port)).serve(
            target_loader=partial(buffered, name), wrap_loader=False
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
