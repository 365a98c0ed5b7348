"""Sends the applications, and keeps when phases began and what was not answered."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loan_application_simulator.client import AnalyzerClient
from loan_application_simulator.scenarios import Phase, Scenario
from loan_application_simulator.sender import Sender, Sent

from stack.process import READY_SECONDS

from .observed import Outage

# Connections that a killed analyzer had accepted break as it ends, and new ones are
# refused until it listens; the rest is for threads that wait for their turn.
GRACE_SECONDS = 1.0
# As long as a component may take to start, and longer than it is left killed.
GIVE_UP_SECONDS = READY_SECONDS + 5.0


@dataclass(slots=True)
class Applicants:
    """The applicants of one run; times in seconds since 1970.

    `phases` are those that began, each with when it did.
    """

    url: str
    phases: list[tuple[Phase, float]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    unanswered: list[float] = field(default_factory=list)
    ended: float = 0.0

    def send(
        self, scenario: Scenario, rate: float, seed: int, check: Callable[[], None]
    ) -> None:
        """Sends `scenario`, and calls `check` as each phase begins.

        Raises `AnalyzerUnavailable`, and the errors of `check`.
        """

        def on_phase(phase: Phase) -> None:
            check()
            self.phases.append((phase, time.time()))

        client = AnalyzerClient(self.url, "post")
        sender = Sender(
            client,
            on_phase=on_phase,
            on_sent=self._on_sent,
            give_up_seconds=GIVE_UP_SECONDS,
        )
        sender.send(scenario, rate, seed)
        self.ended = time.time()

    def unexplained(self, outages: Sequence[Outage]) -> int:
        """How many were not answered although the analyzer was there."""
        down = [o for o in outages if o.component == "credit-analyzer"]
        return sum(
            not any(o.killed <= moment <= o.back + GRACE_SECONDS for o in down)
            for moment in self.unanswered
        )

    def _on_sent(self, sent: Sent) -> None:
        self.outcomes[sent.outcome] += 1
        if sent.outcome not in ("decided", "refused"):
            self.unanswered.append(time.time())
