"""A fleet of models that play one tape, and the configuration that scrapes it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.performance.scale.monitor import configured
from benchmarks.performance.scale.tape import RATE, SECONDS, Fleet

ROUND = 2 * SECONDS


@pytest.fixture(scope="module")
def fleet():
    return Fleet(models=2)


def samples(fleet, model, second):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(fleet.exposition(model, second))
        for sample in family.samples
    }


def total(exported, name):
    return sum(value for key, value in exported.items() if key[0] == name)


def test_a_model_decides_ten_applications_a_second_round_after_round(fleet):
    decided = [
        total(samples(fleet, 1, second), "credit_decisions_total")
        for second in (0, 1, SECONDS, ROUND)
    ]
    assert [count - decided[0] for count in decided] == [
        0,
        RATE,
        RATE * SECONDS,
        RATE * ROUND,
    ]


def test_no_counter_falls_when_the_tape_begins_again(fleet):
    before, after = (samples(fleet, 0, SECONDS + change) for change in (-1, 0))
    counters = [key for key in before if key[0] == "model_cells_total"]
    assert counters
    assert all(after[key] >= before[key] for key in counters)


def test_models_differ_in_their_name_and_in_their_decisions(fleet):
    first, second = (samples(fleet, model, 7) for model in (0, 1))
    assert len(first) == len(second)
    ours = {key for key in first if key[0].startswith(("credit_", "model_"))}
    assert ours
    assert not ours & second.keys()
    assert sorted(first.values()) != sorted(second.values())


def test_every_model_is_a_target_at_the_interval_of_the_fleet(tmp_path):
    text = configured(tmp_path, Fleet(3, every=5), "127.0.0.1:1", "127.0.0.1:2")
    assert text.count("__metrics_path__") == 3
    assert '/2, instance: "model-002"' in text
    for name in ("scrape_interval", "scrape_timeout", "evaluation_interval"):
        assert f"{name}: 5s\n" in text
