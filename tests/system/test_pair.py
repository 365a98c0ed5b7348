"""Two Prometheus servers evaluate the same rules, and one is killed in a detection."""

from collections import Counter

import pytest

from stack.ports import HOST, free_port
from stack.process import local, wait_until
from stack.scenario_run import Screen, check_delivery, run
from stack.system import Stack

pytestmark = pytest.mark.end_to_end

SECONDS = 72
RATE = 50
DRIFT = SECONDS / 3
PEER = "prometheus-peer"
STARTED = "signal_direction:model_drift:start_timestamp_seconds"
DENIED = ("decision", "DENIED")


class Pair(Stack):
    """A system with a second Prometheus, of the same configuration."""

    def start_peer(self):
        """Starts it on the data that it has, if any."""
        self.peer = f"http://{HOST}:{free_port(0)}"
        process = self._start(
            PEER,
            self._bin / "prometheus",
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / PEER}",
            f"--web.listen-address={self.peer.removeprefix('http://')}",
            "--rules.alert.resend-delay=30s",
            "--log.level=warn",
        )
        process.wait_until_ready(self.peer + "/-/ready")

    def started(self, url):
        """Since when each direction drifts, as the Prometheus at `url` knows it."""
        answer = local().get(
            f"{url}/api/v1/query", params={"query": STARTED}, timeout=5
        )
        return {
            (s["metric"]["signal"], s["metric"]["direction"]): float(s["value"][1])
            for s in answer.json()["data"]["result"]
        }


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The system, the run, and since when each of the two knows of the drift."""
    folder = tmp_path_factory.mktemp("pair") / "system"
    known = []
    with Pair(folder) as stack:
        stack.start_peer()

        def kill():
            wait_until(lambda: DENIED in stack.started(stack.peer), "evidence")
            stack.processes.pop(PEER).kill()

        def start_again():
            stack.start_peer()
            wait_until(lambda: DENIED in stack.started(stack.peer), "what it knew")
            urls = (stack.url("prometheus:9090"), stack.peer)
            known.extend(stack.started(url) for url in urls)

        done = run(
            stack,
            ["--scenario", "recovery", "--seconds", str(SECONDS), "--rate", str(RATE)],
            Screen(),
            incidents=[(DRIFT, kill), (DRIFT + 12, start_again)],
            until=lambda rows: all(r.resolved for r in rows if r.severity != "info"),
            seconds_after=60,
        )
        yield stack, done, known


def test_a_direction_of_a_drift_is_one_event(outcome):
    _, done, _ = outcome
    rows = [row for row in done.rows if row.severity != "info"]
    events = Counter((row.name, row.severity, row.subject) for row in rows)
    assert ("ModelDecisionDrift", "critical", "decision DENIED") in events
    assert set(events.values()) == {1}


def test_it_resolves_once_the_drift_is_over(outcome):
    _, done, _ = outcome
    recovered = SECONDS * 55 / 90
    for row in done.rows:
        if row.severity != "info":
            assert row.resolved
            assert row.resolved > recovered


def test_the_one_that_was_killed_knows_since_when_signals_drift(outcome):
    _, _, (other, killed) = outcome
    # It was down for longer than the two may differ.
    assert killed[DENIED] == pytest.approx(other[DENIED], abs=8)


def test_everything_that_fired_was_delivered(outcome):
    stack, _, _ = outcome
    check_delivery(stack)
