"""Finds Prometheus and Alertmanager, or unpacks the distribution's packages.

python -m stack.downloads.binaries

prints the folder of prometheus, promtool, alertmanager and amtool: links to what is on
PATH, else to Debian's packages, unpacked into the project's own cache. Nothing is
installed, no service is started, and none of it needs root.

python -m stack.downloads.binaries --newer

unpacks Prometheus 3 from a newer release of Debian; tests run the rules on both.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian

CACHE = Path(__file__).parents[2] / ".cache" / "monitoring"
NEWER_CACHE = Path(__file__).parents[2] / ".cache" / "newer-monitoring"
# A folder with another Prometheus, for those who do not want Debian's.
NEWER_VARIABLE = "NEWER_PROMETHEUS"

# What each is called; Debian's Alertmanager goes by another name than everybody's.
NAMES = {
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
    "amtool": ("amtool",),
}
OLDEST_PROMETHEUS = (2, 42)

PACKAGES = ("prometheus", "prometheus-alertmanager")
# Since Debian 13 promtool has a package of its own. The others are what the pages of
# Prometheus are made with; without them they are plain, not broken.
EXTRA_PACKAGES = (
    "promtool",
    "fonts-glyphicons-halflings",
    "libjs-bootstrap4",
    "libjs-d3",
    "libjs-eonasdan-bootstrap-datetimepicker",
    "libjs-jquery",
    "libjs-jquery-hotkeys",
    "libjs-moment",
    "libjs-moment-timezone",
    "libjs-mustache",
    "libjs-popper.js",
    "libjs-rickshaw",
)
# Debian's servers read their pages and templates from where they would be installed.
SHARED_FILES = {
    "prometheus": "/usr/share/prometheus/web",
    "prometheus-alertmanager": "/usr/share/prometheus/alertmanager",
}


class BinariesMissing(Exception):
    """Prometheus or Alertmanager is neither here nor to be had. Says what to do."""


def find(cache: Path = CACHE) -> Path:
    """A folder with all four, by the names that are the keys of `NAMES`.

    Raises `BinariesMissing` if there is no Prometheus, or one that is too old, and no
    apt to fetch it with.
    """
    folder = cache / "bin"
    with debian.alone(cache):
        found = _on_path(but=folder)
        if not found and not all((folder / name).exists() for name in NAMES):
            found = _unpacked(cache)
        folder.mkdir(parents=True, exist_ok=True)
        for name, binary in found.items():
            # Replaced, because another process may be about to start what it names.
            link = folder / f"{name}.new"
            link.unlink(missing_ok=True)
            link.symlink_to(binary)
            link.replace(folder / name)
    _check_version(folder / "prometheus")
    return folder


def find_newer(cache: Path = NEWER_CACHE) -> Path | None:
    """The folder of prometheus and promtool 3, if there are such on this machine."""
    folder = Path(os.environ.get(NEWER_VARIABLE) or cache / "root" / "usr" / "bin")
    return folder if (folder / "promtool").exists() else None


def unpack_newer(cache: Path = NEWER_CACHE) -> Path:
    """Fetches them from Debian.

    Raises `subprocess.CalledProcessError` if they are not to be had.
    """
    root = debian.unpack_newer(cache, ("prometheus", "promtool"))
    return root / "usr" / "bin"


def _check_version(prometheus: Path) -> None:
    said = subprocess.run([prometheus, "--version"], capture_output=True, text=True)
    version = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    if not version or (int(version[1]), int(version[2])) < OLDEST_PROMETHEUS:
        found = version[0] if version else "no known version"
        raise BinariesMissing(
            f"{prometheus.resolve()} is {found}; put Prometheus 2.42 or newer on PATH "
            "(the rules use keep_firing_for)"
        )


def _on_path(but: Path) -> dict[str, Path]:
    """Where each is on PATH, or nothing unless all are.

    Links in the folder `but`, which may itself be on PATH, do not count: a link made
    to one of them would lead to itself.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(e for e in entries if Path(e).resolve() != but.resolve())
    found = {
        name: Path(binary)
        for name, names in NAMES.items()
        for binary in [
            next(filter(None, (shutil.which(n, path=path) for n in names)), None)
        ]
        if binary
    }
    return found if found.keys() == NAMES.keys() else {}


def _unpacked(cache: Path) -> dict[str, Path]:
    if not debian.has_packages():
        raise BinariesMissing(
            "prometheus, promtool, alertmanager and amtool are not all on PATH, and "
            "there is no apt-get to fetch them with; install Prometheus (2.42 or "
            "newer) and Alertmanager (0.25 or newer) from your system's packages"
        )
    print("fetching Debian's Prometheus and Alertmanager", file=sys.stderr)
    try:
        root = debian.unpack(cache, PACKAGES, EXTRA_PACKAGES)
    except subprocess.CalledProcessError as error:
        raise BinariesMissing(f"{error}; see {cache / debian.LOG}") from error
    folder = root / "usr" / "bin"
    for name, shared in SHARED_FILES.items():
        debian.relocate(root, folder / name, shared)
    found = {
        name: folder / n
        for name, names in NAMES.items()
        for n in names
        if (folder / n).exists()
    }
    if missing := NAMES.keys() - found.keys():
        raise BinariesMissing(f"Debian's packages hold no {', '.join(sorted(missing))}")
    return found


if __name__ == "__main__":
    try:
        print(unpack_newer() if "--newer" in sys.argv else find())
    except BinariesMissing as missing:
        sys.exit(str(missing))
