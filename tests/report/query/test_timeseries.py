import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.query.cell_counts import ALL_DECISIONS, CellCounts, decision, history
from report.query.timeseries import WINDOWS, evidence, mix, periods
from report.record import Signal

DECISIONS = Signal(
    name="decision",
    role="decision",
    segment="",
    unit="",
    is_numeric=False,
    cells=("NO", "YES"),
    reference=(0.6, 0.4),
    observed=(),
)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def counted(**values):
    """The counts of decisions, scraped each second."""
    seconds = range(len(next(iter(values.values()))))
    histories = {decision(n): [history(seconds, v)] for n, v in values.items()}
    totals = [sum(at) for at in zip(*values.values(), strict=True)]
    return CellCounts({**histories, ALL_DECISIONS: [history(seconds, totals)]})


def test_a_share_is_of_the_last_applications_whatever_the_traffic():
    # 240 of NO, then 240 of YES: windows of 50.
    no = [min(10 * s, 240) for s in range(61)]
    yes = [10 * max(s - 24, 0) if s < 48 else 240 for s in range(61)]
    found = mix(counted(NO=no, YES=yes), DECISIONS, 0, 60)
    assert found.window == 50
    assert found.expected == {"NO": 0.6, "YES": 0.4}
    shares = dict(found.shares["YES"])
    assert shares[20] == 0
    assert shares[26] == pytest.approx(0.4)
    assert shares[30] == 1
    # It ends when the applications do.
    assert max(shares) == pytest.approx(48, abs=0.2)


def test_of_few_applications_there_is_no_share():
    found = mix(counted(NO=[0, 9, 19], YES=[0, 0, 0]), DECISIONS, 0, 2)
    assert found.shares == {"NO": (), "YES": ()}


def test_without_applications_there_is_a_mix_without_shares():
    found = mix(CellCounts({}), DECISIONS, 0, 60)
    assert found.shares == {"NO": (), "YES": ()}


@QUICK
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=60)
)
def test_shares_of_all_decisions_sum_to_one_at_each_moment(increments):
    no, yes = [0], [0]
    for of_no, of_yes in increments:
        no.append(no[-1] + of_no)
        yes.append(yes[-1] + of_yes)
    found = mix(counted(NO=no, YES=yes), DECISIONS, 0, len(increments))
    pairs = zip(found.shares["NO"], found.shares["YES"], strict=True)
    for (moment, one), (same, other) in pairs:
        assert moment == same
        assert one + other == pytest.approx(1)
        assert min(one, other) >= -1e-9
    assert found.window in WINDOWS


def recorded(name, *points, **labels):
    return {"__name__": name, "signal": "score", "role": "score", **labels}, points


def test_evidence_is_what_the_rules_recorded(fake_prometheus):
    spent = ((1.0, 0.1), (2.0, 1.5), (3.0, 2.0))
    prometheus = fake_prometheus(
        between={
            "__name__": [
                recorded("signal:model_drift:spent_ratio", *spent),
                recorded("signal:model_drift:significant", (1, 0), (2, 1), (3, 1)),
                recorded("signal:model_critical_drift:significant", (1, 0), (3, 1)),
                recorded(
                    "signal:model_drift:spent_ratio", (1, 1e-9), segment="x", role="y"
                ),
            ]
        }
    )
    assert evidence(prometheus, 'model="tree"', 0, 10) == {
        ("score", "score", ""): (spent, ((2, 3),), ((3, 3),)),
        ("score", "y", "x"): (((1, 1e-9),), (), ()),
    }
    [query] = prometheus.asked
    assert 'model="tree"' in query


def test_a_drift_that_ended_and_began_again_is_two():
    points = ((1, 0.0), (2, 1.0), (3, 1.0), (4, 0.0), (5, 1.0), (6, 0.0))
    assert periods(points, 1) == ((2, 3), (5, 5))


def test_a_drift_that_was_not_evaluated_for_a_while_is_two():
    assert periods(((1, 1.0), (2, 1.0), (60, 1.0)), 1) == ((1, 2), (60, 60))
