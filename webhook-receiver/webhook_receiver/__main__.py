"""Command line of the receiver.

python -m webhook_receiver serve --history alerts.sqlite --token-file token
python -m webhook_receiver token --token-file token [--replace]
"""

import argparse
import logging
import socket
import sqlite3
import ssl
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from prometheus_client import CollectorRegistry

from . import PATIENCE, create_app, token
from .api import WATCHDOG
from .history import History
from .retention import KEEP, MEGABYTE, Retention

# Of a head, and of what is read ahead of a body.
HEAD_BYTES = 16 * 1024
# For requests in flight, once told to stop. Docker waits ten seconds before it kills.
STOP_SECONDS = 8


def application(options: argparse.Namespace) -> Flask:
    """The receiver, for a worker of Granian, waiting for the watchdog."""
    app = create_app(
        history(options),
        options.token_file,
        CollectorRegistry(),
        timedelta(seconds=options.watchdog_seconds),
        options.runbook,
    )
    keep_looking = partial(app.extensions[WATCHDOG].keep_looking, time.sleep)
    threading.Thread(target=keep_looking, name="watchdog", daemon=True).start()
    return app


def history(options: argparse.Namespace) -> History:
    """The history. Raises `sqlite3.Error`; what else becomes of it is in the log."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    age = timedelta(days=options.keep_days)
    return History(options.history, Retention(age, options.keep_megabytes * MEGABYTE))


def whole_number(least: int) -> Callable[[str], int]:
    """Reads a whole number. Raises `ArgumentTypeError` if it is less than `least`."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(
                f"a whole number from {least} on is wanted"
            )
        return int(text)

    return read


def free_address(host: str, port: int) -> str:
    """The numeric address of `host`, if `port` is free there.

    Raises `OSError` that names both if it is not. Granian would share a port that
    another process of this user listens on, and each would get some notifications.
    """
    try:
        address = socket.gethostbyname(host)
        socket.create_server((address, port)).close()
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}: {error}") from error
    return address


def check_certificate(certfile: Path | None, keyfile: Path | None) -> None:
    """Raises `OSError` that names both, if one is given and they are no pair."""
    if not certfile and not keyfile:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(str(certfile), str(keyfile), password=lambda: "")
    except OSError as error:
        raise OSError(f"certificate {certfile}, key {keyfile}: {error}") from error


def serve(options: argparse.Namespace) -> None:
    """Serves until it is told to stop. What prevents it is a sentence and status 1."""
    try:
        address = free_address(options.host, options.port)
        check_certificate(options.certfile, options.keyfile)
        if warning := token.exposed(options.token_file):
            print(f"webhook-receiver: {warning}", file=sys.stderr)
        history(options).close()
    except OSError as error:
        sys.exit(f"webhook-receiver does not start: {error}")
    except sqlite3.Error as error:
        sys.exit(f"webhook-receiver does not start: {options.history}: {error}")
    # SQLite has one writer. While it waits for the disk, another thread can take the
    # next notification: two store five times as many as one, four hardly more than two.
    Granian(
        __name__,
        address=address,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=2,
        websockets=False,
        # A server that also speaks HTTP/2 waits without end to learn which it is.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=HEAD_BYTES),
        workers_kill_timeout=STOP_SECONDS,
        log_enabled=False,
        ssl_cert=options.certfile,
        ssl_key=options.keyfile,
    ).serve(
        target_loader=partial(application, options),
        wrap_loader=False,
    )


def make_token(options: argparse.Namespace) -> None:
    """Makes a token for Alertmanager and the receiver to share."""
    token.make(options.token_file, replace=options.replace)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(prog="python -m webhook_receiver")
    commands = parser.add_subparsers(required=True)
    serving = commands.add_parser("serve", help="receive notifications")
    serving.set_defaults(run=serve)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8080)
    serving.add_argument("--history", type=Path, required=True, help="a SQLite file")
    serving.add_argument(
        "--keep-days",
        type=whole_number(1),
        default=KEEP.age.days,
        help="after which an alert is deleted (default: %(default)s)",
    )
    serving.add_argument(
        "--keep-megabytes",
        # Two of the largest notifications, so that one never empties the history.
        type=whole_number(64),
        default=KEEP.size // MEGABYTE,
        help="more than which is deleted, resolved ones first (default: %(default)s)",
    )
    serving.add_argument("--token-file", type=Path, required=True)
    serving.add_argument(
        "--watchdog-seconds",
        type=float,
        default=PATIENCE.total_seconds(),
        help="how long the watchdog may stay away (default: %(default)g)",
    )
    serving.add_argument("--runbook", type=Path, help="a Markdown file, to show")
    serving.add_argument("--certfile", type=Path, help="serve by TLS")
    serving.add_argument("--keyfile", type=Path, help="of the certificate")
    making = commands.add_parser("token", help="make the token, unless there is one")
    making.set_defaults(run=make_token)
    making.add_argument("--token-file", type=Path, required=True)
    making.add_argument("--replace", action="store_true", help="even if there is one")
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
