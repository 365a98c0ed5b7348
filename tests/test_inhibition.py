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
ERRORS = {"alertname": "CreditAnalyzerErrors", "severity": "critical"}
SLOW = {"alertname": "CreditAnalyzerSlow", "severity": "warning"}
IDLE = {"alertname": "CreditAnalyzerIdle", "severity": "warning"}
INVALID = {"alertname": "CreditReferenceInvalid", "severity": "warning"}
DISAGREE = {"alertname": "CreditReplicasDisagree", "severity": "warning"}


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


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (M1 | STUCK | {"signal": "decision"}, M1 | DRIFT),
        (M1 | STUCK | {"signal": "decision"}, M1 | SLOW_DRIFT),
        (M1 | STUCK | {"signal": "decision"}, M1 | SCORE_DRIFT),
        (M1 | STUCK | {"signal": "decision"}, M1 | CHANGED),
        (M1 | DRIFT, M1 | SLOW_DRIFT),
        (M1 | INVALID | {"signal": "score"}, M1 | SCORE_DRIFT),
        (M1 | DISAGREE | {"signal": "loan_amount"}, M1 | INPUT_DRIFT),
        (DOWN, M1 | IDLE),
        (DOWN, SLOW),
        (ERRORS, M1 | IDLE),
    ],
    ids=lambda labels: labels["alertname"],
)
def test_what_follows_from_an_alert_is_not_told(suppressed, source, target):
    assert suppressed(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        # Another version, another signal, another kind of alert.
        (M1 | STUCK | {"signal": "decision"}, M2 | DRIFT),
        (M1 | STUCK | {"signal": "decision"}, M1 | INPUT_DRIFT),
        (M1 | INVALID | {"signal": "score"}, M1 | DRIFT),
        (M1 | CHANGED, M1 | DRIFT),
        (M1 | DRIFT, M1 | SCORE_DRIFT),
        # One replica is down; the others may well drift, or fail.
        (DOWN, M1 | DRIFT),
        (DOWN, ERRORS),
        (
            DOWN,
            DOWN | {"instance": "b:8001"},
        ),
    ],
    ids=lambda labels: labels["alertname"],
)
def test_what_does_not_follow_is_told(suppressed, source, target):
    assert not suppressed(source, target)
