"""Serves the receiver: one process of Granian, and threads that watch and ask."""

import argparse
import multiprocessing
import os
import signal
import socket
import sqlite3
import ssl
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from prometheus_client import CollectorRegistry

from . import token
from .alertmanager.client import Alertmanager, Credentials
from .alertmanager.reconciliation import Reconciler
from .alertmanager.watchdog import Watchdog
from .api import receiver, watchdog
from .app import create_app
from .log import start_log
from .pages import ALERTMANAGERS
from .store.history import History
from .store.retention import MEGABYTE, Retention

# Of the head of a request, and of what is read of a body in advance.
HEAD_BYTES = 16 * 1024
# For requests in flight, after SIGTERM. Docker waits ten seconds before it kills.
STOP_SECONDS = 8


def serve(options: argparse.Namespace) -> None:
    """Serves until a signal stops it. What prevents that is a sentence and status 1."""
    try:
        address = free_address(options.host, options.port)
        check_certificate(options.certfile, options.keyfile)
        alertmanagers_of(options)
        if warning := token.permission_warning(options.token_file):
            print(f"webhook-receiver: {warning}", file=sys.stderr)
        open_history(options).close()
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


def application(options: argparse.Namespace) -> Flask:
    """The receiver for Granian's worker, with its threads running."""
    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()
    app = create_app(
        open_history(options),
        options.token_file,
        CollectorRegistry(),
        timedelta(seconds=options.watchdog_seconds),
        options.runbook,
        alertmanagers_of(options),
        options.alertmanager_receiver,
        timedelta(seconds=options.resend_seconds),
    )
    with app.app_context():
        start("watchdog", watchdog())
        if options.alertmanager:
            interval = options.reconcile_seconds
            start(
                "reconciler",
                Reconciler(receiver(), app.extensions[ALERTMANAGERS], interval),
            )
    return app


def end_with_parent() -> None:
    """Ends this worker after the process that started it, which may be killed.

    It would keep the port, and the history, from the next receiver.
    """
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def start(name: str, service: Watchdog | Reconciler) -> None:
    """Runs `service` in a thread that ends with the process."""
    run = partial(service.run_forever, time.sleep)
    threading.Thread(target=run, name=name, daemon=True).start()


def open_history(options: argparse.Namespace) -> History:
    """The history. Raises `sqlite3.Error`; damage that it repairs is in the log."""
    start_log(sys.stdout)
    age = timedelta(days=options.keep_days)
    return History(
        options.history,
        Retention(age, options.keep_megabytes * MEGABYTE),
        2 * timedelta(hours=options.repeat_hours),
    )


def alertmanagers_of(options: argparse.Namespace) -> list[Alertmanager]:
    """The Alertmanagers to ask. Raises `OSError` if their authority is unreadable."""
    credentials = Credentials(
        options.alertmanager_username,
        options.alertmanager_password_file,
        options.alertmanager_token_file,
    )
    try:
        context = ssl.create_default_context(cafile=options.alertmanager_cafile)
    except OSError as error:
        raise OSError(f"{options.alertmanager_cafile}: {error}") from error
    return [Alertmanager(url, credentials, context) for url in options.alertmanager]


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
    """Raises `OSError` that names both, if one is given and they are not a pair."""
    if not certfile and not keyfile:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(str(certfile), str(keyfile), password=lambda: "")
    except OSError as error:
        raise OSError(f"certificate {certfile}, key {keyfile}: {error}") from error
