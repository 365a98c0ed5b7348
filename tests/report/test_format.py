import pytest

from report import format as formatting
from report.format import between, ends, listed


def clean(text):
    return text.replace(formatting.SPACE, " ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0.2, "0 s"), (45, "45 s"), (60, "1 min"), (173.4, "2 min 53 s")),
        *((3_599.7, "1 h"), (7_260, "2 h 1 min"), (7_203, "2 h")),
        *((90_000, "1 d 1 h"), (86_460, "1 d"), (30 * 86_400, "30 d")),
    ],
)
def test_durations(seconds, text):
    assert clean(formatting.duration(seconds)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.0, "0 %"), (0.0001, "< 0.1 %"), (0.0044, "0.4 %"), (0.0099, "1.0 %")),
        *((0.00996, "1 %"), (0.244, "24 %"), (0.996, "100 %"), (1.0, "100 %")),
    ],
)
def test_shares(share, text):
    assert clean(formatting.percent(share)) == text


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (list("abcd"), "a, b, c and d")],
)
def test_lists(names, text):
    assert listed(names) == text


def test_a_long_list_is_shortened():
    assert listed(list("abcdefg")) == "a, b, c, d and 3 more"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("at most 2500", "", "2500"),
        ("2500 to 1e+16", "2500", "1e+16"),
        ("above -0.5", "-0.5", ""),
    ],
)
def test_the_ends_of_a_range(text, low, high):
    assert ends(text) == (low, high)
    assert between(low, high) == text


def test_titles_have_the_segment_or_the_unit(signal, income):
    assert formatting.title(signal()) == "channel"
    assert formatting.title(income()) == "monthly income, brl"
    segment = signal(name="decision_by_area", segment="North-East_1")
    assert formatting.title(segment) == "decision by area North-East_1"


def test_the_subject_of_an_alert_keeps_categories_as_they_are(alert):
    labels = {"signal": "decision_by_area", "segment": "N_E", "direction": "to_review"}
    assert formatting.subject(alert(labels=labels).row) == (
        "decision by area N_E to_review"
    )
    assert formatting.subject(alert(labels={}).row) == ""


def test_a_time_is_counted_from_the_start_of_its_phase(record):
    whole = record()
    start = whole.phases[0].start
    texts = [
        clean(formatting.after_change(whole, start + s)) for s in (-2, 5, 31.5, 80)
    ]
    assert texts == [
        "2.0 s before baseline",
        "5.0 s into baseline",
        "1.5 s into hard times",
        "50.0 s into hard times",
    ]


def test_without_phases_a_time_is_that_of_the_clock(live):
    whole = live()
    assert formatting.after_change(whole, whole.since) == "at 16:59:55"
    assert formatting.moment(whole, whole.since) == "16:59:55"


def test_no_line_breaks_between_a_number_and_its_percent_sign():
    assert formatting.unbroken("at 5 % or 6 %") == "at 5\u00a0% or 6\u00a0%"
