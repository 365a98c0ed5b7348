"""The form that callers sent before there was a JSON form: it has to stay."""

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.application import COLUMNS

PATH = "/api/v1/credit-analyzer/"


@pytest.fixture
def query():
    return dict.fromkeys(COLUMNS, "0") | {
        "loan-amount": "20000",
        "monthly-income": "5000",
        "education-level-bachelor": "1",
        "professional-type-clt": "1",
    }


@pytest.mark.parametrize(
    ("score", "status"),
    [
        (0.73119, "Approved"),
        (0.2, "Denied"),
        (0.5, "Could not automatically decide. An analyst should review this case"),
    ],
)
def test_callers_read_a_probability_and_a_sentence(
    fixed_model, registry, query, score, status
):
    client = create_app(fixed_model(score), registry).test_client()
    response = client.get(PATH, query_string=query)
    assert response.status_code == 200
    assert response.json == {
        "probability_of_credit_approval": round(score, 4),
        "status": status,
    }


def test_both_forms_give_the_same_score(client, query, fields):
    old = client.get(PATH, query_string=query).json["probability_of_credit_approval"]
    assert old == client.post(PATH, json=fields).json["score"]


def test_both_forms_are_counted_alike(client, query, fields, value):
    client.get(PATH, query_string=query)
    client.post(PATH, json=fields)
    labels = {"education_level": "Bachelor", "profession_type": "clt"}
    assert value("credit_decisions_total", decision="ANALYST", **labels) == 2


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"loan-amount": "-1"}, "loan-amount", "out_of_range"),
        ({"loan-amount": "0"}, "loan-amount", "out_of_range"),
        ({"loan-amount": "1" + "0" * 30}, "loan-amount", "not_a_whole_number"),
        ({"loan-amount": "1" + "0" * 29}, "loan-amount", "out_of_range"),
        ({"loan-amount": "many"}, "loan-amount", "not_a_whole_number"),
        ({"loan-amount": "NaN"}, "loan-amount", "not_a_whole_number"),
        ({"loan-amount": ""}, "loan-amount", "not_a_whole_number"),
        ({"loan-amount": "²"}, "loan-amount", "not_a_whole_number"),
        ({"age": "30"}, "age", "unknown_field"),
    ],
)
def test_an_invalid_parameter_is_refused_by_its_own_name(
    client, query, change, field, reason
):
    response = client.get(PATH, query_string=query | change)
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert (error["field"], error["reason"]) == (field, reason)


@pytest.mark.parametrize(
    "change",
    [
        {"education-level-illiterate": "1"},
        {"education-level-bachelor": "0"},
        {"education-level-bachelor": "yes"},
        {"education-level-illiterate": "2"},
    ],
)
def test_flags_that_are_not_one_hot_are_refused(client, query, value, change):
    response = client.get(PATH, query_string=query | change)
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert error["reason"] == "not_one_hot"
    assert "must be 1 for one of education-level-bachelor, " in error["detail"]
    labels = {"field": "education_level", "reason": "not_one_hot"}
    assert value("credit_invalid_applications_total", **labels) == 1


@pytest.mark.parametrize("parameter", COLUMNS)
def test_a_missing_parameter_is_refused_by_its_own_name(client, query, parameter):
    del query[parameter]
    response = client.get(PATH, query_string=query)
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert (error["field"], error["reason"]) == (parameter, "missing")


def test_a_parameter_given_twice_is_refused(client, query):
    response = client.get(PATH, query_string=[*query.items(), ("loan-amount", "1")])
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert (error["field"], error["reason"]) == ("loan-amount", "repeated")


def test_no_parameters_name_all_that_are_missing(client):
    response = client.get(PATH)
    named = {f for e in response.json["errors"] for f in e["field"].split(", ")}
    assert named == set(COLUMNS)


def test_of_many_unknown_parameters_ten_are_named(client, query):
    unknown = {f"parameter {number}": 1 for number in range(1_000)}
    response = client.get(PATH, query_string=query | unknown)
    assert [error["field"] for error in response.json["errors"]] == [*unknown][:10]
