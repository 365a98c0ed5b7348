"""The receiver's real server, and what it takes."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stack.ports import HOST, free_port
from stack.process import Process
from tests.webhook_receiver.killpoints.history_reader import stored

from .flood_sending import ALERTNAME

ROOT = Path(__file__).parents[3]
TOKEN = "flood"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver that runs, on an empty history."""

    process: Process
    port: int
    history: Path

    def peak(self) -> float:
        """Megabytes of memory, at most so far, of the process that serves."""
        parent = psutil.Process(self.process.pid)
        workers = parent.children(recursive=True) or [parent]
        return max(map(_peak, workers))

    def stored(self) -> int:
        """How many alerts are in the history; -1 if one is there twice."""
        changes = stored(self.history, ALERTNAME)
        return len(changes) if max(changes.values(), default=1) == 1 else -1


def _peak(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1_000


@contextmanager
def receiver(folder: Path) -> Iterator[Receiver]:
    """The receiver as it is shipped, on a history in `folder`, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    history, token_file = folder / "alerts.sqlite", folder / "token"
    token_file.write_text(TOKEN)
    port = free_port(0)
    command = [sys.executable, "-m", "webhook_receiver", "serve", "--port", str(port)]
    files = ["--history", str(history), "--token-file", str(token_file)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "webhook-receiver")}
    process = Process("receiver", command + files, folder / "log", environment)
    try:
        process.wait_until_ready(f"http://{HOST}:{port}/healthz")
        yield Receiver(process, port, history)
    finally:
        process.stop()
