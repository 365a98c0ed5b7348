"""Model cards that someone, or something, has changed."""

import json
import shutil

import pytest
from credit_analyzer.model import ARTIFACTS, load
from hypothesis import example
from hypothesis import strategies as st
from model_monitor import Card, CardError
from model_monitor.errors import ModelError

from tests.fuzz.cases import cases
from tests.fuzz.hostile import check_sentence, damaged, json_values, mutations, texts
from tests.fuzz.models import EVERYTHING, check_works

SHIPPED = json.loads((ARTIFACTS / "model.json").read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the shipped model, to spoil."""
    return shutil.copytree(ARTIFACTS, tmp_path_factory.mktemp("model") / "artifacts")


def written(card):
    return json.dumps(card).encode()


@st.composite
def changed_inside(draw):
    """A card in which only one of its parts is changed."""
    card = draw(st.sampled_from([SHIPPED, EVERYTHING]))
    name = draw(st.sampled_from(sorted(card)))
    return card | {name: draw(mutations(card[name]))}


@st.composite
def renamed(draw):
    """A card in which a text is another one wherever it stands."""
    texts_of_card = ["colour", "size", "red", "round", "NO", "shape", "weight", "cm"]
    old, new = draw(st.sampled_from(texts_of_card)), draw(texts)
    text = json.dumps(EVERYTHING).replace(f'"{old}"', json.dumps(new))
    for form in ("{}=", "={}", "_by_{}", "{}_range"):
        found = form.format(old)
        text = text.replace(found, form.format(json.dumps(new)[1:-1]))
    return text.encode()


cards = st.one_of(
    mutations(SHIPPED).map(written),
    mutations(EVERYTHING).map(written),
    changed_inside().map(written),
    renamed(),
    damaged(written(SHIPPED), most=20),
    damaged(written(EVERYTHING), most=20),
    json_values.map(written),
)


def with_size(**changes):
    size = EVERYTHING["inputs"]["size"] | changes
    return written(EVERYTHING | {"inputs": EVERYTHING["inputs"] | {"size": size}})


@cases(found=cards)
@example(found=with_size(edges=[10**400, 10**401, 10**402]))
@example(found=with_size(edges=[2**53, 2**53 + 1, 2**54]))
@example(found=with_size(minimum=1.2, maximum=1.8, usual=[1.3, 1.7]))
@example(found=with_size(minimum=1e39, maximum=1e40, usual=[1e39, 1e40]))
@example(found=with_size(description="\ud800"))
@example(found=json.dumps(EVERYTHING).replace("colour", "description").encode())
@example(found=json.dumps(EVERYTHING).replace("colour", "co=lour").encode())
@example(found=written(EVERYTHING | {"created": "0001-01-01T00:00:00+14:00"}))
@example(found=written(EVERYTHING | {"created": "9999-12-31T23:59:59-14:00"}))
def test_a_card_is_refused_with_a_sentence_or_works(found):
    try:
        card = Card.from_json(found)
    except CardError as error:
        check_sentence(error)
        return
    check_works(card)


@cases(
    found=st.one_of(mutations(SHIPPED).map(written), damaged(written(SHIPPED), most=20))
)
def test_a_model_is_loaded_or_refused_with_a_sentence(folder, found):
    (folder / "model.json").write_bytes(found)
    try:
        model = load(folder)
    except ModelError as error:
        check_sentence(error)
        return
    check_works(model.card)
