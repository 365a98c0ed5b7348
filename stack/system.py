"""Starts the system on 127.0.0.1, and stops it."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from . import configuration
from .client import SystemClient
from .downloads import binaries
from .lifetime import Started
from .ports import HOST, free_port
from .process import Process, wait_until

ROOT = Path(__file__).parents[1]

# Where each address of the Compose file is here, if it is free. The simulator
# is anywhere: it ends before the others, and the simulator of another system must not
# come to be scraped in its place.
PORTS: dict[str, int] = {
    "credit-analyzer:8000": 8000,
    "credit-analyzer:8001": 8001,
    "loan-application-simulator:8002": 0,
    "webhook-receiver:8080": 8080,
    "prometheus:9090": 9090,
    "alertmanager:9093": 9093,
}

# The folder of a service that has not the name of its folder.
FOLDERS = {"webhook-token": "webhook-receiver"}

# Returns once a component is ready.
Wait = Callable[[], None]


class AlreadyRunning(Exception):
    """Another system uses the folder. The message names it."""


def scenarios() -> list[str]:
    """The names of the simulator's scenarios."""
    service = "loan-application-simulator"
    command = [sys.executable, "-m", service.replace("-", "_"), "scenarios"]
    listed = subprocess.run(
        command, cwd=ROOT / service, check=True, capture_output=True, text=True
    )
    return [line.partition("\t")[0] for line in listed.stdout.splitlines()]


