"""Requests a second of several servers, in turns."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from benchmarks.processes import cpu_seconds

from . import load
from .servers import Server, running

# Short turns, and many: what else the machine does then meets neighbours alike.
ROUNDS = 31
SECONDS = 1.0
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """Of each round: requests a second, and microseconds of CPU for each request."""

    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def ratio(self, other: "Throughput") -> list[float]:
        """How many times `other`, in each round: both met the same disturbances."""
        return [
            mine / theirs
            for mine, theirs in zip(self.per_second, other.per_second, strict=True)
        ]

    @property
    def median(self) -> float:
        """Requests a second."""
        return median(self.per_second)


def measure(servers: Sequence[Server]) -> Mapping[str, Throughput]:
    """What each server does, by name.

    All run all the time and are asked one after another, `ROUNDS` times, so that what
    else the machine does meets all of them.
    """
    found = {server.name: Throughput() for server in servers}
    with ExitStack() as stack:
        all_running = [stack.enter_context(running(server)) for server in servers]
        for server in all_running:
            load.throughput(server, WARM_UP_SECONDS)
        for _ in range(ROUNDS):
            for server in all_running:
                before = cpu_seconds(server.process)
                per_second = load.throughput(server, SECONDS)
                spent = cpu_seconds(server.process) - before
                row = found[server.server.name]
                row.per_second.append(per_second)
                row.cpu.append(1e6 * spent / (per_second * SECONDS))
    return found
