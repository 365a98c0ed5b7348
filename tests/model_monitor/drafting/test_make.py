import io
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from model_monitor import Card, CardError
from model_monitor.drafting.inputs import draft_input
from model_monitor.drafting.make import Wishes, make
from model_monitor.drafting.table import TableError, read_table
from model_monitor.errors import DraftError, ModelError
from model_monitor.reading import Reader
from model_monitor.scoring.files import checked
from model_monitor.scoring.scorer import Scorer
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

COLOURS = ["blue", "green", "red"]
ENCODER = OneHotEncoder(handle_unknown="ignore")
CUT = "NO:0.4,MAYBE:0.6,YES"


def population(count=3_000, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(count),
            "amount": rng.lognormal(8, 0.7, count).round().astype(int),
            "colour": rng.choice(COLOURS, count, p=[0.5, 0.3, 0.2]),
            "visits": rng.integers(0, 4, count),
            "member": rng.random(count) < 0.4,
        }
    )
    chance = frame.amount / 9_000 + (frame.colour == "red") * 0.3
    frame["bought"] = (chance + rng.normal(0, 0.2, count) > 0.5).astype(int)
    return frame


@pytest.fixture(scope="module")
def frame():
    return population()


@pytest.fixture
def files(tmp_path, frame):
    """Writes a model and its table. Returns what `make` takes."""

    def files(classifier, table=frame, name="model.pkl"):
        model = tmp_path / "shop" / name
        model.parent.mkdir(exist_ok=True)
        model.write_bytes(pickle.dumps(classifier))
        table.to_csv(tmp_path / "table.csv", index=False)
        return model, read_table(tmp_path / "table.csv")

    return files


def pipeline(frame):
    texts = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("texts", texts, ["colour"])], remainder="passthrough")
    inputs = frame[["amount", "colour", "visits", "member"]]
    return make_pipeline(columns, DecisionTreeClassifier(min_samples_leaf=100)).fit(
        inputs, frame.bought
    )


def flags(frame):
    return pd.get_dummies(frame[["amount", "visits", "colour"]], columns=["colour"])


def card_of(made):
    return Card.from_json(json.dumps(made.fields))


def test_a_pipeline_over_raw_fields_needs_nothing_but_its_table(files, frame):
    model, table = files(pipeline(frame))
    made = make(model, table, Wishes(ignore=("bought",), decide=CUT))
    card = card_of(made)
    assert list(card.inputs) == ["amount", "colour", "visits", "member"]
    assert card.encoding == "fields"
    assert card.decisions.names == ("NO", "MAYBE", "YES")
    assert card.applications == 3_000
    assert {0.4, 0.6} <= set(card.score_edges)
    assert card.name == "shop"
    Scorer(checked(model.read_bytes(), card), card)


def test_the_reference_is_what_the_model_decides_on_the_table(files, frame):
    classifier = pipeline(frame)
    model, table = files(classifier)
    card = card_of(make(model, table, Wishes(ignore=("bought",), decide=CUT)))
    scores = classifier.predict_proba(frame[["amount", "colour", "visits", "member"]])
    expected = np.bincount(np.digitize(scores[:, 1], [0.4, 0.6]), minlength=3) / 3_000
    decision = card.signal("decision").cells[:3]
    assert [c.share for c in decision] == pytest.approx(expected.tolist(), abs=1e-6)
    colour = {c.category: c.share for c in card.signal("colour").cells}
    assert colour["blue"] == pytest.approx((frame.colour == "blue").mean(), abs=1e-6)


def test_everything_that_is_inferred_is_said(files, frame):
    model, table = files(pipeline(frame))
    notes = "\n".join(make(model, table, Wishes()).notes)
    for said in (
        "columns: those that the model was fitted on",
        "left out, because the model does not take it: id, bought",
        "amount: whole numbers from",
        "amount: at least 0, because no value is negative",
        "amount: usual from",
        "colour: 3 categories",
        "member: true or false",
        "visits: 4 buckets",
        "decisions: the most probable of 0, 1, because no cut-offs were given",
        "tolerance:",
    ):
        assert said in notes, said


