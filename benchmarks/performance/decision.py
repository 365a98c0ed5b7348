"""What a decision takes in the process: read, score, count, write.

Each step is added to a view that responds with a constant, and what that adds to a
whole request is what it takes. Timed by itself, over and over, it would find its code
and data in the processor's caches, and take half as long.
"""

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from credit_analyzer import api
from credit_analyzer.app import create_app
from credit_analyzer.deciding import analyzer
from credit_analyzer.model import load
from flask import Flask, Response
from model_monitor import Monitor
from model_monitor.exposition import generate_latest
from prometheus_client import CollectorRegistry

from .peers.flask_app import ANSWER

ROUNDS = 201
REQUESTS = 100
SCRAPES = 100
Fields = Mapping[str, object]


def constant() -> Response:
    """What Flask and the HTTP metrics take."""
    return Response(ANSWER, content_type="application/json")


def parse() -> Response:
    """The body, and the JSON in it."""
    api.fields()
    return constant()


def read() -> Response:
    """Validate, encode, and find the cells."""
    analyzer().monitor.read(api.fields())
    return constant()


def score() -> Response:
    """Walk along the tree, and compare with the cut-offs."""
    found = analyzer()
    found.model.scorer.outcome(found.monitor.read(api.fields())[0])
    return constant()


def count() -> Response:
    """Raise the counts of each signal."""
    analyzer().decide(api.fields())
    return constant()


# In the order in which they happen; the last is the view itself.
STEPS: Mapping[str, Callable[[], Response]] = {
    "Flask, HTTP metrics and a constant response": constant,
    "read the body and parse JSON": parse,
    "validate, encode, find the cells": read,
    "score and decide": score,
    "count": count,
    "write the response": api.decide_json,
}


def steps(folder: Path, fields: Fields) -> Mapping[str, float]:
    """Microseconds of CPU that each step adds to a request, by its name."""
    apps = {name: _app(folder, view) for name, view in STEPS.items()}
    added: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        before = 0.0
        for name, app in apps.items():
            began = thread_time()
            for _ in range(REQUESTS):
                respond(app, fields)
            took = 1e6 * (thread_time() - began) / REQUESTS
            # In each round by itself: neighbours met the same disturbances.
            added[name].append(took - before)
            before = took
    return {name: median(times) for name, times in added.items()}


def observing(folder: Path, fields: Fields) -> float:
    """Microseconds of `Monitor.observe`, in a loop: read and count, without a score."""
    monitor = Monitor(load(folder).card, CollectorRegistry())

    def observe() -> None:
        with monitor.observe(fields) as seen:
            seen.score = 0.5

    return _looped(observe)


def deciding(folder: Path, fields: Fields) -> float:
    """Microseconds from the body to the text of the response, in a loop."""
    app = create_app(load(folder), CollectorRegistry())
    environ = _environ(json.dumps(fields).encode())
    with app.request_context(environ):
        found = analyzer()

        def decide() -> None:
            environ["wsgi.input"].seek(0)
            found.as_json(*found.decide(api.fields()))

        return _looped(decide)


def _looped(call: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        before = thread_time()
        for _ in range(10 * REQUESTS):
            call()
        times.append(1e6 * (thread_time() - before) / (10 * REQUESTS))
    return median(times)


def exposition(folder: Path) -> tuple[int, list[float]]:
    """The samples of the analyzer's metrics, and milliseconds to write them out."""
    registry = CollectorRegistry()
    create_app(load(folder), registry)
    took = []
    for _ in range(SCRAPES):
        begun = perf_counter()
        text = generate_latest(registry).decode()
        took.append(1_000 * (perf_counter() - begun))
    lines = text.splitlines()
    return sum(not line.startswith("#") for line in lines), took


def _app(folder: Path, view: Callable[[], Response]) -> Flask:
    """The analyzer, with another view."""
    app = create_app(load(folder), CollectorRegistry())
    app.view_functions["credit.decide_json"] = view
    return app


def respond(app: Flask, fields: Fields) -> bytes:
    """The body of the response to an application as JSON."""
    environ = _environ(json.dumps(fields).encode())
    return b"".join(app.wsgi_app(environ, lambda *_: lambda _: None))


def _environ(body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": api.PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
    }
