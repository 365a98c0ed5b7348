"""The bridge between server and application, without a server."""

import asyncio
from time import perf_counter
from types import SimpleNamespace

import pytest
from credit_analyzer.http import rsgi_bridge
from credit_analyzer.http.request_metrics import START
from credit_analyzer.http.rsgi_bridge import BufferedRequests, environ
from granian.rsgi import ProtocolClosed


def scope(**headers):
    return SimpleNamespace(
        method="POST",
        path="/caf%C3%A9",
        query_string="a=1",
        http_version="1.1",
        scheme="http",
        server="127.0.0.1:8000",
        client="127.0.0.1:50000",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


class FakeProtocol:
    """Gives a body chunk by chunk, and keeps the response."""

    def __init__(self, *chunks, stalls=False):
        self._chunks = chunks
        self._stalls = stalls
        self.read = 0
        self.status = None
        self.content = None

    async def __aiter__(self):
        for chunk in self._chunks:
            self.read += 1
            yield chunk
        if self._stalls:
            await asyncio.Event().wait()

    async def __call__(self):
        return b"".join([chunk async for chunk in self])

    def response_bytes(self, status, headers, content):
        self.status, self.content = status, content

    def response_empty(self, status, headers):
        self.status = status


def test_a_query_is_given_as_its_bytes():
    found = scope()
    found.query_string = "name=João"  # as clients that do not encode it send it
    query = environ(found, b"")["QUERY_STRING"]
    assert query.encode("latin-1").decode() == "name=João"


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


def answer(protocol, *, application=echo, **headers):
    buffered = BufferedRequests(application, max_body_bytes=10)
    asyncio.run(buffered(scope(**headers), protocol))
    return protocol


def test_a_body_is_whole_when_the_application_sees_it():
    protocol = answer(FakeProtocol(b"ab", b"cd"), content_length="4")
    assert (protocol.status, protocol.content) == (200, b"abcd")


def test_no_more_is_read_of_a_body_than_shows_that_it_is_too_large():
    protocol = answer(FakeProtocol(*[b"x" * 8] * 100), transfer_encoding="chunked")
    assert protocol.read == 2
    assert protocol.content == b"x" * 11


def test_a_body_that_declares_a_length_but_comes_in_chunks_is_bounded_all_the_same():
    protocol = FakeProtocol(*[b"x" * 8] * 100)
    answer(protocol, transfer_encoding="chunked", content_length="4")
    assert protocol.read == 2


def test_a_body_that_declares_too_much_is_read_no_further_than_shows_it():
    assert answer(FakeProtocol(*[b"x" * 8] * 100), content_length="800").read == 2


def test_a_request_without_a_body_is_not_waited_for():
    protocol = answer(FakeProtocol(stalls=True))
    assert (protocol.status, protocol.read) == (200, 0)


def test_a_client_that_stalls_is_told_so_and_never_reaches_the_application(monkeypatch):
    def unreachable(environ, start_response):
        pytest.fail("the application was entered")

    monkeypatch.setattr(rsgi_bridge, "BODY_SECONDS", 0.05)
    stalled = FakeProtocol(b"{", stalls=True)
    answer(stalled, application=unreachable, content_length="9")
    assert stalled.status == 408


def test_the_environment_is_that_of_pep_3333():
    found = environ(scope(content_type="text/plain", x_request_id="7"), b"abc")
    assert found["PATH_INFO"] == "/café".encode().decode("latin-1")
    assert found["QUERY_STRING"] == "a=1"
    assert (found["SERVER_NAME"], found["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"]) == ("text/plain", "3")
    assert found["HTTP_X_REQUEST_ID"] == "7"
    assert "HTTP_CONTENT_TYPE" not in found


def test_a_header_given_twice_is_one_value():
    twice = scope()
    twice.headers = SimpleNamespace(items=lambda: [("accept", "a"), ("accept", "b")])
    assert environ(twice, b"")["HTTP_ACCEPT"] == "a,b"


def test_a_client_that_leaves_in_the_middle_never_reaches_the_application():
    def unreachable(environ, start_response):
        pytest.fail("the application was entered")

    class Gone(FakeProtocol):
        async def __call__(self):
            raise ProtocolClosed

    gone = Gone()
    answer(gone, application=unreachable, content_length="9")
    assert gone.status == 400


def test_chunks_that_were_cut_off_never_reach_the_application():
    def unreachable(environ, start_response):
        pytest.fail("the application was entered")

    cut = FakeProtocol(b"{}", b"", b"")
    answer(cut, application=unreachable, transfer_encoding="chunked")
    assert cut.status == 400
    whole = answer(FakeProtocol(b"{}", b""), transfer_encoding="chunked")
    assert (whole.status, whole.content) == (200, b"{}")


def test_the_time_that_a_request_waits_belongs_to_it():
    def when(environ, start_response):
        start_response("200 OK", [])
        return [repr(environ[START]).encode()]

    class Late(FakeProtocol):
        async def __call__(self):
            self.came = perf_counter()
            return b""

    late = Late()
    answer(late, application=when, content_length="4")
    assert float(late.content) <= late.came
