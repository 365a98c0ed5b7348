"""What holds for any valid card, and for any applications to its model."""

import json
import math
import os
import re
import subprocess
import sys
from bisect import bisect_left
from collections import Counter

import pytest
from hypothesis import settings
from model_monitor import Card, Refused
from model_monitor.batch import to_textfile
from model_monitor.reading import Reader
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tests.fuzz import counting_process
from tests.fuzz.cards import cards, counted
from tests.fuzz.cases import cases
from tests.fuzz.counting_process import count
from tests.fuzz.models import check_exposition, check_works, monitored

STARTED = "model_counting_start_timestamp_seconds"


def samples(registry):
    """The value of each series, but for the moment at which counting began."""
    found = check_exposition(generate_latest(registry).decode())
    return {series: v for series, v in found.items() if series[0] != STARTED}


def accepted(card, applications):
    """The applications of which none is refused."""
    read = Reader(card).read
    return [found for found in applications if read(found[0]) is not None]


@cases(fields=cards())
def test_a_valid_card_is_accepted_and_works(fields):
    check_works(Card.from_json(json.dumps(fields)))


@cases(found=counted())
def test_what_is_read_fits_and_what_is_refused_is_explained(found):
    fields, applications = found
    card = Card.from_fields(fields)
    reader = Reader(card)
    monitor, _ = monitored(card)
    for application, _, _ in applications:
        for exact in (True, False):
            reading = reader.read(application, exact)
            faults = [*reader.faults(application, exact)]
            assert (reading is None) == bool(faults)
            if reading is None:
                with pytest.raises(Refused) as caught:
                    monitor.read(application, exact)
                assert [*caught.value.faults] == faults
                reasons = {(fault.field, fault.reason) for fault in faults}
                assert reasons <= {*card.refusals}
                continue
            row, counts = reading
            assert len(row) == len(card.columns)
            assert len(counts) == len({*counts})
            assert all(0 <= place < card.size for place in counts)


@cases(found=counted())
def test_every_cell_counts_what_its_name_says(found):
    fields, applications = found
    card = Card.from_fields(fields)
    monitor, registry = monitored(card)
    count(monitor, applications)
    right = accepted(card, applications)
    found = samples(registry)
    cells = [
        (dict(labels), value)
        for (name, labels), value in found.items()
        if name == "model_cells_total"
    ]
    _check_partitions(card, cells)
    totals = {
        labels["signal"]: value
        for labels, value in cells
        if labels["kind"] == "all" and "segment" not in labels
    }
    assert totals["decision"] == totals["score"] == len(right)
    assert totals["validity"] == len(applications)
    categories = {
        (labels["signal"], labels["category"]): value
        for labels, value in cells
        if labels["kind"] == "category" and "segment" not in labels
    }
    assert categories["validity", "valid"] == len(right)
    for name, spec in fields["inputs"].items():
        values = [application.get(name) for application, _, _ in right]
        if "edges" in spec:
            present = [value for value in values if value is not None]
            assert totals[name] == len(present)
            _check_histogram(fields, name, present, found)
            if "usual" in spec:
                low, high = spec["usual"]
                usual = sum(low <= value <= high for value in present)
                assert categories[f"{name}_range", "usual"] == usual
            if spec.get("optional"):
                missing = categories[f"{name}_range", "missing"]
                assert missing == values.count(None)
        else:
            expected = Counter(_category(spec, value) for value in values)
            for (signal, category), value in categories.items():
                if signal == name:
                    assert value == expected[category]


def _category(spec, value):
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value in spec["enum"] else "other"


def _metric(*words):
    return re.sub("[^a-z0-9]+", "_", "_".join(words).lower()).strip("_")


def _check_histogram(fields, name, values, found):
    unit = fields["inputs"][name].get("unit", "")
    metric = _metric(fields["namespace"], name, unit)
    identity = {"model": fields["name"], "model_version": fields["version"]}
    edges = [*map(float, fields["inputs"][name]["edges"]), math.inf]
    buckets = sorted(
        (float(dict(labels)["le"]), value)
        for (series, labels), value in found.items()
        if series == f"{metric}_bucket" and labels >= {*identity.items()}
    )
    expected = [(edge, sum(value <= edge for value in values)) for edge in edges]
    assert buckets == expected


def _check_partitions(card, cells):
    by_signal = {}
    for labels, value in cells:
        key = labels["signal"], labels.get("segment")
        by_signal.setdefault(key, {}).setdefault(labels["kind"], []).append(value)
    assert len(by_signal) == sum(bool(signal.cells) for signal in card.signals)
    for kinds in by_signal.values():
        [everything] = kinds.pop("all")
        for kind in ("category", "bucket"):
            if kind in kinds:
                assert sum(kinds[kind]) == everything
        assert kinds.get("below", []) == sorted(kinds.get("below", []))
        assert all(value <= everything for each in kinds.values() for value in each)


