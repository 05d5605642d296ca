"""Clock times and weekdays: `7h30`, `13g30`, `08:00`, `5h30 - 6h30`, `thứ 4`, `T7`."""

from __future__ import annotations

import re

from audio.reading.dates import real_date, say_day, say_month, say_year
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan

_MINUTE_MARK = r"(?:\s?(?:phút|ph|p|'|′)(?![^\W\d_]))?"
_CLOCK = re.compile(
    r"(\d{1,3})(?:\s?(?:h|H|g|G|giờ)\s?(\d{2})(?!\d|\s?(?:%|[kmc]?m\b|kg|người))"
    + _MINUTE_MARK
    + r"|:([0-5]\d)(?::[0-5]\d)?(?![\d:])"
    r"|\s?(?:h|H|giờ)(?!\w))(?:\s?(AM|PM|am|pm|SA|CH)\b)?"
)
_HOUR_THEN_DATE = re.compile(r"\d{1,2}\s?[hHg](?=\s\d{1,2}/\d{1,2}(?!\d))")
"""`đến 9h 13/4`: what follows the hour is a day, no minutes."""
_PER_WHAT = r"\s?/\s?(?:l|lít|kg|m2|m3|ml|cây|gốc|con|bình|ha|người|suất|km|kW)(?!\w)"
"""Behind a g: grams in something, `50g/con`."""
_HOUR_G = re.compile(r"(\d{1,2})\s?g(?!\w|" + _PER_WHAT + r")")
_JOIN = re.compile(r"\s?[-–—]\s?")
_HOUR_SPAN = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})\s?(?:h|H|giờ|g(?!" + _PER_WHAT + r"))(?![\w])")
_CLOCK_LEAD = re.compile(
    r"\b(?:lúc|từ|đến|tới|vào|sáng|trưa|chiều|tối|đêm|trước|sau|khoảng|hồi|là|gian|,"
    r"|\()\s*:?\s*$"
)
_DAY_BEHIND = re.compile(r"(?:\s?/\s?(\d{1,2})[-/.](\d{1,2})(?:[-/.]((?:19|20)\d{2}))?)(?![\d/-]|[.,]\d|\s?[-–]\s?\d)")
_RATIO = re.compile(r"(\d{1,4}):(\d{1,3}(?:\.\d{3})+|\d{1,6})(?![\d:])")
_RATIO_LEAD = re.compile(r"(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|pha|trộn|nồng độ|bản đồ)[^.;]{0,24}$")
_HALF = {"AM": "sáng", "SA": "sáng", "PM": "chiều", "CH": "chiều"}
_WEEKDAYS = {2: "hai", 3: "ba", 4: "tư", 5: "năm", 6: "sáu", 7: "bảy"}
_WEEKDAY = re.compile(r"([2-7])(?![\d/.:h%]|,\d)")
_WEEKDAY_LEAD = re.compile(r"\bthứ\s+(?:[2-7]\s*(?:,|;|&|\+|và|đến|tới|hoặc|-|–)\s*){0,6}$")
_OF_PLACES = re.compile(r"(\d{1,3})\s?/\s?(\d{1,4})(?![\d/]|[.,]\d)")
_WEEKDAY_SPAN = re.compile(r"([2-6])\s?[-–—]\s?(?:thứ\s)?([3-7])(?!\d)")
_WEEKDAY_CHAIN = re.compile(r"[2-7](?:-[2-7]){2,5}(-CN)?(?![\w/])")
_T_DAY = re.compile(r"[Tt]\.?([2-7])(?!\w)")
_T_SPAN = re.compile(r"[Tt]([2-6])\s?[-–—→]\s?(?:[Tt]?([3-7])|CN)(?![\w/]|\s?[-–—]\s?[T\d])")
_T_LIST = re.compile(r"[Tt]([2-7])(?:\s?(?:[-–,;&+]|và)\s?(?:[Tt]?[2-7]|CN)(?![\w/])){1,6}")
_LAST_OF_LIST = re.compile(r"(?:&|\+|và)\s?(?:[Tt]?[2-7]|CN)$")
_T_MONTH = re.compile(r"[Tt](1[0-2]|0?[1-9])\s?/\s?((?:19|20)\d{2})(?!\d)")
_T_ALONE = re.compile(r"T\.?(1[0-2]|0?[1-9])(?![^\W_]|[.,/]\d|\s?[-–&]\s?T?\d)")
_MONTH_LEAD = re.compile(
    r"(?:\b(?:kỳ|lương|tiền điện|tiền nước|hóa đơn|tiền|trợ cấp|số liệu)|(?:đầu|cuối|giữa|trong|hết|từ|đến|tới|sang"
    r"|tuần \w+|báo cáo|bc|công tác|kế hoạch|kh|kết quả|dự kiến|vào|lịch|cpi|ước))\s*$"
)
_ONLY_MONTH = re.compile(r"\b(?:kỳ|lương|tiền điện|tiền nước|hóa đơn|trợ cấp|số liệu|công tác)\s*$")
_MONTHS = re.compile(r"(\d{1,2})\s?T(?:\s?/\s?((?:19|20)\d{2})(?!\d)|(?=\s(?:đầu|cuối|năm)\s))")
_QUARTER = re.compile(r"Q\.?\s?(I{1,3}|IV|[1-4])\s?/\s?((?:19|20)\d{2})(?!\d)")
_ORDINAL = re.compile(r"(\d{1,4})(?![\d/]|[.,:]\d)")
_ORDINAL_LEAD = re.compile(r"\bthứ\s+$")


