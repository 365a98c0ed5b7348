import math

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.application import EDUCATION_LEVELS, PROFESSION_TYPES
from credit_analyzer.decision import Decision
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

HISTOGRAMS = {
    "score": "credit_score",
    "monthly_income": "credit_monthly_income_brl",
    "loan_amount": "credit_loan_amount_brl",
}


def samples(registry, name):
    text = generate_latest(registry).decode()
    return [
        sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]


@pytest.fixture(autouse=True)
def app(client):
    """Every test here looks at what an application exports from its start."""


def test_every_decision_of_every_segment_exists_at_zero(registry):
    found = samples(registry, "credit_decisions_total")
    assert len(found) == len(Decision) * len(EDUCATION_LEVELS) * len(PROFESSION_TYPES)
    assert {sample.value for sample in found} == {0}


@pytest.mark.parametrize("histogram", HISTOGRAMS.values())
def test_nobodys_amount_can_be_told_from_a_sum(registry, histogram):
    assert samples(registry, f"{histogram}_count")
    assert not samples(registry, f"{histogram}_sum")


@pytest.mark.parametrize(("signal", "histogram"), HISTOGRAMS.items())
def test_the_reference_has_the_edges_of_the_histogram(registry, signal, histogram):
    edges = {s.labels["le"] for s in samples(registry, f"{histogram}_bucket")}
    reference = {
        s.labels["le"]: s.value
        for s in samples(registry, "credit_reference_cumulative_ratio")
        if s.labels["signal"] == signal
    }
    assert set(reference) == edges
    assert reference["+Inf"] == 1
    assert sorted(reference.values()) == list(reference.values())


@pytest.mark.parametrize("signal", HISTOGRAMS)
def test_each_bucket_of_the_reference_begins_where_the_one_before_it_ends(
    registry, signal
):
    buckets = [
        (s.labels["above"], s.labels["le"])
        for s in samples(registry, "credit_reference_cumulative_ratio")
        if s.labels["signal"] == signal
    ]
    edges = [le for _, le in buckets]
    assert edges == sorted(edges, key=float)
    assert [above for above, _ in buckets] == ["0.0", *edges[:-1]]


@pytest.mark.parametrize("signal", ["decision", "education_level", "profession_type"])
def test_the_reference_has_the_categories_of_the_counter(registry, signal):
    counted = {s.labels[signal] for s in samples(registry, "credit_decisions_total")}
    reference = {
        s.labels["category"]: s.value
        for s in samples(registry, "credit_reference_ratio")
        if s.labels["signal"] == signal
    }
    assert set(reference) == counted
    assert math.isclose(sum(reference.values()), 1, abs_tol=1e-5)


@pytest.mark.parametrize("field", ["loan_amount", "monthly_income"])
def test_the_reference_has_the_sides_of_the_unusual_counter_and_usual(registry, field):
    counted = {
        s.labels["side"]
        for s in samples(registry, "credit_unusual_applications_total")
        if s.labels["field"] == field
    }
    reference = {
        s.labels["category"]
        for s in samples(registry, "credit_reference_ratio")
        if s.labels["signal"] == f"{field}_range"
    }
    assert reference == counted | {"usual"}


def test_the_reference_for_decisions_is_what_the_policy_expects(value):
    shares = {
        d: value("credit_reference_ratio", signal="decision", category=d)
        for d in Decision
    }
    assert shares == {"APPROVED": 0.3, "DENIED": 0.5, "ANALYST": 0.2}


def test_the_score_has_a_bucket_for_each_twentieth(registry):
    edges = [s.labels["le"] for s in samples(registry, "credit_score_bucket")]
    assert len(edges) == 21
    assert {"0.4", "0.65", "1.0"} <= set(edges)


def test_the_model_says_who_it_is(model, value):
    card = model.card
    labels = {"sha256": card.sha256, "scikit_learn_version": card.scikit_learn}
    assert value("credit_model_info", **labels) == 1
    created = value("credit_model_created_timestamp_seconds")
    assert created == card.created.timestamp()


def test_no_series_for_the_time_of_birth_of_each_counter(registry):
    assert not samples(registry, "credit_decisions_created")


def test_the_process_is_measured_too(registry):
    assert registry.get_sample_value("process_resident_memory_bytes") > 0


def test_http_requests_are_counted_but_for_health_checks(client, registry):
    client.get("/healthz")
    assert not samples(registry, "flask_http_request_total")
    client.post("/api/v1/credit-analyzer/", json={})
    [sample] = samples(registry, "flask_http_request_total")
    assert sample.labels == {"method": "POST", "status": "422"}


def test_a_request_is_timed(client, registry, fields):
    client.post("/api/v1/credit-analyzer/", json=fields)
    [sample] = samples(registry, "flask_http_request_duration_seconds_sum")
    assert 0 < sample.value < 60


def test_an_exception_is_counted_and_answered(model, fields):
    registry = CollectorRegistry()
    app = create_app(model, registry)
    app.view_functions["credit.decide_json"] = lambda: 1 / 0
    answer = app.test_client().post("/api/v1/credit-analyzer/", json=fields)
    assert answer.status_code == 500
    for name in ("flask_http_request_total", "flask_http_request_exceptions_total"):
        [sample] = samples(registry, name)
        assert sample.labels == {"method": "POST", "status": "500"}
        assert sample.value == 1


def test_a_registry_serves_one_application(model, registry):
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        create_app(model, registry)


def test_two_applications_count_apart(model, fields):
    first, second = CollectorRegistry(), CollectorRegistry()
    create_app(model, first).test_client().post("/api/v1/credit-analyzer/", json=fields)
    create_app(model, second)
    assert sum(s.value for s in samples(first, "credit_decisions_total")) == 1
    assert sum(s.value for s in samples(second, "credit_decisions_total")) == 0
