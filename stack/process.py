"""One process of the system: start it, wait until it is ready, stop it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import requests

READY_SECONDS = 90.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1
TIED = str(Path(__file__).with_name("tied.py"))


class ProcessDied(Exception):
    """A process ended that should not have. The message shows its last words."""


def local() -> requests.Session:
    """A session for this machine: a proxy, if one is configured, is not asked."""
    session = requests.Session()
    session.trust_env = False
    return session


def wait_until(
    condition: Callable[[], bool],
    what: str,
    seconds: float = READY_SECONDS,
    poll: float = POLL_SECONDS,
) -> None:
    """Returns once `condition()` is true. Raises `TimeoutError` after `seconds`.

    It is asked every `poll` seconds.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(poll)


class Process:
    """A running component. Its output goes to `log`.

    It ends when this process does, even if that is killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.name = name
        self.log = log
        tied = [sys.executable, TIED, str(os.getpid()), *map(str, command)]
        with log.open("ab") as output:  # what it wrote before it was killed stays
            self._popen = subprocess.Popen(
                tied,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to handle: components stop in order, not all at once.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._popen.poll()

    def check(self) -> None:
        """Raises `ProcessDied` if it does not run."""
        if self.returncode is not None:
            last_words = self.log.read_text(errors="replace").splitlines()[-5:]
            raise ProcessDied(
                f"{self.name} ended with status {self.returncode}; "
                f"the end of {self.log}:\n" + "\n".join(last_words)
            )

    def wait_until_ready(self, url: str) -> None:
        """Returns once `url` answers 200. Raises `ProcessDied` or `TimeoutError`."""

        def ready() -> bool:
            self.check()
            try:
                return local().get(url, timeout=1).status_code == 200
            except requests.RequestException:
                return False

        wait_until(ready, f"{self.name} at {url}")

    def wait_until_done(self) -> None:
        """Returns once it has ended well. Raises `ProcessDied` or `TimeoutError`."""
        wait_until(lambda: self.returncode is not None, f"{self.name} to end")
        if self.returncode:
            self.check()

    def terminate(self) -> None:
        """Asks it to end."""
        if self.returncode is None:
            self._popen.terminate()

    def kill(self) -> None:
        """Ends it at once, in the middle of what it does, with its children."""
        # It leads a session, and so a group, of its own: see __init__.
        os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def stop(self) -> None:
        """Asks it to end, and ends it and its children if it does not."""
        self.terminate()
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