def _locked(folder: Path) -> IO[str]:
    """A lock beside `folder`, held until it is closed or this process ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_name(f"{folder.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise AlreadyRunning(
            f"another system runs in {folder}; stop it first"
        ) from error
    return lock


class Stack(Started, SystemClient):
    """Analyzer, receiver, Alertmanager and Prometheus; a context manager.

    Everything that they write goes to `folder`, which is emptied first.
    """

    def __init__(
        self,
        folder: Path,
        model: Path | None = None,
        python_path: Sequence[Path] = (),
        ports: Mapping[str, int] = PORTS,
        models: Mapping[str, Path] | None = None,
        on_reachable: Callable[["Stack"], None] | None = None,
    ) -> None:
        """`model` is the folder of another model than the shipped one.

        What it is made of has to be found in `python_path`. `ports` are those that are
        taken if they are free, and any for 0. `models` are the folders of models that
        decide beside it, by the name of their analyzer. `on_reachable` is called when
        every page can be opened; the start goes on until the rules compute evidence.
        Raises `BinariesMissing` if there is no Prometheus to run.
        """
        self._folder = folder.resolve()
        self._models: dict[str, Path | None] = {"credit-analyzer": model}
        self._models |= models or {}
        self._python_path = python_path
        self._on_reachable = on_reachable
        self._bin = binaries.find()
        self._wanted = dict(ports)
        for name in models or ():
            self._wanted |= {f"{name}:8000": 0, f"{name}:8001": 0}
        self._lock: IO[str] | None = None
        self._ports: dict[str, int] = {}
        # Each starts a component, and returns how to wait until it is ready.
        self._starters: Mapping[str, Callable[[], Wait]] = {
            "webhook-receiver": self._start_receiver,
            **{name: partial(self._start_analyzer, name) for name in self._models},
            "alertmanager": self._start_alertmanager,
            "prometheus": self._start_prometheus,
        }
        self.processes: dict[str, Process] = {}

    def url(self, address: str) -> str:
        """The URL here of an address of the Compose file, such as prometheus:9090."""
        return f"http://{self.address(address)}"

    def address(self, address: str) -> str:
        """Host and port here of an address of the Compose file."""
        return f"{HOST}:{self._ports[address]}"

    def start_all(self) -> None:
        """Starts all. Raises `AlreadyRunning`, `ProcessDied` or `TimeoutError`."""
        self._lock = _locked(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._ports = {a: free_port(port) for a, port in self._wanted.items()}
        self._make_token()
        # Prometheus last: what it cannot scrape is an alert.
        *others, prometheus = self._starters
        self.start(*others)
        self.start(prometheus)

    def stop(self) -> None:
        """Stops everything: asks all at once, then waits for each."""
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in reversed(self.processes.values()):
            process.stop()
        if self._lock:
            self._lock.close()

    def check(self) -> None:
        """Raises `ProcessDied` if any component has ended."""
        for process in self.processes.values():
            process.check()

    def simulate(self, *arguments: str) -> Process:
        """Starts the simulator; it ends by itself, so `check` does not watch it."""
        simulator = self._python(
            "loan-application-simulator",
            {
                "--url": self.url("credit-analyzer:8000"),
                "--scenario": "storyline",
                "--metrics-host": HOST,
                "--metrics-port": self._ports["loan-application-simulator:8002"],
            },
            *arguments,
        )
        del self.processes[simulator.name]
        return simulator

    def start(self, *names: str) -> None:
        """Starts components that have ended, with what they left behind.

        Returns once all are ready. Raises `ProcessDied` or `TimeoutError`.
        """
        for wait in [self._starters[name]() for name in names]:
            wait()

    def restart(self, name: str) -> None:
        """Asks a component to end, and starts it again."""
        self.processes[name].stop()
        self.start(name)

    def _make_token(self) -> None:
        token = self._python("webhook-token", {"--token-file": self._folder / "token"})
        token.wait_until_done()
        del self.processes[token.name]

    def _start_receiver(self) -> Wait:
        receiver = self._python(
            "webhook-receiver",
            {
                "--host": HOST,
                "--port": self._ports["webhook-receiver:8080"],
                "--history": self._folder / "alerts.sqlite",
                "--token-file": self._folder / "token",
                "--runbook": ROOT / "prometheus" / "RUNBOOK.md",
                "--alertmanager": self.url("alertmanager:9093"),
            },
        )
        url = self.url("webhook-receiver:8080") + "/healthz"
        return partial(receiver.wait_until_ready, url)

    def _start_analyzer(self, name: str) -> Wait:
        folder = self._models[name]
        analyzer = self._python(
            "credit-analyzer",
            {
                "--host": HOST,
                "--port": self._ports[f"{name}:8000"],
                "--metrics-host": HOST,
                "--metrics-port": self._ports[f"{name}:8001"],
            },
            *(("--model", folder) if folder else ()),
            name=name,
        )
        url = self.url(f"{name}:8000") + "/healthz"
        return partial(analyzer.wait_until_ready, url)

    def _start_alertmanager(self) -> Wait:
        config = self._folder / "alertmanager.yml"
        config.write_text(
            configuration.alertmanager(
                self.address("webhook-receiver:8080"), self._folder / "token"
            )
        )
        alertmanager = self._binary(
            "alertmanager",
            {
                "--config.file": config,
                "--storage.path": self._folder / "alertmanager",
                "--web.listen-address": self.address("alertmanager:9093"),
                "--web.external-url": self.url("alertmanager:9093"),
            },
        )
        url = self.url("alertmanager:9093") + "/-/ready"
        return partial(alertmanager.wait_until_ready, url)

    def _start_prometheus(self) -> Wait:
        config = self._folder / "prometheus.yml"
        scraped = set(PORTS) - {"credit-analyzer:8000"}
        ports = [f"{name}:8001" for name in self._models]
        further = [address for address in ports if address not in PORTS]
        config.write_text(
            configuration.prometheus(
                {a: self.address(a) for a in sorted(scraped)},
                {a.partition(":")[0]: self.address(a) for a in further},
            )
        )
        prometheus = self._binary(
            "prometheus",
            {
                "--config.file": config,
                "--storage.tsdb.path": self._folder / "prometheus",
                "--web.listen-address": self.address("prometheus:9090"),
                "--web.external-url": self.url("prometheus:9090"),
            },
        )
        return partial(self._wait_for_prometheus, prometheus)

    def _wait_for_prometheus(self, prometheus: Process) -> None:
        prometheus.wait_until_ready(self.url("prometheus:9090") + "/-/ready")
        if self._on_reachable:
            self._on_reachable(self)
        # Prometheus finds targets every five seconds, and asks for references every 15.
        wait_until(
            lambda: bool(
                self.query('up{job="credit-analyzer"} == 1')
                and self.query("signal:model_drift:spent_ratio")
                and self.query("prometheus_notifications_alertmanagers_discovered > 0")
            ),
            "Prometheus to scrape, to compute evidence and to find Alertmanager",
        )

    def _python(
        self,
        service: str,
        local: Mapping[str, object],
        *arguments: object,
        name: str = "",
    ) -> Process:
        """Starts the Python package that a service of the Compose file is made of."""
        folder = FOLDERS.get(service, service)
        folders = (ROOT / folder, ROOT / "model-monitor", *self._python_path)
        return self._start(
            name or service,
            *(sys.executable, "-m", folder.replace("-", "_")),
            *configuration.command(service, local),
            *arguments,
            environment={"PYTHONPATH": os.pathsep.join(map(str, folders))},
        )

    def _binary(self, service: str, local: Mapping[str, object]) -> Process:
        """Starts Prometheus or Alertmanager."""
        options = configuration.command(service, local)
        return self._start(service, self._bin / service, *options, "--log.level=warn")

    def _start(
        self,
        name: str,
        *command: object,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        arguments: Sequence[str] = [str(part) for part in command]
        log = self._folder / f"{name}.log"
        # A proxy has nothing to do with what happens on this machine.
        own = {"NO_PROXY": HOST, "no_proxy": HOST, **(environment or {})}
        process = Process(name, arguments, log, os.environ | own)
        self.processes[name] = process
        return process
