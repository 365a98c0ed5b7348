"""What is done to the system, and when: drifts in turn, and kills by chance."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, cycle, islice

from loan_application_simulator.scenarios import (
    GOLD_RUSH,
    HARD_TIMES,
    SCENARIOS,
    Phase,
    Scenario,
)

from .observed import Drift
from .verdict import CERTAIN

# Every other drift is one of validity, which leaves all other signals alone, so that
# the alerts of one drift are over before the same signal drifts again.
MALFORMED = SCENARIOS["malformed"].phases[1]
BROKEN_FORM = SCENARIOS["default-income"].phases[1]
IN_TURN = (HARD_TIMES, MALFORMED, GOLD_RUSH, MALFORMED, BROKEN_FORM, MALFORMED)

COMPONENTS = ("credit-analyzer", "webhook-receiver", "alertmanager", "prometheus")
# A component is started again so many seconds after it was killed.
PAUSE_SECONDS = (1.0, 3.0)
# Half of the kills that could come within the first seconds of a drift do.
FIRST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL for `component` at a second of the scenario, and how long it is down."""

    second: float
    component: str
    pause: float


def scenario(seconds: float, period: float) -> Scenario:
    """A drift in the middle half of each `period`, for `seconds`."""

    def phases() -> Iterator[Phase]:
        for drift in islice(cycle(IN_TURN), round(seconds / period)):
            yield Phase("baseline", period / 4)
            yield replace(drift, seconds=period / 2)
            yield Phase("recovery", period / 4)

    return Scenario("soak", "drift and recovery, in turn", tuple(phases()))


def starts(scenario: Scenario) -> list[tuple[Phase, float]]:
    """Each phase of `scenario` with the second at which it begins."""
    ends = accumulate(phase.seconds for phase in scenario.phases)
    return list(zip(scenario.phases, (0.0, *ends), strict=False))


def drifts(phases: Sequence[tuple[Phase, float]]) -> list[Drift]:
    """The drifts among `phases`, each of which is given with when it began."""
    return [
        Drift(phase.name, start, start + phase.seconds)
        for phase, start in phases
        if phase.name in CERTAIN
    ]


def kills(
    drifts: Sequence[float], seconds: float, every: float, seed: int
) -> list[Kill]:
    """A kill in each stretch of `every` seconds.

    `drifts` are the seconds at which drifts begin.
    """
    rng = random.Random(seed)
    planned = []
    for slot in range(int(seconds / every)):
        start = slot * every
        second = start + rng.uniform(0, every)
        for drift in drifts:
            if start <= drift < start + every and rng.random() < 0.5:
                second = drift + rng.uniform(0, FIRST_SECONDS)
        component = rng.choice(COMPONENTS)
        planned.append(Kill(second, component, rng.uniform(*PAUSE_SECONDS)))
    return planned
