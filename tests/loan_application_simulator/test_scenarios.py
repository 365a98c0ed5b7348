import pytest
from loan_application_simulator.applicants import ORDINARY_TIMES, Shift
from loan_application_simulator.scenarios import SCENARIOS, Phase, Scenario


def test_the_storyline_lasts_ninety_seconds():
    storyline = SCENARIOS["storyline"]
    assert storyline.seconds == 90
    assert [(p.name, p.seconds) for p in storyline.phases] == [
        ("baseline", 30),
        ("hard-times", 25),
        ("gold-rush", 35),
    ]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_every_scenario_begins_in_ordinary_times(scenario):
    _, phase, shift = next(scenario.applications(rate=10))
    assert shift == ORDINARY_TIMES
    assert phase.seconds >= 30


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
@pytest.mark.parametrize("rate", [1.0, 10.0])
def test_a_scenario_sends_at_its_rate_to_its_end(scenario, rate):
    due = [second for second, _, _ in scenario.applications(rate)]
    assert len(due) == scenario.seconds * rate
    assert due == [i / rate for i in range(len(due))]


def test_each_application_belongs_to_the_phase_that_is_on():
    scenario = Scenario("s", "", (Phase("a", 2), Phase("b", 1)))
    phases = [phase.name for _, phase, _ in scenario.applications(rate=2)]
    assert phases == ["a", "a", "a", "a", "b", "b"]


def test_a_ramp_moves_evenly_to_its_shift():
    ramp = Phase("decline", 10, Shift(malformed=0.5), ramp=True)
    assert [ramp.shift_at(s).malformed for s in (0, 5, 10)] == [0, 0.25, 0.5]


def test_a_scenario_can_be_squeezed():
    squeezed = SCENARIOS["storyline"].lasting(9)
    assert [phase.seconds for phase in squeezed.phases] == pytest.approx([3, 2.5, 3.5])
