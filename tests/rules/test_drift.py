"""Alerts on drift: when they fire, what they say, and when they end."""

from dataclasses import replace

import numpy as np
import pytest

from . import promtool as rules
from .fake_model import (
    CREDIT,
    DECISION,
    EDUCATION,
    GOLD_RUSH,
    HARD_TIMES,
    INCOME,
    Model,
    Phase,
    ranges,
    series,
)

pytestmark = pytest.mark.slow

STEP = 15
TARGET = {"job": "j", "instance": "a"}
SCORE, EDUCATION_LEVEL, VALIDITY, INCOME_RANGE = (
    next(signal for signal in CREDIT if signal.name == name)
    for name in ("score", "education_level", "validity", "monthly_income_range")
)
SEGMENTS = [signal for signal in CREDIT if signal.role == "segment"]
NO_LINKS = {"runbook_url": "", "dashboard_url": ""}
# Incomes of the reference, but fewer at both ends.
SPREAD = (0.02, 0.08, 0.4, 0.4, 0.08, 0.02)
DECISIONS_DRIFT = "A model's decisions are not in the expected proportions."
DENIED = (
    "tree 1 decides DENIED for 87 % of applications; 50 % expected."
    " ANALYST 8 %, 20 % expected; APPROVED 5 %, 30 % expected."
)
FIRST_STEP = (
    " First step: find what was deployed, and what changed at the sources of the"
    " inputs, at that time."
)


@pytest.fixture
def evaluate(promtool, tmp_path):
    def evaluate(*cases, files=rules.DRIFT, order=None):
        rules.run(promtool, tmp_path, cases, cases[0].step, files, order)

    return evaluate


def case_of(phases, signals=(DECISION,), *, gone=(), days=None, step=STEP):
    """One replica of a model with these signals."""
    model = Model(signals, days=days)
    samples = model.samples(model.counts(phases, step=step), 0)
    return rules.Case("drift", series(samples, TARGET, gone), step=step)


def labels(signal, direction, severity="warning", **more):
    return {
        "job": "j",
        "model": "tree",
        "model_version": "1",
        "signal": signal.name,
        "role": signal.role,
        "direction": direction,
        "severity": severity,
        **more,
    }


def annotations(summary, description):
    return {"summary": summary, "description": description, **NO_LINKS}


def test_each_decision_that_rises_has_an_alert_that_says_what_moved(evaluate):
    case = case_of(
        [Phase(60), Phase(30, HARD_TIMES), Phase(60, GOLD_RUSH), Phase(300)],
        CREDIT,
        step=5,
    )
    case.expect_silence(60)
    case.expect_alerts(
        80,
        "ModelDecisionDrift",
        (
            labels(DECISION, "DENIED", "critical"),
            annotations(
                DECISIONS_DRIFT,
                f"{DENIED}"
                " Since 1970-01-01 00:01:05 UTC, 200 applications."
                " Moved with it: monthly_income lower."
                " Most of all in: education_level Bachelor, education_level High"
                f" School.{FIRST_STEP}",
            ),
        ),
    )
    # After the flip one ends, and another one fires.
    case.expect_firing(90, "ModelDecisionDrift", direction="DENIED")
    case.expect_firing(100, "ModelDecisionDrift", direction="APPROVED")
    case.expect_firing(105, "ModelDecisionDrift", 0, direction="DENIED")
    case.expect_alerts(
        150,
        "ModelDecisionDrift",
        (
            labels(DECISION, "APPROVED", "critical"),
            annotations(
                DECISIONS_DRIFT,
                "tree 1 decides APPROVED for 75 % of applications; 30 % expected."
                " ANALYST 13 %, 20 % expected; DENIED 12 %, 50 % expected."
                " Since 1970-01-01 00:01:35 UTC, 600 applications."
                " Moved with it: monthly_income higher."
                " Most of all in: education_level Illiterate, education_level High"
                f" School.{FIRST_STEP}",
            ),
        ),
    )
    case.expect_firing(150, "ModelSegmentDrift", 0)
    case.expect_silence(450)
    evaluate(case)


