"""How what is told after a step of the clock is reported."""

from benchmarks.clock import Told, report


def test_each_step_has_its_lines_or_says_that_there_was_nothing():
    told = Told(61.2, "firing", "WatchdogSilent", "")
    lines = list(report({"back": [told], "forward": []}, "a command", "a machine"))
    assert "| back | 61 | firing | `WatchdogSilent` |  |" in lines
    assert "| forward | | nothing | | |" in lines
