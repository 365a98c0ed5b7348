"""A job that scores a table every night, and counts what it decided.

pip install 'prometheus-model-monitor[card]'
python nightly.py folder applications.parquet scored.parquet /var/lib/node_exporter
"""

import pickle
import sys
from pathlib import Path

import pandas as pd
from model_monitor import Card
from model_monitor.batch import ZERO_SECONDS, count_rows, to_textfile


def main(folder: Path, table: Path, scored: Path, metrics: Path, wait: float) -> None:
    """Scores the applications of a table, writes their scores, and counts them."""
    card = Card.from_file(folder / "model.json")
    with (folder / card.file).open("rb") as file:
        model = pickle.load(file)  # noqa: S301 - our own file
    applications = pd.read_parquet(table)
    probabilities = model.predict_proba(applications[list(card.columns)])
    applications["score"] = probabilities[:, 1]
    applications.to_parquet(scored)
    with to_textfile(card, metrics / f"{card.name}.prom", wait) as monitor:
        refused = count_rows(monitor, applications)
    print(f"{len(applications) - refused} counted, {refused} refused")


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:5]]
    main(*paths, wait=float(sys.argv[5]) if len(sys.argv) > 5 else ZERO_SECONDS)