def test_an_input_that_is_spread_differently_is_named_without_a_direction(evaluate):
    mix = {"decision": (0.87, 0.08, 0.05), "monthly_income": SPREAD}
    case = case_of([Phase(60), Phase(120, mix)], (DECISION, INCOME))
    case.expect_alerts(
        180,
        "ModelDecisionDrift",
        (
            labels(DECISION, "DENIED", "critical"),
            annotations(
                DECISIONS_DRIFT,
                f"{DENIED}"
                " Since 1970-01-01 00:01:15 UTC, 1200 applications."
                " Moved with it: monthly_income."
                f"{FIRST_STEP}",
            ),
        ),
    )
    evaluate(case)


def test_a_second_direction_begins_with_a_twentieth_of_an_alarm(evaluate):
    case = case_of([Phase(60), Phase(600, {"decision": (0.56, 0.26, 0.18)})])
    denied = "signal_direction:model_drift:{}{{direction='DENIED'}}"
    # Its evidence is 0.02 of an alarm, then 0.1: more than 0.05 and less than 0.5.
    for time, tenths, active in ((435, 0, 0), (480, 1, 1)):
        spent = denied.format("spent_ratio")
        case.expect(time, f"floor(10 * sum({spent}) + 0.1)", tenths)
        case.expect(time, f"sum({denied.format('active')})", active)
    evaluate(case)


def test_a_small_drift_of_decisions_is_a_warning(evaluate):
    case = case_of([Phase(60), Phase(300, {"decision": (0.6, 0.16, 0.24)})])
    case.expect_firing(60, "ModelDecisionDrift", 0)
    case.expect_alerts(
        330,
        "ModelDecisionDrift",
        (
            labels(DECISION, "DENIED"),
            annotations(
                DECISIONS_DRIFT,
                "tree 1 decides DENIED for 60 % of applications; 50 % expected."
                " APPROVED 24 %, 30 % expected; ANALYST 16 %, 20 % expected."
                " Since 1970-01-01 00:02:00 UTC, 2250 applications."
                " No input moved with it."
                f"{FIRST_STEP}",
            ),
        ),
    )
    evaluate(case)


def test_a_drift_that_was_critical_stays_critical_until_it_ends(evaluate):
    small, large = {"decision": (0.6, 0.16, 0.24)}, {"decision": (0.8, 0.1, 0.1)}
    case = case_of([Phase(60), Phase(300, small), Phase(60, large), Phase(300, small)])
    for time, warnings, criticals in ((330, 1, 0), (420, 0, 1), (720, 0, 1)):
        case.expect_firing(time, "ModelDecisionDrift", warnings, severity="warning")
        case.expect_firing(time, "ModelDecisionDrift", criticals, severity="critical")
    evaluate(case)


def test_score_drift_names_the_range_that_moved(evaluate):
    case = case_of([Phase(60), Phase(120, HARD_TIMES), Phase(300)], (DECISION, SCORE))
    case.expect_silence(60)
    case.expect_alerts(
        180,
        "ModelScoreDrift",
        (
            labels(SCORE, "lower"),
            annotations(
                "A model's scores are not distributed as in its reference.",
                "tree 1 scores 87 % of applications at most 0.4; 50 % expected."
                " Since 1970-01-01 00:01:15 UTC, 1200 applications."
                " No input moved with it."
                f"{FIRST_STEP}",
            ),
        ),
    )
    case.expect_silence(480)
    evaluate(case)


