"""What is wrong with a rule or a policy by itself, said at the field where it was typed.

What depends on stations, policies and other rules is the plan's to say, slot by slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import pairwise

from broadcast.errors import Invalid
from schedules.facts import PolicyFact, Problem, RuleFact
from schedules.recurrence import asks_on, day_slots

LONGEST_RANGE_YEARS = 10
MOST_REPEATS = 50
LONGEST_GAP_S = 60
MOST_SHIFT_MINUTES = 120
MOST_SLOTS_A_DAY = 288  # every five minutes, day and night


def problems_of(rule: RuleFact) -> tuple[Problem, ...]:
    """Everything wrong with the rule itself; empty where it asks for at least one slot and all fields make sense.

    `field` is the name in the set-up file (INTERFACES §4).
    """
    problems = (*_about_what_and_where(rule), *_about_repeats(rule), *_about_times(rule), *_about_range(rule))
    if not problems and rule.begins_at is None and not _asks_for_any_day(rule):
        return (
            Problem(
                "days",
                f"Không có ngày nào để phát: các ngày đã chọn không rơi vào khoảng "
                f"{_day(rule.from_on, 'từ trước')} – {_day(rule.until_on, 'về sau')} hoặc đều bị loại trừ.",
            ),
        )
    return problems


def require_sound(rule: RuleFact) -> None:
    """Raises Invalid with the first problem of the rule, if there is one."""
    for problem in problems_of(rule):
        raise Invalid(problem.message_vi, field=problem.field)


def problems_of_policy(policy: PolicyFact) -> tuple[Problem, ...]:
    """What is wrong with a policy by itself: ends before it begins, sessions that are no span, limits below one, and
    hours or days in which nothing could ever air."""
    return (*_about_policy_range(policy), *_about_sessions(policy), *_about_limits(policy))


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
    if not 1 <= rule.per_session <= MOST_SLOTS_A_DAY:
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
    """Whether any day is asked. One day of each weekday more than there are exceptions is far enough to look."""
    if rule.dates is not None and any(asks_on(rule, day) for day in rule.dates):
        return True
    if rule.dates is not None and rule.weekdays is None:
        return False
    enough = 7 * (len(rule.except_on) + 1)
    start = rule.from_on or (rule.until_on - timedelta(days=enough) if rule.until_on else date(2000, 1, 1))
    days = min(enough, (rule.until_on - start).days) if rule.until_on else enough
    return any(asks_on(rule, start + timedelta(days=offset)) for offset in range(days + 1))


def _about_policy_range(policy: PolicyFact) -> Iterator[Problem]:
    if policy.from_on and policy.until_on and policy.until_on < policy.from_on:
        yield Problem("until", "Quy định hết hiệu lực trước khi có hiệu lực.")
    if policy.curfew and any(span.from_time == span.until_time for span in policy.curfew):
        yield Problem("curfew", "Giờ cấm phát này bắt đầu và kết thúc cùng lúc, tức là cấm cả ngày.")
    if policy.weekdays is not None and not policy.weekdays:
        yield Problem("days", "Quy định này không cho phát ngày nào cả.")


def _about_sessions(policy: PolicyFact) -> Iterator[Problem]:
    sessions = policy.sessions or ()
    for session in sessions:
        if session.until_time <= session.from_time and session.until_time != time():
            yield Problem("sessions", f"Khung giờ “{session.name}” kết thúc trước khi bắt đầu.")
    if len({session.name for session in sessions}) < len(sessions):
        yield Problem("sessions", "Hai khung giờ trùng tên.")
    ordered = sorted(sessions, key=lambda session: session.from_time)
    for earlier, later in pairwise(ordered):
        if later.from_time < earlier.until_time or earlier.until_time == time():
            yield Problem("sessions", f"Khung giờ “{earlier.name}” và “{later.name}” chồng lên nhau.")


def _about_limits(policy: PolicyFact) -> Iterator[Problem]:
    for name, limit in (
        ("longest_session_minutes", policy.longest_session_minutes),
        ("sessions_a_day", policy.sessions_a_day),
        ("same_text_a_day", policy.same_text_a_day),
    ):
        if limit is not None and limit < 1:
            yield Problem(name, "Mức tối đa phải từ 1 trở lên; không giới hạn thì để trống.")


def _day(day: date | None, otherwise: str) -> str:
    return f"{day:%d/%m/%Y}" if day else otherwise
