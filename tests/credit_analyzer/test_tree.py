import pickle

import numpy as np
import pytest
from credit_analyzer.application import (
    EDUCATION_LEVELS,
    MAX_BRL,
    PROFESSION_TYPES,
    LoanApplication,
)
from credit_analyzer.model import ARTIFACTS
from credit_analyzer.tree import walk
from sklearn.tree import DecisionTreeClassifier


@pytest.fixture(scope="module")
def tree():
    """The shipped tree."""
    with (ARTIFACTS / "model.pkl").open("rb") as file:
        return pickle.load(file)  # noqa: S301 - the shipped one


def assert_same(classifier, rows):
    score = walk(classifier)
    expected = classifier.predict_proba(np.array(rows, dtype=np.float32))[:, 1]
    assert [score(row) for row in rows] == expected.tolist()


def test_a_walk_ends_at_the_probability_of_scikit_learn(tree):
    random = np.random.default_rng(1)
    amounts = random.integers(1, np.logspace(1, 9, 10_000).astype(int), (2, 10_000))
    rows = [
        LoanApplication(education, profession, int(loan), int(income)).encode()
        for education, profession, loan, income in zip(
            random.choice(EDUCATION_LEVELS, 10_000),
            random.choice(PROFESSION_TYPES, 10_000),
            *amounts,
            strict=True,
        )
    ]
    assert_same(tree, rows)


def test_a_value_at_a_threshold_goes_where_scikit_learn_sends_it(tree):
    columns, thresholds = tree.tree_.feature, tree.tree_.threshold
    rows = []
    for column, threshold in zip(columns, thresholds, strict=True):
        if column < 0:
            continue
        for value in (np.nextafter(threshold, 0), threshold, threshold + 1e-4):
            row = [20_000.0, 5_000.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
            row[column] = float(value)
            rows.append(row)
    assert_same(tree, rows)


def test_an_amount_is_rounded_as_scikit_learn_rounds_it():
    # In single precision the first of these two is the second.
    amounts = [[float(MAX_BRL - 1)], [float(MAX_BRL)]]
    tree = DecisionTreeClassifier().fit([[0.0], [float(MAX_BRL)]], [0, 1])
    tree.tree_.threshold[0] = MAX_BRL - 0.5
    assert_same(tree, amounts)


def test_a_tree_of_one_leaf_scores():
    classifier = DecisionTreeClassifier(max_depth=1).fit([[0.0], [0.0]], [0, 1])
    assert walk(classifier)([3.0]) == 0.5
