"""The machine of a benchmark, and what a process and its children take of it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

from stack.process import Process

MIB = 2**20


def described(*packages: str) -> str:
    """The processor, cores and Python of this machine, and versions of `packages`."""
    python = f"Python {platform.python_version()}"
    versions = [python, *(f"{name} {version(name)}" for name in packages)]
    cores = f"{os.cpu_count()} cores of {_processor()}"
    return f"{cores}, load {os.getloadavg()[0]:.1f}, {', '.join(versions)}"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith("model name"):
            return line.split(": ", 1)[1]
    return platform.machine()


def resident(process: Process) -> float:
    """MiB of memory. Raises `psutil.NoSuchProcess` if it has ended."""
    return sum(p.memory_info().rss for p in _family(process)) / MIB


def cpu_seconds(process: Process) -> float:
    """Processor time so far, of users and kernel. Raises `psutil.NoSuchProcess`."""
    times = [p.cpu_times() for p in _family(process)]
    return sum(t.user + t.system for t in times)


def _family(process: Process) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]
