"""Finds Chromium, or unpacks the distribution's packages of it, for browser tests.

python -m stack.downloads.chromium

prints where it is. Nothing is installed, and none of it needs root.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import debian

CACHE = Path(__file__).parents[2] / ".cache" / "chromium"

NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
# The second is part of the first, and has to lie beside it even if it is installed.
PACKAGES = ("chromium-headless-shell", "chromium-common", "fonts-dejavu-core")
# What the Node needs that Playwright brings, and a system without a compiler may lack.
DRIVER_LIBRARY = "libatomic.so.1"
DRIVER_PACKAGES = ("libatomic1",)
UNPACKED = "usr/lib/chromium/chromium-headless-shell"
# Without the configuration that an installation would write, no family has a font.
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}/fontconfig</cachedir>
  <alias>
    <family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer>
  </alias>
  <match>
    <edit name="family" mode="append_last"><string>DejaVu Sans</string></edit>
  </match>
</fontconfig>
"""


class ChromiumMissing(Exception):
    """What a browser test needs is neither here nor to be had. Says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A Chromium that runs, with `environment` added to that of its caller."""

    executable: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find(cache: Path = CACHE) -> Chromium:
    """The Chromium on PATH, else that of Debian's packages, unpacked into `cache`.

    Raises `ChromiumMissing` if there is neither.
    """
    for path in filter(None, map(shutil.which, NAMES)):
        installed = Chromium(Path(path))
        # Ubuntu's is a script that asks for a snap to be installed.
        if _runs(installed):
            return installed
    root = cache / "root"
    with debian.alone(cache):
        if not (root / UNPACKED).exists():
            _unpack(cache, "Chromium", PACKAGES)
    unpacked = Chromium(root / UNPACKED, _environment(cache, root))
    if not _runs(unpacked):
        raise ChromiumMissing(f"{unpacked.executable} does not run; remove {cache}")
    return unpacked


def driver_environment(cache: Path = CACHE) -> Mapping[str, str]:
    """What the environment of Playwright's driver has to have as well.

    Raises `ChromiumMissing` if it is not to be had.
    """
    try:
        ctypes.CDLL(DRIVER_LIBRARY)
    except OSError:
        root = cache / "driver" / "root"
        with debian.alone(cache):
            if not root.exists():
                _unpack(cache / "driver", "libatomic", DRIVER_PACKAGES)
        return {"LD_LIBRARY_PATH": debian.library_path(root)}
    return {}


def _runs(chromium: Chromium) -> bool:
    try:
        said = subprocess.run(
            [chromium.executable, "--version"],
            env=os.environ | chromium.environment,
            capture_output=True,
        )
    except OSError:
        return False
    return said.returncode == 0


def _unpack(cache: Path, what: str, packages: Sequence[str]) -> None:
    if not debian.has_packages():
        raise ChromiumMissing(
            f"{what} is not here, and there is no apt-get to fetch it with; install it "
            "from your system's packages"
        )
    print(f"fetching Debian's {what}", file=sys.stderr)
    try:
        debian.unpack(cache, packages, with_dependencies=True)
    except subprocess.CalledProcessError as error:
        raise ChromiumMissing(
            f"{what} is not here, and apt-get cannot fetch it (see "
            f"{cache / debian.LOG}); install it in the way of your system"
        ) from error


def _environment(cache: Path, root: Path) -> Mapping[str, str]:
    fonts = cache / "fonts.conf"
    fonts.write_text(FONTS.format(root=root, cache=cache))
    return {
        "FONTCONFIG_FILE": str(fonts),
        "LD_LIBRARY_PATH": debian.library_path(root),
    }


if __name__ == "__main__":
    try:
        print(find().executable)
    except ChromiumMissing as missing:
        sys.exit(str(missing))
