"""Makes an example model: its file, its card, its reference and recorded applications.

    python -m models german_credit FOLDER

writes into FOLDER model.pkl, reference.csv, model.json (by `model-monitor card`), and
the applications of ordinary times and of a drift, a JSON object a line.
"""

import argparse
import json
import pickle
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from model_monitor.__main__ import main as model_monitor

NAMES = ("german_credit", "card_fraud", "iris_species")
REFERENCE_ROWS = 20_000
RECORDED_ROWS = 2_000


def make(name: str, folder: Path) -> None:
    """Makes the model `name`, one of `NAMES`, in `folder`."""
    example: Any = import_module(f"{__package__}.{name}")
    folder.mkdir(parents=True, exist_ok=True)
    frame = example.population(REFERENCE_ROWS, seed=1)
    inputs = frame.drop(columns=example.OUTCOME)
    model = example.classifier().fit(inputs, frame[example.OUTCOME])
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    frame.to_csv(folder / "reference.csv", index=False)
    for phase, is_drifted in (("baseline", False), ("drift", True)):
        rows = example.population(RECORDED_ROWS, seed=2, drifted=is_drifted)
        write(rows.drop(columns=example.OUTCOME), folder / f"{phase}.jsonl")
    model_monitor(
        [
            *("card", str(folder / "model.pkl"), str(folder / "reference.csv")),
            *("--outcome", example.OUTCOME, "--name", name.replace("_", "-")),
            *(*example.OPTIONS, "--force"),
        ]
    )


def write(rows: pd.DataFrame, path: Path) -> None:
    """Writes applications as their callers send them: a gap is an absent field."""
    with path.open("w") as file:
        for row in json.loads(rows.to_json(orient="records")):
            present = {name: value for name, value in row.items() if value is not None}
            file.write(json.dumps(present) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes a model from the command line."""
    parser = argparse.ArgumentParser(prog="python -m models")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    make(options.name, options.folder)


if __name__ == "__main__":
    main()
