"""Dates: `12/02/2020`, `02/9`, `8/2020`, day lists, year spans, quarters. Days 1 to 10 are *mùng*, month 4 is *tư*.

`d/m` without a year is a date or a share; what stands before and behind decides, and where nothing does, staff are
asked.
"""

from __future__ import annotations

import re
from calendar import monthrange

from audio.reading.model import Piece
from audio.reading.numbers import say_integer, say_whole
from audio.reading.scan import Scan

_FULL = re.compile(r"(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4})(?![\d/])")
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])")
_ISO = re.compile(r"((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_DAY_SPAN = re.compile(
    r"(\d{1,2})\s?[-–—]\s?(\d{1,2})\s?(?:[/.]\s?(\d{1,2})(?:[/.](\d{4}))?|\s+tháng\s+(\d{1,2}))(?![\d/.]\d|\d)"
)
_DATE_SPAN = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?\s?[-–—]\s?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_DAY_MONTH = re.compile(r"(\d{1,2})\s?/\s?(\d{1,2})(?![^\W_]|/|[.,]\d)")
_HOUSE_LEAD = re.compile(
    r"\b(?:số nhà|nhà số|nhà|hẻm|ngõ|ngách|kiệt|thửa|tờ|lô|huyết áp|thị lực|(?<!giỗ )tổ|lớp|đường số"
    r"|phòng|thương binh|tb|hạng)\s*(?:số\s*)?$"
)
_DAY_MONTH_DOT = re.compile(r"(\d{1,2})\.(\d{1,2})(?![\d/-]|[.,]\d|\s?(?:%|đồng|triệu|tỷ|m\b|ha\b))")
_TIME_OF_DAY = re.compile(r"\b(?:sáng|trưa|chiều|tối|đêm|khuya|hôm)(?:\s+ngày)?\s*[(,]?\s*$")
_DAYS_OF = re.compile(r"\s*(?:/|tháng|hàng tháng|hằng tháng|mỗi tháng|của tháng|âm lịch|tết)", re.IGNORECASE)
_GAME = re.compile(r"\b(?:thắng|thua|hòa|tỷ số|tỉ số|hiệp|ván)\b")
_NAMED_DAY = re.compile(
    r"\bngày\s(?:sinh|cấp|bầu cử|thi|họp|ban hành|ký|hết hạn|nộp|khai giảng|lập|mất|tiêm|khởi công"
    r"|thành lập|khai mạc)\s*$"
)
_LISTED_DAYS = re.compile(r"(\d{1,2}(?:,\d{1,2}){1,5})/(\d{1,2})(?:/((?:19|20)\d{2}))?(?![\d/])")
_LUNAR = re.compile(r"\s?\(?(?:ÂL|AL|âl|al|âm lịch|Âm lịch)(?!\w)")
_FRACTIONS = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)})
_NOUN = re.compile(
    r"\s(?!(?:tại|đến|của|là|và|từ|vào|lúc|năm|âm|có|được|sẽ|hàng|hằng|này|tới|sáng|chiều|tối)\s)[a-zà-ỹđ]{2,}"
)
_STREET = re.compile(r"\s+(?:đường\s|[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_NUMBER_LEAD = re.compile(r"(?:\bsố|\bđịa chỉ|\bđc)\s*:?\s*$")
_DAY_MONTH_DASH = re.compile(r"(\d{1,2})-(\d{1,2})(?![\d/-]|[.,]\d)")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s?[/-]\s?((?:19|20)\d{2})(?![\d/]|-?[A-ZĐ])")
_MONTH_SPAN = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})(?:/((?:19|20)\d{2}))?(?![\d/])")
_YEAR_SPAN = re.compile(r"((?:1[89]|20|21)\d{2})\s?[-–—/]\s?((?:1[89]|20|21)\d{2})(?![\d/]|[.,]\d)")
_BARE = re.compile(r"\d{1,2}(?![\d/]|[.,:]\d|\s?%)")
_OF_YEAR = re.compile(r"(\d{1,3})\s?[/-]\s?((?:19|20)\d{2})(?![\d/])")

