"""The HTTP server: cheroot, with a reception that nobody can hold up.

cheroot hands each new connection to a worker thread, which then waits for what the other side sends; a few hundred
silent ones take all threads. Here the handshake, the head of a request and a small body are received without waiting
by the one thread that watches all connections, and a worker begins only with a request that is there as a whole.
Silence costs a file descriptor for `HEAD_S` seconds and nothing else. Large bodies do hold a worker: few at a time, and
not slowly.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import selectors
import socket
import ssl
import threading
import time
from collections import Counter
from typing import Any

from cheroot.errors import FatalSSLAlert
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server as WsgiServer

log = logging.getLogger(__name__)

THREADS = 256  # up to 200 of them hold a station's waiting request; the rest answer people
QUEUE = 512
HEAD_S = 10
"""From the connection, or the first byte of a further request, to the whole head and a small body; idle ones too."""
HEAD_BYTES = 64 * 1024
SMALL_BODY_BYTES = 64 * 1024  # forms, status reports, most batches of a log
LARGEST_BODY_BYTES = 256 * 1024 * 1024  # a recording is the largest that anybody takes; more is not received
LARGE_BODIES = 32  # received at a time, each by a worker
SILENCE_S = 30  # between two pieces of a body or of an answer
SLOWEST_BYTES_S = 8 * 1024  # of a large body, after the first half minute
OPEN = 768
"""Connections at a time; beyond, the oldest silent one of the address that has most of them makes room."""

_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?(?=\n)", re.IGNORECASE)
_STREAMED = re.compile(rb"\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)
_END = re.compile(rb"\r?\n\r?\n")


def _said(status: str, sentence: str) -> bytes:
    body = sentence.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Retry-After: 10\r\nConnection: close\r\n\r\n".encode() + body


_BUSY = _said("503 Service Unavailable", "Máy chủ đang nhận nhiều nội dung lớn cùng lúc. Hãy thử lại sau ít phút.")
_NO_LENGTH = _said("411 Length Required", "Nội dung gửi lên phải cho biết độ dài (Content-Length).")
_TOO_LARGE = _said("413 Content Too Large", "Nội dung gửi lên quá lớn: tệp lớn nhất máy chủ này nhận là 200 MB.")
_NOT_TLS = _said("400 Bad Request", "Máy chủ này chỉ nhận kết nối https: hãy gõ https:// ở đầu địa chỉ.")


class Inlet:
    """What a connection has sent, as the file that cheroot reads. In a worker it waits for more, at a pace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.received = bytearray()
        self.closed = False
        self.bytes_read = 0
        self._began = 0.0
        self._waited_for = 0

    def begin(self) -> None:
        """A worker reads from now on."""
        self._began, self._waited_for = time.monotonic(), 0

    def has_data(self) -> bool:
        connection = self._connection
        pending = getattr(connection.socket, "pending", None)
        return bool(self.received) or bool(pending is not None and not connection.is_shaking_hands and pending())

    def read(self, size: int | None = None) -> bytes:
        wanted = -1 if size is None else size
        while (wanted < 0 or len(self.received) < wanted) and self._receive():
            pass
        return self._take(len(self.received) if wanted < 0 else wanted)

    def readline(self, size: int | None = None) -> bytes:
        most, looked = HEAD_BYTES if size is None or size < 0 else size, 0
        while (end := self.received.find(b"\n", looked) + 1) == 0:
            looked = end = len(self.received)
            if looked >= most or not self._receive():
                break
        return self._take(min(end, most))

    def close(self) -> None:
        self.closed = True
        self.received.clear()

    def _take(self, size: int) -> bytes:
        taken = bytes(self.received[:size])
        del self.received[:size]
        self.bytes_read += len(taken)
        return taken

    def _receive(self) -> bool:
        """Waits for a piece. False at the end of what is sent; TimeoutError for who sends too slowly."""
        left = self._began + SILENCE_S + self._waited_for / SLOWEST_BYTES_S - time.monotonic()
        if left <= 0 or not self._connection.may_send_much():
            raise TimeoutError("timed out")
        self._connection.socket.settimeout(min(left, SILENCE_S))
        try:
            piece = self._connection.socket.recv(64 * 1024)
        finally:
            self._connection.socket.settimeout(SILENCE_S)
        self._waited_for += len(piece)
        self.received += piece
        return bool(piece)


class Request(HTTPRequest):
    """A body without its length is refused: nothing of ours sends one, and what follows could not be told from it."""

    def read_request_headers(self) -> bool:
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        if self.chunked_read:
            self.close_connection = True
            self.conn.wfile.write(_NO_LENGTH)
            return False
        return True

    def simple_response(self, status: str, msg: str = "") -> None:
        if str(status).startswith("413"):
            self.close_connection = True
            self.conn.wfile.write(_TOO_LARGE)
            return
        super().simple_response(status, msg)

    def send_headers(self) -> None:
        # cheroot reads what is left of a body in one piece of any size.
        while not self.close_connection and (left := getattr(self.rfile, "remaining", 0)) > 0:
            if not self.rfile.read(min(left, 64 * 1024)):
                self.close_connection = True
        super().send_headers()


