"""Days of the week and other numbers behind *thứ*: `thứ 4`, `thứ 2, 4, 6`, `T7`, `T2 - CN`, `thứ 1`."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan

_WEEKDAYS = {2: "hai", 3: "ba", 4: "tư", 5: "năm", 6: "sáu", 7: "bảy"}
_WEEKDAY_LEAD = re.compile(r"\bthứ\s+(?:[2-7]\s*(?:,|;|&|\+|và|đến|tới|hoặc|-|–)\s*){0,6}$")
_WEEKDAY_CHAIN = re.compile(r"[2-7](?:-[2-7]){2,5}(-CN)?(?![\w/])")
_WEEKDAY_COMMAS = re.compile(r"[2-7](?:,[2-7]){1,5}(,\s?CN)?(?![\w/]|[.,]\d)")
_WEEKDAY_SPAN = re.compile(r"([2-6])\s?[-–—]\s?(?:thứ\s)?([3-7])(?!\d)")
_WEEKDAY = re.compile(r"([2-7])(?![\d/h%]|[.,:]\d)")
_ORDINAL_LEAD = re.compile(r"\bthứ\s+$")


def weekday(scan: Scan, pos: int) -> Piece | None:
    """The number behind *thứ*: `thứ 4` -> tư, `thứ 2-6`, `thứ 2, 4, 6`; `thứ 1` -> nhất, else an ordinal."""
    before = scan.tail(pos)
    if not _WEEKDAY_LEAD.search(before):
        return None
    chain = _WEEKDAY_CHAIN.match(scan.text, pos, scan.end) or _WEEKDAY_COMMAS.match(scan.text, pos, scan.end)
    if chain:
        said = ", thứ ".join(_WEEKDAYS[int(day)] for day in re.findall(r"\d", chain[0]))
        return Piece(f"{said}, chủ nhật" if chain[1] else said, pos, chain.end())
    span = _WEEKDAY_SPAN.match(scan.text, pos, scan.end)
    if span and int(span[1]) < int(span[2]):
        return Piece(f"{_WEEKDAYS[int(span[1])]} đến thứ {_WEEKDAYS[int(span[2])]}", pos, span.end())
    found = _WEEKDAY.match(scan.text, pos, scan.end)
    direct = bool(_ORDINAL_LEAD.search(before))
    if found:
        return Piece(("" if direct else "thứ ") + _WEEKDAYS[int(found[1])], pos, found.end())
    return _ordinal(scan, pos) if direct else None


_OF_PLACES = re.compile(r"(\d{1,3})\s?/\s?(\d{1,4})(?![\d/]|[.,]\d)")
_ORDINAL = re.compile(r"(\d{1,4})(?![\d/]|[.,:]\d)")


def _ordinal(scan: Scan, pos: int) -> Piece | None:
    """`thứ 1` -> nhất; `thứ 4/15` -> tư trên mười lăm."""
    rank = _OF_PLACES.match(scan.text, pos, scan.end)
    if rank:
        words = {1: "nhất", 4: "tư"}.get(int(rank[1])) or say_integer(int(rank[1]))
        return Piece(f"{words} trên {say_integer(int(rank[2]))}", pos, rank.end())
    ordinal = _ORDINAL.match(scan.text, pos, scan.end)
    if not ordinal:
        return None
    return Piece("nhất" if int(ordinal[1]) == 1 else say_integer(int(ordinal[1])), pos, ordinal.end())


_T_SPAN = re.compile(r"[Tt]([2-6])\s?[-–—→]\s?(?:[Tt]?([3-7])|CN)(?![\w/]|\s?[-–—]\s?[T\d])")
_T_LIST = re.compile(r"[Tt]([2-7])(?:\s?(?:[-–,;&+]|và)\s?(?:[Tt]?[2-7]|CN)(?![\w/])){1,6}")
_LAST_OF_LIST = re.compile(r"(?:&|\+|và)\s?(?:[Tt]?[2-7]|CN)$")
_T_DAY = re.compile(r"[Tt]\.?([2-7])(?!\w)")


_SUNDAY = re.compile(r"(?:CN|Cn|C\.N|cn)(?=\s?(?:[,;)]|\.?\s*$|\.\s|[-–:]\s))")
_DATED = re.compile(
    r"(?:\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d{4}|\d{2}))?|\bngày \d{1,2}|tháng \d{1,2}(?:\s?(?:/|năm)\s?\d{4})?)"
    r"\s?(?:\(|,\s?|[-–]\s?)(?:t7\s?(?:,|&|-|–|và|\+)\s?)?$"
)


def sunday(scan: Scan, pos: int) -> Piece | None:
    """`16/11 (CN)`: the day of the week behind its date."""
    found = _SUNDAY.match(scan.text, pos, scan.end)
    return Piece("chủ nhật", pos, found.end()) if found and _DATED.search(scan.tail(pos)) else None


def short_weekday(scan: Scan, pos: int) -> Piece | None:
    """`T7` -> thứ bảy, `T2-T6`, `T2 - CN`."""
    span = _T_SPAN.match(scan.text, pos, scan.end)
    if span and (not span[2] or span[2] > span[1]):
        last = f"thứ {_WEEKDAYS[int(span[2])]}" if span[2] else "chủ nhật"
        return Piece(f"thứ {_WEEKDAYS[int(span[1])]} đến {last}", pos, span.end())
    several = _T_LIST.match(scan.text, pos, scan.end)
    if several:
        days = [
            f"thứ {_WEEKDAYS[int(day)]}" if day != "CN" else "chủ nhật" for day in re.findall(r"[2-7]|CN", several[0])
        ]
        last = " và " if _LAST_OF_LIST.search(several[0]) else ", "
        return Piece(f"{', '.join(days[:-1])}{last}{days[-1]}", pos, several.end())
    found = _T_DAY.match(scan.text, pos, scan.end)
    return Piece(f"thứ {_WEEKDAYS[int(found[1])]}", pos, found.end()) if found else None
