"""Argon2id: what is kept of a password, and whether one fits. Slow and large on purpose, so only few at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from broadcast.errors import Busy

AT_ONCE = 2  # cores of the machine that we promise to run on
WAITING = 24  # each holds a thread of the server for a while
LONGEST_WAIT_S = 5

# OWASP's least for Argon2id: 19 MiB, twice over. A crowd at the door costs what AT_ONCE of them cost.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_working = threading.Semaphore(AT_ONCE)
_admitted = threading.Semaphore(AT_ONCE + WAITING)


def hashed(password: str) -> str:
    """What is kept instead of the password. Raises Busy where too many ask at once, as the others here do."""
    with _turn():
        return _hasher.hash(password)


def fits(password: str, kept: str) -> bool:
    with _turn():
        try:
            return _hasher.verify(kept, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def spend_the_time_of_a_check() -> None:
    """So that the answer for an unknown login takes as long as for a known one."""
    hashed("một mật khẩu không ai có")


@contextmanager
def _turn() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise _busy()
    try:
        if not _working.acquire(timeout=LONGEST_WAIT_S):
            raise _busy()
        try:
            yield
        finally:
            _working.release()
    finally:
        _admitted.release()


def _busy() -> Busy:
    return Busy("Máy chủ đang kiểm tra nhiều mật khẩu cùng lúc. Hãy đợi vài giây rồi thử lại.")
