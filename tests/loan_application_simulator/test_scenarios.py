import random

import pytest
from loan_application_simulator.applicants import ORDINARY_TIMES, Shift
from loan_application_simulator.scenarios import (
    SCENARIOS,
    Phase,
    ReplayError,
    Scenario,
    replay,
)


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
    _, phase, second = next(scenario.applications(rate=10))
    assert phase.shift_at(second) == ORDINARY_TIMES
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


def test_a_ramp_begins_with_its_phase():
    ramp = Phase("ramp", 2, Shift(income_factor=0.5), ramp=True)
    scenario = Scenario("s", "", (Phase("calm", 3), ramp))
    seconds = [second for _, _, second in scenario.applications(rate=1)]
    assert seconds == [0, 1, 2, 0, 1]


def test_a_ramp_moves_evenly_to_its_shift():
    ramp = Phase("decline", 10, Shift(malformed=0.5), ramp=True)
    assert [ramp.shift_at(s).malformed for s in (0, 5, 10)] == [0, 0.25, 0.5]


def test_a_scenario_can_be_squeezed():
    squeezed = SCENARIOS["storyline"].lasting(9)
    assert [phase.seconds for phase in squeezed.phases] == pytest.approx([3, 2.5, 3.5])


@pytest.fixture
def record(tmp_path):
    def record(name, *lines):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    return record


def test_recorded_applications_are_phases_of_their_own(record):
    calm, storm = record("calm", '{"a": 1}', '{"a": 2}'), record("storm", '{"a": 3}')
    scenario = replay([f"{calm}=20", f"{storm}=1.5"])
    assert [(p.name, p.seconds) for p in scenario.phases] == [
        ("calm", 20),
        ("storm", 1.5),
    ]
    rng = random.Random(0)
    drawn = [scenario.phases[0].application(rng, 0) for _ in range(50)]
    assert {row["a"] for row in drawn} == {1, 2}
    assert scenario.phases[1].application(rng, 1) == {"a": 3}


@pytest.mark.parametrize(
    ("lines", "seconds", "problem"),
    [
        (['{"a": 1}'], "", r"must have the form FILE=SECONDS"),
        (['{"a": 1}'], "=", r"must have the form FILE=SECONDS"),
        (['{"a": 1}'], "=long", r"must have the form FILE=SECONDS"),
        (['{"a": 1}', "{"], "=1", r"x\.jsonl, line 2 is no JSON"),
        (["[]"], "=1", r"x\.jsonl, line 1 is no JSON object"),
        ([], "=1", r"x\.jsonl holds no applications"),
    ],
)
def test_recorded_applications_that_cannot_be_read_are_named(
    record, lines, seconds, problem
):
    path = record("x", *lines)
    with pytest.raises(ReplayError, match=problem):
        replay([f"{path}{seconds}"])
