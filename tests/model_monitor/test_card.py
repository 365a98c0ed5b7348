import copy
import json
from pathlib import Path

import jsonschema_rs
import pytest
from model_monitor import Card, CardError
from model_monitor.card import form

from .conftest import FIELDS, with_reference

SHIPPED = Path(__file__).parents[2] / "credit-analyzer/credit_analyzer/artifacts"


def change(fields, path, value):
    """Sets what is at a path such as inputs.size.edges; removes it if None."""
    *way, last = path.split(".")
    inner = fields
    for name in way:
        inner = inner[int(name) if isinstance(inner, list) else name]
    if value is None:
        del inner[last]
    else:
        inner[int(last) if isinstance(inner, list) else last] = value


def test_the_published_schema_is_a_schema():
    jsonschema_rs.meta.validate(json.loads(form.SCHEMA.read_text()))


def test_the_shipped_card_passes_the_published_schema():
    schema = json.loads(form.SCHEMA.read_text())
    card = json.loads((SHIPPED / "model.json").read_text())
    jsonschema_rs.validate(schema, card)


def test_a_card_is_read_with_all_that_it_says(fields):
    card = Card.from_json(json.dumps(fields))
    assert (card.name, card.version, card.namespace) == ("anything", "1.2.3", "thing")
    assert card.created.timestamp() == 1767323045
    assert list(card.inputs) == list(fields["inputs"])
    assert card.decisions.cutoffs == (0.4, 0.8)
    assert card.applications == 1


def test_a_mark_of_the_byte_order_is_ignored(fields):
    assert Card.from_json(b"\xef\xbb\xbf" + json.dumps(fields).encode())


