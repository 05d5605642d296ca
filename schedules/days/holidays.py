"""Ngày nghỉ lễ: the days off that the Labour Code of 2019 (Bộ luật Lao động, article 112) gives everybody.

They are taken from the `holidays` package for the years it knows (up to 2100, and earlier laws for earlier years):

- Tết Dương lịch, five days of Tết Nguyên đán, Giỗ Tổ Hùng Vương (10/3 of the lunar calendar), 30/4, 1/5, two days of
  Quốc khánh, and 24/11 from 2026 on. That its lunar days are those of our own calendar is tested.
- Compensatory days ("nghỉ bù"), which article 111 gives where a holiday falls on a weekly day of rest, reckoned for a
  rest on Saturday and Sunday; and days that the government exchanged for a Saturday, for years whose decision the
  package knew when it was pinned.
- The second day of Quốc khánh, 1/9 or 3/9, and from which eve Tết is counted, are chosen by the government each year.
  Known decisions are in the package; for other years it goes by the choice of past years with the same weekday.

So days decided late are right only after an update of the package; a rule says otherwise with chosen dates. Later years
have the days that the law names, with 1/9 for the second day of Quốc khánh, and none in compensation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

from schedules.days.lunar import lunar_date

_FIXED: Mapping[tuple[int, int], str] = {
    (1, 1): "Tết Dương lịch",
    (4, 30): "Ngày Chiến thắng",
    (5, 1): "Ngày Quốc tế Lao động",
    (9, 1): "Quốc khánh",
    (9, 2): "Quốc khánh",
    (11, 24): "Ngày Văn hóa Việt Nam",
}

_LUNAR: Mapping[tuple[int, int], str] = {
    (1, 1): "Tết Nguyên Đán",
    (1, 2): "Mùng hai Tết Nguyên Đán",
    (1, 3): "Mùng ba Tết Nguyên Đán",
    (1, 4): "Mùng bốn Tết Nguyên Đán",
    (3, 10): "Ngày Giỗ Tổ Hùng Vương",
}


def holiday_on(day: date) -> str | None:
    """The Vietnamese name of the public holiday that `day` is; None on any other day, Saturdays and Sundays too."""
    known = _of_year(day.year)
    return known.get(day) if known else _by_law(day)


@lru_cache(maxsize=64)
def _of_year(year: int) -> Mapping[date, str]:
    """The holidays of a year that the package knows; nothing for one that it does not."""
    return dict(holidays.country_holidays("VN", years=year, language="vi"))


def _by_law(day: date) -> str | None:
    """What article 112 itself names."""
    fixed = _FIXED.get((day.month, day.day))
    if fixed is not None:
        return fixed
    lunar = lunar_date(day)
    if lunar.is_leap:
        return None
    if lunar.month == 12 and lunar_date(day + timedelta(days=1)).month == 1:
        return "Giao thừa Tết Nguyên Đán"
    return _LUNAR.get((lunar.month, lunar.day))
