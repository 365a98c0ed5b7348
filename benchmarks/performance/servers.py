"""What is compared: how each server is started, and what it is asked."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from credit_analyzer.api import PATH
from credit_analyzer.model import ARTIFACTS

from stack.environments import BUILD, python_of
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
APPLICATION: Mapping[str, object] = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}
# The same application in the Open Inference Protocol, version 2.
_TENSOR = {"name": "application", "shape": [1, 9], "datatype": "FP32"}
TENSOR: Mapping[str, object] = {
    "inputs": [_TENSOR | {"data": [20_000, 5_000, 1, 0, 0, 0, 0, 1, 0]}],
    "outputs": [{"name": "predict_proba"}],
}


@dataclass(frozen=True, slots=True)
class Server:
    """A server of one process.

    {port}, {grpc_port} and {metrics_port} in `command` and `environment` are filled in.
    """

    name: str
    command: Sequence[str]
    path: str = PATH
    body: Mapping[str, object] = field(default_factory=lambda: APPLICATION)
    folder: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    server: Server
    process: Process
    url: str
    metrics_url: str

    def ask(self) -> requests.Response:
        """One decision, on a connection of its own."""
        return local().post(self.url, json=self.server.body, timeout=5)


def constant(name: str) -> Server:
    """What Flask itself costs."""
    command = ("-m", "benchmarks.performance.peers.flask_app", "{port}")
    return Server(name, (sys.executable, *command))


def analyzer(
    name: str = "the analyzer",
    model: Path = ARTIFACTS,
    body: Mapping[str, object] = APPLICATION,
) -> Server:
    """The analyzer as it is shipped, or with another model."""
    command = (
        *("-m", "credit_analyzer", "--port={port}", "--metrics-port={metrics_port}"),
        *("--model", str(model)),
    )
    return Server(name, (sys.executable, *command), body=body)


def fastapi() -> Server:
    """FastAPI on uvicorn, with uvloop and httptools."""
    command = ("-m", "uvicorn", "fastapi_app:app", "--port={port}", "--no-access-log")
    python = str(python_of(PEERS / "fastapi.txt"))
    return Server("FastAPI, instrumented", (python, *command), folder=PEERS)


def bentoml() -> Server:
    """BentoML, one worker."""
    service = "bentoml_service:CreditAnalyzer"
    command = ("-m", "bentoml", "serve", service, "--port={port}")
    python = str(python_of(PEERS / "bentoml.txt"))
    return Server("BentoML", (python, *command), folder=PEERS)


def mlserver() -> Server:
    """MLServer's runtime for scikit-learn, without a worker process."""
    python = str(python_of(PEERS / "mlserver.txt"))
    start = (
        "import sys; from mlserver.cli import main; sys.argv[0] = 'mlserver'; main()"
    )
    return Server(
        "MLServer",
        (python, "-c", start, "start", str(PEERS / "mlserver")),
        path="/v2/models/credit/infer",
        body=TENSOR,
        environment={
            "MLSERVER_HOST": HOST,
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "{grpc_port}",
            "MLSERVER_METRICS_PORT": "{metrics_port}",
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_MODEL_URI": str(ARTIFACTS / "model.pkl"),
        },
    )


@contextmanager
def running(server: Server, poll: float = 0.1) -> Iterator[Running]:
    """`server`, started, once it answers. Raises `ProcessDied` or `TimeoutError`."""
    ports = {name: free_port(0) for name in ("port", "grpc_port", "metrics_port")}
    command = [part.format(**ports) for part in server.command]
    paths = (ROOT, ROOT / "credit-analyzer", ROOT / "model-monitor", server.folder)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        **{name: value.format(**ports) for name, value in server.environment.items()},
    }
    BUILD.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{ports['port']}.log"
    process = Process(server.name, command, log, environment)
    url = f"http://{HOST}:{ports['port']}{server.path}"
    metrics = f"http://{HOST}:{ports['metrics_port']}/metrics"
    found = Running(server, process, url, metrics)
    try:
        wait_until(lambda: _answers(found), f"{server.name} at {url}", poll=poll)
        yield found
    finally:
        process.stop()
        log.unlink()


def _answers(server: Running) -> bool:
    server.process.check()
    try:
        return server.ask().status_code == 200
    except requests.RequestException:
        return False