@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        ("name", "no spaces", "$.name", "must match pattern"),
        ("version", None, "$", "version is missing"),
        ("namespace", "Thing", "$.namespace", "must match pattern"),
        ("created", "yesterday", "$.created", "not an ISO 8601 time"),
        ("created", "2026-01-02T03:04:05", "$.created", "no time zone"),
        ("tolerence", {}, "$", "'tolerence' is unknown; known are"),
        ("inputs", {}, "$.inputs", "at least 1"),
        ("inputs.size.edges", [], "$.inputs.size.edges", "at least 1"),
        ("inputs.size.edges", [10, 30, 20], "$.inputs.size.edges[2]", "rising order"),
        ("inputs.size.edges", [10, 10], "$.inputs.size.edges[1]", "rising order"),
        ("inputs.size.edges", [10, "20"], "$.inputs.size.edges[1]", "must be number"),
        ("inputs.size.edges", [10**400], "$.inputs.size.edges[0]", "larger than any"),
        ("inputs.size.kind", "x", "$.inputs.size", "'kind' is unknown"),
        ("inputs.size.type", "string", "$.inputs.size.type", "must be one of"),
        ("inputs.size.unit", "BRL/month", "$.inputs.size.unit", "must match pattern"),
        ("inputs.size.minimum", 2000, "$.inputs.size.maximum", "exchange them"),
        ("inputs.size.minimum", 0.5, "$.inputs.size.minimum", "write a whole number"),
        ("inputs.size.maximum", 1e3 + 0.1, "$.inputs.size.maximum", "a whole number"),
        ("inputs.size.maximum", 1e39, "$.inputs.size.maximum", "single precision"),
        ("inputs.weight.minimum", -1e39, "$.inputs.weight.minimum", "single precision"),
        ("inputs.weight.edges", [1, 1e39], "$.inputs.weight.edges", "single precision"),
        ("inputs.size.usual", [100, 10], "$.inputs.size.usual", "exchange them"),
        ("inputs.size.usual", [0, 10], "$.inputs.size.usual", "exchange them"),
        ("inputs.size.usual", [10, 2000], "$.inputs.size.usual", "exchange them"),
        ("inputs.colour.enum", ["a", "a"], "$.inputs.colour.enum", "unique items"),
        ("inputs.colour.enum", ["a\n"], "$.inputs.colour.enum[0]", "control char"),
        ("inputs.colour.enum", ["\ud800"], "$.inputs.colour.enum[0]", "control char"),
        ("inputs.colour.enum", [""], "$.inputs.colour.enum[0]", "longer"),
        ("inputs.score", {"enum": ["a"]}, "$.inputs.score", "a name of our own"),
        ("inputs.Decision", {"enum": ["a"]}, "$.inputs.Decision", "a name of our own"),
        ("inputs.le", {"enum": ["a"]}, "$.inputs.le", "a name of our own"),
        ("inputs.signal", {"enum": ["a"]}, "$.inputs.signal", "a name of our own"),
        ("inputs.7th", {"enum": ["a"]}, "$.inputs.7th", "begin with one of a"),
        ("inputs.\u00e9", {"enum": ["a"]}, "$.inputs.\u00e9", "begin with one of a"),
        ("inputs." + "a" * 101, {"enum": ["a"]}, "$.inputs", "matches .{1,100}; ren"),
        ("library", {"a b": "1"}, "$.library", "'a b' is no name that matches ^[A-Z"),
        ("inputs.a=b", {"enum": ["a"]}, "$.inputs.a=b", "for a category of an input"),
        ("encoding", "hot", "$.encoding", "must be one of"),
        ("columns", ["size", "age"], "$.columns[1]", "age is no input or category"),
        ("columns", ["size", "size"], "$.columns[1]", "a column twice"),
        ("columns", ["colour"], "$.columns[0]", "a column is colour=category"),
        ("columns", ["colour=pink"], "$.columns[0]", "colour=pink is no input"),
        ("features", ["a"], "$.features", "has 1 names; there are 8 columns"),
        ("score.edges", [0.4, 0.9], "$.decisions.from[1]", "0.8 is no edge"),
        ("decisions.names", ["NO"], "$.decisions.names", "at least 2 items"),
        ("decisions.names", ["NO", "YES"], "$.decisions.from", "it must have 1"),
        ("decisions.from", [0.8, 0.4], "$.decisions.from[1]", "rising order"),
        ("decisions.of", "argmax", "$.decisions", "both from and of"),
        ("decisions.expected", [0.5, 0.5], "$.decisions.expected", "has 2 shares"),
        ("decisions.expected", [0.5, 0.3, 0.3], "$.decisions.expected", "sum to 1.1"),
        ("segments", ["size"], "$.segments[0]", "size is no categorical input"),
        ("tolerance", {"*": 0}, "$.tolerance.*", "must be bigger than 0"),
        ("tolerance", {"sise": 0.1}, "$.tolerance.sise", "is no signal; these are"),
        ("critical", {"size": 2}, "$.critical.size", "must be smaller than 1"),
        ("false_alarm_days", 0, "$.false_alarm_days", "must be bigger than 0"),
        ("reference.applications", 0, "$.reference.applications", "must be bigger"),
        ("reference.shares.size", None, "$.reference.shares.size", "is missing"),
        ("reference.shares.size", [1.0], "$.reference.shares.size", "must have 4"),
        ("reference.shares.size", {"a": [1]}, "$.reference.shares.size", "be a list"),
        ("reference.shares.colour", [0.3] * 3, "$.reference.shares.colour", "to 0.9"),
        ("reference.shares.age", [1.0], "$.reference.shares.age", "of no signal"),
        (
            "reference.shares.decision_by_colour",
            [1.0],
            "$.reference.shares.decision_by_colour",
            "a list of shares for each category",
        ),
        (
            "reference.shares.decision_by_colour",
            {"purple": [1.0, 0.0, 0.0]},
            "$.reference.shares.decision_by_colour.purple",
            "is no category of colour; these are",
        ),
        (
            "inputs.colour",
            {"enum": ["red", "missing"], "optional": True},
            "$.inputs.colour.enum",
            "missing is what an absent value is counted as",
        ),
    ],
)  # fmt: skip
def test_a_wrong_card_is_refused_with_the_place_and_the_fix(
    fields, path, value, where, problem
):
    change(fields, path, value)
    with pytest.raises(CardError) as caught:
        Card.from_fields(fields)
    assert caught.value.path.replace("['", ".").replace("']", "") == where
    assert problem in str(caught.value)


