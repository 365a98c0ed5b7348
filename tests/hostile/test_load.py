"""More requests and connections than it can answer at once."""

import json
import resource
import time
from contextlib import ExitStack, suppress

import pytest
from credit_analyzer.http.metrics_server import FRESH_SECONDS
from credit_analyzer.http.rsgi_bridge import BODY_SECONDS
from credit_analyzer.http.server import HEAD_SECONDS

PENDING = 1_000
IDLE = 2_000
# A connection holds a few kilobytes; a thousand with a request of its own a few more.
MIB_FOR_PENDING = 64
MIB_FOR_IDLE = 64


@pytest.fixture(autouse=True)
def files():
    """As many open files as the tests' own ends of the connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 1_000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_every_request_of_a_burst_is_answered_right_and_counted(analyzer, received):
    time.sleep(FRESH_SECONDS)
    counted, resident = analyzer.decided(), analyzer.resident()
    with ExitStack() as burst:
        asked = []
        for number in range(PENDING):
            body, right = analyzer.answers[number % len(analyzer.answers)]
            client = burst.enter_context(analyzer.connect())
            client.sendall(analyzer.request(body))
            asked.append((client, right))
        for client, right in asked:
            head, _, body = received(client).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert json.loads(body) == right
    assert analyzer.resident() - resident < MIB_FOR_PENDING
    time.sleep(FRESH_SECONDS)
    assert analyzer.decided() == counted + PENDING


def test_idle_connections_keep_nobody_waiting(analyzer):
    resident = analyzer.resident()
    with ExitStack() as idle:
        for _ in range(IDLE):
            idle.enter_context(analyzer.connect())
        began = time.monotonic()
        assert analyzer.decides()
        assert time.monotonic() - began < 5
        assert analyzer.resident() - resident < MIB_FOR_IDLE


def test_clients_that_never_finish_a_request_are_closed(analyzer, received, until_done):
    head = analyzer.request(b"{}").removesuffix(b"\r\n\r\n{}")
    with ExitStack() as stack:

        def begin(sent):
            client = stack.enter_context(analyzer.connect())
            client.sendall(sent)
            return client

        nothing, one_byte = begin(b""), begin(head[:1])
        dripping, body = begin(head + b"\r\nX: "), begin(head + b"\r\n\r\n{")

        def drip():
            time.sleep(0.1)
            with suppress(OSError):  # once it is closed
                dripping.send(b"x")

        until_done(drip)
        began = time.monotonic()
        assert analyzer.decides()
        for client in (nothing, one_byte, dripping):
            assert received(client)[:13] in (b"", b"HTTP/1.1 408 ")
        assert received(body).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < max(HEAD_SECONDS, BODY_SECONDS) + 3
