"""Many analyzers in one process: each is a path of one server.

python -m benchmarks.performance.scale.exporter --port 9100 --models 100

/0, /1, ... are the metrics of a model each. Any other path has the metrics of this
process, so that it also stands in for the rest of the system.
"""

import argparse
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from credit_analyzer.model import ARTIFACTS
from prometheus_client import generate_latest

from stack.ports import HOST

from .fleet import Fleet, name


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
    parser.add_argument("--drifts", action="store_true")
    parser.add_argument("--folder", type=Path, default=ARTIFACTS, help="of the model")
    options = parser.parse_args()
    fleet = Fleet(options.models, drifts=options.drifts, folder=options.folder)
    serve(options.port, fleet)
