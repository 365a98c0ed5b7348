"""A real Prometheus on one core, and the exporter on another."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stack import configuration
from stack.lifetime import Started
from stack.ports import HOST, free_port
from stack.process import Process, local

from .exporter import Fleet, name

CORES = {"prometheus": 0, "exporter": 1}
RULES = configuration.ROOT / "prometheus" / "rules"
OTHERS = (
    "loan-application-simulator:8002",
    "alertmanager:9093",
    "webhook-receiver:8080",
)
INTERVALS = re.compile(r"((scrape|evaluation)_(interval|timeout): )1s")


def configured(folder: Path, fleet: Fleet, exporter: str, own: str) -> str:
    """The shipped configuration for a fleet, with rules in `folder`.

    One target for each model, as in production. `exporter` is the address of the
    exporter, which is also Alertmanager and everything else; `own` that of Prometheus.
    """
    targets = "".join(
        f'      - targets: ["{exporter}"]\n'
        f'        labels: {{ __metrics_path__: /{model}, instance: "{name(model)}" }}\n'
        for model in range(fleet.models)
    )
    text = configuration.localized(
        configuration.ROOT / "prometheus" / "prometheus.yml",
        {
            configuration.DISCOVERY: f"    static_configs:\n{targets}",
            "prometheus:9090": own,
            "rules/": f"{folder}/",
            "${GRAFANA_URL}": "",
            "${RUNBOOK_URL}": "",
            **dict.fromkeys(OTHERS, exporter),
        },
    )
    return INTERVALS.sub(rf"\g<1>{fleet.every}s", text)


class Monitor(Started):
    """Prometheus with the shipped rules, and a fleet; a context manager.

    Everything that they write goes to `folder`, which is emptied first.
    """

    def __init__(self, folder: Path, binaries: Path, fleet: Fleet) -> None:
        self.folder = folder.resolve()
        self._bin = binaries
        self._fleet = fleet
        self._processes: list[Process] = []

    def start_all(self) -> None:
        """Starts both. Raises `ProcessDied` or `TimeoutError`."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        exporter, own = (f"{HOST}:{free_port(port)}" for port in (9100, 9090))
        self._url = f"http://{own}"
        self._start_exporter(exporter)
        self._start_prometheus(exporter, own)

    def stop(self) -> None:
        """Stops both."""
        for process in self._processes:
            process.stop()

    def query(self, promql: str) -> list[dict[str, Any]]:
        """The instant vector that Prometheus answers to `promql`, now."""
        answer = local().get(
            f"{self._url}/api/v1/query", params={"query": promql}, timeout=120
        )
        answer.raise_for_status()
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return result

    def value(self, promql: str) -> float:
        """The one value of `promql`, or NaN."""
        result = self.query(promql)
        return float(result[0]["value"][1]) if result else float("nan")

    def _start_exporter(self, address: str) -> None:
        fleet = self._fleet
        process = self._start(
            "exporter",
            *(sys.executable, "-m", "benchmarks.performance.scale.exporter"),
            *("--port", address.partition(":")[2]),
            *("--models", str(fleet.models), "--folder", str(fleet.folder)),
        )
        process.wait_until_ready(f"http://{address}/metrics")

    def _start_prometheus(self, exporter: str, own: str) -> None:
        rules = self.folder / "rules"
        shutil.copytree(RULES, rules)
        config = self.folder / "prometheus.yml"
        config.write_text(configured(rules, self._fleet, exporter, own))
        prometheus = self._start(
            "prometheus",
            self._bin / "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={own}",
            "--rules.alert.resend-delay=30s",
            "--log.level=warn",
        )
        prometheus.wait_until_ready(f"{self._url}/-/ready")

    def _start(self, name: str, *command: str | Path) -> Process:
        pinned: Sequence[str | Path] = (
            *("taskset", "--cpu-list", str(CORES[name])),
            *command,
        )
        # One core is one thread that runs at a time.
        environment = os.environ | {"NO_PROXY": HOST, "GOMAXPROCS": "1"}
        process = Process(name, pinned, self.folder / f"{name}.log", environment)
        self._processes.append(process)
        return process
