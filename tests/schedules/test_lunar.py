"""The Vietnamese lunar calendar against dates that are known for sure."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from holidays.calendars.chinese import VIETNAMESE_CALENDAR, _ChineseLunisolar
from hypothesis import given
from hypothesis import strategies as st

from schedules.days.lunar import LunarDate, lunar_date

ONE_DAY = timedelta(days=1)
WHOLE_RANGE = [date(1900, 1, 1) + ONE_DAY * n for n in range((date(2200, 1, 1) - date(1900, 1, 1)).days)]


@pytest.mark.parametrize(
    "tet",
    [
        date(1968, 1, 29),  # the 30th in Peking
        date(1969, 2, 16),  # the 17th
        date(1976, 1, 31),
        date(1985, 1, 21),  # 20 February: a whole month apart
        date(2000, 2, 5),
        date(2007, 2, 17),  # the 18th
        date(2019, 2, 5),
        date(2020, 1, 25),
        date(2021, 2, 12),
        date(2022, 2, 1),
        date(2023, 1, 22),
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
        date(2027, 2, 6),
        date(2028, 1, 26),
        date(2029, 2, 13),
        date(2030, 2, 2),  # 3 February
    ],
)
def test_tet_is_when_vietnam_keeps_it(tet: date) -> None:
    assert lunar_date(tet) == LunarDate(1, 1, tet.year, is_leap=False)
    eve = lunar_date(tet - ONE_DAY)
    assert (eve.month, eve.year) == (12, tet.year - 1)


@pytest.mark.parametrize(
    ("year", "month"),
    [(1984, None), (1985, 2), (1987, 7), (2014, 9), (2017, 6), (2020, 4), (2021, None), (2023, 2), (2024, None),
     (2025, 6), (2026, None), (2028, 5), (2031, 3), (2033, 11), (2034, None), (2036, 6)],
)  # fmt: skip
def test_leap_months_fall_where_vietnam_puts_them(year: int, month: int | None) -> None:
    of_year = [date(year, 1, 1) + ONE_DAY * n for n in range(430)]
    leaps = {lunar.month for day in of_year if (lunar := lunar_date(day)).is_leap and lunar.year == year}
    assert leaps == ({month} if month else set())


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        (date(2026, 8, 27), (15, 7, 2026, False)),  # rằm tháng bảy
        (date(2026, 9, 25), (15, 8, 2026, False)),  # Trung thu
        (date(2025, 10, 6), (15, 8, 2025, False)),
        (date(2025, 4, 7), (10, 3, 2025, False)),  # Giỗ Tổ Hùng Vương
        (date(2026, 4, 26), (10, 3, 2026, False)),
        (date(2025, 6, 25), (1, 6, 2025, False)),
        (date(2025, 7, 25), (1, 6, 2025, True)),  # nhuận
        (date(2025, 8, 8), (15, 6, 2025, True)),
        (date(2025, 8, 23), (1, 7, 2025, False)),
        (date(2033, 12, 22), (1, 11, 2033, True)),
        (date(2024, 2, 9), (30, 12, 2023, False)),
        (date(2025, 1, 28), (29, 12, 2024, False)),  # a year without a 30 Tết
        (date(2024, 2, 29), (20, 1, 2024, False)),
    ],
)
def test_days_that_people_keep(day: date, lunar: tuple[int, int, int, bool]) -> None:
    assert lunar_date(day) == LunarDate(*lunar)


def test_every_day_from_1900_to_2199_follows_the_day_before() -> None:
    for before, after in pairwise(map(lunar_date, WHOLE_RANGE)):
        if after.day != 1:
            assert after == before._replace(day=before.day + 1)
            continue
        assert before.day in {29, 30}
        if after.is_leap:
            assert (after.month, after.year) == (before.month, before.year)
            assert not before.is_leap
        else:
            assert after.month == before.month % 12 + 1
            assert after.year == before.year + (after.month == 1)


def test_every_lunar_year_has_twelve_months_or_thirteen() -> None:
    begun: dict[int, int] = {}
    for lunar in map(lunar_date, WHOLE_RANGE):
        if lunar.day == 1:
            begun[lunar.year] = begun.get(lunar.year, 0) + 1
    whole = {year: months for year, months in begun.items() if 1900 <= year < 2199}
    assert set(whole.values()) == {12, 13}
    # seven leap months in nineteen years, as the moon and the sun will have it
    assert sum(months == 13 for months in whole.values()) == pytest.approx(299 * 7 / 19, abs=2)


@given(st.dates(date(1900, 2, 1), date(2199, 12, 31)))
def test_tet_lies_between_20_january_and_21_february(day: date) -> None:
    lunar = lunar_date(day)
    assert lunar.month in range(1, 13)
    if (day.month, day.day) >= (2, 21):
        assert lunar.year == day.year
    elif (day.month, day.day) < (1, 20):
        assert lunar.year == day.year - 1


def test_a_package_that_lists_the_dates_of_tet_agrees_from_1968_to_2100() -> None:
    package = _ChineseLunisolar(calendar=VIETNAMESE_CALENDAR)
    for year in range(1968, 2101):
        tet, _is_estimated = package.lunar_new_year_date(year)
        assert tet is not None
        assert lunar_date(tet) == (1, 1, year, False)
