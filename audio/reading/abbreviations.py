"""Short forms: lexicon entries in their context, compounds (`LĐ-TB&XH`, `HĐND-UBND`), definitions made in the text.

What no table knows is put together from parts it knows, and what cannot be is spelled letter by letter; both are noted
as doubts.
"""

from __future__ import annotations

import re

from audio.reading.letters import spell
from audio.reading.lexicon import Entry, Lexicon, rank, sector_key
from audio.reading.model import Piece
from audio.reading.roman import roman_value
from audio.reading.scan import OF_PERSON, Scan
from audio.reading.syllables import is_syllable, toned, toneless, toneless_syllables
from audio.reading.topics import topics_of

_UPPER = "A-ZĐƯƠĂÂÊÔ"
CAPITALS = re.compile(rf"[{_UPPER}]{{2,40}}(?![^\W\d_])")
_COMPOUND = re.compile(
    rf"[{_UPPER}]{{1,14}}(?:\s?&\s?[{_UPPER}]{{1,14}}|\s?[-–+]\s?[{_UPPER}]{{2,14}}|\.[{_UPPER}]{{2,14}}"
    rf"|/[{_UPPER}]{{2,14}}){{1,5}}(?![^\W_])"
)
_SPLIT = re.compile(r"\s?([&\-–+./])\s?")
_RUN = re.compile(r"[^\W_]+")
_NEXT = re.compile(r"[\s(.\"“]{0,3}([^\W_]+)")
LETTER_AND_DOT = 2
_DOTTED_TITLE = re.compile(
    r"\.\s(?!(?:Đề|Yêu|Các|Mọi|Nếu|Khi|Sau|Trước|Theo|Trong|Để|Thời|Địa|Kính|Xin|Mời|Hiện|Nhân|Việc|Với|Từ|Đây|Cùng|Do"
    r"|Vì|Người|Đồng|Ngày|Bà|Nội|Tại|Đến|Những|Trên|Qua|Ngoài|Nhằm|Căn|Chúng|Đối|Về|Tổng|Số|Riêng|Ủy|Khoản)\s)[A-ZĐÀ-Ỹ]"
)
"""A dot behind the short form of a title, then a name and not the first word of a new sentence."""
_ENDS_THERE = re.compile(r"\s*$|\s*[;)]")
_SITE = re.compile(r"\.(?:com|vn|net|org|gov|edu|me|io)\b|@")
_SENTENCE_END = re.compile(r"[.;!?]\s")
_PLATE = re.compile(r"\d{2}[A-ZĐ]{1,2}\d?")
_FOLLOWING = re.compile(r"[^\W_]+(?:[ \-&][^\W_]+){0,2}")
ABOUT = 4_000
"""Characters from the beginning that tell what a whole text is about."""
_CLAUSE_END = re.compile(r"\s*(?:[;:!?),]|\.?\s*$)")
_SPACED_DASH = re.compile(r"\s[-–]\s")
_BODY_WORDS = ("Ủy ban", "Hội đồng", "Ban ", "Phòng", "Sở", "Văn phòng", "Đảng", "Mặt trận", "Huyện", "Tỉnh")


def lexicon_entry(scan: Scan, pos: int) -> Piece | None:
    """The longest entry of the lexicon that begins at `pos` and whose context holds."""
    key = _RUN.match(scan.text, pos, scan.end)
    if key is None:
        return None
    word = key[0]
    groups = (scan.lexicon.exact.get(word), scan.lexicon.folded.get(word.lower()))
    for entry in _candidates(*groups):
        end = pos + len(entry.written)
        if end > scan.end or not _fits(scan, pos, end, entry):
            continue
        if scan.char(end) == "." and scan.char(end + 1).isalpha() and entry.written.isupper():
            end += 1  # LĐ.UBND: the dot only joins
        elif entry.written.endswith(":"):
            end -= 1  # ND: is nội dung and a breath
        elif entry.kind == "title" and _DOTTED_TITLE.match(scan.text, end, scan.end):
            end += 1  # PTP. Thanh tra: the dot only shortens
        piece = Piece(_not_twice(scan, pos, entry), pos, end)
        return scan.doubted("ambiguous", piece) if entry.unsure else piece
    return None


