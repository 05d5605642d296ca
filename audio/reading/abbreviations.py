"""Short forms: the entries of the lexicon that hold here, and runs of capitals that no entry fits.

What no table knows is put together from parts it knows, and what cannot be is spelled letter by letter; both are noted
as doubts.
"""

from __future__ import annotations

import re

from audio.reading.compounds import assemble
from audio.reading.contexts import NEXT, holds
from audio.reading.letters import UPPER, spell
from audio.reading.lexicon import Entry, rank
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toned, toneless, toneless_syllables

CAPITALS = re.compile(rf"[{UPPER}]{{2,40}}(?![^\W\d_])")
_RUN = re.compile(r"[^\W_]+")
_LONGER_NUMBER = re.compile(r"\d[.,:/]$")
_DOTTED_TITLE = re.compile(
    r"\.\s(?!(?:Đề|Yêu|Các|Mọi|Nếu|Khi|Sau|Trước|Theo|Trong|Để|Thời|Địa|Kính|Xin|Mời|Hiện|Nhân|Việc|Với|Từ|Đây|Cùng|Do"
    r"|Vì|Người|Đồng|Ngày|Bà|Nội|Tại|Đến|Những|Trên|Qua|Ngoài|Nhằm|Căn|Chúng|Đối|Về|Tổng|Số|Riêng|Ủy|Khoản)\s)[A-ZĐÀ-Ỹ]"
)
"""A dot behind the short form of a title, then a name and not the first word of a new sentence."""


_ROOMS = frozenset({"hội trường", "văn phòng", "trụ sở", "nhà văn hóa", "sân vận động", "trung tâm", "trạm"})
_DOTTED_PLACE = re.compile(
    r"\.\s?(?:UBND|HĐND|UB|UBMTTQ|MTTQ|ĐU|ĐĐBQH|TT|NVH|VH|THCS|THPT|TH|BCH|HU|Đảng ủy|Huyện ủy|Tỉnh ủy)(?!\w)"
)
"""A dot behind the short form of a place, then the office whose place it is."""


def lexicon_entry(scan: Scan, pos: int) -> Piece | None:
    """The longest entry of the lexicon that begins at `pos` and whose context holds."""
    entry = _entry_at(scan, pos)
    if entry is None:
        return None
    end = pos + len(entry.written)
    if scan.char(end) == "." and scan.char(end + 1).isalpha() and entry.written.isupper():
        end += 1  # LĐ.UBND: the dot only joins
    elif entry.written.endswith(":") or (entry.kind == "time" and entry.written.endswith(".")):
        end -= 1  # ND: is nội dung and a breath; T7, CN. is the end of a sentence
    elif entry.kind == "title" and _DOTTED_TITLE.match(scan.text, end, scan.end):
        end += 1  # PTP. Thanh tra: the dot only shortens
    elif entry.spoken in _ROOMS and _DOTTED_PLACE.match(scan.text, end, scan.end):
        end += 1  # HT. UBND xã
    piece = Piece(_not_twice(scan, pos, entry), pos, end)
    return scan.doubted("ambiguous", piece) if entry.unsure else piece


def lexicon_compound(scan: Scan, pos: int) -> Piece | None:
    """An entry with a mark inside, or any word of the staff, before the parts of it are looked at: `SARS-CoV-2`."""
    entry = _entry_at(scan, pos, whole=True)
    return Piece(_not_twice(scan, pos, entry), pos, pos + len(entry.written)) if entry else None


def entry_with_number(scan: Scan, pos: int) -> Piece | None:
    """A word of the staff that begins with a number and has letters too: `4G`, `5K`, `2 chiều`."""
    entry = _entry_at(scan, pos, whole=True)
    if entry is None or not entry.staff or not any(map(str.isalpha, entry.written)):
        return None
    if _LONGER_NUMBER.search(scan.tail(pos, 2)):
        return None
    return Piece(_not_twice(scan, pos, entry), pos, pos + len(entry.written))


def _entry_at(scan: Scan, pos: int, *, whole: bool = False) -> Entry | None:
    """The first entry that holds at `pos`; where `whole`, one of the staff or longer than its first word."""
    key = _RUN.match(scan.text, pos, scan.end)
    if key is None:
        return None
    for entry in _candidates(scan.lexicon.exact.get(key[0]), scan.lexicon.folded.get(key[0].lower())):
        if whole and not entry.staff and len(entry.written) <= len(key[0]) + 1:
            continue
        end = pos + len(entry.written)
        if end <= scan.end and holds(scan, pos, end, entry):
            return entry
    return None


def _candidates(exact: tuple[Entry, ...] | None, folded: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
    if not exact or not folded:
        return exact or folded or ()
    return tuple(sorted((*exact, *folded), key=rank))


def _not_twice(scan: Scan, pos: int, entry: Entry) -> str:
    """`bệnh viện BVĐK`, `đất ODT`: what the writer put before the short form is not said again."""
    words = entry.spoken.split()
    before = scan.tail(pos, 24)
    for size in (3, 2, 1):
        first = " ".join(words[:size]).lower()
        if (
            len(words) > size
            and (size > 1 or first in {"đất", "người", "phòng", "trường"})
            and before.endswith(f"{first} ")
        ):
            return " ".join(words[size:])
    if entry.kind == "place" and len(words) == 1 and before.endswith(f"{words[0].lower()} "):
        return ""
    return entry.spoken.strip()


def capitals(scan: Scan, pos: int) -> Piece | None:
    """A run of capitals that no entry fits: defined in the text, put together, a word in capitals, or spelled."""
    found = CAPITALS.match(scan.text, pos, scan.end)
    if not found:
        return None
    code, end = found[0], found.end()
    known = scan.defined.get(code) or _plain_capitals(scan, pos, code)
    if known:
        return Piece(known, pos, end)
    said = assemble(code, scan.lexicon) or (code.lower() if is_syllable(code) and len(code) > 2 else spell(code))
    return scan.doubted("capitals", Piece(said, pos, end))


def _plain_capitals(scan: Scan, pos: int, code: str) -> str | None:
    """`code` as the word it is in a heading, beside other such words, or with marks; None where it is none."""
    if is_syllable(code):
        marked = toneless(code) != code.lower().replace("đ", "d")
        return code.lower() if marked or scan.capitals or _beside_capital_words(scan, pos, pos + len(code)) else None
    return toned(code.lower()) if scan.toneless and code.lower() in toneless_syllables() else None


def _beside_capital_words(scan: Scan, pos: int, end: int) -> bool:
    """Does a word in capitals that is no short form stand next to it? `KHÔNG CHO`, `AN TOÀN`."""
    before = scan.text[max(scan.start, pos - 12) : pos].split()
    following = NEXT.match(scan.text, end, scan.end)
    beside = [word.strip(",.;:!?()\"'“”*") for word in before[-1:]] + ([following[1]] if following else [])
    return any(len(word) > 1 and word.isupper() and is_syllable(word) for word in beside)
