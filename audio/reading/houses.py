"""Where somebody lives: `hẻm 86/14/3`, `số 12/3B`, `tổ 7/KP4`, `P.5, Q.1`, `KP2`, and a room of an office.

A slash in a number is *trên*, between two places a breath.
"""

from __future__ import annotations

import re

from audio.reading.letters import LETTER_NAMES
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import OF_PERSON, Scan

_HOUSE = re.compile(r"\d{1,4}[A-Ha-h]?(?:\s?/\s?\d{1,4}[A-Ha-hĐ]?\d?){1,4}(?![^\W_]|/|[.,]\d|-[A-ZĐ])")
_PART = re.compile(r"(\d{1,4})([A-Za-zĐ]?)(\d?)")
_LANE_LEAD = re.compile(r"\b(?:sn|hẻm|ngõ|ngách|kiệt|đường hẻm|số nhà|nhà số|nhà ở|nhà)\s*(?:số\s*)?:?\s*$")
_AMONG_LANES = re.compile(
    r"\b(?:hẻm|ngõ|ngách|kiệt|số nhà|nhà số)\s(?:số\s)?"
    r"(?:\d{1,4}[a-h]?(?:/\d{1,4}[a-h]?){0,4}\s?(?:,|;|và|đến|-|–)\s?){1,12}$"
)
"""`các hẻm 12, 14/3 và 27`: the word stands for all that follow."""
_ADDRESS_LEAD = re.compile(r"(?:\bsố|\bđịa chỉ|\bđ/c|\bđc|\btại|\bở|\bngụ)\s*:?\s*$")
_STREET = re.compile(r"\s*,?\s*(?:đường\s|phố\s|đ\.\s?[A-ZĐÀ-Ỹ]|[A-ZĐÀ-Ỹ][a-zà-ỹ]{1,6}\s[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_NESTED = re.compile(
    r"(\d{1,3}[A-Ha-h]?)\s?[/,]\s?(?=(?:KP|TDP|KDC|[KkTtẤấXxĐđ](?:hu phố|hôn|ổ dân phố|ổ|p|óm|ội))\s?\d|"
    r"(?:ấp|thôn|xóm|khu phố|xã|phường|kp)\s)"
)
_NESTED_LEAD = re.compile(r"\b(?:tổ|đội|số nhà|hẻm|ấp|thôn|xóm|khóm|khu phố|kp|cụm|nhóm)\s*(?:số\s*)?$")


def house(scan: Scan, pos: int) -> Piece | None:
    """The number of a house in its lanes: two slashes or a letter make it one, one slash needs its street."""
    found = _HOUSE.match(scan.text, pos, scan.end)
    if not found:
        return None
    before = scan.tail(pos)
    if before.endswith(("sn ", "sn: ", "sn")) and _BORN.match(scan.text, pos, scan.end):
        return None
    lane = bool(_LANE_LEAD.search(before) or _AMONG_LANES.search(scan.tail(pos, 96)))
    if not lane and not (_ADDRESS_LEAD.search(before) and _STREET.match(scan.text, found.end(), scan.end)):
        return None
    return Piece(" trên ".join(_say_part(part) for part in found[0].split("/")), pos, found.end())


def _say_part(written: str) -> str:
    number, letter, more = _PART.findall(written)[0]
    words = say_integer(int(number))
    if letter:
        words += f" {LETTER_NAMES[letter.lower()]}"
    return f"{words} {say_integer(int(more))}" if more else words


def nested_place(scan: Scan, pos: int) -> Piece | None:
    """`tổ 7/KP4`: the smaller place and its slash; the larger one is read by its own rule."""
    found = _NESTED.match(scan.text, pos, scan.end)
    if not found or "/" not in found[0] or not _NESTED_LEAD.search(scan.tail(pos)):
        return None
    return Piece(_say_part(found[1]) + ",", pos, found.end())


