"""The HTTP server: Granian on this process's own event loop.

One process is one target of Prometheus, and its counters are whole; more throughput is
more replicas. There is no parent that could die and leave a child with the port, and no
fork, which a model with threads of its own would not survive.
"""

import asyncio
import logging
import os
import resource
import signal
import socket
from asyncio import CancelledError
from collections.abc import Awaitable, Callable

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

# Ten thousand that idle, and two thousand that work. Each connection has one request in
# the house at most, so this is also the bound of the queue under overload.
MAX_CONNECTIONS = 12_000
# Files of everything else: libraries, the loop, scrapers.
OTHER_FILES = 128
# From the first byte of a request, or the end of the last answer, until the head of the
# request is there in full.
HEAD_SECONDS = 10
# Of a head, and of what is read ahead of a body.
HEAD_BYTES = 16 * 1024
# For requests in flight, after a signal to stop. Docker waits ten seconds before it
# kills.
STOP_SECONDS = 8
# Signals that a supervisor sends to end a process, or to have it start again.
STOP_SIGNALS = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)

Application = Callable[..., Awaitable[None]]


def serve(application: Application, address: str, port: int) -> None:
    """Serves an RSGI application until a signal of `STOP_SIGNALS` comes.

    Requests in flight are answered first, for up to `STOP_SECONDS`; a second signal
    ends the process at once.
    """
    uvloop.run(_serve(application, address, port))


async def _serve(application: Application, address: str, port: int) -> None:
    server = Server(
        _function(application),
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        # A server that also speaks HTTP/2 waits without end to learn which it is.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_SECONDS * 1_000, max_buffer_size=HEAD_BYTES
        ),
        backlog=1024,
        backpressure=most_connections(),
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():
            os._exit(1)
        stopping.set()
        server.stop()  # type: ignore[no-untyped-call]

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    serving = loop.create_task(server.serve())
    asked = loop.create_task(stopping.wait())
    await asyncio.wait((serving, asked), return_when=asyncio.FIRST_COMPLETED)
    if not stopping.is_set():
        await serving
        raise OSError(f"cannot serve on {address}:{port}")
    try:
        await asyncio.wait_for(serving, STOP_SECONDS)
    except (TimeoutError, CancelledError):
        logging.warning("requests were still in flight after %s s", STOP_SECONDS)


def _function(application: Application) -> Application:
    """Granian wants a function."""

    async def call(scope: object, protocol: object) -> None:
        await application(scope, protocol)

    return call


def most_connections() -> int:
    """Allows this process and its children the files that connections need.

    Returns how many connections there may be: `MAX_CONNECTIONS`, or fewer if the system
    allows fewer files. One more would be refused by the kernel, again and again.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_CONNECTIONS + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, files - OTHER_FILES)


def free_address(host: str, port: int) -> str:
    """The first address of `host` that is of this machine, if `port` is free there.

    A name may be that of several replicas, and may have addresses of IPv4 and IPv6.
    Raises `OSError` that names both if there is none. Granian would share a port that
    another process of this user listens on, and each would get some of the requests.
    """
    failures = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}: {error}") from error
    for family, *_, sockaddr in found:
        address = str(sockaddr[0])
        try:
            socket.create_server((address, port), family=family).close()
        except OSError as error:
            failures.append(str(error))
        else:
            return address
    raise OSError(f"cannot listen on {host}:{port}: {', '.join(failures)}")
