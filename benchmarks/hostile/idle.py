"""Ten thousand connections that never send."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.analyzer import load
from benchmarks.analyzer.load import Latency
from benchmarks.analyzer.servers import Running
from benchmarks.processes import resident

from .scrapers import CONNECTIONS

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Idle:
    """What idle connections did, and for how long they were let."""

    before: Latency
    during: Latency
    mebibytes: tuple[float, float]
    """Before and during."""
    closed_after: float
    """Seconds, the last of them."""


def idle(server: Running, count: int, rate: float) -> Idle:
    """Opens `count` connections, decides meanwhile, and waits until all are closed."""
    before, memory = (
        load.latency(server, rate, SECONDS, CONNECTIONS),
        resident(server.process),
    )
    address = urlsplit(server.url)
    with _files(count + 1_000), ExitStack() as connections:
        began = time.monotonic()
        clients = [
            connections.enter_context(
                socket.create_connection((address.hostname, address.port), timeout=60)
            )
            for _ in range(count)
        ]
        held = resident(server.process)
        during = load.latency(server, rate, SECONDS, CONNECTIONS)
        for client in clients:
            client.recv(1)
        closed_after = time.monotonic() - began
    return Idle(before, during, (memory, held), closed_after)


@contextmanager
def _files(wanted: int) -> Iterator[None]:
    """As many open files as that. Raises `ValueError` if the system allows fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
