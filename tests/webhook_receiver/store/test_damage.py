"""A damaged history is set aside, and the receiver goes on with a new one."""

import shutil
import sqlite3
from datetime import UTC, datetime

import pytest
from webhook_receiver.__main__ import main
from webhook_receiver.app import create_app
from webhook_receiver.store import sqlite_file
from webhook_receiver.store.history import Filter, History
from webhook_receiver.store.sqlite_file import (
    DAMAGE_MARK,
    ForeignDatabase,
    SqliteFile,
    set_aside,
)

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
PAGE = 4096


def overwrite(file, at, what):
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(what)


def overwrite_index(file):
    connection = sqlite3.connect(file)
    query = "SELECT rootpage FROM sqlite_schema WHERE name = 'alerts_by_model'"
    [page] = connection.execute(query).fetchone()
    connection.close()
    overwrite(file, (page - 1) * PAGE, b"\x07" * PAGE)


DAMAGES = {
    "garbage": lambda file: file.write_bytes(b"\x07" * 100_000),
    "a text": lambda file: file.write_text("alerts, one a line\n"),
    "truncated": lambda file: overwrite(file, 0, b"") or shrink(file, 0.5),
    "cut within a page": lambda file: shrink(file, 0.77),
    "another header": lambda file: overwrite(file, 0, b"SQLite format 4\0"),
    "no page size": lambda file: overwrite(file, 16, b"\0\0"),
    "a page in the middle": lambda file: overwrite(
        file, file.stat().st_size // 2 // PAGE * PAGE, b"\x07" * PAGE
    ),
    "half a page": lambda file: overwrite(
        file, file.stat().st_size // 2 // PAGE * PAGE, b"\0" * (PAGE // 2)
    ),
    "an index": overwrite_index,
    "labels that are not JSON": lambda file: overwrite(
        file, file.read_bytes().index(b'{"alertname"'), b"?"
    ),
}
DAMAGED = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
# SQLite reads the header when it opens a file, so these show at the next start.
HEADER = ("another header", "no page size")
DAMAGED_BELOW_THE_HEADER = pytest.mark.parametrize(
    "damage", [name for name in DAMAGES if name not in HEADER]
)


def shrink(file, to):
    with file.open("r+b") as opened:
        opened.truncate(int(file.stat().st_size * to))


@pytest.fixture
def file(tmp_path, alert, received):
    """A history of 300 alerts, closed."""
    history = History(tmp_path / "alerts.sqlite")
    alerts = [alert(fingerprint=f"{i:016x}") for i in range(300)]
    history.mark_logged(history.record(received(*alerts), NOW))
    history._select("VACUUM")  # each text is in the file once
    history.close()
    return tmp_path / "alerts.sqlite"


@pytest.fixture
def works(alert, received):
    """Whether a history stores an alert, and has no other."""

    def works(history):
        stored = history.record(received(alert(fingerprint="new")), NOW)
        return len(stored) == len(history.newest(10)) == 1

    return works


@DAMAGED
def test_a_damaged_history_is_set_aside_at_the_start(damage, file, works, log):
    damage(file)
    damaged = file.read_bytes()
    history = History(file)
    [aside] = SqliteFile(file).damaged_files()
    assert works(history)
    assert aside.read_bytes() == damaged
    [line] = log()
    assert line["event"] == "history"
    assert str(file) in line["detail"]
    assert str(aside) in line["detail"]
    history.close()


@DAMAGED_BELOW_THE_HEADER
def test_a_history_that_is_damaged_while_it_is_used_is_set_aside(damage, file, works):
    history = History(file)
    history._select("PRAGMA shrink_memory")  # what SQLite remembers hides the damage
    DAMAGES[damage](file)
    history.page(Filter(), 1_000, 0)
    assert works(history)
    assert len(SqliteFile(file).damaged_files()) == 1
    history.close()


