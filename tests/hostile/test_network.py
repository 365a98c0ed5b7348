"""Requests that are shaped to harm: each is refused or read in one way only.

After each of them the analyzer decides, holds no more memory, and has no new label.
"""

import gzip
import re
import socket
import time
from contextlib import suppress

import pytest
from credit_analyzer.api import PATH
from credit_analyzer.app import KNOWN_METHODS
from credit_analyzer.http.metrics_server import FRESH_SECONDS

HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    "Content-Type: application/json\r\n"
).encode()
BODY = (
    b'{"education_level": "Bachelor", "profession_type": "clt",'
    b' "loan_amount": 20000, "monthly_income": 5000}'
)
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
HIDDEN = b"0\r\n\r\nPOST %s HTTP/1.1\r\nHost: here\r\n" % PATH.encode()
# A hundred heads of the size that is allowed would be 1.6.
MIB_OF_GROWTH = 32
SECONDS = 5
LABEL = re.compile(r'(method|url_rule|status)="([^"]*)"')
RULES = {PATH, "/static/<path:filename>", "None"}


@pytest.fixture(autouse=True)
def survives(analyzer):
    """After each test the analyzer is as it was."""
    before = analyzer.resident()
    yield
    assert analyzer.decides()
    assert analyzer.resident() - before < MIB_OF_GROWTH
    for label, value in LABEL.findall(analyzer.metrics()):
        if label == "method":
            assert value in set(KNOWN_METHODS)
        elif label == "url_rule":
            assert value in RULES
        else:
            assert 200 <= int(value) < 500


@pytest.fixture
def send(analyzer, received):
    """The statuses of all answers to some bytes, once the connection is closed."""

    def send(data):
        began = time.monotonic()
        with analyzer.connect() as client:
            with suppress(ConnectionError):  # it has heard enough
                client.sendall(data)
            found = received(client)
        assert time.monotonic() - began < SECONDS
        return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", found)]

    return send


def test_the_request_that_the_others_are_made_from_is_decided(send):
    assert send(HEAD + LENGTH + b"\r\n" + BODY) == [200]


@pytest.mark.parametrize(
    "fields",
    [
        LENGTH + b"Content-Length: 4\r\n",
        b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY)),
        b"Content-Length: -1\r\n",
        b"Content-Length: +%d\r\n" % len(BODY),
        b"Content-Length: 0x65\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Content-Length : %d\r\n" % len(BODY),
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        LENGTH + b"X: folded\r\n into two lines\r\n",
        b" X: a line before the first\r\n" + LENGTH,
        LENGTH + b"X: a carriage return\rContent-Length: 4\r\n",
        LENGTH + b"X: a zero \0\r\n",
        LENGTH + b"X\0: a zero\r\n",
        LENGTH + b": no name\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(send, fields):
    assert send(HEAD + fields + b"\r\n" + BODY) == [400]


@pytest.mark.parametrize(
    ("fields", "body", "status"),
    [
        # Chunks count, as RFC 9112 (6.3) says, and the connection ends.
        (LENGTH + CHUNKED, CHUNKS, 200),
        (CHUNKED + b"Content-Length: 4\r\n", CHUNKS, 200),
        (CHUNKED + b"Content-Length: %d\r\n" % len(HIDDEN), HIDDEN, 400),
        (b"Content-Length: 0\r\n", b"POST / HTTP/1.1\r\nHost: here\r\n\r\n", 400),
        (CHUNKED, b"%x;a=b\r\n%s\r\n0;c\r\n\r\n" % (len(BODY), BODY), 200),
        (CHUNKED, b"%x;%s\r\n" % (len(BODY), b"a" * 2**20) + CHUNKS, 400),
        (CHUNKED, b"-1\r\n" + CHUNKS, 400),
        (CHUNKED, b"f" * 17 + b"\r\n" + CHUNKS, 400),
        (CHUNKED, CHUNKS.replace(b"\r\n", b"\n"), 400),
        (CHUNKED, b"4\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
    ],
)
def test_no_second_request_hides_in_a_body(send, fields, body, status):
    assert send(HEAD + fields + b"\r\n" + body) == [status]


def test_a_connection_ends_with_a_request_of_two_lengths(send):
    head = HEAD.replace(b"Connection: close\r\n", b"")
    fields = CHUNKED + b"Content-Length: %d\r\n" % len(HIDDEN)
    assert send(head + fields + b"\r\n" + HIDDEN + b"\r\n") == [400]


def test_lines_may_end_without_a_carriage_return_and_say_the_same(send):
    assert send((HEAD + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY) == [200]


@pytest.mark.parametrize(
    "data",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500,  # TLS
        f"GET {PATH}\r\n".encode(),
        f"POST {PATH} HTTP/9.9\r\n\r\n".encode(),
        f"POST {PATH} HTTP/1.0\r\n".encode() + CHUNKED + b"\r\n" + CHUNKS,
    ],
)
def test_another_protocol_is_refused(send, data):
    assert send(data) in ([], [400])


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/%2e%2e/v1/credit-analyzer/",
        "/api/v1/../v1/credit-analyzer/",
        "/..%2f..%2f..%2fetc/passwd",
        "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
        "/static/../model.pkl",
        "/static/model.pkl",
        PATH + "%00",
        PATH + ";a=b",
        PATH + "\\",
        PATH + "%0d%0aX:%20y",
        PATH.upper(),
        "/metrics",
        "/%6detrics",
        "/%ff%fe",
        "/%zz",
        "*",
        "evil.example:443",
    ],
)
def test_a_path_leads_nowhere_else(send, path):
    head = HEAD.replace(PATH.encode(), path.encode()) + b"\r\n"
    # Files of the pages are there for GET only.
    assert send(head) in ([404], [400], [405])


