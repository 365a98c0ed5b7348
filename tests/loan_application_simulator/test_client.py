"""Against a real analyzer, served in a thread."""

import threading
from contextlib import contextmanager

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from loan_application_simulator.client import (
    AnalyzerClient,
    AnalyzerUnavailable,
    Answer,
)
from prometheus_client import CollectorRegistry
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from stack.ports import free_port

FIELDS = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}


@contextmanager
def served(application):
    """The URL at which a thread serves a WSGI application."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def url():
    with served(create_app(load(), CollectorRegistry())) as url:
        yield url


@pytest.mark.parametrize("form", ["get", "post"])
def test_an_application_comes_back_decided(url, form):
    assert AnalyzerClient(url, form).send(FIELDS) == Answer("decided", "ANALYST")


@pytest.mark.parametrize("form", ["get", "post"])
def test_a_malformed_application_comes_back_refused(url, form):
    answer = AnalyzerClient(url, form).send(FIELDS | {"loan_amount": -1})
    assert answer == Answer("refused")


@pytest.mark.parametrize("body", ["[]", "1", "{}", "text", '{"decision": null'])
def test_an_answer_in_no_known_form_is_a_failure(body):
    @Request.application
    def other_service(_request):
        return Response(body, content_type="application/json")

    with served(other_service) as url:
        assert AnalyzerClient(url, "post").send(FIELDS) == Answer("failed")


def test_a_healthy_analyzer_is_ready(url):
    AnalyzerClient(url, "post").wait_until_ready(5)


def test_without_an_analyzer_an_application_fails():
    client = AnalyzerClient(f"http://127.0.0.1:{free_port(0)}", "post")
    assert client.send(FIELDS) == Answer("failed")


def test_without_an_analyzer_the_message_says_where_it_was_looked_for():
    url = f"http://127.0.0.1:{free_port(0)}"
    with pytest.raises(AnalyzerUnavailable, match=f"no credit analyzer at {url}"):
        AnalyzerClient(url, "post").wait_until_ready(0)