def test_what_is_no_json_is_refused():
    with pytest.raises(CardError, match=r"\$: the card is not JSON"):
        Card.from_json("{")
    with pytest.raises(CardError, match=r"\$: the card is not JSON"):
        Card.from_json(b"\xff\xfe{}")
    with pytest.raises(CardError, match=r"\$"):
        Card.from_json("[" * 100_000)
    with pytest.raises(CardError, match=r"\$: must be object"):
        Card.from_json("[]")


def test_two_inputs_of_one_name_are_refused(fields):
    text = json.dumps(fields).replace('"country":', '"colour":')
    with pytest.raises(CardError, match="'colour' stands twice in one object"):
        Card.from_json(text)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(fields, constant):
    text = json.dumps(fields).replace("[10, 20, 50]", f"[10, {constant}]")
    with pytest.raises(CardError, match="is no JSON number"):
        Card.from_json(text)


def test_an_input_may_not_have_the_name_of_a_derived_signal(fields):
    for name in ("size_range", "decision_by_colour"):
        other = copy.deepcopy(FIELDS)
        other["inputs"][name] = {"enum": ["a", "b"]}
        with pytest.raises(CardError, match=f"a derived signal is called {name}"):
            Card.from_fields(with_reference(other))


def test_two_inputs_may_not_have_one_metric(fields):
    fields["inputs"]["Size!"] = fields["inputs"]["size"]
    fields = with_reference(fields)
    with pytest.raises(CardError, match=r"its metric thing_size_cm has the name of"):
        Card.from_fields(fields)


def test_an_input_may_not_take_the_name_of_a_generic_metric(fields):
    fields["namespace"] = "model"
    fields["inputs"]["cells"] = {"type": "number", "edges": [1]}
    with pytest.raises(CardError, match="model_cells has the name of another"):
        Card.from_fields(with_reference(fields))


def test_a_segment_may_not_be_a_label_that_metrics_have(fields):
    fields["inputs"]["pod"] = {"enum": ["a", "b"]}
    fields["segments"] = ["pod"]
    with pytest.raises(CardError, match=r"\$\.segments\[0\]: pod is a label"):
        Card.from_fields(with_reference(fields))


def test_a_card_of_too_many_cells_names_the_largest_signals(fields):
    fields["inputs"]["colour"]["enum"] = [f"colour {n}" for n in range(10_000)]
    fields["columns"] = ["size"]
    with pytest.raises(CardError) as caught:
        Card.from_fields(with_reference(fields))
    assert "lead to 50,0" in str(caught.value)
    assert "colour 10,001" in str(caught.value)
    assert 'set "other": true' in str(caught.value)


def test_parameters_must_cover_what_is_needed(fields):
    fields["query"] = {"parameters": {"red": "colour=red"}}
    with pytest.raises(CardError, match=r"no parameter is colour=green; add one"):
        Card.from_fields(fields)


def test_a_parameter_must_be_an_input_or_a_category(fields):
    fields["query"] = {"parameters": {"pink": "colour=pink"}}
    with pytest.raises(CardError, match=r"\$\.query\.parameters\.pink: colour=pink"):
        Card.from_fields(fields)


def test_expected_shares_are_the_reference_of_decisions(fields):
    fields["decisions"]["expected"] = [0.5, 0.2, 0.3]
    decision = Card.from_fields(fields).signal("decision")
    assert [cell.share for cell in decision.cells] == [0.5, 0.2, 0.3, 1.0]


def test_without_expected_shares_the_measured_ones_are(fields):
    fields["reference"]["shares"]["decision"] = [0.6, 0.3, 0.1]
    decision = Card.from_fields(fields).signal("decision")
    assert [cell.share for cell in decision.cells] == [0.6, 0.3, 0.1, 1.0]


def test_a_description_is_text_that_can_be_exposed(fields):
    fields["inputs"]["size"]["description"] = "half a pair: \ud800"
    with pytest.raises(CardError, match="leave out control characters"):
        Card.from_fields(fields)


def test_the_categories_of_an_input_called_description_are_checked(fields):
    fields["inputs"]["description"] = {"enum": ["two\nlines"]}
    with pytest.raises(CardError, match=r"\$\.inputs\.description\.enum\[0\]"):
        Card.from_fields(with_reference(fields))


def test_a_description_may_have_lines(fields):
    fields["description"] = "one\ntwo"
    assert Card.from_fields(fields).description == "one\ntwo"
