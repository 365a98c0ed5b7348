import pytest
from credit_analyzer.application import (
    FAULTS,
    FIELDS,
    InvalidApplication,
    LoanApplication,
    parse,
)


def faults(fields):
    with pytest.raises(InvalidApplication) as error:
        parse(fields)
    return [(fault.field, fault.reason) for fault in error.value.faults]


def test_a_valid_application_is_parsed(fields):
    assert parse(fields) == LoanApplication("Bachelor", "clt", 20_000, 5_000)


def test_a_float_without_a_fraction_is_a_json_integer(fields):
    assert parse(fields | {"loan_amount": 25_000.0}).loan_amount == 25_000


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_field_is_rejected(fields, name):
    del fields[name]
    assert faults(fields) == [(name, "missing")]


@pytest.mark.parametrize("name", ["loan_amount", "monthly_income"])
@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("20000", "not_a_whole_number"),
        (True, "not_a_whole_number"),
        (None, "not_a_whole_number"),
        ([20_000], "not_a_whole_number"),
        ({"brl": 20_000}, "not_a_whole_number"),
        (20_000.5, "not_a_whole_number"),
        (float("nan"), "not_a_whole_number"),
        (float("inf"), "not_a_whole_number"),
        (0, "out_of_range"),
        (-1, "out_of_range"),
        (1e30, "out_of_range"),
        (10**30, "out_of_range"),
        (1_000_000_001, "out_of_range"),
    ],
)
def test_an_amount_that_is_none_is_rejected(fields, name, amount, reason):
    assert faults(fields | {name: amount}) == [(name, reason)]


@pytest.mark.parametrize("name", ["education_level", "profession_type"])
@pytest.mark.parametrize("category", ["", "PhD", "bachelor", 1, None, ["clt"]])
def test_an_unknown_category_is_rejected(fields, name, category):
    assert faults(fields | {name: category}) == [(name, "unknown_category")]


def test_an_unknown_field_is_rejected_by_name(fields):
    with pytest.raises(InvalidApplication, match="age is not part of an application"):
        parse(fields | {"age": 30})


def test_every_fault_is_named_at_once():
    assert faults({"loan_amount": -1, "age": 30}) == [
        ("education_level", "missing"),
        ("profession_type", "missing"),
        ("loan_amount", "out_of_range"),
        ("monthly_income", "missing"),
        ("unknown", "unknown_field"),
    ]


def test_every_fault_is_in_the_closed_set(fields):
    for wrong in ("x", -1, None, 1.5):
        for name in FIELDS:
            assert set(faults(fields | {name: wrong})) <= set(FAULTS)


def test_an_application_is_encoded_in_the_order_of_the_query_parameters():
    application = LoanApplication("Master or Doctoral", "freelancer", 20_000, 5_000)
    assert application.encode() == (20_000, 5_000, 0, 0, 0, 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("loan", "income", "unusual"),
    [
        (10_000, 1_500, []),
        (50_000, 100_000, []),
        (9_999, 100_001, [("loan_amount", "below"), ("monthly_income", "above")]),
        (50_001, 1_499, [("loan_amount", "above"), ("monthly_income", "below")]),
    ],
)
def test_amounts_outside_the_usual_range_are_unusual(loan, income, unusual):
    application = LoanApplication("Bachelor", "clt", loan, income)
    assert list(application.unusual()) == unusual


@pytest.mark.parametrize(
    ("income", "side"),
    [(1_499, "below"), (1_500, "usual"), (100_000, "usual"), (100_001, "above")],
)
def test_an_amount_is_on_a_side_of_its_usual_range(fields, income, side):
    application = parse(fields | {"monthly_income": income})
    assert application.side("monthly_income") == side
    assert list(application.unusual()) == (
        [] if side == "usual" else [("monthly_income", side)]
    )


def test_of_many_unknown_fields_ten_are_named(fields):
    unknown = {f"field {number}": 1 for number in range(1_000)}
    assert faults(fields | unknown) == [("unknown", "unknown_field")] * 10
