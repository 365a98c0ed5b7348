"""The example models of model-monitor, made on this machine."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .process import ProcessDied

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "model-monitor"
EXAMPLES = ("german_credit", "card_fraud", "iris_species")
# Ordinary times, and then a drift for as long as it takes at ten applications a second.
PHASES = {"baseline": 20, "drift": 60}


@dataclass(frozen=True, slots=True)
class ExampleModel:
    """A model with its card, and recorded applications, in `folder`."""

    name: str
    folder: Path

    @property
    def service(self) -> str:
        """The name of the analyzer that decides with it."""
        return f"{self.name}-analyzer"

    def replay(self) -> list[str]:
        """The arguments with which the simulator sends its applications."""
        files = (f"{self.folder / name}.jsonl={s}" for name, s in PHASES.items())
        return ["--replay", *files]


def make(name: str, folder: Path) -> ExampleModel:
    """Makes the model `name`, one of `EXAMPLES`, below `folder`.

    Raises `ProcessDied` with the end of what was written, if that fails.
    """
    target = folder / name
    paths = os.pathsep.join((str(LIBRARY), str(LIBRARY / "examples")))
    done = subprocess.run(
        [sys.executable, "-m", "models", name, str(target)],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ProcessDied(f"{name} cannot be made:\n{done.stderr[-2_000:]}")
    return ExampleModel(name.replace("_", "-"), target)
