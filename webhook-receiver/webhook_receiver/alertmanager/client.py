"""Asks Alertmanager which alerts fire, by its API (version 2)."""

import base64
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ..alerts import InvalidPayload, ListedAlert, parse_json, parse_list, parse_time

# Twenty thousand alerts with long descriptions.
MAX_BYTES = 32 * 1024 * 1024


class NotAnswered(Exception):
    """An Alertmanager did not answer, or not what its API describes. Says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the receiver shows to Alertmanager: a password, a bearer token or nothing.

    Both are files that are read for each request, so that they can be replaced.
    """

    username: str = ""
    password_file: Path | None = None
    token_file: Path | None = None

    def headers(self) -> Mapping[str, bytes]:
        """The headers of a request. Raises `OSError` if a file cannot be read."""
        if self.token_file:
            return {"Authorization": b"Bearer " + _secret(self.token_file).encode()}
        if self.password_file:
            pair = f"{self.username}:{_secret(self.password_file)}"
            return {"Authorization": b"Basic " + base64.b64encode(pair.encode())}
        return {}


@dataclass(frozen=True, slots=True)
class Reply:
    """The alerts that fire, by their fingerprint, and how long Alertmanager has run."""

    alerts: Mapping[str, ListedAlert]
    up_for: timedelta


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """An Alertmanager at `url`. It is asked directly, never through a proxy.

    A redirect is not followed, because it would pass the credentials on.
    """

    url: str
    credentials: Credentials = field(default=Credentials(), repr=False)
    context: ssl.SSLContext | None = None

    def ask(self, seconds: float) -> Reply:
        """Asks for its alerts. Raises `NotAnswered`.

        It makes two requests; to connect and to reply takes at most `seconds` each.
        """
        try:
            status, date = self._get("/api/v2/status", seconds)
            alerts, _ = self._get("/api/v2/alerts", seconds)
            return Reply(
                {listed.alert.fingerprint: listed for listed in parse_list(alerts)},
                _up_for(status, date),
            )
        except (OSError, HTTPException, OverflowError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NotAnswered(reason or type(error).__name__) from error

    def _get(self, path: str, seconds: float) -> tuple[bytes, str]:
        """The body of the reply to a request, and its date."""
        parts = urlsplit(self.url)
        connection = self._connect(parts, seconds)
        # The timeout of the socket is for each read, and a reply may be any number.
        timer = threading.Timer(seconds, _hang_up, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            headers = self.credentials.headers()
            connection.request("GET", parts.path + path, headers=headers)
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                raise InvalidPayload(f"{path}: status {response.status}")
            body = response.read(MAX_BYTES + 1)
        finally:
            timer.cancel()
            connection.close()
        if len(body) > MAX_BYTES:
            raise InvalidPayload(f"{path}: more than {MAX_BYTES:,} bytes")
        return body, response.headers.get("Date", "")

    def _connect(self, parts: SplitResult, seconds: float) -> HTTPConnection:
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            connection: HTTPConnection = HTTPSConnection(
                host, port, timeout=seconds, context=self.context
            )
        else:
            connection = HTTPConnection(host, port, timeout=seconds)
        connection.connect()
        return connection


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)


def check_url(url: str) -> str:
    """`url` if it can be an Alertmanager's. Raises `ValueError`, which omits it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http or https URL is expected")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials belong in files, not in the URL")
    if parts.query or parts.fragment:
        raise ValueError("a URL without a query is expected")
    _ = parts.port  # raises ValueError if it is no number
    return url.rstrip("/")


def _secret(file: Path) -> str:
    secret = file.read_text(encoding="utf-8").strip()
    # The error of a header that cannot be sent would quote it.
    if not secret.isprintable():
        raise InvalidPayload(f"{file} must hold one line")
    return secret


def _up_for(status: bytes, date: str) -> timedelta:
    """How long an Alertmanager has run, by its own clock."""
    fields = parse_json(status)
    uptime = fields.get("uptime") if isinstance(fields, dict) else None
    started = parse_time(uptime) if isinstance(uptime, str) else None
    if started is None:
        raise InvalidPayload("uptime must be a time (RFC 3339)")
    return parsedate_to_datetime(date).astimezone(UTC) - started
