"""The history never fills the disk, and what it gives up is what matters least."""

from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver import create_app, sql
from webhook_receiver.__main__ import main
from webhook_receiver.alerts import parse
from webhook_receiver.history import History
from webhook_receiver.retention import MEGABYTE, Retention

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def open_history(tmp_path):
    """Opens the history, with bounds; what was opened is closed in the end."""
    opened = []

    def open_history(age=DAY, size=MEGABYTE):
        opened.append(History(tmp_path / "alerts.sqlite", Retention(age, size)))
        return opened[-1]

    yield open_history
    for history in opened:
        history.close()


@pytest.fixture
def several(alert, resolved, notification):
    """Makes alerts with the fingerprints first, first + 1 ..., firing or resolved."""

    def several(first, count, status="resolved", **changes):
        make = alert if status == "firing" else resolved
        bodies = [
            make(**{"fingerprint": f"{status}-{i}"} | changes)
            for i in range(first, first + count)
        ]
        return parse(notification(*bodies))

    return several


def kept(history, status):
    return {a["fingerprint"] for a in history.page(status, None, 10_000, 0)}


def test_however_much_arrives_the_files_stay_within_the_bound(
    open_history, several, tmp_path
):
    history = open_history()
    log = tmp_path / "alerts.sqlite-wal"
    for i in range(0, 20_000, 500):
        history.add(several(i, 500), NOW + timedelta(seconds=i))
        # 500 alerts are half a megabyte. The log is emptied every 1,000 pages.
        assert (tmp_path / "alerts.sqlite").stat().st_size < 1.6 * MEGABYTE
        assert log.stat().st_size < 10 * MEGABYTE
    assert history.deleted["size"] > 15_000
    assert "resolved-19999" in kept(history, "resolved")


def test_what_fires_outlives_what_is_resolved_however_old_it_is(open_history, several):
    history = open_history()
    history.add(several(0, 50, "firing"), NOW)
    for i in range(0, 5_000, 500):
        history.add(several(i, 500), NOW + timedelta(seconds=1 + i))
    assert history.deleted["size"] > 0
    assert len(kept(history, "firing")) == 50


def test_the_oldest_goes_first_by_the_clock_of_the_receiver(open_history, several):
    history = open_history()
    history.add(several(0, 100, startsAt="2099-01-01T00:00:00Z"), NOW)
    history.add(several(100, 100, startsAt="1970-01-01T00:00:00Z"), NOW + DAY / 2)
    while not history.deleted["size"]:
        first = 200 + len(kept(history, "resolved"))
        history.add(several(first, 100), NOW + DAY / 2)
    assert not kept(history, "resolved") & {f"resolved-{i}" for i in range(100)}
    assert "resolved-100" in kept(history, "resolved")


def test_the_bound_wins_if_everything_fires(open_history, several):
    history = open_history()
    for i in range(0, 5_000, 500):
        history.add(several(i, 500, "firing"), NOW + timedelta(seconds=i))
    assert history.deleted["size"] > 0
    assert "firing-4999" in kept(history, "firing")
    assert "firing-0" not in kept(history, "firing")


def test_what_was_told_longer_ago_than_the_bound_is_deleted(open_history, several):
    history = open_history()
    history.add(several(0, 250) + several(0, 250, "firing"), NOW)
    history.add(several(250, 1), NOW + DAY)
    assert history.deleted == {"age": 0, "size": 0}
    history.add(several(251, 1), NOW + DAY + timedelta(seconds=1))
    assert history.deleted == {"age": 500, "size": 0}
    assert kept(history, None) == {"resolved-250", "resolved-251"}


def test_an_alert_is_as_old_as_its_end(open_history, several, alert, resolved):
    history = open_history()
    history.add(several(0, 1, "firing"), NOW)
    history.add(several(0, 1, fingerprint="firing-0"), NOW + DAY)
    history.add(several(1, 1), NOW + 1.5 * DAY)
    assert kept(history, None) == {"firing-0", "resolved-1"}


def test_a_lower_bound_holds_from_the_start(open_history, several):
    large = open_history(size=10 * MEGABYTE)
    large.add(several(0, 3_000), datetime.now(UTC))
    large.close()
    small = open_history(size=MEGABYTE)
    assert small.deleted["size"] > 1_000
    small.close()
    soon = open_history(age=timedelta(0))
    assert soon.deleted["age"] > 0
    assert kept(soon, None) == set()


def test_what_to_delete_is_found_without_looking_at_the_rest(history):
    values = {"before": "", "bite": 1}
    for query in (sql.DELETE_OLDER, sql.DELETE_OLDEST):
        explained = history._select(f"EXPLAIN QUERY PLAN {query}", values)
        plan = [row["detail"] for row in explained]
        assert any("USING INDEX alerts_by_age" in step for step in plan)
        assert not any("B-TREE" in step for step in plan)  # nothing has to be sorted


def test_size_and_deletions_are_metrics(open_history, several, tmp_path, registry):
    history = open_history()
    create_app(history, tmp_path / "token", registry)
    history.add(several(0, 2_000), NOW)
    deleted = {
        reason: registry.get_sample_value(
            "webhook_receiver_deleted_alerts_total", {"reason": reason}
        )
        for reason in ("age", "size")
    }
    assert deleted == history.deleted
    assert deleted["size"] > 0
    size = registry.get_sample_value("webhook_receiver_history_bytes")
    files = ("alerts.sqlite", "alerts.sqlite-wal")
    assert size == sum((tmp_path / file).stat().st_size for file in files)


@pytest.mark.parametrize(
    "bound",
    [
        ("--keep-days", "0"),
        ("--keep-days", "-1"),
        ("--keep-megabytes", "63"),
        ("--keep-megabytes", "much"),
        ("--keep-days", "1.5"),
    ],
)
def test_a_bound_that_is_none_is_refused(bound, tmp_path, capsys):
    arguments = ["--history", str(tmp_path / "h"), "--token-file", str(tmp_path / "t")]
    with pytest.raises(SystemExit):
        main(["serve", *arguments, *bound])
    assert "a whole number from" in capsys.readouterr().err
