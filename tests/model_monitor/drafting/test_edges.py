import random
from itertools import pairwise

import pytest
from model_monitor.drafting.edges import BUCKETS, edges, outward, rounded


def test_few_values_have_an_edge_each():
    assert edges([1, 1, 2, 3, 3, 3]) == (1.0, 2.0)
    assert edges([7, 7]) == (7.0,)


def test_edges_are_near_the_quantiles():
    rng = random.Random(1)
    values = [rng.lognormvariate(8, 0.7) for _ in range(10_000)]
    found = edges(values)
    assert len(found) > BUCKETS / 2
    counts = [0] * (len(found) + 1)
    for value in values:
        counts[sum(edge < value for edge in found)] += 1
    assert max(counts) < 3 * len(values) / BUCKETS


def test_edges_are_numbers_that_a_person_would_write():
    rng = random.Random(1)
    found = edges([rng.lognormvariate(8, 0.7) for _ in range(10_000)])
    assert all(len(f"{edge:g}".strip("0.")) <= 3 for edge in found), found


def test_edges_rise():
    rng = random.Random(2)
    for values in (
        [rng.gauss(0, 1) for _ in range(1_000)],
        [rng.gauss(-1e6, 1) for _ in range(1_000)],
        [rng.choice([0.0, rng.random()]) for _ in range(1_000)],
        [rng.random() ** 8 for _ in range(1_000)],
        [1e-12 * rng.random() for _ in range(1_000)],
    ):
        found = edges(values)
        assert len(found) > 1
        assert all(low < high for low, high in pairwise(found))
        assert min(values) <= found[0] or found[0] == pytest.approx(min(values))


def test_what_must_be_an_edge_is_one():
    rng = random.Random(3)
    found = edges([rng.random() for _ in range(1_000)], always=[0.4123, 0.65])
    assert {0.4123, 0.65} <= set(found)


@pytest.mark.parametrize(
    ("value", "distance", "expected"),
    [
        (2_513.7, 300, 2_500),
        (2_513.7, 10, 2_510),
        (0.0713, 0.02, 0.075),
        (-48.2, 10, -50),
        (0, 1, 0),
        (97_123, 20_000, 100_000),
    ],
)
def test_a_number_is_as_round_as_the_distance_allows(value, distance, expected):
    assert rounded(value, distance) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1_320, 98_432, (1_000, 100_000)), (-3.2, 0, (-3.5, 0)), (18, 74, (15, 75))],
)
def test_a_usual_range_holds_what_was_seen(low, high, expected):
    assert outward(low, high) == expected


def test_the_least_of_floats_holds_itself():
    assert outward(-5e-324, 5e-324) == (-5e-324, 5e-324)
    assert rounded(5e-324, 5e-324) == 5e-324
