"""What the doubles of services have in common: a server on loopback, over real TLS where a certificate is given."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadcast import clock

T = TypeVar("T")


class Answering(BaseHTTPRequestHandler):
    """Answers requests; says nothing of them."""

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """A whole answer; `headers` may tell another Content-Length than the body has."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Loopback(ThreadingHTTPServer, Generic[T]):
    """A server whose requests are answered by `handler`, which finds `double` here."""

    daemon_threads = True

    def __init__(self, handler: type[Answering], double: T) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.double = double

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle is what is being tested."""


@contextmanager
def answering(server: Loopback[T], over: threading.Event, certificate: Path | None = None) -> Iterator[str]:
    """The address of the running `server`; over TLS with `certificate` (key and certificate in one file) where one is
    given. `over` is set before it stops.
    """
    with server:
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


def self_signed(path: Path, address: str = "127.0.0.1") -> Path:
    """A new key and certificate for `address` in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
