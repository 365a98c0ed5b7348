"""What was acknowledged is on the disk, even what the operating system still buffers.

A kill cannot show that, because the system writes its buffers later. So every commit is
looked at, and the calls that wait for the disk are.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.alerts import ListedAlert
from webhook_receiver.app import create_app
from webhook_receiver.store.comparison import Differences, Listing
from webhook_receiver.store.history import History

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
AUTHORIZED = {"Authorization": "Bearer secret"}
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE) ")
# A deletion that is lost repeats a line of the log.
MAY_BE_LOST = "DELETE FROM unlogged"
FULL = 2


class Watched(sqlite3.Connection):
    """A connection that notes by which settings each commit was made, of what."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.written, self.begun = [], 0
        self.set_trace_callback(self.trace)

    def trace(self, statement):
        if WRITES.match(statement):
            self.written.append(statement.strip())
        self.begun += statement.startswith("BEGIN")

    def note(self, is_commit):
        if not self.in_transaction:
            return
        if is_commit:
            settings = [
                super(Watched, self).execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("synchronous", "journal_mode")
            ]
            Watched.commits.append((settings, self.written))
        self.written, self.begun = [], self.begun - 1

    def commit(self):
        self.note(is_commit=True)
        super().commit()

    def __exit__(self, kind, *error):
        self.note(is_commit=kind is None)
        return super().__exit__(kind, *error)


@pytest.fixture
def commits(monkeypatch):
    """Every commit of every connection: its settings, and what it wrote."""
    connections, connect = [], sqlite3.connect

    def watched(*arguments, **options):
        connections.append(connect(*arguments, factory=Watched, **options))
        return connections[-1]

    monkeypatch.setattr(sqlite3, "connect", watched)
    Watched.commits = []
    yield Watched.commits
    # None was made in another way, and was missed here.
    assert connections
    assert [connection.begun for connection in connections] == [0] * len(connections)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "token").write_text("secret")
    return tmp_path / "alerts.sqlite"


@pytest.fixture
def send(file, tmp_path, registry, notification):
    """Sends alerts to a receiver of a new history."""
    history = History(file)
    client = create_app(history, tmp_path / "token", registry).test_client()

    def send(*alerts):
        body = notification(*alerts)
        response = client.post("/notifications", json=body, headers=AUTHORIZED)
        assert response.status_code == 204

    send.history = history
    yield send
    history.close()


def assert_durable(commits, *statements):
    """Every commit that must not be lost waits for the disk, these among them."""
    durable = [
        (settings, written)
        for settings, written in commits
        if not all(statement.startswith(MAY_BE_LOST) for statement in written)
    ]
    assert [settings for settings, _ in durable] == [[FULL, "wal"]] * len(durable)
    text = "\n".join(statement for _, written in durable for statement in written)
    for statement in statements:
        assert statement in text


def test_every_notification_waits_for_the_disk(commits, send, alert, resolved):
    send(alert())
    assert_durable(commits, "INSERT INTO alerts")
    for body in (alert(), resolved(), alert(), resolved()):
        send(body)
    # The first, its repetition, its end, its reopening and its second end.
    assert_durable(commits, "heard_at = ", "ends_at = NULL", "INSERT INTO unlogged")
    # One at the start, five notifications, and four of them with a line of the log.
    assert len(commits) == 10


def test_a_notification_waits_for_the_disk_after_one_was_logged(commits, send, alert):
    send(alert())
    send(alert(fingerprint="second"))
    assert_durable(commits)
    logged = [c for c in commits if c[1][0].startswith(MAY_BE_LOST)]
    assert len(logged) == 2


def test_a_new_history_after_damage_waits_for_the_disk(commits, send, file, alert):
    send(alert())
    # What SQLite remembers, or has in its log, hides the damage.
    send.history._select("PRAGMA wal_checkpoint(TRUNCATE)")
    send.history._select("PRAGMA shrink_memory")
    file.write_bytes(b"\x07" * 100_000)
    del commits[:]
    send(alert())
    assert len(send.history.file.damaged_files()) == 1
    assert_durable(commits, "INSERT INTO alerts")


def test_reconciliation_waits_for_the_disk(commits, send, received, alert):
    send(alert())
    [lacked] = received(alert(fingerprint="lacked"))
    listing = Listing(
        {"lacked": ListedAlert(lacked, frozenset(), "")}, frozenset({"lacked"}), True
    )
    differences, asked_at = Differences(), datetime.now(UTC)
    for _ in range(2):
        asked_at += timedelta(minutes=1)
        _, differences = send.history.reconcile(listing, asked_at, differences)
    assert_durable(commits, "UPDATE alerts SET ends_at", "'lacked'")


STORE = """
import json, os, sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from webhook_receiver.app import create_app
from webhook_receiver.store.history import History

folder, bodies = Path(sys.argv[1]), sys.argv[2:]
history = History(folder / "alerts.sqlite")
client = create_app(history, folder / "token", CollectorRegistry()).test_client()
for number, body in enumerate(bodies):
    os.write(2, f"sends {number}\\n".encode())
    headers = {"Authorization": "Bearer secret"}
    status = client.post("/notifications", data=body, headers=headers).status_code
    os.write(2, f"answered {status}\\n".encode())
history.close()
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="there is no strace")
def test_the_disk_is_waited_for_before_a_notification_is_acknowledged(
    file, tmp_path, root, notification, alert, resolved
):
    bodies = [json.dumps(notification(body)) for body in (alert(), resolved())]
    trace = tmp_path / "trace"
    traced = subprocess.run(
        [
            *("strace", "-f", "-y", "-o", trace),
            *("-e", "trace=fsync,fdatasync,write"),
            *(sys.executable, "-c", STORE, tmp_path, *bodies),
        ],
        env=os.environ | {"PYTHONPATH": str(root / "webhook-receiver")},
        capture_output=True,
        text=True,
    )
    if "ptrace" in traced.stderr:
        pytest.skip("processes cannot be traced here")
    assert traced.returncode == 0, traced.stderr
    calls = trace.read_text()
    for number in range(2):
        answer = calls.split(f"sends {number}")[1].split("answered 204")[0]
        assert re.search(r"(fsync|fdatasync)\(\d+<[^>]*alerts\.sqlite-wal>", answer)
