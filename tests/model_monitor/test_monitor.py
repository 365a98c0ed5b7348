import threading

import numpy as np
import pytest
from model_monitor import Card, Monitor, Refused
from prometheus_client import CollectorRegistry, Counter, generate_latest

from .conftest import with_reference

CELLS = "model_cells_total"
DECISION = {"signal": "decision", "role": "decision", "kind": "category"}


def test_a_score_leads_to_a_decision_and_both_are_counted(monitor, value, application):
    with monitor.observe(application) as seen:
        assert seen.row[0] == 30
        seen.score = 0.85
    assert seen.decision == "YES"
    assert value(CELLS, **DECISION, category="YES") == 1
    assert value(CELLS, **DECISION, category="NO") == 0
    assert value("thing_decisions_total", decision="YES") == 1
    assert value("thing_score_bucket", le="0.8") == 0
    assert value("thing_score_bucket", le="+Inf") == 1


def test_a_score_at_a_cut_off_leads_to_the_decision_above_it(monitor, application):
    assert monitor.count(application, score=0.4) == "MAYBE"
    assert monitor.count(application, score=0.8) == "YES"
    assert monitor.count(application, score=0.39999) == "NO"


def test_a_decision_can_be_given(monitor, value, application):
    assert monitor.count(application, score=0.9, decision="NO") == "NO"
    assert value("thing_decisions_total", decision="NO") == 1


def test_the_most_probable_class_is_the_decision(fields, registry, application):
    fields["decisions"] = {"names": ["NO", "MAYBE", "YES"], "of": "argmax"}
    monitor = Monitor(Card.from_fields(with_reference(fields)), registry)
    with monitor.observe(application) as seen:
        seen.probabilities = [0.2, 0.5, 0.3]
    assert (seen.decision, seen.score) == ("MAYBE", 0.5)


def test_an_application_that_fails_is_not_counted(monitor, value, application):
    with pytest.raises(ZeroDivisionError), monitor.observe(application):
        raise ZeroDivisionError
    assert value("thing_decisions_total", decision="YES") == 0


@pytest.mark.parametrize(
    "probabilities", [[0.2, 0.8], [2, 5, 3], [0.2, 0.2, 0.2], [float("nan"), 0.5, 0.5]]
)
def test_probabilities_are_one_for_each_decision(
    fields, registry, application, probabilities
):
    fields["decisions"] = {"names": ["NO", "MAYBE", "YES"], "of": "argmax"}
    monitor = Monitor(Card.from_fields(with_reference(fields)), registry)
    problem = "a probability for NO, MAYBE, YES each, and they must sum to 1"
    with pytest.raises(ValueError, match=problem), monitor.observe(application) as seen:
        seen.probabilities = probabilities


def test_cut_offs_decide_on_a_score_and_not_on_probabilities(monitor, application):
    problem = "decides by cut-offs: set the score"
    with pytest.raises(ValueError, match=problem), monitor.observe(application) as seen:
        seen.probabilities = [0.2, 0.5, 0.3]


def test_an_array_is_refused_and_counted(monitor, value, application):
    with pytest.raises(Refused, match="size must be a whole number"):
        monitor.count(application | {"size": np.array([1, 2])}, score=0.5)
    refused = "thing_refused_applications_total"
    assert value(refused, field="size", reason="not_a_whole_number") == 1


@pytest.mark.parametrize(
    "score", [None, float("nan"), float("inf"), "0.5", [0.5], 10**400]
)
def test_a_score_must_be_a_finite_number(monitor, value, application, score):
    with pytest.raises(ValueError, match="score must be a finite number, it is"):
        monitor.count(application, score=score)
    assert value(CELLS, **DECISION | {"kind": "all"}, category="all") == 0


def test_a_decision_must_be_one_of_the_card(monitor, application):
    with pytest.raises(ValueError, match="must be one of NO, MAYBE, YES, it is 'PINK'"):
        monitor.count(application, score=0.5, decision="PINK")


def test_without_cut_offs_the_decision_has_to_be_given(fields, registry, application):
    del fields["decisions"]["from"]
    monitor = Monitor(Card.from_fields(fields), registry)
    with pytest.raises(ValueError, match="give the decision, one of NO, MAYBE, YES"):
        monitor.count(application, score=0.5)


def test_refused_input_is_counted_under_its_first_fault(monitor, value, application):
    application |= {"colour": "pink", "size": 0}
    with pytest.raises(Refused) as caught:
        monitor.observe(application)
    assert [f.field for f in caught.value.faults] == ["colour", "size"]
    labels = {"field": "colour", "reason": "unknown_category"}
    assert value("thing_refused_applications_total", **labels) == 1
    validity = {"signal": "validity", "role": "validity"}
    assert value(CELLS, **validity, kind="category", category="refused") == 1
    assert value(CELLS, **validity, kind="category", category="valid") == 0
    assert value(CELLS, **validity, kind="all", category="all") == 1


def test_decisions_are_counted_by_segment(monitor, value, application):
    monitor.count(application, score=0.9)
    monitor.count(application | {"colour": "blue"}, score=0.1)
    by = "thing_decisions_by_colour_total"
    assert value(by, colour="green", decision="YES") == 1
    assert value(by, colour="blue", decision="NO") == 1
    assert value(by, colour="red", decision="NO") == 0
    cell = {"signal": "decision_by_colour", "role": "segment", "kind": "category"}
    assert value(CELLS, **cell, segment="green", category="YES") == 1
    assert value(CELLS, **cell, segment="green", category="NO") == 0


