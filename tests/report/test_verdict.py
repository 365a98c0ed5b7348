import pytest

from report import verdict
from tests.report.charts.test_decision_mix import at


def clean(text):
    return text.replace("\u00a0", " ")


def sentence(record):
    return clean(verdict.sentence(record, record.models[0].alerts))


def test_the_sentence_says_how_many_alerts_fired_when_and_which_still_fire(
    record, alert
):
    labels = {"signal": "monthly_income", "direction": "lower"}
    later = alert(labels=labels, starts_at=at(45), ends_at=None)
    early = alert(starts_at=at(20))
    found = record(alerts=(early, alert(), later))
    assert sentence(found) == (
        "3 alerts: 1 in baseline, the first after 20.0 s; 2 in hard times, the first"
        " after 9.1 s. 1 still fires at the end: monthly income lower."
    )


def test_one_phase_is_named_once(record, alert):
    assert sentence(record(alerts=(alert(), alert(starts_at=at(45))))) == (
        "2 alerts in hard times, the first after 9.1 s. None in baseline, before the"
        " change. All are resolved."
    )


def test_one_alert_is_a_sentence(record):
    assert sentence(record()) == (
        "1 alert, 9.1 s into hard times. None in baseline, before the change."
        " All are resolved."
    )


def test_without_phases_the_sentence_has_the_time_range(live, record, alert):
    assert sentence(live()) == "1 alert, at 17:00:39. All are resolved."
    two = record(phases=(), alerts=(alert(), alert()))
    assert sentence(two) == "2 alerts in 1 min 35 s. All are resolved."


def test_alerts_that_fire_with_one_name_are_listed_once(record, alert):
    alerts = tuple(alert(ends_at=None, labels={}) for _ in range(3))
    assert sentence(record(alerts=alerts)).endswith(
        "3 still fire at the end: ModelDecisionDrift."
    )


def test_information_is_not_counted_as_an_alert(record, alert):
    found = record(alerts=(alert(severity="info"),))
    assert sentence(found) == "No alert fired in 1 min 35 s."


def test_the_numbers_are_those_of_the_alerts(record, alert):
    slow = alert(starts_at=at(50), firing_received_at="2026-11-22T17:00:53+00:00")
    early = alert(starts_at=at(20), firing_received_at="2026-11-22T17:00:21+00:00")
    found = record(alerts=(early, alert(), slow))
    numbers = verdict.numbers(found, found.models[0])
    assert [clean(number) for number, _ in numbers] == ["3", "9.1 s", "1.1 s", "600"]


def test_without_alerts_there_are_two_numbers(record):
    found = record(alerts=())
    assert [number for number, _ in verdict.numbers(found, found.models[0])] == [
        "0",
        "600",
    ]


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ((0.6, 0.3, 0.1), "at most 1500 brl, 60 % instead of 20 %"),
        ((0.1, 0.2, 0.7), "above 3000 brl, 70 % instead of 30 %"),
        ((0.1, 0.7, 0.2), "1500 to 3000 brl, 70 % instead of 50 %"),
        ((0.5, 0.45, 0.05), "at most 1500 brl, 50 % instead of 20 %"),
        ((0.3, 0.3, 0.4), "1500 to 3000 brl, 30 % instead of 50 %"),
        ((0.16, 0.65, 0.19), "1500 to 3000 brl, 65 % instead of 50 %"),
    ],
)
def test_of_a_number_the_range_that_moved_most_is_named(
    record, income, observed, words
):
    moved = income(observed=(income().reference, observed))
    assert clean(verdict.of_signal(record(), moved)) == (
        f"Furthest off in hard times: {words}."
    )


def test_of_a_categorical_signal_the_category_is_named(record, signal):
    moved = signal(observed=((0.5, 0.5), (0.79, 0.21)))
    assert clean(verdict.of_signal(record(), moved)) == (
        "Furthest off in baseline: web, 50 % instead of 80 %."
    )


def test_a_shift_that_does_not_show_in_percent_is_left_out(record, signal):
    usual = signal(reference=(1.0, 0.0), observed=((1.0, 0.0), (0.9999, 0.0001)))
    assert verdict.of_signal(record(), usual) == ""


def test_a_signal_that_was_not_observed_is_named(record, signal):
    never = signal(observed=(None, None))
    assert verdict.of_signal(record(), never) == "Nothing was observed."


def test_the_budget_is_that_of_the_models(record):
    assert verdict.budget(record()) == "once in 90 days"
    assert (
        verdict.budget(record(false_alarm_days=None)) == "as often as its budget allows"
    )
