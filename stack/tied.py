"""Runs a command that ends when the process that wants it does, however that ends.

    python -m stack.tied PARENT COMMAND...

A runner that is killed cannot stop what it started. So Linux is asked to do it: when
the process PARENT is gone, the command gets SIGTERM (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie() -> int:
    """Has this process get SIGTERM when its parent ends. Returns the parent's id."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid()


if __name__ == "__main__":
    if tie() == int(sys.argv[1]):
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 # nosec B606
