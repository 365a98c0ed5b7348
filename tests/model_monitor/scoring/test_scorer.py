import numpy as np
import pytest
from model_monitor.errors import ModelError
from model_monitor.reading import Reader
from model_monitor.scoring.scorer import Scorer
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from .conftest import encoded, population

CLASSIFIERS = [
    DecisionTreeClassifier(min_samples_leaf=50),
    ExtraTreeClassifier(max_depth=6, random_state=0),
    RandomForestClassifier(20, max_depth=6, random_state=0),
    RandomForestClassifier(20, max_depth=6, random_state=0, n_jobs=2),
    ExtraTreesClassifier(20, max_depth=6, random_state=0),
    GradientBoostingClassifier(n_estimators=20, random_state=0),
    GradientBoostingClassifier(n_estimators=5, loss="exponential", random_state=0),
    GradientBoostingClassifier(
        n_estimators=5, init=DecisionTreeClassifier(max_depth=2), random_state=0
    ),
    HistGradientBoostingClassifier(max_iter=10),
    LogisticRegression(max_iter=2_000),
    make_pipeline(StandardScaler(), LogisticRegression()),
    KNeighborsClassifier(15),
    CalibratedClassifierCV(DecisionTreeClassifier(max_depth=4), cv=2),
]


def rows_of(card, frame):
    read = Reader(card).read
    return [read(fields)[0] for fields in frame.to_dict("records")]


@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda c: type(c).__name__)
def test_a_classifier_scores_as_scikit_learn_does(make_card, applications, classifier):
    frame, outcome = applications
    classifier.fit(encoded(frame), outcome)
    card = make_card()
    scorer = Scorer(classifier, card)
    fresh, _ = population(3_000, seed=1)
    expected = classifier.predict_proba(encoded(fresh))[:, 1]
    rows = rows_of(card, fresh)
    found = [scorer.outcome(row) for row in rows[:300]]
    assert [score for score, _ in found] == pytest.approx(
        expected[:300].tolist(), abs=1e-6
    )
    assert [decision for _, decision in found] == [
        int(s >= 0.5) for s in expected[:300]
    ]
    scores = [score for score, _ in scorer.outcomes(rows)]
    assert scores == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize("classifier", CLASSIFIERS[:7], ids=lambda c: type(c).__name__)
def test_trees_are_walked_to_the_last_bit(make_card, applications, classifier):
    frame, outcome = applications
    classifier.fit(encoded(frame), outcome)
    card = make_card()
    scorer = Scorer(classifier, card)
    assert scorer.is_compiled
    fresh, _ = population(3_000, seed=2)
    found = [scorer.outcome(row)[0] for row in rows_of(card, fresh)]
    assert found == classifier.predict_proba(encoded(fresh))[:, 1].tolist()


@pytest.mark.parametrize(
    "classifier",
    [
        DecisionTreeClassifier(min_samples_leaf=50),
        RandomForestClassifier(20, max_depth=6, random_state=0),
        HistGradientBoostingClassifier(max_iter=10),
    ],
    ids=lambda c: type(c).__name__,
)
def test_gaps_lead_where_scikit_learn_leads_them(make_card, classifier):
    frame, outcome = population(4_000, gaps=True)
    classifier.fit(encoded(frame), outcome)
    card = make_card(gaps=True)
    fresh, _ = population(1_000, seed=1, gaps=True)
    fields = [
        {name: value for name, value in row.items() if value == value}
        for row in fresh.to_dict("records")
    ]
    scorer, read = Scorer(classifier, card), Reader(card).read
    found = [scorer.outcome(read(f)[0])[0] for f in fields]
    assert found == classifier.predict_proba(encoded(fresh))[:, 1].tolist()


def test_a_subclass_with_probabilities_of_its_own_is_not_walked(
    make_card, applications
):
    class Cautious(DecisionTreeClassifier):
        def predict_proba(self, X, check_input=True):  # noqa: N803
            return np.clip(super().predict_proba(X, check_input), 0.3, 0.7)

    frame, outcome = applications
    tree = Cautious(max_depth=5).fit(encoded(frame), outcome)
    card = make_card()
    scorer = Scorer(tree, card)
    assert not scorer.is_compiled
    scores = [scorer.outcome(row)[0] for row in rows_of(card, frame[:200])]
    assert min(scores) == 0.3


