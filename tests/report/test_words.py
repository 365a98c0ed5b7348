import pytest

from report import words
from report.timeaxis import broken
from stack.timeline import Phase


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(45, "45 s"), (60, "1 min"), (173.4, "2 min 53 s"), (7_260, "2 h 1 min")],
)
def test_durations(seconds, said):
    assert words.duration(seconds).replace(words.SPACE, " ") == said


def test_evidence_is_odds():
    assert words.odds(16.1) == "10,000,000"


def test_an_alert_before_the_change_says_so(record, alert):
    early = alert(phases=(Phase("hard-times", 1_795_366_840.5),))
    assert words.fired(record(), early.row) == "1.4 s before hard times".replace(
        " s", f"{words.SPACE}s"
    )


def test_an_alert_that_was_not_delivered_says_so(alert):
    assert words.delivered(alert(firing_received_at=None)) == "not delivered"


def test_buckets_are_named_by_their_edges(record):
    _, income = record().distributions
    assert words.buckets(income) == ("up to 1,500", "1,500 to 3,000", "above 3,000")


def test_a_line_is_broken_where_nothing_was_known():
    times, values = broken([(0, 1.0), (1, 2.0), (2, 3.0), (9, 4.0)])
    assert times == [0, 1, 2, 9, 9]
    assert values[:3] + values[4:] == [1.0, 2.0, 3.0, 4.0]
    assert values[3] != values[3]
