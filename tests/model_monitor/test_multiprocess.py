"""prometheus-client's multiprocess mode, with three real processes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from .conftest import APPLICATION, FIELDS, with_reference

LIBRARY = Path(__file__).parents[2] / "model-monitor"

WORKER = """
import json, sys
from model_monitor import Monitor, Refused
monitor = Monitor.from_card(sys.argv[1])
application = json.loads(sys.argv[2])
for score in (0.1, 0.5, 0.9):
    monitor.count(application, score=score)
try:
    monitor.observe({})
except Refused:
    pass
"""
SCRAPE = """
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Starts Python with a folder for the files that processes share."""
    shared = tmp_path_factory.mktemp("shared")
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(shared),
        "PYTHONPATH": str(LIBRARY),
    }

    def python(code, *arguments):
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    return python


@pytest.fixture(scope="module")
def run(python, tmp_path_factory):
    """When the first of three processes ended, and what a scrape finds after all."""
    card = tmp_path_factory.mktemp("card") / "model.json"
    card.write_text(json.dumps(with_reference(FIELDS)))
    arguments = WORKER, card, json.dumps(APPLICATION)
    finish(python(*arguments))
    first_ended = time.time()
    for worker in [python(*arguments) for _ in range(2)]:
        finish(worker)
    text, _ = python(SCRAPE).communicate()
    families = text_string_to_metric_families(text)
    return first_ended, {family.name: family.samples for family in families}


@pytest.fixture
def scraped(run):
    return run[1]


def finish(worker):
    worker.communicate()
    assert worker.returncode == 0


def value(samples, **labels):
    [found] = [s.value for s in samples if labels.items() <= s.labels.items()]
    return found


def test_counts_of_three_processes_are_added(scraped):
    cells = scraped["model_cells"]
    assert value(cells, signal="decision", category="YES") == 3
    assert value(cells, signal="decision", kind="all") == 9
    assert value(cells, signal="size", kind="below", category="at most 50") == 9
    assert value(cells, signal="size", kind="below", category="at most 20") == 0
    assert value(cells, signal="validity", category="refused") == 3
    assert value(scraped["thing_decisions"], decision="MAYBE") == 3


def test_histograms_are_cumulative_and_have_no_sum(scraped):
    buckets = [s for s in scraped["thing_score"] if s.name.endswith("_bucket")]
    assert [s.value for s in buckets] == [3, 3, 6, 9]
    assert {s.name for s in scraped["thing_score"]} == {
        "thing_score_bucket",
        "thing_score_count",
    }


def test_the_reference_is_not_added(scraped):
    reference = scraped["model_cells_reference_ratio"]
    assert value(reference, signal="decision", kind="all") == 1
    assert value(scraped["model_info"]) == 1


def test_counting_began_with_the_first_process(run):
    # Gauges of living processes are gone by now; counts and their start are not.
    first_ended, scraped = run
    start = value(scraped["model_counting_start_timestamp_seconds"])
    assert 1.7e9 < start < first_ended


def test_what_never_happened_is_there_at_zero(scraped):
    refused = scraped["thing_refused_applications"]
    assert value(refused, field="size", reason="out_of_range") == 0


def test_a_series_has_no_label_of_a_process(scraped):
    assert not any(
        "pid" in sample.labels for samples in scraped.values() for sample in samples
    )
