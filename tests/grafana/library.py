"""What Grafana's own library, @grafana/data, makes of captured panels.

It needs Node and npm, and, the first time, a network: npm installs it into the cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.grafana.dashboards import Capture

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "grafana-data"
FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 18
INSTALL_SECONDS = 300
# npm's codes for a registry that cannot be reached.
NO_NETWORK = {
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "ERR_SOCKET_TIMEOUT",
    "ETIMEDOUT",
}


class LibraryMissing(Exception):
    """The library cannot be used here. The message gives the reason."""


def find(cache: Path = CACHE) -> Path:
    """The folder node_modules with the library; installs it if it is not there.

    Raises `LibraryMissing` without Node, npm or a network, and `RuntimeError` if npm
    fails for another reason.
    """
    _check_node()
    content = b"".join((HERE / name).read_bytes() for name in FILES)
    folder = cache / hashlib.sha256(content).hexdigest()[:16]
    if not folder.exists():
        _install(folder)
    return folder / "node_modules"


def show(captures: Sequence[Capture], modules: Path) -> list[dict[str, Any]]:
    """For each of `captures`, what show.cjs computes."""
    done = subprocess.run(
        [_program("node"), str(HERE / "show.cjs")],
        input=json.dumps([capture.for_grafana() for capture in captures]),
        env=os.environ | {"NODE_PATH": str(modules)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    shown: list[dict[str, Any]] = json.loads(done.stdout)
    return shown


def _program(name: str) -> str:
    """The path of a program. Raises `LibraryMissing` if it is not installed."""
    found = shutil.which(name)
    if not found:
        raise LibraryMissing(f"{name} is not installed")
    return found


def _check_node() -> None:
    _program("npm")
    command = [_program("node"), "--version"]
    version = subprocess.run(command, capture_output=True, text=True)
    major = int(version.stdout.strip().lstrip("v").partition(".")[0])
    if major < OLDEST_NODE:
        raise LibraryMissing(f"Node {major} is too old: {OLDEST_NODE} is needed")


def _install(folder: Path) -> None:
    """Installs into `folder` what the lock file lists, without running its scripts.

    An interrupted installation leaves no `folder`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"]
    retries = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    temporary = Path(mkdtemp(dir=folder.parent))
    try:
        for name in FILES:
            shutil.copy(HERE / name, temporary)
        done = subprocess.run(
            [_program("npm"), "ci", *options, *retries],
            cwd=temporary,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
        if code := _error_code(done):
            if code in NO_NETWORK:
                raise LibraryMissing(f"npm cannot reach its registry ({code})")
            raise RuntimeError(f"npm ci failed: {done.stderr[-2_000:]}")
        temporary.rename(folder)
    except subprocess.TimeoutExpired as error:
        raise LibraryMissing(
            f"npm has not installed it in {INSTALL_SECONDS} s"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _error_code(done: subprocess.CompletedProcess[str]) -> str:
    """npm's code for the error of a command, or "" if there was none."""
    if done.returncode == 0:
        return ""
    codes = [line for line in done.stderr.splitlines() if " code " in line]
    return codes[0].split()[-1] if codes else "unknown"
