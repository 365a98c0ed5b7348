"""What happens to the population, and when: scenarios as data."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .applicants import ORDINARY_TIMES, Shift, draw
from .forms import Fields, break_one_field, fields_of


class ReplayError(ValueError):
    """Recorded applications that cannot be read. The message names file and line."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time, in seconds, with a population of its own.

    A `ramp` moves evenly from ordinary times at its start to `shift` at its end. With
    `recorded`, applications are drawn from these instead.
    """

    name: str
    seconds: float
    shift: Shift = ORDINARY_TIMES
    ramp: bool = False
    recorded: Sequence[Fields] = ()

    def application(self, rng: random.Random, second: float) -> Fields:
        """An application that is sent `second` seconds into the phase."""
        if self.recorded:
            return rng.choice(self.recorded)
        shift = self.shift_at(second)
        fields = fields_of(draw(rng, shift))
        broken = rng.random() < shift.malformed
        return break_one_field(rng, fields) if broken else fields

    def shift_at(self, second: float) -> Shift:
        """The shift `second` seconds into the phase."""
        return self.shift.scaled(second / self.seconds) if self.ramp else self.shift


@dataclass(frozen=True, slots=True)
class Scenario:
    """Phases, one after the other."""

    name: str
    description: str
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """How long all phases last together."""
        return sum(phase.seconds for phase in self.phases)

    def lasting(self, seconds: float) -> "Scenario":
        """The same scenario, stretched or squeezed to `seconds`."""
        pace = seconds / self.seconds
        phases = (replace(phase, seconds=phase.seconds * pace) for phase in self.phases)
        return replace(self, phases=tuple(phases))

    def applications(self, rate: float) -> Iterator[tuple[float, Phase, float]]:
        """When each application is due, and in which phase; evenly, `rate` a second.

        That is (second of the scenario, phase, second of the phase).
        """
        start = 0.0
        sent = 0
        for phase in self.phases:
            while (second := sent / rate) < start + phase.seconds:
                yield second, phase, second - start
                sent += 1
            start += phase.seconds


def replay(phases: Sequence[str]) -> Scenario:
    """A scenario of recorded applications, each phase as FILE=SECONDS.

    A file has a JSON object on each line, and names its phase. Raises `ReplayError`.
    """
    found = []
    for phase in phases:
        file, separator, seconds = phase.rpartition("=")
        if not separator or not seconds.replace(".", "", 1).isdecimal():
            raise ReplayError(f"{phase} must have the form FILE=SECONDS")
        path = Path(file)
        found.append(Phase(path.stem, float(seconds), recorded=_recorded(path)))
    return Scenario("replay", "recorded applications", tuple(found))


def _recorded(path: Path) -> Sequence[Fields]:
    rows = []
    try:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ReplayError(f"{path}, line {number} is no JSON object")
            rows.append(row)
    except json.JSONDecodeError as error:
        raise ReplayError(
            f"{path}, line {len(rows) + 1} is no JSON: {error}"
        ) from error
    if not rows:
        raise ReplayError(f"{path} holds no applications")
    return rows


BASELINE = Phase("baseline", 30)

# Wages fall by a third and schooling drops, but what people need to borrow does not: of
# 100 applications the shipped model approves 5, denies 87 and passes 8 on.
HARD_TIMES = Phase(
    "hard-times",
    25,
    Shift(
        income_factor=0.66,
        # Makes up for how much less people of that income would ordinarily ask for.
        loan_factor=1.18,
        education={
            "Illiterate": 0.20,
            "High School": 0.62,
            "Bachelor": 0.15,
            "Master or Doctoral": 0.03,
        },
    ),
)

# Freelancers who found gold ask for larger loans, and earn three times as much: of
# 100 applications the shipped model approves 75, denies 12 and passes 13 on.
GOLD_RUSH = Phase(
    "gold-rush",
    35,
    Shift(
        income_factor=3.4,
        loan_factor=1.25,
        profession={"clt": 0.38, "aposentado": 0.07, "freelancer": 0.55},
    ),
)

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "storyline",
            "ordinary times, then hard times, then a gold rush",
            (BASELINE, HARD_TIMES, GOLD_RUSH),
        ),
        Scenario(
            "baseline",
            "ordinary times only: no alert should fire",
            (replace(BASELINE, seconds=90),),
        ),
        Scenario(
            "recovery",
            "ordinary times, then hard times, then ordinary times again",
            (BASELINE, HARD_TIMES, Phase("recovery", 35)),
        ),
        Scenario(
            "slow-decline",
            "incomes shrink to 60 % over four minutes",
            (BASELINE, Phase("decline", 240, Shift(income_factor=0.6), ramp=True)),
        ),
        Scenario(
            "default-income",
            "an upstream form sends its default income for 30 % of applicants",
            (BASELINE, Phase("broken-form", 60, Shift(default_income=0.3))),
        ),
        Scenario(
            "wrong-unit",
            "an upstream form sends incomes in thousands: all are denied",
            (BASELINE, Phase("wrong-unit", 60, Shift(income_unit=1_000))),
        ),
        Scenario(
            "malformed",
            "30 % of what arrives is no valid application",
            (BASELINE, Phase("malformed", 60, Shift(malformed=0.3))),
        ),
    )
}
