"""Roads by their signs (`QL1A`, `ĐH 12`) and places on them (`Km12+500`)."""

from __future__ import annotations

import re

from audio.reading.letters import LETTER_NAMES
from audio.reading.model import Piece
from audio.reading.numbers import say_code_number, say_integer
from audio.reading.scan import Scan

_ROAD = re.compile(
    r"(?:(?P<national>QL)\.?\s?(?P<first>\d{1,3})"
    r"|(?P<local>ĐT|TL|HL|ĐH|DT|ĐX)(?:\.\s?|(?<!X)\s?(?=\d{3})|(?<=[TH]L)\s?|(?<=Đ[HX])\s?(?=0\d))"
    r"(?P<number>[1-9]\d{0,3}|(?<!T)(?<!T[. ])(?<!T\.\s)0[1-9]))(?P<letter>[A-ZĐ])?(?![^\W_]|[.,]\d|\s?(?:m2|m²|ha)\b)"
)
_EXPRESSWAY = re.compile(r"(?<=ao tốc )CT\.?\s?(\d{2})(?![^\W_])")
_ROADS = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "DT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "HL": "hương lộ",
    "ĐH": "đường huyện",
    "ĐX": "đường xã",
}


def road(scan: Scan, pos: int) -> Piece | None:
    """`QL1A`, `QL.22B`, `ĐT.782`, `ĐH.05`, `cao tốc CT.32`."""
    found = _ROAD.match(scan.text, pos, scan.end) or _small_road(scan, pos)
    if not found:
        fast = _EXPRESSWAY.match(scan.text, pos, scan.end)
        return Piece(f"xê tê {say_code_number(fast[1])}", pos, fast.end()) if fast else None
    number = found["first"] or found["number"]
    if found["local"] == "DT" and 1990 <= int(number) <= 2050:
        return None  # a year's estimate, dự toán
    letter = f" {LETTER_NAMES[found['letter'].lower()]}" if found["letter"] else ""
    name = _ROADS[found["national"] or found["local"]]
    if scan.last_word(pos) == "đường":
        name = name.removeprefix("đường ")
    said = say_code_number(number) if found["local"] else say_integer(int(number))
    return Piece(f"{name} {said}{letter}", pos, found.end())


_SMALL_ROAD = re.compile(
    r"(?P<national>(?!))?(?P<first>(?!))?(?P<local>ĐH|ĐX|ĐT)\s?(?P<number>[1-9]\d?)(?P<letter>[A-ZĐ])?(?![^\W_]|[.,/-]\d"
    r"|\s(?:lần|cấp|năm|người|điểm|em|trường|ngành|tấn|tạ|ha|kg|triệu|khóa|nhiệm kỳ|tháng|ngày|chỉ tiêu)\b)"
)
_ON_ROAD = re.compile(
    r"\b(?:đường|tuyến|các tuyến|trục|lộ|dọc|mặt đường|ngã ba|ngã tư|nút giao|trên|qua|cầu|cống)\s"
    r"(?:(?:đh|đx|đt|hl|tl|ql)[. ]?\d{1,3}\s?(?:,|;|và|-|–|đến)\s?){0,9}$"
)
_NO_ROAD = re.compile(
    r"\b(?:trường|tuyển sinh|sinh viên|sv|trình độ|học|thi|điểm|tốt nghiệp|lúa|vụ|sạ|gieo|giống|năng suất|đảng|đoàn|hội"
    r"|đại biểu|nghị quyết|đo|huyết|đường huyết|đồng hồ|nước|văn kiện|chào mừng|đối tượng)\b"
)


def _small_road(scan: Scan, pos: int) -> re.Match[str] | None:
    """`ĐH 12`, `ĐX 5`: roads, unless something else is told of; `ĐT 5` only behind a word for a road."""
    found = _SMALL_ROAD.match(scan.text, pos, scan.end)
    if not found or _ON_ROAD.search(scan.tail(pos)):
        return found
    around = scan.tail(pos) + " " + scan.text[found.end() : min(scan.end, found.end() + 40)].lower()
    return None if found["local"] == "ĐT" or _NO_ROAD.search(around) else found


_CROP_LEAD = re.compile(r"\b(?:mì|sắn|giống)\b[^.;]{0,40}$")
"""KM94 is a sort of cassava."""
_KILOMETRE = re.compile(r"[Kk][Mm]\s?(\d{1,4})(?:\s?\+\s?(\d{1,4}))?(?![^\W_])")
_ON = re.compile(r"\s?[-–—]\s?")


def kilometre_mark(scan: Scan, pos: int) -> Piece | None:
    """A place on a road: `Km15+200` -> ki lô mét mười lăm cộng hai trăm; two of them with a dash are a stretch."""
    found = _KILOMETRE.match(scan.text, pos, scan.end)
    if not found or (not found[2] and _CROP_LEAD.search(scan.tail(pos))):
        return None
    words, end = _kilometre(found), found.end()
    dash = _ON.match(scan.text, end, scan.end)
    last = _KILOMETRE.match(scan.text, dash.end(), scan.end) if dash else None
    if last:
        words, end = f"{words} đến {_kilometre(last)}", last.end()
    return Piece(words, pos, end)


def _kilometre(found: re.Match[str]) -> str:
    words = f"ki lô mét {say_integer(int(found[1]))}"
    return f"{words} cộng {say_integer(int(found[2]))}" if found[2] else words
