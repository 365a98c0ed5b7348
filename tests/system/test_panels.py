"""The panels of the dashboards on a real system, while three models drift.

Every query is asked of a real Prometheus at one moment. What Grafana makes of the
answers is computed by its own library, where Node is installed.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from stack import configuration, example_models
from stack.process import Process, wait_until
from stack.system import Stack
from tests.grafana import library
from tests.grafana.dashboards import (
    ANNOTATION_QUERIES,
    BOARDS,
    VARIABLE_QUERIES,
    Answer,
    Capture,
    Prometheus,
    Query,
    Viewer,
    panels,
    series_name,
)
from tests.grafana.problems import Shown, problems
from tests.system.drifting import hard_times, hastened

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).parents[2]
BANK = "credit-approval-tree"
EXAMPLES = ("german_credit", "iris_species")
MODELS = (BANK, "german-credit", "iris-species")
DRIFT_SECONDS = 300
SEEN_SECONDS = 120
# Applications a second.
RATES = {
    "credit-analyzer": 50,
    "german-credit-analyzer": 4,
    "iris-species-analyzer": 10,
}
# What has to be there before the panels are captured: alerts about each model, and the
# figures that come last.
SEEN = (
    *(f'ALERTS{{alertname=~"Model.+Drift",model="{name}"}}' for name in MODELS),
    f'ALERTS{{alertname="ModelDecisionDrift",model="{BANK}"}}',
    f'ALERTS{{alertname="ModelInvalidInput",model="{BANK}"}}',
    *(f'signal:model_psi:index1h{{model="{name}"}} > 0' for name in MODELS),
    "model:model_drift:detection_days",
    "service:http_request_duration_seconds:p99",
    "replica:monitor:known",
    "webhook_receiver_alertmanager_answered_timestamp_seconds > 0",
    "webhook_receiver_watchdog_timestamp_seconds > 0",
)
# The panel that repeats by signal.
DISTRIBUTION = ("model", 20)
# Panels that may be empty: no application of a model is refused, a model has no
# segments, no alert fires about a service.
EMPTY = {
    ("german-credit", "Why applications are refused"),
    ("iris-species", "Why applications are refused"),
    ("iris-species", "Segments: "),
    ("", "What fires, and since when"),
}


@dataclass(frozen=True)
class Captured:
    """The answers of one moment: of panels, and of annotations and variables."""

    panels: Sequence[Capture]
    others: Mapping[Query, Answer]


@pytest.fixture(scope="module")
def captured(tmp_path_factory) -> Captured:
    """The answers to all queries, while three models drift."""
    folder = tmp_path_factory.mktemp("panels")
    examples = [example_models.make(name, folder / "models") for name in EXAMPLES]
    files = {"credit-analyzer": hard_times(folder / "hard-times.jsonl")}
    files |= {e.service: drift_of(e.folder / "drift.jsonl") for e in examples}
    models = {example.service: example.folder for example in examples}
    with (
        patch.object(configuration, "ROOT", hastened(folder / "root")),
        Stack(folder / "system", models=models) as stack,
        ExitStack() as simulators,
    ):
        for service, file in files.items():
            simulators.callback(simulate(stack, service, file).stop)
        for promql in SEEN:
            wait_until(partial(is_answered, stack, promql), promql, SEEN_SECONDS)
        return capture(stack)


def is_answered(stack: Stack, promql: str) -> bool:
    return bool(stack.query(promql))


def drift_of(file: Path) -> Path:
    """The recorded applications; of german_credit, those of the unemployed only.

    Its forest decides a few applications a second where processors are scarce.
    """
    rows = [json.loads(row) for row in file.read_text().splitlines()]
    unemployed = [row for row in rows if row.get("employment") == "unemployed"]
    file.write_text("\n".join(map(json.dumps, unemployed or rows)))
    return file


def simulate(stack: Stack, service: str, file: Path) -> Process:
    arguments = ["--url", stack.url(f"{service}:8000"), "--rate", str(RATES[service])]
    if service != "credit-analyzer":
        arguments += ["--metrics-port", "0"]
    return stack.simulate(*arguments, "--replay", f"{file}={DRIFT_SECONDS}")


def capture(stack: Stack) -> Captured:
    prometheus = Prometheus(stack, time.time())
    viewers = [Viewer("model", prometheus, model=name) for name in MODELS]
    services = Viewer("model-service", prometheus)
    panels = [each for viewer in [*viewers, services] for each in viewer.captures()]
    values = {"model": viewers[0].values, "model-service": services.values}
    others = {
        query: prometheus.answer(query, values[query.board])
        for query in ANNOTATION_QUERIES + VARIABLE_QUERIES
    }
    return Captured(panels, others)


def of_panel(captured: Captured, model: str, title: str) -> Capture:
    [found] = [
        capture
        for capture in captured.panels
        if (capture.model, capture.panel["title"]) == (model, title)
    ]
    return found


def test_each_panel_of_each_dashboard_is_captured_for_each_model(captured):
    seen = {(c.board, c.model, c.panel["id"]) for c in captured.panels}
    expected = {
        (name, model, panel["id"])
        for name, models in {"model": MODELS, "model-service": [""]}.items()
        for model in models
        for panel in panels(BOARDS[name])
    }
    assert seen == expected


def test_panels_repeat_for_each_signal_with_a_distribution(captured):
    titles = {
        capture.panel["title"]
        for capture in captured.panels
        if (capture.board, capture.panel["id"]) == DISTRIBUTION
    }
    assert {"decision", "score", "monthly_income", "purpose", "petal_length"} <= titles


def test_a_panel_is_empty_only_if_there_is_nothing_to_show_and_gives_the_reason(
    captured,
):
    empty = [capture for capture in captured.panels if capture.is_empty]
    assert {(c.model, c.panel["title"]) for c in empty} <= EMPTY
    assert all(capture.reason for capture in empty)


def test_every_query_of_a_panel_has_an_answer_while_something_drifts(captured):
    silent = [
        f"{capture}: {query.letter}"
        for capture in captured.panels
        if not capture.is_empty
        for query, answer in capture.asked
        if not answer
    ]
    assert silent == []


def test_annotations_and_variables_have_values_while_something_drifts(captured):
    silent = {str(query) for query, answer in captured.others.items() if not answer}
    # It is possible that no alert fires about a service.
    assert silent <= {"model-service: Alerts Anno"}


def test_no_two_series_of_a_panel_have_one_name(captured):
    for capture in captured.panels:
        names = [
            series_name(query, sample["metric"])
            for query, answer in capture.asked
            if query.legend
            for sample in answer
        ]
        assert len(set(names)) == len(names), (str(capture), names)


def test_shares_of_a_distribution_sum_to_one(captured):
    for capture in captured.panels:
        if (capture.board, capture.panel["id"]) != DISTRIBUTION:
            continue
        for query, answer in capture.asked:
            shares = [float(sample["value"][1]) for sample in answer]
            if query.letter in "AD":
                assert sum(shares) == pytest.approx(1, abs=1e-3), str(capture)
            assert all(0 <= share <= 1 for share in shares)


def test_the_signal_that_drifts_most_is_shown_first(captured):
    spent = of_panel(captured, BANK, "Where each signal moved most").asked[0][1]
    values = [float(sample["value"][1]) for sample in spent]
    assert values == sorted(values, reverse=True)
    assert values[0] >= 1
    first = next(
        capture
        for capture in captured.panels
        if (capture.board, capture.panel["id"]) == DISTRIBUTION
    )
    assert first.panel["title"] == spent[0]["metric"]["signal"]


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder of Grafana's own library."""
    try:
        return library.find()
    except library.LibraryMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def shown(captured, modules) -> list[tuple[Capture, Shown]]:
    """Each captured panel, and what Grafana shows of it."""
    results = library.show(captured.panels, modules)
    return list(zip(captured.panels, results, strict=True))


