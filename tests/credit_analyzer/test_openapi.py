import json
import re
from pathlib import Path

import pytest
from credit_analyzer.application import CATEGORIES, FAULTS, MAX_BRL, parse
from credit_analyzer.openapi import description
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

README = (Path(__file__).parents[2] / "README.md").read_text()
PATH = "/api/v1/credit-analyzer/"


def body():
    """The JSON form, as it is described."""
    return description()["paths"][PATH]["post"]["requestBody"]["content"][
        "application/json"
    ]


def query():
    """The query form, as it is described."""
    [parameter] = description()["paths"][PATH]["get"]["parameters"]
    return parameter


def accepts(schema, value):
    return Draft202012Validator(schema).is_valid(value)


def test_the_description_is_openapi_3_1():
    OpenAPIV31SpecValidator(description()).validate()


def test_it_is_served(client):
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    assert response.json == description()


def test_it_describes_every_path_and_method_that_there_is(client):
    described = {
        (path, method.upper())
        for path, methods in description()["paths"].items()
        for method in methods
    }
    served = {
        (rule.rule, method)
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_a_category_that_is_accepted_is_described(monkeypatch, fields):
    doctor = fields | {"education_level": "PhD"}
    assert not accepts(body()["schema"], doctor)
    known = (*CATEGORIES["education_level"], "PhD")
    monkeypatch.setitem(CATEGORIES, "education_level", known)
    assert parse(doctor).education_level == "PhD"
    assert accepts(body()["schema"], doctor)


@pytest.mark.parametrize("amount", [0, 1, 1.5, 2.0, MAX_BRL, MAX_BRL + 1, "1", True])
def test_an_amount_is_described_as_it_is_accepted(client, fields, amount):
    sent = fields | {"loan_amount": amount}
    accepted = client.post(PATH, json=sent).status_code == 200
    assert accepts(body()["schema"], sent) == accepted


@pytest.mark.parametrize("flag", [0, 1, 2])
@pytest.mark.parametrize("name", query()["schema"]["properties"])
def test_a_parameter_is_described_as_it_is_accepted(client, name, flag):
    sent = query()["example"] | {name: flag}
    accepted = client.get(PATH, query_string=sent).status_code == 200
    assert accepts(query()["schema"], sent) == accepted


def test_the_examples_are_accepted_and_decided_alike(client):
    assert accepts(body()["schema"], body()["example"])
    posted = client.post(PATH, json=body()["example"])
    asked = client.get(PATH, query_string=query()["example"])
    assert posted.json["score"] == asked.json["probability_of_credit_approval"]


def test_the_example_is_that_of_the_readme():
    sent = re.search(r"-d '(.*?)'", README, re.DOTALL)[1]
    assert json.loads(sent) == body()["example"]


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("POST", PATH, 415, "Refusal"),
        ("GET", PATH, 422, "Refusal"),
        ("GET", "/nothing", 404, "Problem"),
        ("PUT", PATH, 405, "Problem"),
        ("BREW", PATH, 501, "Problem"),
    ],
)
def test_an_error_is_the_problem_that_is_described(client, method, path, status, name):
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    schema = description()["components"]["schemas"][name]
    Draft202012Validator(schema).validate(response.json)


def test_every_reason_is_described():
    errors = description()["components"]["schemas"]["Refusal"]["properties"]["errors"]
    reasons = errors["items"]["properties"]["reason"]["enum"]
    assert set(reasons) == {reason for _, reason in FAULTS}
