"""More applications than it can decide on."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import requests

from benchmarks.analyzer import load
from benchmarks.analyzer.servers import Running
from benchmarks.processes import resident
from stack.process import local

DECIDED = re.compile(r"^credit_decisions_total\{.*\} (.*)$", re.MULTILINE)
QUICK = re.compile(
    r'^flask_http_request_duration_seconds_bucket\{le="0.1",.*status="200".*\} (.*)$',
    re.MULTILINE,
)
CHECKS_PER_SECOND = 10


@dataclass(slots=True)
class Checks:
    """Answers to a caller who knows what is right: seconds each, and the wrong ones."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overload:
    """What happened under a rate of requests."""

    seconds: float
    statuses: dict[int, int]
    milliseconds: tuple[float, float, float]
    """Median, 99th percentile, longest."""
    counted: int
    slow: float
    """Of what was counted, the share that took longer than 100 ms, by its metrics."""
    checks: Checks
    mebibytes: float
    """The most memory that all its processes held."""


def overload(server: Running, rate: float, requests: int, connections: int) -> Overload:
    """Asks `requests` times at `rate`, whether or not there are answers."""
    before, quick = decided(server), _quick(server)
    began = time.monotonic()
    with _checking(server) as checks, _most_memory(server) as memory:
        rows = load.answers(server, rate, requests, connections)
    found, counts = np.unique(rows[:, 1], return_counts=True)
    p50, p99, longest = np.percentile(rows[:, 2] / 1_000, [50, 99, 100])
    took = time.monotonic() - began
    time.sleep(1)  # for a scrape that is new
    counted = decided(server) - before
    return Overload(
        took,
        dict(zip(found.tolist(), counts.tolist(), strict=True)),
        (float(p50), float(p99), float(longest)),
        counted - len(checks.seconds),
        1 - (_quick(server) - quick) / counted,
        checks,
        max(memory),
    )


def decided(server: Running) -> int:
    """How many decisions it has counted."""
    return _sum(server, DECIDED)


def _quick(server: Running) -> int:
    return _sum(server, QUICK)


def _sum(server: Running, samples: re.Pattern[str]) -> int:
    text = local().get(server.metrics_url, timeout=30).text
    return int(sum(float(value) for value in samples.findall(text)))


@contextmanager
def _checking(server: Running) -> Iterator[Checks]:
    """A caller on connections of its own, while others flood."""
    right, checks = server.ask().json(), Checks()

    def check() -> None:
        began = time.monotonic()
        try:
            answer = local().post(server.url, json=server.server.body, timeout=60)
        except requests.RequestException as error:
            checks.wrong.append(str(error))
            return
        if answer.status_code != 200 or answer.json() != right:
            checks.wrong.append(answer.text)
        checks.seconds.append(time.monotonic() - began)

    # One to learn what is right, which is counted too.
    checks.seconds.append(0.0)
    with _again(check, 1 / CHECKS_PER_SECOND):
        yield checks


@contextmanager
def _most_memory(server: Running) -> Iterator[list[float]]:
    found = [resident(server.process)]
    with _again(lambda: found.append(resident(server.process)), 0.5):
        yield found


@contextmanager
def _again(function: Callable[[], object], pause: float) -> Iterator[None]:
    done = threading.Event()

    def run() -> None:
        while not done.wait(pause):
            function()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    done.set()
    thread.join()
