"""Servers of the standard library, in a thread."""

import threading
from contextlib import contextmanager

# How often a server asks whether it is to stop.
POLL_SECONDS = 0.02


@contextmanager
def serving(server):
    """Serves until the block ends. `server` is what the block gets."""
    thread = threading.Thread(target=server.serve_forever, args=[POLL_SECONDS])
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