_NAMED = re.compile(r"(TP|Tp|TX|TT|Q|P|KP|H|X|T)\.\s?(?=[^\W_])")
_PLACES = {
    "TP": "thành phố", "Tp": "thành phố", "TX": "thị xã", "TT": "thị trấn", "Q": "quận", "P": "phường", "KP": "khu phố",
    "H": "huyện", "X": "xã", "T": "tỉnh",
}  # fmt: skip


def place_prefix(scan: Scan, pos: int) -> Piece | None:
    """`P.5`, `Q.1`, `TP. Hà Nội`: the prefix alone; what follows is read by its own rule."""
    found = _NAMED.match(scan.text, pos, scan.end)
    if not found:
        return None
    following = scan.char(found.end())
    if not (following.isdecimal() or following.isupper()):
        return None
    if len(found[1]) == 1 and OF_PERSON.search(scan.tail(pos)):
        return None
    if found[1] in {"T", "H", "X"} and (following.isdecimal() or found.end() - found.start() < 2):
        return None
    name = _PLACES[found[1]]
    return Piece("" if scan.tail(pos, 16).endswith(f"{name} ") else name, pos, pos + len(found[1]) + 1)


_SHORT = re.compile(r"SN\s?[:.]?\s?(?=\d)")
_BORN = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d{2}(?!\d)")
_BORN_IN = re.compile(r"(?:(?:19|20)\d{2}|[3-9]\d)(?![\w/])")
_NUMBER = re.compile(r"\d{1,4}[A-Za-z]?(?:/\d{1,4}[A-Za-z]?){0,3}(?![\w/])")
_LANE_BEHIND = re.compile(
    r"\s?,?\s?(?:đường|phố|ngõ|hẻm|ngách|kiệt|tổ|khu|kp|tdp|ấp|thôn|xóm|khóm|lô|quốc lộ|ql)\b", re.IGNORECASE
)


def short_number(scan: Scan, pos: int) -> Piece | None:
    """`SN 12 ngõ 3`: the number of a house; `SN 1985`, `SN 2/9/1985` tell when somebody was born."""
    short = _SHORT.match(scan.text, pos, scan.end)
    number = _NUMBER.match(scan.text, short.end(), scan.end) if short else None
    if not short:
        return None
    if _BORN.match(scan.text, short.end(), scan.end):
        return Piece("sinh", pos, pos + len("SN"))
    if not number or (
        _BORN_IN.match(scan.text, short.end(), scan.end) and not _LANE_BEHIND.match(scan.text, number.end(), scan.end)
    ):
        return None
    return Piece("số nhà", pos, pos + len("SN"))


_ROOM = re.compile(
    r"\b(?:ông|bà|anh|chị|cô|đ/c|đồng chí|gặp|cán bộ|công chức|tầng|một cửa|tiếp dân|kế toán)\b[^\d;.(]{0,30}\($"
)
_ROOM_NUMBER = re.compile(r"P\.\s?(?=\d{1,3}\))")


def room(scan: Scan, pos: int) -> Piece | None:
    """`gặp bà Mai (P.5)`: the room of somebody."""
    found = _ROOM_NUMBER.match(scan.text, pos, scan.end)
    return Piece("phòng", pos, pos + 2) if found and _ROOM.search(scan.tail(pos)) else None


_NUMBERED_PLACE = re.compile(r"(KP|P|Q)\s?(\d{1,2}(?:,\d{1,2}){0,9})(?![^\W_]|[.,]\d)")
_AMONG_PLACES = re.compile(r"\b(?:đường|kp\d*|khu phố|phường|quận|q\d+|p\d+|tp|hẻm|địa chỉ|đ/c|số nhà|tại|ở|ngụ|các)\b")


def numbered_place(scan: Scan, pos: int) -> Piece | None:
    """`KP2, P3, Q10` in an address."""
    found = _NUMBERED_PLACE.match(scan.text, pos, scan.end)
    if not found or not (found[1] == "KP" or _AMONG_PLACES.search(scan.tail(pos))):
        return None
    numbers = ", ".join(say_integer(int(number)) for number in found[2].split(","))
    return Piece(f"{_PLACES[found[1]]} {numbers}", pos, found.end())
