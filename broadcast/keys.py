"""The keys that sign manifests: the one in use, the one to follow it, the one before it.

All three lie in one file under `DATA_DIR/keys/` (0600), so that a rotation is one rename. A rotation has two steps:
`prepare_next` makes the following key, which every manifest then names, signed by the one in use; `rotate` puts it in
use once stations had the time to hear of it. A station that did not is served with the key before, which names the new
one. Lost for good means that stations enrol again.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock, Timeout

from broadcast.clock import iso_millis, parse_instant
from broadcast.errors import Conflict, StorageError
from broadcast.wire import public_key_text, sign

log = logging.getLogger(__name__)

FILE = "manifest_keys.json"


@dataclass(frozen=True)
class _Kept:
    """What the file holds: private keys as they are signed with, and when the last rotation was."""

    current: Ed25519PrivateKey
    next: Ed25519PrivateKey | None = None
    previous: Ed25519PrivateKey | None = None
    rotated_at: datetime | None = None


class SigningKeys:
    """The manifest keys in `folder`, made the first time. Safe for several threads and processes.

    Raises StorageError where the file cannot be read, written or understood.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._stamp: tuple[int, int] = (0, 0)
        self._kept = self._open()

    @property
    def public_key(self) -> str:
        """Base64 of the public half of the key in use: what a station is told when it enrols."""
        return public_key_text(self._kept.current)

    @property
    def next_public_key(self) -> str | None:
        """The key that manifests name as the one to follow, during a rotation."""
        return public_key_text(self._kept.next) if self._kept.next else None

    @property
    def previous_public_key(self) -> str | None:
        """The key before the one in use, after a rotation."""
        return public_key_text(self._kept.previous) if self._kept.previous else None

    def given_at(self, enrolled_at: datetime) -> str:
        """The public key that a station was told when it enrolled at that instant."""
        kept = self._kept
        if kept.previous is not None and kept.rotated_at is not None and enrolled_at < kept.rotated_at:
            return public_key_text(kept.previous)
        return self.public_key

    def signer(self, known: Collection[str]) -> tuple[str, str | None]:
        """For a station that believes the keys `known`: the key to sign with, and the one to name as its follower."""
        previous = self.previous_public_key
        if previous is not None and previous in known and self.public_key not in known:
            return previous, self.public_key
        return self.public_key, self.next_public_key

    def sign(self, body: bytes, public_key: str | None = None) -> str:
        """The signature over `body` by the key in use, or by that of the held keys which `public_key` names."""
        kept = self._kept
        for key in (kept.current, kept.previous):
            if key is not None and public_key in (None, public_key_text(key)):
                return sign(key, body)
        raise StorageError("Khoá ký chương trình được yêu cầu không còn ở máy chủ.")

    def prepare_next(self) -> str:
        """Makes the key that is to follow and returns its public half; one that is there already stays."""
        with self._locked():
            self._kept = self._read()
            if self._kept.next is None:
                self._write(replace(self._kept, next=Ed25519PrivateKey.generate()))
        return public_key_text(self._kept.next or self._kept.current)

    def rotate(self, now: datetime) -> str:
        """Puts the prepared key in use. Raises Conflict where none was prepared."""
        with self._locked():
            self._kept = kept = self._read()
            if kept.next is None:
                raise Conflict("Chưa có khoá kế tiếp: hãy chuẩn bị khoá mới và chờ các trạm nhận được chương trình.")
            self._write(_Kept(current=kept.next, previous=kept.current, rotated_at=now))
        return self.public_key

    def version(self) -> tuple[int, int]:
        """Changes when the file does; a rotation by another process is taken up here."""
        try:
            stamp = _stamp(self._path)
        except OSError as error:
            raise StorageError(f"Không đọc được khoá ký chương trình {self._path}: {error.strerror}") from error
        if stamp != self._stamp:
            self._kept = self._read()
        return self._stamp

    def _open(self) -> _Kept:
        if not self._path.exists():
            with self._locked():
                if not self._path.exists():
                    self._write(_Kept(Ed25519PrivateKey.generate()))
        return self._read()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._path.with_suffix(".lock"), timeout=10):
                yield
        except (OSError, Timeout) as error:
            raise StorageError(f"Không ghi được khoá vào {self._path.parent}: {error}") from error

    def _read(self) -> _Kept:
        try:
            stamp = _stamp(self._path)
            fields = json.loads(self._path.read_bytes())
            current = _private(fields["current"])
            assert current is not None
            kept = _Kept(
                current,
                _private(fields["next"]),
                _private(fields["previous"]),
                parse_instant(fields["rotated_at"]) if fields["rotated_at"] else None,
            )
        except OSError as error:
            raise StorageError(f"Không đọc được khoá ký chương trình {self._path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AssertionError, binascii.Error) as error:
            raise StorageError(
                f"Tệp khoá {self._path} bị hỏng: hãy khôi phục từ bản sao lưu; nếu mất hẳn, các trạm phải ghi danh lại."
            ) from error
        if os.name != "nt" and self._path.stat().st_mode & 0o077:
            log.warning("Tệp khoá %s để người khác đọc được; đã thu lại quyền.", self._path)
            self._path.chmod(0o600)
        self._stamp = stamp
        return kept

    def _write(self, kept: _Kept) -> None:
        text = json.dumps(
            {
                "current": _text(kept.current),
                "next": _text(kept.next),
                "previous": _text(kept.previous),
                "rotated_at": iso_millis(kept.rotated_at) if kept.rotated_at else None,
            }
        )
        unfinished = self._path.with_name(f".{FILE}.{secrets.token_hex(6)}")
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise StorageError(f"Không ghi được khoá vào {self._path.parent}: {error.strerror}") from error
        self._stamp = _stamp(self._path)
        self._kept = kept


def _stamp(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_mtime_ns, told.st_ino


def _text(key: Ed25519PrivateKey | None) -> str | None:
    return base64.b64encode(key.private_bytes_raw()).decode() if key else None


def _private(text: str | None) -> Ed25519PrivateKey | None:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True)) if text else None