@pytest.mark.parametrize(
    "classifier",
    [
        DecisionTreeClassifier(max_depth=5),
        RandomForestClassifier(10, max_depth=5, random_state=0),
        GradientBoostingClassifier(n_estimators=5, random_state=0),
        LogisticRegression(max_iter=2_000),
    ],
    ids=lambda c: type(c).__name__,
)
def test_the_most_probable_of_three_classes_is_decided(
    make_card, applications, classifier
):
    frame, _ = applications
    classes = np.digitize(frame.amount, [12, 30])
    classifier.fit(encoded(frame), classes)
    card = make_card(argmax=True)
    scorer = Scorer(classifier, card)
    fresh, _ = population(500, seed=1)
    expected = classifier.predict_proba(encoded(fresh))
    found = [scorer.outcome(row) for row in rows_of(card, fresh)]
    assert [d for _, d in found] == expected.argmax(axis=1).tolist()
    assert [s for s, _ in found] == expected.max(axis=1).tolist()


def test_a_pipeline_over_named_columns_takes_the_fields_as_they_came(
    make_card, applications
):
    frame, outcome = applications
    texts = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["amount", "age"]),
            ("texts", texts, ["colour"]),
        ]
    )
    pipeline = make_pipeline(columns, LogisticRegression()).fit(frame, outcome)
    card = make_card("fields")
    scorer = Scorer(pipeline, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:100])]
    expected = pipeline.predict_proba(frame[:100])[:, 1]
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_pipeline_over_raw_fields_without_names_takes_them_too(
    make_card, applications
):
    frame, outcome = applications
    pipeline = make_pipeline(
        ColumnTransformer(
            [("numbers", "passthrough", [0, 1]), ("texts", OrdinalEncoder(), [2])]
        ),
        DecisionTreeClassifier(max_depth=4),
    ).fit(frame.to_numpy(dtype=object), outcome)
    card = make_card("fields")
    scorer = Scorer(pipeline, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:100])]
    expected = pipeline.predict_proba(frame[:100].to_numpy(dtype=object))[:, 1]
    assert found == expected.tolist()


def test_a_model_fitted_on_a_frame_of_flags_scores_arrays(make_card, applications):
    frame, outcome = applications
    flags = make_frame(frame)
    tree = DecisionTreeClassifier(max_depth=5).fit(flags, outcome)
    card = make_card(features=list(flags.columns))
    scorer = Scorer(tree, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:100])]
    assert found == tree.predict_proba(flags[:100])[:, 1].tolist()


def make_frame(frame):
    import pandas as pd

    return pd.get_dummies(frame, columns=["colour"]).astype(np.float64)


def test_another_class_can_be_the_positive_one(make_card, applications):
    frame, outcome = applications
    labels = np.where(outcome == 1, "good", "bad")
    tree = DecisionTreeClassifier(max_depth=5).fit(encoded(frame), labels)
    card = make_card(score={"class": "bad", "edges": [0.5]})
    scorer = Scorer(tree, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:100])]
    assert found == tree.predict_proba(encoded(frame[:100]))[:, 0].tolist()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"columns": ["amount", "age"]},
            r"takes 5 columns, the card has 2: amount, age",
        ),
        ({"score": {"class": "x", "edges": [0.5]}}, r"class 'x', .* classes \[0, 1\]"),
        (
            {"decisions": {"names": ["A", "B", "C"], "of": "argmax"}},
            r"knows the classes 0, 1; \$\.decisions\.names must",
        ),
        (
            {"decisions": {"names": ["1", "0"], "of": "argmax"}},
            r"classes 0, 1; \$\.decisions\.names must .* in that order",
        ),
    ],
)
def test_a_card_that_does_not_fit_its_model_is_refused(
    make_card, applications, changes, problem
):
    frame, outcome = applications
    tree = DecisionTreeClassifier(max_depth=3).fit(encoded(frame), outcome)
    with pytest.raises(ModelError, match=problem):
        Scorer(tree, make_card(**changes))


