"""On which days and at which wall times a rule asks for a slot, and how people type both.

Pure and without a time zone: days and wall times only. Stations, policies and instants come in `plan`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from broadcast.errors import Invalid
from schedules.days.holidays import holiday_on
from schedules.days.lunar import lunar_date
from schedules.facts import BulletinFact, RuleFact

# Of what was typed without its marks: "5h30", "05:30", "5.30", "17 gio 15 phut", "5 gio ruoi", "7 gio kem 10 toi".
# Seconds come only after two colons.
_WALL_TIME = re.compile(
    r"(?:(?P<before>sang|trua|chieu|toi|dem|khuya)\s+)?"
    r"(?P<hour>\d{1,2})\s*(?:"
    r"(?P<half>(?:h|g|gio)?\s*ruoi)"
    r"|(?:h|g|gio)?\s*kem\s*(?P<less>\d{1,2})"
    r"|(?P<mark>:|\.|h|g|gio)\s*(?P<minute>\d{1,2})?(?:\s*:\s*(?P<second>\d{2}))?"
    r")(?:\s*(?:phut|p|'))?"
    r"(?:\s*(?:buoi\s+)?(?P<after>sang|trua|chieu|toi|dem|khuya))?"
)
# Part of the day → the hours one says with it → the hour meant. What is not here is said by nobody, or means two things
# ("12 giờ tối").
_HOURS_OF = {
    "sang": {hour: hour for hour in range(12)},
    "trua": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14, 13: 13, 14: 14},
    "chieu": {hour: hour + 12 for hour in range(1, 8)} | {hour: hour for hour in range(13, 20)},
    "toi": {hour: hour + 12 for hour in range(5, 12)} | {hour: hour for hour in range(17, 24)},
    "dem": {hour: hour + 12 for hour in range(9, 12)} | {hour: hour for hour in (0, 1, 2, 3, 4, 21, 22, 23)} | {12: 0},
}
_HOURS_OF["khuya"] = _HOURS_OF["dem"]

_WEEKDAY_NAMES = {
    name: day
    for day, names in enumerate(
        (
            ("mon", "monday", "t2", "thứ 2", "thứ hai"),
            ("tue", "tuesday", "t3", "thứ 3", "thứ ba"),
            ("wed", "wednesday", "t4", "thứ 4", "thứ tư"),
            ("thu", "thursday", "t5", "thứ 5", "thứ năm"),
            ("fri", "friday", "t6", "thứ 6", "thứ sáu"),
            ("sat", "saturday", "t7", "thứ 7", "thứ bảy"),
            ("sun", "sunday", "cn", "chủ nhật"),
        ),
        start=1,
    )
    for name in names
}


ANY_SESSION = "*"
"""Stands for the name of a session where a rule spreads its slots over all that the station has."""


class WallSlot(NamedTuple):
    """One place a rule asks for in a day: at `wall_time`, or place `place` (from 1) of the session named `session`,
    or of all its sessions together (ANY_SESSION)."""

    key: str
    wall_time: time | None
    session: str | None
    place: int
    turn: int


class DayPattern(NamedTuple):
    """The days of a rule as RuleFact takes them; both None is every day."""

    weekdays: frozenset[int] | None = None
    dates: frozenset[date] | None = None


def parse_wall_time(text: str, *, field: str | None = None) -> time:
    """The time of day typed as "5h30", "05:30", "5.30", "17g15", "17 giờ 15", "5 giờ rưỡi", "7 giờ kém 10", "5h", with
    the part of the day or without ("7h tối", "sáng 5h30"), with marks or without.

    Raises Invalid, its sentence naming the text and what would be right: also for what may be meant in two ways.
    """
    typed = text.strip()
    match = _WALL_TIME.fullmatch(_without_marks(typed))
    if match is None or (match["before"] and match["after"]) or (match["mark"] in {":", "."} and not match["minute"]):
        raise Invalid(f"Không hiểu giờ “{typed}”. Hãy viết như 05:30, 5h30, 17g15 hoặc 7 giờ tối.", field=field)
    if match["second"] and match["mark"] != ":":
        raise Invalid(f"Không hiểu giờ “{typed}”. Giây chỉ viết sau hai dấu hai chấm, như 05:30:15.", field=field)
    if match["minute"] and len(match["minute"]) == 1:
        raise Invalid(
            f"Giờ “{typed}” có thể hiểu hai cách. Hãy viết phút bằng hai chữ số, như 05:30 hoặc 05:03.", field=field
        )
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    if match["half"]:
        minute = 30
    if hour > 23 or minute > 59 or second > 59 or int(match["less"] or 0) > 59:
        raise Invalid(
            f"Không có giờ “{typed}”: giờ đi từ 0 đến 23, phút từ 00 đến 59 (nửa đêm viết là 00:00).", field=field
        )
    if part := match["before"] or match["after"]:
        if hour not in _HOURS_OF[part]:
            raise Invalid(f"Không rõ “{typed}” là mấy giờ. Hãy viết theo 24 giờ, như 05:30 hoặc 19:30.", field=field)
        hour = _HOURS_OF[part][hour]
    if less := int(match["less"] or 0):
        hour, minute = divmod((hour * 60 - less) % (24 * 60), 60)
    return time(hour, minute, second)


def _without_marks(text: str) -> str:
    """In small letters, one space between words, tones and accents taken off."""
    bare = unicodedata.normalize("NFD", " ".join(text.lower().split()).replace("đ", "d"))
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


def parse_days(value: str | Sequence[str | date], *, field: str | None = None) -> DayPattern:
    """`"daily"`, weekdays (`"mon"`, `"T2"`, `"thứ 2"`, `"CN"`) or dates (or ISO texts of dates), also mixed.

    Raises Invalid for anything else, a date that does not exist among it, and for an empty list.
    """
    if isinstance(value, str):
        if value.strip().lower() in {"daily", "hằng ngày", "hàng ngày"}:
            return DayPattern()
        value = [value]
    weekdays, dates = set[int](), set[date]()
    for item in value:
        if isinstance(item, date) and not isinstance(item, datetime):
            dates.add(item)
        elif not isinstance(item, str):
            raise Invalid(f"“{item}” không phải là một ngày.", field=field)
        elif (weekday := _WEEKDAY_NAMES.get(" ".join(item.lower().split()))) is not None:
            weekdays.add(weekday)
        else:
            dates.add(_parse_date(item, field))
    if not weekdays and not dates:
        raise Invalid("Chưa chọn ngày phát nào. Muốn phát mỗi ngày thì viết “daily”.", field=field)
    return DayPattern(frozenset(weekdays) or None, frozenset(dates) or None)


def _parse_date(text: str, field: str | None) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            f"Không hiểu ngày “{text}”. Hãy viết thứ trong tuần (mon, thứ 2, CN…) hoặc ngày có thật như 2026-11-22.",
            field=field,
        ) from None


def wall_times(rule: RuleFact) -> tuple[time, ...]:
    """The exact wall times of a day of `rule`, in order, each once."""
    wanted = set(rule.times)
    if rule.every_minutes and rule.between:
        first, last = (_minute_of(wall) for wall in rule.between)
        for minute in range(first, last + 1, rule.every_minutes):
            wanted.add(time(*divmod(minute, 60)))
    return tuple(sorted(wanted))


def slot_key(wall: time) -> str:
    """`17:15`, with seconds only where there are any."""
    return wall.isoformat("seconds" if wall.second else "minutes")


def day_slots(rule: RuleFact) -> tuple[WallSlot, ...]:
    """What `rule` asks for on each of its days: exact times in order, then places in sessions as the rule lists them.

    The same for every day, so it is worked out once a rule. A rule with `begins_at` asks for nothing by the day.
    """
    if rule.begins_at is not None:
        return ()
    slots = [WallSlot(slot_key(wall), wall, None, 1, turn) for turn, wall in enumerate(wall_times(rule))]
    if rule.per_day is not None:
        for place in range(1, rule.per_day + 1):
            slots.append(WallSlot(f"{ANY_SESSION}#{place}", None, ANY_SESSION, place, len(slots)))
        return tuple(slots)
    for session in dict.fromkeys(rule.sessions):
        for place in range(1, rule.per_session + 1):
            slots.append(WallSlot(f"{session}#{place}", None, session, place, len(slots)))
    return tuple(slots)


def asks_on(rule: RuleFact, day: date) -> bool:
    """Whether local `day` is one of the rule's days: in its range, of its pattern, and not excepted."""
    if (rule.from_on is not None and day < rule.from_on) or (rule.until_on is not None and day > rule.until_on):
        return False
    if day in rule.except_on:
        return False
    if rule.holidays != "any" and (holiday_on(day) is not None) != (rule.holidays == "only"):
        return False
    if rule.weekdays is None and rule.dates is None and rule.lunar_days is None:
        return True
    return (
        (rule.weekdays is not None and day.isoweekday() in rule.weekdays)
        or (rule.dates is not None and day in rule.dates)
        or (rule.lunar_days is not None and lunar_date(day).day in rule.lunar_days)
    )


