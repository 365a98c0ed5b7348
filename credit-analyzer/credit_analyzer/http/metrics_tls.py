"""TLS for /metrics, and who may read them: clients with a certificate that we trust."""

import argparse
import ssl
from dataclasses import dataclass
from pathlib import Path
from socketserver import TCPServer


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: a certificate, its key, and who signs the certificates of scrapers."""

    certfile: Path
    keyfile: Path
    client_cafile: Path | None

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> "TlsFiles | None":
        """None if no file is named. Raises `OSError` if one that is needed is not."""
        files = options.metrics_certfile, options.metrics_keyfile
        if any((*files, options.metrics_client_cafile)) and not all(files):
            raise OSError(
                "TLS for /metrics needs --metrics-certfile and --metrics-keyfile"
            )
        return cls(*files, options.metrics_client_cafile) if all(files) else None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer. Raises `OSError` that names the files that do not do."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # No password: who starts a service cannot be asked for one.
            context.load_cert_chain(self.certfile, self.keyfile, password=lambda: "")
        except OSError as error:
            raise OSError(
                f"{self.certfile} and {self.keyfile} are not a certificate and its "
                f"key: {error}"
            ) from error
        if self.client_cafile:
            try:
                context.load_verify_locations(self.client_cafile)
            except OSError as error:
                raise OSError(
                    f"{self.client_cafile} holds no certificate: {error}"
                ) from error
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that `TlsFiles.from_options` reads."""
    parser.add_argument("--metrics-certfile", type=Path, help="serve /metrics by TLS")
    parser.add_argument("--metrics-keyfile", type=Path, help="of the certificate")
    parser.add_argument(
        "--metrics-client-cafile",
        type=Path,
        help="serve /metrics only to whom this authority has signed a certificate",
    )


def encrypt(server: TCPServer, context: ssl.SSLContext) -> None:
    """Makes `server` speak TLS only; before it serves.

    The handshake is left to the thread of each connection: a client that never ends it
    keeps no other client away.
    """
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
