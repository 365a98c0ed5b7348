"""How what was told while everything was killed is reported."""

from benchmarks.restarts import report


def test_what_was_told_twice_or_to_have_ended_shows():
    drift = {"alertname": "CreditInputDrift", "signal": "monthly_income"}
    told = [
        {**drift, "ends_at": "2026-11-22T11:00:00+00:00"},
        {**drift, "ends_at": None},
        {"alertname": "CreditAnalyzerDown", "signal": None, "ends_at": None},
    ]
    away = {"prometheus": [2.0, 4.0, 3.0]}
    lines = list(report(away, told, "a command", "a machine"))
    assert "| prometheus | 3 | 3.0 s (2.0 to 4.0 s) |" in lines
    assert "| `CreditInputDrift` | monthly_income | 2 | 1 |" in lines
    assert "| `CreditAnalyzerDown` |  | 1 | 0 |" in lines