def _clock_words(hour: str, minute: str | None, half: str | None = None) -> str:
    words = f"{say_integer(int(hour))} giờ"
    if minute and int(minute):
        words += f" {say_integer(int(minute))} phút"
    return f"{words} {_HALF[half.upper()]}" if half else words


def clock(scan: Scan, pos: int) -> Piece | None:
    """One time or a span of two: `5h30 - 6h30` -> `từ năm giờ ba mươi phút đến sáu giờ ba mươi phút`."""
    span = _hour_span(scan, pos)
    if span:
        return span
    first = _one_clock(scan, pos)
    if first is None:
        return None
    join = _JOIN.match(scan.text, first.end, scan.end)
    second = _one_clock(scan, join.end()) if join and scan.char(join.end()).isdecimal() else None
    if second is None:
        return first
    return Piece(f"{_lead(scan, pos)}{first.spoken} đến {second.spoken}", pos, second.end)


def _lead(scan: Scan, pos: int) -> str:
    return "" if scan.last_word(pos) in {"từ", "khoảng", "lúc", "vào"} else "từ "


def _hour_span(scan: Scan, pos: int) -> Piece | None:
    found = _HOUR_SPAN.match(scan.text, pos, scan.end)
    if not found or not int(found[1]) < int(found[2]) <= 72:
        return None
    low, high = say_integer(int(found[1])), say_integer(int(found[2]))
    if int(found[2]) > LAST_HOUR or _LASTS.search(scan.tail(pos)) or _LASTED.match(scan.text, found.end(), scan.end):
        return Piece(f"{low} đến {high} giờ", pos, found.end())
    return Piece(f"{_lead(scan, pos)}{low} giờ đến {high} giờ", pos, found.end())


LAST_HOUR = 24
_LASTS = re.compile(r"\b(?:trong|trong vòng|mất|kéo dài|chờ|mỗi|thêm|sau khoảng|suốt|ủ|ngâm|phơi)\s*$")
_LASTED = re.compile(r"\s?(?:/\s?(?:ngày|lần|tuần|ca)|(?:tới|qua|tiếp|đầu|liên tục|liền|một|sau khi|sau đó|đồng hồ)\b)")
"""`3-6 giờ tới`, `8-10h/ngày`: so many hours, no hours of the day."""


