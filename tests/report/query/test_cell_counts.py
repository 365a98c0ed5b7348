"""Phase by phase, counts are those of the phase, whenever it was scraped."""

from bisect import bisect_right
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.query.cell_counts import (
    ALL_DECISIONS,
    Cell,
    CellCounts,
    decision,
    history,
    read,
)
from report.timeline import Phase

WEB = Cell("channel", "input", "", "category", "web")
RUNS = settings(max_examples=100, deadline=None, derandomize=True, database=None)
PHASES = (Phase("a", 10, 20), Phase("b", 20, 30))


def counts(cell, *samples, decided=None):
    """The counts of one cell of one replica, from (scrape, value) pairs."""
    return CellCounts({cell: [history(*zip(*samples, strict=True))]}, decided or {})


def test_a_counter_that_fell_was_counted_from_zero_again():
    assert history((1, 2, 3, 4, 5), (5, 8, 8, 2, 3)).growth == [0, 3, 3, 5, 6]


def test_a_scrape_that_two_points_show_counts_once():
    found = history((1, 1, 2, 2), (5, 5, 8, 8))
    assert (found.scrapes, found.growth) == ([1, 2], [0, 3])


def test_observations_between_two_phases_are_of_neither():
    found = counts(WEB, (9, 0), (11, 4), (19, 40), (21, 45), (31, 90))
    assert found.observed(WEB, PHASES) == [40, 45]


def test_before_the_first_phase_and_after_the_last_there_are_no_others():
    found = counts(WEB, (5, 100), (9, 101), (11, 104), (29, 150), (31, 155), (40, 900))
    assert found.observed(WEB, [Phase("a", 10, 30)]) == [54]


def test_a_phase_of_less_than_a_scrape_has_its_part_in_proportion_to_the_time():
    phases = (Phase("a", 10, 11), Phase("b", 11, 12), Phase("c", 12, 14))
    found = counts(WEB, (9.5, 0), (12.5, 30), (14, 60))
    assert found.observed(WEB, phases)[1] == pytest.approx(10)


def test_replicas_add_up():
    one, other = (history((9, 19, 29), values) for values in ((0, 5, 5), (7, 9, 30)))
    found = CellCounts({WEB: [one, other]})
    assert found.observed(WEB, [Phase("a", 10, 30)]) == [28]
    assert found.total(WEB) == 28
    assert found.at(WEB, 14) == pytest.approx(2.5 + 1)


def test_a_cell_that_is_not_counted_has_no_observations():
    assert CellCounts({}).observed(WEB, PHASES) == [0, 0]
    assert CellCounts({}).decisions("DENIED", PHASES) == [0, 0]


def test_a_decision_that_was_under_way_at_a_scrape_is_of_its_phase():
    # The last two of the first phase came after the scrape at its end.
    samples = (9, 0), (19.9, 18), (20.1, 18), (20.9, 22), (21.1, 25), (31, 40)
    found = counts(decision("NO"), *samples, decided={10: {"NO": 20.0}})
    assert found.decisions("NO", PHASES) == [20, 20]


def test_decisions_are_divided_as_the_simulator_received_them():
    denied = decision("DENIED")
    samples = (9, 0), (19, 8), (21, 12), (31, 30)
    known = counts(denied, *samples, decided={10: {"DENIED": 9.0}})
    assert known.decisions("DENIED", PHASES) == [9, 21]
    unknown = counts(denied, *samples)
    assert unknown.decisions("DENIED", PHASES) == [10, 20]


@pytest.mark.parametrize(("received", "shown"), [(0, 8), (5_000, 12)])
def test_what_a_simulator_sent_to_another_model_is_not_of_this_one(received, shown):
    samples = (9, 0), (18, 8), (22, 12), (31, 30)
    decided = {10: {"DENIED": float(received)}}
    found = counts(decision("DENIED"), *samples, decided=decided)
    assert found.decisions("DENIED", PHASES) == [shown, 30 - shown]


@st.composite
def runs(draw):
    """Phases, applications as (second, decision), and the scrapes of two replicas."""
    lengths = draw(st.lists(st.floats(3, 20), min_size=1, max_size=4))
    boundaries = [100.0]
    for length in lengths:
        boundaries.append(boundaries[-1] + length)
    seconds = st.floats(100, boundaries[-1], exclude_max=True)
    names = st.sampled_from(["DENIED", "APPROVED", "ANALYST"])
    applications = draw(st.lists(st.tuples(seconds, names), max_size=80))
    every = draw(st.floats(0.3, 7))
    offset = draw(st.floats(0, 1)) * every
    number = int((boundaries[-1] - 100) / every) + 4
    scrapes = [100 - every - offset + every * n for n in range(number)]
    phases = [
        Phase(str(n), start, end) for n, (start, end) in enumerate(pairwise(boundaries))
    ]
    return phases, applications, scrapes


