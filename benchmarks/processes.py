"""What a process and all that it has started take."""

import psutil

from stack.process import Process

MIB = 2**20


def resident(process: Process) -> float:
    """MiB of memory. Raises `psutil.NoSuchProcess` if it has ended."""
    return sum(p.memory_info().rss for p in _family(process)) / MIB


def cpu_seconds(process: Process) -> float:
    """Processor time so far, in user space and kernel.

    Raises `psutil.NoSuchProcess` if it has ended.
    """
    times = [p.cpu_times() for p in _family(process)]
    return sum(t.user + t.system for t in times)


def _family(process: Process) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]
