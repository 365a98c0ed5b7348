"""Serves the API and, on a port of its own, /metrics.

python -m credit_analyzer --host 127.0.0.1 --port 8000 --metrics-port 8001
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from prometheus_client import CollectorRegistry, start_http_server

from . import create_app
from .model import ARTIFACTS, ModelError, load


def application(folder: Path, host: str, metrics_port: int) -> Flask:
    """The application, with its metrics served beside it, for a worker of Granian."""
    registry = CollectorRegistry()
    app = create_app(load(folder), registry)
    try:
        start_http_server(metrics_port, host, registry)
    except OSError as error:
        sys.exit(
            f"credit-analyzer does not start: metrics port {metrics_port}: {error}"
        )
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is told to stop. A bad model is a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="python -m credit_analyzer")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--metrics-port", type=int, default=8001)
    parser.add_argument("--model", type=Path, default=ARTIFACTS, help="a folder")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        card = load(options.model).card
    except ModelError as error:
        sys.exit(f"credit-analyzer does not start: {error}")
    logging.info("deciding with %s %s", card.name, card.version)
    # One process is one target of Prometheus, and its counters are whole; more
    # throughput is more replicas. One thread, because threads that take turns at the
    # interpreter lock only wait for each other: four served 40 % fewer requests.
    Granian(
        __name__,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        websockets=False,
    ).serve(
        target_loader=partial(
            application, options.model, options.host, options.metrics_port
        ),
        wrap_loader=False,
    )


if __name__ == "__main__":
    main()
