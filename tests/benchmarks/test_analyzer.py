"""What the comparison of servers compares, without load."""

import json
import re
from pathlib import Path

import pytest
from credit_analyzer.api import PATH

from benchmarks.analyzer import work
from benchmarks.analyzer.alone import exposition, spread
from benchmarks.analyzer.servers import APPLICATION, analyzer, running, variant
from benchmarks.analyzer.throughput import Throughput
from benchmarks.analyzer.variants import ANSWER, APPS
from benchmarks.processes import resident

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "analyzer" / "peers"


def test_a_ratio_is_of_the_same_round():
    fast, slow = Throughput([100.0, 300.0], []), Throughput([50.0, 100.0], [])
    assert fast.ratio(slow) == [2.0, 3.0]


def test_a_spread_is_the_median_between_the_extremes():
    assert spread([3.0, 1.0, 2.0], 1) == "2.0 (1.0 to 3.0)"


@pytest.mark.parametrize("name", APPS)
def test_every_variant_answers_as_the_analyzer_does(name):
    answer = APPS[name]().test_client().post(PATH, json=APPLICATION)
    assert answer.json == json.loads(ANSWER)


def test_every_step_of_a_decision_is_part_of_the_next():
    views = list(work.STEPS.values())
    for view in views[:-1]:
        assert work.call(work.app_of(view)) == ANSWER.encode()
    assert json.loads(work.call(work.app_of(views[-1]))) == json.loads(ANSWER)


def test_the_analyzer_and_a_variant_are_served():
    with running(analyzer()) as server, running(variant("Flask", "wsgi")) as other:
        assert server.ask().json() == other.ask().json()
        samples, took = exposition(server)
        assert samples > 200
        assert min(took) > 0
        assert resident(server.process) > 10


def test_peers_score_with_the_scikit_learn_of_the_analyzer():
    pinned = (ROOT / "credit-analyzer" / "requirements.in").read_text().splitlines()
    for file in PEERS.glob("*.txt"):
        for line in file.read_text().splitlines():
            if re.match("numpy|scikit-learn", line):
                assert line in pinned, file