_DAY_WORD = re.compile(
    r"(?:\bngày|mùng|mồng|\bđêm|rạng sáng|\bsáng|\btrưa|\bchiều|\btối|hôm|khuya|rằm)(?:\s+ngày)?[\s(]*$"
)
_DAY_LIST = re.compile(
    r"(?<!mỗi )(?<!hàng )(?<!hằng )\b(?:ngày|mùng|mồng|đêm)\s+(?:\d{1,2}(?:/\d{1,2})?(?:\s*(?:,|;|và|đến|tới"
    r"|hoặc|-|–)\s*(?:(?:đêm|ngày|sáng|"
    r"rạng sáng|hết|hết ngày)\s+)*)){0,12}$"
)
_DATE_LEAD = re.compile(
    r"(?:\b(?:từ|đến|tới|trước|sau|vào|hết|kể từ|lúc|khi|là|lễ|dịp|khánh|tết|ngày lập|giỗ|cả|lần|và|hoặc|lịch|nghỉ)|"
    r"\b(?:thứ\s\w+|chủ nhật|cn|t[2-7])\s?[,(]?)[\s,(]*$"
)
_AFTER_CLOCK = re.compile(r"\d\s?(?:h|g|giờ|:)\s?(?:\d{2})?(?:\s?(?:phút|'))?\s*[-–]?\s*$")
_COUNTED_FROM = re.compile(
    r"\b(?:f0|f1|cách ly|tiếp xúc|phơi nhiễm|bị cắn|chó cắn|sau tiêm|sau sinh|sau sạ|ngày mắc"
    r"|khởi phát|dengue|(?:sốt|bệnh) ngày)\b"
)
"""Days that are counted from an event, `test vào ngày 1, 5`: no days of a month."""
_LIST_HAS_MONTH = re.compile(
    r"\d{1,2}(?:\s*(?:,|;|và|hoặc|-|–|đến)\s*(?:ngày\s)?\d{1,2}){0,12}\s*(?:/|tháng\b|hàng|hằng|mỗi)"
)
_ASKS_DAY = re.compile(r"\b(?:từ|đến|tới|trước|sau|vào|hết)\s*$")
_MANY_DAYS_LEAD = re.compile(r"\d/\d{1,2}(?:/\d{4})?\s*(?:,|và|hoặc|đến|-|–)\s*$")
_SHARE_LEAD = re.compile(
    r"\b(?:hơn|gần|quá|trên|dưới|khoảng|bằng|ít nhất|tối thiểu|chiếm|đủ|đạt|giảm|tăng|còn|có|được|số|chỉ|với"
    r"|tỷ lệ|tỉ lệ"
    r"|hoàn thành|thực hiện|tại|cho)\s*$"
)
_SHARE_OF = re.compile(
    r"\s+(?:số|tổng|diện tích|dân số|cử tri|đại biểu|thành viên|quân số|chặng|quãng|lượng|thời gian|phần|khối|giá|mức"
    r"|chiều|vốn|kinh phí|thu nhập|tài sản|dung tích|sản lượng|nước|muỗng|thìa|cốc|viên|liều|công|mẫu|sào"
    r"|người dân)\b"
)
_ALL_DAYS = re.compile(r"\s(?:ngày|buổi|tuần|tháng|môn)\b")
_COUNTED = re.compile(
    r"\s+(?:xã|phường|thị trấn|thôn|ấp|bản|làng|buôn|hộ|người|tiêu chí|trường|đơn vị|đại biểu|cử tri|lớp|em|học sinh"
    r"|cháu|địa phương|huyện|tổ|khu|điểm|phiếu|ý kiến|đảng viên|chi bộ|chi hội|cán bộ|công trình|dự án|tỉnh"
    r"|đồng chí|hồ sơ"
    r"|chỉ tiêu|nhiệm vụ|giáo viên|cơ quan|ca|mẫu|thành viên|thành phố|hợp tác xã|tuyến|trạm|cụm|doanh nghiệp"
    r"|gia đình"
    r"|thành phần|nội dung|sản phẩm|nhà|bài|câu|trận|vụ|km|ha|trang trại|đoàn viên|hội viên|lượt|xóm|khóm"
    r"|phòng|bệnh viện"
    r"|cơ sở|tiêu chuẩn|công chức|lao động|giờ|g|h)\b"
)
_COUNTED_TOO = re.compile(
    r"\s+(?:ứng cử viên|ứng viên|ủy viên|chiến sĩ|hạng mục|gói thầu|tàu|phương tiện|thửa|khẩu"
    r"|ƯCV|ĐBQH|ĐB|HS|GV|CB|CBCC|ĐV|HV|ĐVTN|UV|TV|HTX|TTHC|TBA|SP|DN)(?!\w)"
)
"""Counted where nothing before asks for a day: `bầu 3/5 ƯCV`."""
_NOT_DAY_AFTER = re.compile(
    r"\s*(?:lần|viên|buổi|bữa|ca\b|người|lượt|suất|gói|ly|cốc|liều|kg|tiếng|tháng\s+\d+\s+ngày|ngày|phút|km"
    r"|chuyến|đêm\b)"
)
_MONTH_FOLLOWS = re.compile(r"\s+tháng\s+(?:\d|này|sau|tới|trước|giêng|chạp|[a-zđ]+)")
_MONTHS_BEFORE = re.compile(r"\btháng\s+(?:\d{1,2}\s*(?:,|;|và|đến|tới|hoặc|-|–)\s*(?:tháng\s+)?){0,12}$")
_YEARLY = re.compile(r"\b(?:quý|đợt|kỳ|học kỳ|lần|vụ|khóa|khoá|số|phiên|tuần|lần thứ)\s*$")

