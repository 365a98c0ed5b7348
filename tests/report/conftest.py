import json
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from report.record import Alert, Mix, Model, ModelRecord, Record, Signal
from report.timeline import Phase, row
from tests.serving import serving

START = 1_795_366_800.0
PHASES = (
    Phase("baseline", START, START + 30),
    Phase("hard-times", START + 30, START + 60),
)
HALVES = (
    Phase("first half", START - 5, START + 42.5),
    Phase("second half", START + 42.5, START + 90),
)


@pytest.fixture
def received():
    """Makes an alert as the receiver lists it."""

    def received(**changes):
        return {
            "alertname": "ModelDecisionDrift",
            "severity": "critical",
            "labels": {
                "alertname": "ModelDecisionDrift",
                "model": "tree",
                "model_version": "1",
                "signal": "decision",
                "direction": "DENIED",
            },
            "annotations": {"summary": "It drifts.", "description": "DENIED 88 %"},
            "starts_at": "2026-11-22T17:00:39.116000+00:00",
            "ends_at": "2026-11-22T17:01:20.116000+00:00",
            "firing_received_at": "2026-11-22T17:00:40.250001+00:00",
            "resolved_received_at": "2026-11-22T17:01:21.500000+00:00",
        } | changes

    return received


@pytest.fixture
def alert(received):
    """Makes an alert of the record."""

    def alert(phases=PHASES, last_words="", **changes):
        found = received(**changes)
        return Alert(
            row(found, phases),
            found["annotations"].get("summary", ""),
            last_words,
            found["starts_at"],
            found["firing_received_at"],
            found["ends_at"],
        )

    return alert


@pytest.fixture
def signal():
    """Makes a signal, by default a categorical input that never drifts."""

    def signal(**changes):
        times = [START + second for second in range(61)]
        whole = Signal(
            name="channel",
            role="input",
            segment="",
            unit="",
            is_numeric=False,
            cells=("web", "branch"),
            reference=(0.8, 0.2),
            observed=((0.79, 0.21), (0.82, 0.18)),
            spent=tuple((t, 1e-6) for t in times),
        )
        return replace(whole, **changes)

    return signal


@pytest.fixture
def income(signal):
    """Makes a numeric signal that moved up in the second phase."""

    def income(**changes):
        whole = signal(
            name="monthly_income",
            unit="brl",
            is_numeric=True,
            cells=("at most 1500", "1500 to 3000", "above 3000"),
            reference=(0.2, 0.5, 0.3),
            observed=((0.2, 0.5, 0.3), None),
        )
        return replace(whole, **changes)

    return income


@pytest.fixture
def of_model(alert, signal, income):
    """Makes the record of a model whose decisions drift in the second phase."""

    def of_model(**changes):
        times = [START + second for second in range(10, 61)]
        decision = signal(
            name="decision",
            role="decision",
            cells=("DENIED", "APPROVED"),
            reference=(0.6, 0.4),
            observed=((0.61, 0.39), (0.9, 0.1)),
            spent=tuple((t, 10.0 ** ((t - START) / 4 - 10)) for t in times),
            drifting=((START + 40, START + 60),),
            critical=((START + 50, START + 60),),
        )
        whole = ModelRecord(
            model=Model("tree", "1", {"job": "analyzer"}, ("abc123",)),
            applications=600.0,
            applications_by_interval=(300.0, 300.0),
            mix=Mix(
                100,
                {
                    "DENIED": tuple((t, 0.7) for t in times),
                    "APPROVED": tuple((t, 0.3) for t in times),
                },
                {"DENIED": 0.6, "APPROVED": 0.4},
            ),
            signals=(decision, income(), signal()),
            alerts=(alert(),),
            false_alarm_days=90.0,
        )
        return replace(whole, **changes)

    return of_model


@pytest.fixture
def record(of_model):
    """Makes a record of a minute in two phases; changes may be those of its model."""

    def record(**changes):
        whole = Record(
            since=START - 5,
            until=START + 90,
            phases=PHASES,
            models=(),
            omitted=(),
            alerts=(),
            prometheus_version="3.5.3",
        )
        of_record = {n: c for n, c in changes.items() if n in ("phases", "omitted")}
        of_record |= changes.get("record", {})
        own = {n: c for n, c in changes.items() if n not in (*of_record, "record")}
        return replace(whole, **({"models": (of_model(**own),)} | of_record))

    return record


@pytest.fixture
def live(record, alert):
    """Makes a record of the same minute, without a simulator."""
    return lambda: record(phases=(), alerts=(alert(phases=HALVES),))


@pytest.fixture
def serve():
    """Serves what a function of path and parameters answers: a status and a body."""
    with ExitStack() as servers:

        def serve(answer):
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
                    url = urlsplit(self.path)
                    query = parse_qs(url.query).items()
                    parameters = {name: values[0] for name, values in query}
                    status, body = answer(url.path, parameters)
                    self.send_response(status)
                    self.end_headers()
                    text = body if isinstance(body, str) else json.dumps(body)
                    self.wfile.write(text.encode())

                def log_message(self, *arguments):
                    pass

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            servers.enter_context(serving(server))
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


class FakePrometheus:
    """Answers by what a query contains, and remembers the queries."""

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
        found = [
            (labels, tuple(p for p in series if start <= p[0] <= end))
            for labels, series in self._answer("between", promql)
        ]
        return [series for series in found if series[1]]

    def version(self):
        return "3.5.3"


@pytest.fixture
def fake_prometheus():
    """Makes a Prometheus that answers by what a query contains."""
    return FakePrometheus
