"""History, so that the window of an hour is full from the beginning."""

import subprocess
from pathlib import Path

from .fleet import Fleet

# Of so many models at once, so that the text does not fill the disk.
BATCH = 10


def write(folder: Path, promtool: Path, fleet: Fleet, start: int, end: int) -> None:
    """Blocks, in `folder`, of what the drift rules read, from `start` to `end`.

    The exporter goes on from there if it began at `start` too. Both in seconds since
    1970.
    """
    text = folder / "samples.txt"
    for first in range(0, fleet.models, BATCH):
        models = range(first, min(first + BATCH, fleet.models))
        with text.open("w") as file:
            for time in range(start, end, fleet.every):
                for model in models:
                    file.write(fleet.counted(model, time - start, time))
            file.write("# EOF\n")
        make = ("tsdb", "create-blocks-from", "openmetrics", "--quiet")
        subprocess.run([promtool, *make, text, folder], check=True)  # noqa: S603
    text.unlink()
