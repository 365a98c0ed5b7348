"""The report of a real Prometheus, which has the metrics of the shipped model."""

import os
import subprocess
import time

import pytest
from credit_analyzer.model import load
from loan_application_simulator.metrics import SimulatorMetrics
from loan_application_simulator.scenarios import SCENARIOS
from model_monitor import Monitor
from prometheus_client import CollectorRegistry
from prometheus_client.utils import floatToGoString

import report
from stack.ports import HOST, free_port
from stack.process import Process

# Phases of five seconds and a half: baseline, hard times.
PHASE = 5.5
SCENARIO = "recovery"
GOOD = {
    "monthly_income": 9_000,
    "loan_amount": 12_000,
    "education_level": "Bachelor",
    "profession_type": "clt",
}
POOR = GOOD | {"monthly_income": 1_200}
SPENT = {
    "__name__": "signal:model_drift:spent_ratio",
    "job": "credit-analyzer",
    "signal": "monthly_income",
    "role": "input",
}


class Tape:
    """Samples of registries over time, as OpenMetrics that promtool can read."""

    def __init__(self):
        self.lines = []

    def sample(self, registry, second, **target):
        for family in registry.collect():
            for sample in family.samples:
                name = {"__name__": sample.name}
                self.add(name | sample.labels | target, sample.value, second)

    def add(self, labels, value, second):
        pairs = ",".join(
            f'{name}="{text}"' for name, text in labels.items() if name != "__name__"
        )
        number = floatToGoString(value)
        self.lines.append(f"{labels['__name__']}{{{pairs}}} {number} {second:.3f}")


@pytest.fixture(scope="module")
def run():
    """Ten applications a second, scraped each second: the tape, and when it ended."""
    card = load().card
    start = float(int(time.time()) - 600) + 0.25
    registry, simulator = CollectorRegistry(), CollectorRegistry()
    monitor, tape = Monitor(card, registry), Tape()
    truth = SimulatorMetrics(SCENARIOS[SCENARIO], simulator)
    identity = {"model": card.name, "model_version": card.version}
    phases = ("baseline", "hard-times")
    for tenth in range(-20, 130):
        second = start + tenth / 10
        phase = phases[0] if tenth < 10 * PHASE else phases[1]
        if tenth in (0, 10 * PHASE):
            truth.began(phase)
            gauge = truth._start.labels(SCENARIO, phase)
            gauge.set(second)
        if 0 <= tenth < 20 * PHASE:
            fields, score = (GOOD, 0.9) if phase == phases[0] else (POOR, 0.1)
            truth.counted(phase, "decided", monitor.count(fields, score=score))
        if tenth % 10 == 5:
            tape.sample(registry, second, job="credit-analyzer", instance="a:1")
            # It ends with its last phase.
            if 0 < tenth < 20 * PHASE:
                tape.sample(simulator, second, job="simulator", instance="s:1")
            spent = SPENT | identity
            significant = {"__name__": "signal:model_drift:significant"}
            drifts = phase == phases[1]
            tape.add(spent, 2.5 if drifts else 1e-7, second)
            tape.add(spent | significant, 1.0 if drifts else 0.0, second)
            budget = {"__name__": "model:model_drift:budget_per_second"}
            tape.add(
                budget | {"job": "credit-analyzer"} | identity,
                1 / 86_400 / 30,
                second,
            )
    return tape, start


@pytest.fixture(scope="module")
def prometheus(run, monitoring_binaries, tmp_path_factory):
    """The URL of a Prometheus with the samples of the run."""
    folder = tmp_path_factory.mktemp("prometheus")
    tape, _ = run
    samples = folder / "samples.txt"
    samples.write_text("\n".join([*tape.lines, "# EOF", ""]))
    blocks = ["tsdb", "create-blocks-from", "openmetrics", samples, folder / "data"]
    subprocess.run([monitoring_binaries / "promtool", *blocks], check=True)
    (folder / "prometheus.yml").write_text("")
    address = f"{HOST}:{free_port(0)}"
    process = Process(
        "prometheus",
        [
            monitoring_binaries / "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address}",
        ],
        folder / "prometheus.log",
        os.environ,
    )
    try:
        process.wait_until_ready(f"http://{address}/-/ready")
        yield f"http://{address}"
    finally:
        process.stop()


@pytest.fixture
def page(run, prometheus, serve, received, parse, tmp_path):
    """The report of the whole run, or of a part of it."""
    _, start = run

    def at(second):
        moment = start + second
        whole, part = divmod(round(moment * 1000), 1000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + (
            f".{part:03d}+00:00"
        )

    alert = received(
        alertname="ModelInputDrift",
        labels={
            "model": "credit-approval-tree",
            "job": "credit-analyzer",
            "signal": "monthly_income",
            "direction": "lower",
        },
        starts_at=at(8),
        firing_received_at=at(9),
        ends_at=None,
    )
    url = serve(lambda *_: (200, {"alerts": [alert]}))

    def page(**options):
        out = tmp_path / "report.html"
        report.write(prometheus, url, out, **options)
        return parse(out.read_text())

    return page


def shares(shown, table):
    """The shares of a table, in percent: by row, the reference and each phase."""
    found = shown.one("table", id=table)
    names = [e["text"] for e in found["inside"] if e.get("scope") == "row"]
    values = [float(e["value"]) for e in found["inside"] if e["tag"] == "data"]
    columns = len(values) // len(names)
    return {
        name: [round(100 * v) for v in values[columns * n : columns * (n + 1)]]
        for n, name in enumerate(names)
    }


def test_the_report_of_a_run_has_all_that_was_recorded(page, run):
    shown = page(until=run[1] + 13)
    text = " ".join(shown.one("main")["text"].split())
    assert "credit-approval-tree 1.0.0" in text
    assert "applications decided 110" in text
    assert "1 alert, 2.5 s into hard times. None in baseline" in text
    assert "1 still fires at the end: monthly income lower." in text
    # The boundary of the phases is between two scrapes.
    assert shares(shown, "model-1-decision") == {
        "DENIED": [50, 0, 100],
        "APPROVED": [30, 100, 0],
        "ANALYST": [20, 0, 0],
    }
    income = shares(shown, "model-1-monthly_income")
    assert income["at most 2000"][1:] == [0, 100]
    assert income["8000 to 12000"][1:] == [100, 0]
    assert "monthly income, brl lower 2.5 s into hard times" in text
    footer = " ".join(shown.one("footer")["text"].split())
    assert "at most once in 30 days" in footer


def test_without_a_time_range_the_report_is_of_the_last_scenario(page, run):
    start = time.strftime("%H:%M:%S", time.gmtime(run[1] - 5))
    assert f"{start} to " in " ".join(page().one("header")["text"].split())


def test_before_the_first_application_there_is_no_report(page, run):
    with pytest.raises(report.NoReport, match=r"tree 1\.0\.0 decided nothing"):
        page(since=run[1] - 1.9, until=run[1] - 0.4)


def test_a_model_can_be_chosen(page, run):
    until = run[1] + 13
    chosen = page(until=until, model="credit-approval-tree")
    assert len(chosen.all("h2")) == 1
    with pytest.raises(report.NoReport, match="no model of-others in this time range"):
        page(until=until, model="of-others")
