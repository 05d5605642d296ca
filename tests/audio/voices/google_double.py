"""A loopback double of Google's speech service: answers what its `behaviour` says, and counts what it was asked."""

from __future__ import annotations

import base64
import io
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs

import soundfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audio.voices.tone import ToneVoice
from broadcast import clock


@dataclass
class Double:
    """`behaviour`: speaks, trickles, sign-in, redirect, busy, broken, empty, no-sound, short, noise, huge."""

    behaviour: str = "speaks"
    address: str = ""
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def _mp3_of(text: str) -> bytes:
    speech = ToneVoice().say(text)
    out = io.BytesIO()
    soundfile.write(out, speech.samples, speech.sample_rate, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()


def _spoken(text: str, behaviour: str) -> bytes:
    sound = {"no-sound": b"", "short": _mp3_of("a"), "noise": b"\xff\xd8\xff\xe0 this is a picture" * 50}.get(behaviour)
    encoded = base64.b64encode(_mp3_of(text) if sound is None else sound).decode()
    line = json.dumps([["wrb.fr", "jQ1olc", json.dumps([encoded]), None, None, None, "generic"]])
    return f")]}}'\n\n{len(line)}\n{line}\n".encode()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        text = json.loads(json.loads(parse_qs(body)["f.req"][0])[0][0][1])[0]
        self.server.double.asked.append(text)
        self._answer(text, self.server.double)

    def do_GET(self) -> None:
        self.server.double.asked.append("a redirect was followed")
        self._send(200, b"<html>sign in</html>")

    def _answer(self, text: str, double: Double) -> None:
        match double.behaviour:
            case "busy":
                self._send(429, b"")
            case "broken":
                self._send(503, b"")
            case "empty":
                self._send(200, b"")
            case "sign-in":
                self._send(200, b"<html><body>Xin moi dang nhap Wi-Fi</body></html>")
            case "redirect":
                self._send(302, b"", Location=double.address)
            case "huge":
                self._send(200, b"x" * 5_000_000)
            case "trickles":
                self.send_response(200)
                self.end_headers()
                while not double.over.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            case behaviour:
                self._send(200, _spoken(text, behaviour))

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double: Double) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle is what is being tested."""


@contextmanager
def google_double(certificate: Path | None = None) -> Iterator[Double]:
    """A running double; over TLS with `certificate` (key and certificate in one file) where one is given."""
    double = Double()
    with _Server(double) as server:
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        double.address = f"{scheme}://127.0.0.1:{server.server_address[1]}/speech"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield double
        finally:
            double.over.set()
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
