"""Detectors of other projects, each in an environment of its own under build/peers."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stack.environments import BUILD, python_of

from .judging import Detection, Row, Scores, judge
from .streams import CHUNK, RATE, Streams

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
REFERENCE = 30_000


def requirements(environment: str) -> Path:
    """What an environment has to hold."""
    return PEERS / f"{environment}.txt"


def ask(environment: str, script: str, *arguments: str | Path) -> Any:
    """What a script says that runs in an environment of its own."""
    command = [
        python_of(requirements(environment)),
        "-m",
        f"{__package__}.peers.{script}",
    ]
    run = subprocess.run(  # noqa: S603
        [str(part) for part in (*command, *arguments)],
        cwd=BUILD,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def by_streaming(detector: str, setting: str, streams: Streams) -> Iterator[Row]:
    """A streaming detector of river or frouros."""
    name = detector.split()[-1].lower()
    file = BUILD / f"{streams.name}.npz"
    for found in ask("streaming", "streaming", file, name, setting):
        delays = dict(
            zip(streams.shifts, map(Detection.of, found["delays"]), strict=True)
        )
        yield Row(
            **found | {"detector": detector, "stream": streams.name, "delays": delays}
        )


def by_chunks(detector: str, streams: Streams) -> Iterator[Row]:
    """A library's test of every chunk against the reference."""
    name = detector.lower()
    replicates = list(streams.replicates())
    healthy = (streams.tuning, streams.counting)
    parts = [
        values[: len(values) // CHUNK * CHUNK].reshape(-1, CHUNK)
        for values in (*healthy, *(stream for _, _, stream in replicates))
    ]
    file = BUILD / f"{streams.name}-{name}.npz"
    rng = np.random.default_rng(len(streams.pool))
    np.savez(
        file,
        chunks=np.concatenate(parts),
        reference=rng.choice(streams.pool, REFERENCE),
        bounds=streams.bounds,
    )
    found = ask(name, f"{name}_chunks", file)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    tuning, counting, *cases = np.split(np.array(found["scores"]), ends)
    changes = [(s, at, c) for (s, at, _), c in zip(replicates, cases, strict=True)]
    scores = Scores(CHUNK // RATE, tuning, counting, changes)
    unit = found["method"] + " {:.3g}"
    yield from judge(detector, streams, scores, found["threshold"], unit)
