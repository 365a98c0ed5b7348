"""Many analyzers in one process: each is a path of one server.

python -m benchmarks.performance.scale.exporter --port 9100 --models 100 --drifting 10

/0, /1, ... are the metrics of a model each. Any other path has the metrics of
this process, so that it also stands in for the rest of the system.
"""

import argparse
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from credit_analyzer.model import ARTIFACTS
from prometheus_client import generate_latest

from stack.ports import HOST

from .tape import Fleet


def serve(port: int, fleet: Fleet, start: int) -> None:
    """Serves until it is stopped."""
    fleet.exposition(0, 0)  # records the tapes before the first request

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            model = self.path.removeprefix("/")
            if model.isdecimal():
                second = int(time.time()) - start
                self._answer(fleet.exposition(int(model), second).encode())
            else:
                self._answer(generate_latest())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer((HOST, port), Handler).serve_forever()


def main() -> None:
    """Records, and serves."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.performance.scale.exporter"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--models", type=int, required=True)
    parser.add_argument("--drifting", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=ARTIFACTS, help="of the model")
    options = parser.parse_args()
    fleet = Fleet(options.models, options.drifting, folder=options.folder)
    serve(options.port, fleet, int(time.time()))


if __name__ == "__main__":
    main()
