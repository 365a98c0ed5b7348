"""What a measurement was made on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def described(*packages: str) -> str:
    """The machine in a line: processor, cores, Python, and versions of `packages`."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = f"Python {platform.python_version()}"
    cores = f"{os.cpu_count()} cores, shared, of {_processor()}"
    return f"{cores}; {python}; {versions}" if versions else f"{cores}; {python}"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith("model name"):
            return line.split(": ", 1)[1]
    return platform.machine()