def test_columns_of_flags_are_found_by_their_names(files, frame):
    inputs = flags(frame)
    tree = DecisionTreeClassifier(max_depth=4).fit(inputs, frame.bought)
    model, table = files(tree)
    card = card_of(make(model, table, Wishes(decide=CUT)))
    assert card.encoding == "one-hot"
    assert card.columns == (
        *("amount", "visits", "colour=blue", "colour=green", "colour=red"),
    )
    assert card.features == tuple(inputs.columns)


def test_columns_of_a_column_transformer_are_found_too(files, frame):
    inputs = flags(frame).add_prefix("step__")
    tree = DecisionTreeClassifier(max_depth=4).fit(inputs, frame.bought)
    model, table = files(tree)
    card = card_of(make(model, table, Wishes(decide=CUT)))
    assert card.columns[2] == "colour=blue"


def test_a_feature_that_the_table_lacks_is_named(files, frame):
    inputs = flags(frame).rename(columns={"colour_red": "age"})
    tree = DecisionTreeClassifier(max_depth=4).fit(inputs, frame.bought)
    with pytest.raises(
        DraftError, match=r"fitted on a column age, .* such as --columns"
    ):
        make(*files(tree), Wishes())


def test_a_model_without_names_wants_its_columns_said(files, frame):
    tree = DecisionTreeClassifier(max_depth=4).fit(
        flags(frame).to_numpy(), frame.bought
    )
    model, table = files(tree)
    with pytest.raises(DraftError, match=r"on 5 columns without names.*--columns"):
        make(model, table, Wishes())
    columns = ("amount", "visits", "colour=blue", "colour=green", "colour=red")
    card = card_of(make(model, table, Wishes(columns=columns, decide=CUT)))
    assert card.inputs["colour"].known == ("blue", "green", "red")


def test_numbers_without_names_are_taken_in_the_order_of_the_table(files, frame):
    numbers = frame[["amount", "visits"]]
    tree = DecisionTreeClassifier(max_depth=4).fit(numbers.to_numpy(), frame.bought)
    model, table = files(tree, frame[["amount", "visits", "bought"]])
    made = make(model, table, Wishes(ignore=("bought",)))
    assert card_of(made).columns == ("amount", "visits")
    assert "in the order of the table" in made.notes[0]


def test_categories_as_numbers_have_the_order_that_is_said(files, frame):
    order = [["red", "green", "blue"]]
    inputs = frame[["amount", "colour"]].copy()
    inputs["colour"] = OrdinalEncoder(categories=order).fit_transform(
        inputs[["colour"]]
    )
    tree = DecisionTreeClassifier(max_depth=4).fit(inputs, frame.bought)
    model, table = files(tree)
    wishes = Wishes(ordinal=True, categories={"colour": order[0]}, decide=CUT)
    made = make(model, table, wishes)
    assert card_of(made).inputs["colour"].known == ("red", "green", "blue")


def test_rare_categories_are_other(files, frame):
    rng = np.random.default_rng(1)
    frame = frame.assign(city=[f"city {n}" for n in rng.geometric(0.05, len(frame))])
    texts = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("texts", texts, ["city"])])
    classifier = make_pipeline(columns, LogisticRegression()).fit(
        frame[["city"]], frame.bought
    )
    made = make(*files(classifier, frame[["city"]]), Wishes())
    city = card_of(made).inputs["city"]
    assert len(city.known) == 20
    assert city.other
    assert any("any unknown text count as other" in note for note in made.notes)


def test_gaps_make_an_input_optional(files, frame):
    gaps = frame[["amount", "visits", "bought"]].astype(float)
    gaps.loc[::5, "amount"] = np.nan
    tree = DecisionTreeClassifier(max_depth=4).fit(
        gaps[["amount", "visits"]], gaps.bought
    )
    made = make(*files(tree, gaps), Wishes(ignore=("bought",)))
    card = card_of(made)
    assert card.inputs["amount"].optional
    shares = {c.category: c.share for c in card.signal("amount_range").cells}
    assert shares["missing"] == 0.2
    assert any("may be absent, because 20.0% of the cells" in n for n in made.notes)


