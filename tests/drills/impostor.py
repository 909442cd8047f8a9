"""A TLS server with a certificate that is trusted, and is somebody else's."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@contextmanager
def impostor() -> Iterator[tuple[str, Path]]:
    """Its URL on loopback, and the file of the authority that vouches for it."""
    folder = Path(tempfile.mkdtemp(prefix="zimgpt-impostor-"))
    try:
        pem = _certificate(folder, "somebody.example")
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


def _certificate(folder: Path, host: str) -> Path:
    """A key and a certificate for it, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "somebody.pem"
    encoding = serialization.Encoding.PEM
    pem.write_bytes(
        signed.public_bytes(encoding)
        + key.private_bytes(
            encoding,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem
