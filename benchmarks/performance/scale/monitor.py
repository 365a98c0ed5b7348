"""A real Prometheus on one core, and the exporter on another."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stack.lifetime import Started
from stack.ports import HOST, free_port
from stack.process import Process, local

from . import backfill, configuration
from .fleet import Fleet

CORES = {"prometheus": 0, "exporter": 1}


class Monitor(Started):
    """Prometheus with the shipped rules, and a fleet; a context manager.

    Everything that they write goes to `folder`, which is emptied first. `history` is
    how many seconds of samples there are from before.
    """

    def __init__(
        self,
        folder: Path,
        binaries: Path,
        fleet: Fleet,
        rules: Path = configuration.RULES,
        history: int = 0,
    ) -> None:
        self.folder = folder.resolve()
        self._bin = binaries
        self._fleet = fleet
        self._rules = rules
        self._history = history
        self._processes: list[Process] = []

    def start_all(self) -> None:
        """Starts both. Raises `ProcessDied` or `TimeoutError`."""
        shutil.rmtree(self.folder, ignore_errors=True)
        data = self.folder / "data"
        data.mkdir(parents=True)
        start = int(time.time()) - self._history
        if self._history:
            end = start + self._history
            backfill.write(data, self._bin / "promtool", self._fleet, start, end)
        exporter, own = (f"{HOST}:{free_port(port)}" for port in (9100, 9090))
        self._url = f"http://{own}"
        self._start_exporter(exporter, start)
        self._start_prometheus(exporter, own)

    def stop(self) -> None:
        """Stops both."""
        for process in self._processes:
            process.stop()

    def waited(self) -> float:
        """For how many seconds Prometheus could have run while another process did."""
        threads = Path(f"/proc/{self._processes[-1].pid}/task").iterdir()
        nanoseconds = (int((t / "schedstat").read_text().split()[1]) for t in threads)
        return sum(nanoseconds) / 1e9

    def query(self, promql: str) -> list[dict[str, Any]]:
        """The instant vector that Prometheus answers to `promql`, now."""
        result: list[dict[str, Any]] = self._get("query", query=promql)["result"]
        return result

    def value(self, promql: str) -> float:
        """The one value of `promql`, or NaN."""
        result = self.query(promql)
        return float(result[0]["value"][1]) if result else float("nan")

    def snapshot(self) -> Path:
        """A folder of blocks that hold all samples so far."""
        answer = local().post(f"{self._url}/api/v1/admin/tsdb/snapshot", timeout=600)
        answer.raise_for_status()
        name = answer.json()["data"]["name"]
        return self.folder / "data" / "snapshots" / str(name)

    def _get(self, what: str, **parameters: str) -> dict[str, Any]:
        answer = local().get(
            f"{self._url}/api/v1/{what}", params=parameters, timeout=120
        )
        answer.raise_for_status()
        data: dict[str, Any] = answer.json()["data"]
        return data

    def _start_exporter(self, address: str, start: int) -> None:
        fleet = self._fleet
        process = self._start(
            "exporter",
            *(sys.executable, "-m", "benchmarks.performance.scale.exporter"),
            *("--port", address.partition(":")[2]),
            *("--models", str(fleet.models), "--drifting", str(fleet.drifting)),
            *("--start", str(start)),
        )
        for _ in range(4):  # a tape takes a while to record
            try:
                return process.wait_until_ready(f"http://{address}/metrics")
            except TimeoutError:
                time.sleep(0)
        raise TimeoutError("the exporter is not ready")

    def _start_prometheus(self, exporter: str, own: str) -> None:
        fleet = self._fleet
        config = configuration.write(
            self.folder, fleet.models, fleet.every, exporter, own, self._rules
        )
        prometheus = self._start(
            "prometheus",
            self._bin / "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={own}",
            "--web.enable-admin-api",
            "--rules.alert.resend-delay=30s",
            "--log.level=warn",
        )
        prometheus.wait_until_ready(f"{self._url}/-/ready")

    def _start(self, name: str, *command: str | Path) -> Process:
        core = CORES[name]
        pinned: Sequence[str | Path] = ("taskset", "--cpu-list", str(core), *command)
        # One core is one thread that runs at a time.
        environment = os.environ | {"NO_PROXY": HOST, "GOMAXPROCS": "1"}
        process = Process(name, pinned, self.folder / f"{name}.log", environment)
        self._processes.append(process)
        return process
