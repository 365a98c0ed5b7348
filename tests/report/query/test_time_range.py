import math

import pytest

from report.query.time_range import latest, phases
from report.timeline import Phase


def started(name, start, until):
    """A phase as the simulator exports it each second, until it ends."""
    seconds = range(math.ceil(start), math.floor(until) + 1)
    return {"phase": name, "scenario": "x"}, tuple((s, start) for s in seconds)


@pytest.fixture
def knowing(fake_prometheus):
    def knowing(*series):
        return fake_prometheus(between={"loan_simulator_phase_start": series})

    return knowing


def test_a_phase_ends_where_the_next_begins(knowing):
    prometheus = knowing(
        started("hard-times", 130.4, 155.2), started("baseline", 100.4, 155.2)
    )
    assert phases(prometheus, 0, 1_000) == (
        Phase("baseline", 100.4, 130.4),
        Phase("hard-times", 130.4, 156),
    )


def test_a_phase_that_no_scrape_has_seen_to_be_on_is_known(knowing):
    series = [started(n, 100 + i / 3, 103) for i, n in enumerate(("a", "b", "c"))]
    found = phases(knowing(*series), 0, 1_000)
    assert [phase.name for phase in found] == ["a", "b", "c"]
    assert found[1].end == found[2].start


def test_a_phase_that_is_on_ends_with_the_time_range(knowing):
    [phase] = phases(knowing(started("baseline", 100, 2_000)), 0, 150)
    assert phase.end == 150


def test_a_phase_that_was_over_before_the_time_range_is_not_in_it(knowing):
    prometheus = knowing(started("baseline", 100, 160), started("drift", 130, 160))
    assert [p.name for p in phases(prometheus, 140, 1_000)] == ["drift"]


def test_a_phase_that_comes_again_is_another(knowing):
    prometheus = knowing(started("baseline", 100, 130), started("baseline", 500, 530))
    found = phases(prometheus, 0, 1_000)
    assert [(p.start, p.end) for p in found] == [(100, 131), (500, 531)]


def test_the_time_range_is_that_of_the_last_scenario(knowing):
    earlier = started("baseline", 100, 160), started("hard-times", 130, 160)
    last = started("baseline", 500, 560), started("gold-rush", 530, 560)
    assert latest(knowing(*earlier, *last), [], 1_000) == (495, 566)


def test_the_time_range_of_a_scenario_has_the_end_of_its_alerts(knowing, received):
    prometheus = knowing(started("baseline", 0, 60), started("hard-times", 30, 60))
    ended = received(
        starts_at="1970-01-01T00:00:40+00:00",
        ends_at="1970-01-01T00:01:50+00:00",
        resolved_received_at="1970-01-01T00:01:55+00:00",
    )
    before = ended | {"starts_at": "1969-12-31T23:59:00+00:00", "ends_at": None}
    after = ended | {"starts_at": "1970-01-01T00:02:00+00:00", "ends_at": None}
    assert latest(prometheus, [ended], 1_000) == (-5, 120)
    assert latest(prometheus, [ended, before, after], 1_000) == (-5, 120)
    assert latest(prometheus, [ended | {"ends_at": None}], 1_000) == (-5, 1_000)


def test_the_end_of_an_alert_may_not_have_been_notified(knowing, received):
    prometheus = knowing(started("baseline", 0, 60))
    ended = received(
        starts_at="1970-01-01T00:00:40+00:00",
        ends_at="1970-01-01T00:01:50+00:00",
        resolved_received_at=None,
    )
    assert latest(prometheus, [ended], 1_000) == (-5, 115)


def test_without_a_scenario_the_time_range_is_fifteen_minutes(knowing):
    assert latest(knowing(), [], 10_000) == (9_100, 10_000)
