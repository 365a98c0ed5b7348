import pytest

from report.reading import read
from report.sources import NoReport

START = 1_795_366_800.0


class FakeReceiver:
    """A history of alerts."""

    def __init__(self, *alerts):
        self._alerts = list(alerts)

    def alerts(self):
        return self._alerts


def info(model, version):
    labels = {"job": "j", "model": model, "model_version": version, "instance": "i"}
    return labels | {"sha256": f"hash of {model} {version}"}, 1.0


@pytest.fixture
def prometheus(fake_prometheus):
    """A Prometheus in which so many applications were decided by each model."""

    def prometheus(**decided):
        models = [(f'"{name}', "1") for name in decided]
        counts = [
            ({"job": "j", "model": m, "model_version": v}, n)
            for (m, v), n in zip(models, decided.values(), strict=True)
        ]
        return fake_prometheus(
            at={
                "credit_model_info": [info(*model) for model in models],
                "credit_decisions_total": counts,
                ":threshold": [({}, 1.0)],
            }
        )

    return prometheus


def test_the_report_is_on_the_model_that_decided_most(prometheus):
    found = read(prometheus(a=5.0, b=90.0, c=0.0), FakeReceiver(), START, START + 60)
    assert (found.model.name, found.model.sha256) == ('"b', 'hash of "b 1')
    assert found.model.others == ('"a 1', '"c 1')


def test_a_hostile_name_stays_a_value(prometheus):
    asked = prometheus(b=90.0)
    read(asked, FakeReceiver(), START, START + 60)
    matched = [promql for promql in asked.asked if 'model="' in promql]
    assert matched
    assert all(r'model="\"b",' in promql for promql in matched)


def test_alerts_are_those_of_the_model_within_the_span(prometheus, told):
    def of(model, start, end):
        return told(
            labels={"model": model, "model_version": "1", "signal": "score"},
            starts_at=start,
            ends_at=end,
        )

    own, second = '"a', "2026-11-22T17:00:30+00:00"
    inside = of(own, second, None)
    across = of(own, "2026-11-22T16:00:00+00:00", second)
    anybodys = told(labels={}, starts_at="2026-11-22T17:00:31+00:00")
    receiver = FakeReceiver(
        of('"b', second, None),
        of(own, "2026-11-22T17:01:01+00:00", None),
        anybodys,
        inside,
        across,
        of(own, "2026-11-22T16:00:00+00:00", "2026-11-22T16:59:59+00:00"),
    )
    found = read(prometheus(a=5.0), receiver, START, START + 60)
    assert [(a.fired_at, a.resolved_at) for a in found.alerts] == [
        (alert["starts_at"], alert["ends_at"]) for alert in (across, inside, anybodys)
    ]


def test_a_span_in_which_there_was_no_model_is_no_report(fake_prometheus):
    with pytest.raises(NoReport, match="http://prometheus knows of no credit model"):
        read(fake_prometheus(), FakeReceiver(), START, START + 60)


def test_a_span_that_ends_before_it_begins_is_no_report(prometheus):
    with pytest.raises(NoReport, match="a second or more after it begins"):
        read(prometheus(a=1.0), FakeReceiver(), START, START - 60)