def _candidates(exact: tuple[Entry, ...] | None, folded: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
    if not exact or not folded:
        return exact or folded or ()
    return tuple(sorted((*exact, *folded), key=rank))


def _fits(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    written = scan.text[pos:end]
    if entry.any_case:
        if written.lower() != entry.written.lower():
            return False
    elif written != entry.written:
        return False
    if entry.written[-1].isalnum() and scan.char(end).isalnum():
        return False
    if not entry.staff and (_is_plain_word(scan, entry) or _is_something_else(scan, end, entry)):
        return False
    return _context_holds(scan, pos, end, entry)


def _is_something_else(scan: Scan, end: int, entry: Entry) -> bool:
    """`Sở TP.` at the end of a sentence is no `TP.` before a name; `facebook.com` is an address."""
    if entry.any_case:
        return bool(_SITE.match(scan.text, end, scan.end))
    short = entry.written.endswith(".") and entry.kind in {"place", "title"}
    if len(entry.written) == LETTER_AND_DOT and short and OF_PERSON.search(scan.tail(end - LETTER_AND_DOT)):
        return True
    return short and bool(_ENDS_THERE.match(scan.text, end, scan.end))


def _is_plain_word(scan: Scan, entry: Entry) -> bool:
    """In a heading of capitals `CA`, `BAN` are words, unless the entry could not be one or asks for what is beside."""
    bare = not entry.any_case and not entry.before and not entry.after
    return scan.capitals and bare and entry.written.isupper() and is_syllable(entry.written)


def _context_holds(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    return (
        _holds_before(scan, pos, entry.before)
        and _holds_after(scan, end, entry.after)
        and (not entry.near or _holds_near(scan, pos, end, entry.near))
    )


def _holds_near(scan: Scan, pos: int, end: int, near: frozenset[str]) -> bool:
    """Does one of the words stand in the sentence, or is it (or else the text) about one of the topics?"""
    before = _SENTENCE_END.split(scan.text[max(scan.start, pos - 160) : pos])[-1]
    after = _SENTENCE_END.split(scan.text[end : min(scan.end, end + 160)], maxsplit=1)[0]
    sentence = f" {' '.join(_WORDS.findall(f'{before} {after}'.lower()))} "
    if any(f" {word} " in sentence for word in near):
        return True
    topics = {word[1:] for word in near if word.startswith("@")}
    return bool(topics) and not topics.isdisjoint(topics_of(f"{before} {after}") or topics_of(scan.text[:ABOUT]))


def _holds_before(scan: Scan, pos: int, before: frozenset[str]) -> bool:
    if not before:
        return True
    tail = scan.tail(pos, 40)
    bare = tail.rstrip(' .,(:\t\n-–"“')
    if ("#" in before and bare[-1:].isdecimal()) or ("<start>" in before and not bare):
        return True
    return any(bare.endswith(word) and not bare[: -len(word)][-1:].isalnum() for word in before)


def _holds_after(scan: Scan, end: int, after: frozenset[str]) -> bool:
    if not after:
        return True
    if after == {"."}:
        return scan.char(end) == "." and scan.text[end + 1 : end + 3].strip()[:1].isalnum()
    following = _NEXT.match(scan.text, end, scan.end)
    if not following or _CLAUSE_END.match(scan.text, end, scan.end):
        return "<end>" in after or (":" in after and scan.text[end : end + 2].strip()[:1] == ":")
    if not after.isdisjoint(_kinds_of(following[1])):
        return True
    phrase = _FOLLOWING.match(scan.text, following.start(1), scan.end)
    words = phrase[0].lower().replace("-", " ").split() if phrase else []
    if words and words[0].partition("&")[0] in after:
        return True  # NS&VSMT: the first of two fields tells
    return any(" ".join(words[:size]) in after for size in range(1, len(words) + 1))


def _kinds_of(word: str) -> list[str]:
    """The signs of the tables that `word` answers to."""
    if _PLATE.fullmatch(word):
        return ["#", "plate"]
    if word[0].isdecimal():
        return ["#", "###"] if len(word) == 3 and word.isdecimal() else ["#"]
    if word.isupper() and len(word) > 1:
        return ["ABC", "IVX"] if roman_value(word) else ["ABC"]
    if word[0].isupper():
        return ["Abc", "IVX"] if roman_value(word) else ["Abc"]
    return ["abc"]


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
    return entry.spoken.strip()


def lexicon_compound(scan: Scan, pos: int) -> Piece | None:
    """An entry with a mark inside, or any word of the staff, before the parts of it are looked at: `SARS-CoV-2`."""
    key = _RUN.match(scan.text, pos, scan.end)
    if key is None:
        return None
    for entry in _candidates(scan.lexicon.exact.get(key[0]), scan.lexicon.folded.get(key[0].lower())):
        end = pos + len(entry.written)
        if (entry.staff or len(entry.written) > len(key[0]) + 1) and end <= scan.end and _fits(scan, pos, end, entry):
            return Piece(_not_twice(scan, pos, entry), pos, end)
    return None


def compound(scan: Scan, pos: int) -> Piece | None:
    """`HĐND-UBND`, `VH&TT`, `LĐ-TBXH`: looked up as a whole, then part by part."""
    found = _COMPOUND.match(scan.text, pos, scan.end)
    if not found or found[0][1:3] in {" -", " –"}:
        return None  # one letter ends a name, what follows the dash is another matter: `ông B - PCT`
    if scan.capitals and _SPACED_DASH.search(found[0]) and all(map(is_syllable, re.findall(r"\w+", found[0]))):
        return None  # a heading: TỈNH TÂY NINH - TRUNG TÂM Y TẾ
    whole = scan.lexicon.sectors.get(sector_key(found[0]))
    if whole and "/" not in found[0] and "." not in found[0]:
        return Piece(whole, pos, found.end())
    parts = _SPLIT.split(found[0])
    said: list[str] = []
    known = True
    for code in parts[::2]:
        name = _expand(scan, code)
        known = known and name is not None and (len(code) > 2 or code in scan.defined)
        said.append(name or _as_word(scan, code))
    joined = said[0]
    for mark, name, code in zip(parts[1::2], said[1:], parts[2::2], strict=True):
        joined += _join(mark, joined, name, code) + name
    piece = Piece(joined, pos, found.end())
    return piece if known else scan.doubted("capitals", piece)


def _join(mark: str, left: str, right: str, code: str) -> str:
    if mark in "&+" or (mark in "-–" and left.startswith(_BODY_WORDS) and right.startswith(_BODY_WORDS)):
        return " và "
    if mark == "/":
        return " hoặc "
    return " " if mark == "." else ", "


def _as_word(scan: Scan, code: str) -> str:
    return code.lower() if is_syllable(code) and (toneless(code) != code.lower() or scan.capitals) else spell(code)


def _expand(scan: Scan, code: str) -> str | None:
    """The reading of one code outside any context, the text's own definitions first."""
    return scan.defined.get(code) or scan.lexicon.codes.get(code) or scan.lexicon.sectors.get(code)


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
    following = _NEXT.match(scan.text, end, scan.end)
    beside = [word.strip(",.;:!?()\"'“”*") for word in before[-1:]] + ([following[1]] if following else [])
    return any(len(word) > 1 and word.isupper() and is_syllable(word) for word in beside)


_PREFIXES = {"S": "Sở", "B": "Bộ", "P": "Phòng"}
_SUFFIXES = {
    "X": "xã",
    "H": "huyện",
    "T": "tỉnh",
    "P": "phường",
    "TP": "thành phố",
    "VN": "Việt Nam",
    "TW": "Trung ương",
}


def assemble(code: str, lexicon: Lexicon) -> str | None:
    """`STTTT` -> Sở + TTTT; `BCĐPCTT` -> BCĐ + PCTT; None where parts of two letters and more do not cover it."""
    if code[0] in _PREFIXES and code[1:] in lexicon.sectors:
        return f"{_PREFIXES[code[0]]} {lexicon.sectors[code[1:]]}"
    if not 4 <= len(code) <= 16:
        return None
    return _cover(code, lexicon)


def _cover(code: str, lexicon: Lexicon) -> str | None:
    """Fewest known parts of at least two letters, one at least of three, from left to right."""
    best: list[tuple[int, list[str]] | None] = [None] * (len(code) + 1)
    best[0] = (0, [])
    for at in range(len(code)):
        here = best[at]
        if here is None:
            continue
        for end in range(at + 2, len(code) + 1):
            part = code[at:end]
            name = lexicon.codes.get(part)
            cost = here[0] + (10 if len(part) > 2 else 14)
            known = best[end]
            if name and (known is None or cost < known[0]):
                best[end] = (cost, [*here[1], name])
        for suffix, name in _SUFFIXES.items():
            if at >= 3 and code[at:] == suffix:
                known = best[len(code)]
                if known is None or here[0] + 11 < known[0]:
                    best[len(code)] = (here[0] + 11, [*here[1], name])
    whole = best[len(code)]
    return " ".join(whole[1]) if whole and whole[0] < 12 * len(whole[1]) + 2 and len(whole[1]) <= 4 else None


_DEFINITION = re.compile(
    rf"\(\s?(?:(?:viết|gọi) tắt là|sau đây gọi là|gọi tắt|viết tắt)?\s?:?\s?[\"“']?([{_UPPER}&-]{{2,14}})[\"”']?\s?\)"
)
_WORDS = re.compile(r"[^\W\d_]+")


def definitions(text: str) -> dict[str, str]:
    """What the text itself defines: `Trung tâm Phục vụ hành chính công (TTPVHCC)` -> {code: words}."""
    if "(" not in text:
        return {}
    out: dict[str, str] = {}
    for found in _DEFINITION.finditer(text):
        words = defined_words(text, found.start(), found[1])
        if words:
            out.setdefault(sector_key(found[1]), words)
            out.setdefault(found[1], words)
    return out


def defined_words(text: str, end: int, code: str) -> str | None:
    """The words right before `end` whose initials are `code`; *và*, *của*, *các* may be left out of it."""
    letters = [char for char in code if char.isalnum()]
    spans = [m.span() for m in _WORDS.finditer(text, max(0, end - 160), end)]
    at = len(spans) - 1
    for letter in reversed(letters):
        while at >= 0 and text[spans[at][0]].upper() != letter and text[slice(*spans[at])].lower() in _LINKS:
            at -= 1
        if at < 0 or text[spans[at][0]].upper() != letter:
            return None
        at -= 1
    words = text[spans[at + 1][0] : end].strip()
    if re.search(r"[^\w\s,-]|\d|_", words) or not all(is_syllable(word) for word in _WORDS.findall(words)):
        return None
    said = " ".join(words.replace("-", " ").split())
    return said.lower() if said.isupper() else said


_LINKS = frozenset({"và", "của", "các", "về", "cho", "trong", "với"})


def repeated_definition(scan: Scan, pos: int) -> Piece | None:
    """The bracket that only gives the short form of what was just said: silent."""
    found = _DEFINITION.match(scan.text, pos, scan.end)
    if found and defined_words(scan.text, pos, found[1]):
        return Piece("", pos, found.end())
    return None
