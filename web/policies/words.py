"""A policy in words, field by field: what it says, and what holds in the end and on whose word."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import time
from typing import Any, NamedTuple

from schedules.checks.policy_checks import hours
from schedules.facts import PolicyFact, SessionFact, WallSpan
from schedules.placing.policies import EffectivePolicy
from schedules.placing.reasons import clock
from web.shell.formats import WEEKDAYS, vn_number


class Field(NamedTuple):
    """`name` of a fact's field, `by` of the field of EffectivePolicy that says whose it is; `unsaid` where nobody says
    anything about it."""

    name: str
    label: str
    words: Callable[[Any], str]
    by: str
    unsaid: str


class Held(NamedTuple):
    """One line of what holds."""

    label: str
    value: str
    by: PolicyFact | None


def curfew_words(spans: Collection[WallSpan]) -> str:
    return hours(spans) or "không có"


def session_words(sessions: Collection[SessionFact]) -> str:
    told = (f"{one.name} {clock(one.from_time)}–{clock(one.until_time)}" for one in sessions)
    return ", ".join(told) or "không đặt khung giờ, giờ nào ngoài giờ cấm cũng phát được"


def days_words(weekdays: Collection[int]) -> str:
    if len(weekdays) == 7:
        return "mọi ngày"
    names = [WEEKDAYS[day - 1] for day in sorted(weekdays)]
    first, last = min(weekdays, default=0), max(weekdays, default=0)
    if len(names) > 2 and last - first == len(names) - 1:
        names = [f"{names[0]} đến {names[-1].lower()}"]
    return ", ".join(name if place == 0 or name == "Chủ nhật" else name.lower() for place, name in enumerate(names))


def dawn_words(before: time) -> str:
    return f"trước {clock(before)} không phát lại" if before != time() else "được phát lại"


FIELDS = (
    Field("curfew", "Giờ cấm phát", curfew_words, "curfew_by", ""),
    Field("sessions", "Khung giờ phát", session_words, "sessions_by", "chưa đặt, giờ nào ngoài giờ cấm cũng phát được"),
    Field("weekdays", "Ngày được phát", days_words, "weekdays_by", "mọi ngày"),
    Field("sessions_a_day", "Số buổi một ngày", lambda most: f"nhiều nhất {vn_number(most)}", "sessions_a_day_by",
          "không giới hạn"),
    Field("longest_session_minutes", "Mỗi buổi dài", lambda most: f"nhiều nhất {vn_number(most)} phút", "longest_by",
          "không giới hạn"),
    Field("same_text_a_day", "Cùng một nội dung", lambda most: f"nhiều nhất {vn_number(most)} lượt một ngày",
          "same_text_by", "không giới hạn"),
    Field("no_repeat_before", "Tin đã phát tối hôm trước", dawn_words, "no_repeat_by", "được phát lại"),
)  # fmt: skip


def says(policy: PolicyFact) -> list[tuple[str, str]]:
    """(label, value) of each field that the policy says something about."""
    return [(field.label, field.words(value)) for field in FIELDS if (value := getattr(policy, field.name)) is not None]


def holding(held: EffectivePolicy) -> list[Held]:
    """Every field, also those that nobody says anything about."""
    lines = []
    for field in FIELDS:
        by: PolicyFact | None = getattr(held, field.by)
        said = getattr(by, field.name) if by is not None else held.curfew if field.name == "curfew" else None
        lines.append(Held(field.label, field.unsaid if said is None else field.words(said), by))
    return lines
