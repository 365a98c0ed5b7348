import math

import pytest

from report.span import latest, phases
from stack.timeline import Phase


def on(name, start, seconds):
    """A phase as Prometheus saw it, each second."""
    seen = tuple((math.ceil(start) + s, start) for s in range(seconds))
    return {"phase": name, "scenario": "x"}, seen


@pytest.fixture
def knowing(fake_prometheus):
    def knowing(*series):
        return fake_prometheus(between={"loan_simulator_phase_active": series})

    return knowing


def test_a_phase_ends_where_the_next_begins(knowing):
    prometheus = knowing(on("hard-times", 130.4, 25), on("baseline", 100.4, 30))
    assert phases(prometheus, 0, 1_000) == (
        Phase("baseline", 100.4, 130.4),
        Phase("hard-times", 130.4, 155.5),
    )


def test_a_phase_that_comes_again_is_another(knowing):
    prometheus = knowing(on("baseline", 100, 30), on("baseline", 500, 30))
    found = phases(prometheus, 0, 1_000)
    assert [(p.start, p.end) for p in found] == [(100, 129.5), (500, 529.5)]


def test_the_span_is_that_of_the_last_scenario(knowing):
    earlier = (on("baseline", 100, 30), on("hard-times", 130, 30))
    last = (on("baseline", 500, 30), on("gold-rush", 530, 30))
    assert latest(knowing(*earlier, *last), [], 1_000) == (495, 564.5)


def test_the_span_of_a_scenario_holds_the_end_of_its_alerts(knowing, told):
    prometheus = knowing(on("baseline", 0, 30), on("hard-times", 30, 30))
    ended = told(
        starts_at="1970-01-01T00:00:40+00:00",
        ends_at="1970-01-01T00:01:50+00:00",
        resolved_received_at="1970-01-01T00:01:55+00:00",
    )
    before = ended | {"starts_at": "1969-12-31T23:59:00+00:00", "ends_at": None}
    assert latest(prometheus, [ended], 1_000) == (-5, 120)
    assert latest(prometheus, [ended, before], 1_000) == (-5, 120)
    after = ended | {"starts_at": "1970-01-01T00:02:00+00:00", "ends_at": None}
    assert latest(prometheus, [ended, after], 1_000) == (-5, 120)
    assert latest(prometheus, [ended | {"ends_at": None}], 1_000) == (-5, 1_000)


def test_without_a_scenario_the_span_is_fifteen_minutes(knowing):
    assert latest(knowing(), [], 10_000) == (9_100, 10_000)
