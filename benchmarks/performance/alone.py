"""The analyzer by itself: how soon it is there, how late it answers, what it keeps."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.processes import resident
from stack.process import local

from . import load
from .load import Latency
from .servers import APPLICATION, Running, analyzer, running

SCRAPES = 100
ROUNDS = 7
EDUCATION_LEVELS = ("Illiterate", "High School", "Bachelor", "Master or Doctoral")
PROFESSION_TYPES = ("clt", "aposentado", "freelancer")


def start_seconds() -> list[float]:
    """From the start of the process to the first decision, `ROUNDS` times."""
    found = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        with running(analyzer(), poll=0.01):
            found.append(perf_counter() - begun)
    return found


def open_load(server: Running, share: float) -> list[Latency]:
    """At a share of capacity, `ROUNDS` times; capacity is measured before each."""
    found = []
    for _ in range(ROUNDS):
        capacity = load.throughput(server, 4)
        found.append(load.latency(server, round(share * capacity), 10))
    return found


def exposition(server: Running) -> tuple[int, list[float]]:
    """The samples of /metrics, and the milliseconds until each of `SCRAPES` was read.

    Every series exists from the start but those of HTTP, which refused and strange
    requests have made by then.
    """
    session = local()
    for education_level in EDUCATION_LEVELS:
        for profession_type in PROFESSION_TYPES:
            fields = {
                **APPLICATION,
                "education_level": education_level,
                "profession_type": profession_type,
            }
            session.post(server.url, json=fields, timeout=5)
    for method in ("GET", "PUT", "OPTIONS", "HEAD", "DELETE"):
        session.request(method, server.url, timeout=5)
        session.request(method, f"{server.url}nowhere", timeout=5)
    for body in (b"{", b"x" * 20_000):
        session.post(server.url, data=body, timeout=5)
    took = []
    for _ in range(SCRAPES):
        begun = perf_counter()
        text = session.get(server.metrics_url, timeout=5).text
        took.append(1_000 * (perf_counter() - begun))
    families = text_string_to_metric_families(text)
    return sum(len(family.samples) for family in families), took


def cost_of_scrapes(server: Running) -> list[float]:
    """Throughput while /metrics is read every second, over that before and after."""
    found = []
    before = load.throughput(server, 5)
    for _ in range(ROUNDS):
        with _scraped(server):
            during = load.throughput(server, 5)
        after = load.throughput(server, 5)
        found.append(2 * during / (before + after))
        before = after
    return found


def memory_growth(server: Running, requests: int) -> tuple[float, float]:
    """Resident MiB after a tenth of `requests`, and after all of them."""
    sizes = []
    rate = load.throughput(server, 3)
    for part in (requests / 10, requests):
        load.throughput(server, max(part / rate, 1))
        sizes.append(resident(server.process))
    return sizes[0], sizes[1]


def two_replicas() -> list[float]:
    """Decisions a second of two replicas over that of one, both loaded at once."""
    found = []
    with running(analyzer()) as first, running(analyzer()) as second:
        for _ in range(ROUNDS):
            one = load.throughput(first, 4)
            both: list[float] = []
            threads = [
                threading.Thread(target=_append, args=(both, server))
                for server in (first, second)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            found.append(sum(both) / one)
    return found


def _append(found: list[float], server: Running) -> None:
    found.append(load.throughput(server, 4))


@contextmanager
def _scraped(server: Running) -> Iterator[None]:
    done = threading.Event()

    def scrape() -> None:
        session = local()
        while not done.wait(1):
            session.get(server.metrics_url, timeout=5)

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def spread(values: list[float], digits: int = 2) -> str:
    """Median, and the least and the greatest."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
