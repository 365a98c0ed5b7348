import pytest

from report.query.cell_counts import Cell, CellCounts, history
from report.query.distributions import shares, signals
from report.timeline import Phase

INTERVALS = (Phase("a", 0, 10), Phase("b", 10, 20))


def series(signal, role, category, value, kind="category", **more):
    labels = {"signal": signal, "role": role, "kind": kind, "category": category}
    return labels | more, value


@pytest.fixture
def signals_of(fake_prometheus):
    """The signals of a reference and of what was counted, by cell."""

    def signals_of(reference, counted=None, info=()):
        prometheus = fake_prometheus(
            at={"model_cells_reference_ratio": reference, "model_signal_info": info}
        )
        histories = {
            Cell(*cell): [history((-1, 1, 9, 11, 19, 21), values)]
            for cell, values in (counted or {}).items()
        }
        return signals(prometheus, "", CellCounts(histories), INTERVALS, 0, 20)

    return signals_of


def test_shares_are_of_what_was_observed_in_each_interval(signals_of):
    [found] = signals_of(
        [
            series("channel", "input", "branch", 0.4),
            series("channel", "input", "web", 0.6),
        ],
        {
            ("channel", "input", "", "category", "web"): (0, 0, 30, 30, 30, 30),
            ("channel", "input", "", "category", "branch"): (0, 0, 10, 50, 50, 50),
        },
    )
    assert found.cells == ("web", "branch")
    assert found.reference == (0.6, 0.4)
    # What was counted across the end of the first interval is of neither.
    assert found.observed == ((0.75, 0.25), None)


def test_decisions_are_all_counted(signals_of):
    [found] = signals_of(
        [
            series("decision", "decision", "YES", 0.5),
            series("decision", "decision", "NO", 0.5),
        ],
        {
            ("decision", "decision", "", "category", "YES"): (0, 0, 30, 30, 30, 30),
            ("decision", "decision", "", "category", "NO"): (0, 0, 10, 50, 50, 50),
        },
    )
    assert found.cells == ("NO", "YES")
    assert found.observed == ((0.5, 0.5), (1.0, 0.0))


def test_ranges_are_in_rising_order_whatever_their_text(signals_of):
    ranges = ("above 1e+06", "at most -5", "9 to 10.5", "-5 to 9", "10.5 to 1e+06")
    [found] = signals_of(
        [series("amount", "input", text, 0.2, kind="bucket") for text in ranges]
    )
    assert found.is_numeric
    assert found.cells == (
        *("at most -5", "-5 to 9", "9 to 10.5", "10.5 to 1e+06", "above 1e+06"),
    )


def test_ranges_without_numbers_come_last(signals_of):
    texts = ("high", "at most 3", "low to high")
    [found] = signals_of(
        [series("x", "input", text, 0.2, kind="bucket") for text in texts]
    )
    assert found.cells[0] == "at most 3"
    assert set(found.cells[1:]) == {"high", "low to high"}


def test_signals_are_in_the_order_of_their_roles(signals_of):
    found = signals_of(
        [
            series("validity", "validity", "valid", 1.0),
            series("b", "input", "x", 1.0),
            series("decision_by_b", "segment", "YES", 1.0, segment="y"),
            series("decision_by_b", "segment", "YES", 1.0, segment="x"),
            series("a", "input", "x", 1.0),
            series("future", "unknown", "x", 1.0),
            series("decision", "decision", "YES", 1.0),
        ]
    )
    assert [(s.name, s.segment) for s in found] == [
        ("decision", ""),
        ("a", ""),
        ("b", ""),
        ("decision_by_b", "x"),
        ("decision_by_b", "y"),
        ("validity", ""),
        ("future", ""),
    ]


def test_the_unit_is_that_of_the_info(signals_of):
    info = {"signal": "amount", "role": "input", "unit": "brl", "instance": "i"}
    [found] = signals_of(
        [series("amount", "input", "at most 3", 1.0, kind="bucket")], info=[(info, 1.0)]
    )
    assert found.unit == "brl"


def test_shares_of_nothing_are_unknown():
    assert shares([0.0, 0.0]) is None
    assert shares([1.0, 3.0]) == (0.25, 0.75)
