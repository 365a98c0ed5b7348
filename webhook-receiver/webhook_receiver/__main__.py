"""Command line of the receiver.

python -m webhook_receiver serve --history alerts.sqlite --token-file token
python -m webhook_receiver token --token-file token [--replace]
python -m webhook_receiver backup --history alerts.sqlite --out copy.sqlite
python -m webhook_receiver restore --history alerts.sqlite --from copy.sqlite
"""

import argparse
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import token
from .alertmanager.client import check_url
from .alertmanager.reconciliation import ASK_SECONDS, RECEIVER_NAME, RESEND
from .alertmanager.watchdog import PATIENCE
from .server import serve
from .store.backup import back_up, restore
from .store.history import REPEAT
from .store.retention import KEEP, MEGABYTE


def whole_number(least: int) -> Callable[[str], int]:
    """Reads a whole number. Raises `ArgumentTypeError` if it is less than `least`."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} on")
        return int(text)

    return read


def positive(text: str) -> float:
    """Reads a positive number. Raises `ArgumentTypeError`."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    # A number that is none (NaN) is not less than infinity.
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("expected a positive number")
    return number


def alertmanager_url(text: str) -> str:
    """Reads the URL of an Alertmanager. Raises `ArgumentTypeError`."""
    try:
        return check_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def make_token(options: argparse.Namespace) -> None:
    """Makes a token for Alertmanager and the receiver to share."""
    token.make(options.token_file, replace=options.replace)


def copy_history(options: argparse.Namespace) -> None:
    """Makes a backup. What prevents it is a sentence and status 1."""
    try:
        alerts = back_up(options.history, options.out)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"no backup of {options.history}: {error}")
    print(f"{alerts} alerts of {options.history} are in {options.out}")


def restore_history(options: argparse.Namespace) -> None:
    """Restores a backup. What prevents it is a sentence and status 1."""
    try:
        alerts, former = restore(options.copy, options.history)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"{options.copy} is not restored to {options.history}: {error}")
    if former:
        print(f"the former history is now {former}")
    print(f"{alerts} alerts of {options.copy} are in {options.history}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(prog="python -m webhook_receiver")
    commands = parser.add_subparsers(required=True)
    _add_serve(commands.add_parser("serve", help="receive notifications"))
    making = commands.add_parser("token", help="make a token, unless there is one")
    making.set_defaults(run=make_token)
    making.add_argument("--token-file", type=Path, required=True)
    making.add_argument("--replace", action="store_true", help="even if there is one")
    backup = commands.add_parser("backup", help="copy the history, also while serving")
    backup.set_defaults(run=copy_history)
    backup.add_argument("--history", type=Path, required=True, help="a SQLite file")
    backup.add_argument("--out", type=Path, required=True, help="a new file")
    restoring = commands.add_parser("restore", help="put a backup in its place")
    restoring.set_defaults(run=restore_history)
    restoring.add_argument("--history", type=Path, required=True, help="not in use")
    restoring.add_argument(
        "--from", type=Path, required=True, dest="copy", metavar="COPY", help="a backup"
    )
    options = parser.parse_args(arguments)
    if options.run is serve and (error := _credentials_error(options)):
        parser.error(error)
    options.run(options)


def _credentials_error(options: argparse.Namespace) -> str:
    if bool(options.alertmanager_username) != bool(options.alertmanager_password_file):
        return "--alertmanager-username and --alertmanager-password-file are a pair"
    if options.alertmanager_password_file and options.alertmanager_token_file:
        return "Alertmanager is shown a password or a token, not both"
    return ""


def _add_serve(serving: argparse.ArgumentParser) -> None:
    serving.set_defaults(run=serve)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8080)
    serving.add_argument("--history", type=Path, required=True, help="a SQLite file")
    serving.add_argument(
        "--keep-days",
        type=whole_number(1),
        default=KEEP.age.days,
        help="delete alerts that are older (default: %(default)s)",
    )
    serving.add_argument(
        "--keep-megabytes",
        # Two of the largest notifications, so that one never empties the history.
        type=whole_number(64),
        default=KEEP.size // MEGABYTE,
        help="delete the oldest beyond, resolved ones first (default: %(default)s)",
    )
    serving.add_argument("--token-file", type=Path, required=True)
    serving.add_argument(
        "--watchdog-seconds",
        type=positive,
        default=PATIENCE.total_seconds(),
        help="how long the watchdog may stay away (default: %(default)g)",
    )
    serving.add_argument("--runbook", type=Path, help="a Markdown file, to show")
    serving.add_argument("--certfile", type=Path, help="serve by TLS")
    serving.add_argument("--keyfile", type=Path, help="of the certificate")
    _add_alertmanager(serving.add_argument_group("Alertmanager, which is asked"))


def _add_alertmanager(asking: argparse._ArgumentGroup) -> None:
    asking.add_argument(
        "--alertmanager",
        action="append",
        default=[],
        type=alertmanager_url,
        metavar="URL",
        help="one that sends here; repeat it for each peer of a cluster",
    )
    asking.add_argument("--alertmanager-username", default="", metavar="NAME")
    asking.add_argument("--alertmanager-password-file", type=Path, metavar="FILE")
    asking.add_argument("--alertmanager-token-file", type=Path, metavar="FILE")
    asking.add_argument(
        "--alertmanager-cafile", type=Path, metavar="FILE", help="who signs for it"
    )
    asking.add_argument(
        "--alertmanager-receiver",
        default=RECEIVER_NAME,
        metavar="NAME",
        help="what its configuration calls this receiver (default: %(default)s)",
    )
    asking.add_argument(
        "--reconcile-seconds",
        type=positive,
        default=ASK_SECONDS,
        help="how often to ask it (default: %(default)g)",
    )
    asking.add_argument(
        "--resend-seconds",
        type=positive,
        default=RESEND.total_seconds(),
        help="how often Prometheus sends it what fires (default: %(default)g)",
    )
    asking.add_argument(
        "--repeat-hours",
        type=positive,
        default=REPEAT.total_seconds() / 3600,
        help="its repeat_interval (default: %(default)g)",
    )


if __name__ == "__main__":
    main()
