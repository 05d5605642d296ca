"""Pauses after a failure: growing, with chance in them, so that a province's stations do not return in one second."""

from __future__ import annotations

import random

from station.cache import Unreachable
from station.server import ServerError

UNKNOWN_HERE_S = 300.0
"""How long a station that its server no longer knows leaves it in peace."""

_FIRST_S = 1.0
_MOST_S = 30.0


def spread(value: float) -> float:
    """`value`, up to 40 % less or more of it."""
    return value * random.uniform(0.6, 1.4)  # noqa: S311 - spreads load, guards nothing


def not_before(wish_s: float) -> float:
    """Seconds to wait where the server named `wish_s`: never less, up to 30 % more, and no hostage to a wrong one."""
    return min(wish_s, UNKNOWN_HERE_S) * random.uniform(1.0, 1.3)  # noqa: S311


class Backoff:
    """The pauses of one thread."""

    def __init__(self) -> None:
        self._pause_s = _FIRST_S

    def succeeded(self) -> None:
        """Begin from the shortest pause again."""
        self._pause_s = _FIRST_S

    def after(self, error: Exception) -> float:
        """Seconds until the next try."""
        pause_s = self._pause_s
        self._pause_s = min(self._pause_s * 2, _MOST_S)
        status, wish_s = _asked_for(error)
        if status == 401:
            return spread(UNKNOWN_HERE_S)
        if wish_s is not None and wish_s >= pause_s:
            return not_before(wish_s)
        return spread(pause_s)


def _asked_for(error: Exception) -> tuple[int | None, float | None]:
    """Status and `Retry-After` of an answer that was a failure."""
    if isinstance(error, ServerError | Unreachable):
        return error.status, error.retry_after_s
    return None, None
