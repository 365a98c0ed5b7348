import math

import numpy as np
import pytest
from model_monitor import Card, Refused
from model_monitor.reading import MAX_UNKNOWN, Reader

from .conftest import with_reference


@pytest.fixture
def read(card):
    return Reader(card).read


@pytest.fixture
def faults(card):
    """(field, reason) of each fault of an application."""
    return lambda fields: [(f.field, f.reason) for f in Reader(card).faults(fields)]


def row(fields, encoding, columns, application):
    fields["encoding"], fields["columns"] = encoding, columns
    found, _ = Reader(Card.from_fields(with_reference(fields))).read(application)
    return found


def test_one_hot_encoding_has_a_column_for_each_category(read, application):
    found, _ = read(application)
    assert found == [30, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.7]


def test_a_category_without_a_column_leaves_zeros(read, application):
    found, _ = read(application | {"country": "PT"})
    assert found[4:6] == [0.0, 0.0]


def test_an_unknown_category_is_other_where_the_card_says_so(read, card, application):
    found, counts = read(application | {"country": "XX"})
    assert found[4:6] == [0.0, 1.0]
    assert card.signal("country").base + 2 in counts


def test_ordinal_encoding_is_the_position_of_the_category(fields, application):
    columns = ["colour", "country", "shape", "member", "size", "weight"]
    assert row(fields, "ordinal", columns, application) == [1, 0, 0, 1, 30, 0.7]
    other = application | {"country": "XX", "shape": None, "weight": None}
    found = row(fields, "ordinal", columns, other)
    assert found[1] == 2
    assert math.isnan(found[2])
    assert math.isnan(found[5])


def test_raw_fields_are_passed_on_as_they_came(fields, application):
    columns = ["size", "colour", "country", "member"]
    unlisted = application | {"country": "XX"}
    assert row(fields, "fields", columns, unlisted) == [30, "green", "XX", True]


def test_a_missing_raw_field_is_not_a_number(fields, application):
    del application["shape"]
    assert math.isnan(row(fields, "fields", ["shape"], application)[0])


def test_an_input_in_no_column_is_counted_only(read, card, application):
    _, counts = read(application | {"shape": "square"})
    assert card.signal("shape").base + 1 in counts


@pytest.mark.parametrize(
    ("value", "bucket"), [(1, 0), (10, 0), (11, 1), (20, 1), (50, 2), (51, 3)]
)
def test_an_edge_belongs_to_the_bucket_below_it(read, card, application, value, bucket):
    _, counts = read(application | {"size": value})
    assert card.signal("size").base + bucket in counts


@pytest.mark.parametrize(
    ("value", "side"), [(9, 0), (10, 1), (100, 1), (101, 2), (1, 0), (1000, 2)]
)
def test_the_side_of_the_usual_range_is_counted(read, card, application, value, side):
    _, counts = read(application | {"size": value})
    assert card.signal("size_range").base + side in counts


@pytest.mark.parametrize("absent", [True, False])
def test_an_optional_number_may_be_absent_or_null(read, card, application, absent):
    application["weight"] = None
    if absent:
        del application["weight"]
    found, counts = read(application)
    assert math.isnan(found[-1])
    assert card.signal("weight_range").base + 3 in counts
    weight = card.signal("weight")
    assert not set(range(weight.base, weight.base + weight.size)) & set(counts)


@pytest.mark.parametrize("value", [30, 30.0])
def test_a_whole_number_may_be_written_with_a_point(read, application, value):
    found, _ = read(application | {"size": value})
    assert found[0] == 30


def test_a_fraction_of_an_integer_is_taken_where_that_is_allowed(card, application):
    read = Reader(card).read
    fraction = application | {"size": 30.5}
    assert read(fraction) is None
    assert read(fraction, exact=False)[0][0] == 30.5


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("colour", "pink", "unknown_category"),
        ("colour", None, "unknown_category"),
        ("colour", 1, "unknown_category"),
        ("colour", ["green"], "unknown_category"),
        ("country", 1, "unknown_category"),
        ("shape", "", "unknown_category"),
        ("member", 1, "not_a_boolean"),
        ("member", "true", "not_a_boolean"),
        ("member", None, "not_a_boolean"),
        ("size", "30", "not_a_whole_number"),
        ("size", True, "not_a_whole_number"),
        ("size", 30.5, "not_a_whole_number"),
        ("size", math.nan, "not_a_whole_number"),
        ("size", None, "not_a_whole_number"),
        ("size", 0, "out_of_range"),
        ("size", 1001, "out_of_range"),
        ("size", 10**400, "out_of_range"),
        ("weight", "light", "not_a_number"),
        ("weight", math.nan, "not_a_number"),
        ("weight", math.inf, "out_of_range"),
        ("weight", 1e39, "out_of_range"),
        ("weight", False, "not_a_number"),
    ],
)
def test_a_wrong_value_is_refused_for_a_reason(
    read, faults, application, field, value, reason
):
    application[field] = value
    assert read(application) is None
    assert faults(application) == [(field, reason)]


@pytest.mark.parametrize("field", ["colour", "country", "member", "size"])
def test_a_required_field_may_not_be_absent(read, faults, application, field):
    del application[field]
    assert read(application) is None
    assert faults(application) == [(field, "missing")]


def test_an_unknown_field_is_refused(read, faults, application):
    application["age"] = 30
    assert read(application) is None
    assert faults(application) == [("unknown", "unknown_field")]


def test_an_unknown_field_in_the_place_of_an_absent_one_is_refused(read, application):
    del application["weight"]
    assert read(application | {"wieght": 1.0}) is None


def test_unknown_fields_that_are_named_are_limited(faults, application):
    many = {f"x{n}": 1 for n in range(100)}
    assert len(faults(application | many)) == MAX_UNKNOWN


def test_faults_are_found_for_just_what_is_refused(card, application):
    values = [None, True, 0, 1, 30, 30.5, 1001, math.nan, "x", "green", "BR", [], {}]
    reader = Reader(card)
    for field in application:
        for value in values:
            changed = application | {field: value}
            refused = reader.read(changed) is None
            assert refused == bool([*reader.faults(changed)]), (field, value)


def test_values_of_numpy_are_read_as_python_s(monitor, application):
    application |= {"size": np.int64(30), "weight": np.float32(0.5)}
    found, _ = monitor.read(application | {"member": np.True_})
    assert found[0] == 30


def test_what_is_no_object_is_refused_and_counted(monitor, value):
    with pytest.raises(Refused, match="must be an object"):
        monitor.read([1, 2])
    labels = {"field": "body", "reason": "not_an_object"}
    assert value("thing_refused_applications_total", **labels) == 1
