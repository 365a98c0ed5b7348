import pytest

from report.sources import MOST_ALERTS, NoReport, Prometheus, Receiver

EMPTY = {"status": "success", "data": {"result": []}}


def test_what_does_not_answer_is_named():
    with pytest.raises(NoReport, match=r"^Prometheus at http://127\.0\.0\.1:1 cannot"):
        Prometheus("http://127.0.0.1:1/").at(0, "up")


def test_what_does_not_answer_with_json_is_named(serve):
    url = serve(lambda *_: (200, "<html>"))
    with pytest.raises(NoReport, match=r"the receiver at .* does not answer with JSON"):
        Receiver(url).alerts()


def test_an_error_is_passed_on(serve):
    url = serve(lambda *_: (422, {"error": "too many samples"}))
    with pytest.raises(NoReport, match=r"answers 422: .*too many samples"):
        Prometheus(url).at(0, "up")


def test_a_proxy_is_not_asked(serve, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    url = serve(lambda *_: (200, EMPTY))
    assert Prometheus(url).at(0, "up") == []


@pytest.mark.parametrize(
    ("span", "points", "step", "first"),
    [(60.5, 720, "1", 100.5), (3_600, 720, "5", 100), (3_601, 720, "6", 101)],
)
def test_a_range_ends_at_its_end_and_has_no_more_points_than_asked(
    serve, span, points, step, first
):
    asked = []

    def answer(path, parameters):
        asked.append(parameters)
        return 200, EMPTY

    Prometheus(serve(answer)).between(100, 100 + span, "up", points)
    [parameters] = asked
    assert parameters["step"] == step
    assert float(parameters["start"]) == first
    assert float(parameters["end"]) == 100 + span


def test_samples_are_numbers(serve):
    result = [{"metric": {"a": "b"}, "value": [1, "0.25"]}]
    url = serve(lambda *_: (200, {"data": {"result": result}}))
    assert Prometheus(url).at(1, "x") == [({"a": "b"}, 0.25)]


def test_the_whole_history_is_asked_for(serve):
    url = serve(lambda *asked: (200, {"alerts": asked}))
    assert Receiver(url).alerts() == ["/alerts", {"limit": str(MOST_ALERTS)}]