def test_expected_shares_may_be_given_by_order_or_by_name(files, frame):
    model, table = files(pipeline(frame))
    measured = card_of(make(model, table, Wishes(decide=CUT))).signal("decision")
    shares = [round(100 * c.share, 1) for c in measured.cells[:3]]
    shares[2] = round(100 - shares[0] - shares[1], 1)
    for text in (
        "/".join(map(str, shares)),
        f"YES={shares[2]},NO={shares[0]},MAYBE={shares[1]}",
    ):
        card = card_of(make(model, table, Wishes(decide=CUT, expect=text)))
        found = card.decisions.expected
        assert found == pytest.approx([s / 100 for s in shares], abs=1e-6)


def test_a_model_that_is_far_from_what_is_expected_is_refused(files, frame):
    model, table = files(pipeline(frame))
    with pytest.raises(CardError, match=r"the model decides .*% NO \(expected 98.0%\)"):
        make(model, table, Wishes(decide=CUT, expect="98/1/1"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"decide": "NO,YES"}, "--decide NO,YES: each decision but the last needs"),
        ({"decide": "NO:x,YES"}, "--decide NO:x,YES"),
        ({"decide": "YES"}, "--decide YES"),
        ({"decide": CUT, "expect": "50/50"}, "--expect 50/50: needs a share for each"),
        ({"decide": CUT, "expect": "50/30/30"}, "--expect 50/30/30"),
        ({"decide": CUT, "expect": "NO=50,YES=50"}, "--expect NO=50,YES=50"),
        ({"decide": CUT, "positive_class": "x"}, "--score-class x: .* classes 0, 1"),
        ({"units": {"age": "years"}}, "--unit age=years: the inputs are amount"),
        ({"decide": "NO:40,YES"}, "between 0 and 1; 40 does not"),
        ({"decide": "NO:-1,YES"}, "between 0 and 1; -1 does not"),
        ({"decide": "NO:nan,YES"}, "between 0 and 1; nan does not"),
        ({"ignore": ("wages",)}, "--ignore wages: the table has the columns id, amou"),
        ({"categories": {"hue": ("a",)}}, "--categories hue: the table has the colum"),
        ({"segments": ("hue",)}, "--segments hue: the table has the columns"),
    ],
)
def test_a_wrong_option_is_refused(files, frame, changes, problem):
    with pytest.raises(DraftError, match=problem):
        make(*files(pipeline(frame)), Wishes(**changes))


def test_an_input_that_the_card_cannot_take_is_refused(files, frame):
    renamed = frame.rename(columns={"amount": "score"})
    numbers = renamed[["score", "visits"]]
    tree = DecisionTreeClassifier(max_depth=4).fit(numbers, frame.bought)
    with pytest.raises(
        CardError, match=r"\$\.inputs\.score: score is a name of our own"
    ):
        make(*files(tree, renamed), Wishes())


def test_a_tolerance_is_no_finer_than_the_reference_is(files, frame):
    classifier = pipeline(frame)
    wishes = Wishes(decide=CUT, segments=("colour",))
    large = card_of(make(*files(classifier, population(20_000)), wishes)).tolerance
    small = card_of(make(*files(classifier, population(400)), wishes)).tolerance
    assert large["*"] == 0.02
    assert large["decision"] == pytest.approx(0.01, abs=0.001)
    assert small["*"] == pytest.approx(0.075)
    assert small["decision_by_colour"] > small["*"]


def test_a_column_that_the_model_cannot_take_is_named(files, frame):
    tree = DecisionTreeClassifier(max_depth=2).fit(
        frame[["amount", "visits"]], frame.bought
    )
    spoiled = frame[["amount", "visits"]].astype(object)
    spoiled.loc[5, "amount"] = "many"
    with pytest.raises(ModelError, match=r"'many'; its columns were taken for amount"):
        make(*files(tree, spoiled), Wishes())


def test_a_segment_of_two_applications_has_the_largest_tolerance(files, frame):
    rare = frame.copy()
    rare.loc[:1, "colour"] = "pink"
    wishes = Wishes(decide=CUT, segments=("colour",), ignore=("id", "bought"))
    card = card_of(make(*files(pipeline(frame), rare), wishes))
    assert card.tolerance["decision_by_colour"] == 0.99


def test_a_rare_decision_has_a_finer_tolerance(files, frame):
    scores = pipeline(frame).predict_proba(
        frame[["amount", "colour", "visits", "member"]]
    )[:, 1]
    cut = float(np.quantile(scores, 0.985))
    model, table = files(pipeline(frame), population(20_000))
    card = card_of(make(model, table, Wishes(decide=f"PASS:{cut},BLOCK")))
    rare = card.signal("decision").cells[1].share
    assert card.tolerance["decision"] <= max(rare / 2, 0.005)


