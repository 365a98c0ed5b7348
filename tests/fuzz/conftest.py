"""How many cases, and what is reported of them.

HYPOTHESIS_PROFILE=long is what `make fuzz` runs; the short one is the same each time.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fuzz import results
from tests.fuzz.analyzer import Analyzer
from tests.fuzz.cases import HELD

settings.register_profile(
    "short", max_examples=60, derandomize=True, database=None, deadline=None
)
settings.register_profile(
    "long",
    max_examples=int(os.environ.get("FUZZ_CASES", "10_000")),
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "short")
settings.load_profile(PROFILE)


@pytest.fixture(scope="module")
def analyzer():
    """The shipped analyzer, watched."""
    analyzer = Analyzer()
    yield analyzer
    analyzer.close()


def pytest_terminal_summary(terminalreporter):
    """Reports how many cases held, and keeps that of the long profile."""
    seconds = {}
    for report in terminalreporter.getreports("passed"):
        name = report.nodeid.rpartition("::")[2].partition("[")[0]
        seconds[name] = seconds.get(name, 0) + report.duration
    rows = [
        results.Row(name, held, seconds[name])
        for name, held in HELD.items()
        if name in seconds
    ]
    if rows and PROFILE == "long":
        results.keep(rows)
    terminalreporter.write_line(f"{sum(row.cases for row in rows):,} cases held")
