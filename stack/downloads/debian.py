"""Packages of Debian (and Ubuntu), not installed but unpacked into a folder of ours.

Nothing needs root, and no service is started.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LOG = "apt.log"
# Where packages are that this system's own release has not, or not so new.
NEWER_SUITE = "testing"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def has_packages() -> bool:
    """Whether this system has the tools that packages are fetched and unpacked with."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


@contextmanager
def alone(cache: Path) -> Iterator[None]:
    """While one process looks into `cache`, and fills it, others wait."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_name(f"{cache.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def unpack(
    cache: Path,
    packages: Sequence[str],
    extras: Sequence[str] = (),
    *,
    with_dependencies: bool = False,
) -> Path:
    """The folder under `cache` that stands for / to all that was unpacked.

    `with_dependencies`, that is also what `packages` depend on and is not installed
    here. `extras` are left out where they are not to be had. Raises
    `subprocess.CalledProcessError` if one of `packages` is not; what apt-get said is in
    `LOG` under `cache`.
    """
    _emptied(cache / "packages")
    options: list[str] = []
    try:
        _download(cache, options, packages, with_dependencies)
    except subprocess.CalledProcessError:
        # Lists of our own: to bring the system's up to date takes root.
        options = _own_lists(cache)
        _apt_get(cache, *options, "update")
        _download(cache, options, packages, with_dependencies)
    if known := _known(options, extras):
        with suppress(subprocess.CalledProcessError):
            _download(cache, options, known)
    return _unpacked(cache)


def unpack_newer(cache: Path, packages: Sequence[str]) -> Path:
    """Like `unpack`, from a newer release of Debian; without dependencies.

    Raises `subprocess.CalledProcessError` if one of `packages` is not to be had.
    """
    _emptied(cache / "packages")
    sources = cache / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_mirror()} {NEWER_SUITE} main\n")
    options = [
        *("-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=-"),
        *_own_lists(cache),
    ]
    _apt_get(cache, *options, "update")
    _download(cache, options, packages)
    return _unpacked(cache)


def relocate(root: Path, binary: Path, folder: str) -> None:
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


def library_path(root: Path) -> str:
    """What LD_LIBRARY_PATH has to be for programs under `root` to find libraries there.

    Those of this system are looked for after them.
    """
    return os.pathsep.join(sorted({str(file.parent) for file in root.rglob("*.so*")}))


def _unpacked(cache: Path) -> Path:
    """Unpacks what was downloaded; what has the name `root` is complete."""
    unpacked = _emptied(cache / "unpacked")
    for file in (cache / "packages").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", file, unpacked], check=True)
        file.unlink()
    root = cache / "root"
    shutil.rmtree(root, ignore_errors=True)
    return unpacked.rename(root)


def _mirror() -> str:
    """Where this system has Debian's own packages from."""
    what = ("--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages")
    targets = subprocess.run(
        ["apt-get", "indextargets", *what], capture_output=True, text=True, check=True
    ).stdout
    # Not its updates, bookworm-updates and the like.
    return str(re.findall(r"^(\S+) [a-z]+$", targets, re.MULTILINE)[0])


def _download(
    cache: Path,
    options: Sequence[str],
    packages: Sequence[str],
    with_dependencies: bool = False,
) -> None:
    if with_dependencies:
        # Only simulated, so it neither takes root nor changes anything.
        plan = ("install", "--simulate", "--no-install-recommends")
        said = _apt_get(cache, *options, *plan, *packages)
        missing = re.findall(r"^Inst (\S+)", said, re.MULTILINE)
        packages = sorted({*packages, *missing})
    _apt_get(cache, *options, "download", *packages)


def _known(options: Sequence[str], packages: Sequence[str]) -> list[str]:
    """Those of `packages` that there are. apt-get downloads all that it is asked for.

    To ask it for each alone takes more than a second each.
    """
    if not packages:
        return []
    shown = subprocess.run(
        ["apt-cache", *options, "show", "--no-all-versions", *packages],
        capture_output=True,
        text=True,
    ).stdout
    return re.findall(r"^Package: (\S+)$", shown, re.MULTILINE)


def _own_lists(cache: Path) -> list[str]:
    for folder in ("lists", "archives"):
        (cache / folder / "partial").mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State::Lists={cache / 'lists'}"),
        *("-o", f"Dir::Cache={cache}"),
        *("-o", "APT::Sandbox::User="),
    ]


def _apt_get(cache: Path, *arguments: str) -> str:
    """What apt-get says to `arguments`, which is also added to the log."""
    with (cache / LOG).open("a") as log:
        said = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            cwd=cache / "packages",
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.write(said.stdout)
    said.check_returncode()
    return said.stdout


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
