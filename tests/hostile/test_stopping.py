"""A stop in the middle of its work."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from credit_analyzer.http.metrics_server import FRESH_SECONDS
from credit_analyzer.http.server import STOP_SECONDS

from stack.process import wait_until

JSON_TYPE = {"Content-Type": "application/json"}


class Caller:
    """Asks until it is turned away; keeps what it was answered."""

    def __init__(self, analyzer, keeps_alive):
        self._analyzer = analyzer
        self._keeps_alive = keeps_alive
        self.right = 0
        self.wrong = []
        self.turned_away = None

    def ask_until_turned_away(self):
        url = urlsplit(self._analyzer.url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=15)
        while True:
            for body, right in self._analyzer.answers:
                try:
                    connection.request("POST", url.path, body, JSON_TYPE)
                    answer = connection.getresponse()
                except (OSError, http.client.RemoteDisconnected) as error:
                    # Not one byte of an answer: nothing was decided.
                    self.turned_away = error
                    connection.close()
                    return
                said = json.loads(answer.read())
                if (answer.status, said) == (200, right):
                    self.right += 1
                else:
                    self.wrong.append((answer.status, said))
                if not self._keeps_alive:
                    connection.close()


@pytest.fixture
def stalled(new_analyzer):
    """A client in the middle of a request, for which stopping has to wait."""
    with new_analyzer.connect() as client:
        client.sendall(new_analyzer.request(b"{ ")[:-1])
        yield client


def test_told_to_stop_it_answers_every_request_that_it_counts(new_analyzer, stalled):
    callers = [Caller(new_analyzer, keeps_alive=number % 2) for number in range(16)]
    before = new_analyzer.decided()  # one, to see that it had started
    with ThreadPoolExecutor(len(callers)) as pool:
        for caller in callers:
            pool.submit(caller.ask_until_turned_away)
        wait_until(lambda: all(c.right > 20 for c in callers), "traffic")
        new_analyzer.process.terminate()
    assert [caller.wrong for caller in callers] == [[]] * len(callers)
    # The stalled client keeps it from ending, so that it can be asked what it counted.
    time.sleep(FRESH_SECONDS)
    answered = sum(caller.right for caller in callers)
    assert new_analyzer.decided() - before == answered


def test_told_to_stop_it_ends_in_time_whoever_stalls(new_analyzer, stalled):
    with ExitStack() as clients:
        for _ in range(100):
            clients.enter_context(new_analyzer.connect()).sendall(b"GET / ")
        new_analyzer.process.terminate()
        wait_until(
            lambda: new_analyzer.process.returncode is not None,
            "the analyzer to end",
            STOP_SECONDS + 1.5,
        )
    assert new_analyzer.process.returncode == 0


def test_told_to_stop_it_ends_at_once_if_nobody_asks(new_analyzer):
    with new_analyzer.connect():
        new_analyzer.process.terminate()
        wait_until(
            lambda: new_analyzer.process.returncode is not None,
            "the analyzer to end",
            STOP_SECONDS / 2,
        )