def test_a_new_version_is_made_like_the_last_one(files, frame):
    model, table = files(pipeline(frame))
    first = dict(make(model, table, Wishes(decide=CUT, version="1.0.0")).fields)
    first["tolerance"] = {"*": 0.05}
    first["inputs"]["amount"]["unit"] = "eur"
    again, fresh = files(pipeline(frame), population(2_000, seed=9))
    second = make(again, fresh, Wishes(version="1.1.0"), like=first).fields
    assert second["version"] == "1.1.0"
    assert second["tolerance"] == {"*": 0.05}
    assert second["inputs"] == first["inputs"]
    assert second["reference"]["applications"] == 2_000


def test_a_row_that_the_card_refuses_is_found_by_its_line(files, frame):
    model, table = files(pipeline(frame))
    like = dict(make(model, table, Wishes(decide=CUT)).fields)
    pink = frame.copy()
    pink.loc[7, "colour"] = "pink"
    model, table = files(pipeline(frame), pink)
    with pytest.raises(TableError, match=r"table\.csv, line 9: colour must be one of"):
        make(model, table, Wishes(version="2"), like=like)


def test_a_model_without_probabilities_is_refused(files, frame):
    from sklearn.linear_model import RidgeClassifier

    model = RidgeClassifier().fit(frame[["amount", "visits"]], frame.bought)
    with pytest.raises(ModelError, match="gives no probabilities"):
        make(*files(model), Wishes(decide=CUT))


@pytest.mark.parametrize(
    ("classifier", "problem"),
    [
        (LinearRegression(), "LinearRegression gives no probabilities"),
        (LogisticRegression(), "LogisticRegression has no classes_: fit it"),
        ({"a": 1}, "dict gives no probabilities"),
    ],
    ids=["regression", "not fitted", "no model"],
)
def test_what_is_no_fitted_classifier_is_named(files, classifier, problem):
    with pytest.raises(ModelError, match=problem):
        make(*files(classifier), Wishes(decide=CUT))


def test_a_model_of_one_class_is_refused(files, frame):
    tree = DecisionTreeClassifier().fit(frame[["amount", "visits"]], frame.bought * 0)
    with pytest.raises(ModelError, match="knows one class only"):
        make(*files(tree), Wishes(decide=CUT))


def test_names_of_the_model_in_another_order_are_refused(files, frame):
    tree = DecisionTreeClassifier(max_depth=3).fit(
        frame[["amount", "visits"]], frame.bought
    )
    with pytest.raises(DraftError, match="in the order amount,visits"):
        make(*files(tree), Wishes(columns=("visits", "amount")))


def test_numbers_that_the_model_knows_as_categories_are_no_texts(files, frame):
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("grades", encoder, ["visits"])])
    tree = DecisionTreeClassifier(max_depth=3)
    inputs = frame[["visits"]]
    model, table = files(make_pipeline(columns, tree).fit(inputs, frame.bought))
    said = {"visits": ("0", "1", "2", "3")}
    with pytest.raises(DraftError, match="fitted on the numbers 0, 1, 2, 3; leave the"):
        make(model, table, Wishes(categories=said))
    made = make(model, table, Wishes())
    assert made.fields["inputs"]["visits"]["type"] == "integer"


def test_a_code_with_leading_zeros_is_a_text(files, frame):
    coded = frame.assign(
        colour=frame.colour.map(dict(zip(COLOURS, "123", strict=True)))
    )
    coded["colour"] = "0" + coded.colour
    made = make(*files(pipeline(coded), coded), Wishes(decide=CUT))
    assert made.fields["inputs"]["colour"]["enum"] == ["01", "02", "03"]


def test_a_text_in_a_typed_column_is_no_number(files, frame, tmp_path):
    coded = frame.assign(
        colour=frame.colour.map(dict(zip(COLOURS, "123", strict=True)))
    )
    model, _ = files(pipeline(coded), coded)
    coded.to_parquet(tmp_path / "table.parquet")
    made = make(model, read_table(tmp_path / "table.parquet"), Wishes(decide=CUT))
    assert made.fields["inputs"]["colour"]["enum"] == ["1", "2", "3"]


