"""Load from outside: wrk, as fast as it goes; h2load, at a given rate."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .servers import Running

CONNECTIONS = 16
PACKAGES = {"wrk": "wrk", "h2load": "nghttp2-client"}


class LoadError(Exception):
    """A tool is missing, or a server answered with something else than a decision."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds until the answer, at `rate` requests a second."""

    rate: float
    median: float
    p99: float
    worst: float


def throughput(server: Running, seconds: float) -> float:
    """Requests a second, of as many as `CONNECTIONS` get answered one after another.

    In as many whole seconds as `seconds` are begun; wrk knows no others.

    Raises `LoadError` if one of the answers is no 2xx.
    """
    said = _run(
        "wrk",
        *("-t1", f"-c{CONNECTIONS}", f"-d{ceil(seconds)}s", "-s", _script(server)),
        server.url,
    )
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not found or "Non-2xx" in said or "Socket errors" in said:
        raise LoadError(f"{server.server.name}: {said}")
    return float(found[1])


def latency(
    server: Running, rate: float, seconds: float, connections: int = 64
) -> Latency:
    """How long answers take when requests come at `rate`, whether or not they do.

    On `connections`, each of which sends on time unless its own last request is
    still waiting. Raises `LoadError` if one of the answers is no 2xx.
    """
    rows = answers(server, rate, int(rate * seconds), connections)
    if len(rows) == 0 or not (rows[:, 1] == 200).all():
        raise LoadError(f"{server.server.name}: {rows}")
    took = rows[:, 2] / 1_000
    median, p99 = np.percentile(took, [50, 99])
    return Latency(rate, float(median), float(p99), float(took.max()))


def answers(
    server: Running, rate: float, requests: int, connections: int
) -> NDArray[np.int64]:
    """A row for each of `requests` that come at `rate`: start, status, microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        log, body = Path(folder) / "log", Path(folder) / "body"
        body.write_text(json.dumps(server.server.body))
        _run(
            "h2load",
            *("--h1", "-t1", f"-c{connections}", f"-n{requests}"),
            f"--rps={rate / connections}",
            *("-H", "content-type: application/json", "-d", str(body)),
            f"--log-file={log}",
            server.url,
        )
        return np.loadtxt(log, dtype=np.int64, ndmin=2)


def _script(server: Running) -> str:
    file = Path(tempfile.gettempdir()) / f"wrk-{server.process.pid}.lua"
    body = json.dumps(server.server.body)
    file.write_text(
        'wrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = '{body}'\n"
    )
    return str(file)


def _run(tool: str, *arguments: str) -> str:
    path = shutil.which(tool)
    if not path:
        raise LoadError(f"{tool} is missing: apt install {PACKAGES[tool]}")
    done = subprocess.run(  # noqa: S603
        [path, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout
