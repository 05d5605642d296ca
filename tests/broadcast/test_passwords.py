"""Few at a time, and a crowd is told so instead of waiting for ever."""

from __future__ import annotations

import pytest

from broadcast import passwords
from broadcast.errors import Busy


def test_what_is_kept_fits_its_password_and_no_other() -> None:
    kept = passwords.hashed("một câu để thử")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits("một câu để thử", kept)
    assert not passwords.fits("một câu khác", kept)
    assert not passwords.fits("một câu để thử", "khong-phai-bam")


def test_who_would_wait_too_long_or_in_too_long_a_queue_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 0.01)
    taken = [passwords._working.acquire(blocking=False) for _ in range(passwords.AT_ONCE)]
    try:
        assert all(taken)
        with pytest.raises(Busy):
            passwords.hashed("một câu để thử")
    finally:
        for _ in taken:
            passwords._working.release()
    admitted = 0
    while passwords._admitted.acquire(blocking=False):
        admitted += 1
    try:
        assert admitted == passwords.AT_ONCE + passwords.WAITING
        with pytest.raises(Busy):
            passwords.hashed("một câu để thử")
    finally:
        for _ in range(admitted):
            passwords._admitted.release()
    assert passwords.hashed("một câu để thử")
