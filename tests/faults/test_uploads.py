"""Large uploads to a real server: its memory stays as it was, what is cut short leaves nothing behind."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.processes import Running, server
from tests.real import PASSWORD, PLACE, Place, eventually
from tests.visitor import Visitor

MB = 1 << 20
SIZE = 60 * MB
MAY_GROW = 40 * MB
NEW = "/ban-tin/thu-am/moi"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str, Running]]:
    place = Place(tmp_path_factory.mktemp("upload"))
    place.load(PLACE)
    with server(env=place.env, log=place.folder / "log.txt") as (url, process):
        yield place, url, process


@pytest.fixture
def visitor(served: tuple[Place, str, Running]) -> Iterator[Visitor]:
    with Visitor(served[1]) as visitor:
        yield visitor.sign_in("soan", PASSWORD)


def wav_head(size: int) -> bytes:
    """Of a stereo recording of 16 bits at 48 kHz."""
    return (
        b"RIFF" + (size - 8).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
        + b"\x01\x00\x02\x00" + (48_000).to_bytes(4, "little") + (192_000).to_bytes(4, "little") + b"\x04\x00\x10\x00"
        + b"data" + (size - 44).to_bytes(4, "little")
    )  # fmt: skip


class Body:
    """A multipart body that is made while it is sent, of one WAV file of `size` bytes."""

    boundary = "ranh-gioi-cua-tep"

    def __init__(self, fields: dict[str, str], size: int, named: str = "dai.wav") -> None:
        self.head = "".join(
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ).encode()
        self.head += (
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="file"; filename="{named}"\r\n'
            "Content-Type: audio/wav\r\n\r\n"
        ).encode()
        self.tail = f"\r\n--{self.boundary}--\r\n".encode()
        self.size = size
        self.digest = hashlib.sha256()

    def __len__(self) -> int:
        return len(self.head) + self.size + len(self.tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        noise, left = os.urandom(MB), self.size
        piece = wav_head(self.size) + noise[44:]
        while left > 0:
            piece, left = piece[:left], left - len(piece[:left])
            self.digest.update(piece)
            yield piece
            piece = noise
        yield self.tail


def fields(visitor: Visitor) -> dict[str, str]:
    visitor.open(NEW)
    return dict(visitor.form(NEW).fields) | {"title": "Bản thu dài"}


def post(visitor: Visitor, body: Body) -> requests.Response:
    # requests takes the length from `__len__`, so nothing is sent in chunks.
    return visitor.http.post(
        visitor.url + NEW,
        data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={body.boundary}"},
        timeout=300,
        allow_redirects=False,
    )


def resident(process: Running) -> tuple[int, int]:
    """Bytes in memory now, and at most so far."""
    status = Path(f"/proc/{process.process.pid}/status").read_text(encoding="ascii")
    now, most = (int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_large_file_goes_through_the_server_in_pieces(served, visitor):
    place, _, process = served
    filled = fields(visitor)
    post(visitor, Body(filled | {"title": ""}, MB))  # what is imported at the first form is there now
    Path(f"/proc/{process.process.pid}/clear_refs").write_text("5", encoding="ascii")  # the most begins anew
    before, _ = resident(process)
    body = Body(filled, SIZE)
    answer = post(visitor, body)
    _, most = resident(process)
    assert answer.status_code == 302, answer.text[:2000]
    assert most - before < MAY_GROW
    kept = place.data_dir / "uploads" / body.digest.hexdigest()
    assert kept.stat().st_size == SIZE
    with kept.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == kept.name


def test_an_upload_that_is_cut_off_leaves_nothing(served, visitor):
    place, url, _ = served
    before = files_under(place.data_dir / "uploads")
    body = Body(fields(visitor), 8 * MB)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.http.cookies)
    head = (
        f"POST {NEW} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary={body.boundary}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with closing(socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=30)) as sender:
        sender.sendall(head.encode())
        for sent, piece in enumerate(body):
            sender.sendall(piece)
            if sent == 4:
                break
        eventually(
            "a half-written file",
            lambda: any(path.suffix == ".part" for path in files_under(place.data_dir / "uploads")),
        )
    eventually("it to be gone", lambda: files_under(place.data_dir / "uploads") == before)


def test_more_than_the_limit_is_refused_in_words(served, visitor):
    place, _, _ = served
    before = files_under(place.data_dir / "uploads")
    answer = post(visitor, Body(fields(visitor), 202 * MB))
    assert answer.status_code == 413
    assert "lớn hơn 200 MB" in answer.text
    assert files_under(place.data_dir / "uploads") == before


def test_what_nobody_receives_is_answered_before_it_is_sent(served, visitor):
    _, url, _ = served
    with closing(socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=30)) as sender:
        sender.sendall(f"POST {NEW} HTTP/1.1\r\nHost: x\r\nContent-Length: {10**10}\r\n\r\n".encode())
        answer = sender.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "200 MB" in answer
