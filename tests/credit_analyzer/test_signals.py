import pytest
from credit_analyzer.signals import (
    NUMERIC_SIGNALS,
    Categorical,
    InvalidDistribution,
    Numeric,
)


def test_shares_of_categories_are_measured():
    assert Categorical.measured(["a", "b", "a", "a"], ("a", "b", "c")).shares == {
        "a": 0.75,
        "b": 0.25,
        "c": 0.0,
    }


def test_a_value_on_an_edge_is_in_the_bucket_below_it():
    assert Numeric.measured([1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 4.0]).cumulative == (
        0.25,
        0.5,
        1.0,
    )


@pytest.mark.parametrize(
    "shares",
    [
        *({"a": 0.5}, {"a": -0.1, "b": 1.1}, {"a": float("nan")}, {"a": True}),
        *({"a": "1"}, {"a": 10**400}),
    ],
)
def test_shares_that_are_no_distribution_are_rejected(shares):
    with pytest.raises(InvalidDistribution):
        Categorical(shares)


@pytest.mark.parametrize(
    ("edges", "cumulative"),
    [
        ((), ()),
        ((1.0, 2.0), (0.5,)),
        ((2.0, 1.0), (0.5, 1.0)),
        ((1.0, 10**400), (0.5, 1.0)),
        # Two numbers, and one float.
        ((2**53, 2**53 + 1), (0.5, 1.0)),
        ((1.0, 1.0), (0.5, 1.0)),
        ((1.0, float("inf")), (0.5, 1.0)),
        ((1.0, 2.0), (0.5, 0.4)),
        ((1.0, 2.0), (0.5, 1.1)),
        ((1.0, "2"), (0.5, 1.0)),
    ],
)
def test_edges_and_shares_that_are_no_distribution_are_rejected(edges, cumulative):
    with pytest.raises(InvalidDistribution):
        Numeric(edges, cumulative)


def test_the_score_has_edges_where_decisions_change():
    assert {0.4, 0.65} <= set(NUMERIC_SIGNALS["score"])
