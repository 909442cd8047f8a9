"""A TLS server with a certificate that is trusted, and is somebody else's."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.certificates import self_signed


@contextmanager
def impostor() -> Iterator[tuple[str, Path]]:
    """Its URL on loopback, and the file of the authority that vouches for it."""
    folder = Path(tempfile.mkdtemp(prefix="zimgpt-impostor-"))
    try:
        pem = self_signed(folder, "somebody.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            thread = threading.Thread(target=_greet, args=(listening, context))
            thread.start()
            try:
                yield f"https://localhost:{port}/v1", pem
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                thread.join()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _greet(listening: socket.socket, context: ssl.SSLContext) -> None:
    """Shakes hands with everybody; whoever does so has been deceived."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(2)
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()
