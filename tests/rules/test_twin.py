"""The evidence that promtool computes with the rules, against a twin in numpy."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detection.evidence import Directions
from benchmarks.detection.twin import Twin

from . import promtool as rules
from .fake_model import CREDIT, DECISIONS, Model, Phase, series

pytestmark = pytest.mark.slow

SIGNALS = [
    replace(signal, tolerance=0.01) if signal.role == "decision" else signal
    for signal in CREDIT
]
DRIFTED = {
    "decision": (0.62, 0.18, 0.2),
    "monthly_income": (0.2, 0.25, 0.2, 0.2, 0.1, 0.05),
    "validity": (0.9, 0.1),
}
# In evaluations, each of which sees fifty applications.
PHASES = ((30, {}, 50), (20, DRIFTED, 50), (25, {}, 50), (13, {}, 0), (8, {}, 50))
EVALUATIONS = sum(length for length, _, _ in PHASES)
RESTART = 40
GONE = (15, 16)


def rows(counts, i):
    return {key: values[i] for key, values in counts.items()}


def restarted(counts, at):
    """The counters of a replica that begins at zero before sample `at`."""
    return {
        key: np.concatenate([values[:at], values[at:] - values[at - 1]])
        for key, values in counts.items()
    }


@pytest.mark.parametrize("interval", [1, 5, 15, 30, 60])
def test_the_rules_compute_the_evidence_of_the_twin(promtool, tmp_path, interval):
    # One replica restarts and exports that; of the other, two scrapes fail.
    model = Model(SIGNALS)
    rng = np.random.default_rng(5)
    half = [
        Phase(length * interval, mixes, rate / interval / 2)
        for length, mixes, rate in PHASES
    ]
    a = restarted(model.counts(half, rng, interval), RESTART)
    b = model.counts(half, rng, interval)
    starts = np.where(np.arange(EVALUATIONS + 1) < RESTART, 1000, 2000)
    case = rules.Case(
        "the twin",
        [
            *series(model.samples(a, starts), {"job": "j", "instance": "a"}),
            *series(model.samples(b, 1000), {"job": "j", "instance": "b"}, GONE),
        ],
        step=interval,
    )
    twin = Twin(SIGNALS)
    directions = Directions(twin.evidence, ("decision", ""))
    risen = set()
    drifted = set()
    for i in range(EVALUATIONS + 1):
        replicas = {"a": (rows(a, i), starts[i])}
        if i not in GONE:
            replicas["b"] = (rows(b, i), 1000)
        twin.evaluate(i * interval, replicas)
        directions.advance()
        risen |= set(np.flatnonzero(directions.active[0]))
        drifted |= {key for key, on in twin.evidence.significant.items() if on}
        if i in (2, 14, 17, 29, 34, 38, 41, 45, 50, 60, 75, 80, 88, 89, 96):
            expect_agreement(case, i * interval, twin)
            expect_directions(case, i * interval, directions.active[0])
    assert risen == {DECISIONS.index("DENIED")}
    assert {("decision", ""), ("monthly_income", ""), ("validity", "")} <= drifted
    rules.run(promtool, tmp_path, [case], interval, rules.DRIFT)


def expect_agreement(case, time, twin):
    values = {
        "signal:model_critical_drift:spent_ratio": twin.critical[0],
        "model:model_drift:notable_ratio": twin.notable[0],
    }
    for (signal, segment), spent in twin.spent.items():
        of = f'{{signal="{signal}",segment="{segment}"}}'
        values[f"signal:model_drift:spent_ratio{of}"] = spent[0]
        on = int(twin.evidence.significant[signal, segment][0])
        case.expect(time, f"sum(signal:model_drift:significant{of})", on)
    for name, value in values.items():
        close = f"count(abs(ln({name}) - ({math.log(value):.9f})) < 1e-3)"
        case.expect(time, close, 1)


def expect_directions(case, time, active):
    for decision, on in zip(DECISIONS, active, strict=True):
        of = f'{{signal="decision",direction="{decision}"}}'
        expression = f"sum(signal_direction:model_drift:active{of}) or vector(0)"
        case.expect(time, expression, int(on))
