"""A deployed model that gets stuck, on the whole system: what is told, and how soon."""

import time

import pytest
from stack.follow import check_delivery, run

from stack.system import Stack
from tests.deployment import MODELS, deploy

pytestmark = pytest.mark.end_to_end

HEALTHY_SECONDS = 15


@pytest.fixture(scope="module")
def stuck(tmp_path_factory):
    """The run, and how many seconds after the model got stuck each alert fired."""
    folder = tmp_path_factory.mktemp("stuck")
    marker = folder / "stuck"
    model = deploy(folder / "model", "stuck_model.StuckModel", marker)
    got_stuck = []

    def get_stuck():
        marker.touch()
        got_stuck.append(time.time())

    stack = Stack(folder / "system", model=model, python_path=(MODELS,))
    with stack:
        arguments = ["--scenario", "baseline", "--seconds", "40", "--rate", "10"]
        done = run(stack, arguments, print, [(HEALTHY_SECONDS, get_stuck)])
        start = got_stuck[0] - stack_start(stack)
        check_delivery(stack, done.suppressed)
    return done, {row.name: row.fired - start for row in done.rows}


def stack_start(stack):
    [began] = stack.query(
        "last_over_time(loan_simulator_phase_start_timestamp_seconds[1h])"
    )
    return float(began["value"][1])


def test_it_is_told_within_seconds(stuck):
    _, delays = stuck
    # Four seconds of applications, at most one until the next scrape, and one until the
    # next evaluation; the rest is a margin for a busy machine.
    assert 4 < delays["CreditModelStuck"] < 8


def test_it_is_told_that_the_model_changed_and_not_the_applicants(stuck):
    done, delays = stuck
    assert delays["CreditModelBehaviourChanged"] > 0
    assert "CreditInputDrift" not in {row.name for row in done.rows}


def test_that_its_decisions_drift_is_not_told_besides(stuck):
    done, delays = stuck
    assert "CreditDecisionDrift" in {labels["alertname"] for labels in done.suppressed}
    assert "CreditDecisionDrift" not in delays


def test_all_that_was_told_is_told_to_have_ended(stuck):
    done, _ = stuck
    assert all(row.resolved for row in done.rows if row.severity != "info")
