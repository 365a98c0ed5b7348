"""A copy of the history is whole while the receiver writes, and can be restored."""

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from webhook_receiver.__main__ import main
from webhook_receiver.store.backup import back_up, restore
from webhook_receiver.store.history import History

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "alerts.sqlite"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "copy.sqlite"


@pytest.fixture
def store(received, alert):
    """Stores alerts with the fingerprints first, first + 1 ..., in one notification."""

    def store(history, first, count=1):
        bodies = [alert(fingerprint=str(n)) for n in range(first, first + count)]
        history.record(received(*bodies), NOW)

    return store


def fingerprints(file):
    history = History(file)
    try:
        return {int(alert["fingerprint"]) for alert in history.newest(10_000)}
    finally:
        history.close()


def test_a_copy_has_what_is_only_in_the_write_ahead_log(file, out, history, store):
    store(history, 0, 9)
    naive = file.with_name("naive.sqlite")
    shutil.copy(file, naive)
    assert len(fingerprints(naive)) < 9
    assert back_up(file, out) == 9
    assert fingerprints(out) == set(range(9))


def test_a_copy_is_one_moment_of_a_history_that_is_written(file, history, store):
    stop = threading.Event()

    def write():
        first = 0
        while not stop.is_set():
            store(history, first, 10)
            first += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [back_up(file, file.with_name(f"copy-{i}")) for i in range(10)]
    finally:
        stop.set()
        writer.join()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for number, count in enumerate(counts):
        # Whole notifications, and all before the last of them.
        assert count % 10 == 0
        assert fingerprints(file.with_name(f"copy-{number}")) == set(range(count))


def test_a_copy_is_one_file_that_a_read_only_folder_may_hold(file, out, history, store):
    store(history, 0)
    back_up(file, out)
    assert [found.name for found in out.parent.glob("copy*")] == ["copy.sqlite"]
    with closing(sqlite3.connect(out)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_copy_never_overwrites_a_file(file, out, history):
    out.write_text("mine")
    with pytest.raises(FileExistsError, match=r"copy\.sqlite exists"):
        back_up(file, out)
    assert out.read_text() == "mine"


def damaged(file):
    file.write_bytes(b"\x07" * 100_000)


def foreign(file):
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE alerts (id INTEGER)")
        other.commit()


BAD = {
    "missing": lambda file: file.unlink(missing_ok=True),
    "empty": lambda file: file.touch(),
    "damaged": damaged,
    "foreign": foreign,
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_no_copy_is_made_of_another_file(tmp_path, out, make):
    source = tmp_path / "source.sqlite"
    make(source)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(sqlite3.Error):
        back_up(source, out)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_another_file_does_not_replace_the_history(file, tmp_path, store, make):
    history = History(file)
    store(history, 0)
    history.close()
    source = tmp_path / "source.sqlite"
    make(source)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(sqlite3.Error):
        restore(source, file)
    assert sorted(tmp_path.iterdir()) == before
    assert fingerprints(file) == {0}


def test_a_restored_history_replaces_the_former_which_is_renamed(file, out, store):
    history = History(file)
    store(history, 0, 5)
    back_up(file, out)
    store(history, 5, 2)
    history.close()
    alerts, former = restore(out, file)
    assert alerts == 5
    assert fingerprints(file) == set(range(5))
    assert former.name.startswith("alerts.sqlite.replaced-")
    assert fingerprints(former) == set(range(7))


def test_a_former_history_that_was_killed_keeps_its_log(file, out, history, store):
    store(history, 0, 5)
    back_up(file, out)
    store(history, 5, 2)
    # As a kill leaves them.
    killed = file.with_name("killed.sqlite")
    for suffix in ("", "-wal"):
        shutil.copy(f"{file}{suffix}", f"{killed}{suffix}")
    _, former = restore(out, killed)
    assert fingerprints(killed) == set(range(5))
    assert fingerprints(former) == set(range(7))


def test_a_copy_is_restored_where_there_was_no_history(file, out, tmp_path, store):
    history = History(file)
    store(history, 0, 5)
    back_up(file, out)
    history.close()
    fresh = tmp_path / "fresh.sqlite"
    assert restore(out, fresh) == (5, None)
    assert fingerprints(fresh) == set(range(5))


def test_a_damaged_history_can_be_replaced(file, out, store):
    history = History(file)
    store(history, 0, 5)
    back_up(file, out)
    history.close()
    damaged(file)
    restore(out, file)
    assert fingerprints(file) == set(range(5))


def test_a_history_in_use_is_not_replaced(file, out, history, store):
    store(history, 0)
    back_up(file, out)
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        restore(out, file)
    store(history, 1)
    assert len(history.newest(10)) == 2
    assert not list(file.parent.glob("*.replaced-*"))


def test_the_commands_say_what_they_did(file, out, history, store, capsys):
    store(history, 0, 3)
    main(["backup", "--history", str(file), "--out", str(out)])
    assert capsys.readouterr().out == f"3 alerts of {file} are in {out}\n"
    history.close()
    main(["restore", "--history", str(file), "--from", str(out)])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("the former history is now ")
    assert second == f"3 alerts of {out} are in {file}"


def test_the_commands_fail_with_a_sentence(file, out):
    with pytest.raises(SystemExit, match=f"no backup of {file}: unable to open"):
        main(["backup", "--history", str(file), "--out", str(out)])
    foreign(out)
    sentence = f"{out} is not restored to {file}: it is no history of this version"
    with pytest.raises(SystemExit, match=sentence):
        main(["restore", "--history", str(file), "--from", str(out)])