_FESTIVE = re.compile(r"\b(?:khánh|lễ|dịp|ngày|mừng|niệm|phụ nữ|nhà giáo|lao động|lập|và)\s*\(?$")
_PAIRED_DAY = re.compile(
    r"\s*(?:và|,|đến|-|–)\s*(?:(?:rạng\s)?sáng|trưa|chiều|tối|đêm|ngày)(?:\s+ngày)?\s+\d{1,2}(?:/\d|\s+tháng\s)"
)
"""`sáng 5 và chiều 6/10`: the month stands behind the second day only."""

HOLIDAYS = frozenset(
    {
        (1, 1), (3, 2), (9, 1), (14, 2), (27, 2), (8, 3), (10, 3), (26, 3), (30, 4), (1, 5), (7, 5), (15, 5), (19, 5),
        (3, 3), (26, 3), (21, 4), (5, 9), (4, 10), (17, 10),
        (1, 6), (5, 6), (21, 6), (26, 6), (28, 6), (11, 7), (27, 7), (19, 8), (2, 9), (10, 10), (13, 10), (14, 10),
        (20, 10), (9, 11), (18, 11), (20, 11), (23, 11), (1, 12), (10, 12), (22, 12), (24, 12), (25, 12),
    }
)  # fmt: skip
"""Days that are known by day and month alone; the lunar 10/3 is among them."""

_LONGEST_MONTH = 12
_SCALE = re.compile(r"1\s?/\s?2000(?!\d)")
_SCALE_LEAD = re.compile(
    r"\b(?:tỷ lệ|tỉ lệ|bản đồ|bình đồ|quy hoạch|phân khu|trích đo|trích lục|đo vẽ)\b(?:[^.;]|\.\d){0,48}"
    r"(?<!tháng)(?<!từ)(?<!đến)(?<!tới)(?<!trước)(?<!sau)(?<!vào)(?<!năm)\s$"
)
"""Of the scales of maps only 1/2000 looks like a month of a year."""


def say_year(year: int) -> str:
    """`2020` -> `hai nghìn không trăm hai mươi`."""
    return say_integer(year)


def say_day(day: int) -> str:
    """Day of a month: 1 to 10 are *mùng*."""
    return f"mùng {say_integer(day)}" if 1 <= day <= 10 else say_integer(day)


def say_month(month: int) -> str:
    """Month by number; the fourth is *tư*."""
    return "tư" if month == 4 else say_integer(month)


def real_date(day: int, month: int, year: int | None = None) -> bool:
    """Is there such a day? Without a year 29 February is one."""
    if not 1 <= month <= _LONGEST_MONTH:
        return False
    if year is not None and not 1 <= year <= 9999:
        return False
    return 1 <= day <= monthrange(year or 2020, month)[1]