@cases(found=counted())
def test_scores_and_decisions_are_counted_where_the_card_says(found):
    fields, applications = found
    card = Card.from_fields(fields)
    monitor, registry = monitored(card)
    right = accepted(card, applications)
    count(monitor, right)
    names = fields["decisions"]["names"]
    cutoffs = fields["decisions"].get("from", [])
    decisions, segments = Counter(), Counter()
    for application, score, given in right:
        decision = given or names[sum(score >= cutoff for cutoff in cutoffs)]
        decisions[decision] += 1
        for name in fields["segments"]:
            category = _category(fields["inputs"][name], application.get(name))
            segments[f"decision_by_{name}", category, decision] += 1
    for (series, labels), value in samples(registry).items():
        found = dict(labels)
        if series == "model_cells_total" and found["kind"] == "category":
            if found["role"] == "decision":
                assert value == decisions[found["category"]]
            if found["role"] == "segment":
                key = found["signal"], found["segment"], found["category"]
                assert value == segments[key]
    edges = fields["score"]["edges"]
    places = Counter(bisect_left(edges, score) for _, score, _ in right)
    score = [*card.signal("score").cells]
    first = card.signal("score").base
    for cell in score:
        expected = sum(places[n - first] for n in range(cell.low, cell.high))
        identity = {"model": card.name, "model_version": card.version}
        labels = {"signal": "score", "role": "score", "kind": cell.kind}
        found = registry.get_sample_value(
            "model_cells_total", identity | labels | {"category": cell.category}
        )
        assert found == expected


# What promtool would write otherwise, and why it stays.
EXEMPT = {
    'model_false_alarm_days use base unit "seconds" instead of "days"': (
        "the card and the person who wrote it count in days"
    ),
}


@settings(max_examples=settings.default.max_examples // 2)
@cases(found=counted())
def test_prometheus_reads_what_is_exposed(monitoring_binaries, found):
    fields, applications = found
    monitor, registry = monitored(Card.from_fields(fields))
    count(monitor, applications)
    checked = subprocess.run(
        [monitoring_binaries / "promtool", "check", "metrics"],
        input=generate_latest(registry),
        capture_output=True,
    )
    assert checked.returncode in (0, 3), checked.stderr
    # Metrics of inputs consist of words of the card, which callers know.
    words = [
        (fields["namespace"], name, spec.get("unit", ""))
        for name, spec in fields["inputs"].items()
    ]
    words += [
        (fields["namespace"], "decisions_by", name) for name in fields["segments"]
    ]
    inputs = {_metric(*each) for each in words}
    for lint in {*checked.stderr.decode().splitlines()} - EXEMPT.keys():
        assert lint.partition(" ")[0].removesuffix("_total") in inputs, lint


@cases(found=counted())
def test_a_batch_continues_from_what_it_exposed(tmp_path_factory, found):
    fields, applications = found
    card = Card.from_fields(fields)
    monitor, registry = monitored(card)
    count(monitor, applications)
    path = tmp_path_factory.mktemp("batch") / "metrics.prom"
    with to_textfile(card, path, zero_seconds=0) as first:
        count(first, applications)
    text = path.read_text()
    exposed = check_exposition(text)
    assert samples(registry) == {s: v for s, v in exposed.items() if s[0] != STARTED}
    with to_textfile(card, path):
        pass
    assert path.read_text() == text


@pytest.fixture(scope="module")
def processes(tmp_path_factory, root):
    """A process that counts in the multiprocess mode."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path_factory.mktemp("none")),
        "PYTHONPATH": str(root / "model-monitor"),
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "error", counting_process.__file__],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.communicate(timeout=10)


# Each starts two processes.
@settings(max_examples=settings.default.max_examples // 5)
@cases(found=counted())
def test_processes_that_share_files_count_as_one_does(
    tmp_path_factory, processes, found
):
    fields, applications = found
    monitor, registry = monitored(Card.from_fields(fields))
    count(monitor, applications)
    folder = str(tmp_path_factory.mktemp("shared"))
    halves = applications[::2], applications[1::2]
    processes.stdin.write(json.dumps([folder, fields, *halves]) + "\n")
    processes.stdin.flush()
    assert json.loads(processes.stdout.readline()) == [0, 0]
    shared = CollectorRegistry()
    MultiProcessCollector(shared, folder)
    assert samples(shared) == samples(registry)
