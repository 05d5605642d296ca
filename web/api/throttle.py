"""How often one address may come with a wrong enrolment code. Kept in memory: a restart forgives."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from web.api.problems import Throttled

FAILURES = 10
WITHIN = timedelta(minutes=10)
_ADDRESSES = 10_000  # remembered at most; the longest quiet is forgotten first


class Throttle:
    """Counts an attempt as failed until it is forgiven, so that many at once count too."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, address: str, now: datetime) -> None:
        """Counts one. Raises Throttled after ten failures in ten minutes."""
        with self._lock:
            failed = self._failed.setdefault(address, deque())
            self._failed.move_to_end(address)
            while failed and now - failed[0] >= WITHIN:
                failed.popleft()
            if len(failed) >= FAILURES:
                left = failed[0] + WITHIN - now
                raise Throttled(
                    "Đã nhập sai mã ghi danh quá nhiều lần từ địa chỉ này; hãy đợi rồi thử lại.",
                    max(1, math.ceil(left.total_seconds())),
                )
            failed.append(now)
            while len(self._failed) > _ADDRESSES:
                self._failed.popitem(last=False)

    def forgive(self, address: str, now: datetime) -> None:
        """The attempt of `now` did not fail."""
        with self._lock:
            failed = self._failed.get(address)
            if failed and now in failed:
                failed.remove(now)
