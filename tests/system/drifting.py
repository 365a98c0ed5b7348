"""A system that drifts soon: hard times, and rules that are evaluated sooner."""

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

from loan_application_simulator.scenarios import HARD_TIMES

ROOT = Path(__file__).parents[2]
# Groups of rules that are evaluated once a minute, or in five, are evaluated sooner.
HASTENED = {"5m": "5s", "1m": "2s", "15s": "2s"}


def hastened(root: Path) -> Path:
    """A copy of the configuration whose slow groups are evaluated sooner."""
    for name in ("prometheus", "alertmanager"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "docker-compose.yml", root)
    for file in (root / "prometheus" / "rules").glob("*.yml"):
        text = file.read_text()
        for interval, sooner in HASTENED.items():
            text = text.replace(f"interval: {interval}\n", f"interval: {sooner}\n")
        file.write_text(text)
    return root


def hard_times(file: Path) -> Path:
    """Applications of hard times, one of ten malformed."""
    phase = replace(HARD_TIMES, shift=replace(HARD_TIMES.shift, malformed=0.1))
    rng = random.Random(1)
    rows = [json.dumps(phase.application(rng, 0)) for _ in range(2_000)]
    file.write_text("\n".join(rows))
    return file
