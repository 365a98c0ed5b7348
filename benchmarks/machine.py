"""On what a benchmark ran."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from stack.system import Stack


def described(*packages: str) -> str:
    """The processor, cores and Python of this machine, and versions of `packages`."""
    versions = "".join(f", {name} {version(name)}" for name in packages)
    cores = f"{os.cpu_count()} cores of {_processor()}"
    return f"{cores}, load {os.getloadavg()[0]:.1f}, {_python()}{versions}"


def described_system(stack: Stack) -> str:
    """The versions of what `stack` is made of, its cores, and how busy they are now."""
    versions = {
        name: stack.query(f"{name.lower()}_build_info")[0]["metric"]["version"]
        for name in ("Prometheus", "Alertmanager")
    }
    monitor = ", ".join(f"{name} {version}" for name, version in versions.items())
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"{_python()}, {monitor}, {cores}"


def _python() -> str:
    return f"Python {platform.python_version()}"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith("model name"):
            return line.split(": ", 1)[1]
    return platform.machine()
