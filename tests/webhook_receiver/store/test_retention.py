"""The history never fills the disk, and deletes first what matters least."""

from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.__main__ import main
from webhook_receiver.alerts import ListedAlert
from webhook_receiver.app import create_app
from webhook_receiver.store import schema
from webhook_receiver.store.comparison import Differences, Listing
from webhook_receiver.store.history import Filter, History
from webhook_receiver.store.retention import MEGABYTE, Retention

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def open_history(tmp_path):
    """Opens the history with bounds; it is closed at the end."""
    opened = []

    def open_history(age=DAY, size=MEGABYTE):
        opened.append(History(tmp_path / "alerts.sqlite", Retention(age, size)))
        return opened[-1]

    yield open_history
    for history in opened:
        history.close()


@pytest.fixture
def several(alert, resolved, received):
    """Makes alerts with the fingerprints first, first + 1 ..., firing or resolved."""

    def several(first, count, status="resolved", **changes):
        make = alert if status == "firing" else resolved
        bodies = [
            make(**{"fingerprint": f"{status}-{i}"} | changes)
            for i in range(first, first + count)
        ]
        return received(*bodies)

    return several


def record(history, alerts, received_at):
    """Stores alerts, as logged."""
    history.mark_logged(history.record(alerts, received_at))


def stored(history, status):
    return {a["fingerprint"] for a in history.page(Filter(status), 10_000, 0)}


def test_the_files_stay_within_the_bound_in_a_flood_of_alerts(
    open_history, several, tmp_path
):
    history = open_history()
    log = tmp_path / "alerts.sqlite-wal"
    for i in range(0, 20_000, 500):
        record(history, several(i, 500), NOW + timedelta(seconds=i))
        # 500 alerts are half a megabyte, their lines of the log as much. SQLite's own
        # log is emptied every 1,000 pages.
        assert (tmp_path / "alerts.sqlite").stat().st_size < 2.2 * MEGABYTE
        assert log.stat().st_size < 10 * MEGABYTE
    assert history.deleted["size"] > 15_000
    assert "resolved-19999" in stored(history, "resolved")


def test_firing_alerts_are_deleted_after_all_resolved_ones(open_history, several):
    history = open_history()
    record(history, several(0, 50, "firing"), NOW)
    for i in range(0, 5_000, 500):
        record(history, several(i, 500), NOW + timedelta(seconds=1 + i))
    assert history.deleted["size"] > 0
    assert len(stored(history, "firing")) == 50


def test_the_oldest_by_the_receivers_clock_is_deleted_first(open_history, several):
    history = open_history()
    record(history, several(0, 100, startsAt="2099-01-01T00:00:00Z"), NOW)
    record(history, several(100, 100, startsAt="1970-01-01T00:00:00Z"), NOW + DAY / 2)
    received = 200
    while not history.deleted["size"]:
        record(history, several(received, 100), NOW + DAY / 2)
        received += 100
    deleted = received - len(stored(history, "resolved"))
    kept = {f"resolved-{i}" for i in range(deleted, received)}
    assert stored(history, "resolved") == kept


def test_the_oldest_firing_alerts_are_deleted_if_no_other_are_left(
    open_history, several
):
    history = open_history()
    for i in range(0, 5_000, 500):
        record(history, several(i, 500, "firing"), NOW + timedelta(seconds=i))
    assert history.deleted["size"] > 0
    assert "firing-4999" in stored(history, "firing")
    assert "firing-0" not in stored(history, "firing")


def test_alerts_older_than_the_bound_are_deleted(open_history, several):
    history = open_history()
    record(history, several(0, 250) + several(0, 250, "firing"), NOW)
    record(history, several(250, 1), NOW + DAY)
    assert history.deleted == {"age": 0, "size": 0}
    record(history, several(251, 1), NOW + DAY + timedelta(seconds=1))
    assert history.deleted == {"age": 500, "size": 0}
    assert stored(history, None) == {"resolved-250", "resolved-251"}


def test_lines_that_are_not_logged_yet_delete_no_alert(open_history, several):
    history = open_history()
    record(history, several(0, 700), NOW)
    entries = history.record(several(700, 500), NOW)
    assert history.deleted["size"] == 0
    history.mark_logged(entries)


def test_an_alert_is_as_old_as_its_end(open_history, several):
    history = open_history()
    record(history, several(0, 1, "firing"), NOW)
    record(history, several(0, 1, fingerprint="firing-0"), NOW + DAY)
    record(history, several(1, 1), NOW + 1.5 * DAY)
    assert stored(history, None) == {"firing-0", "resolved-1"}


def test_an_alert_that_alertmanager_confirms_does_not_age(open_history, several):
    history = open_history()
    [alert] = several(0, 1, "firing")
    record(history, [alert], NOW)
    listed = {alert.fingerprint: ListedAlert(alert, frozenset(), "")}
    listing = Listing(listed, frozenset(), is_complete=True)
    history.reconcile(listing, NOW + DAY, Differences())
    record(history, several(1, 1), NOW + 1.5 * DAY)
    assert stored(history, None) == {"firing-0", "resolved-1"}


def test_a_lower_bound_holds_from_the_start(open_history, several):
    large = open_history(size=10 * MEGABYTE)
    record(large, several(0, 3_000), datetime.now(UTC))
    large.close()
    small = open_history(size=MEGABYTE)
    assert small.deleted["size"] > 1_000
    small.close()
    soon = open_history(age=timedelta(0))
    assert soon.deleted["age"] > 0
    assert stored(soon, None) == set()


def test_the_alerts_to_delete_are_found_by_an_index(history):
    values = {"before": "", "rows": 1}
    for query in (schema.DELETE_OLDER, schema.DELETE_OLDEST):
        explained = history._select(f"EXPLAIN QUERY PLAN {query}", values)
        plan = [row["detail"] for row in explained]
        assert any("USING INDEX alerts_by_age" in step for step in plan)
        assert not any("B-TREE" in step for step in plan)  # so nothing is sorted


def test_size_and_deletions_are_metrics(open_history, several, tmp_path, registry):
    history = open_history()
    create_app(history, tmp_path / "token", registry)
    for first in (0, 2_000):
        record(history, several(first, 2_000), NOW)
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
def test_an_invalid_bound_is_refused(bound, tmp_path, capsys):
    arguments = ["--history", str(tmp_path / "h"), "--token-file", str(tmp_path / "t")]
    with pytest.raises(SystemExit):
        main(["serve", *arguments, *bound])
    assert "expected a whole number from" in capsys.readouterr().err