def test_numbers_are_counted_in_cells_and_in_a_histogram(monitor, value, application):
    for size in (5, 15, 40):
        monitor.count(application | {"size": size}, score=0.5)
    cell = {"signal": "size", "role": "input"}
    assert value(CELLS, **cell, kind="below", category="at most 20") == 2
    assert value(CELLS, **cell, kind="bucket", category="10 to 20") == 1
    assert value(CELLS, **cell, kind="all", category="all") == 3
    assert value("thing_size_cm_bucket", le="20.0") == 2
    assert value("thing_size_cm_count") == 3


def test_histograms_have_no_sum(monitor, registry, application):
    monitor.count(application, score=0.5)
    assert "_sum" not in generate_latest(registry).decode()


def test_everything_is_there_at_zero_from_the_start(monitor, registry):
    before = {
        (s.name, *sorted(s.labels.items()))
        for f in registry.collect()
        for s in f.samples
    }
    assert any(name == CELLS for name, *_ in before)
    assert any(name == "thing_refused_applications_total" for name, *_ in before)
    counters = [
        s.value
        for f in registry.collect()
        if f.type in ("counter", "histogram")
        for s in f.samples
    ]
    assert set(counters) == {0}


def test_counting_makes_no_new_series(monitor, registry, application):
    def names():
        return [
            (s.name, tuple(s.labels.items()))
            for f in registry.collect()
            for s in f.samples
        ]

    before = names()
    for country in ("BR", "XX", "a stranger's word"):
        monitor.count(application | {"country": country}, score=0.5)
    with pytest.raises(Refused):
        monitor.observe({f"x{n}": 1 for n in range(50)})
    assert names() == before


def test_every_cell_has_a_reference(monitor, registry):
    [cells] = [f for f in registry.collect() if f.name == "model_cells"]
    [reference] = [
        f for f in registry.collect() if f.name == "model_cells_reference_ratio"
    ]
    assert [s.labels for s in cells.samples] == [s.labels for s in reference.samples]


def test_what_the_card_says_of_a_signal_is_exported(fields, registry, value):
    fields["tolerance"] = {"*": 0.03, "decision": 0.01}
    fields["critical"] = {"decision": 0.05}
    fields["false_alarm_days"] = 30
    Monitor(Card.from_fields(fields), registry)
    decision = {"signal": "decision", "role": "decision"}
    segment = {"signal": "decision_by_colour", "role": "segment", "segment": "red"}
    assert value("model_signal_tolerance_ratio", **decision) == 0.01
    assert value("model_signal_tolerance_ratio", **segment) == 0.03
    assert value("model_signal_critical_ratio", **decision) == 0.05
    assert value("model_signal_critical_ratio", **segment) is None
    assert value("model_false_alarm_days") == 30


def test_what_the_card_does_not_say_is_not_exported(monitor, registry):
    names = {s.name for f in registry.collect() for s in f.samples}
    assert "model_signal_tolerance_ratio" not in names
    assert "model_false_alarm_days" not in names


def test_the_unit_of_a_signal_is_exported(monitor, value):
    assert value("model_signal_info", signal="size", role="input", unit="cm") == 1
    assert value("model_signal_info", signal="colour", role="input") == 1


def test_several_models_share_a_registry(fields, registry, application):
    for name in ("one", "two"):
        fields["name"] = name
        monitor = Monitor(Card.from_fields(fields), registry)
    monitor.count(application, score=0.9)
    for name, expected in (("one", 0), ("two", 1)):
        labels = {"model": name, "model_version": "1.2.3", "decision": "YES"}
        assert registry.get_sample_value("thing_decisions_total", labels) == expected


def test_a_model_is_in_a_registry_once(card, monitor, registry):
    with pytest.raises(ValueError, match=r"already has metrics of anything 1\.2\.3"):
        Monitor(card, registry)
    assert b"thing_decisions_total" in generate_latest(registry)


def test_models_of_one_namespace_may_differ_in_inputs_and_categories(
    fields, monitor, registry
):
    fields["name"] = "other"
    fields["inputs"]["decided"] = {"type": "number", "edges": [1]}
    fields["inputs"]["colour"]["enum"] = ["red", "green", "blue"]
    Monitor(Card.from_fields(with_reference(fields)), registry)
    assert b'model="other"' in generate_latest(registry)


def test_models_whose_metrics_contradict_each_other_need_namespaces_of_their_own(
    fields, monitor, registry
):
    fields["segments"] = ["colour"]
    Monitor(Card.from_fields(with_reference(fields | {"name": "first"})), registry)
    fields["segments"] = []
    fields["inputs"]["decisions_by_colour"] = {"type": "number", "edges": [1]}
    with pytest.raises(ValueError, match="give this one another namespace"):
        Monitor(Card.from_fields(with_reference(fields | {"name": "second"})), registry)


def test_a_model_that_is_not_added_leaves_nothing_behind(fields, monitor, registry):
    Counter("else_decisions", "Not ours.", registry=registry)
    before = {family.name for family in registry.collect()}
    other = with_reference(fields | {"name": "other", "namespace": "else"})
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        Monitor(Card.from_fields(other), registry)
    assert {family.name for family in registry.collect()} == before


def test_a_metric_of_another_that_has_the_name_is_not_hidden(card):
    registry = CollectorRegistry()
    Counter("thing_decisions", "Not ours.", registry=registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        Monitor(card, registry)


def test_a_scrape_never_sees_half_of_a_decision(monitor, registry, application):
    stop = threading.Event()

    def decide():
        while not stop.is_set():
            monitor.count(application, score=0.9)

    threads = [threading.Thread(target=decide) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            families = {f.name: f for f in registry.collect()}
            totals = {
                s.value
                for s in families["model_cells"].samples
                if s.labels["kind"] == "all"
                and s.labels.get("segment") in (None, "green")
            }
            totals |= {
                s.value
                for s in families["thing_score"].samples
                if s.name == "thing_score_count"
            }
            assert len(totals) == 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()
