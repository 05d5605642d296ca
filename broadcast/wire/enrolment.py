"""Enrolling: the two bodies of the call, and the one-use code that a person types."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from broadcast.wire.fields import Code, Key, Millis, Name, Shape
from broadcast.wire.texts import WireError

_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: read aloud over the telephone
_CODE = re.compile(rf"[{_CODE_ALPHABET}]{{12}}")
_FINGERPRINT = re.compile(r"[A-Z2-7]{52}")


class EnrolRequest(Shape):
    """`code` is what `station add` printed, up to its dot; `public_key` the station's Ed25519 key."""

    code: Code
    public_key: Key


class EnrolAnswer(Shape):
    """`station` is the station's code, `manifest_key` the server's Ed25519 public key."""

    enrolment: UUID
    station: Code
    name: Name
    token: Annotated[str, Field(min_length=16, max_length=500, pattern=r"^[!-~]+$")]
    manifest_key: Key
    server_time_ms: Millis


def fingerprint(certificate_der: bytes) -> str:
    """SHA-256 of a certificate in DER, as 52 characters of upper-case base32 without padding."""
    return base64.b32encode(hashlib.sha256(certificate_der).digest()).decode().rstrip("=")


def make_code(certificate_fingerprint: str | None = None) -> str:
    """A new random enrolment code, `XXXX-XXXX-XXXX` (60 bits); `.FINGERPRINT` follows where there is one."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(12))
    code = "-".join(_groups(letters))
    return f"{code}.{certificate_fingerprint}" if certificate_fingerprint else code


def split_code(text: str) -> tuple[str, str | None]:
    """What a person typed, as (code in its one spelling, fingerprint or None).

    Case, blanks and hyphens do not matter; O is read as 0, I and L as 1. The code goes to the server, the
    fingerprint stays here. Raises WireError for anything else.
    """
    code, dot, pin = "".join(text.split()).upper().partition(".")
    letters = code.replace("-", "").translate(str.maketrans("OIL", "011"))
    if not _CODE.fullmatch(letters) or (dot and not _FINGERPRINT.fullmatch(pin)):
        raise WireError(
            "Mã ghi danh không đúng dạng XXXX-XXXX-XXXX; hãy chép lại nguyên văn mã mà máy chủ đã cấp.",
            field="code",
        )
    return "-".join(_groups(letters)), pin or None


def _groups(letters: str) -> Sequence[str]:
    return [letters[start : start + 4] for start in range(0, 12, 4)]
