"""A reading as staff typed it becomes an entry of the lexicon: tidied, sayable, and known to take effect."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audio.reading import Lexicon, read_aloud
from audio.reading.clean import clean
from audio.reading.lexicon import sayable
from audio.reading.syllables import is_syllable
from broadcast.errors import Invalid
from broadcast.lexicon_entry import LONGEST_SPOKEN, LONGEST_WRITTEN, Kind

_WORD = re.compile(r"[^\W\d_]+")
_PROBE = "tím thử tím"
"""Nothing is read so by any rule: where it is said, the entry said it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A written form and how it is said, both as the reader compares them."""

    written: str
    spoken: str
    kind: Kind


def worded(written: str, spoken: str, kind: str) -> Wording:
    """What was typed, ready to be kept. Raises Invalid (`written`, `spoken`, `kind`) with what would be right."""
    if kind not in set(Kind):
        raise Invalid("Hãy chọn loại chữ.", field="kind")
    wording = Wording(_written(written), _spoken(spoken), Kind(kind))
    if not _takes_effect(wording):
        raise Invalid(
            f"Máy đọc không nhận ra “{_short(wording.written)}” như một chữ, nên cách đọc này sẽ không được dùng. Hãy "
            "viết đúng như trong bản tin, bắt đầu bằng chữ cái hoặc chữ số và có ít nhất một chữ cái; số, giờ, ngày và "
            "đơn vị đo đã có quy tắc đọc riêng.",
            field="written",
        )
    return wording


def _written(typed: str) -> str:
    if len(typed) > 4 * LONGEST_WRITTEN:  # nobody tidies a book
        raise Invalid(f"Chữ cần đọc dài quá {LONGEST_WRITTEN} ký tự. Hãy tách thành từng cụm từ.", field="written")
    tidy = " ".join(clean(typed).text.split())
    if not tidy:
        raise Invalid("Hãy viết chữ cần đặt cách đọc.", field="written")
    if len(tidy) > LONGEST_WRITTEN:
        raise Invalid(f"Chữ cần đọc dài quá {LONGEST_WRITTEN} ký tự. Hãy tách thành từng cụm từ.", field="written")
    return tidy


def _spoken(typed: str) -> str:
    if not typed.strip():
        raise Invalid("Hãy viết cách đọc thành chữ.", field="spoken")
    if len(typed) > LONGEST_SPOKEN:
        raise Invalid(f"Cách đọc dài quá {LONGEST_SPOKEN} ký tự.", field="spoken")
    tidy = sayable(clean(typed).text)
    if strange := [word for word in _WORD.findall(tidy) if not is_syllable(word)]:
        told = ", ".join(f"“{_short(word)}”" for word in strange[:3])
        guess = read_aloud(" ".join(strange[:3]).lower()).text.rstrip(".").lower()
        hint = f" Ví dụ: “{guess}”." if guess and all(map(is_syllable, _WORD.findall(guess))) else ""
        raise Invalid(
            f"Giọng đọc không đọc được {told}. Hãy viết từng tiếng một, đúng như khi nói.{hint}", field="spoken"
        )
    return tidy


def _short(word: str) -> str:
    return word if len(word) <= 30 else word[:30] + "…"


def _takes_effect(wording: Wording) -> bool:
    """Whether a text of nothing but the written form is said by the entry, and by no rule that comes before it."""
    lexicon = Lexicon.shipped().with_entries([(wording.written, _PROBE, wording.kind.value)])
    return read_aloud(wording.written, lexicon=lexicon).text.lower().rstrip(".?!") == _PROBE
