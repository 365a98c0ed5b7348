from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from stack.faults.partition import FaultyLink
from stack.ports import HOST, free_port
from stack.process import local
from tests.serving import serving


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"." * 100_000)

    def log_message(self, format_, *arguments):
        pass


@pytest.fixture
def far_port():
    server = ThreadingHTTPServer((HOST, 0), Hello)
    server.daemon_threads = True
    with serving(server):
        yield server.server_port


@pytest.fixture
def cable(far_port):
    with FaultyLink(far_port) as cable:
        yield cable


@pytest.fixture
def get(cable):
    """Asks through the cable, on one connection for as long as that lasts."""
    with local() as session:
        yield lambda: session.get(f"http://{HOST}:{cable.port}/", timeout=0.5)


def test_everything_passes(get):
    for _ in range(3):
        assert len(get().content) == 100_000


def test_nothing_passes_while_it_is_cut_and_everything_afterwards(get, cable):
    get()
    cable.cut()
    for _ in range(2):
        with pytest.raises(requests.Timeout):
            get()
    cable.mend()
    assert len(get().content) == 100_000


def test_where_nobody_is_nobody_answers():
    with FaultyLink(free_port(0)) as cable, pytest.raises(requests.ConnectionError):
        local().get(f"http://{HOST}:{cable.port}/", timeout=0.5)
