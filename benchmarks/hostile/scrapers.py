"""How long decisions take while the metrics port is misused."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import requests

from benchmarks.analyzer import load
from benchmarks.analyzer.load import Latency
from benchmarks.analyzer.servers import Running
from stack.process import local

ROUNDS = 5
SECONDS = 2.0
# The generator sends on all of them at once: few, or it is the burst that is measured.
CONNECTIONS = 4
SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"


@contextmanager
def nobody(_: Running) -> Iterator[None]:
    """Prometheus is gone."""
    yield


@contextmanager
def prometheus(server: Running) -> Iterator[None]:
    """A scrape a second, as it should be."""
    with _threads(server, 1, pause=1.0):
        yield


@contextmanager
def one_client(server: Running) -> Iterator[None]:
    """As fast as one client can."""
    with _threads(server, 1):
        yield


@contextmanager
def eight_clients(server: Running) -> Iterator[None]:
    """As fast as eight clients can."""
    with _threads(server, 8):
        yield


@contextmanager
def stalled(server: Running) -> Iterator[None]:
    """Fifty connections that never send, and fifty that send and never read."""
    address = urlsplit(server.metrics_url)
    with ExitStack() as clients:
        for sent in (b"", SCRAPE) * 50:
            client = socket.create_connection((address.hostname, address.port))
            clients.enter_context(client)
            with suppress(ConnectionError):
                client.sendall(sent)
        yield


Misuse = Callable[[Running], AbstractContextManager[None]]
MISUSES: Mapping[str, Misuse] = {
    "nobody scrapes": nobody,
    "a scrape a second": prometheus,
    "one client, as fast as it can": one_client,
    "eight clients, as fast as they can": eight_clients,
    "50 connections that never send, 50 that never read": stalled,
}


def measure(
    server: Running, rate: float
) -> Iterator[tuple[str, Sequence[tuple[Latency, Latency]]]]:
    """Of each misuse: its name, and the latency before it and during it, in turns."""
    for name, misuse in MISUSES.items():
        rounds = []
        for _ in range(ROUNDS):
            before = load.latency(server, rate, SECONDS, CONNECTIONS)
            with misuse(server):
                rounds.append(
                    (before, load.latency(server, rate, SECONDS, CONNECTIONS))
                )
        yield name, rounds


@contextmanager
def _threads(server: Running, count: int, pause: float = 0.0) -> Iterator[None]:
    done = threading.Event()

    def scrape() -> None:
        while not done.is_set():
            with suppress(requests.RequestException):
                local().get(server.metrics_url, timeout=10)
            done.wait(pause)

    threads = [threading.Thread(target=scrape) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield
    done.set()
    for thread in threads:
        thread.join()