def test_dates_and_infinite_numbers_are_named(files, frame, tmp_path):
    dated = frame.assign(colour=pd.Timestamp("2026-01-02"))
    model, _ = files(pipeline(frame))
    dated.to_parquet(tmp_path / "dated.parquet")
    with pytest.raises(DraftError, match="colour holds datetimes, such as 2026-01-02"):
        make(model, read_table(tmp_path / "dated.parquet"), Wishes(decide=CUT))
    endless = frame.assign(amount=frame.amount.astype(float))
    endless.loc[3, "amount"] = np.inf
    with pytest.raises(DraftError, match="amount holds inf: write a finite number"):
        make(*files(pipeline(frame), endless), Wishes(decide=CUT))


def test_another_model_needs_a_version_of_its_own(files, frame):
    model, table = files(pipeline(frame))
    first = dict(make(model, table, Wishes(decide=CUT)).fields)
    assert make(model, table, Wishes(), like=first).fields["version"] == "1.0.0"
    other, table = files(pipeline(population(seed=5)))
    with pytest.raises(DraftError, match=r"another model than that of shop 1\.0\.0"):
        make(other, table, Wishes(), like=first)


def test_the_order_of_ordinal_categories_is_said(files, frame):
    codes = {name: place for place, name in enumerate(sorted(COLOURS))}
    encoded = frame[["amount", "colour"]].assign(colour=frame.colour.map(codes))
    tree = DecisionTreeClassifier(max_depth=4).fit(encoded, frame.bought)
    made = make(*files(tree), Wishes(decide=CUT, ordinal=True))
    order = ", ".join(f"{place} = {name}" for name, place in codes.items())
    assert any(order in note for note in made.notes)


def test_texts_that_the_model_knows_as_numbers_are_refused(files, frame):
    frame = frame.assign(code=frame.visits)
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("codes", encoder, ["code"])])
    tree = make_pipeline(columns, DecisionTreeClassifier(max_depth=3))
    tree.fit(frame[["code"]], frame.bought)
    written = frame.assign(code=[f"0{code}" for code in frame.code])
    with pytest.raises(
        DraftError, match=r"the column code: 0\d is a text, and the model"
    ):
        make(*files(tree, written), Wishes())


@pytest.mark.parametrize("texts", [("true", "false"), ("1", "2")])
def test_what_the_model_knows_as_texts_are_texts(files, frame, texts):
    frame = frame.assign(code=np.where(frame.amount > 2_500, *texts))
    columns = ColumnTransformer(
        [
            (
                "c",
                make_pipeline(SimpleImputer(strategy="most_frequent"), ENCODER),
                ["code"],
            )
        ]
    )
    tree = make_pipeline(columns, DecisionTreeClassifier(max_depth=3))
    tree.fit(frame[["code"]], frame.bought)
    made = make(*files(tree, frame), Wishes())
    assert made.fields["inputs"]["code"]["enum"] == sorted(texts)
    assert "code: a text, because the model was fitted on texts" in made.notes


@pytest.mark.parametrize("names", [("<5", ">5"), ("M", "m"), ("5", ">5"), ("A+", "A-")])
def test_names_of_categories_are_found_by_each_of_their_signs(files, frame, names):
    frame = frame.assign(band=np.where(frame.amount > 2_500, *names))
    inputs = pd.get_dummies(frame[["band", "amount"]], columns=["band"])
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    made = make(*files(tree, frame), Wishes())
    assert made.fields["columns"] == ["amount", *(f"band={n}" for n in sorted(names))]


def test_a_column_is_preferred_to_a_category_of_its_name(files, frame):
    frame = frame.assign(band=np.where(frame.amount > 2_500, "a", "b"), band_a=1)
    inputs = pd.DataFrame({"band_a": frame.band_a, "band_b": frame.band == "b"})
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    made = make(*files(tree, frame), Wishes())
    assert made.fields["columns"] == ["band_a", "band=b"]