def bulletin_on(rule: RuleFact, day: date, turn: int) -> BulletinFact:
    """Whose turn it is in slot number `turn` of `day` where the rule rotates several bulletins.

    Each of the rule's days starts one bulletin further than the one before, so that nobody hears the same one every
    morning. An excepted day uses up its turn: adding an exception moves no other day.
    """
    bulletins = rule.bulletins
    return bulletins[(_day_number(rule, day) + turn) % len(bulletins)] if len(bulletins) > 1 else bulletins[0]


def _day_number(rule: RuleFact, day: date) -> int:
    ordinal = day.toordinal()
    patterns = (rule.weekdays, rule.dates, rule.lunar_days)
    if sum(pattern is not None for pattern in patterns) != 1:
        return ordinal
    if rule.dates is not None:
        return sum(1 for chosen in rule.dates if chosen < day)
    if rule.weekdays is not None:
        week, weekday = divmod(ordinal - 1, 7)
        return week * len(rule.weekdays) + sum(1 for chosen in rule.weekdays if chosen <= weekday)
    assert rule.lunar_days is not None
    lunar_day = lunar_date(day).day
    month = round((ordinal - lunar_day + 1 - _A_NEW_MOON) / _LUNAR_MONTH)
    return month * len(rule.lunar_days) + sum(1 for chosen in rule.lunar_days if chosen < lunar_day)


_A_NEW_MOON = date(2000, 1, 7).toordinal()
_LUNAR_MONTH = 29.530588853  # days; months begin within a day of these steps, so counting by them never slips


def _minute_of(wall: time) -> int:
    return wall.hour * 60 + wall.minute
