"""Serves /metrics on a port of its own, however scrapers behave.

It runs in the process that decides, and Python runs one thread of a process at a time:
what scrapers can make it do is taken from decisions. So there is a bound to how many
connections are answered a second, how many are open, and how often the metrics are
written out. A stalled client is closed when its place is needed, so it keeps no scraper
away either.
"""

import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from socket import AF_INET6, SHUT_RDWR, socket
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from model_monitor.exposition import generate_latest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, ThreadingWSGIServer

from .metrics_tls import encrypt

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# A scrape takes a few milliseconds, and two Prometheus servers are already many.
MAX_CONNECTIONS = 8
SECONDS_BETWEEN_CONNECTIONS = 0.005
# No scraper asks more often than once a second, so that a scrape finds what is new.
FRESH_SECONDS = 0.25
# For each line of a request, and to take the answer.
CLIENT_SECONDS = 5.0


class Exposition:
    """A WSGI application that writes out `registry`, at most every `FRESH_SECONDS`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._text = b""
        self._stale_at = 0.0

    def __call__(
        self, _: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """The same for every path, method and format that a client asks for."""
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)])
        return [self._latest()]

    def _latest(self) -> bytes:
        with self._lock:
            if time.monotonic() >= self._stale_at:
                self._text = generate_latest(self._registry)
                self._stale_at = time.monotonic() + FRESH_SECONDS
            return self._text


class MetricsServer(ThreadingWSGIServer):
    """A thread for each of at most `MAX_CONNECTIONS`; the oldest makes room."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._open: OrderedDict[socket, None] = OrderedDict()
        if ":" in address[0]:
            self.address_family = AF_INET6
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Binds, without asking DNS for a name, which can take as long as it likes."""
        TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = self.socket.getsockname()[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Called for each connection, one after another."""
        self._open[request] = None
        if len(self._open) > MAX_CONNECTIONS:
            with suppress(KeyError, OSError):  # it ends just now
                self._open.popitem(last=False)[0].shutdown(SHUT_RDWR)
        super().process_request(request, client_address)
        time.sleep(SECONDS_BETWEEN_CONNECTIONS)

    def shutdown_request(self, request: Any) -> None:
        """Called by the thread of a connection, at its end."""
        self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Logs nothing: only errors of sockets get here, none of the application."""


class _Request(WSGIRequestHandler):
    timeout = CLIENT_SECONDS

    def log_message(self, *_: object) -> None:
        pass


def serve_metrics(
    registry: CollectorRegistry,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> MetricsServer:
    """Serves `registry` at http://host:port/metrics until the process ends.

    With `tls`, at https and nowhere else. Raises `OSError` if the port is taken.
    """
    server = make_server(
        host, port, Exposition(registry), MetricsServer, handler_class=_Request
    )
    if tls:
        encrypt(server, tls)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
