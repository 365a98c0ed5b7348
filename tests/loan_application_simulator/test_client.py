"""Against a real analyzer, served in a thread."""

import socket
from collections import Counter
from contextlib import ExitStack, contextmanager

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
from tests.serving import serving

FIELDS = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}


@contextmanager
def served(application, host="127.0.0.1", port=0):
    """The URL at which a thread serves a WSGI application."""
    with serving(make_server(host, port, application, threaded=True)) as server:
        yield f"http://{host}:{server.port}"


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


class Replicas:
    """Analyzers on one port of several addresses, and the DNS that knows them."""

    NAME = "credit-analyzer"

    def __init__(self, monkeypatch):
        self.addresses = []
        self.asked = Counter()
        self._resolve = socket.getaddrinfo
        self._port = free_port(0)
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)

    @property
    def url(self):
        return f"http://{self.NAME}:{self._port}"

    def getaddrinfo(self, host, port, *arguments, **options):
        names = self.addresses if host == self.NAME else [host]
        if not names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            found
            for name in names
            for found in self._resolve(name, port, *arguments, **options)
        ]

    def served(self, address):
        @Request.application
        def analyzer(_request):
            self.asked[address] += 1
            return Response('{"decision": "DENIED"}', content_type="application/json")

        self.addresses.append(address)
        return served(analyzer, address, self._port)


@pytest.fixture
def replicas(monkeypatch):
    return Replicas(monkeypatch)


def test_every_replica_behind_a_name_gets_its_share(replicas):
    with ExitStack() as running:
        for address in ("127.0.0.2", "127.0.0.3"):
            running.enter_context(replicas.served(address))
        client = AnalyzerClient(replicas.url, "post")
        for _ in range(60):
            assert client.send(FIELDS) == Answer("decided", "DENIED")
    # Eight or fewer of sixty coins on the same side: five times in a billion.
    assert min(replicas.asked["127.0.0.2"], replicas.asked["127.0.0.3"]) > 8


def test_a_replica_that_left_is_asked_no_more(replicas):
    client = AnalyzerClient(replicas.url, "post")
    with replicas.served("127.0.0.2"):
        assert client.send(FIELDS).outcome == "decided"
    replicas.addresses.clear()
    assert client.send(FIELDS) == Answer("failed")
    with replicas.served("127.0.0.3"):
        assert client.send(FIELDS).outcome == "decided"
    assert replicas.asked == {"127.0.0.2": 1, "127.0.0.3": 1}