@pytest.mark.parametrize(
    ("signal", "shares", "direction", "description"),
    [
        (
            INCOME,
            HARD_TIMES["monthly_income"],
            "lower",
            "receives monthly_income at most 2000 brl in 55 % of applications;"
            " 25 % expected. Since 1970-01-01 00:01:15 UTC, 1200 applications.",
        ),
        (
            INCOME,
            GOLD_RUSH["monthly_income"],
            "higher",
            "receives monthly_income at most 3000 brl in 24 % of applications;"
            " 50 % expected. Since 1970-01-01 00:01:15 UTC, 1200 applications.",
        ),
        (
            INCOME,
            SPREAD,
            "other",
            "receives monthly_income 1000 to 5000 brl in 96 % of applications;"
            " 80 % expected. Since 1970-01-01 00:01:15 UTC, 1200 applications.",
        ),
        (
            EDUCATION_LEVEL,
            (0.2, 0.6, 0.06, 0.14),
            "High School",
            "receives education_level High School in 60 % of applications;"
            " 44 % expected. Bachelor 20 %, 36 % expected;"
            " Master or Doctoral 14 %, 14 % expected; Illiterate 6 %, 6 % expected."
            " Since 1970-01-01 00:01:15 UTC, 1200 applications.",
        ),
    ],
    ids=["lower", "higher", "other", "category"],
)
def test_input_drift_names_the_range_or_category_that_moved(
    evaluate, signal, shares, direction, description
):
    case = case_of(
        [Phase(60), Phase(120, {signal.name: shares}), Phase(300)],
        (DECISION, signal),
    )
    case.expect_silence(60)
    case.expect_alerts(
        180,
        "ModelInputDrift",
        (
            labels(signal, direction),
            annotations(
                "An input of a model is not distributed as in its reference.",
                f"tree 1 {description} The decisions have not moved."
                " First step: ask the owner of the field's source what changed at that"
                " time.",
            ),
        ),
    )
    case.expect_silence(480)
    evaluate(case)


def test_a_drift_of_one_segment_is_an_alert_of_the_segment(evaluate):
    illiterate = ("decision_by_education_level", "Illiterate")
    case = case_of(
        [Phase(60), Phase(400, {illiterate: (0.9, 0.06, 0.04)}, rate=20)],
        (DECISION, EDUCATION_LEVEL, *SEGMENTS),
    )
    case.expect_silence(60)
    [segment] = [s for s in SEGMENTS if s.segment == "Illiterate"]
    case.expect_alerts(
        460,
        "ModelSegmentDrift",
        (
            labels(segment, "DENIED", segment="Illiterate"),
            annotations(
                "A model's decisions about one segment are not in the expected"
                " proportions.",
                "tree 1 decides DENIED for 90 % of applications with education_level"
                " Illiterate; 50 % expected."
                " ANALYST 6 %, 20 % expected; APPROVED 4 %, 30 % expected."
                " Since 1970-01-01 00:01:30 UTC, 450 applications."
                " No input moved with it."
                " First step: compare the applications of this segment with those of"
                " the others.",
            ),
        ),
    )
    evaluate(case)


def test_a_segment_that_drifted_with_the_decisions_stays_silent_until_it_has_ended(
    evaluate,
):
    illiterate = {("decision_by_education_level", "Illiterate"): (0.9, 0.05, 0.05)}
    case = case_of(
        [
            Phase(60),
            Phase(300, HARD_TIMES),
            Phase(600, illiterate),
            Phase(300),
            Phase(300, illiterate, rate=20),
        ],
        (DECISION, EDUCATION_LEVEL, *SEGMENTS),
    )
    for time, decisions, segments, alerts in (
        (360, 1, 4, 0),
        (960, 0, 1, 0),
        (1260, 0, 0, 0),
        (1560, 0, 1, 1),
    ):
        for role, number in (("decision", decisions), ("segment", segments)):
            drifting = f'sum(signal:model_drift:significant{{role="{role}"}})'
            case.expect(time, drifting, number)
        case.expect_firing(time, "ModelSegmentDrift", alerts)
    evaluate(case)


def test_invalid_and_unusual_input_have_alerts(evaluate):
    shares = {"validity": (0.9, 0.1), "monthly_income_range": (0.0, 0.92, 0.08)}
    case = case_of(
        [Phase(60), Phase(120, shares), Phase(500)], (DECISION, VALIDITY, INCOME_RANGE)
    )
    case.expect_silence(60)
    case.expect_alerts(
        180,
        "ModelInvalidInput",
        (
            labels(VALIDITY, "refused"),
            annotations(
                "More applications are refused than in a model's reference.",
                "tree 1 has refused 10 % of applications; 0 % expected."
                " Since 1970-01-01 00:01:15 UTC, 1200 applications."
                " The decisions have not moved. First step: find the field and the"
                " reason among the counters of refused applications.",
            ),
        ),
    )
    case.expect_alerts(
        180,
        "ModelUnusualInput",
        (
            labels(INCOME_RANGE, "above"),
            annotations(
                "More values of an input are unusual or missing than in a model's"
                " reference.",
                "tree 1 receives monthly_income above its usual range in 8 % of"
                " applications; 0 % expected."
                " Since 1970-01-01 00:01:15 UTC, 1200 applications."
                " The decisions have not moved. First step: check the unit of the field"
                " at its source.",
            ),
        ),
    )
    case.expect_silence(680)
    evaluate(case)


