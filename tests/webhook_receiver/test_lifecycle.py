"""The rules of docs/receiver-history.md, each row of its table executed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from webhook_receiver.alerts import Alert
from webhook_receiver.store.history import Contradicted, History

PAGE = Path(__file__).parents[2] / "docs" / "receiver-history.md"
ROW = re.compile(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
CASES = [[cell.strip() for cell in row] for row in ROW.findall(PAGE.read_text())]
ANSWERS = {"fires": True, "does not fire": False, "cannot": None}
STALE_AFTER = timedelta(minutes=40)
HOUR = datetime(2026, 11, 22, 11, tzinfo=UTC)


def at(minute):
    return HOUR + timedelta(minutes=int(minute))


def alert(words):
    """The alert of a word and times, such as "resolved 05–10"."""
    starts_at, _, ends_at = words.split()[1].partition("–")
    return Alert(
        fingerprint="0123456789abcdef",
        status="resolved" if ends_at else "firing",
        starts_at=at(starts_at),
        ends_at=at(ends_at) if ends_at else None,
        labels={"alertname": "A"},
        annotations={},
        generator_url="",
    )


def arrive(history, words, fires=None, received_at=None):
    """Stores a notification, by default at its latest minute.

    Returns the statuses to log.
    """
    received = alert(words)
    received_at = received_at or received.ends_at or received.starts_at
    return [entry.status for entry in history.record([received], received_at, fires)]


def spans(history):
    """The events of the history, oldest first, in the notation of the page."""
    rows = reversed(history.newest(10))
    return ", ".join(
        f"{row['starts_at'][14:16]}–{(row['ends_at'] or '')[14:16]}" for row in rows
    )


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "alerts.sqlite", stale_after=STALE_AFTER)
    yield history
    history.close()


@pytest.mark.parametrize(
    ("before", "arrives", "asked", "expected", "logged"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_row_of_the_page_holds(history, before, arrives, asked, expected, logged):
    # The last minute of the page is late enough.
    received_at = at(50) if "two repeat intervals" in before else None
    for words in before.split(", "):
        if words not in ("", "two repeat intervals"):
            # "again" is firing of which Alertmanager says that it does.
            fires = (lambda _: True) if words.startswith("again") else None
            arrive(history, words, fires)
    if asked == "-":
        statuses = arrive(history, arrives, received_at=received_at)
    else:
        with pytest.raises(Contradicted):
            arrive(history, arrives)
        statuses = arrive(history, arrives, lambda _: ANSWERS[asked])
    assert spans(history) == expected
    assert ", ".join(statuses) == logged


def test_the_page_has_every_row():
    assert [int(case[0]) for case in CASES] == list(range(1, len(CASES) + 1))
    assert len(CASES) == 30


def test_nothing_of_a_contradicting_notification_is_stored_before_the_answer(history):
    arrive(history, "firing 05")
    arrive(history, "resolved 05–10")
    other = Alert("other", "firing", at(20), None, {}, {}, "")
    with pytest.raises(Contradicted):
        history.record([other, alert("firing 05")], at(20))
    assert spans(history) == "05–10"
    assert history.record([other, alert("firing 05")], at(20), lambda _: False)
    assert len(history.newest(10)) == 2


def test_a_start_in_another_order_of_clocks_leaves_one_event(history):
    # By its own clock the sender ended it before it began.
    arrive(history, "firing 20")
    arrive(history, "resolved 20–10")
    arrive(history, "firing 20", lambda _: True)
    arrive(history, "resolved 20–15")
    assert spans(history) == "20–15"
