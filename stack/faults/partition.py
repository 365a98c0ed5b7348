"""A network between two parts of the system, that can be cut: a partition."""

import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from ..ports import HOST

CHUNK_BYTES = 65536
LOOK_SECONDS = 0.05


class FaultyLink:
    """Passes what connects to its `port` on to another port; a context manager.

    While it is cut nothing passes and no connection is refused: each client waits for
    an answer that does not come, as on a network that loses every packet.
    """

    def __init__(self, far_port: int) -> None:
        """`far_port` of this machine is where it leads; it may have no listener yet."""
        self._far = (HOST, far_port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        threading.Thread(target=self._accept, name="cable", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Closing alone does not wake the thread that waits for a connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.mend()

    def cut(self) -> None:
        """Nothing passes from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Who connects from now on gets through; who waited is hung up on."""
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self._whole.is_set():
                with socket.create_connection(self._far) as far:
                    self._pass({near: far, far: near})
            self._whole.wait()

    def _pass(self, ends: dict[socket.socket, socket.socket]) -> None:
        """Until either end closes, or the cable is cut."""
        while self._whole.is_set():
            readable, _, _ = select.select(ends, [], [], LOOK_SECONDS)
            for source in readable:
                data = source.recv(CHUNK_BYTES)
                if not data:
                    return
                ends[source].sendall(data)
