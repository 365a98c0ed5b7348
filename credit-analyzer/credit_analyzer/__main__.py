"""Serves the API and, on a port of its own, /metrics.

python -m credit_analyzer --host 127.0.0.1 --port 8000 --metrics-port 8001
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.common import AbstractServer
from prometheus_client import CollectorRegistry

from .api import MAX_BODY_BYTES
from .app import create_app
from .buffering import BufferedRequests
from .connections import HEAD_BYTES, HEAD_SECONDS, most_connections
from .listening import free_address
from .metrics_server import serve_metrics
from .metrics_tls import TlsFiles, add_options
from .model import ARTIFACTS, ModelError, load

# For requests in flight, once told to stop. Docker waits ten seconds before it kills.
STOP_SECONDS = 8


def application(
    folder: Path, host: str, metrics_port: int, tls: TlsFiles | None
) -> BufferedRequests:
    """The application, with its metrics served beside it, for a worker of Granian."""
    registry = CollectorRegistry()
    app = create_app(load(folder), registry)
    serve_metrics(registry, host, metrics_port, tls.context() if tls else None)
    return BufferedRequests(app.wsgi_app, MAX_BODY_BYTES)


def server(address: str, port: int) -> AbstractServer[Any]:
    """The HTTP server, of one process.

    One process is one target of Prometheus, and its counters are whole; more
    throughput is more replicas.
    """
    return Granian(
        __name__,
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        workers=1,
        websockets=False,
        # A server that also speaks HTTP/2 waits without end to learn which it is.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_SECONDS * 1_000, max_buffer_size=HEAD_BYTES
        ),
        backpressure=most_connections(),
        workers_kill_timeout=STOP_SECONDS,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is told to stop. What prevents it is a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="python -m credit_analyzer")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--metrics-host", help="if it is another than that of the API")
    parser.add_argument("--metrics-port", type=int, default=8001)
    add_options(parser)
    parser.add_argument("--model", type=Path, default=ARTIFACTS, help="a folder")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        card = load(options.model).card
        address = free_address(options.host, options.port)
        metrics_address = free_address(
            options.metrics_host or options.host, options.metrics_port
        )
        tls = TlsFiles.from_options(options)
        if tls:
            tls.context()
    except (ModelError, OSError) as error:
        sys.exit(f"credit-analyzer does not start: {error}")
    logging.info("deciding with %s %s", card.name, card.version)
    server(address, options.port).serve(
        target_loader=partial(
            application, options.model, metrics_address, options.metrics_port, tls
        ),
        wrap_loader=False,
    )


if __name__ == "__main__":
    main()
