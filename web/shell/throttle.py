"""How often something secret may be guessed wrong: a code, a password. Kept in memory: a restart forgives."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from broadcast.errors import TooMany

WITHIN = timedelta(minutes=10)
_REMEMBERED = 10_000  # keys at most; the longest quiet is forgotten first


class Throttle:
    """Counts an attempt as failed until it is forgiven, so that many at once count too.

    `told` is what one reads after `failures` of them within ten minutes; `{minutes}` in it is how long to wait.
    """

    def __init__(self, failures: int, told: str) -> None:
        self._most = failures
        self._told = told
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, key: str, now: datetime) -> None:
        """Counts one. Raises TooMany where it is one too many."""
        with self._lock:
            failed = self._failed.setdefault(key, deque())
            self._failed.move_to_end(key)
            while failed and now - failed[0] >= WITHIN:
                failed.popleft()
            if len(failed) >= self._most:
                left_s = max(1, math.ceil((failed[0] + WITHIN - now).total_seconds()))
                raise TooMany(self._told.format(minutes=math.ceil(left_s / 60)), retry_after_s=left_s)
            failed.append(now)
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)

    def forgive(self, key: str, now: datetime) -> None:
        """The attempt of `now` did not fail."""
        with self._lock:
            failed = self._failed.get(key)
            if failed and now in failed:
                failed.remove(now)


def place(address: str | None) -> str:
    """Where somebody is, as far as guessing goes: an IPv6 network of one household counts as one address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