def scraped(run, *, knows_decisions):
    """The counts of such a run, of which every second application goes to a replica."""
    phases, applications, scrapes = run
    histories = {}
    for name in ("DENIED", "APPROVED", "ANALYST"):
        histories[decision(name)] = [
            history(scrapes, [bisect_right(sorted(of_replica), s) for s in scrapes])
            for of_replica in (
                [t for t, d in applications[part::2] if d == name] for part in (0, 1)
            )
        ]
    decided = {
        phase.start: {n: float(c) for n, c in truth(applications, phase).items()}
        for phase in phases[:-1]
    }
    return CellCounts(histories, decided if knows_decisions else {})


def truth(applications, phase):
    return Counter(d for t, d in applications if phase.start <= t < phase.end)


@RUNS
@given(runs())
def test_decisions_of_each_phase_are_exactly_those_that_the_simulator_counts(run):
    phases, applications, _ = run
    found = scraped(run, knows_decisions=True)
    for name in ("DENIED", "APPROVED", "ANALYST"):
        expected = [truth(applications, phase)[name] for phase in phases]
        assert found.decisions(name, phases) == expected


@RUNS
@given(runs())
def test_no_decision_is_lost_or_counted_twice_without_a_simulator(run):
    phases, applications, _ = run
    found = scraped(run, knows_decisions=False)
    for name in ("DENIED", "APPROVED", "ANALYST"):
        counted = found.decisions(name, phases)
        assert min(counted) >= 0
        of_all = sum(d == name for _, d in applications)
        assert sum(counted) == pytest.approx(of_all)


@RUNS
@given(runs())
def test_observations_of_a_phase_are_all_of_that_phase(run):
    phases, applications, scrapes = run
    found = scraped(run, knows_decisions=True)
    for name in ("DENIED", "APPROVED", "ANALYST"):
        observed = found.observed(decision(name), phases)
        for number, (phase, count) in enumerate(zip(phases, observed, strict=True)):
            within = [s for s in scrapes if phase.start <= s < phase.end]
            if number == 0:
                within = [s for s in scrapes if s < phase.start][-1:] + within
            if number == len(phases) - 1:
                within += [s for s in scrapes if s >= phase.end][:1]
            if len(within) > 1:
                seen = [t for t, d in applications if d == name]
                of_phase = [t for t in seen if phase.start <= t < phase.end]
                left_out = [t for t in of_phase if not within[0] < t <= within[-1]]
                assert count == len(of_phase) - len(left_out)


def test_counters_are_read_with_the_times_of_their_scrapes(fake_prometheus):
    target = {"job": "j", "instance": "i"}
    signal = {"signal": "channel", "role": "input", "kind": "category"}
    of_all = {"signal": "decision", "role": "decision", "kind": "all"}
    points = (10.0, 0.0), (11.0, 4.0), (12.0, 4.0), (13.0, 9.0)
    prometheus = fake_prometheus(
        between={
            "timestamp(": [
                (
                    target | of_all | {"category": "all"},
                    ((10.0, 9.7), (11.0, 10.7), (12.0, 10.7), (13.0, 12.7)),
                )
            ],
            "model_cells_total": [
                ({"__name__": "m", **target, **signal, "category": "web"}, points),
            ],
        }
    )
    found = read(prometheus, 'model="tree"', PHASES, 0, 100)
    [of_replica] = found.histories[WEB]
    assert of_replica.scrapes == [9.7, 10.7, 12.7]
    assert of_replica.growth == [0, 4, 9]
    assert found.total(ALL_DECISIONS) == 0


def test_the_simulator_knows_the_decisions_of_phases_that_another_follows(
    fake_prometheus,
):
    def received(phase, decision, *points):
        return {"phase": phase, "decision": decision}, points

    prometheus = fake_prometheus(
        between={
            "loan_simulator_decisions_total": [
                received("a", "DENIED", (19, 7), (29, 9), (99, 1)),
                received("b", "DENIED", (29, 3)),
                received("c", "DENIED", (49, 3)),
            ]
        }
    )
    phases = (*PHASES, Phase("c", 40, 50))
    # After the phase that follows, another run may have begun.
    assert read(prometheus, "", phases, 0, 100).decided == {10: {"DENIED": 9}}
