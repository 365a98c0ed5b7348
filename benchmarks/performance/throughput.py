"""Requests a second of several servers, in turns, under the load of wrk."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from benchmarks.machine import cpu_seconds

from .servers import Running, Server, running

CONNECTIONS = 16
# Short turns, and many: what else the machine does then meets neighbours alike.
ROUNDS = 31
SECONDS = 1.0
WARM_UP_SECONDS = 2.0


def throughput(server: Running, seconds: float) -> float:
    """Requests a second, of as many as `CONNECTIONS` get answered one after another.

    In as many whole seconds as `seconds` are begun; wrk knows no others. Raises
    `ValueError` if one of the responses is no 2xx, `FileNotFoundError` without wrk.
    """
    wrk = shutil.which("wrk")
    if not wrk:
        raise FileNotFoundError("wrk is missing: apt install wrk")
    script = Path(tempfile.gettempdir()) / f"wrk-{server.process.pid}.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = [==[{json.dumps(server.server.body)}]==]\n"
    )
    options = ("-t1", f"-c{CONNECTIONS}", f"-d{ceil(seconds)}s", "-s", str(script))
    done = subprocess.run(  # noqa: S603
        [wrk, *options, server.url], capture_output=True, text=True, check=True
    )
    match = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if not match or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise ValueError(f"{server.server.name}: {done.stdout}")
    return float(match[1])


@dataclass(frozen=True, slots=True)
class Throughput:
    """Of each round: requests a second, and microseconds of CPU for each request."""

    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def ratio(self, other: "Throughput") -> list[float]:
        """How many times `other`, in each round: both met the same disturbances."""
        return _ratios(self.per_second, other.per_second)

    def cpu_ratio(self, other: "Throughput") -> list[float]:
        """The same of the processor time of a request."""
        return _ratios(self.cpu, other.cpu)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def measure(servers: Sequence[Server]) -> Mapping[str, Throughput]:
    """Throughput of each server, by its name.

    All run all the time and are asked one after another, `ROUNDS` times, so that what
    else the machine does meets all of them.
    """
    results = {server.name: Throughput() for server in servers}
    with ExitStack() as stack:
        all_running = [stack.enter_context(running(server)) for server in servers]
        for server in all_running:
            throughput(server, WARM_UP_SECONDS)
        for _ in range(ROUNDS):
            for server in all_running:
                before = cpu_seconds(server.process)
                per_second = throughput(server, SECONDS)
                spent = cpu_seconds(server.process) - before
                row = results[server.server.name]
                row.per_second.append(per_second)
                row.cpu.append(1e6 * spent / (per_second * SECONDS))
    return results
