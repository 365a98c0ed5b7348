import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from report.record import (
    Alert,
    Distribution,
    Drift,
    Mix,
    Model,
    Record,
    Thresholds,
)
from stack.timeline import Phase, row

START = 1_795_366_800.0
PHASES = (
    Phase("baseline", START, START + 30),
    Phase("hard-times", START + 30, START + 60),
)


@pytest.fixture
def told():
    """Makes an alert as the receiver lists it."""

    def told(**changes):
        return {
            "alertname": "CreditDecisionDrift",
            "severity": "critical",
            "labels": {
                "alertname": "CreditDecisionDrift",
                "model": "tree",
                "model_version": "1",
                "signal": "decision",
            },
            "annotations": {"summary": "It drifts.", "description": "DENIED 88 %"},
            "starts_at": "2026-11-22T17:00:39.116000+00:00",
            "ends_at": "2026-11-22T17:01:20.116000+00:00",
            "firing_received_at": "2026-11-22T17:00:40.250001+00:00",
            "resolved_received_at": "2026-11-22T17:01:21.500000+00:00",
        } | changes

    return told


@pytest.fixture
def alert(told):
    """Makes an alert of the record."""

    def alert(phases=PHASES, **changes):
        found = told(**changes)
        return Alert(
            row(found, phases),
            found["annotations"].get("summary", ""),
            found["starts_at"],
            found["firing_received_at"],
            found["ends_at"],
        )

    return alert


@pytest.fixture
def record(alert):
    """Makes a record of a minute in two phases, with one alert."""

    def record(**changes):
        times = [START + second for second in range(10, 61)]
        whole = Record(
            model=Model("credit-analyzer", "tree", "1", "abc123"),
            since=START - 5,
            until=START + 90,
            phases=PHASES,
            applications=600.0,
            applications_by_stretch=(300.2, 299.9),
            mix=Mix(
                "10s",
                {
                    "APPROVED": tuple((t, 0.3) for t in times),
                    "DENIED": tuple((t, 0.7) for t in times),
                },
                {"APPROVED": 0.4, "DENIED": 0.6},
            ),
            drift={
                "decision": tuple(
                    Drift(t, 0.2, t - START, "10s", t - START > 39) for t in times
                ),
                "validity": tuple(Drift(t, 0.0, -2.0, "10s", False) for t in times),
            },
            thresholds=Thresholds(0.05, 16.1),
            distributions=(
                Distribution(
                    "decision",
                    "",
                    ("DENIED", "APPROVED"),
                    (),
                    (0.6, 0.4),
                    ((0.61, 0.39), (0.9, 0.1)),
                ),
                Distribution(
                    "monthly_income",
                    "BRL",
                    (),
                    (1500.0, 3000.0, float("inf")),
                    (0.2, 0.5, 0.3),
                    ((0.2, 0.5, 0.3), None),
                ),
            ),
            alerts=(alert(),),
            prometheus_version="3.5.3",
        )
        return replace(whole, **changes)

    return record


@pytest.fixture
def live(record, alert):
    """Makes a record of the same minute, of which no simulator knows anything."""

    def live(**changes):
        span = (Phase("", START - 5, START + 90),)
        whole = record()
        return replace(
            whole,
            phases=(),
            applications_by_stretch=(600.0,),
            distributions=tuple(
                replace(d, observed=d.observed[:1]) for d in whole.distributions
            ),
            alerts=(alert(phases=span),),
            **changes,
        )

    return live


@pytest.fixture
def serve():
    """Serves what a function of path and parameters answers: a status and a body."""
    servers = []

    def serve(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                parameters = {name: v[0] for name, v in parse_qs(url.query).items()}
                status, body = answer(url.path, parameters)
                self.send_response(status)
                self.end_headers()
                text = body if isinstance(body, str) else json.dumps(body)
                self.wfile.write(text.encode())

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class FakePrometheus:
    """Answers to parts of queries, and remembers what it was asked."""

    url = "http://prometheus"

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def _answer(self, kind, promql):
        self.asked.append(promql)
        parts = self.answers.get(kind, {})
        return next((parts[part] for part in parts if part in promql), [])

    def at(self, moment, promql):
        return self._answer("at", promql)

    def between(self, start, end, promql, points=720):
        return [
            (labels, tuple(p for p in series if start <= p[0] <= end))
            for labels, series in self._answer("between", promql)
        ]

    def version(self):
        return "3.5.3"


@pytest.fixture
def fake_prometheus():
    """Makes a Prometheus that answers by what a query contains."""
    return FakePrometheus