def test_grafana_shows_each_panel_without_a_fault(shown):
    found = [f"{c}: {p}" for c, result in shown for p in problems(c, result)]
    assert found == []


def column(shown: Shown, title: str) -> list[Any]:
    """The values of a column of a table or of a bar chart."""
    [frame] = shown["frames"]
    [field] = [field for field in frame if field["name"] == title]
    values: list[Any] = field["values"]
    return values


def one(shown: list[tuple[Capture, Shown]], model: str, title: str) -> Shown:
    [found] = [s for c, s in shown if (c.model, c.panel["title"]) == (model, title)]
    return found


@pytest.mark.parametrize(
    ("model", "signal", "bars"),
    [
        (BANK, "decision", ["DENIED", "APPROVED", "ANALYST"]),
        (BANK, "loan_amount", ["at most 10000", "10000 to 15000", "15000 to 17500"]),
        ("german-credit", "savings", ["<100", "unknown", "100-500"]),
        ("iris-species", "petal_width", ["at most 0.1", "0.1 to 0.25", "0.25 to 0.4"]),
    ],
)
def test_bars_are_in_the_order_of_edges_or_of_expected_shares(
    shown, model, signal, bars
):
    assert column(one(shown, model, signal), "category")[:3] == bars


def test_each_segment_stands_beside_what_is_expected_of_it(shown):
    bars = column(
        one(shown, BANK, "Segments: decision_by_profession_type"), "bar\\category"
    )
    assert bars == [
        *("aposentado", "aposentado (expected)", "clt", "clt (expected)"),
        *("freelancer", "freelancer (expected)"),
    ]


def test_the_table_of_signals_names_what_moved_in_words(shown):
    table = one(shown, BANK, "Where each signal moved most")
    rows = dict(zip(column(table, "signal"), column(table, "moved most"), strict=True))
    assert rows["decision"] in ("DENIED", "APPROVED")
    assert re.fullmatch(r"at most \d+ brl", rows["monthly_income"])
