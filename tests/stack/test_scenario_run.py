import pytest

from stack.scenario_run import FIRED, Undelivered, check_delivery
from tests.rules import promtool as rules

LABELS = {"alertname": "ModelInputDrift", "signal": "loan_amount"}


class FakeStack:
    """A system in which some alerts fired and some were delivered."""

    def __init__(self, fired, delivered):
        self._fired = fired
        self._delivered = delivered

    def query(self, promql):
        state = {"__name__": "ALERTS", "alertstate": "firing"}
        return [{"metric": state | labels} for labels in self._fired]

    def alerts(self):
        return [{"labels": labels} for labels in self._delivered]


def test_what_fired_and_was_delivered_is_fine():
    check_delivery(FakeStack([LABELS], [LABELS]))


def test_silence_is_fine():
    check_delivery(FakeStack([], []))


@pytest.mark.parametrize("delivered", [[], [LABELS | {"signal": "score"}]])
def test_what_fired_and_was_not_delivered_is_named(delivered):
    with pytest.raises(
        Undelivered, match=r"loan_amount.* fired, and was not delivered"
    ):
        check_delivery(FakeStack([LABELS], delivered))


def test_an_alert_that_fired_for_longer_than_alertmanager_waits_has_to_be_delivered(
    promtool, tmp_path
):
    values = {
        "seconds": "1x8 stale",
        "killed": "1x8",  # with its Prometheus, so there is no end
        "short": "1x4 stale",
        "slow": "1 _x14 1 _x14 stale",  # of a group that is evaluated every 15 s
        "once": "1 _x14 stale",
        "MonitorWatchdog": "1x60",
    }
    fires = 'ALERTS{{alertname="{}",alertstate="firing"}}'
    found = [{"series": fires.format(n), "values": v} for n, v in values.items()]
    case = rules.Case("what fired", found)
    fired = {"seconds": 8, "killed": 8, "slow": 15}
    labels = '{{alertname="{}",alertstate="firing"}}'
    case.expect(60, FIRED, *((labels.format(n), s) for n, s in fired.items()))
    rules.run(promtool, tmp_path, [case], 1, ["thresholds"])