def _say_date(scan: Scan, pos: int, day: int, month: int, year: int | None) -> str:
    before = scan.tail(pos)
    after_mung = before.rstrip().endswith(("mùng", "mồng"))
    lead = "" if _DAY_WORD.search(before) else "ngày " if year or _ASKS_DAY.search(before) else ""
    if _AFTER_CLOCK.search(before):
        lead = "ngày "
    if _NAMED_DAY.search(before) or _TIME_OF_DAY.search(before):
        lead = ""
    if (_MANY_DAYS_LEAD.search(before) or _DAY_LIST.search(before)) and not _ASKS_DAY.search(before):
        lead = ""
    words = f"{lead}{say_integer(day) if after_mung else say_day(day)} tháng {say_month(month)}"
    return f"{words} năm {say_year(year)}" if year else words


def _checked(scan: Scan, piece: Piece, day: int, month: int, year: int | None) -> Piece:
    return piece if real_date(day, month, year) else scan.doubted("ambiguous_date", piece)


def full_date(scan: Scan, pos: int) -> Piece | None:
    """`12/02/2020`, `24-8-2020`, `2020-02-12`, `12/02/20` behind *ngày*."""
    found = _FULL.match(scan.text, pos, scan.end)
    if found:
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if day > 31 or month > 31 or not 1000 <= year <= 2999:
            return None
        return _checked(scan, Piece(_say_date(scan, pos, day, month, year), pos, found.end()), day, month, year)
    found = _ISO.match(scan.text, pos, scan.end)
    if found and real_date(int(found[3]), int(found[2]), int(found[1])):
        return Piece(_say_date(scan, pos, int(found[3]), int(found[2]), int(found[1])), pos, found.end())
    found = _SHORT_YEAR.match(scan.text, pos, scan.end)
    if found and real_date(int(found[1]), int(found[2]), 2000 + int(found[3])):
        day, month, year = int(found[1]), int(found[2]), 2000 + int(found[3])
        return scan.doubted("ambiguous_date", Piece(_say_date(scan, pos, day, month, year), pos, found.end()))
    return None


def listed_days(scan: Scan, pos: int) -> Piece | None:
    """`ngày 25,26/5`, `sáng 1,2,3/9/2025`: days in a row without spaces, the month stands behind the last."""
    found = _LISTED_DAYS.match(scan.text, pos, scan.end)
    if not found or not (_DAY_WORD.search(scan.tail(pos)) or _DATE_LEAD.search(scan.tail(pos))):
        return None
    days, month = [int(day) for day in found[1].split(",")], int(found[2])
    if not all(real_date(day, month) for day in days) or days != sorted(days):
        return None
    words = f"{', '.join(map(say_day, days))} tháng {say_month(month)}"
    return Piece(words + (f" năm {say_year(int(found[3]))}" if found[3] else ""), pos, found.end())


def date_span(scan: Scan, pos: int) -> Piece | None:
    """`01-05/9/2020`, `12/8 - 15/8/2020`."""
    found = _DATE_SPAN.match(scan.text, pos, scan.end)
    if found:
        d1, m1, d2, m2 = (int(found[i]) for i in (1, 2, 4, 5))
        y1, y2 = (int(found[i]) if found[i] else None for i in (3, 6))
        if real_date(d1, m1, y1) and real_date(d2, m2, y2):
            first = _say_date(scan, pos, d1, m1, y1)
            if not first.startswith("ngày") and not _DAY_WORD.search(scan.tail(pos)):
                first = f"ngày {first}"
            lead = _span_lead(scan, pos, first)
            last = f"ngày {say_day(d2)} tháng {say_month(m2)}" + (f" năm {say_year(y2)}" if y2 else "")
            return Piece(f"{lead}{first} đến {last}", pos, found.end())
    found = _DAY_SPAN.match(scan.text, pos, scan.end)
    if not found:
        return None
    d1, d2, month = int(found[1]), int(found[2]), int(found[3] or found[5])
    year = int(found[4]) if found[4] else None
    if d1 >= d2 or not (real_date(d1, month) and real_date(d2, month, year)):
        return None
    last = f"ngày {say_day(d2)} tháng {say_month(month)}" + (f" năm {say_year(year)}" if year else "")
    if _COUNTED.match(scan.text, found.end(), scan.end):
        return None
    first = say_day(d1) if _DAY_WORD.search(scan.tail(pos)) else f"ngày {say_day(d1)}"
    return Piece(f"{_span_lead(scan, pos, first)}{first} đến {last}", pos, found.end())


