"""Other models for the analyzer: a tree on twenty fields, and a forest."""

import hashlib
import json
import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from credit_analyzer.model import ARTIFACTS, CARD
from credit_analyzer.train import MIN_LEAF
from loan_application_simulator.applicants import draw, repays
from loan_application_simulator.forms import fields_of
from model_monitor import Card
from model_monitor.reading import Reader
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from stack import example_models

FOLDER = Path(__file__).parents[2] / "build" / "performance"
ROWS = 20_000


def forest() -> Path:
    """A folder with the shipped card, for a forest of 100 trees."""
    rng = random.Random(3)
    applicants = [draw(rng) for _ in range(ROWS)]
    outcomes = [repays(rng, applicant) for applicant in applicants]
    card = json.loads((ARTIFACTS / CARD).read_text())
    rows = _rows(card, [fields_of(applicant) for applicant in applicants])
    trees = RandomForestClassifier(100, min_samples_leaf=MIN_LEAF, random_state=0)
    return _written("forest", card, trees.fit(rows, outcomes))


def twenty_fields() -> tuple[Path, Mapping[str, object]]:
    """A folder with a card of 20 inputs, for a tree; and an application to it."""
    example = example_models.make("german_credit", FOLDER)
    lines = (example.folder / "baseline.jsonl").read_text().splitlines()
    applications = [json.loads(line) for line in lines]
    card = json.loads((example.folder / CARD).read_text())
    card["encoding"] = "ordinal"
    card["columns"] = list(card["inputs"])
    rows = _rows(card, applications)
    outcomes = np.random.default_rng(3).random(len(rows)) < 0.5
    tree = DecisionTreeClassifier(min_samples_leaf=MIN_LEAF, random_state=0)
    return _written("twenty", card, tree.fit(rows, outcomes)), applications[0]


def _rows(card: Mapping[str, Any], applications: list[dict[str, Any]]) -> Any:
    reader = Reader(Card.from_json(json.dumps(card).encode()))
    readings = map(reader.read, applications)
    return np.array([r[0] for r in readings if r], dtype=np.float32)


def _written(name: str, card: dict[str, Any], classifier: Any) -> Path:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(classifier)
    (folder / "model.pkl").write_bytes(content)
    card |= {"file": "model.pkl", "sha256": hashlib.sha256(content).hexdigest()}
    (folder / CARD).write_text(json.dumps(card))
    return folder
