import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.performance.scale import configuration
from benchmarks.performance.scale.fleet import Fleet
from benchmarks.performance.scale.tape import RATE, SECONDS

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


def test_no_counter_ever_falls(fleet):
    before, after = (samples(fleet, 0, SECONDS + change) for change in (-1, 0))
    counters = [key for key in before if key[0].startswith("credit_decisions")]
    assert counters
    assert all(after[key] >= before[key] for key in counters)


def test_models_differ_in_their_name_and_in_what_they_decide(fleet):
    first, second = (samples(fleet, model, 7) for model in (0, 1))
    assert len(first) == len(second)
    assert not {key for key in first if key[0].startswith("credit_")} & second.keys()
    assert sorted(first.values()) != sorted(second.values())


def test_history_is_what_was_scraped(fleet):
    lines = fleet.counted(1, second=5, time=1_000).splitlines()
    scraped = samples(fleet, 1, 5)
    assert all('{instance="model-001",job="credit-analyzer",' in line for line in lines)
    assert {line.rsplit(" ", 1)[1] for line in lines} == {"1000"}
    values = sorted(float(line.split(" ")[-2]) for line in lines)
    counted = ("credit_decisions_total", "_bucket", "applications_total", "model_info")
    assert values == sorted(
        value
        for key, value in scraped.items()
        if key[0].startswith("credit_") and key[0].endswith(counted)
    )


def test_at_five_seconds_everything_is_five_times_as_slow():
    text = "scrape_interval: 1s\nscrape_timeout: 1s\n    interval: 1m\n"
    assert configuration.slower(text, 5) == (
        "scrape_interval: 5s\nscrape_timeout: 5s\n    interval: 5m\n"
    )


def test_every_model_is_a_target(tmp_path):
    file = configuration.write(
        tmp_path, 3, 5, "127.0.0.1:1", "127.0.0.1:2", configuration.RULES
    )
    text = file.read_text()
    assert text.count("__metrics_path__") == 3
    assert '/2, instance: "model-002"' in text
    assert "interval: 1s" not in text
    rules = [rules.read_text() for rules in (tmp_path / "rules").glob("*.yml")]
    assert rules
    assert not any("interval: 1s" in text for text in rules)
