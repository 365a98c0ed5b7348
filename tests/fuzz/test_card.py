"""A model card that somebody, or something, has changed."""

import json
import shutil
from dataclasses import asdict

import pytest
from credit_analyzer.api import PATH
from credit_analyzer.app import create_app
from credit_analyzer.application import EXAMPLE
from credit_analyzer.model import ARTIFACTS, ModelError, load
from hypothesis import example
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.fuzz.cases import cases
from tests.fuzz.hostile import check_sentence, mutations

WRITTEN = (ARTIFACTS / "model.json").read_bytes()
CARD = json.loads(WRITTEN)
EXAMPLE_JSON = asdict(EXAMPLE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the shipped model, to spoil."""
    return shutil.copytree(ARTIFACTS, tmp_path_factory.mktemp("model") / "artifacts")


def changed(**signals):
    """The card, with changes to its signals."""
    return CARD | {"signals": CARD["signals"] | signals}


def edges(*found):
    return {"edges": [*found], "cumulative": [0.5] * len(found)}


@st.composite
def damaged(draw):
    """The bytes of the card, with some of them changed."""
    written = bytearray(WRITTEN)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(written)))
        end = draw(st.integers(start, min(start + 20, len(written))))
        written[start:end] = draw(st.binary(max_size=6))
    return bytes(written[: draw(st.one_of(st.none(), st.integers(0, len(written))))])


cards = st.one_of(
    mutations(CARD).map(lambda card: json.dumps(card).encode()),
    mutations(CARD["signals"]).map(
        lambda each: json.dumps(CARD | {"signals": each}).encode()
    ),
    damaged(),
)


@cases(written=cards)
@example(
    written=json.dumps(
        changed(decision={"APPROVED": 10**400, "DENIED": 0, "ANALYST": 0})
    ).encode()
)
@example(written=json.dumps(changed(score=edges(10**400))).encode())
@example(written=json.dumps(changed(score=edges(2**53, 2**53 + 1))).encode())
@example(written=json.dumps(CARD | {"created": "0001-01-01T00:00:00+14:00"}).encode())
def test_a_card_is_refused_with_a_sentence_or_works(folder, written):
    (folder / "model.json").write_bytes(written)
    try:
        model = load(folder)
    except ModelError as error:
        check_sentence(error)
        return
    registry = CollectorRegistry()
    client = create_app(model, registry).test_client()
    answer = client.post(PATH, json=EXAMPLE_JSON)
    assert answer.json["model_version"] == model.card.version
    exposed = generate_latest(registry).decode()
    series = [
        (sample.name, *sorted(sample.labels.items()))
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
    ]
    assert len(series) == len(set(series))
