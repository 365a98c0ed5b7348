"""Kills components as planned, starts them again, and watches what all of it takes."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil

from benchmarks.machine import resident
from stack.process import Process
from stack.system import Stack

from .observed import Outage
from .plan import Kill

SAMPLE_SECONDS = 5.0
POLL_SECONDS = 0.05


@dataclass(slots=True)
class Breaker:
    """A thread that carries out `kills` from when it is entered until it is left.

    `memory` is what each component held in MiB, every few seconds while nothing was
    down; `outages` are in seconds since 1970.
    """

    stack: Stack
    kills: Sequence[Kill]
    outages: list[Outage] = field(default_factory=list)
    memory: list[dict[str, float]] = field(default_factory=list)
    _error: Exception | None = None
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        self._sample()
        self._thread = threading.Thread(target=self._run, name="breaker")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self._sample()
        self._done.set()
        # The kernel ends what this thread started when it ends (stack/tied.py).
        self._thread.join()
        if error is None:
            self.check()

    def check(self) -> None:
        """Raises the error that ended the thread, such as `ProcessDied`."""
        if self._error:
            raise self._error

    def _run(self) -> None:
        began = sampled = time.monotonic()
        pending = list(self.kills)
        try:
            while not self._done.wait(POLL_SECONDS):
                self.stack.check()
                now = time.monotonic()
                if now - sampled > SAMPLE_SECONDS:
                    self._sample()
                    sampled = now
                if pending and now - began >= pending[0].second:
                    self._carry_out(pending.pop(0))
        except Exception as error:  # noqa: BLE001 - raised by check()
            self._error = error

    def _carry_out(self, kill: Kill) -> None:
        killed = time.time()
        self.stack.processes[kill.component].kill()
        time.sleep(kill.pause)
        self.stack.start(kill.component)
        back = time.time()
        self.outages.append(Outage(kill.component, killed, back))
        words = f"killed {kill.component}, back after {back - killed:.1f} s"
        print(f"{kill.second:7.1f} s  {words}", flush=True)

    def _sample(self) -> None:
        self.memory.append(memory(self.stack.processes))


def memory(processes: Mapping[str, Process]) -> dict[str, float]:
    """Resident MiB of each process and its children, but for those that are down."""
    found = {}
    for name, process in processes.items():
        try:
            found[name] = resident(process)
        except psutil.NoSuchProcess:
            continue
    return found