def test_a_model_that_decides_the_same_for_everyone_is_stuck_until_it_does_not(
    evaluate,
):
    # Then most of it is mended: the decisions drift, and it is not stuck again.
    denied, most = {"decision": (1, 0, 0)}, {"decision": (0.95, 0.05, 0)}
    case = case_of([Phase(60), Phase(60, denied), Phase(300, most), Phase(60, denied)])
    case.expect_firing(60, "ModelStuck", 0)
    case.expect_alerts(
        120,
        "ModelStuck",
        (
            labels(DECISION, "DENIED", "critical"),
            annotations(
                "A model decides the same for every application.",
                "tree 1 decides DENIED for every application; 50 % expected."
                " Since 1970-01-01 00:01:15 UTC, 600 applications."
                " No input moved with it. First step: roll back what was deployed at"
                " that time, or send applications to people.",
            ),
        ),
    )
    for time in (135, 420, 480):
        case.expect_firing(time, "ModelStuck", 0)
        case.expect_firing(time, "ModelDecisionDrift", direction="DENIED")
    case.expect_firing(480, "ModelBehaviourChanged", 0)
    evaluate(case)


def test_a_healthy_share_of_95_percent_is_not_stuck(evaluate):
    signal = replace(DECISION, reference=(0.95, 0.05, 0.0), tolerance=0.02)
    case = case_of([Phase(600)], (signal,))
    case.expect_silence(600)
    evaluate(case)


def test_a_model_is_not_stuck_if_an_input_explains_it(evaluate):
    shares = {"decision": (1, 0, 0), "education_level": (0, 0, 1, 0)}
    case = case_of([Phase(60), Phase(120, shares)], (DECISION, EDUCATION_LEVEL))
    case.expect_firing(180, "ModelStuck", 0)
    case.expect_firing(180, "ModelDecisionDrift")
    evaluate(case)


CHANGED = {"decision": (0.7, 0.15, 0.15)}


def test_behaviour_changed_if_no_input_moves_in_a_thousand_applications(evaluate):
    case = case_of(
        [Phase(60), Phase(240, CHANGED), Phase(300)], (DECISION, EDUCATION_LEVEL)
    )
    case.expect_firing(150, "ModelDecisionDrift")
    case.expect_firing(150, "ModelBehaviourChanged", 0)
    case.expect_alerts(
        300,
        "ModelBehaviourChanged",
        (
            {
                "job": "j",
                "model": "tree",
                "model_version": "1",
                "severity": "critical",
            },
            annotations(
                "A model's decisions or scores drift although no input does.",
                "tree 1 behaves differently: no input moved with decision DENIED."
                " Since 1970-01-01 00:01:15 UTC, 2400 applications."
                " First step: find what was deployed at that time (model, cut-offs,"
                " libraries), and roll it back.",
            ),
        ),
    )
    case.expect_silence(600)
    evaluate(case)


def test_a_changed_score_without_critical_decisions_is_a_warning(evaluate):
    case = case_of(
        [Phase(60), Phase(240, {"score": HARD_TIMES["score"]})],
        (DECISION, SCORE, EDUCATION_LEVEL),
    )
    case.expect_firing(300, "ModelBehaviourChanged", severity="warning")
    evaluate(case)


def test_behaviour_did_not_change_if_an_input_explains_it_or_none_is_counted(evaluate):
    explained = case_of(
        [Phase(60), Phase(240, CHANGED | {"education_level": (0.2, 0.6, 0.06, 0.14)})],
        (DECISION, EDUCATION_LEVEL),
    )
    without_inputs = case_of([Phase(60), Phase(240, CHANGED)])
    # Of one input, no more than its reference is scraped.
    missing = case_of([Phase(60), Phase(240, CHANGED)], (DECISION, EDUCATION_LEVEL))
    model = Model((INCOME,))
    missing.series += [
        one
        for one in series(model.samples(model.counts([Phase(300)], step=STEP)), TARGET)
        if one["series"].startswith("model_cells_reference")
    ]
    for case in (explained, without_inputs, missing):
        case.expect_firing(300, "ModelDecisionDrift")
        case.expect_firing(300, "ModelBehaviourChanged", 0)
    evaluate(
        explained,
        without_inputs,
        missing,
        files=("thresholds", "reference", "state", "drift"),
    )


