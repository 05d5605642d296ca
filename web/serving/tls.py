"""The server's own certificate for an office network (`--tls auto`): made once, kept, pinned by stations."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadcast import wire
from broadcast.config import Settings
from broadcast.errors import StorageError

VALID_FOR = timedelta(days=3650)  # stations pin this very certificate: a change means that they enrol again
CERTIFICATE = "tls_certificate.pem"
PRIVATE_KEY = "tls_key.pem"


def own_certificate(settings: Settings, host: str, now: datetime) -> tuple[Path, Path]:
    """Paths of the certificate and its key (0600), made the first time."""
    certificate, key = settings.keys_dir / CERTIFICATE, settings.keys_dir / PRIVATE_KEY
    if not (certificate.exists() and key.exists()):
        try:
            settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(certificate, key, host, now)
        except OSError as error:
            raise StorageError(f"Không ghi được chứng thư vào {settings.keys_dir}: {error.strerror}") from error
    return certificate, key


def pinned_fingerprint(settings: Settings) -> str | None:
    """What enrolment codes carry where stations meet our own certificate; None behind a public one or a proxy."""
    certificate = settings.keys_dir / CERTIFICATE
    if settings.tls_cert is not None or settings.trusted_proxies or not certificate.exists():
        return None
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return wire.fingerprint(loaded.public_bytes(serialization.Encoding.DER))


def _make(certificate: Path, key: Path, host: str, now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64] or "broadcast")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a station's clock may be a little behind
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, secret)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    for spelled in dict.fromkeys([host, socket.gethostname(), "127.0.0.1"]):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(spelled)))
        except ValueError:
            if spelled and spelled.isascii():
                names.append(x509.DNSName(spelled))
    return names


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.tmp")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
