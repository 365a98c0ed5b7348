"""Serves the API and, on a port of its own, /metrics.

python -m credit_analyzer --host 127.0.0.1 --port 8000 --metrics-port 8001
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from model_monitor.errors import ModelError
from prometheus_client import CollectorRegistry

from .api import MAX_BODY_BYTES
from .app import create_app
from .http.metrics_server import serve_metrics
from .http.metrics_tls import TlsFiles, add_options
from .http.rsgi_bridge import BufferedRequests
from .http.server import free_address, serve
from .model import ARTIFACTS, load


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until a signal to stop. What prevents it is a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="python -m credit_analyzer")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--metrics-host", help="if it is another than that of the API")
    parser.add_argument("--metrics-port", type=int, default=8001)
    add_options(parser)
    parser.add_argument("--model", type=Path, default=ARTIFACTS, help="a folder")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # One application is too little work to divide. Threads of OpenMP that wait for each
    # other hold the processors; read when scikit-learn is imported, with the model.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        model = load(options.model)
        address = free_address(options.host, options.port)
        metrics_address = free_address(
            options.metrics_host or options.host, options.metrics_port
        )
        tls = TlsFiles.from_options(options)
        registry = CollectorRegistry()
        app = create_app(model, registry)
        serve_metrics(
            registry,
            metrics_address,
            options.metrics_port,
            tls.context() if tls else None,
        )
        logging.info("deciding with %s %s", model.card.name, model.card.version)
        serve(BufferedRequests(app.wsgi_app, MAX_BODY_BYTES), address, options.port)
    except (ModelError, OSError) as error:
        sys.exit(f"credit-analyzer does not start: {error}")


if __name__ == "__main__":
    main()