def _one_clock(scan: Scan, pos: int) -> Piece | None:
    found = _CLOCK.match(scan.text, pos, scan.end)
    alone = _HOUR_THEN_DATE.match(scan.text, pos, scan.end)
    if found and alone:
        return Piece(_clock_words(found[1], None), pos, alone.end())
    if found:
        minute = found[2] or found[3]
        if minute and (int(found[1]) > 24 or int(minute) > 59):
            return None
        if (found[3] and _RATIO_LEAD.search(scan.tail(pos))) or ("iờ" in found[0] and not minute):
            return None  # a plain number before the word giờ is left to the rule of numbers
        return _with_day(scan, Piece(_clock_words(found[1], minute, found[4]), pos, found.end()))
    bare = _HOUR_G.match(scan.text, pos, scan.end)
    if (
        bare
        and int(bare[1]) <= 24
        and not _is_weighed(scan, pos)
        and (_CLOCK_LEAD.search(scan.tail(pos)) or _spans_hours(scan, pos))
    ):
        return Piece(_clock_words(bare[1], None), pos, bare.end())
    return None


_G_SPAN = re.compile(r"\d{1,2}\s?g(?:\d{2})?\s?[-–—]\s?\d{1,2}\s?g(?:[0-5]\d)?(?!\w|/)")
_G_BEHIND = re.compile(r"\d{1,2}\s?g(?:\d\d)?\s?(?:[-–—]|đến|tới)\s?$")
_G_TO_EACH = re.compile(
    r"\d{1,3}\s?g(?:\s?(?:[-–—]|đến|tới)\s?\d{1,4}\s?g)?(?:\s?/\s?(?!\d)\w"
    r"|\s(?:muối|đường|thuốc|bột|phân|vôi|men|đạm|hạt|thịt|cá|rau|tỏi|gừng)\b)"
)
_WEIGHED = re.compile(r"\b(?:uống|ăn|liều|bón|rắc|pha|hòa|trộn|nặng|muối|đường|gói|lượng)\s*(?:từ\s*)?$")


def _is_weighed(scan: Scan, pos: int) -> bool:
    """`uống 5g - 10g`, `từ 5g - 10g/gốc`, `từ 5g đến 10g muối` are grams at both ends."""
    before = scan.tail(pos, 32)
    first = _G_BEHIND.search(before)
    lead = before[: first.start()] if first else before
    return bool(_WEIGHED.search(lead) or _G_TO_EACH.match(scan.text, pos, scan.end))


def _spans_hours(scan: Scan, pos: int) -> bool:
    """`7g - 11g` is said of an office that is open."""
    return bool(_G_BEHIND.search(scan.tail(pos, 24)) or _G_SPAN.match(scan.text, pos, scan.end))


def _with_day(scan: Scan, piece: Piece) -> Piece:
    """`7h/15-10`, `8h00 - 04/11/2025`: a day right behind the hour."""
    found = _DAY_BEHIND.match(scan.text, piece.end, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])):
        return piece
    words = f"{piece.spoken} ngày {say_day(int(found[1]))} tháng {say_month(int(found[2]))}"
    return Piece(words + (f" năm {say_year(int(found[3]))}" if found[3] else ""), piece.start, found.end())


def ratio(scan: Scan, pos: int) -> Piece | None:
    """`tỷ lệ 1:500` -> `một trên năm trăm`; `tỷ số 2:1` -> `hai một`."""
    found = _RATIO.match(scan.text, pos, scan.end)
    if not found:
        return None
    join = " " if "số" in scan.tail(pos, 16) and "tỷ" in scan.tail(pos, 16) else " trên "
    last = int(found[2].replace(".", ""))
    return Piece(f"{say_integer(int(found[1]))}{join}{say_integer(last)}", pos, found.end())


