"""The server of /metrics, without an analyzer."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from credit_analyzer.http import metrics_server
from credit_analyzer.http.metrics_server import (
    CLIENT_SECONDS,
    MAX_CONNECTIONS,
    serve_metrics,
)
from prometheus_client import Counter

from stack.ports import HOST
from stack.process import local, wait_until


class CountingCollector:
    """Counts how often it is written out."""

    def __init__(self):
        self.times = 0

    def collect(self):
        self.times += 1
        return []


@pytest.fixture
def server(registry):
    server = serve_metrics(registry, HOST, 0)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def scrape(server):
    url = f"http://{HOST}:{server.server_port}/metrics"
    return lambda **options: local().get(url, timeout=5, **options)


@pytest.fixture
def connect(server):
    """Opens connections, and closes what a test leaves open."""
    soon = CLIENT_SECONDS / 2
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            socket.create_connection((HOST, server.server_port), timeout=soon)
        )


def threads():
    return [t for t in threading.enumerate() if "process_request" in t.name]


def test_a_scrape_holds_what_was_counted(registry, scrape):
    Counter("applications", "Of a test.", registry=registry).inc(7)
    answer = scrape()
    assert "\napplications_total 7.0\n" in answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_clients_that_never_send_keep_no_scraper_away(scrape, connect):
    stalled = [connect() for _ in range(5 * MAX_CONNECTIONS)]
    assert scrape().ok
    # The oldest were closed for it, and their threads have ended.
    assert stalled[0].recv(1) == b""
    wait_until(lambda: len(threads()) <= MAX_CONNECTIONS, "the threads to end")


def test_a_scraper_that_does_not_read_keeps_no_other_away(scrape, connect):
    for _ in range(5 * MAX_CONNECTIONS):
        connect().sendall(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
    assert scrape().ok


def test_a_client_that_stalls_is_closed_in_time(connect, monkeypatch, capfd):
    monkeypatch.setattr(metrics_server._Request, "timeout", 0.05)
    client = connect()
    client.sendall(b"GET /metrics HTTP/1.1\r\n")
    assert client.recv(1) == b""
    assert capfd.readouterr() == ("", "")


def test_scrapes_at_the_same_time_write_the_metrics_out_once(registry, scrape):
    collector = CountingCollector()
    registry.register(collector)
    scrape()
    before = collector.times
    time.sleep(metrics_server.FRESH_SECONDS)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: scrape(), range(8)))
    assert all(answer.ok for answer in answers)
    assert collector.times == before + 1


@pytest.mark.parametrize(
    "asked", [{"params": {"name[]": "up"}}, {"headers": {"Accept": "text/1"}}]
)
def test_no_client_makes_a_variant_of_its_own(registry, scrape, asked):
    collector = CountingCollector()
    registry.register(collector)
    first = scrape()
    before = collector.times
    assert scrape(**asked).content == first.content
    assert collector.times == before


def test_a_client_is_answered_so_often_a_second_and_no_oftener(scrape):
    began = time.monotonic()
    for _ in range(40):
        scrape()
    took = time.monotonic() - began
    assert took > 39 * metrics_server.SECONDS_BETWEEN_CONNECTIONS


def test_a_port_that_is_taken_is_an_error(registry, server):
    with pytest.raises(OSError, match="Address already in use"):
        serve_metrics(registry, HOST, server.server_port)
