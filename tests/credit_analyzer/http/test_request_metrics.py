"""Traffic, errors and latency, as a scrape finds them."""

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.http import request_metrics

PATH = "/api/v1/credit-analyzer/"
SECONDS = "flask_http_request_duration_seconds"


@pytest.fixture
def took(monkeypatch):
    """Makes each request take so many seconds."""

    def took(*durations):
        moments = [
            moment
            for start, seconds in enumerate(durations)
            for moment in (100.0 * start, 100.0 * start + seconds)
        ]
        clock = iter(moments)
        monkeypatch.setattr(request_metrics, "perf_counter", lambda: next(clock))

    return took


@pytest.fixture
def sample(registry):
    def sample(name, **labels):
        return registry.get_sample_value(name, labels)

    return sample


def test_the_duration_of_a_request_is_measured(client, fields, took, sample):
    took(0.003, 0.2)
    for _ in range(2):
        client.post(PATH, json=fields)
    labels = {"method": "POST", "url_rule": PATH, "status": "200"}
    assert sample(f"{SECONDS}_count", **labels) == 2
    assert sample(f"{SECONDS}_sum", **labels) == pytest.approx(0.203)
    assert sample(f"{SECONDS}_bucket", le="0.0025", **labels) == 0
    assert sample(f"{SECONDS}_bucket", le="0.005", **labels) == 1
    assert sample(f"{SECONDS}_bucket", le="0.1", **labels) == 1
    assert sample(f"{SECONDS}_bucket", le="0.25", **labels) == 2


def test_a_request_that_waited_for_its_turn_took_longer(client, fields, took, sample):
    took(0.0)
    # The server notes when a request came, before it is the request's turn.
    environ = {request_metrics.START: -0.75}
    client.post(PATH, json=fields, environ_overrides=environ)
    labels = {"method": "POST", "url_rule": PATH, "status": "200"}
    assert sample(f"{SECONDS}_sum", **labels) == pytest.approx(0.75)


def test_requests_are_counted_by_method_and_status(client, fields, sample):
    client.post(PATH, json=fields)
    client.post(PATH, json={})
    client.post(PATH, json={})
    assert sample("flask_http_request_total", method="POST", status="200") == 1
    assert sample("flask_http_request_total", method="POST", status="422") == 2


def test_an_exception_is_counted(broken_model, registry, fields, sample):
    app = create_app(broken_model(RuntimeError()), registry)
    app.test_client().post(PATH, json=fields)
    exceptions = "flask_http_request_exceptions_total"
    assert sample(exceptions, method="POST", status="500") == 1
    assert sample("flask_http_request_total", method="POST", status="500") == 1


def test_two_applications_cannot_share_a_registry(model, registry, client):
    with pytest.raises(ValueError, match=r"already has metrics|Duplicated timeseries"):
        create_app(model, registry)