@pytest.mark.parametrize(
    "path",
    [
        "/static/model.pkl",
        "/static/../model.pkl",
        "/static/../artifacts/model.pkl",
        "/static/%2e%2e/artifacts/model.pkl",
        "/static/..%2fartifacts/model.pkl",
        "/static//etc/passwd",
    ],
)
def test_only_files_of_the_pages_can_be_read(send, path):
    head = f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    assert send(head.encode()) == [404]


def test_another_host_in_the_request_line_changes_nothing(send):
    line = b"POST http://evil.example" + PATH.encode()
    head = HEAD.replace(b"POST " + PATH.encode(), line)
    assert send(head + LENGTH + b"\r\n" + BODY) == [200]


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"X: " + b"a" * 2**24 + b"\r\n\r\n",
        HEAD + b"X: a\r\n" * 100_000 + b"\r\n",
        HEAD + b"X: a\r\n" * 101 + b"\r\n",
        HEAD.replace(PATH.encode(), PATH.encode() + b"?" + b"a=1&" * 25_000) + b"\r\n",
    ],
    ids=["16 MiB in one", "100,000", "more than a hundred", "a query of 100,000 bytes"],
)
def test_a_head_that_is_too_large_is_refused_at_once(send, data):
    assert send(data) == [431]


@pytest.mark.parametrize(
    ("fields", "body", "status"),
    [
        (b"", b"[" * 16_000, 400),
        (b"", b'{"a":' * 3_200, 400),
        (b"", b"[" * 100_000, 413),
        (b"", b'{"loan_amount": %s}' % (b"9" * 10_000), 400),
        # Not unpacked: 8 KiB are 8 MiB, and are no JSON.
        (b"Content-Encoding: gzip\r\n", gzip.compress(b" " * 2**23), 400),
        (CHUNKED, b"1\r\n[\r\n" * 20_000 + b"0\r\n\r\n", 413),
    ],
    ids=["deep", "deep objects", "deeper", "a long number", "gzip", "small chunks"],
)
def test_a_body_is_not_worth_more_than_its_bytes(send, fields, body, status):
    if fields != CHUNKED:
        fields += b"Content-Length: %d\r\n" % len(body)
    assert send(HEAD + fields + b"\r\n" + body) == [status]


def test_a_long_query_is_refused_by_its_parameters(send):
    query = b"GET " + PATH.encode() + b"?" + b"&".join([b"a=1"] * 3_500)
    head = HEAD.replace(b"POST " + PATH.encode(), query)
    assert send(head + b"\r\n") == [422]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (CHUNKED, b"%x\r\n%s\r\n" % (len(BODY), BODY)),
        (b"Content-Length: %d\r\n" % (len(BODY) + 1), BODY),
        (b"Content-Length: 20000\r\n", BODY),
    ],
    ids=["chunks", "length", "large"],
)
def test_an_application_whose_end_never_arrives_is_not_decided(
    analyzer, received, fields, body
):
    time.sleep(FRESH_SECONDS)
    before = analyzer.decided()
    with analyzer.connect() as client:
        client.sendall(HEAD + fields + b"\r\n" + body)
        client.shutdown(socket.SHUT_WR)
        found = received(client)
    assert found.startswith(b"HTTP/1.1 400 ")
    time.sleep(FRESH_SECONDS)
    assert analyzer.decided() == before


def test_a_client_that_leaves_in_the_middle_is_no_error(analyzer):
    log = analyzer.process.log.read_text()
    for sent in (LENGTH + b"\r\n{", CHUNKED + b"\r\n4\r\n{", b"X: "):
        for _ in range(20):
            with analyzer.connect() as client:
                client.sendall(HEAD + sent)
    assert analyzer.decides()
    assert analyzer.process.log.read_text() == log
