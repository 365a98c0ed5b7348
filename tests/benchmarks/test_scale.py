"""A fleet of models that one analyzer plays, and the configuration that scrapes it."""

from itertools import islice

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.performance.scale.exporter import RATE, Fleet
from benchmarks.performance.scale.monitor import configured


def samples(text, name):
    """The samples of a metric whose name begins so, by their labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text % {"name": "a model"})
        for sample in family.samples
        if sample.name.startswith(name)
    }


def test_each_second_brings_ten_decisions_more():
    texts = islice(Fleet(models=2).expositions(), 3)
    decided = [sum(samples(t, "credit_decisions_total").values()) for t in texts]
    assert decided == [0, RATE, 2 * RATE]


def test_metrics_are_those_of_the_model_that_is_asked_for():
    cells = samples(next(Fleet(models=2).expositions()), "model_cells_total")
    assert cells
    assert all(("model", "a model") in key for key in cells)


def test_every_model_is_a_target_at_the_interval_of_the_fleet(tmp_path):
    text = configured(tmp_path, Fleet(3, every=5), "127.0.0.1:1", "127.0.0.1:2")
    assert text.count("__metrics_path__") == 3
    assert '/2, instance: "model-002"' in text
    for name in ("scrape_interval", "scrape_timeout", "evaluation_interval"):
        assert f"{name}: 5s\n" in text
