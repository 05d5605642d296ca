"""One file of the voice collection, fetched in a process that can be killed at its deadline, or when nobody wants it.

Request: JSON `{address, path, bytes, md5, largest}`; `bytes` and `md5` are null where they are not known (the index).
What is at `path` already is the beginning of the file and is not fetched again. Progress: JSON `[done, total]`.
The result is empty: the file at `path` is whole and has its digest. Raises VoiceError and StorageError.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx

from audio.child import Tell, serve
from audio.store import storage_errors
from broadcast.addresses import is_safe
from broadcast.errors import NotFound, VoiceError

_MOST_REDIRECTS = 5
_PIECE = 64 * 1024
_TIMEOUT_S = 30.0  # between two bytes; slower trickles end when the parent hears of no progress


def fetch(address: str, path: Path, size: int | None, md5: str | None, largest: int, tell: Tell) -> None:
    """See above. A resumed file whose digest does not fit is fetched once more from its first byte."""
    resumed = _begin(path, size)
    with httpx.Client(timeout=_TIMEOUT_S, headers={"Accept-Encoding": "identity"}) as client:
        _load(client, address, path, size, largest, tell)
        if md5 is not None and _md5(path) != md5:
            path.unlink()
            if not resumed:
                raise VoiceError("Tệp tải về không đúng mã kiểm của bộ sưu tập giọng, đã bỏ đi.")
            _load(client, address, path, size, largest, tell)
            if _md5(path) != md5:
                path.unlink()
                raise VoiceError("Tệp tải về không đúng mã kiểm của bộ sưu tập giọng, đã bỏ đi.")


def _begin(path: Path, size: int | None) -> bool:
    """Whether there is a beginning to go on from; what is none is removed."""
    have = path.stat().st_size if path.exists() else 0
    if have and (size is None or have > size):
        path.unlink()
        have = 0
    return have > 0


def _load(client: httpx.Client, address: str, path: Path, size: int | None, largest: int, tell: Tell) -> None:
    have = path.stat().st_size if path.exists() else 0
    if size is not None and have == size:
        return
    with _answered(client, address, have) as answer:
        if have and answer.status_code == 206 and _starts_at(answer) == have:
            mode = "ab"
        elif answer.status_code == 200:
            mode, have = "wb", 0
        elif answer.status_code == 404:
            raise NotFound("Bộ sưu tập giọng không có tệp này.")
        else:
            if answer.status_code in (206, 416):  # what is here is no beginning of what is there
                path.unlink(missing_ok=True)
            raise VoiceError(f"Bộ sưu tập giọng trả lời mã {answer.status_code}. Hãy thử lại sau.")
        most = size if size is not None else largest
        with path.open(mode) as out:
            tell(json.dumps([have, size]).encode())
            told = have
            for piece in answer.iter_raw(_PIECE):
                have += len(piece)
                if have > most:
                    out.truncate(0)
                    raise VoiceError("Bộ sưu tập giọng gửi nhiều hơn kích thước đã nói, đã dừng.")
                out.write(piece)
                if have - told >= _PIECE or have == size:
                    told = have
                    tell(json.dumps([have, size]).encode())
    if size is not None and have < size:
        raise VoiceError("Tệp tải về bị ngắt giữa chừng. Cài lại để tải tiếp từ chỗ đã có.")


@contextlib.contextmanager
def _answered(client: httpx.Client, address: str, have: int) -> Iterator[httpx.Response]:
    """The answer behind all redirects, each of them over verified TLS."""
    headers = {"Range": f"bytes={have}-"} if have else {}
    start = address
    for _ in range(_MOST_REDIRECTS + 1):
        if not is_safe(address, start=start):
            raise VoiceError("Bộ sưu tập giọng dẫn sang một địa chỉ không an toàn, đã từ chối.")
        with client.stream("GET", address, headers=headers) as answer:
            if not answer.has_redirect_location:
                yield answer
                return
            address = str(answer.url.join(answer.headers["Location"]))
    raise VoiceError("Bộ sưu tập giọng dẫn đi lòng vòng, đã dừng.")


def _starts_at(answer: httpx.Response) -> int | None:
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _md5(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _answer(request: bytes, tell: Tell) -> bytes:
    asked = json.loads(request)
    path = Path(asked["path"])
    try:
        with storage_errors(path.parent):
            fetch(asked["address"], path, asked["bytes"], asked["md5"], asked["largest"], tell)
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        if "CERTIFICATE_VERIFY_FAILED" in str(failed):
            raise VoiceError("Chứng chỉ của bộ sưu tập giọng không hợp lệ, đã từ chối.") from failed
        raise VoiceError("Không kết nối được bộ sưu tập giọng, hoặc kết nối bị ngắt. Cài lại để tải tiếp.") from failed
    return b""


if __name__ == "__main__":
    serve(_answer)
