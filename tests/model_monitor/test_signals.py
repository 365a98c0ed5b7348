import pytest
from model_monitor import Card
from model_monitor.card.signals import MAX_BUCKETS, number

from .conftest import with_reference


def cells(card, name, kind):
    return {c.category: c.share for c in card.signal(name).cells if c.kind == kind}


@pytest.fixture
def numeric(fields):
    """A card whose size has the given edges and shares."""

    def numeric(edges, shares):
        fields["inputs"]["size"] = {"type": "number", "edges": edges}
        changed = with_reference(fields)
        changed["reference"]["shares"]["size"] = shares
        return Card.from_fields(changed)

    return numeric


def test_each_signal_has_a_role(card):
    assert {s.name: s.role for s in card.signals} == {
        "decision": "decision",
        "score": "score",
        "colour": "input",
        "country": "input",
        "shape": "input",
        "member": "input",
        "size": "input",
        "size_range": "range",
        "weight": "input",
        "weight_range": "range",
        "validity": "validity",
        "decision_by_colour": "segment",
    }


def test_categories_are_the_known_ones_then_other_then_missing(card):
    assert [*cells(card, "colour", "category")] == ["red", "green", "blue"]
    assert [*cells(card, "country", "category")] == ["BR", "PT", "other"]
    assert [*cells(card, "shape", "category")] == ["round", "square", "missing"]
    assert [*cells(card, "member", "category")] == ["false", "true"]


def test_a_number_may_be_missing_only_if_it_is_optional(card):
    assert [*cells(card, "size_range", "category")] == ["below", "usual", "above"]
    assert [*cells(card, "weight_range", "category")] == [
        *("below", "usual", "above", "missing")
    ]


def test_every_signal_has_one_cell_of_all(card):
    for signal in card.signals:
        [everything] = [c for c in signal.cells if c.kind == "all"]
        assert (everything.low, everything.high) == (
            signal.base,
            signal.base + signal.size,
        )
        assert everything.share == 1


def test_signals_do_not_share_counts(card):
    places = [n for s in card.signals for n in range(s.base, s.base + s.size)]
    assert sorted(places) == list(range(card.size))


def test_cells_of_kind_below_are_at_the_edges_nearest_to_the_quantiles(numeric):
    card = numeric(
        [1, 2, 3, 4, 5, 6, 7], [0.05, 0.05, 0.15, 0.25, 0.25, 0.15, 0.05, 0.05]
    )
    assert cells(card, "size", "below") == {
        "at most 2": pytest.approx(0.1),
        "at most 3": pytest.approx(0.25),
        "at most 4": pytest.approx(0.5),
        "at most 5": pytest.approx(0.75),
        "at most 6": pytest.approx(0.9),
    }
    assert cells(card, "size", "middle") == {
        "3 to 5": pytest.approx(0.5),
        "2 to 6": pytest.approx(0.8),
    }


def test_every_cut_off_of_the_score_is_an_edge_of_a_cell(card):
    assert {"at most 0.4", "at most 0.8"} <= cells(card, "score", "below").keys()


@pytest.mark.parametrize("count", [1, 5, 9, 10, 40])
def test_buckets_partition_a_number(numeric, count):
    edges = list(range(1, count + 1))
    card = numeric(edges, [1 / (count + 1)] * (count + 1))
    size = card.signal("size")
    buckets = [c for c in size.cells if c.kind == "bucket"]
    assert len(buckets) == min(count + 1, MAX_BUCKETS)
    assert [b.low for b in buckets] == [size.base, *(b.high for b in buckets[:-1])]
    assert buckets[-1].high == size.base + size.size
    assert sum(b.share for b in buckets) == pytest.approx(1)


def test_one_edge_is_enough(numeric):
    card = numeric([5], [0.3, 0.7])
    assert cells(card, "size", "below") == {"at most 5": 0.3}
    assert cells(card, "size", "middle") == {}
    assert cells(card, "size", "bucket") == {"at most 5": 0.3, "above 5": 0.7}


def test_a_segment_that_the_reference_lacks_has_no_cells(fields):
    del fields["reference"]["shares"]["decision_by_colour"]["blue"]
    by_segment = {
        s.segment: s.cells for s in Card.from_fields(fields).signals if s.segment
    }
    assert by_segment["red"]
    assert by_segment["blue"] == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [(2500.0, "2500"), (0.65, "0.65"), (-3.0, "-3"), (1e9, "1000000000")],
)
def test_numbers_are_written_as_a_person_does(value, text):
    assert number(value) == text