def _span_lead(scan: Scan, pos: int, first: str) -> str:
    """*từ*, unless it or *ngày* already stands before."""
    before = scan.tail(pos).rstrip()
    return (
        "" if before.endswith(("từ", "ngày", "đêm", "sáng", "chiều", "tối")) or not first.startswith("ngày") else "từ "
    )


def year_span(scan: Scan, pos: int) -> Piece | None:
    """`2021-2025`, `năm học 2020 - 2021`."""
    found = _YEAR_SPAN.match(scan.text, pos, scan.end)
    if not found or not int(found[1]) < int(found[2]) <= int(found[1]) + 150:
        return None
    return Piece(f"{say_year(int(found[1]))} đến {say_year(int(found[2]))}", pos, found.end())


def month_year(scan: Scan, pos: int) -> Piece | None:
    """`8/2020`; `tháng 4-6/2021`; `đợt 1/2020` counts within a year."""
    before = scan.tail(pos)
    if before.rstrip().endswith("tháng"):
        span = _MONTH_SPAN.match(scan.text, pos, scan.end)
        if span and 1 <= int(span[1]) < int(span[2]) <= _LONGEST_MONTH:
            said = f"{say_month(int(span[1]))} đến tháng {say_month(int(span[2]))}"
            return Piece(said + (f" năm {say_year(int(span[3]))}" if span[3] else ""), pos, span.end())
    if _YEARLY.search(before):
        found = _OF_YEAR.match(scan.text, pos, scan.end)
        if found:
            return Piece(f"{say_whole(found[1])} năm {say_year(int(found[2]))}", pos, found.end())
    if _SCALE.match(scan.text, pos, scan.end) and _SCALE_LEAD.search(before.rstrip("( ") + " "):
        return None
    found = _MONTH_YEAR.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[1]) <= _LONGEST_MONTH:
        return None
    lead = "" if _MONTHS_BEFORE.search(before) else "tháng "
    return Piece(f"{lead}{say_month(int(found[1]))} năm {say_year(int(found[2]))}", pos, found.end())


def day_month(scan: Scan, pos: int) -> Piece | None:
    """`2/9` as a date, where it is one; a share is left to `shares.share`."""
    found = _DAY_MONTH.match(scan.text, pos, scan.end)
    before = scan.tail(pos)
    if not found:
        return _dotted_day(scan, pos, before) or _dashed_day(scan, pos, before)
    day, month = int(found[1]), int(found[2])
    named = bool(_DAY_WORD.search(before))
    if named or _DAY_LIST.search(before):
        return _named_day(scan, Piece("", pos, found.end()), day, month, named=named)
    if real_date(day, month) and _LUNAR.match(scan.text, found.end(), scan.end):
        return Piece(_say_date(scan, pos, day, month, None), pos, found.end())
    if (
        found[0] == "24/7"
        or _HOUSE_LEAD.search(before)
        or (_NUMBER_LEAD.search(before) and _STREET.match(scan.text, found.end(), scan.end))
        or not real_date(day, month)
        or is_share(scan, found.end(), day, month, before)
    ):
        return None
    piece = Piece(_say_date(scan, pos, day, month, None), pos, found.end())
    padded = found[1].startswith("0") or found[2].startswith("0")
    led = _DATE_LEAD.search(before) or _AFTER_CLOCK.search(before) or _MANY_DAYS_LEAD.search(before)
    sure = led or padded or day > _LONGEST_MONTH or (day, month) in HOLIDAYS
    return piece if sure else scan.doubted("ambiguous_date", piece)


def _dashed_day(scan: Scan, pos: int, before: str) -> Piece | None:
    """`ngày 20-11`, `Quốc khánh 2-9`: a dash between day and month, where it can be no span of days."""
    found = _DAY_MONTH_DASH.match(scan.text, pos, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])):
        return None
    day, month = int(found[1]), int(found[2])
    piece = Piece(_say_date(scan, pos, day, month, None), pos, found.end())
    festive = (day, month) in HOLIDAYS and (
        _FESTIVE.search(before) or (day > _LONGEST_MONTH and not _GAME.search(before))
    )
    if festive or _TIME_OF_DAY.search(before):
        return piece
    if _DAY_WORD.search(before) and not _DAYS_OF.match(scan.text, found.end(), scan.end):
        return piece if day > month else scan.doubted("ambiguous_date", piece)
    return None


