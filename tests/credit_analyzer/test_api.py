import json

import pytest
from credit_analyzer.app import create_app
from model_monitor.reading import Reader
from prometheus_client import generate_latest

PATH = "/api/v1/credit-analyzer/"


def names(response):
    return {(error["field"], error["reason"]) for error in response.json["errors"]}


def test_an_application_is_decided(client, fields, model):
    response = client.post(PATH, json=fields)
    assert response.status_code == 200
    row, _ = Reader(model.card).read(fields)
    assert response.json == {
        "score": round(model.scorer.outcome(row)[0], 4),
        "decision": "ANALYST",
        "model_version": model.card.version,
    }


def test_a_decision_is_counted_once_in_every_metric(client, fields, value):
    client.post(PATH, json=fields)
    assert value("credit_decisions_total", decision="ANALYST") == 1
    assert value("credit_decisions_total", decision="DENIED") == 0
    by = "credit_decisions_by_education_level_total"
    assert value(by, education_level="Bachelor", decision="ANALYST") == 1
    assert value(by, education_level="Illiterate", decision="ANALYST") == 0
    by = "credit_decisions_by_profession_type_total"
    assert value(by, profession_type="clt", decision="ANALYST") == 1
    assert value("credit_score_count") == 1
    for le, counted in (("4000.0", 0), ("5000.0", 1)):
        assert value("credit_monthly_income_brl_bucket", le=le) == counted
    for le, counted in (("17500.0", 0), ("20000.0", 1)):
        assert value("credit_loan_amount_brl_bucket", le=le) == counted


@pytest.mark.parametrize(
    ("score", "decision"),
    [(0.39999, "DENIED"), (0.4, "ANALYST"), (0.64999, "ANALYST"), (0.65, "APPROVED")],
)
def test_the_unrounded_score_decides(fixed_model, registry, fields, score, decision):
    client = create_app(fixed_model(score), registry).test_client()
    response = client.post(PATH, json=fields)
    assert response.json["decision"] == decision
    assert response.json["score"] == round(score, 4)


def test_a_mark_of_the_byte_order_is_ignored(client, fields):
    body = b"\xef\xbb\xbf" + json.dumps(fields).encode()
    answer = client.post(PATH, data=body, content_type="application/json")
    assert answer.status_code == 200


def test_an_unusual_application_is_decided_and_counted(client, fields, value):
    response = client.post(PATH, json=fields | {"monthly_income": 1})
    assert response.status_code == 200
    cell = {"role": "range", "kind": "category", "category": "below"}
    cells = "model_cells_total"
    assert value(cells, signal="monthly_income_range", **cell) == 1
    assert value(cells, signal="loan_amount_range", **cell) == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"education_level": "PhD"}, ("education_level", "unknown_category")),
        ({"loan_amount": "20000"}, ("loan_amount", "not_a_whole_number")),
        ({"loan_amount": -1}, ("loan_amount", "out_of_range")),
        ({"loan_amount": 0}, ("loan_amount", "out_of_range")),
        ({"monthly_income": float("nan")}, ("monthly_income", "not_a_whole_number")),
        ({"monthly_income": 10**30}, ("monthly_income", "out_of_range")),
        ({"monthly_income": True}, ("monthly_income", "not_a_whole_number")),
        ({"monthly_income": {"brl": 1}}, ("monthly_income", "not_a_whole_number")),
        ({"age": 30}, ("age", "unknown_field")),
    ],
)
def test_an_invalid_application_is_refused_by_name(client, fields, change, error):
    response = client.post(PATH, json=fields | change)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 422
    assert names(response) == {error}


def test_a_missing_field_is_refused_by_name(client, fields):
    del fields["profession_type"]
    response = client.post(PATH, json=fields)
    assert response.status_code == 422
    [error] = response.json["errors"]
    assert error == {
        "field": "profession_type",
        "reason": "missing",
        "detail": "must be one of: aposentado, clt, freelancer",
    }


