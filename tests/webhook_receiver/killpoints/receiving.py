"""A receiver in a process of its own that starts in milliseconds, to be killed.

It is forked from one that has imported everything, and is sent notifications through a
pipe: from there on it is the receiver's own code, its log and its file.
"""

import json
import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from prometheus_client import CollectorRegistry
from webhook_receiver.log import start_log
from webhook_receiver.metrics import ReceiverMetrics
from webhook_receiver.receiver import Receiver
from webhook_receiver.store.history import History
from webhook_receiver.store.sqlite_file import SqliteFile

from .history_reader import stored
from .stream import ALERTNAME, Stream

# Enough to open the history and to store some dozens of notifications.
LIFE_SECONDS = 0.2
KILLS_PER_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the alerts of a stream that was interrupted by `kills`."""

    kills: int
    notifications: int
    alerts: int
    missing: int
    twice: int
    invented: int
    halves: int
    stored_unacknowledged: int
    lines_twice: int
    lines_missing: int
    set_aside: int


def total(outcomes: Sequence[Outcome]) -> Outcome:
    """The sum of all."""
    return Outcome(*map(sum, zip(*map(astuple, outcomes), strict=True)))


def receive(connection: Connection, history: Path, log: Path) -> None:
    """Stores each notification of the pipe and acknowledges it, until it is killed."""
    start_log(log.open("a"))
    metrics = ReceiverMetrics(CollectorRegistry())
    receiver = Receiver(History(history), Path(), metrics)
    receiver.log_unlogged()
    while True:
        receiver.receive(connection.recv_bytes())
        connection.send_bytes(b"204")


def interrupted(folder: Path, kills: int, seed: int) -> Outcome:
    """Sends a stream to a receiver that is killed so often, and once more in the end.

    The last one lives until it has acknowledged ten notifications.
    """
    folder.mkdir(parents=True)
    history, log = folder / "alerts.sqlite", folder / "log"
    chance = random.Random(seed)
    stream = Stream(chance)
    halves = unacknowledged = 0
    for _ in range(kills):
        before = stream.notifications
        _live(stream, history, log, chance.uniform(0, LIFE_SECONDS), None)
        here = stream.in_flight() & stored(history, ALERTNAME).keys()
        # A life too short for any acknowledgement may have begun with it stored.
        unacknowledged += here == stream.in_flight() and stream.notifications > before
        halves += 0 < len(here) < len(stream.in_flight())
    _live(stream, history, log, None, stream.notifications + 10)
    return _judged(stream, history, log, kills, halves, unacknowledged)


def _live(
    stream: Stream, history: Path, log: Path, seconds: float | None, until: int | None
) -> None:
    """One life of the receiver: it is killed after `seconds`, or at the end."""
    # A server to fork from, because a process with threads cannot be forked safely.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    ours, theirs = context.Pipe()
    process = context.Process(target=receive, args=(theirs, history, log), daemon=True)
    process.start()
    theirs.close()
    killer = threading.Timer(seconds or 0, process.kill)
    if seconds is not None:
        killer.start()
    try:
        while until is None or stream.notifications < until:
            ours.send_bytes(stream.body())
            ours.recv_bytes()
            stream.acknowledge()
    except (EOFError, OSError):
        pass  # It was killed: the next one is sent what was not acknowledged.
    killer.cancel()
    process.kill()
    process.join()
    ours.close()


def _judged(
    stream: Stream,
    history: Path,
    log: Path,
    kills: int,
    halves: int,
    unacknowledged: int,
) -> Outcome:
    changes = stored(history, ALERTNAME)
    lines = Counter(_logged(log))
    expected = {(fingerprint, status) for fingerprint, _, status in stream.acknowledged}
    return Outcome(
        kills=kills,
        notifications=stream.notifications,
        alerts=len(stream.acknowledged),
        missing=len(stream.acknowledged - changes.keys()),
        twice=sum(times > 1 for times in changes.values()),
        invented=len(changes.keys() - stream.acknowledged),
        halves=halves,
        stored_unacknowledged=unacknowledged,
        lines_twice=sum(times > 1 for times in lines.values()),
        lines_missing=len(expected - lines.keys()),
        set_aside=len(SqliteFile(history).damaged_files()),
    )


def _logged(log: Path) -> Iterator[tuple[str, str]]:
    """The fingerprint and the status of each alert in `log`."""
    for text in log.read_text().splitlines():
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue  # A kill in the middle of a line.
        if line["event"] == "alert":
            yield line["fingerprint"], line["status"]
