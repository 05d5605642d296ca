"""Pauses after a failure: growing, with chance in them, so that a province's stations do not return in one second."""

from __future__ import annotations

import random

from station.server import ServerError

UNKNOWN_HERE_S = 300.0
"""How long a station that its server no longer knows leaves it in peace."""

_FIRST_S = 1.0
_MOST_S = 30.0


def spread(value: float) -> float:
    """`value`, up to 40 % less or more of it."""
    return value * random.uniform(0.6, 1.4)  # noqa: S311 - spreads load, guards nothing


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
        if isinstance(error, ServerError):
            if error.status == 401:
                pause_s = UNKNOWN_HERE_S
            elif error.retry_after_s is not None:
                pause_s = min(max(pause_s, error.retry_after_s), UNKNOWN_HERE_S)
        return spread(pause_s)
