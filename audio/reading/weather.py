"""What only weather reports write: places on the map without a degree sign, short levels of wind."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import say_integer, say_number
from audio.reading.scan import Scan

_DEGREES = r"(\d{{1,{digits}}})[.,](\d{{1,2}})\s?(?:°|º|độ)?\s?(?:{letters})"
_PLACE = re.compile(
    _DEGREES.format(digits=2, letters="[NB]|vĩ Bắc|Vĩ Bắc")
    + r"\s?[-–,;/]?\s?"
    + _DEGREES.format(digits=3, letters="[EĐ]|kinh Đông|Kinh Đông")
    + r"(?!\w)"
)
_ARC = (
    r"(\d{{1,{digits}}})\s?[°º]\s?(?:(\d{{1,2}}(?:[.,]\d{{1,3}})?)\s?['’′])?\s?(?:(\d{{1,2}}(?:[.,]\d{{1,3}})?)\s?(?:[\"”″]|''))?"
    r"\s?(?:vĩ độ |kinh độ |độ )?(?:{letters})(?!\w)"
)
_NORTH = re.compile(_ARC.format(digits=2, letters="[NB]|(?:vĩ )?[Bb]ắc|[Vv]ĩ [Bb]ắc"))
_EAST = re.compile(_ARC.format(digits=3, letters="[EĐ]|(?:kinh )?[Đđ]ông|[Kk]inh [Đđ]ông"))
_LEVEL = re.compile(r"[cC]\s?(\d{1,2})(?:\s?[-–]\s?[cC]?\s?(\d{1,2}))?(?![\w/]|[.,]\d)")
_WIND = re.compile(r"\b(?:gió|bão|giật|sóng|biển|động|mạnh)\b[^.;]{0,40}$")


def place(scan: Scan, pos: int) -> Piece | None:
    """`12.5N-110.8E`: latitude, then longitude."""
    found = _PLACE.match(scan.text, pos, scan.end)
    if not found:
        return _by_minutes(scan, pos) or _by_letter(scan, pos)
    north, east = f"{found[1]},{found[2]}", f"{found[3]},{found[4]}"
    return Piece(f"{say_number(north)} độ vĩ Bắc, {say_number(east)} độ kinh Đông", pos, found.end())


_BETWEEN = re.compile(r"\s?[-–;,/]\s?(?=\d{2,3}\s?[°º])")


_SIDE = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?(?:\s?[-–]\s?(\d{1,3}(?:[.,]\d{1,2})?))?\s?([NBEĐ])(?!\w)")
_ON_MAP = re.compile(r"\b(?:vĩ độ|kinh độ|vĩ tuyến|kinh tuyến|tọa độ|toạ độ|vĩ|kinh)\b[^a-zà-ỹđ]{0,40}$")


def _by_letter(scan: Scan, pos: int) -> Piece | None:
    """`vĩ độ 16,5-17,5N`, `kinh tuyến 114,0E`: the letter is the side of the map."""
    found = _SIDE.match(scan.text, pos, scan.end)
    if not found or not _ON_MAP.search(scan.tail(pos)):
        return None
    side = "vĩ Bắc" if found[2] in "NB" else "kinh Đông"
    ends = [number.replace(".", ",") for number in re.findall(r"[\d.,]+", found[0])]
    return Piece(f"{' đến '.join(map(say_number, ends))} độ {side}", pos, found.end())


def _by_minutes(scan: Scan, pos: int) -> Piece | None:
    """`15°42'N - 109°18'E`: degrees and minutes, each of the two may stand alone."""
    for shape, side in ((_NORTH, "vĩ Bắc"), (_EAST, "kinh Đông")):
        found = shape.match(scan.text, pos, scan.end)
        if not found or not found[2]:
            continue
        words = f"{say_integer(int(found[1]))} độ {say_number(found[2].replace('.', ','))} phút"
        if found[3]:
            words += f" {say_number(found[3].replace('.', ','))} giây"
        between = _BETWEEN.match(scan.text, found.end(), scan.end) if shape is _NORTH else None
        return Piece(f"{words} {side}{',' if between else ''}", pos, between.end() if between else found.end())
    return None


def wind(scan: Scan, pos: int) -> Piece | None:
    """`gió c6-c7`: levels of the scale."""
    found = _LEVEL.match(scan.text, pos, scan.end)
    if not found or not _WIND.search(scan.tail(pos)):
        return None
    words = f"cấp {say_integer(int(found[1]))}"
    return Piece(words + (f" đến cấp {say_integer(int(found[2]))}" if found[2] else ""), pos, found.end())
