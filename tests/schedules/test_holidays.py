"""Public holidays: what the law names, what was decided for a year, and years that no package knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schedules.days.holidays import holiday_on
from schedules.days.lunar import lunar_date


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "Tết Dương lịch"),
        (date(2026, 2, 16), "Giao thừa Tết Nguyên Đán"),
        (date(2026, 2, 17), "Tết Nguyên Đán"),
        (date(2026, 2, 20), "Mùng bốn Tết Nguyên Đán"),
        (date(2026, 2, 21), None),
        (date(2026, 4, 26), "Ngày Giỗ Tổ Hùng Vương"),
        (date(2026, 4, 27), "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"),  # the 26th was a Sunday
        (date(2026, 4, 30), "Ngày Chiến thắng"),
        (date(2026, 5, 1), "Ngày Quốc tế Lao động"),
        (date(2026, 9, 1), "Quốc khánh"),
        (date(2026, 9, 2), "Quốc khánh"),
        (date(2026, 9, 3), None),
        (date(2024, 9, 3), "Quốc khánh"),  # the government chose the day after
        (date(2025, 9, 1), "Quốc khánh"),  # and the day before
        (date(2022, 1, 3), "Tết Dương lịch (nghỉ bù)"),
        (date(2025, 5, 2), "Ngày nghỉ (thay cho ngày 26/04/2025)"),
        (date(2025, 4, 26), None),  # worked instead
        (date(2026, 10, 4), None),  # a Sunday like any other
        (date(2026, 8, 27), None),  # rằm tháng bảy is kept, and worked
        (date(2024, 2, 29), None),
        (date(2023, 4, 29), "Ngày Giỗ Tổ Hùng Vương"),  # after a leap second month
    ],
)
def test_a_public_holiday_has_its_vietnamese_name(day: date, name: str | None) -> None:
    assert holiday_on(day) == name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2101, 1, 1), "Tết Dương lịch"),
        (date(2101, 4, 30), "Ngày Chiến thắng"),
        (date(2101, 9, 1), "Quốc khánh"),
        (date(2101, 9, 3), None),
    ],
)
def test_a_year_that_no_package_knows_has_the_days_of_the_law(day: date, name: str | None) -> None:
    assert holiday_on(day) == name


def test_every_year_has_five_days_of_tet_around_our_own_first_day_of_the_year() -> None:
    for year in range(2021, 2200):
        tet = next(day for n in range(20, 60) if lunar_date(day := date(year, 1, 1) + timedelta(days=n))[:2] == (1, 1))
        for offset in range(-1, 4):
            assert "Tết" in (holiday_on(tet + timedelta(days=offset)) or ""), (tet, offset)


def test_every_year_honours_the_hung_kings_on_the_tenth_of_our_own_third_month() -> None:
    for year in range(2021, 2200):
        days = [date(year, 3, 20) + timedelta(days=n) for n in range(60)]
        tenth = next(day for day in days if lunar_date(day) == (10, 3, year, False))
        assert "Giỗ Tổ" in (holiday_on(tenth) or ""), tenth


def test_the_law_alone_names_eleven_or_twelve_days_a_year() -> None:
    for year in (2101, 2128, 2199):
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        assert sum(holiday_on(day) is not None for day in days) == 12
