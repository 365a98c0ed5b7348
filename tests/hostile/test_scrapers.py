"""Decisions are made, and fast, during any use of the metrics port."""

import time
from contextlib import ExitStack, suppress

from credit_analyzer.http.metrics_server import FRESH_SECONDS, MAX_CONNECTIONS

from stack.process import local

SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"
SECONDS = 2.0


def test_decisions_are_made_while_metrics_are_hammered(analyzer, until_done):
    for _ in range(4):
        until_done(analyzer.metrics)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert analyzer.decides()


def test_decisions_are_made_while_scrapers_stall(analyzer, until_done):
    with ExitStack() as stalled:

        def stall(sent):
            client = stalled.enter_context(analyzer.connect(analyzer.metrics_url))
            client.sendall(sent)
            return client

        for _ in range(25):
            stall(b"")  # and never send
            stall(SCRAPE)  # and never read
        slow = stall(SCRAPE)

        def read_slowly():
            time.sleep(0.01)
            with suppress(OSError):  # once it is closed
                slow.recv(1)

        until_done(read_slowly)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            assert analyzer.decides()
        # Nor do they keep others from scraping.
        assert analyzer.decided() > 0


def test_scrapers_that_stall_take_a_bounded_number_of_threads(analyzer):
    before = analyzer.threads()
    with ExitStack() as stalled:
        for _ in range(100):
            stalled.enter_context(analyzer.connect(analyzer.metrics_url))
        assert analyzer.metrics()
        # Those whose place was taken may just be ending.
        assert analyzer.threads() <= before + 2 * MAX_CONNECTIONS


def test_what_is_decided_while_metrics_are_hammered_is_counted(analyzer, until_done):
    before = analyzer.decided()
    until_done(analyzer.metrics)
    asked = 10 * len(analyzer.answers)
    with local() as session:
        for number in range(asked):
            body, right = analyzer.answers[number % len(analyzer.answers)]
            assert analyzer.decide(body, session) == right
    time.sleep(FRESH_SECONDS)
    assert analyzer.decided() == before + asked
