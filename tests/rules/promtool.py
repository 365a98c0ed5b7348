"""Writes promtool's unit tests of the generated rules, and runs them."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "prometheus" / "rules"
# Files whose groups read each other's results, in the order of who reads whom.
DRIFT = ("thresholds", "reference", "drift")
EVERYTHING = (*DRIFT, "statistics", "state", "service", "monitor")


def groups(files):
    """The groups of these files, in this order."""
    return [
        group["name"]
        for file in files
        for group in yaml.safe_load((RULES / f"{file}.yml").read_text())["groups"]
    ]


@dataclass
class Case:
    """A test of promtool: series every `step` seconds, and what follows from them."""

    name: str
    series: list
    step: int = 1
    checks: list = field(default_factory=list)
    alerts: list = field(default_factory=list)
    external_labels: dict = field(default_factory=dict)

    def expect(self, time, expression, *samples):
        """`samples` are pairs of labels, as text, and a value; one value has none."""
        pairs = [s if isinstance(s, tuple) else ("{}", s) for s in samples]
        self.checks.append(
            {
                "eval_time": f"{time}s",
                "expr": expression,
                "exp_samples": [{"labels": of, "value": v} for of, v in pairs],
            }
        )

    def expect_firing(self, time, alert, number=1, **labels):
        """So many alerts of this name and with these labels fire at `time`."""
        matchers = "".join(f',{name}="{value}"' for name, value in labels.items())
        selector = f'ALERTS{{alertname="{alert}",alertstate="firing"{matchers}}}'
        self.expect(time, f"count({selector}) or vector(0)", number)

    def expect_alerts(self, time, name, *alerts):
        """These alerts of this name fire at `time`: pairs of labels and annotations."""
        self.alerts.append(
            {
                "eval_time": f"{time}s",
                "alertname": name,
                "exp_alerts": [
                    {"exp_labels": labels, "exp_annotations": annotations}
                    for labels, annotations in alerts
                ],
            }
        )

    def expect_silence(self, time, but=("MonitorWatchdog",)):
        """Nothing fires at `time` but these."""
        names = "|".join(but)
        selector = f'ALERTS{{alertname!~"{names}",alertstate="firing"}}'
        self.expect(time, f"count({selector}) or vector(0)", 0)

    def as_yaml(self):
        return {
            "name": self.name,
            "interval": f"{self.step}s",
            "input_series": self.series,
            "promql_expr_test": self.checks,
            "alert_rule_test": self.alerts,
            "external_labels": self.external_labels,
        }


def run(promtool, folder, cases, interval, files=EVERYTHING, order=None):
    """Evaluates the rules every `interval` seconds. Fails with promtool's output."""
    path = folder / f"{interval}s.yml"
    document = {
        "rule_files": [str(RULES / f"{file}.yml") for file in files],
        "evaluation_interval": f"{interval}s",
        "group_eval_order": groups(files if order is None else order),
        "tests": [case.as_yaml() for case in cases],
    }
    path.write_text(yaml.safe_dump(document, width=1_000_000))
    # It lives for seconds, so it need not collect garbage often.
    done = subprocess.run(
        [promtool, "test", "rules", path],
        capture_output=True,
        text=True,
        env=os.environ | {"GOGC": "800"},
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[:20_000]
