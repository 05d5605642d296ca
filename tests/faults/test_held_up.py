"""Who is silent, slow or boundless at the door: nobody else waits for them, and nothing of theirs is kept for long."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadcast.config import Settings
from web.serving import reception
from web.serving.reception import Adapter, Server
from web.serving.tls import own_certificate

WORKERS = 8
PATIENCE_S = 5  # far less than any limit of the server, far more than an answer takes


def application(environ: dict[str, Any], start: Any) -> list[bytes]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    answer = f"{environ['wsgi.url_scheme']} {environ['REQUEST_METHOD']} {len(body)}".encode()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


@contextlib.contextmanager
def serving(adapter: Adapter | None = None) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), application, threads=WORKERS)
    server.ssl_adapter = adapter
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(timeout=30)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Server]:
    settings = Settings(data_dir=tmp_path, secret_key="bí mật của bài kiểm tra")
    certificate, key = own_certificate(settings, "127.0.0.1", datetime.now(UTC))
    with serving(Adapter(str(certificate), str(key))) as made:
        yield made


def call(server: Server) -> socket.socket:
    made = socket.create_connection(server.bind_addr, timeout=PATIENCE_S)
    made.settimeout(PATIENCE_S)
    return made


def call_securely(server: Server) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(call(server))


def until_closed(connection: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            said += piece
    return said


def one_answer(connection: socket.socket) -> bytes:
    """Of a connection that stays open."""
    said = b""
    while not said.partition(b"\r\n\r\n")[2]:
        said += connection.recv(65536)
    return said


def asked(connection: socket.socket, head: str = "GET / HTTP/1.1", body: bytes = b"") -> str:
    """The answer to one request, after which the connection ends."""
    connection.sendall(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode() + body)
    return until_closed(connection).decode()


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01"], ids=["nothing", "part of a greeting"])
def test_connections_that_never_shake_hands_keep_nobody_waiting(secure: Server, sent: bytes) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(3 * WORKERS):
            held.enter_context(call(secure)).sendall(sent)
        with call_securely(secure) as good:
            assert asked(good).endswith("https GET 0")


def test_whoever_speaks_http_at_the_https_port_is_told_so_in_words(secure: Server) -> None:
    with call(secure) as plain:
        answer = asked(plain)
    assert answer.startswith("HTTP/1.1 400 ")
    assert "https://" in answer
    with call_securely(secure) as good:
        assert "200 OK" in asked(good)


def test_a_request_over_tls_may_come_in_pieces_and_be_followed_by_others(secure: Server) -> None:
    with call_securely(secure) as connection:
        for _ in range(2):
            for piece in (b"POST / HT", b"TP/1.1\r\nHost: x\r\nContent-Length: 4\r", b"\n\r\nab", b"cd"):
                connection.sendall(piece)
            assert one_answer(connection).endswith(b"https POST 4")


def test_several_requests_sent_at_once_are_all_answered(server: Server) -> None:
    with call(server) as connection:
        one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        connection.sendall(3 * one + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert until_closed(connection).decode().count("200 OK") == 4


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na",
        # A length told in a way that only cheroot understands: the worker finds that it would have to wait.
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 10\r\n\r\na",
    ],
    ids=["silent", "half a head", "half a body", "a folded length"],
)
def test_many_more_half_open_connections_than_threads_keep_nobody_waiting(server: Server, sent: bytes) -> None:
    server.large_bodies = threading.BoundedSemaphore(2)
    with contextlib.ExitStack() as held:
        for _ in range(4 * WORKERS):
            held.enter_context(call(server)).sendall(sent)
        for _ in range(3):
            with call(server) as good:
                assert "200 OK" in asked(good)


def test_a_head_that_is_not_there_in_time_ends_the_connection_however_often_a_byte_comes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.timeout = 1  # instead of ten seconds
    with call(server) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        until(lambda: not still_takes(slow, b"a"))


def test_an_endless_head_is_refused_and_not_kept(server: Server) -> None:
    with call(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(64):
                connection.sendall(b"a" * 65536)
        assert b"200 OK" not in until_closed(connection)
    with call(server) as good:
        assert "200 OK" in asked(good)


def test_a_body_without_a_length_is_refused_in_words(server: Server) -> None:
    with call(server) as connection:
        answer = asked(connection, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", b"4\r\nabcd\r\n0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 411 ")
    assert "Content-Length" in answer


def test_a_large_body_is_received_and_one_too_many_at_a_time_is_sent_away(server: Server) -> None:
    server.large_bodies = threading.BoundedSemaphore(1)
    size = 200_000
    head = f"POST / HTTP/1.1\r\nContent-Length: {size}"
    with call(server) as first:
        first.sendall(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode() + b"a" * 100_000)
        until(lambda: not server.large_bodies._value)
        with call(server) as second:
            assert asked(second, head).startswith("HTTP/1.1 503 ")
        first.sendall(b"a" * 100_000)
        assert until_closed(first).decode().endswith(f"POST {size}")
    with call(server) as third:
        assert asked(third, head, b"b" * size).endswith(f"POST {size}")


def test_where_there_are_too_many_connections_the_oldest_silent_one_makes_room(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "OPEN", 10)
    with contextlib.ExitStack() as held:
        silent = [held.enter_context(call(server)) for _ in range(30)]
        with call(server) as good:
            assert "200 OK" in asked(good)
        assert until_closed(silent[0]) == b""
        until(lambda: server._open <= 12)


def still_takes(connection: socket.socket, piece: bytes) -> bool:
    try:
        connection.sendall(piece)
    except ConnectionError:
        return False
    return True


def until(comes: Any) -> None:
    for _ in range(200):
        if comes():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come")
