"""How much memory each component holds, and how much room its files take."""

from collections.abc import Mapping
from pathlib import Path

import psutil

from benchmarks.processes import MIB, resident
from stack.process import Process

# What each component leaves in the system's folder, as patterns.
FILES = {
    "Prometheus, its series": ("prometheus/**/*",),
    "Alertmanager, its state": ("alertmanager/**/*",),
    "history of alerts": ("alerts.sqlite*",),
    "logs of all": ("*.log",),
}


def memory(processes: Mapping[str, Process]) -> dict[str, float]:
    """Resident MiB of each process and its children, but for those that are down."""
    found = {}
    for name, process in processes.items():
        try:
            found[name] = resident(process)
        except psutil.NoSuchProcess:
            continue
    return found


def files(folder: Path) -> dict[str, float]:
    """MiB of the files of each kind. What vanishes meanwhile counts nothing."""
    return {
        kind: sum(_size(path) for pattern in patterns for path in folder.glob(pattern))
        / MIB
        for kind, patterns in FILES.items()
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0
