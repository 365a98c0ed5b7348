"""The HTTP metrics of prometheus-flask-exporter, counted at a fraction of its cost.

Names, labels and meaning are the library's, so that dashboards made for it work
here. Its own hooks look up each label of two families by name, and the request through
a proxy a dozen times, for every request; these look up both series once for each
combination of method, rule and status.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, Request, got_request_exception, request
from prometheus_client import Counter, Histogram
from prometheus_flask_exporter import PrometheusMetrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Upper edges in seconds. A decision takes well under a millisecond here; an
# application that waits longer than a second has lost its caller.
LATENCY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
# Health probes come every few seconds, and no caller waits for the answer.
UNCOUNTED_ENDPOINT = "credit.healthz"
UNCOUNTED_METHODS = frozenset({"HEAD", "OPTIONS"})
# When a request came, by perf_counter: a caller waits from then on.
START = "credit_analyzer.start"
# Where Werkzeug leaves the request, with the rule that Flask found for it.
REQUEST = "werkzeug.request"


class _Series(NamedTuple):
    seconds: Histogram
    requests: Counter


class HttpMetrics(PrometheusMetrics):  # type: ignore[misc]  # it has no types
    """Latency, requests and exceptions of `app`, by rule, not by path.

    By path, every URL that a client invents would be a series. Raises `ValueError` if
    `registry` already holds these metrics, where the library silently counts nothing.
    """

    def export_defaults(self, *, app: Flask, **_: object) -> None:
        """Called by the library's `init_app`, once."""
        self.info("flask_exporter_info", "About the exporter.", version=self.version)
        self._seconds = Histogram(
            "flask_http_request_duration_seconds",
            "Duration of HTTP requests in seconds.",
            ("method", "url_rule", "status"),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self._requests = Counter(
            "flask_http_request_total",
            "HTTP requests.",
            ("method", "status"),
            registry=self.registry,
        )
        self._exceptions = Counter(
            "flask_http_request_exceptions_total",
            "HTTP requests that ended in an exception.",
            ("method", "status"),
            registry=self.registry,
        )
        # Bounded: the methods are those that are known (app.py), the rules and the
        # statuses our own.
        self._series: dict[tuple[str, str | None, int], _Series] = {}
        app.wsgi_app = self._counted(app.wsgi_app)  # type: ignore[assignment, method-assign]
        got_request_exception.connect(self._count_exception, app)

    def _counted(self, application: "WSGIApplication") -> "WSGIApplication":
        def counted(
            environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            environ.setdefault(START, perf_counter())

            # The annotation is a text, so that it is not evaluated at each request.
            def start(status: str, *others: Any) -> "Callable[[bytes], object]":
                self._count(environ, int(status[:3]))
                return start_response(status, *others)

            return application(environ, start)

        return counted

    def _count(self, environ: "WSGIEnvironment", status: int) -> None:
        now = perf_counter()
        asked: Request = environ[REQUEST]
        if (
            asked.endpoint != UNCOUNTED_ENDPOINT
            and asked.method not in UNCOUNTED_METHODS
        ):
            rule = asked.url_rule.rule if asked.url_rule else None
            key = asked.method, rule, status
            series = self._series.get(key) or self._new_series(*key)
            series.seconds.observe(now - environ[START])
            series.requests.inc()

    def _new_series(self, method: str, rule: str | None, status: int) -> _Series:
        found = _Series(
            self._seconds.labels(method, rule, status),
            self._requests.labels(method, status),
        )
        self._series[method, rule, status] = found
        return found

    def _count_exception(self, _: Flask, **__: object) -> None:
        self._exceptions.labels(request.method, 500).inc()
