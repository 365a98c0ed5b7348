import pytest

from report.record import Drift, Thresholds
from report.series import drift, mix, thresholds
from report.sources import NoReport


def recorded(name, value, **labels):
    return {"__name__": f"signal:credit_drift:{name}", **labels}, ((1.0, value),)


def test_a_drift_is_of_the_window_with_the_most_evidence(fake_prometheus):
    prometheus = fake_prometheus(
        between={
            "credit_drift": [
                recorded("distance10s", 0.4, signal="score"),
                recorded("nats10s", 8.0, signal="score"),
                recorded("distance2m", 0.1, signal="score"),
                recorded("nats2m", 20.0, signal="score"),
                recorded("significant", 0.1, signal="score"),
                # Evidence of which the distance is not known.
                recorded("nats5m", 90.0, signal="score"),
                recorded("nats10s", 1.0, signal="decision"),
                recorded("distance10s", 0.2, signal="decision"),
            ]
        }
    )
    assert drift(prometheus, 'model="tree"', 0, 10) == {
        "score": (Drift(1.0, 0.1, 20.0, "2m", True),),
        "decision": (Drift(1.0, 0.2, 1.0, "10s", False),),
    }


def test_thresholds_are_those_that_are_recorded(fake_prometheus):
    prometheus = fake_prometheus(
        at={
            "credit_drift:distance:threshold": [({}, 0.07)],
            "credit_drift:nats:threshold": [({}, 12.0)],
        }
    )
    assert thresholds(prometheus, 0, 60) == Thresholds(distance=0.07, nats=12.0)


def test_a_threshold_that_is_not_recorded_is_named(fake_prometheus):
    with pytest.raises(NoReport, match="credit_drift:distance:threshold"):
        thresholds(fake_prometheus(), 0, 60)


@pytest.mark.parametrize(
    ("minutes", "window"),
    [(2, "10s"), (10, "10s"), (15, "30s"), (60, "2m"), (300, "5m"), (1_440, "5m")],
)
def test_the_longer_the_span_the_longer_the_window_of_the_mix(
    fake_prometheus, minutes, window
):
    prometheus = fake_prometheus()
    assert mix(prometheus, "", 0, 60 * minutes).window == window
    assert f"ratio{window}{{" in prometheus.asked[0]
