"""Runs a WSGI application on Granian's event loop, once a request is there in full.

A WSGI server hands a request to a thread while its body is still on the way, so one
client that stalls occupies the thread, and as many as there are threads stop all
decisions. Here a stalled client costs a coroutine, and the application runs on one
thread that waits for no client.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from granian.rsgi import (  # type: ignore[attr-defined]
    Headers,
    HTTPProtocol,
    ProtocolClosed,
    Scope,
)

from .request_metrics import START

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# An application is a few hundred bytes. A client that needs longer has gone.
BODY_SECONDS = 10.0


class BufferedRequests:
    """An RSGI application around a WSGI application.

    Of a body, `max_body_bytes` and one more are read: enough for the application to
    see that it is too large.
    """

    def __init__(self, application: "WSGIApplication", max_body_bytes: int) -> None:
        self._application = application
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answers one request (Granian's specification of RSGI, version 1)."""
        began = perf_counter()
        headers = scope.headers
        body = b""
        if "content-length" in headers or "transfer-encoding" in headers:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await self._body(headers, protocol)
            except TimeoutError:
                protocol.response_empty(408, [("connection", "close")])
                return
            except ProtocolClosed:
                # The client has gone, or sends no more and still reads.
                protocol.response_empty(400, [("connection", "close")])
                return
        status = 500
        fields: list[tuple[str, str]] = []

        # Annotations are texts, so that they are not evaluated at each request.
        def start_response(
            line: str, found: "list[tuple[str, str]]", _: object = None
        ) -> "Callable[[bytes], object]":
            nonlocal status, fields
            status, fields = int(line[:3]), found
            return _write

        asked = environ(scope, body)
        asked[START] = began
        answer = self._application(asked, start_response)
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        protocol.response_bytes(status, fields, content)

    async def _body(self, headers: Headers, protocol: HTTPProtocol) -> bytes:
        declared = headers.get("content-length") or ""
        if (
            "transfer-encoding" not in headers
            and declared.isdecimal()
            and int(declared) <= self._max_body_bytes
        ):
            # The server reads as much as is declared, and no more.
            whole: bytes = await protocol()
            return whole
        body = b""
        empty = 0
        async for chunk in protocol:
            body += chunk
            empty += not chunk
            if len(body) > self._max_body_bytes:
                break
        # Granian ends a body with an empty chunk, and one that was cut off with two.
        if empty > 1:
            raise ProtocolClosed
        return body[: self._max_body_bytes + 1]


def environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """The WSGI environment of a request (PEP 3333)."""
    host, port = _address(scope.server)
    found: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _unquoted(scope.path),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,  # which saves Werkzeug counting what it reads
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _variable(name)
        found[key] = f"{found[key]},{value}" if key in found else value
    # These two have names without a prefix. The body is here, so its length is known.
    found["CONTENT_TYPE"] = found.pop("HTTP_CONTENT_TYPE", "")
    found.pop("HTTP_CONTENT_LENGTH", None)
    found.pop("HTTP_TRANSFER_ENCODING", None)
    found["CONTENT_LENGTH"] = str(len(body))
    return found


# Callers send the same few headers again and again; of what a stranger invents, the
# oldest is forgotten.
@lru_cache(maxsize=256)
def _variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _unquoted(path: str) -> str:
    if path.isascii() and "%" not in path:
        return path
    return unquote_to_bytes(path).decode("latin-1")


@lru_cache(maxsize=16)
def _address(server: str) -> tuple[str, str]:
    host, _, port = server.rpartition(":")
    return host, port


def _write(_: bytes) -> None:
    raise NotImplementedError("PEP 3333's write() is for applications of before 2003")