def test_an_alert_stays_while_no_application_arrives(evaluate):
    case = case_of([Phase(60), Phase(60, HARD_TIMES), Phase(3600, rate=0)], step=60)
    case.expect_firing(120, "ModelDecisionDrift")
    case.expect_firing(3720, "ModelDecisionDrift")
    evaluate(case)


def test_batches_are_one_alert(evaluate):
    mix = {"decision": (0.7, 0.15, 0.15)}
    case = case_of(
        [Phase(1200, rate=1, every=120), Phase(3600, mix, rate=1, every=120)], step=60
    )
    fired = 'ALERTS{alertname="ModelDecisionDrift",alertstate="firing"}'
    case.expect(1200, f"count({fired}) or vector(0)", 0)
    # Since the second batch at the latest, at every evaluation.
    case.expect(4800, f"sum(count_over_time({fired}[3000s]) > bool 49)", 1)
    evaluate(case)


def test_a_drift_at_one_application_a_minute_is_found(evaluate):
    mix = {"decision": (0.95, 0.03, 0.02)}
    case = case_of([Phase(1800, rate=1 / 60), Phase(3600, mix, rate=1 / 60)], step=60)
    case.expect_firing(1800, "ModelDecisionDrift", 0)
    case.expect_firing(5400, "ModelDecisionDrift", direction="DENIED")
    evaluate(case)


