"""What a decision takes inside of a request, step by step.

Each step is added to a view that answers with a constant, and what that adds to a
whole request is what it takes. Timed by itself, over and over, it would find its code
and data in the processor's caches, and take half as long.
"""

import io
import json
import sys
from collections.abc import Callable, Mapping
from statistics import median
from time import thread_time
from typing import TYPE_CHECKING

from credit_analyzer import api
from credit_analyzer.app import create_app
from credit_analyzer.application import parse
from credit_analyzer.model import load
from flask import Response
from prometheus_client import CollectorRegistry

from .servers import APPLICATION
from .variants import ANSWER

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROUNDS = 41
REQUESTS = 500
BODY = json.dumps(APPLICATION).encode()


def answer() -> Response:
    """What Flask and the HTTP metrics take."""
    return Response(ANSWER, content_type="application/json")


def read_json() -> Response:
    """The body, and the JSON in it."""
    api.fields()
    return answer()


def validate() -> Response:
    """A `LoanApplication`, or its faults."""
    parse(api.fields())
    return answer()


def score() -> Response:
    """Encode nine columns, and walk along the tree."""
    api.analyzer().model.score(parse(api.fields()))
    return answer()


def decide_and_count() -> Response:
    """A counter and three histograms."""
    api.analyzer().decide(parse(api.fields()))
    return answer()


# In the order in which they happen; the last is the view itself.
STEPS: Mapping[str, Callable[[], Response]] = {
    "Flask, HTTP metrics and a constant answer": answer,
    "read the body and parse JSON": read_json,
    "validate": validate,
    "encode and score": score,
    "decide and count": decide_and_count,
    "write the answer": api.decide_json,
}


def measure() -> Mapping[str, float]:
    """Microseconds of CPU that each step adds to a request, by its name."""
    apps = {name: app_of(view) for name, view in STEPS.items()}
    spent: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        for name, app in apps.items():
            before = thread_time()
            for _ in range(REQUESTS):
                call(app)
            spent[name].append(1e6 * (thread_time() - before) / REQUESTS)
    totals = {name: median(times) for name, times in spent.items()}
    names = list(totals)
    return {
        name: totals[name] - (totals[names[i - 1]] if i else 0)
        for i, name in enumerate(names)
    }


def app_of(view: Callable[[], Response]) -> "WSGIApplication":
    """The analyzer, with another view."""
    app = create_app(load(), CollectorRegistry())
    app.view_functions["credit.decide_json"] = view
    return app.wsgi_app


def call(app: "WSGIApplication") -> bytes:
    """The body of the answer to `APPLICATION`."""
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": api.PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(BODY),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return b"".join(app(environ, _start_response))


def _start_response(*_: object) -> Callable[[bytes], object]:
    return lambda _: None
