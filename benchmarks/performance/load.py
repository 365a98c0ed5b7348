"""Load from outside, by wrk: as fast as it goes."""

import json
import re
import shutil
import subprocess
import tempfile
from math import ceil
from pathlib import Path

from .servers import Running

CONNECTIONS = 16


class LoadError(Exception):
    """wrk is missing, or a response was no decision."""


def throughput(server: Running, seconds: float) -> float:
    """Requests a second, of as many as `CONNECTIONS` get answered one after another.

    In as many whole seconds as `seconds` are begun; wrk knows no others.

    Raises `LoadError` if one of the responses is no 2xx.
    """
    wrk = shutil.which("wrk")
    if not wrk:
        raise LoadError("wrk is missing: apt install wrk")
    options = ("-t1", f"-c{CONNECTIONS}", f"-d{ceil(seconds)}s", "-s", _script(server))
    done = subprocess.run(  # noqa: S603
        [wrk, *options, server.url], capture_output=True, text=True, check=True
    )
    match = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if not match or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise LoadError(f"{server.server.name}: {done.stdout}")
    return float(match[1])


def _script(server: Running) -> str:
    file = Path(tempfile.gettempdir()) / f"wrk-{server.process.pid}.lua"
    file.write_text(
        'wrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = [==[{json.dumps(server.server.body)}]==]\n"
    )
    return str(file)
