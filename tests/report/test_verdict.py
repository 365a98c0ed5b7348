import pytest

from report import verdict
from report.record import Distribution


def clean(text):
    return text.replace("\u00a0", " ")


def test_the_verdict_says_how_many_when_and_whether_it_is_over(record, alert):
    later = alert(starts_at="2026-11-22T17:00:45+00:00", ends_at=None)
    found = record(alerts=(*record().alerts, later))
    assert clean(verdict.sentence(found)) == (
        "2 alerts: 2 in hard times, the first after 9.1 s."
        " None in baseline, before the change. 1 not resolved."
    )


def test_a_false_alarm_is_not_passed_over(record, alert):
    early = alert(starts_at="2026-11-22T17:00:20+00:00")
    assert clean(verdict.sentence(record(alerts=(early,)))) == (
        "1 alert: 1 in baseline, the first after 20.0 s. All are resolved."
    )


def test_context_is_not_counted_as_an_alert(record, alert):
    found = record(alerts=(alert(severity="info"),))
    assert clean(verdict.sentence(found)) == "No alert fired in 1 min 35 s."


def test_the_numbers_are_those_of_the_alerts(record, alert):
    slow = alert(
        starts_at="2026-11-22T17:00:50+00:00",
        firing_received_at="2026-11-22T17:00:53+00:00",
    )
    early = alert(
        starts_at="2026-11-22T17:00:20+00:00",
        firing_received_at="2026-11-22T17:00:21+00:00",
    )
    found = record(alerts=(early, *record().alerts, slow))
    assert [clean(number) for number, _ in verdict.numbers(found)] == [
        "3",
        "9.1 s",
        "1.1 s",
        "600",
    ]


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ((0.6, 0.3, 0.1), "up to 1,500 BRL, 60 % against 20 %"),
        ((0.1, 0.2, 0.7), "above 3,000 BRL, 70 % against 30 %"),
        ((0.1, 0.7, 0.2), "1,500 to 3,000 BRL, 70 % against 50 %"),
    ],
)
def test_of_amounts_the_range_that_moved_most_is_named(record, observed, words):
    edges = (1500.0, 3000.0, float("inf"))
    reference = (0.2, 0.5, 0.3)
    moved = Distribution("x", "BRL", (), edges, reference, (reference, observed))
    assert clean(verdict.of_distribution(record(), moved)) == (
        f"Moved most in hard times: {words} in the reference."
    )
