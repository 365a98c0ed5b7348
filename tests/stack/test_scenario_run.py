import pytest

from stack.scenario_run import Undelivered, check_delivery

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
