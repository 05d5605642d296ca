"""What a file is, by its first bytes: told at once, before anything is made of it.

Only whether it may be sound at all: whether it can be decoded, how long it is and how loud is found out by the child
that makes the sound (`audio.recording`).
"""

from __future__ import annotations

import codecs

from audio.recording import kind_of
from broadcast.errors import Invalid
from broadcast.signs import is_hidden

KINDS = "WAV, MP3, M4A, OGG hay FLAC"

_PICTURE = "là ảnh, không phải âm thanh"
_FILM = "là phim (video); cần xuất riêng phần âm thanh"
_PACKED = "là tệp nén hoặc tài liệu, không phải âm thanh"
_TEXT = "là văn bản, không phải âm thanh"
_BEGINNINGS = {
    b"\xff\xd8\xff": "là ảnh (JPEG), không phải âm thanh",
    b"\x89PNG": "là ảnh (PNG), không phải âm thanh",
    b"GIF8": _PICTURE,
    b"BM": _PICTURE,
    b"\x1aE\xdf\xa3": _FILM,
    b"\x00\x00\x01\xba": _FILM,
    b"%PDF": "là văn bản (PDF), không phải âm thanh",
    b"PK\x03\x04": _PACKED,
    b"Rar!": _PACKED,
    b"7z\xbc\xaf": _PACKED,
    b"\x1f\x8b": _PACKED,
}
# What RIFF and MP4 files say that they hold. Sound in MP4 is M4A, or a brand that says nothing, as telephones write it.
_HELD = {
    b"WEBP": _PICTURE,
    b"AVI ": _FILM,
    b"heic": _PICTURE,
    b"heix": _PICTURE,
    b"mif1": _PICTURE,
    b"avif": _PICTURE,
    b"qt  ": _FILM,
    b"avc1": _FILM,
    b"M4V ": _FILM,
    b"M4VH": _FILM,
    b"M4VP": _FILM,
}


def shown_name(filename: str) -> str:
    """How the person's machine called the file, for people: without folders and signs that nobody sees."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if not is_hidden(sign)).strip()[:200] or "không tên"


def refuse_no_sound(name: str, head: bytes, size: int) -> None:
    """Raises Invalid at the field `file` with what it is instead. `head` is its first bytes, `name` is for people."""
    if size == 0:
        told = f"Tệp “{name}” rỗng (0 byte). Hãy kiểm tra lại tệp trên máy rồi chọn lần nữa."
        raise Invalid(told, field="file")
    instead = _instead_of_sound(head)
    if instead is not None:
        raise Invalid(f"Tệp “{name}” {instead}. Hãy chọn tệp {KINDS}.", field="file")


def _instead_of_sound(head: bytes) -> str | None:
    for beginning, what in _BEGINNINGS.items():
        if head.startswith(beginning):
            return what
    if (head.startswith(b"RIFF") or head[4:8] == b"ftyp") and (held := _HELD.get(head[8:12])):
        return held
    if kind_of(head) is not None:
        return None
    return _TEXT if _is_text(head) else "không phải âm thanh"


def _is_text(head: bytes) -> bool:
    """No control signs, and UTF-8 but for a sign that the end of `head` cuts."""
    if any(byte < 32 and byte not in b"\t\r\n\f" for byte in head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
