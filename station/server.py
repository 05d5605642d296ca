"""The server as the station sees it: HTTPS requests with limits on time and size."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from broadcast.wire import PROGRAM_VERSION, Problem, first_problem
from station.address import checked_url, pinned_context
from station.cache import DownloadError, Unreachable, WrongPart

CONNECT_S = 10.0
READ_S = 20.0
ANSWER_MOST_BYTES = 64 * 1024 * 1024
"""No manifest and no answer is larger; a server that goes on sending is cut off."""

SLOWEST_BYTES_A_SECOND = 500
"""A download that is slower for its whole length is given up, and gone on with later."""

_KEEP_ALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), value)
    for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
    if hasattr(socket, name)
]
"""A held request is silent for minutes. Signs of life keep it in the memory of the routers on the way, and a dead line
is noticed within a minute: an emergency must not wait for the end of a request that nobody answers any more."""

Shape = TypeVar("Shape", bound=BaseModel)


class ServerError(Exception):
    """A request did not succeed. `status` is None where there was no whole answer; `retry_after_s` its own wish."""

    def __init__(self, line: str, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(line)
        self.status = status
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: httpx.Headers
    body: bytes


class Server:
    """One server. Every request has an end, whatever the network does."""

    def __init__(self, url: str, *, token: str | None = None, pin: str | None = None) -> None:
        headers = {"User-Agent": f"broadcast-station/{PROGRAM_VERSION}"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            base_url=checked_url(url),
            headers=headers,
            transport=httpx.HTTPTransport(
                verify=pinned_context(pin) if pin and url.startswith("https:") else True,
                # Stays open between two status reports: a fresh handshake would blur the measured time.
                limits=httpx.Limits(max_connections=8, keepalive_expiry=60),
                socket_options=_KEEP_ALIVE,
                trust_env=False,
            ),
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        headers: dict[str, str] | None = None,
        wait_s: int = 0,
    ) -> Answer:
        """Send a request and read the whole answer, 2xx or 304. Raises ServerError for everything else.

        `wait_s` is how long the server may hold it before it answers.
        """
        limit_s = time.monotonic() + wait_s + 3 * READ_S
        content = None if body is None else body.model_dump_json().encode()
        head = {"Content-Type": "application/json"} if content is not None else {}
        try:
            with self._client.stream(
                method,
                path,
                content=content,
                headers=head | (headers or {}),
                params={"wait": wait_s} if wait_s else None,
                timeout=httpx.Timeout(READ_S + wait_s, connect=CONNECT_S),
            ) as response:
                got = bytearray()
                for block in response.iter_bytes():
                    got += block
                    if len(got) > ANSWER_MOST_BYTES or time.monotonic() > limit_s:
                        raise ServerError("Câu trả lời của máy chủ quá dài hoặc quá chậm.")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise ServerError(_network_line(error)) from error
        answer = Answer(response.status_code, response.headers, bytes(got))
        if answer.status // 100 != 2 and answer.status != 304:
            raise _refusal(answer)
        return answer

    @contextlib.contextmanager
    def audio(self, sha256: str, offset: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Bytes of an audio file from `offset` where the server can, else from 0 (see `cache.Source`)."""
        head = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
        try:
            with self._client.stream("GET", f"/api/v1/audio/{sha256}", headers=head) as response:
                if response.status_code not in (200, 206):
                    raise _no_audio(response)
                begins = _range_start(response.headers) if response.status_code == 206 else 0
                if begins > offset:
                    raise WrongPart("Máy chủ gửi sai đoạn của tệp âm thanh.")
                yield begins, _not_too_slow(response.iter_raw())
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise Unreachable(_network_line(error)) from error


def parse(shape: type[Shape], answer: Answer) -> Shape:
    """The answer's body in its shape. Raises ServerError."""
    try:
        return shape.model_validate_json(answer.body)
    except ValidationError as error:
        line = f"Máy chủ trả lời không đúng khuôn dạng: {first_problem(error)}"
        raise ServerError(line, answer.status) from error


def _not_too_slow(blocks: Iterator[bytes]) -> Iterator[bytes]:
    began, total = time.monotonic(), 0
    for block in blocks:
        total += len(block)
        yield block
        if total < (time.monotonic() - began - 3 * READ_S) * SLOWEST_BYTES_A_SECOND:
            raise Unreachable("Đường truyền quá chậm; tạm dừng tải tệp âm thanh.")


def _no_audio(response: httpx.Response) -> DownloadError:
    """404 and the like are about this file, everything else about the server."""
    line = f"Máy chủ trả lời {response.status_code} khi tải tệp âm thanh."
    if response.status_code == 416:
        return WrongPart(line)
    if response.status_code in (404, 410):
        return DownloadError(line)
    return Unreachable(line, response.status_code, retry_after_s(response.headers))


def _range_start(headers: httpx.Headers) -> int:
    unit, _, span = headers.get("Content-Range", "").partition(" ")
    start = span.partition("-")[0]
    if unit != "bytes" or not start.isdigit():
        raise WrongPart("Máy chủ gửi sai đoạn của tệp âm thanh.")
    return int(start)


def _refusal(answer: Answer) -> ServerError:
    try:
        detail = Problem.model_validate_json(answer.body).detail
    except ValidationError:
        detail = ""
    return ServerError(detail or f"Máy chủ trả lời {answer.status}.", answer.status, retry_after_s(answer.headers))


def retry_after_s(headers: httpx.Headers) -> float | None:
    """The seconds of `Retry-After`, which proxies also give as a date; None where it is missing or cannot be read."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])
    try:
        until = parsedate_to_datetime(text)
        # Measured against the server's own date: the clock here may be wrong.
        return max(0.0, (until - parsedate_to_datetime(headers.get("Date", ""))).total_seconds())
    except (TypeError, ValueError):
        return None


def _network_line(error: Exception) -> str:
    if "pinned" in str(error):
        return "Chứng thư của máy chủ không phải chứng thư ghi trong mã ghi danh."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Không kiểm được chứng thư của máy chủ."
    if isinstance(error, httpx.TimeoutException):
        return "Máy chủ không trả lời kịp."
    if isinstance(error, httpx.ConnectError):
        return "Không nối được với máy chủ."
    return f"Đường truyền với máy chủ bị ngắt ({type(error).__name__})."
