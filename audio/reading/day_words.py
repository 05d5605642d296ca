"""The words of days, months and years, and the words before a number that make it one of them."""

from __future__ import annotations

import re
from calendar import monthrange

from audio.reading.numbers import say_integer

LAST_MONTH = 12
BARE = re.compile(r"\d{1,2}(?![\d/]|[.,:]\d|\s?%)")
"""A number by itself, which the words around it make a day or a month."""
HOLIDAYS = frozenset(
    {
        (1, 1), (9, 1), (3, 2), (14, 2), (27, 2), (3, 3), (8, 3), (10, 3), (26, 3), (21, 4), (30, 4), (1, 5), (7, 5),
        (15, 5), (19, 5), (1, 6), (5, 6), (21, 6), (26, 6), (28, 6), (11, 7), (27, 7), (19, 8), (2, 9), (5, 9), (4, 10),
        (10, 10), (13, 10), (14, 10), (17, 10), (20, 10), (9, 11), (18, 11), (20, 11), (23, 11), (1, 12), (10, 12),
        (22, 12), (24, 12), (25, 12),
    }
)  # fmt: skip
"""Days that are known by day and month alone; the lunar 10/3 is among them."""
DAY_WORD = re.compile(
    r"(?:\bngày|mùng|mồng|\bđêm|rạng sáng|\bsáng|\btrưa|\bchiều|\btối|hôm|khuya|rằm)(?:\s+ngày)?"
    r"(?:\s*|\s*(?<!\d\sngày)(?<!\d\sngày\s)(?<!ngày\sđêm)(?<!ngày\sđêm\s)\([\s(]*)$"
)
"""`ngày (02/9)` is one; `nghỉ 9 ngày (14/02…)` counts days and then tells which."""
DAY_LIST = re.compile(
    r"(?<!mỗi )(?<!hàng )(?<!hằng )\b(?:ngày|mùng|mồng|đêm)\s+(?:\d{1,2}(?:/\d{1,2})?(?:\s*(?:,|;|và|đến|tới"
    r"|hoặc|-|–)\s*(?:(?:đêm|ngày|sáng|"
    r"rạng sáng|hết|hết ngày)\s+)*)){0,12}$"
)
DATE_LEAD = re.compile(
    r"(?:\b(?:từ|đến|tới|trước|sau|vào|hết|kể từ|lúc|khi|là|lễ|dịp|khánh|tết|ngày lập|giỗ|cả|lần|và|hoặc|lịch|nghỉ)|"
    r"\b(?:thứ\s\w+|chủ nhật|cn|t[2-7])\s?[,(]?)[\s,(]*$"
)


def say_year(year: int) -> str:
    """`2020` -> `hai nghìn không trăm hai mươi`."""
    return say_integer(year)


def of_year(year: int | str | None) -> str:
    """What goes behind a day or a month: ` năm …`, "" where no year is written."""
    return f" năm {say_year(int(year))}" if year else ""


def say_day(day: int) -> str:
    """Day of a month: 1 to 10 are *mùng*."""
    return f"mùng {say_integer(day)}" if 1 <= day <= 10 else say_integer(day)


def say_month(month: int) -> str:
    """Month by number; the fourth is *tư*."""
    return "tư" if month == 4 else say_integer(month)


def say_date(day: int, month: int, year: int | str | None = None) -> str:
    """`mùng hai tháng chín năm …`, without the word *ngày*."""
    return f"{say_day(day)} tháng {say_month(month)}{of_year(year)}"


def real_date(day: int, month: int, year: int | None = None) -> bool:
    """Is there such a day? Without a year 29 February is one."""
    if not 1 <= month <= LAST_MONTH:
        return False
    if year is not None and not 1 <= year <= 9999:
        return False
    return 1 <= day <= monthrange(year or 2020, month)[1]
