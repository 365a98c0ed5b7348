"""20,000 random applications, four in ten of them wrong, and what was answered to them
by the code that knew the fields of the credit model by name.
"""

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RECORDED = Path(__file__).with_name("recorded")
PATH = "/api/v1/credit-analyzer/"


def answer(client, kind, body):
    response = client.post(PATH, data=body.encode("latin-1"), content_type=kind)
    found = response.json
    if response.status_code == 200:
        return [200, found["score"], found["decision"]]
    errors = [[error["field"], error["reason"]] for error in found["errors"]]
    return [response.status_code, errors]


def test_the_answers_and_the_counts_are_the_recorded_ones(client, value):
    with lzma.open(RECORDED / "answers.jsonl.xz", "rt") as file:
        recorded = [json.loads(line) for line in file]
    assert len(recorded) == 20_000
    for kind, body, expected in recorded:
        assert answer(client, kind, body) == expected, (kind, body)
    statuses = Counter(expected[0] for *_, expected in recorded)
    assert statuses == {200: 13_095, 422: 6_449, 400: 246, 415: 135, 413: 75}
    counts = json.loads((RECORDED / "counts.json").read_text())
    found = {
        series: value(name, **dict(label.split("=") for label in labels.split("|")))
        for series in counts
        for name, _, labels in [series.partition("|")]
    }
    assert found == counts
