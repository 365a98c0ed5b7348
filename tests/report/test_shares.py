import pytest

from report.shares import COUNTERS, distributions, grown
from stack.timeline import Phase

STRETCHES = (Phase("a", 0, 10), Phase("b", 10, 20))


def counter(*values, **labels):
    """A counter at every second, from 0 on."""
    return labels, tuple((float(t), float(v)) for t, v in enumerate(values))


def test_a_counter_that_fell_began_again():
    [(_, points)] = [counter(5, 8, 8, 2, 3)]
    assert grown(points) == 6


@pytest.fixture
def distribution(fake_prometheus):
    """What is read of a signal, if so much was counted of it."""

    def distribution(signal, reference, counters):
        metric, label = COUNTERS[signal]
        prometheus = fake_prometheus(
            at={f'signal="{signal}"': reference},
            between={f"{label}) ({metric}": counters},
        )
        [found] = [
            d for d in distributions(prometheus, "", STRETCHES) if d.signal == signal
        ]
        return found

    return distribution


def test_shares_are_of_what_was_counted_in_each_stretch(distribution):
    # What was scraped a second after a stretch began is where it starts from.
    found = distribution(
        "decision",
        [({"category": "DENIED"}, 0.4), ({"category": "APPROVED"}, 0.6)],
        [
            counter(*[0] * 2, *[30] * 9, *[30] * 10, decision="APPROVED", instance="1"),
            counter(*[0] * 2, *[10] * 9, *[50] * 10, decision="DENIED", instance="1"),
        ],
    )
    assert found.categories == ("APPROVED", "DENIED")
    assert found.reference == (0.6, 0.4)
    assert found.observed == ((0.75, 0.25), None)


def test_replicas_add_up(distribution):
    found = distribution(
        "decision",
        [({"category": "DENIED"}, 0.4), ({"category": "APPROVED"}, 0.6)],
        [
            counter(*[0] * 5, *[10] * 20, decision="DENIED", instance="1"),
            counter(*[0] * 5, *[10] * 20, decision="DENIED", instance="2"),
            counter(*[0] * 5, *[5] * 20, decision="APPROVED", instance="1"),
        ],
    )
    assert found.observed[0] == (0.2, 0.8)


def test_buckets_are_the_differences_of_what_is_cumulative(distribution):
    found = distribution(
        "monthly_income",
        [({"le": "+Inf"}, 1.0), ({"le": "10000.0"}, 0.75), ({"le": "2000.0"}, 0.5)],
        [
            counter(*[0] * 5, *[1] * 20, le="2000.0"),
            counter(*[0] * 5, *[4] * 20, le="10000.0"),
            counter(*[0] * 5, *[4] * 20, le="+Inf"),
        ],
    )
    assert found.edges == (2_000, 10_000, float("inf"))
    assert found.unit == "BRL"
    assert found.reference == (0.5, 0.25, 0.25)
    assert found.observed == ((0.25, 0.75, 0.0), None)
