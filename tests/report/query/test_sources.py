import pytest

from report.query.sources import (
    MAX_ALERTS,
    NoReport,
    Prometheus,
    Receiver,
    matchers,
    window,
)

EMPTY = {"status": "success", "data": {"result": []}}


def test_a_service_that_does_not_answer_is_named():
    with pytest.raises(NoReport, match=r"^Prometheus at http://127\.0\.0\.1:1 cannot"):
        Prometheus("http://127.0.0.1:1/").at(0, "up")


def test_a_service_that_does_not_answer_with_json_is_named(serve):
    url = serve(lambda *_: (200, "<html>"))
    with pytest.raises(NoReport, match=r"the receiver at .* does not answer with JSON"):
        Receiver(url).alerts()


def test_an_error_is_passed_on(serve):
    url = serve(lambda *_: (422, {"error": "too many samples"}))
    with pytest.raises(NoReport, match=r"answers 422: .*too many samples"):
        Prometheus(url).at(0, "up")


def test_a_proxy_is_not_used(serve, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    url = serve(lambda *_: (200, EMPTY))
    assert Prometheus(url).at(0, "up") == []


@pytest.mark.parametrize(
    ("length", "points", "step", "first"),
    [(60.5, 720, "1", 100.5), (3_600, 720, "5", 100), (3_601, 720, "6", 101)],
)
def test_a_range_ends_at_its_end_and_has_no_more_points_than_asked(
    serve, length, points, step, first
):
    asked = []

    def answer(path, parameters):
        asked.append(parameters)
        return 200, EMPTY

    Prometheus(serve(answer)).between(100, 100 + length, "up", points)
    [parameters] = asked
    assert parameters["step"] == step
    assert float(parameters["start"]) == first
    assert float(parameters["end"]) == 100 + length


def test_samples_are_numbers(serve):
    result = [{"metric": {"a": "b"}, "value": [1, "0.25"]}]
    url = serve(lambda *_: (200, {"data": {"result": result}}))
    assert Prometheus(url).at(1, "x") == [({"a": "b"}, 0.25)]


def test_the_whole_history_is_asked_for(serve):
    url = serve(lambda *asked: (200, {"alerts": asked}))
    assert Receiver(url).alerts() == ["/alerts", {"limit": str(MAX_ALERTS)}]


def test_a_window_is_never_shorter_than_its_time_range():
    assert window(100.0, 100.5) == "[500ms]"
    assert window(100.0, 160.0001) == "[60001ms]"


def test_hostile_label_values_stay_values():
    assert matchers({"model": 'a"} or {b="\\', "job": "ü"}) == (
        r'model="a\"} or {b=\"\\",job="ü"'
    )
