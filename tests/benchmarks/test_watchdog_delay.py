"""How long a killed component stays unnoticed, as it is reported."""

from benchmarks.resilience import watchdog_delay


def test_each_component_has_a_line_with_the_seconds_that_it_took(monkeypatch):
    waited = {"prometheus": [170.2, 180.1, 175.4], "alertmanager": [61, 61, 61]}
    monkeypatch.setattr(
        watchdog_delay, "silence", lambda name, seed: waited[name][seed]
    )
    assert list(watchdog_delay.rows(3))[2:] == [
        "| prometheus | 3 | 175 s (170 to 180 s) |",
        "| alertmanager | 3 | 61 s (61 to 61 s) |",
    ]
