"""A small HTTP server that answers as Alertmanager does, and can be made not to."""

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import serving

DAY = timedelta(days=1)


class FakeAlertmanager:
    """Lists `alerts`, as its API does; a context manager.

    It has run for `up_for`. `answer`, if it is set, answers a request instead: it is
    called with the handler. `requests` are the headers of each request so far.
    """

    def __init__(self, context=None):
        self.alerts = []
        self.up_for = DAY
        self.answer = None
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True
            )
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._serving = serving(self._server)

    def __enter__(self):
        self._serving.__enter__()
        return self

    def __exit__(self, *failure):
        self._serving.__exit__(*failure)

    def bodies(self):
        """The JSON of each path."""
        started = datetime.now(UTC) - self.up_for
        return {
            "/api/v2/status": {"uptime": started.isoformat()},
            "/api/v2/alerts": self.alerts,
        }

    def _handler(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                fake.requests.append(dict(self.headers) | {"path": self.path})
                if fake.answer:
                    fake.answer(self)
                else:
                    self.reply(200, json.dumps(fake.bodies()[self.path]).encode())

            def reply(self, status, body, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