def test_a_notification_that_reveals_the_damage_is_stored_in_a_new_history(
    file, tmp_path, alert, notification, registry, log
):
    (tmp_path / "token").write_text("secret")
    history = History(file)
    client = create_app(history, tmp_path / "token", registry).test_client()
    history._select("PRAGMA shrink_memory")
    DAMAGES["garbage"](file)
    response = client.post(
        "/notifications",
        json=notification(alert()),
        headers={"Authorization": "Bearer secret"},
    )
    assert response.status_code == 204
    assert len(client.get("/alerts").json["alerts"]) == 1
    assert [line["event"] for line in log()[-2:]] == ["history", "alert"]
    assert registry.get_sample_value("webhook_receiver_histories_set_aside") == 1
    history.close()


def test_the_log_of_a_damaged_history_goes_with_it(
    file, tmp_path, works, alert, received
):
    living = History(file)
    living.record(received(alert(fingerprint="a")), NOW)
    copied = tmp_path / "copy" / "alerts.sqlite"
    copied.parent.mkdir()
    # As a kill leaves them: the last alert is only in the log.
    for suffix in ("", "-wal"):
        shutil.copy(f"{file}{suffix}", f"{copied}{suffix}")
    living.close()
    # Left behind, it would become the log of the new history.
    aside = set_aside(copied, DAMAGE_MARK)
    history = History(copied)
    assert works(history)
    history.close()
    recovered = sqlite3.connect(aside)
    assert recovered.execute("SELECT count(*) FROM alerts").fetchone() == (301,)
    recovered.close()


def test_a_journal_that_a_kill_left_goes_with_its_history(file):
    journal = file.with_name(f"{file.name}-journal")
    journal.write_bytes(b"what was to be rolled back")
    aside = set_aside(file, DAMAGE_MARK)
    assert not journal.exists()
    assert aside.with_name(f"{aside.name}-journal").exists()


def test_no_file_that_was_set_aside_is_overwritten(file, works):
    for i in range(3):
        file.write_text(f"garbage {i}, {'x' * 1_000}")
        history = History(file)
        assert works(history)
        history.close()
    found = [aside.read_text()[:9] for aside in SqliteFile(file).damaged_files()]
    assert found == ["garbage 0", "garbage 1", "garbage 2"]


def test_a_sound_database_of_something_else_is_left_alone(tmp_path, capsys):
    file = tmp_path / "grafana.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE alerts (id INTEGER)")
    other.execute("INSERT INTO alerts VALUES (1)")
    other.commit()
    other.close()
    before = file.read_bytes()
    with pytest.raises(ForeignDatabase, match="its tables are alerts"):
        History(file)
    arguments = ["--history", str(file), "--token-file", str(tmp_path / "token")]
    with pytest.raises(
        SystemExit, match=r"does not start: .*no history of this version"
    ):
        main(["serve", "--port", "0", *arguments])
    assert file.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["grafana.db"]


def test_a_file_that_cannot_be_opened_stops_the_start_with_a_sentence(tmp_path):
    arguments = ["--history", str(tmp_path), "--token-file", str(tmp_path / "token")]
    with pytest.raises(SystemExit, match=f"does not start: {tmp_path}: unable to open"):
        main(["serve", "--port", "0", *arguments])


def test_setting_a_damaged_history_aside_is_tried_again(file, works, monkeypatch):
    def refuse(path, mark):
        raise PermissionError("not your folder")

    history = History(file)
    history._select("PRAGMA shrink_memory")
    DAMAGES["garbage"](file)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, "set_aside", refuse)
        for _ in range(2):
            with pytest.raises(sqlite3.DatabaseError, match="not your folder"):
                history.newest(1)
    assert works(history)
    history.close()


def test_a_damaged_text_is_shown_as_far_as_it_is_readable(file):
    overwrite(file, file.read_bytes().index(b"It drifts."), b"\xff")
    history = History(file)
    alerts = history.newest(1_000)
    summaries = {alert["annotations"]["summary"] for alert in alerts}
    assert summaries == {"It drifts.", "\N{REPLACEMENT CHARACTER}t drifts."}
    assert SqliteFile(file).damaged_files() == []
    history.close()
