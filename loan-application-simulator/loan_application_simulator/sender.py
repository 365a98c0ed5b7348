"""Sends a scenario, open loop: a slow analyzer does not slow the applicants down."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from .client import AnalyzerUnavailable, Answer
from .forms import Fields
from .scenarios import Phase, Scenario

# Applications on their way at once. More means that the analyzer has not kept up for
# seconds; then applicants are turned away, and counted, rather than queued for ever.
MAX_IN_FLIGHT = 64
# When everything has failed for this long there is no analyzer, and the run ends. A
# restart takes it less.
GIVE_UP_SECONDS = 30.0


class Client(Protocol):
    """What can be sent to."""

    def send(self, fields: Fields) -> Answer:
        """Sends one application."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one application of `phase`.

    `outcome` is one of `metrics.OUTCOMES`. `seconds` is how long the applicant waited,
    counted from when the application was due, so that a queue shows.
    """

    phase: str
    outcome: str
    decision: str | None
    seconds: float


class Sender:
    """Sends the applications of one run."""

    def __init__(
        self,
        client: Client,
        *,
        on_phase: Callable[[Phase], None],
        on_sent: Callable[[Sent], None],
        give_up_seconds: float = GIVE_UP_SECONDS,
    ) -> None:
        """The callbacks are called at each phase's start and each application's end.

        `on_sent` is called from several threads, one at a time.
        """
        self._client = client
        self._give_up_seconds = give_up_seconds
        self._on_phase = on_phase
        self._on_sent = on_sent
        self._free = threading.Semaphore(MAX_IN_FLIGHT)
        self._callback_lock = threading.Lock()
        self._failing_since: float | None = None

    def send(self, scenario: Scenario, rate: float, seed: int) -> None:
        """Sends `scenario` at `rate` applications a second.

        Raises `AnalyzerUnavailable` if everything fails for `give_up_seconds`.
        """
        rng = random.Random(seed)
        began = time.monotonic()
        phase_on = None
        with ThreadPoolExecutor(MAX_IN_FLIGHT) as pool:
            for second, phase, second_of_phase in scenario.applications(rate):
                fields = phase.application(rng, second_of_phase)
                due = began + second
                time.sleep(max(0.0, due - time.monotonic()))
                self._check_answers()
                if phase is not phase_on:
                    phase_on = phase
                    self._on_phase(phase)
                if self._free.acquire(blocking=False):
                    pool.submit(self._send_one, phase, fields, due)
                else:
                    self._report(Sent(phase.name, "unsent", None, 0.0))

    def _check_answers(self) -> None:
        since = self._failing_since
        if since is not None and time.monotonic() - since > self._give_up_seconds:
            raise AnalyzerUnavailable(
                f"the analyzer has answered nothing for {self._give_up_seconds:g} s"
            )

    def _send_one(self, phase: Phase, fields: Fields, due: float) -> None:
        try:
            answer = self._client.send(fields)
        finally:
            self._free.release()
        waited = time.monotonic() - due
        self._report(Sent(phase.name, answer.outcome, answer.decision, waited))

    def _report(self, sent: Sent) -> None:
        with self._callback_lock:
            if sent.outcome in ("decided", "refused"):
                self._failing_since = None
            elif self._failing_since is None:
                self._failing_since = time.monotonic()
            self._on_sent(sent)
