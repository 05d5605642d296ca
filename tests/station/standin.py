"""A stand-in for the server: it speaks the protocol on loopback, keeps what it is sent, and fails on demand."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadcast import wire
from tests.station.bench import ENROLMENT, Author

CODE = "ABCD-EFGH-JKMN"
TOKEN = "token-of-the-bench-station"


@dataclass
class StandIn:
    """What the server holds, and what it is told to do wrong next.

    `faults` maps a path's last word (`manifest`, `audio`, `log`, `status`, `enrol`) to the faults of the next
    requests to it, each used once: a status code, `"hang"`, `"lose"` (done, but the answer never arrives),
    `"half"` (the connection breaks in the middle of the body) or `"altered"` (other bytes).
    """

    author: Author = field(default_factory=Author)
    body: bytes | None = None
    signature: str = ""
    code_used: bool = False
    station_key: str = ""
    token: str = TOKEN
    entries: dict[int, tuple[str, str]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    clock_ahead_ms: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def publish(self, *airings: dict[str, Any], **changes: Any) -> None:
        """Sign the next programme and let those who wait have it."""
        with self.news:
            self.body, self.signature = self.author.manifest(*airings, **changes)
            self.news.notify_all()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.clock_ahead_ms

    def read_log(self) -> list[dict[str, Any]]:
        """All entries by seq, after checking that they are a chain without a gap."""
        before: str = str(ENROLMENT)
        told = []
        for number, (seq, (entry, hash_)) in enumerate(sorted(self.entries.items()), start=1):
            plain = json.loads(entry)
            assert (seq, plain["seq"], plain["previous_hash"]) == (number, number, before)
            assert wire.entry_hash(entry) == hash_
            before = hash_
            told.append(plain)
        return told

    def wait_until(self, true: Any, seconds: float = 20.0) -> None:
        """Until something has become true here; it is looked at often, the limit only ends a broken test."""
        limit = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < limit, "it never came to pass"
            time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    @property
    def stand_in(self) -> StandIn:
        return self.server.stand_in  # type: ignore[no-any-return]

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        here = self.stand_in
        path, _, query = self.path.partition("?")
        name = "audio" if path.startswith("/api/v1/audio/") else path.rpartition("/")[2]
        here.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        queue = here.faults.get(name) or [None]
        fault = queue.pop(0)
        if here.closing.is_set():
            self.close_connection = True
        elif fault == "hang":
            here.closing.wait(30)
            self.close_connection = True
        elif isinstance(fault, int):
            self._problem(fault, {"Retry-After": "1"} if fault == 503 else {})
        elif name != "enrol" and self.headers.get("Authorization") != f"Bearer {here.token}":
            self._problem(401)
        else:
            getattr(self, f"_{name}")(path, query, body, fault)

    def _enrol(self, _path: str, _query: str, body: bytes, _fault: Any) -> None:
        here, asked = self.stand_in, json.loads(body)
        if asked["code"] != CODE or here.code_used:
            self._problem(401, detail="Mã đã dùng.")
            return
        here.code_used, here.station_key = True, asked["public_key"]
        self._json(
            {
                "enrolment": str(ENROLMENT),
                "station": "TC-01",
                "name": "Trạm Thử Nghiệm",
                "token": here.token,
                "manifest_key": wire.public_key_text(here.author.key),
                "server_time_ms": here.now_ms(),
                "a_field_of_next_year": True,
            },
            201,
        )

    def _manifest(self, _path: str, query: str, _body: bytes, fault: Any) -> None:
        here = self.stand_in
        held = self.headers.get("If-None-Match")
        wait = re.search(r"wait=(\d+)", query)
        with here.news:
            until = time.monotonic() + (float(wait[1]) if wait else 0)
            while self._etag() == held and not here.closing.is_set() and time.monotonic() < until:
                here.news.wait(0.1)
            body, signature, etag = here.body, here.signature, self._etag()
        if body is None:
            self._problem(404)
        elif etag == held:
            self._send(304, b"", {"ETag": etag})
        else:
            sent = body.replace(b"normal", b"priority") if fault == "altered" else body
            headers = {"ETag": etag} | ({} if fault == "unsigned" else {"Manifest-Signature": signature})
            self._send(200, sent, headers)

    def _etag(self) -> str:
        return f'"{hashlib.sha256(self.stand_in.body or b"").hexdigest()}"'

    def _audio(self, path: str, _query: str, _body: bytes, fault: Any) -> None:
        content = self.stand_in.author.sounds.get(path.rpartition("/")[2])
        if content is None:
            self._problem(404)
            return
        if fault == "altered":
            content = content[:-1] + bytes([content[-1] ^ 1])
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        head = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if asked else {}
        self._send(206 if asked else 200, content[start:], head, half=fault == "half")

    def _log(self, _path: str, _query: str, body: bytes, fault: Any) -> None:
        here, batch = self.stand_in, wire.LogBatch.model_validate_json(body)
        last = batch.last()
        if not wire.verify(here.station_key, wire.batch_text(ENROLMENT, last.seq, last.hash), batch.signature):
            self._problem(403)
            return
        duplicates = 0
        for item in batch.entries:
            known = here.entries.setdefault(item.seq, (item.entry, item.hash))
            assert known == (item.entry, item.hash), "a fork"
            duplicates += known[0] is not item.entry
        if fault == "lose":
            self.close_connection = True
            return
        self._json({"acknowledged": last.seq, "duplicates": duplicates, "rejected": []})

    def _status(self, _path: str, _query: str, body: bytes, _fault: Any) -> None:
        here = self.stand_in
        received_ms = here.now_ms()
        here.statuses.append(json.loads(body))
        last = max(here.entries, default=0)
        self._json(
            {
                "received_ms": received_ms,
                "sent_ms": here.now_ms(),
                "last_seq": last,
                "last_hash": here.entries[last][1] if last else None,
            }
        )

    def _problem(self, status: int, headers: dict[str, str] | None = None, detail: str = "") -> None:
        problem = {"title": "refused", "status": status, "detail": detail}
        self._send(status, json.dumps(problem).encode(), headers or {})

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, half: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:
            request.settimeout(10)
            with contextlib.suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
            return
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that hang up are what these tests are about


@contextlib.contextmanager
def serving(stand_in: StandIn, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """`stand_in` on a loopback port, until the block ends."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.stand_in, server.tls = stand_in, tls
    stand_in.closing.clear()
    stand_in.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(folder: Path, name: str = "any-name-at-all") -> tuple[ssl.SSLContext, bytes]:
    """A server's TLS context with a fresh self-signed certificate, and that certificate in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("192.0.2.7"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, certificate.public_bytes(serialization.Encoding.DER)
