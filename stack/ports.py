"""Ports on 127.0.0.1."""

import socket

HOST = "127.0.0.1"


def free_port(preferred: int) -> int:
    """`preferred` if it is free, else any that is free."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {HOST}")
