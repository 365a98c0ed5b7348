"""Services outside that alerts are sent to, and what each was sent."""

import base64
import json
import socketserver
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue

from stack.ports import HOST
from tests.serving import serving

SECONDS = 30


@dataclass(frozen=True)
class Mail:
    """One e-mail to a fake, and who sent it."""

    user: str
    password: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Request:
    """One request to a fake: its path, its headers, and its JSON."""

    path: str
    headers: dict
    body: object


class _Fake:
    """Keeps what it was sent, in order."""

    def __init__(self, server):
        self.address = f"{HOST}:{server.server_address[1]}"
        self._received = Queue()
        server.received = self._received

    def next(self, text=""):
        """What comes next and has `text` in it; what comes before that is dropped.

        Raises `AssertionError` if nothing does in time.
        """
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                sent = self._received.get(timeout=deadline - time.monotonic())
            except (Empty, ValueError):
                raise AssertionError(f"no {text!r} was sent in {SECONDS} s") from None
            if text in str(sent):
                return sent


@contextmanager
def _served(server):
    with serving(server):
        yield _Fake(server)


class _Http(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.put(Request(self.path, headers, json.loads(body)))
        # PagerDuty answers 202 and Slack a text; Alertmanager is content with either.
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        """Is quiet."""


def http():
    """A service that takes JSON by POST, at any path."""
    return _served(ThreadingHTTPServer((HOST, 0), _Http))


class _Smtp(socketserver.StreamRequestHandler):
    """RFC 5321 as far as Alertmanager needs it, with STARTTLS and AUTH."""

    def handle(self):
        self.user = self.password = None
        self.encrypted = False
        self.say("220 fake ESMTP")
        while line := self.line():
            command = line.split(" ", 1)[0].upper()
            if command == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"smtp_{command.lower()}", self.ok)(line)

    def finish(self):
        super().finish()
        self.request.close()

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def line(self):
        return self.rfile.readline().decode().rstrip("\r\n")

    def ok(self, _):
        self.say("250 ok")

    def smtp_mail(self, _):
        self.say("250 ok" if self.password else "530 only after STARTTLS and AUTH")

    def smtp_ehlo(self, _):
        offer = "AUTH PLAIN LOGIN" if self.encrypted else "STARTTLS"
        self.say("250-fake")
        self.say(f"250 {offer}")

    def smtp_starttls(self, _):
        self.say("220 go ahead")
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.setup()
        self.encrypted = True

    def smtp_auth(self, line):
        mechanism, *initial = line.split()[1:]
        if mechanism == "PLAIN":
            text = initial[0] if initial else self.challenge("")
            _, self.user, self.password = base64.b64decode(text).decode().split("\0")
        else:
            self.user = base64.b64decode(self.challenge("VXNlcm5hbWU6")).decode()
            self.password = base64.b64decode(self.challenge("UGFzc3dvcmQ6")).decode()
        self.say("235 welcome")

    def challenge(self, text):
        self.say(f"334 {text}")
        return self.line()

    def smtp_data(self, _):
        self.say("354 go ahead")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        [part] = [part for part in mail.walk() if not part.is_multipart()]
        assert part.get_content_type() == "text/plain"
        text = part.get_content()
        self.server.received.put(
            Mail(self.user, self.password, mail["To"], mail["Subject"], text)
        )
        self.say("250 stored")


class _SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def smtp(authority):
    """A mail server whose certificate `authority` (of trustme) has signed."""
    server = _SmtpServer((HOST, 0), _Smtp)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(server.context)
    return _served(server)
