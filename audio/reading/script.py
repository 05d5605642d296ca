"""What is no script at all: empty, too long, another language, an old encoding, a file of bytes."""

from __future__ import annotations

import re
import unicodedata

from audio.reading.clean import clean
from audio.reading.syllables import is_syllable
from broadcast.errors import Invalid, TooLarge

LONGEST_SCRIPT = 60_000
"""Characters: about an hour of speech. More is a file put into the wrong field."""

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 2_000
_STRAY_CONTROLS = 3
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def refuse_unreadable(script: str) -> None:
    """Raise `Invalid` or `TooLarge`, with what would be right, where `script` cannot be a Vietnamese bulletin."""
    if not script.strip():
        raise Invalid("Nội dung bản tin đang để trống. Hãy nhập nội dung cần đọc.", field="script")
    if len(script) > LONGEST_SCRIPT:
        length, limit = (f"{number:,}".replace(",", ".") for number in (len(script), LONGEST_SCRIPT))
        raise TooLarge(
            f"Nội dung bản tin dài {length} ký tự, vượt quá giới hạn {limit} ký tự. Hãy chia thành nhiều bản tin.",
            field="script",
        )
    controls = len(_CONTROL.findall(script))
    if controls > _STRAY_CONTROLS and controls * 50 > len(script):
        raise Invalid(
            "Nội dung này không phải văn bản mà giống dữ liệu của một tệp khác. Hãy mở tệp bằng chương trình "
            "soạn thảo rồi sao chép phần chữ.",
            field="script",
        )
    tidy = clean(script)
    if tidy.old:
        raise Invalid(
            f"Nội dung gõ bằng bảng mã {tidy.old[0].encoding}, có lẽ là “{' '.join(tidy.text[:120].split())}…”. Hãy "
            "chuyển sang Unicode (ví dụ bằng công cụ chuyển mã của UniKey) rồi dán lại.",
            field="script",
        )
    _refuse_other_languages(tidy.text)


def _refuse_other_languages(text: str) -> None:
    words = [found[0] for found, _ in zip(_WORD.finditer(text), range(_SAMPLE), strict=False)]
    if not words:
        if any(char.isdecimal() for char in text):
            return
        raise Invalid("Nội dung chỉ có dấu câu hoặc ký hiệu, không có chữ nào để đọc.", field="script")
    foreign = [word for word in words if not _is_latin(word)]
    if len(foreign) * 2 > len(words):
        told = _scripts_of(foreign, shown=len(foreign) < len(words))
        lead = "Nội dung viết" if len(foreign) == len(words) else "Phần lớn nội dung viết"
        raise Invalid(f"{lead} bằng {told}, không phải tiếng Việt. Hệ thống chỉ đọc tiếng Việt.", field="script")
    long = [word for word in words if len(word) > 1]
    strange = sum(1 for word in long if not word.isupper() and not is_syllable(word))
    if len(long) >= 8 and strange * 2 > len(long):
        raise Invalid("Nội dung có vẻ không phải tiếng Việt. Hệ thống chỉ đọc tiếng Việt.", field="script")


def _is_latin(word: str) -> bool:
    return unicodedata.name(word[0], "").startswith("LATIN")


_SCRIPTS = (
    ("HIRAGANA", "chữ Nhật"),
    ("KATAKANA", "chữ Nhật"),
    ("CJK", "chữ Hán"),
    ("CYRILLIC", "chữ Nga"),
    ("HANGUL", "chữ Hàn"),
    ("ARABIC", "chữ Ả Rập"),
    ("THAI", "chữ Thái"),
    ("KHMER", "chữ Khmer"),
)


_UNKNOWN = "một thứ chữ khác"
_SHOWN = 12


def _scripts_of(foreign: list[str], *, shown: bool) -> str:
    """The scripts of these words, each by its name and, where `shown`, with the first word that is in it."""
    found: dict[str, str] = {}
    for word in foreign[:200]:
        found.setdefault(_script_of(word), word if len(word) <= _SHOWN else word[:_SHOWN] + "…")
    if len(found) > 1:
        found.pop(_UNKNOWN, None)
    named = [f"{name} (“{word}”)" if shown else name for name, word in found.items()]
    return " và ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)


def _script_of(word: str) -> str:
    """One name for a run of letters: Han beside kana is Japanese, alone it is Chinese."""
    names = {unicodedata.name(char, "").split(" ")[0].split("-")[0] for char in word}
    return next((name for mark, name in _SCRIPTS if mark in names), _UNKNOWN)
