"""Fits a decision tree on past applications, and makes its card.

    python -m credit_analyzer.train APPLICATIONS.csv --outcome COLUMN --version 1.1.0

Inputs, encoding, cut-offs and tolerances are those of the card of the former version.
The table has a column for each input, and the outcome, 0 or 1.
"""

import argparse
import json
import pickle
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from model_monitor import Card, Monitor
from model_monitor.counts import ProcessCounts
from model_monitor.drafting.make import Wishes, make, written
from model_monitor.drafting.reference import readings
from model_monitor.drafting.table import Table, TableError, read_table
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from .model import ARTIFACTS, CARD

# A leaf holds at least 0.9 % of the applications learnt from: of the 80,000 that the
# shipped tree saw, 720. So a score is the share of at least 720 real outcomes, known
# to within two points (standard error), and neighbouring values do not jump about.
MIN_LEAF = 0.009


def fit(
    rows: Sequence[Sequence[float]], outcomes: NDArray[np.int8], seed: int = 0
) -> DecisionTreeClassifier:
    """A tree fitted on encoded applications, shape (n, columns), and outcomes (n,)."""
    tree = DecisionTreeClassifier(min_samples_leaf=MIN_LEAF, random_state=seed)
    return tree.fit(np.array(rows, dtype=np.float32), outcomes)


def outcomes_in(table: Table, column: str) -> NDArray[np.int8]:
    """The outcomes in a column. Raises `TableError` unless each is 0 or 1."""
    cells = table.column(column)
    for row, cell in enumerate(cells):
        if str(cell) not in ("0", "1"):
            raise TableError(
                f"{table.place(row)}: {column} must be 0 or 1, not {cell!r}"
            )
    return np.array([str(cell) == "1" for cell in cells], dtype=np.int8)


def train(table: Table, outcome: str, like: Path, options: argparse.Namespace) -> str:
    """Writes model and card into `options.out`. Returns what they are worth."""
    card = Card.from_file(like)
    monitor = Monitor(card, counts=ProcessCounts(card.size))
    rows = [row for row, _ in readings(monitor, table)]
    outcomes = outcomes_in(table, outcome)
    learnt, held_out, outcomes_learnt, outcomes_held_out = train_test_split(
        rows, outcomes, test_size=0.2, random_state=options.seed
    )
    tree = fit(learnt, outcomes_learnt, options.seed)
    former: dict[str, Any] = json.loads(like.read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder:
        model = Path(folder) / card.file
        model.write_bytes(pickle.dumps(tree, protocol=pickle.HIGHEST_PROTOCOL))
        made = make(
            model, table, Wishes(version=options.version, expect=options.expect), former
        )
        # Nothing is there unless both are.
        options.out.mkdir(parents=True, exist_ok=True)
        shutil.copy(model, options.out)
    (options.out / CARD).write_text(written(made.fields), encoding="utf-8")
    scores = tree.predict_proba(np.array(held_out, dtype=np.float32))[:, 1]
    return (
        f"{card.name} {options.version}: {tree.get_n_leaves()} leaves, "
        f"fitted on {len(learnt):,} applications; on {len(held_out):,} held out: "
        f"AUC {roc_auc_score(outcomes_held_out, scores):.3f}, "
        f"Brier score {brier_score_loss(outcomes_held_out, scores):.3f}; "
        f"{made.notes[-1]}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains from the command line; a bad input is a sentence, not a trace."""
    parser = argparse.ArgumentParser(prog="python -m credit_analyzer.train")
    parser.add_argument("table", type=Path, help="CSV or Parquet")
    parser.add_argument("--outcome", required=True, metavar="COLUMN")
    parser.add_argument("--version", required=True)
    parser.add_argument("--expect", default="", help="measured, or shares of a policy")
    parser.add_argument("--like", type=Path, default=ARTIFACTS / CARD)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ARTIFACTS)
    options = parser.parse_args(arguments)
    try:
        table = read_table(options.table)
        print(train(table, options.outcome, options.like, options))
    except (ValueError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
