"""The drafting command, on models that are right and tables that hold anything."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, settings
from hypothesis import strategies as st
from model_monitor import Card
from model_monitor.drafting.make import Wishes, make, written
from model_monitor.drafting.table import read_table
from model_monitor.errors import Problem
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from tests.fuzz.cases import cases
from tests.fuzz.csv_files import files
from tests.fuzz.hostile import check_sentence, texts
from tests.fuzz.models import check_works

FRAME = pd.DataFrame(
    {
        "amount": np.arange(100) * 100,
        "age": np.arange(100) % 60 + 18,
        "colour": np.array(["red", "blue"])[np.arange(100) % 2],
    }
)
OUTCOME = np.arange(100) % 3 > 0
NUMBERS = FRAME[["amount", "age"]]
FLAGS = pd.get_dummies(FRAME, dtype=int)
HEADER = list(FRAME)
ROW = ["500", "30", "red"]


def tree():
    return DecisionTreeClassifier(max_depth=3, random_state=0)


def pipeline():
    """Over the fields as they came."""
    encode = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("colour", encode, ["colour"])], remainder="drop")
    return make_pipeline(columns, tree())


MODELS = {
    "numbers-by-name": tree().fit(NUMBERS, OUTCOME),
    "numbers-by-place": tree().fit(NUMBERS.to_numpy(), OUTCOME),
    "one-hot-by-name": tree().fit(FLAGS, OUTCOME),
    "fields": pipeline().fit(FRAME, OUTCOME),
}
wishes = st.builds(
    Wishes,
    name=st.sampled_from(["", "shop", "a b", "\x00"]),
    ignore=st.sampled_from([(), ("repaid",), ("colour",)]),
    columns=st.sampled_from([(), ("amount", "age"), ("amount", "colour=red"), ("",)]),
    ordinal=st.booleans(),
    categories=st.sampled_from([{}, {"colour": ["red"]}, {"colour": [""]}]),
    units=st.sampled_from([{}, {"amount": "brl"}, {"amount": "x y"}, {"no": "m"}]),
    positive_class=st.sampled_from(["", "", "True", "1", "no"]),
    decide=st.one_of(
        st.sampled_from(["", "NO:0.5,YES", "A:0.4,B:0.6,C", "NO:nan,YES", "NO:2,YES"]),
        texts,
    ),
    expect=st.one_of(
        st.sampled_from(["", "measured", "50/50", "NO=30,YES=70", "nan/nan", "0/100"]),
        texts,
    ),
    segments=st.sampled_from([(), ("colour",), ("amount",)]),
    refused=st.sampled_from([0.0, 0.02, 0.999999]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file for each model, and room for a table."""
    folder = tmp_path_factory.mktemp("models")
    for name, model in MODELS.items():
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(model))
    return folder


# Each fits, measures and checks: a hundred times as long as what others do.
some = settings(max_examples=settings.default.max_examples // 5)


def check_made(folder, name, table, wished):
    """A card is made that works, or the reason why not is a sentence."""
    path = folder / "table.csv"
    path.write_bytes(table)
    try:
        made = make(folder / f"{name}.pkl", read_table(path), wished)
    except Problem as error:
        check_sentence(error)
        return None
    text = written(made.fields)
    card = Card.from_json(text)
    check_works(card)
    assert made.notes
    return card


@some
@cases(
    name=st.sampled_from([*MODELS]),
    table=files(HEADER, ROW, ["red", "blue", "green"]),
    wished=st.one_of(st.just(Wishes()), st.just(Wishes(decide="NO:0.5,YES")), wishes),
)
@example(
    name="numbers-by-name", table=b"amount,age\n1e308,-1e308\n2,3", wished=Wishes()
)
@example(name="fields", table=b"amount,age,colour\n1,1,inf\n2,2,nan", wished=Wishes())
@example(
    name="numbers-by-name",
    table=b"amount,age\n5e-324,1e-320\n2,3",
    wished=Wishes(decide="NO:0.5,YES"),
)
def test_a_card_is_made_that_works_or_the_reason_is_a_sentence(
    folder, name, table, wished
):
    check_made(folder, name, table, wished)


numbers = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-(2.0**127), 2.0**127, width=32),
)


@some
@cases(
    rows=st.lists(st.tuples(numbers, numbers, st.sampled_from(["red", "blue"]))),
    name=st.sampled_from([*MODELS]),
    cut=st.sampled_from(["", "NO:0.5,YES", "A:0.3,B:0.31,C"]),
)
@example(rows=[(0, 0, "red")] * 3, name="fields", cut="NO:0.5,YES")
@example(rows=[(-1, 1e-30, "red"), (1e30, 0, "blue")], name="numbers-by-name", cut="")
def test_ordinary_tables_give_a_card(folder, rows, name, cut):
    lines = [",".join(HEADER), *(",".join(map(str, row)) for row in rows)]
    wished = Wishes(decide=cut, ignore=("colour",) * name.startswith("numbers"))
    card = check_made(folder, name, "\n".join(lines).encode(), wished)
    colours = {row[2] for row in rows}
    # One-hot columns are found by the categories in the table.
    complete = name != "one-hot-by-name" or len(colours) == 2
    assert (card is not None) == (bool(rows) and complete)
    if card:
        assert card.applications == len(rows)
        assert all(
            0 <= cell.share <= 1 for signal in card.signals for cell in signal.cells
        )