def weekday(scan: Scan, pos: int) -> Piece | None:
    """The number behind *thứ*: `thứ 4` -> tư, `thứ 2-6`, `thứ 2, 4, 6`; `thứ 1` -> nhất, else an ordinal."""
    before = scan.tail(pos)
    if not _WEEKDAY_LEAD.search(before):
        return None
    chain = _WEEKDAY_CHAIN.match(scan.text, pos, scan.end)
    if chain:
        said = ", thứ ".join(_WEEKDAYS[int(day)] for day in chain[0].removesuffix("-CN").split("-"))
        return Piece(f"{said}, chủ nhật" if chain[1] else said, pos, chain.end())
    span = _WEEKDAY_SPAN.match(scan.text, pos, scan.end)
    if span and int(span[1]) < int(span[2]):
        return Piece(f"{_WEEKDAYS[int(span[1])]} đến thứ {_WEEKDAYS[int(span[2])]}", pos, span.end())
    found = _WEEKDAY.match(scan.text, pos, scan.end)
    direct = bool(_ORDINAL_LEAD.search(before))
    if found:
        return Piece(("" if direct else "thứ ") + _WEEKDAYS[int(found[1])], pos, found.end())
    return _ordinal(scan, pos) if direct else None


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


def months_of_year(scan: Scan, pos: int) -> Piece | None:
    """`6T đầu năm`, `9T/2025`: months of a year that are counted together."""
    found = _MONTHS.match(scan.text, pos, scan.end)
    if not found:
        return None
    words = f"{say_integer(int(found[1]))} tháng"
    return Piece(words + (f" năm {say_year(int(found[2]))}" if found[2] else ""), pos, found.end())


def _is_month(scan: Scan, pos: int, number: int) -> bool:
    """`kỳ T10`, `cuối T11`; 2 to 7 are weekdays, unless what comes month by month stands before."""
    lead = _ONLY_MONTH if 2 <= number <= 7 else _MONTH_LEAD
    return bool(lead.search(scan.tail(pos)))


def short_quarter(scan: Scan, pos: int) -> Piece | None:
    """`Q3/2025`, `QIV/2025`: a quarter."""
    found = _QUARTER.match(scan.text, pos, scan.end)
    if not found:
        return None
    number = {"I": 1, "II": 2, "III": 3, "IV": 4}.get(found[1]) or int(found[1])
    words = f"quý {say_integer(number)}"
    return Piece(f"{words} năm {say_year(int(found[2]))}", pos, found.end())


_INSTAR = re.compile(r"T([1-6])(?:\s?[-–]\s?T?([2-6]))?(?!\w)")
_PEST = re.compile(r"\b(?:sâu|rầy|ấu trùng|bọ|nhện)\b[^.;,\d]{0,24}$")
"""`sâu T1-T2`: how old the larvae are."""


def short_weekday(scan: Scan, pos: int) -> Piece | None:
    """`T7` -> thứ bảy, `T2-T6`, `T2 - CN`; before a year it is a month: `T4/2021`."""
    instar = _INSTAR.match(scan.text, pos, scan.end)
    if instar and _PEST.search(scan.tail(pos)):
        words = f"tuổi {say_integer(int(instar[1]))}"
        return Piece(words + (f" đến tuổi {say_integer(int(instar[2]))}" if instar[2] else ""), pos, instar.end())
    month = _T_MONTH.match(scan.text, pos, scan.end)
    if month:
        name = "tư" if int(month[1]) == 4 else say_integer(int(month[1]))
        return Piece(f"tháng {name} năm {say_integer(int(month[2]))}", pos, month.end())
    alone = _T_ALONE.match(scan.text, pos, scan.end)
    if alone and _is_month(scan, pos, int(alone[1])):
        return Piece(f"tháng {'tư' if int(alone[1]) == 4 else say_integer(int(alone[1]))}", pos, alone.end())
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
