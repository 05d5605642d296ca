"""At which times of a day: exact ones, every so many minutes, in sessions, so many a day spread over them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.errors import BroadcastError
from broadcast.policy import Policy
from broadcast.rule import Rule
from schedules.facts_of import policy_fact
from schedules.placing.policies import PolicyBook
from schedules.placing.reasons import clock
from schedules.recurrence import parse_wall_time
from web.shell.access import current_rights, today
from web.shell.forms import Form

TIMES, EVERY, SESSIONS = "times", "every", "sessions"
EACH, SPREAD = "each", "spread"
PLACES = (("any", "sau phần mở đầu"), ("opening", "mở đầu khung"))
MOST_A_DAY = 24
_LIST = re.compile(r"[,;\n]+")
_NEXT_TIME = re.compile(r"\s+(?:và\s+)?(?=\d{1,2}\s*(?:[:.hg]|giờ))", re.IGNORECASE)


def defaults_of_hours(rule: Rule | None) -> dict[str, object]:
    """The fields of the form, of a rule that is there or of a new one."""
    if rule is None:
        return {
            "time_kind": [TIMES], "times": "05:45, 17:15", "every_minutes": 90, "between_from": "06:00",
            "between_until": "20:00", "session_way": EACH, "per_day": 2, "place": "any",
        }  # fmt: skip
    spreads = rule.per_day is not None
    kinds = [TIMES] if rule.times else []
    kinds += [EVERY] if rule.every_minutes else []
    kinds += [SESSIONS] if rule.sessions or spreads else []
    first, last = (rule.between or ["06:00", "20:00"])[:2]
    return {
        "time_kind": kinds, "times": ", ".join(rule.times), "every_minutes": rule.every_minutes or 90,
        "between_from": first, "between_until": last, "sessions": rule.sessions,
        "session_way": SPREAD if spreads else EACH, "per_day": rule.per_day or 2, "place": rule.place,
    }  # fmt: skip


def read_hours(form: Form, rule: Rule, offered: Collection[str]) -> None:
    """Into `rule` what was typed of the times; `offered`: names of sessions that may be chosen."""
    rule.times, rule.sessions, rule.place = [], [], "any"
    kinds = set(form.values("time_kind"))
    if not kinds & {TIMES, EVERY, SESSIONS}:
        form.fail("time_kind", "Hãy chọn ít nhất một cách đặt giờ: giờ chính xác, định kỳ, hoặc trong khung giờ.")
    if TIMES in kinds:
        _read_times(form, rule)
    if EVERY in kinds:
        _read_interval(form, rule)
    if SESSIONS in kinds:
        _read_sessions(form, rule, offered)


def _read_times(form: Form, rule: Rule) -> None:
    wrong = []
    for typed in _LIST.split(form.value("times")):
        try:
            rule.times += [wall_text(wall) for wall in _walls(typed)]
        except BroadcastError as error:
            wrong.append(error.message_vi)
    if wrong:
        form.fail("times", " ".join(wrong))
    rule.times = sorted(set(rule.times))
    if not rule.times:
        form.fail("times", "Hãy ghi ít nhất một giờ phát, ví dụ 5h30, 17:15.")


def times_in(typed: str) -> list[str]:
    """The exact times that can be read in what was typed, in order."""
    found = set[str]()
    for piece in _LIST.split(typed):
        try:
            found |= {wall_text(wall) for wall in _walls(piece)}
        except BroadcastError:
            continue
    return sorted(found)


def _read_interval(form: Form, rule: Rule) -> None:
    rule.every_minutes = form.whole("every_minutes", "số phút giữa hai lượt", 5, 1440)
    first, last = _time(form, "between_from", "giờ đầu"), _time(form, "between_until", "giờ cuối")
    if first and last:
        rule.between = [first, last]
        if last < first:
            form.fail("between_until", f"Giờ cuối ({last}) đứng trước giờ đầu ({first}).")


def _read_sessions(form: Form, rule: Rule, offered: Collection[str]) -> None:
    chosen = list(dict.fromkeys(form.values("sessions")))
    rule.sessions = [name for name in offered if name in chosen]
    if set(chosen) - set(offered):
        form.fail("sessions", "Có khung giờ không còn ở những nơi đã chọn. Hãy chọn lại.")
    way = form.choice("session_way", "cách phát trong khung giờ", {EACH, SPREAD})
    if way == SPREAD:
        rule.per_day = form.whole("per_day", "số lượt một ngày", 1, MOST_A_DAY)
    elif not rule.sessions:
        told = "Hãy chọn ít nhất một khung giờ." if offered else "Những nơi này chưa đặt khung giờ phát nào."
        form.fail("sessions", told)
    rule.place = form.choice("place", "chỗ trong khung giờ", dict(PLACES)) or "any"


def _walls(typed: str) -> list[time]:
    """The times in one piece of the list; people put a space, or “và”, where a comma was asked."""
    if not typed.strip():
        return []
    try:
        return [parse_wall_time(typed)]
    except BroadcastError:
        parts = [part for part in _NEXT_TIME.split(typed.strip()) if part]
        if len(parts) < 2:
            raise
    return [parse_wall_time(part) for part in parts]


def _time(form: Form, name: str, label: str) -> str:
    if not form.value(name).strip():
        form.fail(name, f"Hãy điền {label}.")
        return ""
    try:
        return wall_text(parse_wall_time(form.value(name)))
    except BroadcastError as error:
        form.fail(name, error.message_vi)
        return ""


def wall_text(wall: time) -> str:
    """As a rule keeps it."""
    return wall.isoformat("seconds" if wall.second else "minutes")


@dataclass(frozen=True)
class SessionOffer:
    """A session that some of the chosen places have, with its hours there (most places first)."""

    name: str
    hours: tuple[str, ...]
    units: int
    of: int
    """How many of so many places have it."""


def sessions_offered(session: Session, unit_ids: set[int], keep: Collection[str] = ()) -> list[SessionOffer]:
    """The sessions of these units as they are today, by the hour; what `keep` names and none has comes last."""
    tree = current_rights().tree
    code_of = {unit.id: unit.code for unit in tree.units.values()}
    book = PolicyBook(policy_fact(policy, code_of) for policy in session.scalars(select(Policy).order_by(Policy.id)))
    found: dict[str, dict[str, int]] = {}
    begins: dict[str, time] = {}
    for unit_id in unit_ids:
        for each in book.effective([code_of[above] for above in tree.path(unit_id)], today()).sessions:
            hours = found.setdefault(each.name, {})
            span = f"{clock(each.from_time)}–{clock(each.until_time)}"
            hours[span] = hours.get(span, 0) + 1
            begins[each.name] = min(each.from_time, begins.get(each.name, each.from_time))
    offers = [
        SessionOffer(
            name, tuple(sorted(hours, key=lambda span: (-hours[span], span))), sum(hours.values()), len(unit_ids)
        )
        for name, hours in sorted(found.items(), key=lambda item: (begins[item[0]], item[0]))
    ]
    return offers + [SessionOffer(name, (), 0, len(unit_ids)) for name in keep if name not in found]
