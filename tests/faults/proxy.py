"""A line between a station and its server that a test can spoil: passes HTTP on, alters what it is told to alter."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Alter = Callable[[str, bytes], bytes | None]
"""Path and body of an answer → the body that arrives; None cuts the connection instead."""

_NOT_PASSED = {"connection", "content-length", "transfer-encoding", "keep-alive"}


class Line:
    """`url` is where the station is pointed; set `alter` at any time."""

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server).netloc
        self.alter: Alter = lambda _path, body: body
        self.asked: list[str] = []
        self.url = ""


def _handler(line: Line) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line.asked.append(f"{self.command} {self.path}")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED}
            connection = http.client.HTTPConnection(line.server, timeout=130)
            with contextlib.closing(connection):
                connection.request(self.command, self.path, body=body or None, headers=headers)
                answer = connection.getresponse()
                came = line.alter(self.path, answer.read())
                if came is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _NOT_PASSED:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(came)))
                self.end_headers()
                with contextlib.suppress(OSError):  # the station may have hung up meanwhile
                    self.wfile.write(came)

        do_GET = pass_on  # noqa: N815 -- the library's names
        do_POST = pass_on  # noqa: N815

    return Handler


@contextlib.contextmanager
def line_to(server: str) -> Iterator[Line]:
    """Listens on loopback until the block ends."""
    line = Line(server)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(line))
    listening.daemon_threads = True
    line.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join(timeout=10)
