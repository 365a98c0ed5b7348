"""The form that callers sent before there was a JSON form: it has to stay.

The first service took anything that spells a number, ignored other parameters, took the
first of several of one name, and answered with a JSON string that holds an object.
"""

import json

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.query_form import QueryForm
from model_monitor import Card
from model_monitor.drafting.reference import uniform_reference
from model_monitor.reading import Reader

PATH = "/api/v1/credit-analyzer/"


@pytest.fixture
def query(model):
    parameters = model.card.query.parameters
    return dict.fromkeys(parameters, "0") | {
        "loan-amount": "20000",
        "monthly-income": "5000",
        "education-level-bachelor": "1",
        "professional-type-clt": "1",
    }


@pytest.fixture
def score(client, query):
    """The score of the query with some parameters changed."""

    def score(**changes):
        changed = query | {name.replace("_", "-"): v for name, v in changes.items()}
        response = client.get(PATH, query_string=changed)
        assert response.status_code == 200, response.text
        return json.loads(response.json)["probability_of_credit_approval"]

    return score


@pytest.mark.parametrize(
    ("score", "status"),
    [
        (0.73119, "Approved"),
        (0.2, "Denied"),
        (0.5, "Could not automatically decide. An analyst should review this case"),
    ],
)
def test_callers_read_an_object_in_a_string(
    fixed_model, registry, query, score, status
):
    client = create_app(fixed_model(score), registry).test_client()
    response = client.get(PATH, query_string=query)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    text = {"probability_of_credit_approval": round(score, 4), "status": status}
    assert response.text == json.dumps(json.dumps(text))


def test_both_forms_give_the_same_score(client, score, fields):
    assert score() == client.post(PATH, json=fields).json["score"]


def test_both_forms_are_counted_alike(client, query, fields, value):
    client.get(PATH, query_string=query)
    client.post(PATH, json=fields)
    assert value("credit_decisions_total", decision="ANALYST") == 2


@pytest.mark.parametrize("text", ["20000.0", "2e4", "2E+4", " 20000 ", "+20000"])
def test_whatever_spells_a_number_is_taken(score, text):
    assert score(loan_amount=text) == score()


@pytest.mark.parametrize("text", ["1.0", "1e0", " 1", "01"])
def test_whatever_spells_one_is_a_flag(score, text):
    assert score(education_level_bachelor=text, professional_type_clt=text) == score()


def test_a_fraction_is_scored_as_it_is(model, score):
    fields = {
        "education_level": "Bachelor",
        "profession_type": "clt",
        "loan_amount": 20_000,
        "monthly_income": 5_000.5,
    }
    row, _ = Reader(model.card).read(fields, exact=False)
    expected, _ = model.scorer.outcome(row)
    assert score(monthly_income="5000.5") == round(expected, 4)


def test_other_parameters_are_ignored(score):
    assert score(_="123", age="30") == score()


def test_the_first_of_several_is_taken(client, query, score):
    twice = [
        *query.items(),
        ("loan-amount", "50000"),
        ("education-level-bachelor", "0"),
    ]
    answer = client.get(PATH, query_string=twice)
    assert json.loads(answer.json)["probability_of_credit_approval"] == score()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1", "out_of_range"),
        ("0", "out_of_range"),
        ("0.5", "out_of_range"),
        ("1" + "0" * 30, "out_of_range"),
        ("inf", "out_of_range"),
        ("1e999", "out_of_range"),
        ("many", "not_a_whole_number"),
        ("NaN", "not_a_whole_number"),
        ("", "not_a_whole_number"),
        ("²", "not_a_whole_number"),
        ("20_000", "not_a_whole_number"),
        ("0x10", "not_a_whole_number"),
    ],
)
def test_an_amount_without_a_meaning_is_refused_by_its_own_name(
    client, query, value, text, reason
):
    response = client.get(PATH, query_string=query | {"loan-amount": text})
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert (error["field"], error["reason"]) == ("loan-amount", reason)
    labels = {"field": "loan_amount", "reason": reason}
    assert value("credit_refused_applications_total", **labels) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"education-level-illiterate": "1"},
        {"education-level-bachelor": "0"},
        {"education-level-bachelor": "yes"},
        {"education-level-illiterate": "2"},
        {"education-level-illiterate": "0.5"},
        {"education-level-illiterate": "nan"},
    ],
)
def test_flags_that_are_not_one_hot_are_refused(client, query, value, change):
    response = client.get(PATH, query_string=query | change)
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert error["reason"] == "not_one_hot"
    assert "must be 1 for one of education-level-bachelor, " in error["detail"]
    labels = {"field": "education_level", "reason": "not_one_hot"}
    assert value("credit_refused_applications_total", **labels) == 1


def test_a_missing_parameter_is_refused_by_its_own_name(client, query):
    for parameter in query:
        rest = {name: text for name, text in query.items() if name != parameter}
        response = client.get(PATH, query_string=rest)
        assert response.status_code == 422
        [error] = response.json["errors"]
        assert (error["field"], error["reason"]) == (parameter, "missing")


def test_every_fault_is_named(client, query):
    wrong = {"loan-amount": "x", "education-level-bachelor": "0", "monthly-income": "0"}
    errors = client.get(PATH, query_string=query | wrong).json["errors"]
    assert {error["field"].split(",")[0] for error in errors} == {
        "education-level-bachelor",
        "loan-amount",
        "monthly-income",
    }


@pytest.mark.parametrize(
    ("chosen", "application"),
    [
        (["member", "round"], {"member": True, "shape": "round"}),
        (["not-member", "odd"], {"member": False, "shape": "other"}),
        (["not-member", "none"], {"member": False, "shape": None}),
    ],
)
def test_a_flag_stands_for_the_value_of_its_category(chosen, application):
    shape = {"enum": ["round"], "other": True, "optional": True}
    fields = {
        "name": "a",
        "version": "1",
        "namespace": "a",
        "created": "2026-01-02T03Z",
        "inputs": {"member": {"type": "boolean"}, "shape": shape},
        "score": {"edges": [0.5]},
        "decisions": {"names": ["NO", "YES"], "from": [0.5]},
        "query": {
            "parameters": {
                "member": "member=true",
                "not-member": "member=false",
                "round": "shape=round",
                "odd": "shape=other",
                "none": "shape=missing",
            }
        },
    }
    fields["reference"] = uniform_reference(fields)
    card = Card.from_fields(fields)
    query = {flag: str(int(flag in chosen)) for flag in card.query.parameters}
    found, faults = QueryForm(card).fields(query)
    assert (found, faults) == (application, [])
    assert Reader(card).read(found)


def test_a_card_without_parameters_serves_the_json_form_only(model, registry, fields):
    from dataclasses import replace

    plain = replace(model, card=replace(model.card, query=None))
    client = create_app(plain, registry).test_client()
    assert client.get(PATH).status_code == 405
    assert client.post(PATH, json=fields).status_code == 200
