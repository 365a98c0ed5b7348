import subprocess
import sys
import time

import pytest

from stack.faults.clock import ClockCannotBeSet, set_clock

HOUR = 3600
PRINT_TIME = """
import sys, time
for _ in sys.stdin:
    print(time.time(), time.monotonic(), flush=True)
"""


@pytest.fixture
def ask():
    """Asks a process for its pid's time: ask() is the time of day, and seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", PRINT_TIME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        start_new_session=True,
    )

    def ask():
        process.stdin.write("\n")
        return map(float, process.stdout.readline().split())

    ask.pid = process.pid
    ask()  # it runs
    yield ask
    process.communicate()


@pytest.mark.parametrize("steps", [[HOUR], [-HOUR], [HOUR, -HOUR, 0]])
def test_a_clock_is_set_and_set_again(ask, steps):
    for seconds in steps:
        set_clock(ask.pid, seconds)
        day, monotonic = ask()
        assert day - time.time() == pytest.approx(seconds, abs=1)
        assert monotonic == pytest.approx(time.monotonic(), abs=1)


def test_no_other_clock_is_set(ask):
    before = time.time()
    set_clock(ask.pid, HOUR)
    assert time.time() - before < 60


def test_a_process_that_is_gone_has_no_clock():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(ClockCannotBeSet, match=f"process {gone.pid} cannot be changed"):
        set_clock(gone.pid, HOUR)
