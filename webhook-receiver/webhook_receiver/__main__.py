"""Command line of the receiver.

python -m webhook_receiver serve --history alerts.sqlite --token-file token
python -m webhook_receiver token --token-file token
"""

import argparse
import logging
import secrets
import sqlite3
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from prometheus_client import CollectorRegistry

from . import create_app
from .history import History


def application(history: Path, token_file: Path) -> Flask:
    """The receiver, for a worker of Granian."""
    try:
        return create_app(History(history), token_file, CollectorRegistry())
    except sqlite3.Error as error:
        sys.exit(f"webhook-receiver does not start: {history}: {error}")


def serve(options: argparse.Namespace) -> None:
    """Serves until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    # One process and one thread: SQLite has one writer, and a notification is small.
    Granian(
        __name__,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        websockets=False,
        log_enabled=False,
    ).serve(
        target_loader=partial(application, options.history, options.token_file),
        wrap_loader=False,
    )


def token(options: argparse.Namespace) -> None:
    """Makes a token for Alertmanager and the receiver to share, unless there is one."""
    if not options.token_file.exists():
        options.token_file.write_text(secrets.token_urlsafe(32))
        options.token_file.chmod(0o440)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(prog="python -m webhook_receiver")
    commands = parser.add_subparsers(required=True)
    serving = commands.add_parser("serve", help="receive notifications")
    serving.set_defaults(run=serve)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8080)
    serving.add_argument("--history", type=Path, required=True, help="a SQLite file")
    serving.add_argument("--token-file", type=Path, required=True)
    making = commands.add_parser("token", help="make the token, unless there is one")
    making.set_defaults(run=token)
    making.add_argument("--token-file", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
