"""How the silence of a killed component is reported."""

from benchmarks.resilience.silence import report


def test_each_kill_has_a_line_with_the_seconds_that_it_took():
    found = {"prometheus": [170.2, 180.1, 175.4], "alertmanager": [61.0]}
    lines = list(report(found, "a command", "a machine"))
    assert "| prometheus | 3 | 175 s (170 to 180 s) |" in lines
    assert "| alertmanager | 1 | 61 s (61 to 61 s) |" in lines
