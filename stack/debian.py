"""Debian's packages of Prometheus and Alertmanager (and Ubuntu's), not installed.

They are unpacked into a folder of ours and made to run there. Nobody has to be root,
and no service is started.
"""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

PACKAGES = ("prometheus", "prometheus-alertmanager")
# What the pages of Prometheus are made with; without them they are plain, not broken.
PAGE_PACKAGES = (
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
LOG = "apt.log"


def has_packages() -> bool:
    """Whether this system has the tools that packages are fetched and unpacked with."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def unpack(cache: Path) -> Path:
    """The folder of the binaries, with all that they need under `cache`.

    Raises `subprocess.CalledProcessError` if a package cannot be had; what apt-get said
    is in `LOG` under `cache`.
    """
    packages = cache / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    packages.mkdir(parents=True)
    options: list[str] = []
    try:
        _apt_get(cache, "download", *PACKAGES)
    except subprocess.CalledProcessError:
        # Lists of our own: to bring the system's up to date takes root.
        options = _own_lists(cache)
        _apt_get(cache, *options, "update")
        _apt_get(cache, *options, "download", *PACKAGES)
    with suppress(subprocess.CalledProcessError):
        _apt_get(cache, *options, "download", *PAGE_PACKAGES)
    root = cache / "root"
    shutil.rmtree(root, ignore_errors=True)
    for file in packages.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", file, root], check=True)
    for name, folder in SHARED_FILES.items():
        _relocate(root, root / "usr" / "bin" / name, folder)
    return root / "usr" / "bin"


def _own_lists(cache: Path) -> list[str]:
    for folder in ("lists", "archives"):
        (cache / folder / "partial").mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State::Lists={cache / 'lists'}"),
        *("-o", f"Dir::Cache={cache}"),
        *("-o", "APT::Sandbox::User="),
    ]


def _apt_get(cache: Path, *arguments: str) -> None:
    with (cache / LOG).open("a") as log:
        subprocess.run(
            ["apt-get", "--quiet", *arguments],
            cwd=cache / "packages",
            stdout=log,
            stderr=log,
            check=True,
        )


def _relocate(root: Path, binary: Path, folder: str) -> None:
    """Makes `binary` read from `folder` under `root`.

    The path in the program gives way to one of the same length that means the working
    directory, and a script of the binary's name changes there first.
    """
    program = binary.read_bytes()
    installed = folder.encode()
    if installed not in program:
        return  # built with its files inside
    moved = binary.with_name(f"{binary.name}.moved")
    moved.write_bytes(program.replace(installed, b".".ljust(len(installed), b"/")))
    moved.chmod(0o755)
    binary.write_text(f'#!/bin/sh\ncd "{root}{folder}" && exec "{moved}" "$@"\n')
