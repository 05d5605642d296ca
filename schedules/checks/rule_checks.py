"""What is wrong with a rule by itself, said at the field where it was typed.

What depends on stations, policies and other rules is the plan's to say, slot by slot; but that no session is long
enough for its opening is known before (`opening_problems`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from broadcast.errors import Invalid
from schedules.facts import Problem, RuleFact, SessionFact
from schedules.placing.reasons import clock, spoken_length
from schedules.recurrence import asks_on, day_slots

LONGEST_RANGE_YEARS = 10
MOST_REPEATS = 50
LONGEST_GAP_S = 60
MOST_SHIFT_MINUTES = 120
MOST_SLOTS_A_DAY = 288  # every five minutes, day and night
MOST_PER_DAY = 48
DAY_MINUTES = 24 * 60
# Where a rule has no beginning or no end, days of this span are looked at. Fixed, since no clock is asked here.
_SOME_DAY = date(2026, 1, 1)
_LONG_ENOUGH = timedelta(days=3 * 366)  # a lunar day 30 misses months in a row, a holiday misses weekdays for years


def problems_of(rule: RuleFact) -> tuple[Problem, ...]:
    """Everything wrong with the rule itself; empty where it asks for at least one slot and all fields make sense.

    `field` is the name in the set-up file (INTERFACES §4).
    """
    problems = (
        *_about_what_and_where(rule),
        *_about_repeats(rule),
        *_about_times(rule),
        *_about_place(rule),
        *_about_days(rule),
        *_about_range(rule),
    )
    if not problems and rule.begins_at is None and not _asks_for_any_day(rule):
        return (_no_day(rule),)
    return problems


def require_sound(rule: RuleFact) -> None:
    """Raises Invalid with the first problem of the rule, if there is one."""
    for problem in problems_of(rule):
        raise Invalid(problem.message_vi, field=problem.field)


def hints_of(rule: RuleFact) -> tuple[Problem, ...]:
    """What can be meant but surprises people: to be told at the field, and no reason to refuse the rule."""
    if rule.lunar_days is not None and 30 in rule.lunar_days and not rule.lunar_days & {1, 29}:
        return (
            Problem(
                "lunar_days",
                "Tháng âm thiếu chỉ có 29 ngày: tháng ấy không có ngày 30 nên không phát. Muốn phát mỗi cuối tháng thì "
                "chọn cả ngày 29.",
            ),
        )
    return ()


def opening_problems(
    rule: RuleFact, sessions: Iterable[SessionFact], most_minutes: int | None = None
) -> tuple[Problem, ...]:
    """The sessions that are shorter than what `rule` opens them with, where it opens any of them.

    `most_minutes`: the longest that a session may be by policy, where one says so.
    """
    if rule.place != "opening":
        return ()
    length, title = max(
        ((_whole_length(rule, audio.duration_ms), each.title) for each in rule.bulletins for audio in each.audios),
        default=(timedelta(), ""),
    )
    return tuple(
        Problem(
            "sessions",
            f"Khung giờ “{session.name}” {clock(session.from_time)}–{clock(session.until_time)} chỉ được phát {most} "
            f"phút, ngắn hơn phần mở đầu “{title}” dài {spoken_length(length)}.",
        )
        for session in sessions
        if (not rule.sessions or session.name in rule.sessions)
        and timedelta(minutes=(most := min(minutes_of(session), most_minutes or minutes_of(session)))) < length
    )


def minutes_of(session: SessionFact) -> int:
    """How long a session is; one that ends at 00:00 ends with the day."""
    start, end = (wall.hour * 60 + wall.minute for wall in (session.from_time, session.until_time))
    return (end or DAY_MINUTES) - start


def _whole_length(rule: RuleFact, duration_ms: int) -> timedelta:
    repeats = rule.repeats or 1
    return timedelta(milliseconds=duration_ms * repeats + rule.gap_ms * (repeats - 1))


def _about_what_and_where(rule: RuleFact) -> Iterator[Problem]:
    if not rule.bulletins:
        yield Problem("bulletin", "Lịch phát chưa có bản tin nào.")
    if not rule.targets:
        yield Problem("targets", "Lịch phát chưa có đơn vị hay trạm nào.")


def _about_repeats(rule: RuleFact) -> Iterator[Problem]:
    if rule.repeats is None:
        if rule.begins_at is None or any(each.bulletin_class != "emergency" for each in rule.bulletins):
            yield Problem("repeats", "Chỉ bản tin khẩn cấp phát ngay mới được lặp lại đến khi có lệnh dừng.")
    elif not 1 <= rule.repeats <= MOST_REPEATS:
        yield Problem("repeats", f"Số lần đọc liền nhau phải từ 1 đến {MOST_REPEATS}.")
    if not 0 <= rule.gap_ms <= LONGEST_GAP_S * 1000:
        yield Problem(
            "gap_seconds",
            f"Quãng nghỉ giữa hai lần đọc từ 0 đến {LONGEST_GAP_S} giây; muốn xa hơn thì đặt thêm một giờ phát.",
        )
    if not 0 <= rule.shift_minutes <= MOST_SHIFT_MINUTES:
        yield Problem("shift_minutes", f"Chỉ được lùi từ 0 đến {MOST_SHIFT_MINUTES} phút so với giờ yêu cầu.")


def _about_times(rule: RuleFact) -> Iterator[Problem]:
    if rule.begins_at is not None:
        if rule.ends_at is not None and rule.ends_at <= rule.begins_at:
            yield Problem("until", "Giờ kết thúc phải sau giờ bắt đầu.")
        return
    interval = list(_about_interval(rule))
    yield from interval
    if rule.per_day is not None and not 1 <= rule.per_day <= MOST_PER_DAY:
        yield Problem("per_day", f"Số lượt mỗi ngày phải từ 1 đến {MOST_PER_DAY}.")
    elif not 1 <= rule.per_session <= MOST_SLOTS_A_DAY:
        yield Problem("sessions", "Số lượt trong mỗi khung giờ phải từ 1 trở lên.")
    elif not interval:
        slots = len(day_slots(rule))
        if slots == 0:
            yield Problem(
                "times", "Chưa có giờ phát: hãy cho giờ (05:30), khung giờ (sáng) hoặc “cứ mấy phút một lần”."
            )
        elif slots > MOST_SLOTS_A_DAY:
            yield Problem("times", f"Lịch này hỏi {slots} lượt một ngày; nhiều nhất là {MOST_SLOTS_A_DAY}.")


def _about_interval(rule: RuleFact) -> Iterator[Problem]:
    if rule.every_minutes is None and rule.between is None:
        return
    if rule.every_minutes is None or rule.between is None:
        yield Problem("every_minutes", "“Cứ mấy phút một lần” phải đi cùng khoảng giờ, ví dụ từ 06:00 đến 20:00.")
        return
    if not 1 <= rule.every_minutes <= 24 * 60:
        yield Problem("every_minutes", "Số phút giữa hai lượt phải từ 1 đến 1440.")
    first, last = rule.between
    if last < first:
        yield Problem("between", f"Khoảng giờ kết thúc ({last:%H:%M}) trước khi bắt đầu ({first:%H:%M}).")


def _about_place(rule: RuleFact) -> Iterator[Problem]:
    if rule.place == "opening" and not rule.sessions and rule.per_day is None:
        yield Problem(
            "place", "“Mở đầu” chỉ có nghĩa trong khung giờ: hãy chọn khung giờ (sáng, chiều) thay cho giờ chính xác."
        )


def _about_days(rule: RuleFact) -> Iterator[Problem]:
    if rule.lunar_days is not None and not (rule.lunar_days and all(1 <= day <= 30 for day in rule.lunar_days)):
        yield Problem("lunar_days", "Ngày âm lịch đi từ 1 (mùng một) đến 30; hãy chọn ít nhất một ngày.")
    for change in rule.changes:
        if not change.is_skipped and change.to_time is None and change.bulletin is None:
            yield Problem(
                "changes",
                f"Thay đổi của lượt {change.slot_key} ngày {change.local_on:%d/%m/%Y} chưa nói gì: bỏ lượt, đổi giờ "
                "hay đổi bản tin.",
            )


def _about_range(rule: RuleFact) -> Iterator[Problem]:
    if rule.from_on is None or rule.until_on is None:
        return
    if rule.until_on < rule.from_on:
        yield Problem("until", f"Ngày kết thúc {_day(rule.until_on, '')} trước ngày bắt đầu {_day(rule.from_on, '')}.")
    elif rule.until_on.year - rule.from_on.year > LONGEST_RANGE_YEARS:
        yield Problem(
            "until",
            f"Lịch phát dài quá {LONGEST_RANGE_YEARS} năm; hãy kiểm tra lại năm, hoặc để trống ngày kết thúc.",
        )


def _asks_for_any_day(rule: RuleFact) -> bool:
    if rule.dates is not None and any(asks_on(rule, day) for day in rule.dates):
        return True
    if rule.dates is not None and rule.weekdays is None and rule.lunar_days is None:
        return False
    span = _LONG_ENOUGH + timedelta(days=7 * len(rule.except_on))
    first = rule.from_on or (rule.until_on - span if rule.until_on is not None else _SOME_DAY)
    last = rule.until_on or first + span
    return any(asks_on(rule, first + timedelta(days=later)) for later in range((last - first).days + 1))


def _no_day(rule: RuleFact) -> Problem:
    span = f"{_day(rule.from_on, 'từ trước')} – {_day(rule.until_on, 'về sau')}"
    if rule.holidays == "only":
        return Problem(
            "holidays",
            f"Không có ngày nào để phát: trong khoảng {span} không có ngày lễ nào rơi vào các ngày đã chọn.",
        )
    alone = rule.lunar_days is not None and rule.weekdays is None and rule.dates is None
    return Problem(
        "lunar_days" if alone else "days",
        f"Không có ngày nào để phát: các ngày đã chọn không rơi vào khoảng {span} hoặc đều bị loại trừ.",
    )


def _day(day: date | None, otherwise: str) -> str:
    return f"{day:%d/%m/%Y}" if day else otherwise