def test_a_field_given_twice_is_refused(client, fields):
    twice = json.dumps(fields)[:-1] + ', "monthly_income": 90000}'
    response = client.post(PATH, data=twice, content_type="application/json")
    assert response.status_code == 422
    assert names(response) == {("monthly_income", "repeated")}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "reason"),
    [
        ("", "application/json", 400, "not_json"),
        ("{", "application/json", 400, "not_json"),
        (b"\xff\xfe\xfa", "application/json", 400, "not_json"),
        ("[" * 16_000, "application/json", 400, "not_json"),
        ("9" * 5_000, "application/json", 400, "not_json"),
        ("[]", "application/json", 422, "not_an_object"),
        ("null", "application/json", 422, "not_an_object"),
        ("{}", "text/plain", 415, "unsupported_media_type"),
        ("{}", None, 415, "unsupported_media_type"),
        (" " * 1_000_000, "application/json", 413, "too_large"),
    ],
)
def test_a_body_that_is_no_application_is_refused(
    client, value, body, content_type, status, reason
):
    response = client.post(PATH, data=body, content_type=content_type)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert names(response) == {("body", reason)}
    assert value("credit_refused_applications_total", field="body", reason=reason) == 1


def test_a_body_of_undeclared_length_is_refused_when_it_is_too_large(client, fields):
    body = json.dumps(fields) + " " * 20_000
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    response = client.post(
        PATH,
        data=body,
        content_type="application/json",
        content_length=None,
        environ_overrides=chunked | {"CONTENT_LENGTH": ""},
    )
    assert response.status_code == 413


def test_a_refused_application_is_counted_once_and_never_decided(
    client, model, registry, value
):
    client.post(PATH, json={})
    refused = [
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "credit_refused_applications_total"
    ]
    assert sum(refused) == 1
    assert len(refused) == len(set(model.card.refusals))
    assert value("credit_score_count") == 0


def test_an_unknown_path_is_a_problem_document(client):
    response = client.get("/nothing")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("method", ["DELETE", "QUERY"])
def test_a_method_that_is_not_allowed_says_which_are(client, method):
    response = client.open(PATH, method=method)
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", [PATH, "/healthz", "/"])
def test_a_probe_neither_decides_nor_counts(client, registry, method, path):
    before = generate_latest(registry)
    response = client.open(path, method=method)
    assert response.status_code == 200
    assert response.data == b""
    after = generate_latest(registry)
    counted = [line for line in after.splitlines() if not line.startswith(b"p")]
    assert counted == [line for line in before.splitlines() if line[:1] != b"p"]


def test_no_request_is_redirected(client, fields):
    response = client.post(PATH.rstrip("/"), json=fields, headers={"Host": "evil"})
    assert response.status_code == 200
    assert client.get(PATH.replace("/", "//")).status_code == 404


def test_an_invented_method_makes_no_series(client, registry):
    response = client.open(PATH, method="BREW")
    assert response.status_code == 501
    methods = {
        sample.labels.get("method")
        for metric in registry.collect()
        for sample in metric.samples
    }
    assert "BREW" not in methods


def test_an_invented_path_makes_no_series(client, registry):
    for number in range(3):
        client.get(f"/nothing/{number}")
    series = [
        sample
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "flask_http_request_duration_seconds_count"
    ]
    assert [sample.value for sample in series] == [3]


def test_a_broken_model_is_a_problem_document_and_no_decision(
    broken_model, registry, fields, value
):
    app = create_app(broken_model(RuntimeError("the model is broken")), registry)
    response = app.test_client().post(PATH, json=fields)
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "broken" not in response.text
    assert value("credit_score_count") == 0


def test_what_an_exception_says_is_not_logged_but_where_it_happened(
    broken_model, registry, fields, caplog
):
    app = create_app(broken_model(ValueError("cannot score 6173")), registry)
    app.test_client().post(PATH, json=fields | {"monthly_income": 6_173})
    [record] = caplog.records
    assert record.message.startswith(f"ValueError at {PATH}\n")
    assert record.message.endswith("raise self._error")
    assert "6173" not in caplog.text


def test_health_names_the_model(client, model):
    assert client.get("/healthz").json == {
        "status": "ok",
        "model": model.card.name,
        "model_version": model.card.version,
    }


def test_metrics_are_not_for_api_callers(client):
    assert client.get("/metrics").status_code == 404