def test_columns_in_another_order_are_refused(make_card, applications):
    frame, outcome = applications
    tree = DecisionTreeClassifier(max_depth=3).fit(make_frame(frame), outcome)
    with pytest.raises(ModelError, match=r"was fitted on the columns amount, age, col"):
        Scorer(tree, make_card())


def test_a_classifier_without_probabilities_is_refused_with_the_fix(
    make_card, applications
):
    frame, outcome = applications
    classifier = RidgeClassifier().fit(encoded(frame), outcome)
    with pytest.raises(ModelError, match=r"RidgeClassifier gives no probabilities"):
        Scorer(classifier, make_card())


def test_a_model_that_cannot_score_an_example_is_refused(make_card, applications):
    frame, outcome = applications
    tree = DecisionTreeClassifier(max_depth=3).fit(encoded(frame), outcome)
    tree.tree_ = None
    with pytest.raises(ModelError, match="cannot score an ordinary application"):
        Scorer(tree, make_card())


def test_a_model_that_cannot_do_without_an_optional_input_is_refused(
    make_card, applications
):
    frame, outcome = applications
    classifier = LogisticRegression(max_iter=2_000).fit(encoded(frame), outcome)
    with pytest.raises(
        ModelError,
        match=r"cannot score an application without amount: .*NaN.*; fit it on gaps, or"
        r" require the input \(\$\.inputs\.amount\.optional\)",
    ):
        Scorer(classifier, make_card(gaps=True))


def test_a_model_of_several_outputs_is_refused(make_card, applications):
    frame, outcome = applications
    both = np.column_stack([outcome, 1 - outcome])
    forest = RandomForestClassifier(3).fit(encoded(frame), both)
    with pytest.raises(ModelError, match="has 2 outputs: fit it on one column"):
        Scorer(forest, make_card())


@pytest.mark.parametrize("encoding", ["one-hot", "ordinal"])
def test_numbers_that_single_precision_cannot_tell_apart_are_told_apart(
    make_card, applications, encoding
):
    frame, _ = applications
    frame = frame.assign(amount=1.7e9 + np.arange(len(frame)) % 1_000)
    outcome = frame.amount > 1.7e9 + 500
    columns = encoded(frame)
    if encoding == "ordinal":
        columns = np.column_stack([columns[:, :2], columns[:, 2:].argmax(axis=1)])
    boosted = HistGradientBoostingClassifier(max_iter=5).fit(columns, outcome)
    card = make_card(encoding)
    scorer = Scorer(boosted, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:1_000])]
    assert found == boosted.predict_proba(columns[:1_000])[:, 1].tolist()


@pytest.mark.parametrize("name", ["xgboost.XGBClassifier", "lightgbm.LGBMClassifier"])
def test_libraries_with_scikit_learn_s_interface_are_served(
    make_card, applications, name
):
    module, _, kind = name.partition(".")
    library = pytest.importorskip(module)
    frame, outcome = applications
    classifier = getattr(library, kind)(n_estimators=10, n_jobs=1)
    classifier.fit(encoded(frame), outcome)
    card = make_card(features=list(getattr(classifier, "feature_names_in_", [])))
    scorer = Scorer(classifier, card)
    found = [scorer.outcome(row)[0] for row in rows_of(card, frame[:50])]
    expected = classifier.predict_proba(encoded(frame[:50]))[:, 1]
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize("argmax", [False, True])
def test_nothing_is_decided_on_a_score_that_is_no_number(
    make_card, applications, argmax
):
    class Broken(DecisionTreeClassifier):
        def predict_proba(self, X, check_input=True):  # noqa: N803
            found = super().predict_proba(X, check_input)
            found[X[:, 0] > 50, -1] = np.nan
            return found

    frame, outcome = applications
    classes = np.digitize(frame.amount, [12, 30]) if argmax else outcome
    card = make_card(argmax=argmax)
    scorer = Scorer(Broken(max_depth=5).fit(encoded(frame), classes), card)
    rows = rows_of(card, frame)
    good = next(row for row in rows if row[0] <= 50)
    bad = next(row for row in rows if row[0] > 50)
    assert scorer.outcome(good)
    with pytest.raises(ValueError, match=r"no number|not all finite"):
        scorer.outcome(bad)
