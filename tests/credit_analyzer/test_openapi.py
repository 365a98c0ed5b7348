import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from credit_analyzer.model import ARTIFACTS, load
from credit_analyzer.openapi import description as describe
from model_monitor import Card
from model_monitor.drafting.reference import uniform_reference
from model_monitor.reading import Reader

README = (Path(__file__).parents[2] / "README.md").read_text()
PATH = "/api/v1/credit-analyzer/"
CARD = load().card
MAX_BRL = 1_000_000_000


def description():
    return describe(CARD)


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
    return jsonschema_rs.is_valid(schema, value)


@pytest.mark.slow
def test_the_description_is_openapi_3_1():
    # It takes four seconds to import.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    OpenAPIV31SpecValidator(description()).validate()


def test_openapi_document_is_served(client):
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    assert response.json == description()


def test_every_path_of_the_api_is_described(client):
    described = {
        (path, method.upper())
        for path, methods in description()["paths"].items()
        for method in methods
    }
    served = {
        (rule.rule, method)
        for rule in client.application.url_map.iter_rules()
        if not rule.endpoint.startswith("pages.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


@pytest.mark.parametrize("level", ["Bachelor", "PhD", "", None, 1])
def test_a_category_is_described_as_it_is_accepted(client, fields, level):
    sent = fields | {"education_level": level}
    accepted = client.post(PATH, json=sent).status_code == 200
    assert accepts(body()["schema"], sent) == accepted


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
    answer = json.loads(asked.json)
    assert posted.json["score"] == answer["probability_of_credit_approval"]


def test_the_answer_to_a_query_is_the_string_that_is_described(client):
    response = description()["paths"][PATH]["get"]["responses"]["200"]
    schema = response["content"]["application/json"]["schema"]
    answer = client.get(PATH, query_string=query()["example"]).json
    jsonschema_rs.validate(schema, answer)
    jsonschema_rs.validate(schema["contentSchema"], json.loads(answer))


def test_every_operation_has_an_id_and_a_description():
    operations = [
        o for methods in description()["paths"].values() for o in methods.values()
    ]
    assert len({operation["operationId"] for operation in operations}) == len(
        operations
    )
    assert all(operation["description"] for operation in operations)


def test_a_score_is_described_with_its_meaning():
    response = description()["paths"][PATH]["post"]["responses"]["200"]
    fields = response["content"]["application/json"]["schema"]["properties"]
    assert fields["score"]["description"] == (
        "Probability that a loan is repaid. Rounded to 4 digits. "
        "The decision is DENIED below, ANALYST from 0.4, APPROVED from 0.65."
    )


def test_what_is_optional_or_open_is_described_so(fields):
    changed = json.loads((ARTIFACTS / "model.json").read_text())
    changed["inputs"]["education_level"] |= {"other": True, "optional": True}
    changed["inputs"]["loan_amount"]["optional"] = True
    del changed["query"]
    changed["reference"] = uniform_reference(changed)
    card = Card.from_fields(changed)
    post = describe(card)["paths"][PATH]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    read = Reader(card).read
    for change in ({"education_level": "PhD"}, {"loan_amount": None}, {"age": 3}):
        for sent in (
            fields | change,
            {k: v for k, v in fields.items() if k not in change},
        ):
            assert accepts(schema, sent) == (read(sent) is not None), sent


def test_the_example_is_that_of_the_readme():
    sent = re.search(r"--json '(.*?)'", README, re.DOTALL)[1]
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
    jsonschema_rs.validate(schema, response.json)


def test_every_reason_is_described():
    errors = description()["components"]["schemas"]["Refusal"]["properties"]["errors"]
    reasons = errors["items"]["properties"]["reason"]["enum"]
    assert set(reasons) == {reason for _, reason in CARD.refusals}
