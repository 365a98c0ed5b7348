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
        # By the pip that is here, and without compiling what is never imported: in a
        # quarter of the time.
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
        options = ["--no-compile", "--quiet", "--requirement", str(requirements)]
        subprocess.run([*pip, *options], check=True)
        installed.write_text(wanted)
    return python
