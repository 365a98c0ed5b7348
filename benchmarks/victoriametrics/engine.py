"""VictoriaMetrics and vmalert beside a running system, on the same samples."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stack.lifetime import Started
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until
from stack.system import Stack

from . import binaries

RULES = Path(__file__).parents[2] / "prometheus" / "rules"
# What Prometheus has recorded itself stays there: vmalert is to come to it by its own.
REMOTE_WRITE = """
remote_write:
  - url: {url}/api/v1/write
    queue_config: {{ batch_send_deadline: 100ms }}
    write_relabel_configs:
      - {{ source_labels: [__name__], regex: ".*:.*|ALERTS.*", action: drop }}
"""


class Engine(Started):
    """A context manager. What it writes goes to `folder`, which the stack empties."""

    def __init__(self, stack: Stack, folder: Path, rules: Path = RULES) -> None:
        self._stack = stack
        self._folder = folder
        self._rules = rules
        self._bin = binaries.find()
        self._processes: list[Process] = []

    def start_all(self) -> None:
        """Starts both, and has Prometheus write to them."""
        self.url = f"http://{HOST}:{free_port(8428)}"
        self.vmalert = f"http://{HOST}:{free_port(8880)}"
        self._start_storage()
        self._feed()
        self._start_vmalert()

    def stop(self) -> None:
        """Stops both."""
        for process in reversed(self._processes):
            process.stop()

    def query(self, promql: str, at: float | None = None) -> list[dict[str, Any]]:
        """What VictoriaMetrics answers, as `Stack.query` does."""
        moment = {} if at is None else {"time": str(at)}
        answer = local().get(
            f"{self.url}/api/v1/query",
            params={"query": promql, "nocache": "1"} | moment,
            timeout=5,
        )
        answer.raise_for_status()
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return result

    def firing(self) -> list[dict[str, Any]]:
        """The alerts that vmalert says are firing."""
        answer = local().get(f"{self.vmalert}/api/v1/alerts", timeout=5)
        answer.raise_for_status()
        alerts = answer.json()["data"]["alerts"]
        return [alert for alert in alerts if alert["state"] == "firing"]

    def _start_storage(self) -> None:
        storage = self._start(
            "victoria-metrics",
            f"-httpListenAddr={self.url.removeprefix('http://')}",
            f"-storageDataPath={self._folder / 'victoria-metrics'}",
            # By default the last 30 seconds are not shown: too late for ten seconds.
            "-search.latencyOffset=0s",
        )
        storage.wait_until_ready(f"{self.url}/health")

    def _feed(self) -> None:
        config = self._folder / "prometheus.yml"
        with config.open("a") as file:
            file.write(REMOTE_WRITE.format(url=self.url))
        os.kill(self._stack.processes["prometheus"].pid, signal.SIGHUP)
        wait_until(
            lambda: bool(self.query('up{job="credit-analyzer"}')),
            "VictoriaMetrics to be written to",
        )

    def _start_vmalert(self) -> None:
        vmalert = self._start(
            "vmalert",
            f"-httpListenAddr={self.vmalert.removeprefix('http://')}",
            f"-rule={self._rules}/*.yml",
            f"-datasource.url={self.url}",
            f"-remoteWrite.url={self.url}",
            "-remoteWrite.flushInterval=100ms",
            "-notifier.blackhole",
            f"-external.url={self._stack.url('prometheus:9090')}",
            "-evaluationInterval=1s",
            "-rule.evalDelay=0s",
            # A label that Prometheus does not add.
            "-disableAlertgroupLabel",
        )
        vmalert.wait_until_ready(f"{self.vmalert}/health")

    def _start(self, name: str, *arguments: str) -> Process:
        command: Sequence[str | Path] = (self._bin / name, *arguments)
        environment = os.environ | {"NO_PROXY": HOST}
        process = Process(name, command, self._folder / f"{name}.log", environment)
        self._processes.append(process)
        return process
