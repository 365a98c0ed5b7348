"""Which alert silences which, in a real Alertmanager with the shipped configuration."""

import os
from datetime import UTC, datetime

import pytest

from stack import configuration
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until

M1 = {"model": "m", "model_version": "1"}
M2 = M1 | {"model_version": "2"}
STUCK = {"alertname": "CreditModelStuck", "severity": "critical", "category": "DENIED"}
DRIFT = {
    "alertname": "CreditDecisionDrift",
    "severity": "critical",
    "signal": "decision",
}
SLOW_DRIFT = DRIFT | {"severity": "warning"}
SCORE_DRIFT = {
    "alertname": "CreditScoreDrift",
    "severity": "warning",
    "signal": "score",
}
INPUT_DRIFT = SCORE_DRIFT | {"alertname": "CreditInputDrift", "signal": "loan_amount"}
CHANGED = {"alertname": "CreditModelBehaviourChanged", "severity": "critical"}
DOWN = {"alertname": "CreditAnalyzerDown", "severity": "critical", "instance": "a:8001"}
IDLE = {"alertname": "CreditAnalyzerIdle", "severity": "warning"}


@pytest.fixture(scope="module")
def alertmanager(monitoring_binaries, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alertmanager")
    address = f"{HOST}:{free_port(0)}"
    config = folder / "alertmanager.yml"
    nobody = f"{HOST}:{free_port(0)}"
    config.write_text(configuration.alertmanager(nobody, folder / "token"))
    process = Process(
        "alertmanager",
        [
            str(monitoring_binaries / "alertmanager"),
            f"--config.file={config}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",
        ],
        folder / "alertmanager.log",
        os.environ | {"NO_PROXY": HOST},
    )
    process.wait_until_ready(f"http://{address}/-/ready")
    yield f"http://{address}/api/v2/alerts"
    process.stop()


@pytest.fixture
def suppressed(alertmanager):
    """Whether `target` is not told while `source` fires too."""

    def suppressed(source, target):
        # A job of its own keeps one case out of the next.
        job = {"job": datetime.now(UTC).isoformat()}
        alerts = [{"labels": labels | job} for labels in (source, target)]
        local().post(alertmanager, json=alerts, timeout=5).raise_for_status()
        states = {}

        def both_are_judged():
            for alert in local().get(alertmanager, timeout=5).json():
                if alert["labels"]["job"] == job["job"]:
                    labels = alert["labels"].items() - job.items()
                    states[frozenset(labels)] = alert["status"]["state"]
            return len(states) == 2 and "unprocessed" not in states.values()

        wait_until(both_are_judged, "Alertmanager to look at both alerts")
        assert states[frozenset(source.items())] == "active"
        return states[frozenset(target.items())] == "suppressed"

    return suppressed


STUCK_DECISIONS = M1 | STUCK | {"signal": "decision"}


@pytest.mark.parametrize("target", [M1 | DRIFT, M1 | SLOW_DRIFT])
def test_a_model_that_is_stuck_is_not_told_to_drift_besides(suppressed, target):
    assert suppressed(STUCK_DECISIONS, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        # Another version, another signal, another kind of alert.
        (STUCK_DECISIONS, M2 | DRIFT),
        (STUCK_DECISIONS, M1 | INPUT_DRIFT),
        (STUCK_DECISIONS, M1 | SCORE_DRIFT),
        (STUCK_DECISIONS, M1 | CHANGED),
        # An alert that is inhibited when it ends is never told to have ended.
        (M1 | DRIFT, M1 | SLOW_DRIFT),
        (DOWN, M1 | DRIFT),
        (DOWN, IDLE),
    ],
    ids=lambda labels: labels["alertname"],
)
def test_everything_else_is_told(suppressed, source, target):
    assert not suppressed(source, target)