def test_a_category_without_a_column_is_where_the_others_are_0(files, frame):
    inputs = pd.get_dummies(frame[["amount", "colour"]], drop_first=True)
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    made = make(*files(tree), Wishes())
    assert made.fields["columns"] == ["amount", "colour=green", "colour=red"]
    assert made.fields["inputs"]["colour"]["enum"] == ["green", "red", "blue"]
    assert "colour: blue has no column, so it is where the others are 0" in made.notes
    card = Card.from_fields(made.fields)
    rows = [Reader(card).read(f)[0] for f in files(tree)[1].rows(card.inputs)]
    expected = tree.predict_proba(inputs).max(axis=1).tolist()
    assert [score for score, _ in Scorer(tree, card).outcomes(rows)] == expected


def test_texts_for_booleans_that_an_encoder_knows_are_refused(files, frame):
    columns = ColumnTransformer([("c", ENCODER, ["member"])])
    tree = make_pipeline(columns, DecisionTreeClassifier(max_depth=3))
    model, table = files(tree.fit(frame[["member"]], frame.bought))
    said = {"member": ("True", "False")}
    with pytest.raises(
        DraftError, match="on the booleans false, true; leave the option"
    ):
        make(model, table, Wishes(categories=said))
    assert make(model, table, Wishes()).fields["inputs"]["member"] == {
        "type": "boolean"
    }


def test_a_name_that_may_be_of_two_categories_is_refused(files, frame):
    frame = frame.assign(band=np.where(frame.amount > 2_500, ">5", "<5"))
    inputs = (frame.band == ">5").to_frame("Band 5")
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    with pytest.raises(DraftError, match="may be any of band=<5, band=>5: say what"):
        make(*files(tree, frame), Wishes())


def test_positions_of_categories_are_those_of_all_of_them(files, frame):
    letters = np.array(list("abcdefghijklmnopqrstuvwxy"))
    frame = frame.assign(letter=letters[np.arange(len(frame)) % 25])
    inputs = frame[["letter"]].assign(letter=np.searchsorted(letters, frame.letter))
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    made = make(*files(tree, frame), Wishes(ordinal=True))
    assert made.fields["inputs"]["letter"]["enum"] == sorted(set(frame.letter))


def test_several_categories_without_a_column_are_asked_for(files, frame):
    inputs = pd.get_dummies(frame[["amount", "colour"]])
    inputs = inputs.drop(columns=["colour_blue", "colour_red"])
    tree = DecisionTreeClassifier(max_depth=3).fit(inputs, frame.bought)
    with pytest.raises(TableError, match="colour must be one of: green"):
        make(*files(tree), Wishes())


def test_a_gap_in_a_text_is_scored_alone_as_in_the_table(files, frame):
    colour = frame.colour.where(frame.visits > 0, None)
    frame = frame.assign(colour=colour, member=frame.member.where(frame.visits != 1))
    columns = ColumnTransformer([("c", ENCODER, ["colour", "member"])])
    tree = make_pipeline(columns, DecisionTreeClassifier(max_depth=3))
    tree.fit(
        pd.read_csv(io.StringIO(frame.to_csv()))[["colour", "member"]], frame.bought
    )
    model, table = files(tree, frame)
    card = Card.from_fields(make(model, table, Wishes()).fields)
    scorer = Scorer(tree, card)
    rows = [Reader(card).read(fields)[0] for fields in table.rows(card.inputs)][:200]
    assert [scorer.outcome(row) for row in rows] == scorer.outcomes(rows)
    expected = tree.predict_proba(pd.read_csv(table.path)[["colour", "member"]])
    assert [score for score, _ in scorer.outcomes(rows)] == expected.max(1)[
        :200
    ].tolist()


def test_a_column_that_is_mostly_numbers_says_why_it_is_a_text():
    notes = draft_input("amount", ["1", "2", "3", "NA"], None).notes
    assert any("1 of its cells are no numbers, such as 'NA'" in note for note in notes)


def test_the_least_of_floats_have_edges():
    values = [place * 5e-324 for place in range(40)]
    draft = draft_input("tiny", [*map(str, values)], None)
    assert draft.fields["edges"] == sorted(set(draft.fields["edges"]))


def test_a_decision_whose_share_is_given_twice_is_refused(files, frame):
    wishes = Wishes(decide="N:0.5,Y", expect="N=50,N=60,Y=40")
    with pytest.raises(DraftError, match="--expect"):
        make(*files(pipeline(frame)), wishes)
