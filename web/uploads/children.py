"""How many processes look into what people bring: each takes a core and the memory of a decoder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from broadcast.errors import Busy

AT_A_TIME = 2
_WAIT_S = 3.0
_places = threading.BoundedSemaphore(AT_A_TIME)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Inside, this request may have a child. Raises Busy where others take too long with theirs."""
    if not _places.acquire(timeout=_WAIT_S):
        raise Busy("Nhiều tệp âm thanh đang được xử lý cùng lúc. Hãy đợi một lát rồi gửi lại.")
    try:
        yield
    finally:
        _places.release()
