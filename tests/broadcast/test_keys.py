"""The manifest signing keys: made once, kept to their owner, replaced in two steps."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcast.errors import Conflict, StorageError
from broadcast.keys import FILE, SigningKeys
from broadcast.wire import verify


def test_the_key_is_made_once_and_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    first = SigningKeys(tmp_path / "keys")
    again = SigningKeys(tmp_path / "keys")
    assert first.public_key == again.public_key
    assert verify(first.public_key, b"body", again.sign(b"body"))
    if os.name != "nt":
        assert (tmp_path / "keys" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_may_read_is_closed_again(tmp_path: Path) -> None:
    SigningKeys(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    SigningKeys(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_broken_key_file_is_told_and_not_replaced(tmp_path: Path) -> None:
    SigningKeys(tmp_path)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(StorageError, match="bản sao lưu"):
        SigningKeys(tmp_path)
    assert (tmp_path / FILE).read_text() == "{"


def test_the_next_key_is_named_first_and_used_after_the_rotation(tmp_path: Path, now: datetime) -> None:
    keys = SigningKeys(tmp_path)
    old = keys.public_key
    with pytest.raises(Conflict):
        keys.rotate(now)
    following = keys.prepare_next()
    assert keys.prepare_next() == following
    assert keys.signer({old}) == (old, following)
    keys.rotate(now)
    assert keys.signer({old, following}) == (following, None)


def test_a_station_that_missed_the_rotation_is_served_with_the_old_key_naming_the_new_one(
    tmp_path: Path, now: datetime
) -> None:
    keys = SigningKeys(tmp_path)
    old = keys.public_key
    new = keys.prepare_next()
    keys.rotate(now)
    assert keys.signer({old}) == (old, new)
    assert verify(old, b"body", keys.sign(b"body", old))
    assert keys.given_at(now - timedelta(days=1)) == old
    assert keys.given_at(now) == new


def test_a_rotation_by_another_process_is_taken_up(tmp_path: Path, now: datetime) -> None:
    serving, command = SigningKeys(tmp_path), SigningKeys(tmp_path)
    before = serving.version()
    command.prepare_next()
    assert serving.version() != before
    assert serving.next_public_key == command.next_public_key
    command.rotate(now)
    serving.version()
    assert serving.public_key == command.public_key
