"""Python environments under build/peers, for packages that are not installed here."""

import subprocess
import sys
import venv
from pathlib import Path

BUILD = Path(__file__).parents[1] / "build" / "peers"


def python_of(requirements: Path) -> Path:
    """The interpreter of an environment that holds what the file requires.

    Made at the first call, and again when the file has changed. Raises
    `subprocess.CalledProcessError` if pip cannot install it.
    """
    folder = BUILD / requirements.stem
    installed = folder / "installed.txt"
    python = folder / "bin" / "python"
    wanted = requirements.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        venv.create(folder, clear=True)
        install(python, "--requirement", str(requirements))
        installed.write_text(wanted)
    return python


def install(python: Path, *what: str) -> None:
    """Installs packages, by uv or, where that cannot, by the pip that is here.

    uv is ten times as fast, and reads no configuration of pip. Raises
    `subprocess.CalledProcessError` if pip cannot either.
    """
    tool, quiet = [sys.executable, "-m"], ["--quiet", *what]
    uv = [*tool, "uv", "pip", "install", "--python", str(python), *quiet]
    if subprocess.run(uv, stderr=subprocess.DEVNULL).returncode:
        pip = [*tool, "pip", "--python", str(python), "install", "--no-compile", *quiet]
        subprocess.run(pip, check=True)
