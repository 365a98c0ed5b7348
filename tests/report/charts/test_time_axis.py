from dataclasses import replace

import pytest

from report.charts.time_axis import MAX_TICKS, time_axis
from report.timeline import Phase
from tests.report.conftest import START


def texts(axis):
    return [text.replace("\u00a0", " ") for _, text in axis.ticks]


def test_phases_are_bands_from_start_to_end(record):
    found = time_axis(record())
    assert [band.name for band in found.bands] == ["baseline", "hard times"]
    # The time range is 95 s long, and begins 5 s before the first phase.
    assert [band.left for band in found.bands] == pytest.approx(
        [5.263, 36.84], abs=0.01
    )
    assert [band.width for band in found.bands] == pytest.approx([31.58] * 2, abs=0.01)


def test_of_a_phase_that_began_before_the_time_range_only_the_rest_is_shown(record):
    phases = (Phase("drift", START - 60, START + 42.5),)
    [band] = time_axis(record(phases=phases)).bands
    assert (band.left, band.width) == (0, 50)


def test_ticks_count_seconds_from_the_first_phase(record):
    found = time_axis(record())
    assert texts(found) == ["0 s", "30 s", "60 s", "90 s"]
    assert found.ticks[1][0] == found.bands[1].left


def test_without_phases_ticks_are_of_the_clock(live):
    assert texts(time_axis(live())) == ["17:00:00", "17:00:30", "17:01:00", "17:01:30"]


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(3_600, "17:00"), (86_400, "18:00"), (4 * 86_400, "23 Nov"), (9_000_000, "")],
)
def test_long_time_ranges_have_few_ticks(live, seconds, first):
    found = time_axis(replace(live(), until=START - 5 + seconds))
    assert 2 <= len(found.ticks) <= MAX_TICKS + 1
    assert first in texts(found)[0]


def test_a_moment_outside_of_the_time_range_is_at_its_edge(record):
    x = time_axis(record())
    assert (x(START - 99), x(START - 5), x(START + 42.5), x(START + 999)) == (
        *(0, 0, 50, 100),
    )
