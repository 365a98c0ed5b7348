"""An analyzer as a process of its own, and what it has to answer."""

import itertools
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest
from credit_analyzer.api import PATH
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from prometheus_client import CollectorRegistry

from benchmarks.performance.servers import analyzer as as_shipped
from benchmarks.performance.servers import running
from stack.process import local

DECISIONS = re.compile(r"^credit_decisions_total\{.*\} (.*)$", re.MULTILINE)


class Analyzer:
    """A running analyzer, and how to ask it."""

    def __init__(self, running, answers):
        self.process = running.process
        self.url = running.url
        self.metrics_url = running.metrics_url
        self.answers = answers

    def connect(self, url=None):
        address = urlsplit(url or self.url)
        return socket.create_connection((address.hostname, address.port), timeout=15)

    def decide(self, body, session=None):
        """The answer to one application, which has to be a decision."""
        answer = (session or local()).post(
            self.url,
            data=body,
            headers={"Content-Type": "application/json"},
            timeout=15,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decides(self):
        """Whether its answers are right, one of each."""
        with local() as session:
            return all(
                self.decide(body, session) == right for body, right in self.answers
            )

    def metrics(self):
        return local().get(self.metrics_url, timeout=15).text

    def decided(self):
        """How many decisions it has counted."""
        return sum(float(value) for value in DECISIONS.findall(self.metrics()))

    def _family(self):
        parent = psutil.Process(self.process.pid)
        return (parent, *parent.children(recursive=True))

    def resident(self):
        """MiB of memory, of all its processes."""
        return sum(p.memory_info().rss for p in self._family()) / 2**20

    def threads(self):
        """How many threads all its processes have."""
        return sum(p.num_threads() for p in self._family())

    def request(self, body):
        """A whole request as bytes, after which the connection is closed."""
        return (
            f"POST {PATH} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


@pytest.fixture(scope="session")
def answers():
    """Applications as JSON, and what the model in this process answers to each."""
    client = create_app(load(), CollectorRegistry()).test_client()
    found = []
    for education, income in itertools.product(
        ("Illiterate", "High School", "Bachelor", "Master or Doctoral"),
        (1_600, 5_000, 9_000),
    ):
        fields = {
            "education_level": education,
            "profession_type": "clt",
            "loan_amount": 20_000,
            "monthly_income": income,
        }
        answer = client.post(PATH, json=fields)
        found.append((json.dumps(fields).encode(), answer.json))
    assert {right["decision"] for _, right in found} == {
        "APPROVED",
        "DENIED",
        "ANALYST",
    }
    return found


@pytest.fixture
def new_analyzer(answers):
    """An analyzer of a test's own, which may end it."""
    with running(as_shipped()) as found:
        yield Analyzer(found, answers)


@pytest.fixture(scope="module")
def analyzer(answers):
    """An analyzer that the tests of a module share."""
    with running(as_shipped()) as found:
        yield Analyzer(found, answers)


@pytest.fixture
def received():
    """Everything that comes from a connection until it is closed."""

    def received(client):
        found = b""
        try:
            while data := client.recv(65_536):
                found += data
        except ConnectionError:
            pass
        return found

    return received


@pytest.fixture
def until_done():
    """Runs functions on threads, again and again, until the test is done."""
    done = threading.Event()
    with ThreadPoolExecutor() as pool:
        running = []

        def keep(function):
            while not done.is_set():
                function()

        yield lambda function: running.append(pool.submit(keep, function))
        done.set()
        for thread in running:
            thread.result()
