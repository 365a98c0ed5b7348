import json

import pytest
from credit_analyzer.card import Card, CardError
from credit_analyzer.model import ARTIFACTS


@pytest.fixture
def card_fields(model):
    return model.card.to_fields()


def test_a_card_that_is_written_can_be_read(model, tmp_path):
    model.card.write(tmp_path / "model.json")
    assert Card.from_json((tmp_path / "model.json").read_bytes()) == model.card


def test_the_shipped_card_is_in_the_form_that_is_written(model):
    assert json.loads((ARTIFACTS / "model.json").read_text()) == model.card.to_fields()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", 'credit"} 1\nforged{'),
        ("version", "1 0"),
        ("sha256", "abc"),
        ("scikit_learn", None),
        ("created", "yesterday"),
        ("created", "2026-01-01T00:00:00"),
        ("applications", "many"),
        ("signals", []),
    ],
)
def test_a_field_at_fault_is_named(card_fields, name, value):
    with pytest.raises(CardError, match=f"^{name} must"):
        Card.from_fields(card_fields | {name: value})


def test_a_fault_is_told_in_a_few_words_however_long_it_is(card_fields):
    with pytest.raises(CardError) as error:
        Card.from_fields(card_fields | {"name": "x" * 100_000})
    assert len(str(error.value)) < 200


def test_a_missing_signal_is_named(card_fields):
    del card_fields["signals"]["loan_amount"]
    with pytest.raises(CardError, match="loan_amount must be of type dict"):
        Card.from_fields(card_fields)


def test_a_missing_category_is_named(card_fields):
    del card_fields["signals"]["decision"]["ANALYST"]
    with pytest.raises(CardError, match=r"signals\.decision must have .*ANALYST"):
        Card.from_fields(card_fields)


def test_shares_that_do_not_sum_to_one_are_rejected(card_fields):
    card_fields["signals"]["decision"]["ANALYST"] = 0.3
    with pytest.raises(CardError, match=r"signals\.decision: .*sum to 1\.1"):
        Card.from_fields(card_fields)


def test_cumulative_shares_that_fall_are_rejected(card_fields):
    card_fields["signals"]["score"]["cumulative"][0] = 1.0
    with pytest.raises(CardError, match=r"signals\.score: .*must not fall"):
        Card.from_fields(card_fields)


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_a_file_that_is_not_json_is_refused(text):
    with pytest.raises(CardError, match="is not JSON"):
        Card.from_json(text)