def _dotted_day(scan: Scan, pos: int, before: str) -> Piece | None:
    """`ngày 5.8`, `sáng 14.11` as newspapers of the South write."""
    found = _DAY_MONTH_DOT.match(scan.text, pos, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])):
        return None
    if not _DAY_WORD.search(before) and not _WEEKDAY_SAID.search(before):
        return None
    return Piece(_say_date(scan, pos, int(found[1]), int(found[2]), None), pos, found.end())


_WEEKDAY_SAID = re.compile(r"(?:\bthứ\s(?:hai|ba|tư|năm|sáu|bảy|[2-7])|\bchủ nhật|\bcn|\bt[2-7])\s?[,(]?\s*$")


def _named_day(scan: Scan, piece: Piece, day: int, month: int, *, named: bool) -> Piece | None:
    """What follows *ngày* is a date even where there is no such day; then staff are asked."""
    if real_date(day, month):
        return piece._replace(spoken=_say_date(scan, piece.start, day, month, None))
    if named and 1 <= day <= 31 and 1 <= month <= 31:
        said = f"{say_day(day)} tháng {say_integer(month)}"
        return scan.doubted("ambiguous_date", piece._replace(spoken=said))
    return None


def is_share(scan: Scan, end: int, top: int, bottom: int, before: str) -> bool:
    """Is `top/bottom`, ending at `end`, a share or a count rather than a date?"""
    if (top, bottom) in _FRACTIONS and not _DATE_LEAD.search(before) and _NOUN.match(scan.text, end, scan.end):
        return True
    if top == bottom and _ALL_DAYS.match(scan.text, end, scan.end):
        return True
    if _SHARE_OF.match(scan.text, end, scan.end) or _COUNTED.match(scan.text, end, scan.end):
        return True
    if _COUNTED_TOO.match(scan.text, end, scan.end) and not _DATE_LEAD.search(before) and (top, bottom) not in HOLIDAYS:
        return top <= bottom
    return bool(_SHARE_LEAD.search(before)) and top <= bottom


def day_number(scan: Scan, pos: int) -> Piece | None:
    """A lone day: behind *ngày* (and in its lists) or before *tháng*."""
    found = _BARE.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[0]) <= 31:
        return None
    before = scan.tail(pos)
    day = int(found[0])
    months = bool(_MONTH_FOLLOWS.match(scan.text, found.end(), scan.end))
    if _NOT_DAY_AFTER.match(scan.text, found.end(), scan.end) and not months:
        return None
    if before.rstrip().endswith(("mùng", "mồng")):
        return Piece(say_integer(day), pos, found.end())
    if _DAY_LIST.search(before) and _counts_days(scan, pos):
        return Piece(say_integer(day), pos, found.end())
    paired = _DAY_WORD.search(before) and _PAIRED_DAY.match(scan.text, found.end(), scan.end)
    if paired or _DAY_LIST.search(before) or (months and _starts_date(scan, found.end(), before)):
        return Piece(say_day(day), pos, found.end())
    return None


def _counts_days(scan: Scan, pos: int) -> bool:
    before = scan.tail(pos, 120)
    counted = _COUNTED_FROM.search(before) or re.search(r"\bngày 0\b", before)
    return bool(counted) and not _LIST_HAS_MONTH.match(scan.text, pos, scan.end)


_NUMBERED_MONTH = re.compile(r"\s+tháng\s+\d{1,2}(?!\d|\s+(?:ngày|tuổi|lương))")


def _starts_date(scan: Scan, end: int, before: str) -> bool:
    return bool(_NUMBERED_MONTH.match(scan.text, end, scan.end)) and not before.rstrip().endswith(
        ("trong", "được", "khoảng", "sau", "hơn")
    )


def month_number(scan: Scan, pos: int) -> Piece | None:
    """The number behind *tháng*, lists included: 4 is *tư*."""
    found = _BARE.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[0]) <= _LONGEST_MONTH or not _MONTHS_BEFORE.search(scan.tail(pos)):
        return None
    return Piece(say_month(int(found[0])), pos, found.end())
