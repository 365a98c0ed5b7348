"""Python environments under build/peers, for packages that are not installed here."""

import subprocess
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
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "-q", "-r", str(requirements)]
        subprocess.run(pip, check=True)
        installed.write_text(wanted)
    return python
