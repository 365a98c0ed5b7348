"""What many runs of a scenario come to."""

from benchmarks.resilience.storyline import summary
from report.timeline import NO_SIGNAL, Row


def alert(name="CreditInputDrift", signal="monthly_income", fired=39.0, **kwargs):
    defaults = {
        "severity": "warning",
        "cause": "hard-times",
        "delay": fired - 30,
        "delivered": fired + 1,
        "resolved": 100.0,
        "description": "",
    }
    return Row(name=name, signal=signal, fired=fired, **(defaults | kwargs))


def test_a_line_tells_when_an_alert_fired_and_how_long_that_took():
    lines = list(summary([[alert(fired=39)], [alert(fired=38)], [alert(fired=39.5)]]))
    assert lines[2] == (
        "| second 39, hard times | `CreditInputDrift` | monthly_income "
        "| 9.0 s (8.0 to 9.5 s) | 1.0 s later | 3 of 3 |"
    )


def test_lines_are_in_the_order_in_which_alerts_fired():
    stuck = alert("CreditModelStuck", NO_SIGNAL, fired=35)
    lines = list(summary([[alert(), stuck], [stuck]]))
    assert ["`CreditModelStuck` | -" in line for line in lines[2:4]] == [True, False]
    assert lines[3].endswith("| 1 of 2 |")


def test_alerts_that_did_not_resolve_are_missing_from_those_that_did():
    lines = list(summary([[alert(), alert(signal="score", resolved=None)]]))
    assert lines[-1] == "\nresolved: 1 of 2"


def test_runs_without_an_alert_are_said_to_have_none():
    assert "| none | | | | | 0 of 2 |" in list(summary([[], []]))
