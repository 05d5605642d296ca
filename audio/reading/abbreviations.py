"""Short forms: lexicon entries in their context, compounds (`LĐ-TB&XH`, `HĐND-UBND`), definitions made in the text.

What no table knows is put together from parts it knows, and what cannot be is spelled letter by letter; both are noted
as doubts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.letters import spell
from audio.reading.lexicon import Entry, Lexicon, sector_key
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toneless

_UPPER = "A-ZĐƯƠĂÂÊÔ"
CAPITALS = re.compile(rf"[{_UPPER}]{{2,40}}(?![^\W\d_])")
_COMPOUND = re.compile(
    rf"[{_UPPER}]{{1,14}}(?:\s?&\s?[{_UPPER}]{{1,14}}|\s?[-–+]\s?[{_UPPER}]{{2,14}}|\.[{_UPPER}]{{2,14}}"
    rf"|/[{_UPPER}]{{2,14}}){{1,5}}(?![^\W_])"
)
_SPLIT = re.compile(r"\s?([&\-–+./])\s?")
_RUN = re.compile(r"[^\W_]+")
_NEXT = re.compile(r"[\s(.]{0,3}([^\W_]+)")
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
        return Piece(entry.spoken.strip(), pos, end)
    return None


def _candidates(exact: tuple[Entry, ...] | None, folded: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
    if not exact or not folded:
        return exact or folded or ()
    return tuple(sorted((*exact, *folded), key=lambda e: (not e.staff, -len(e.written), not (e.before or e.after))))


def _fits(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    written = scan.text[pos:end]
    if entry.any_case:
        if written.lower() != entry.written.lower():
            return False
    elif written != entry.written:
        return False
    if entry.written[-1].isalnum() and scan.char(end).isalnum():
        return False
    if not entry.staff and _is_plain_word(scan, entry):
        return False
    return _context_holds(scan, pos, end, entry)


def _is_plain_word(scan: Scan, entry: Entry) -> bool:
    """In a heading of capitals `CA`, `BAN` are words, unless the entry could not be one."""
    return scan.capitals and not entry.any_case and entry.written.isupper() and is_syllable(entry.written)


def _context_holds(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    if entry.before:
        tail = scan.tail(pos, 40).rstrip(" .,(:\t\n")
        if not any(tail.endswith(word) and not tail[: -len(word)][-1:].isalnum() for word in entry.before):
            return False
    if entry.after:
        if entry.after == {"."}:
            return scan.char(end) == "."
        following = _NEXT.match(scan.text, end, scan.end)
        if not following or following[1].lower() not in entry.after:
            return False
    return True


def lexicon_compound(scan: Scan, pos: int) -> Piece | None:
    """An entry with a mark inside, or any word of the staff, before the parts of it are looked at: `SARS-CoV-2`."""
    key = _RUN.match(scan.text, pos, scan.end)
    if key is None:
        return None
    for entry in _candidates(scan.lexicon.exact.get(key[0]), scan.lexicon.folded.get(key[0].lower())):
        end = pos + len(entry.written)
        if (entry.staff or len(entry.written) > len(key[0]) + 1) and end <= scan.end and _fits(scan, pos, end, entry):
            return Piece(entry.spoken.strip(), pos, end)
    return None


def compound(scan: Scan, pos: int) -> Piece | None:
    """`HĐND-UBND`, `VH&TT`, `LĐ-TBXH`: looked up as a whole, then part by part."""
    found = _COMPOUND.match(scan.text, pos, scan.end)
    if not found:
        return None
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
    code = found[0]
    end = found.end()
    if code in scan.defined:
        return Piece(scan.defined[code], pos, end)
    marked = toneless(code) != code.lower().replace("đ", "d")
    if is_syllable(code) and (marked or scan.capitals or _beside_capital_words(scan, pos, end)):
        return Piece(code.lower(), pos, end)
    built = assemble(code, scan.lexicon)
    if built:
        return scan.doubted("capitals", Piece(built, pos, end))
    if is_syllable(code) and len(code) > 2:
        return scan.doubted("capitals", Piece(code.lower(), pos, end))
    return scan.doubted("capitals", Piece(spell(code), pos, end))


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


@lru_cache(maxsize=256)
def _initials(word: str) -> str:
    return word[0].upper()


def defined_words(text: str, end: int, code: str) -> str | None:
    """The words right before `end` whose initials are `code`; *và*, *của*, *các* may be left out of it."""
    letters = [char for char in code if char.isalnum()]
    spans = [m.span() for m in _WORDS.finditer(text, max(0, end - 160), end)]
    at = len(spans) - 1
    for letter in reversed(letters):
        while at >= 0 and _initials(text[spans[at][0] :][:1]) != letter and text[slice(*spans[at])].lower() in _LINKS:
            at -= 1
        if at < 0 or _initials(text[spans[at][0] : spans[at][1]]) != letter:
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