def test_alerts_of_a_model_that_is_gone_end_after_five_minutes(evaluate):
    # Its last scrape was at 180 s.
    case = case_of(
        [Phase(60), Phase(660, HARD_TIMES)],
        gone=range(180 // STEP + 1, 720 // STEP + 1),
    )
    case.expect_firing(180, "ModelDecisionDrift")
    case.expect_firing(450, "ModelDecisionDrift")
    case.expect_firing(540, "ModelDecisionDrift", 0)
    # Except when it drifted, which is kept for a return.
    kept = "signal_direction:model_drift:(start_timestamp_seconds|observations)_seed"
    case.expect(540, f'count({{model="tree",__name__!~"{kept}"}}) or vector(0)', 0)
    evaluate(case)


def test_what_was_known_of_a_model_is_taken_up_again_after_ten_minutes(evaluate):
    # After five minutes it was forgotten, and its alert ended.
    case = case_of(
        [Phase(60), Phase(900, HARD_TIMES)], gone=range(180 // STEP + 1, 780 // STEP)
    )
    since = "signal_direction:model_drift:start_timestamp_seconds{direction='DENIED'}"
    case.expect(180, f"sum({since})", 75)
    case.expect_firing(765, "ModelDecisionDrift", 0)
    case.expect_firing(810, "ModelDecisionDrift", severity="critical")
    case.expect(810, f"sum({since})", 75)
    observations = since.replace("start_timestamp_seconds", "observations")
    case.expect(810, f"sum({observations}) > bool 1000", 1)
    evaluate(case)


def test_the_card_sets_tolerance_critical_distance_and_budget(evaluate):
    # A shift of 8 points is tolerated, a drift, or critical.
    mix = {"decision": (0.58, 0.17, 0.25)}
    phases = [Phase(60), Phase(420, mix)]
    for options, warnings, criticals in (
        ({"tolerance": 0.1}, 0, 0),
        ({"tolerance": 0.01, "critical": 0.2}, 1, 0),
        ({"tolerance": 0.01, "critical": 0.02}, 0, 1),
    ):
        case = case_of(phases, (replace(DECISION, **options),))
        case.expect_firing(480, "ModelDecisionDrift", warnings, severity="warning")
        case.expect_firing(480, "ModelDecisionDrift", criticals, severity="critical")
        evaluate(case)
    case = case_of([Phase(60)], days=9)
    per_day = "round(86400 * sum(model:model_drift:budget_per_second), 0.001)"
    case.expect(60, per_day, 0.111)
    evaluate(case)


def test_a_signal_with_an_invalid_reference_does_not_drift(evaluate):
    case = case_of([Phase(180, HARD_TIMES)])
    for one in case.series:
        if "ratio" in one["series"] and "ANALYST" in one["series"]:
            one["values"] = one["values"].replace("0.2", "0.3")
    case.expect_silence(180)
    evaluate(case)


@pytest.mark.parametrize("label", ["severity", "direction", "member"])
def test_a_label_that_rules_use_themselves_may_be_on_targets(evaluate, label):
    model = Model((DECISION, INCOME))
    phases = [Phase(60), Phase(120, HARD_TIMES)]
    samples = [*model.samples(model.counts(phases, step=STEP), 0)]
    replicas = [{"instance": name, label: name} for name in ("a", "b")]
    both = [one for more in replicas for one in series(samples, {"job": "j"} | more)]
    case = rules.Case("labels", both, step=STEP)
    case.expect_firing(180, "ModelDecisionDrift", direction="DENIED")
    case.expect_firing(180, "ModelInputDrift", direction="lower")
    evaluate(case)


def twice(samples, metric, label):
    """These samples, those of one metric also with another value of a label."""
    for name, labels, values in samples:
        yield name, labels, values
        if name == metric:
            yield name, labels | {label: labels.get(label, "") + " more"}, values


# All that rules aggregate away or ignore, and one that they do not know.
LABELS = (
    *("signal", "role", "segment", "kind", "category", "unit", "sha256", "library"),
    *("missing", "part", "row", "severity", "direction", "member", "unknown"),
)


def test_a_model_whose_metrics_have_a_label_too_many_does_not_harm_the_others(evaluate):
    """A rule that fails has no results for any model, and promtool reports it."""
    decision = replace(DECISION, tolerance=0.02, critical=0.06)
    model = Model((decision, EDUCATION_LEVEL), days=90)
    phases = [Phase(45, HARD_TIMES, rate=50)]
    samples = [*model.samples(model.counts(phases, step=STEP), 0)]
    _, of_model, ones = samples[0]
    samples.append(("model_created_timestamp_seconds", of_model, ones))
    metrics = sorted({name for name, _, _ in samples})
    cases = []
    for label in LABELS:
        case = rules.Case(label, series(samples, TARGET), step=STEP)
        for metric in metrics:
            case.series += series(twice(samples, metric, label), {"job": metric})
        case.expect_firing(45, "ModelDecisionDrift", job="j")
        cases.append(case)
    evaluate(*cases, files=(*rules.DRIFT, "statistics", "state", "service"))


def test_a_card_that_is_replaced_without_a_new_version_is_no_drift(evaluate):
    """One replica after the other, at addresses of their own; both decide by theirs."""
    other = replace(DECISION, reference=(0.7, 0.1, 0.2))
    edges = replace(INCOME, cells=ranges((1500, 2000, 3000, 4000, 6000)))
    old, new = Model((DECISION, INCOME)), Model((other, edges))
    length = 900 // STEP + 1
    first = ("a", old, 0, 30), ("b", old, 0, 40), ("c", new, 32, length)
    case = rules.Case("rollout", [], step=STEP)
    for instance, model, begin, end in (*first, ("d", new, 42, length)):
        counts = model.counts([Phase(900, rate=50)], step=STEP)
        gone = [i for i in range(length) if not begin <= i < end]
        samples = model.samples({key: c - c[begin] for key, c in counts.items()}, begin)
        case.series += series(samples, TARGET | {"instance": instance}, gone)
    drifting = "max(max_over_time(signal:model_drift:significant[15m]))"
    case.expect(900, drifting, 0)
    # The old one is forgotten with the last that exports it.
    denied = 'cell:model_reference:ratio{category="DENIED"}'
    case.expect(39 * STEP, f"round(sum({denied}), 0.01)", 0.6)
    case.expect(42 * STEP, f"sum({denied})", 0.7)
    shares = 'cell:model_reference:ratio{signal="monthly_income",kind="bucket"}'
    case.expect(42 * STEP, f"count({shares})", 6)
    evaluate(case)


def test_a_first_batch_is_evidence(evaluate):
    """All of it arrives between two scrapes, and nothing before or after it."""
    case = case_of(
        [Phase(300, rate=0), Phase(STEP, HARD_TIMES, 40), Phase(300, rate=0)]
    )
    case.expect_firing(330, "ModelDecisionDrift", direction="DENIED")
    evaluate(case)


@pytest.mark.parametrize("value", [0, "NaN", "Inf", -1])
def test_a_tolerance_or_budget_that_is_none_is_the_default(evaluate, value):
    decision = replace(DECISION, tolerance=0.5, critical=0.5)
    model = Model((decision,), days=90)
    samples = model.samples(model.counts([Phase(60)], step=STEP), 0)
    case = rules.Case("defaults", series(samples, TARGET), step=STEP)
    for one in case.series:
        name = one["series"].partition("{")[0]
        if name == "model_false_alarm_days" or (
            value != "Inf" and name.startswith("model_signal_") and "ratio" in name
        ):
            one["values"] = " ".join([str(value)] * 5)
    per_day = "round(86400 * sum(model:model_drift:budget_per_second), 0.0001)"
    case.expect(60, per_day, 0.0111)
    if value != "Inf":
        case.expect(60, "sum(signal:model_drift:tolerance_ratio)", 0.02)
        case.expect(60, "sum(signal:model_critical_drift:tolerance_ratio)", 0.06)
    evaluate(case)


def test_an_application_with_two_decisions_is_one_application(evaluate):
    limit = replace(DECISION, name="limit")
    case = case_of([Phase(300)], (DECISION, limit))
    counted = "sum(sum_over_time(model:model_applications:increase[1h]))"
    case.expect(300, counted, 3000)
    case.expect_silence(300)
    evaluate(case, files=(*rules.DRIFT, "statistics"))


def test_replicas_with_different_references_do_not_drift(evaluate):
    case = case_of([Phase(180, HARD_TIMES)])
    other = replace(DECISION, reference=(0.4, 0.3, 0.3))
    model = Model((other,))
    samples = model.samples(model.counts([Phase(180)], step=STEP), 0)
    case.series += series(samples, TARGET | {"instance": "b"})
    case.expect_silence(180)
    evaluate(case)


@pytest.mark.parametrize("starts", [False, True], ids=["no start", "start"])
def test_a_crash_loop_is_no_evidence(evaluate, starts):
    # It lives for less than an evaluation: each finds counters of another process.
    rng = np.random.default_rng(1)
    model = Model((DECISION,))
    length = 200
    lives = rng.multinomial(rng.integers(50, 500, length), DECISION.reference)
    samples = model.samples(
        {DECISION.key: lives}, np.arange(length) if starts else None
    )
    case = rules.Case("crashes", series(samples, TARGET), step=STEP)
    end = (length - 1) * STEP
    # Without a start, the first restarts may go unseen.
    counted = "sum(sum_over_time(model:model_applications:increase[100m]))"
    case.expect(end, f"{counted} < bool {1 if starts else 1000}", 1)
    drifting = "sum(max_over_time(signal:model_drift:significant[100m]))"
    case.expect(end, f"{drifting} or vector(0)", 0)
    evaluate(case)


def test_a_restart_without_a_start_time_is_seen_by_a_category_that_fell(evaluate):
    # The total has passed its old value: only one decision of three has not.
    before, after = [60, 24, 36], [20, 10, 95]
    counts = np.array([[0, 0, 0], *[before] * 8, *[after] * 8])
    samples = Model((DECISION,)).samples({DECISION.key: counts})
    case = rules.Case("restart", series(samples, TARGET), step=STEP)
    case.expect_silence(16 * STEP)
    counted = "sum(sum_over_time(model:model_applications:increase[1h]))"
    case.expect(16 * STEP, counted, 120)
    evaluate(case)


def test_a_restart_with_a_start_time_costs_one_evaluation(evaluate):
    model = Model((DECISION,))
    counts = model.counts([Phase(300)], step=STEP)[DECISION.key]
    counts[10:] -= counts[9]
    starts = np.where(np.arange(len(counts)) < 10, 5, 140)
    samples = model.samples({DECISION.key: counts}, starts)
    case = rules.Case("restart", series(samples, TARGET), step=STEP)
    counted = "sum(sum_over_time(model:model_applications:increase[1h]))"
    case.expect(300, counted, 3000 - 150)
    evaluate(case)


@pytest.mark.parametrize("of_the_service", [{}, {"team": "x"}], ids=["", "label"])
def test_a_scrape_that_fails_loses_no_application(evaluate, of_the_service):
    """Two in a row, while a batch arrives; `up` is what Prometheus stores of each."""
    batch = Phase(60, HARD_TIMES, rate=50)
    model = Model((DECISION,))
    samples = [*model.samples(model.counts([Phase(60), batch, Phase(60)], step=STEP))]
    gone = (60 // STEP + 1, 60 // STEP + 2)
    up = ("up", {}, [int(i not in gone) for i in range(180 // STEP + 1)])
    case = rules.Case(
        "failed scrapes",
        [*series(samples, TARGET | of_the_service, gone), *series([up], TARGET)],
        step=STEP,
    )
    counted = "sum(sum_over_time(model:model_applications:increase[1h]))"
    case.expect(180, counted, 600 + 3000 + 600)
    evaluate(case)


def test_a_text_has_its_shares_while_a_scrape_fails(evaluate):
    model = Model((DECISION,))
    phases = [Phase(60), Phase(60, HARD_TIMES)]
    gone = (120 // STEP,)
    up = ("up", {}, [int(i not in gone) for i in range(120 // STEP + 1)])
    samples = model.samples(model.counts(phases, step=STEP))
    case = rules.Case(
        "text", [*series(samples, TARGET, gone), *series([up], TARGET)], step=STEP
    )
    case.expect_alerts(
        120,
        "ModelDecisionDrift",
        (
            labels(DECISION, "DENIED", "critical"),
            annotations(
                DECISIONS_DRIFT,
                f"{DENIED}"
                " Since 1970-01-01 00:01:15 UTC, 450 applications."
                f" No input moved with it.{FIRST_STEP}",
            ),
        ),
    )
    evaluate(case)


def test_a_version_that_was_replaced_in_a_failed_scrape_is_not_carried_on(evaluate):
    models = (Model((DECISION,)), Model((DECISION,), version="2"))
    gone = {"1": range(13, 200), "2": range(14)}
    both = [
        one
        for model in models
        for one in series(
            model.samples(model.counts([Phase(900)], step=STEP)),
            TARGET,
            gone[model.version],
        )
    ]
    up = ("up", {}, [int(i != 13) for i in range(900 // STEP + 1)])
    case = rules.Case("rollout", [*both, *series([up], TARGET)], step=STEP)
    recorded = 'count(replica_cell:model_cells:total{model_version="1"}) or vector(0)'
    case.expect(13 * STEP, recorded, 4)
    case.expect(15 * STEP, recorded, 0)
    evaluate(case)


def test_the_order_of_the_groups_does_not_matter(evaluate):
    for order in (
        ("reference", "drift", "thresholds"),
        ("drift", "thresholds", "reference"),
    ):
        case = case_of([Phase(120), Phase(60, HARD_TIMES), Phase(300)])
        case.expect_silence(120)
        case.expect_firing(180, "ModelDecisionDrift", severity="critical")
        case.expect_silence(480)
        evaluate(case, order=order)


def test_links_begin_at_external_labels(evaluate):
    case = case_of([Phase(60), Phase(60, HARD_TIMES)])
    case.external_labels = {
        "runbook_url": "http://r/runbook",
        "grafana_url": "http://g",
    }
    case.expect_alerts(
        120,
        "ModelDecisionDrift",
        (
            labels(DECISION, "DENIED", "critical"),
            {
                "summary": DECISIONS_DRIFT,
                "description": f"{DENIED}"
                " Since 1970-01-01 00:01:15 UTC, 600 applications."
                f" No input moved with it.{FIRST_STEP}",
                "runbook_url": "http://r/runbook#modeldecisiondrift",
                "dashboard_url": "http://g/d/model?var-model=tree&var-version=1",
            },
        ),
    )
    evaluate(case)


def test_every_segment_category_of_the_fake_model_is_a_segment():
    assert {signal.segment for signal in SEGMENTS} == set(EDUCATION)
