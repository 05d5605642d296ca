"""Short forms put together of others: `LĐ-TB&XH`, `HĐND-UBND`, `STTTT`, `BCĐPCTT`."""

from __future__ import annotations

import re

from audio.reading.letters import UPPER, spell
from audio.reading.lexicon import Lexicon, sector_key
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toneless

_COMPOUND = re.compile(
    rf"[{UPPER}]{{1,14}}(?:\s?&\s?[{UPPER}]{{1,14}}|\s?[-–+]\s?[{UPPER}]{{2,14}}|\.[{UPPER}]{{2,14}}"
    rf"|/[{UPPER}]{{2,14}}){{1,5}}(?![^\W_])"
)
_SPLIT = re.compile(r"\s?([&\-–+./])\s?")
_SPACED_DASH = re.compile(r"\s[-–]\s")
_BODY_WORDS = ("Ủy ban", "Hội đồng", "Ban ", "Phòng", "Sở", "Văn phòng", "Đảng", "Mặt trận", "Huyện", "Tỉnh")


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


_OFFICES = {"S": "Sở", "B": "Bộ", "P": "Phòng"}
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
    return office(code, lexicon) or (_cover(code, lexicon) if 4 <= len(code) <= 16 else None)


def office(code: str, lexicon: Lexicon) -> str | None:
    """`STTTT` -> Sở and the sector it is for."""
    sector = lexicon.sectors.get(code[1:])
    return f"{_OFFICES[code[0]]} {sector}" if sector and code[0] in _OFFICES else None


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
