"""Many analyzers in one process: each is a path of one server.

python -m benchmarks.performance.scale.exporter --port 9100 --models 100

/0, /1, ... are the metrics of one analyzer, each under another name of its model. Any
other path has the metrics of this process: it also stands in for the rest of the
system.
"""

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from credit_analyzer.app import create_app
from credit_analyzer.model import ARTIFACTS, load
from loan_application_simulator.applicants import Shift, draw
from loan_application_simulator.forms import fields_of
from model_monitor.card.example import example
from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.performance.decision import respond
from stack.ports import HOST

RATE = 10
SEED = 5


def name(model: int) -> str:
    """What a model is called, and its target."""
    return f"model-{model:03}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """`models` models, scraped and evaluated every `every` seconds.

    They decide on RATE applications a second, each on the same. `folder` has the model.
    """

    models: int
    every: int = 1
    folder: Path = ARTIFACTS

    def expositions(self) -> Iterator[str]:
        """What each model exports, with %s for its name: second after second."""
        rng = random.Random(SEED)
        registry = CollectorRegistry()
        model = load(self.folder)
        app = create_app(model, registry)
        while True:
            text = generate_latest(registry).decode().replace("%", "%%")
            yield text.replace(f'model="{model.card.name}"', 'model="%(name)s"')
            for _ in range(RATE):
                fields = fields_of(draw(rng, Shift()))
                shipped = self.folder == ARTIFACTS
                respond(app, fields if shipped else example(model.card))


def serve(port: int, fleet: Fleet) -> None:
    """Serves until it is stopped."""
    expositions = fleet.expositions()
    current = [next(expositions)]

    def play() -> None:
        for current[0] in expositions:
            time.sleep(1)

    Thread(target=play, daemon=True).start()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            model = self.path.removeprefix("/")
            if model.isdecimal():
                self._respond((current[0] % {"name": name(int(model))}).encode())
            else:
                self._respond(generate_latest())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._respond(b"")

        def _respond(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer((HOST, port), Handler).serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--models", type=int, required=True)
    parser.add_argument("--folder", type=Path, default=ARTIFACTS, help="of the model")
    options = parser.parse_args()
    serve(options.port, Fleet(options.models, folder=options.folder))
