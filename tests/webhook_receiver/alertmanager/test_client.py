"""The client of Alertmanager's API, against servers that answer well or badly."""

import base64
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
import trustme
from webhook_receiver.alertmanager.client import (
    MAX_BYTES,
    Alertmanager,
    Credentials,
    NotAnswered,
    check_url,
)

from .fake_alertmanager import FakeAlertmanager


@pytest.fixture
def server():
    with FakeAlertmanager() as server:
        yield server


def ask(server, seconds=5.0, **options):
    return Alertmanager(server.url, **options).ask(seconds)


def test_the_alerts_are_listed_by_their_fingerprints(server, listed):
    server.alerts = [listed(), listed(fingerprint="other")]
    reply = ask(server)
    assert set(reply.alerts) == {"0123456789abcdef", "other"}
    assert reply.alerts["other"].alert.labels["signal"] == "decision"
    paths = [request["path"] for request in server.requests]
    assert paths == ["/api/v2/status", "/api/v2/alerts"]


def test_how_long_it_has_run_is_known_by_its_own_clock(server):
    server.up_for = timedelta(minutes=3)
    assert abs(ask(server).up_for - server.up_for) < timedelta(seconds=5)


def test_it_may_be_served_below_a_path(server):
    server.answer = lambda handler: handler.reply(404, b"")
    with pytest.raises(NotAnswered):
        Alertmanager(f"{server.url}/monitor").ask(5)
    assert server.requests[0]["path"] == "/monitor/api/v2/status"


def test_a_proxy_of_the_environment_is_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(server).alerts == {}


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text("sëcret one\n", encoding="utf-8")
    return file


def test_a_password_is_shown_and_read_for_each_request(server, secret):
    credentials = Credentials("monitor", password_file=secret)
    for password in ("sëcret one", "another"):
        secret.write_text(password, encoding="utf-8")
        del server.requests[:]
        ask(server, credentials=credentials)
        pair = base64.b64encode(f"monitor:{password}".encode()).decode()
        shown = [request["Authorization"] for request in server.requests]
        assert shown == [f"Basic {pair}"] * 2


def test_a_token_is_shown(server, secret):
    secret.write_text("abc\n")
    ask(server, credentials=Credentials(token_file=secret))
    assert server.requests[0]["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("text", ["two\nlines", "a\rb", "a\0b", "ü" * 3 + "\x85x"])
@pytest.mark.parametrize("kind", ["token_file", "password_file"])
def test_no_error_quotes_a_secret(server, secret, text, kind, caplog):
    secret.write_text(text, encoding="utf-8")
    credentials = Credentials("monitor", **{kind: secret})
    with pytest.raises(NotAnswered) as error:
        ask(server, credentials=credentials)
    assert str(error.value) == f"{secret} must hold one line"
    assert "secret" not in repr(Alertmanager(server.url, credentials))


def test_a_missing_secret_is_named(server, tmp_path):
    with pytest.raises(NotAnswered, match="No such file"):
        ask(server, credentials=Credentials(token_file=tmp_path / "none"))


def test_a_redirect_is_not_followed(server, secret):
    with FakeAlertmanager() as other:
        server.answer = lambda handler: handler.reply(302, b"", Location=other.url)
        with pytest.raises(NotAnswered, match="/api/v2/status: status 302"):
            ask(server, credentials=Credentials(token_file=secret))
        assert other.requests == []


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def tls_server(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeAlertmanager(context) as server:
        yield server


def test_its_certificate_is_checked(tls_server, authority):
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    assert ask(tls_server, context=trusting).alerts == {}
    with pytest.raises(NotAnswered, match="CERTIFICATE_VERIFY_FAILED"):
        ask(tls_server, context=ssl.create_default_context())


def test_a_stopped_server_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(NotAnswered, match=r"^Connection refused$"):
        Alertmanager(url).ask(5)


BODIES = {
    "no JSON": b"<html>",
    "no list": b"{}",
    "no alert": b'[{"labels": 1}]',
    "deep": b"[" * 100_000,
    "half a character": b'["\\ud800"]',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/api/v2/status", "/api/v2/alerts"])
def test_another_body_is_no_answer(server, body, path):
    def answer(handler):
        server.answer = None
        if handler.path == path:
            handler.reply(200, body)
        else:
            server.answer = answer
            handler.reply(200, b'{"uptime": "2026-11-22T11:00:00Z"}')

    server.answer = answer
    with pytest.raises(NotAnswered):
        ask(server)


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Sun, 99 Nov 2026 11:00:00 GMT", "Mon, 1 Jan 0001 0:0 +2400"],
)
def test_a_clock_that_cannot_be_read_is_no_answer(server, date):
    def answer(handler):
        handler.date_time_string = lambda: date
        server.answer = None
        handler.reply(200, b'{"uptime": "2026-11-22T11:00:00Z"}')

    server.answer = answer
    with pytest.raises(NotAnswered):
        ask(server)


def test_an_answer_that_is_too_large_is_not_read(server):
    def answer(handler):
        with suppress(ConnectionError):
            handler.reply(200, b" " * (MAX_BYTES + 2))

    server.answer = answer
    with pytest.raises(NotAnswered, match="more than 33,554,432 bytes"):
        ask(server)


def drip_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    drip(handler)


def drip_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    drip(handler)


def drip(handler):
    with suppress(ConnectionError):
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)


def stall(handler):
    handler.rfile.read()


@pytest.mark.parametrize("slow", [stall, drip_head, drip_body])
def test_a_slow_answer_is_given_up(server, slow):
    server.answer = slow
    began = time.monotonic()
    with pytest.raises(NotAnswered):
        ask(server, seconds=0.5)
    assert time.monotonic() - began < 5


def test_no_thread_is_left_behind(server):
    before = threading.active_count()
    for _ in range(5):
        ask(server)
    deadline = time.monotonic() + 5
    while threading.active_count() > before + 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    # The server may still be closing the last connection.
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize(
    "url",
    ["http://alertmanager:9093", "https://a.example/monitor/", "http://[::1]:9093"],
)
def test_a_url_of_an_alertmanager_is_accepted(url):
    assert check_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alertmanager:9093",
        "ftp://alertmanager",
        "http://",
        "http://[",
        "http://a:b",
        "http://a:99999",
        "http://a/?b=c",
        "http://a/#b",
        "http://user@a",
        "http://user:secret@a",
    ],
)
def test_another_url_is_refused_without_quoting_it(url):
    with pytest.raises(ValueError, match=r".") as error:
        check_url(url)
    assert "secret" not in str(error.value)