class Connection(HTTPConnection):
    RequestHandlerClass = Request
    server: Server
    socket: Any
    wfile: Any

    def __init__(self, server: Server, sock: Any, makefile: Any) -> None:
        super().__init__(server, sock, makefile)
        self.rfile.close()
        self.rfile: Inlet = Inlet(self)
        self.last_used = time.time()
        self.is_shaking_hands = isinstance(sock, ssl.SSLSocket)
        self._looked = 0
        self._has_much = False
        self._permitted = False
        self._is_open = True
        self.is_leaving = False
        self.requests_begun = 0
        server.count(1)

    # ---- without waiting

    def advance(self) -> int | None:
        """Takes what has come. Returns what to wait for (selectors.EVENT_…), 0 for a whole request, None at an end."""
        try:
            self.socket.setblocking(False)
            if self.is_shaking_hands:
                self.socket.do_handshake()
                self.is_shaking_hands = False
                self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
            return self._listen()
        except (BlockingIOError, ssl.SSLWantReadError):
            return selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            return selectors.EVENT_WRITE
        except ssl.SSLError as error:
            if self.is_shaking_hands and "http request" in str(error).lower():
                self._answer_without_tls()
            log.debug("%s: %s", self.remote_addr, error)
        except (OSError, ValueError) as error:
            log.debug("%s: %s", self.remote_addr, error)
        return None

    def _listen(self) -> int | None:
        inlet = self.rfile
        while not self._is_whole():
            was_idle = not inlet.received
            piece = self.socket.recv(64 * 1024)
            if not piece:
                return None
            if was_idle and self.requests_begun:
                self.last_used = time.time()
            inlet.received += piece
        self._looked = 0
        return 0

    def _is_whole(self) -> bool:
        """Whether a worker has nothing to wait for, or is to refuse it."""
        received = self.rfile.received
        end = _END.search(received, max(0, self._looked - 3))
        self._looked = len(received)
        if end is None:
            return len(received) > HEAD_BYTES
        self._looked = end.start()
        head = bytes(received[: end.end()])
        lengths = _LENGTH.findall(head)
        length = max(map(int, lengths), default=0)
        self._has_much = length > SMALL_BODY_BYTES or _STREAMED.search(head) is not None
        return self._has_much or len(received) >= end.end() + length

    def _answer_without_tls(self) -> None:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.socket.fileno())) as bare:
            bare.setblocking(False)
            bare.send(_NOT_TLS)
            bare.shutdown(socket.SHUT_WR)
            bare.recv(HEAD_BYTES)  # what is left unread would turn the end into a reset, which loses the answer

    # ---- in a worker

    def communicate(self) -> bool:
        self.socket.settimeout(SILENCE_S)
        self.requests_begun += 1
        self.rfile.begin()
        try:
            if self._has_much and not self.may_send_much():
                self.wfile.write(_BUSY)
                return False
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        finally:
            if self._permitted:
                self._permitted = False
                self.server.large_bodies.release()

    def may_send_much(self) -> bool:
        """One of the few places of those who make a worker wait, held until the request is answered."""
        if not self._permitted:
            self._permitted = self.server.large_bodies.acquire(blocking=False)
        return self._permitted

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self.server.count(-1)
            super().close()
            # Else the descriptor stays until the garbage is collected: cheroot's connections are rings.
            self.wfile.raw.close()

    def leave(self) -> None:
        """Ends what it waits for: the watching thread sees the end and closes it, as it does with every other."""
        self.is_leaving = True
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class Adapter(BuiltinSSLAdapter):
    """TLS whose handshake is left to `Connection.advance`: cheroot's own stops the server for whoever is silent."""

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        try:
            return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}
        except OSError as error:  # the other side has gone already
            raise FatalSSLAlert(*error.args) from error


class Server(WsgiServer):
    """`application` on `address`. `prepare()` binds, `serve()` runs until `stop()`."""

    ConnectionClass = Connection
    keep_alive_conn_limit: Any = None  # `OPEN` bounds them
    _connections: Any

    def __init__(self, address: tuple[str, int], application: Any, *, threads: int = THREADS) -> None:
        super().__init__(
            address,
            application,
            numthreads=threads,
            max=threads,
            request_queue_size=QUEUE,
            timeout=HEAD_S,
            shutdown_timeout=2,
            server_name="broadcast",
        )
        self.max_request_header_size = HEAD_BYTES
        self.max_request_body_size = LARGEST_BODY_BYTES
        self.large_bodies = threading.BoundedSemaphore(LARGE_BODIES)
        self._open = 0
        self._counting = threading.Lock()

    def count(self, more: int) -> None:
        with self._counting:
            self._open += more

    def process_conn(self, conn: Connection) -> None:
        """A worker gets it as soon as there is a whole request."""
        event = None if self._open > OPEN and not self._make_room() and not conn.requests_begun else conn.advance()
        if event is None:
            conn.close()
        elif event:
            self._watched.register(conn.socket.fileno(), event, data=conn)
        else:
            self.requests.put(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        # What anybody can make it say by coming and going is not worth a line each.
        log.log(logging.DEBUG if level <= logging.INFO else level, "%s", msg, exc_info=traceback)

    @property
    def _watched(self) -> Any:
        return self._connections._selector

    def _make_room(self) -> bool:
        silent = [one for _, one in self._watched.connections if one is not self and not one.is_leaving]
        if not silent:
            return False
        most, _ = Counter(one.remote_addr for one in silent).most_common(1)[0]
        min((one for one in silent if one.remote_addr == most), key=lambda one: float(one.last_used)).leave()
        return True


def more_connections() -> None:
    """Lifts the number of open files where the system lets us: each connection is one, and 1,024 is the usual end."""
    try:
        import resource
    except ImportError:  # Windows counts sockets apart
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
