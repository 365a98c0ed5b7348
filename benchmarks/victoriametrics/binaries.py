"""Finds VictoriaMetrics and vmalert, or unpacks the package of Debian testing.

Debian 12 has neither vmalert nor a VictoriaMetrics that knows `keep_firing_for` (1.90).
The newer package runs there as well; it is unpacked, not installed.
"""

import re
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "victoriametrics"
NAMES = ("victoria-metrics", "vmalert")
SUITE = "testing"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def find(cache: Path = CACHE) -> Path:
    """The folder of both.

    Raises `subprocess.CalledProcessError` if neither PATH nor Debian has them.
    """
    found = [shutil.which(name) for name in NAMES]
    if all(found):
        return Path(str(found[0])).parent
    folder = cache / "root" / "usr" / "bin"
    if not all((folder / name).exists() for name in NAMES):
        _unpack(cache)
    return folder


def _unpack(cache: Path) -> None:
    for name in ("lists", "archives"):
        (cache / name / "partial").mkdir(parents=True, exist_ok=True)
    sources = cache / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main\n")
    # Lists of our own: this system's know nothing of a newer suite.
    options = [
        *("-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=-"),
        *("-o", f"Dir::State::Lists={cache / 'lists'}", "-o", f"Dir::Cache={cache}"),
        *("-o", "APT::Sandbox::User="),
    ]
    for arguments in (["update"], ["download", NAMES[0]]):
        subprocess.run(  # noqa: S603
            ["apt-get", "--quiet", *options, *arguments],  # noqa: S607
            cwd=cache,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    [package] = cache.glob("*.deb")
    subprocess.run(  # noqa: S603
        ["dpkg-deb", "-x", package, cache / "root"],  # noqa: S607
        check=True,
    )


def _mirror() -> str:
    """Where this system has Debian's own packages from."""
    what = ("--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages")
    said = subprocess.run(  # noqa: S603
        ["apt-get", "indextargets", *what],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Not its updates, bookworm-updates and the like.
    return str(re.findall(r"^(\S+) [a-z]+$", said, re.MULTILINE)[0])
