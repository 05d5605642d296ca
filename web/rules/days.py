"""On which days: days and spans of days as people write them, the days of a rule read from its form."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from broadcast.clock import local_day
from broadcast.rule import Rule
from web.bulletins.acting import FIRST_YEAR, LAST_YEAR
from web.rules.words import span_words
from web.services import services
from web.shell.access import now
from web.shell.formats import WEEKDAY_CODES
from web.shell.forms import Form

DAILY, CHOSEN = "daily", "chosen"
DAY_KINDS = ((DAILY, "hằng ngày"), (CHOSEN, "chỉ những ngày sau"))
HOLIDAYS = (("any", "vẫn phát như ngày thường"), ("skip", "không phát"), ("only", "chỉ phát vào ngày lễ"))
USUAL_LUNAR = (1, 15)
MOST_DATES = 366
_LIST = re.compile(r"[,;\n]+")
_UNTIL = re.compile(r"\s*(?:[-–—]|\bđến(?:\s+hết)?\b|\btới\b)\s*", re.IGNORECASE)
_DAY = re.compile(r"(?:ngày\s+)?(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?", re.IGNORECASE)


def parse_days_span(typed: str, at: datetime) -> tuple[date, date] | None:
    """The first and the last day of `28/1/2027 - 3/2/2027`, `28/1 đến 3/2`, `28-30/1/2027`, or of a single day.

    A year that one end does not say is taken from the other. None for what is neither. The last may be before the
    first: the caller says so.
    """
    if day := parse_day(typed, at):
        return day, day
    typed = re.sub(r"^từ\s+", "", typed, flags=re.IGNORECASE)
    for between in _UNTIL.finditer(typed):
        head, tail = typed[: between.start()].strip(), typed[between.end() :].strip()
        last = parse_day(tail, at)
        if last is None:
            continue
        number = re.fullmatch(r"(?:ngày\s+)?(\d{1,2})", head, re.IGNORECASE)
        first = _date(last.year, last.month, int(number[1])) if number else parse_day(head, at)
        if first is not None:
            return (first, last) if number else _same_years(head, first, tail, last)
    return None


def _same_years(head: str, first: date, tail: str, last: date) -> tuple[date, date]:
    """With the year that one end leaves out as the other end says it."""
    head_says, tail_says = (bool(re.search(r"\d{4}", end)) for end in (head, tail))
    if head_says and not tail_says:
        later = (_date(first.year + ahead, last.month, last.day) for ahead in range(2))
        return first, next((day for day in later if day is not None and day >= first), last)
    if not head_says:
        earlier = (_date(last.year - back, first.month, first.day) for back in range(2))
        return next((day for day in earlier if day is not None and day <= last), first), last
    return first, last


def parse_day(typed: str, at: datetime) -> date | None:
    """`22/11/2026`, `22-11-2026`, `2026-11-22`, or `22/11` for the next such day. None for anything else."""
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", typed):
        year, month, day = map(int, match.groups())
        return _date(year, month, day)
    match = _DAY.fullmatch(typed)
    if match is None:
        return None
    day, month = int(match[1]), int(match[2])
    if match[3]:
        return _date(int(match[3]), month, day)
    this = local_day(at, services().zone)
    years = [this.year + ahead for ahead in range(9)]  # 29/02 comes every fourth year, but for 2100
    return next((found for year in years if (found := _date(year, month, day)) and found >= this), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def defaults_of_days(rule: Rule | None) -> dict[str, Any]:
    """The fields of the form, of a rule that is there or of a new one."""
    if rule is None:
        return {"days": DAILY, "holidays": "any"}
    lunar = rule.lunar_days or []
    return {
        "days": CHOSEN if rule.weekdays or rule.dates or lunar else DAILY,
        "weekdays": rule.weekdays or [],
        "dates": ", ".join(span_words(rule.dates or [])),
        "lunar": [day for day in lunar if day in USUAL_LUNAR],
        "lunar_other": ", ".join(str(day) for day in lunar if day not in USUAL_LUNAR),
        "holidays": rule.holidays,
        "except_on": ", ".join(span_words(rule.except_on)),
    }


def read_days(form: Form, rule: Rule) -> None:
    """Into `rule` what was typed of its days; the days of all fields together."""
    if form.choice("days", "các ngày phát", {DAILY, CHOSEN}) == CHOSEN:
        rule.weekdays = [day for day in WEEKDAY_CODES if day in form.values("weekdays")] or None
        rule.dates = read_dates(form, "dates", "ngày phát") or None
        rule.lunar_days = lunar_days_in(form) or None
        if not (rule.weekdays or rule.dates or rule.lunar_days or {"dates", "lunar_other"} & form.errors.keys()):
            form.fail("days", "Hãy chọn ít nhất một thứ trong tuần, một ngày âm lịch hoặc một ngày như 22/11/2026.")
    # a form that does not ask is one of before there were holidays
    rule.holidays = form.value("holidays") if form.value("holidays") in dict(HOLIDAYS) else "any"
    rule.except_on = read_dates(form, "except_on", "ngày loại trừ")


def lunar_days_in(form: Form) -> list[int]:
    """The chosen days of the lunar month, in order: both boxes, and what stands beside them."""
    found = {int(day) for day in form.values("lunar") if day in {"1", "15"}}
    for typed in re.split(r"[\s,;]+|và", form.value("lunar_other").strip()):
        word = typed.strip().lower()
        if word in {"", "mùng", "mồng", "ngày", "âm", "lịch"}:
            continue
        number = {"rằm": 15}.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 3 else 0)
        if not 1 <= number <= 30:
            form.fail("lunar_other", f"“{typed[:20]}” không phải là ngày âm lịch. Hãy ghi số từ 1 đến 30, như 14, 29.")
        else:
            found.add(number)
    return sorted(found)


def read_dates(form: Form, name: str, label: str) -> list[str]:
    """`22/11/2026, 25/11, 28/1/2027 - 3/2/2027` as ISO texts; a day without its year is the next such day."""
    found, wrong = set[str](), list[str]()
    for typed in map(str.strip, _LIST.split(form.value(name))):
        if not typed:
            continue
        span = parse_days_span(typed, now())
        if span is None:
            wrong.append(
                f"Trong {label}, “{typed[:40]}” không phải là một ngày có thật. "
                "Hãy ghi như 22/11/2026, hoặc một khoảng như 28/1/2027 - 3/2/2027."
            )
            continue
        first, last = span
        if last < first:
            wrong.append(f"Trong {label}, khoảng “{typed[:40]}” có ngày cuối đứng trước ngày đầu.")
        elif (last - first).days >= MOST_DATES:
            wrong.append(f"Trong {label}, khoảng “{typed[:40]}” dài quá {MOST_DATES} ngày.")
        else:
            found |= {(first + timedelta(days=later)).isoformat() for later in range((last - first).days + 1)}
    if len(found) > MOST_DATES:
        wrong.append(f"Có quá nhiều ngày; nhiều nhất là {MOST_DATES} ngày.")
    if wrong:
        form.fail(name, " ".join(wrong))
    return sorted(found)
