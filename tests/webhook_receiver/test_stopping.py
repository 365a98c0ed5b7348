"""The receiver as a process: clients that stall, and SIGTERM in a stream of alerts."""

import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import requests
from webhook_receiver.server import STOP_SECONDS
from webhook_receiver.store.history import History

from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "webhook-receiver"
TOKEN = {"Authorization": "Bearer of-a-test"}


class Receiver:
    """A running receiver."""

    def __init__(self, folder):
        (folder / "token").write_text("of-a-test")
        self.port = free_port(0)
        self.url = f"http://{HOST}:{self.port}"
        self.history = folder / "alerts.sqlite"
        options = {
            "--port": self.port,
            "--history": self.history,
            "--token-file": folder / "token",
        }
        words = [str(word) for pair in options.items() for word in pair]
        self.process = Process(
            "the receiver",
            [sys.executable, "-m", "webhook_receiver", "serve", *words],
            folder / "log",
            os.environ | {"PYTHONPATH": str(FOLDER)},
        )
        self.process.wait_until_ready(f"{self.url}/healthz")

    def notify(self, notification):
        """The status, or None if the connection was refused."""
        try:
            answer = local().post(
                f"{self.url}/notifications",
                json=notification,
                headers=TOKEN,
                timeout=15,
            )
        except requests.RequestException:
            return None
        return answer.status_code

    def ended(self):
        return self.process.returncode is not None


@pytest.fixture
def receiver(tmp_path):
    receiver = Receiver(tmp_path)
    yield receiver
    receiver.process.stop()


@pytest.fixture
def stalled(receiver):
    """Clients without the token that stall in their requests."""
    with ExitStack() as clients:
        for sent in (
            b"",
            b"POST /notifications HTTP/1.1\r\n",
            b"POST /notifications HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n{",
        ):
            for _ in range(20):
                client = socket.create_connection((HOST, receiver.port), timeout=5)
                clients.enter_context(client).sendall(sent)
        yield


def test_clients_that_stall_do_not_delay_a_notification(
    receiver, stalled, notification, alert
):
    assert receiver.notify(notification(alert())) == 204


def test_it_stops_in_time_while_clients_stall(receiver, stalled):
    receiver.process.terminate()
    wait_until(receiver.ended, "the receiver to end", STOP_SECONDS + 1.5)
    assert receiver.process.returncode == 0


@pytest.mark.parametrize("name", ["SIGKILL", "SIGUSR1", "SIGINT", "SIGTERM"])
def test_no_process_is_left_behind_whichever_signal_ends_it(receiver, name):
    [worker] = psutil.Process(receiver.process.pid).children()
    os.kill(receiver.process.pid, signal.Signals[name])
    wait_until(lambda: not worker.is_running(), "the worker to end")
    wait_until(receiver.ended, "the receiver to end")


def test_it_ends_if_its_worker_is_killed(receiver):
    [worker] = psutil.Process(receiver.process.pid).children()
    worker.kill()
    wait_until(receiver.ended, "the receiver to end")
    assert receiver.process.returncode != 0


def test_sighup_starts_its_worker_again(receiver, notification, alert):
    [former] = psutil.Process(receiver.process.pid).children()
    os.kill(receiver.process.pid, signal.SIGHUP)
    wait_until(lambda: not former.is_running(), "the worker to end")
    assert receiver.notify(notification(alert())) == 204


def test_on_sigterm_it_has_stored_every_notification_that_it_acknowledged(
    receiver, notification, alert
):
    answered, statuses = set(), set()

    def notify_until_refused(sender):
        for number in range(10_000):
            fingerprint = f"{sender:08x}{number:08x}"
            status = receiver.notify(notification(alert(fingerprint=fingerprint)))
            if status is None:
                return
            statuses.add(status)
            answered.add(fingerprint)

    with ThreadPoolExecutor(8) as pool:
        for sender in range(8):
            pool.submit(notify_until_refused, sender)
        wait_until(lambda: len(answered) > 100, "notifications")
        receiver.process.terminate()
    wait_until(receiver.ended, "the receiver to end")
    assert statuses == {204}
    history = History(receiver.history)
    try:
        stored = {alert["fingerprint"] for alert in history.newest(10_000)}
    finally:
        history.close()
    # Alertmanager repeats the others.
    assert answered <= stored
