"""Finds Prometheus and Alertmanager, or unpacks the distribution's packages.

python -m stack.binaries

prints the folder of prometheus, promtool, alertmanager and amtool: links to what is on
PATH, else to Debian's packages, unpacked into the project's own cache. Nothing is
installed, no service is started, and nobody has to be root.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache" / "monitoring"

# What each is called; Debian's Alertmanager goes by another name than everybody's.
NAMES = {
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
    "amtool": ("amtool",),
}
SHARE = b"/usr/share/prometheus/alertmanager"
OLDEST_PROMETHEUS = (2, 42)
DEBIAN_PACKAGES = ("prometheus", "prometheus-alertmanager")


class BinariesMissing(Exception):
    """Prometheus or Alertmanager is neither here nor to be had. Says what to do."""


def find(cache: Path = CACHE) -> Path:
    """A folder with all four, by the names that are the keys of `NAMES`.

    Raises `BinariesMissing` if there is no Prometheus, or one that is too old, and no
    apt to fetch it with.
    """
    folder = cache / "bin"
    found = _on_path()
    if not found and not all((folder / name).exists() for name in NAMES):
        _download(cache)
        found = _relocate(cache / "root")
    folder.mkdir(parents=True, exist_ok=True)
    for name, binary in found.items():
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(binary)
    _check_version(folder / "prometheus")
    return folder


def _check_version(prometheus: Path) -> None:
    said = subprocess.run([prometheus, "--version"], capture_output=True, text=True)
    version = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    if not version or (int(version[1]), int(version[2])) < OLDEST_PROMETHEUS:
        found = version[0] if version else "no known version"
        raise BinariesMissing(
            f"{prometheus.resolve()} is {found}; put Prometheus 2.42 or newer on PATH "
            "(the rules use keep_firing_for)"
        )


def _on_path() -> dict[str, Path]:
    """Where each is on PATH, or nothing unless all are."""
    found = {
        name: Path(path)
        for name, names in NAMES.items()
        for path in [next(filter(None, map(shutil.which, names)), None)]
        if path
    }
    return found if found.keys() == NAMES.keys() else {}


def _download(cache: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise BinariesMissing(
            "prometheus, promtool, alertmanager and amtool are not all on PATH, and "
            "there is no apt-get to fetch them with; install Prometheus (2.42 or "
            "newer) and Alertmanager (0.25 or newer) from your system's packages"
        )
    print("fetching Debian's Prometheus and Alertmanager", file=sys.stderr)
    packages = cache / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    packages.mkdir(parents=True)
    try:
        if _apt_get(cache, "download", *DEBIAN_PACKAGES, cwd=packages):
            # Lists of our own: to bring the system's up to date takes root.
            for folder in ("lists", "archives"):
                (cache / folder / "partial").mkdir(parents=True, exist_ok=True)
            own = (
                *("-o", f"Dir::State::Lists={cache / 'lists'}"),
                *("-o", f"Dir::Cache={cache}"),
                *("-o", "APT::Sandbox::User="),
            )
            _check(_apt_get(cache, *own, "update", cwd=packages))
            _check(_apt_get(cache, *own, "download", *DEBIAN_PACKAGES, cwd=packages))
        for package in packages.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, cache / "root"], check=True)
    except subprocess.CalledProcessError as error:
        raise BinariesMissing(f"{error}; see {cache / 'apt.log'}") from error


def _relocate(root: Path) -> dict[str, Path]:
    """The binaries under `root`, able to run there.

    Debian's Alertmanager reads its templates from /usr/share, where nothing is
    installed. A path of the same length, relative to the folder that a wrapper changes
    to, takes its place.
    """
    found = {
        name: path
        for name, names in NAMES.items()
        for path in (root / "usr" / "bin" / n for n in names)
        if path.exists()
    }
    if missing := NAMES.keys() - found.keys():
        raise BinariesMissing(f"Debian's packages hold no {', '.join(missing)}")
    binary = found["alertmanager"]
    program = binary.read_bytes()
    if SHARE in program:
        binary.write_bytes(program.replace(SHARE, b".".ljust(len(SHARE), b"/")))
        wrapper = root / "alertmanager"
        wrapper.write_text(
            f'#!/bin/sh\ncd "{root}{SHARE.decode()}" && exec "{binary}" "$@"\n'
        )
        wrapper.chmod(0o755)
        found["alertmanager"] = wrapper
    return found


def _apt_get(cache: Path, *arguments: str, cwd: Path) -> int:
    with (cache / "apt.log").open("a") as log:
        command = ["apt-get", "--quiet", *arguments]
        return subprocess.run(command, cwd=cwd, stdout=log, stderr=log).returncode


def _check(returncode: int) -> None:
    if returncode:
        raise subprocess.CalledProcessError(returncode, "apt-get")


if __name__ == "__main__":
    try:
        print(find())
    except BinariesMissing as missing:
        sys.exit(str(missing))
