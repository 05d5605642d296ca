"""What is wrong with a policy by itself, and what it and the policies around it make impossible together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from itertools import pairwise

from schedules.checks.rule_checks import DAY_MINUTES, minutes_of, opening_problems
from schedules.facts import PolicyFact, Problem, RuleFact, SessionFact, WallSpan
from schedules.placing.policies import EffectivePolicy, PolicyBook
from schedules.placing.reasons import clock
from schedules.placing.territory import ONE_DAY, Territory, in_force
from schedules.recurrence import ANY_SESSION

LONGEST_SESSION_NAME = 30  # with the number of a place behind it, it is the key of a slot
_LIMITS = {
    "longest_session_minutes": (DAY_MINUTES, "phút", "Mỗi buổi phát 0 phút thì không phát được gì"),
    "sessions_a_day": (48, "buổi", "Mỗi ngày 0 buổi thì không phát được gì"),
    "same_text_a_day": (200, "lượt", "Mỗi nội dung 0 lượt một ngày thì không phát được gì"),
}


def problems_of_policy(policy: PolicyFact) -> tuple[Problem, ...]:
    """Why the policy cannot be meant: ends before it begins, forbids everything, sessions that are no span, overlap,
    share a name or lie wholly in its own curfew, limits below one. `field` is the name in the set-up file."""
    return (*_about_range(policy), *_about_sessions(policy), *_about_own_curfew(policy), *_about_limits(policy))


def clashes(policy: PolicyFact, territory: Territory, others: Iterable[PolicyFact]) -> tuple[Problem, ...]:
    """What becomes impossible where `policy` meets the others, in its unit and in those below: warnings, since another
    policy may mend them. `others` without the one that it replaces."""
    others = tuple(others)
    book = PolicyBook([*others, policy])
    told: dict[str, Problem] = {}
    for unit_id, day in _meetings(policy, territory, others):
        where = territory.units[unit_id].name if unit_id in territory.units else unit_id
        for problem in _impossible(policy, book.effective(territory.chain(unit_id, day), day), where):
            told.setdefault(problem.message_vi, problem)
    return tuple(told.values())


def openings_cut(
    policy: PolicyFact, territory: Territory, others: Iterable[PolicyFact], rules: Iterable[RuleFact]
) -> tuple[Problem, ...]:
    """The sessions that this policy makes shorter than what one of the rules opens them with."""
    book = PolicyBook([*others, policy])
    told: dict[str, Problem] = {}
    for rule in rules:
        day = max(policy.from_on or date.min, rule.from_on or date.min)
        for target in rule.targets:
            unit_id = target if policy.unit_id in territory.chain(target, day) else policy.unit_id
            chain = territory.chain(unit_id, day)
            held = book.effective(chain, day)
            if (target == unit_id or target in chain) and policy in (held.sessions_by, held.longest_by):
                for problem in opening_problems(rule, held.sessions, held.longest_session_minutes):
                    told.setdefault(problem.message_vi, problem)
    return tuple(told.values())


def forbidden_minutes(spans: Iterable[WallSpan], start: int = 0, end: int = DAY_MINUTES) -> int:
    """How many minutes of the day from `start` to `end` lie in one of the spans."""
    taken: set[int] = set()
    for first, last in (piece for span in spans for piece in _pieces(span)):
        taken.update(range(max(first, start), min(last, end)))
    return len(taken)


def _pieces(span: WallSpan) -> Iterator[tuple[int, int]]:
    start, end = _minute(span.from_time), _minute(span.until_time)
    if start == end:
        yield 0, DAY_MINUTES
    elif start < end:
        yield start, end
    else:
        yield from ((0, end), (start, DAY_MINUTES))


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


# ---- by itself


def _about_range(policy: PolicyFact) -> Iterator[Problem]:
    if policy.from_on and policy.until_on and policy.until_on < policy.from_on:
        yield Problem("until", "Quy định hết hiệu lực trước khi có hiệu lực; hãy sửa lại hai ngày.")
    if policy.curfew and forbidden_minutes(policy.curfew) == DAY_MINUTES:
        yield Problem(
            "curfew",
            f"Giờ cấm phát {hours(policy.curfew)} là cấm cả ngày, không phát được gì; hãy chừa lại giờ phát, như "
            "22:00–05:00.",
        )
    if policy.weekdays is not None and not policy.weekdays:
        yield Problem("days", "Quy định này không cho phát ngày nào cả; hãy chọn ngày được phát, hoặc để trống.")


def _about_sessions(policy: PolicyFact) -> Iterator[Problem]:
    sessions = policy.sessions or ()
    for session in sessions:
        if not session.name.strip() or session.name == ANY_SESSION:
            yield Problem("sessions", "Mỗi khung giờ cần một tên bằng chữ, như sáng, trưa, chiều.")
        elif len(session.name) > LONGEST_SESSION_NAME:
            yield Problem("sessions", f"Tên khung giờ “{session.name}” dài quá {LONGEST_SESSION_NAME} ký tự.")
        if session.until_time <= session.from_time and session.until_time != time():
            yield Problem(
                "sessions",
                f"Khung giờ “{session.name}” kết thúc trước khi bắt đầu; khung giờ nằm trọn trong một ngày, qua nửa "
                "đêm thì tách làm hai.",
            )
    if len({session.name for session in sessions}) < len(sessions):
        yield Problem("sessions", "Hai khung giờ trùng tên; hãy đặt tên khác nhau.")
    for earlier, later in pairwise(sorted(sessions, key=lambda session: session.from_time)):
        if later.from_time < earlier.until_time or earlier.until_time == time():
            yield Problem("sessions", f"Khung giờ “{earlier.name}” và “{later.name}” chồng lên nhau.")


def _about_own_curfew(policy: PolicyFact) -> Iterator[Problem]:
    if not policy.curfew or forbidden_minutes(policy.curfew) == DAY_MINUTES:
        return
    for session in policy.sessions or ():
        if _is_swallowed(session, policy.curfew):
            yield Problem(
                "sessions",
                f"Khung giờ “{session.name}” {_hours_of(session)} nằm trọn trong giờ cấm phát {hours(policy.curfew)}, "
                "không phát được gì.",
            )


def _about_limits(policy: PolicyFact) -> Iterator[Problem]:
    for name, (most, noun, none) in _LIMITS.items():
        limit: int | None = getattr(policy, name)
        if limit is None or 1 <= limit <= most:
            continue
        if limit < 1:
            yield Problem(name, f"{none}; mức này phải từ 1 trở lên, không giới hạn thì để trống.")
        else:
            yield Problem(name, f"Mức này nhiều nhất là {most} {noun}; không giới hạn thì để trống.")


# ---- together with others


def _meetings(policy: PolicyFact, territory: Territory, others: Sequence[PolicyFact]) -> Iterator[tuple[str, date]]:
    """Where and on which days to look: its own unit and those below that have policies, on its first day and on each
    day on which a policy of theirs begins or has just ended."""
    begins = policy.from_on or date.min
    turns: dict[str, set[date]] = {policy.unit_id: set()}
    for other in others:
        own = turns.setdefault(other.unit_id, set())
        if other.from_on is not None:
            own.add(other.from_on)
        if other.until_on is not None and other.until_on < date.max:
            own.add(other.until_on + ONE_DAY)
    for unit_id in turns:
        above = territory.chain(unit_id, begins)
        days = {begins}.union(*(turns.get(each, ()) for each in above))
        for day in sorted(days):
            if in_force(begins, policy.until_on, day) and policy.unit_id in territory.chain(unit_id, day):
                yield unit_id, day


def _impossible(policy: PolicyFact, held: EffectivePolicy, where: str) -> Iterator[Problem]:
    if policy not in (held.curfew_by, held.sessions_by):
        return
    field = "sessions" if held.sessions_by is policy else "curfew"
    if held.curfew_by is policy and held.sessions_by is policy:
        whose = "giờ cấm phát"
    elif held.curfew_by is None:
        whose = "giờ cấm phát mặc định"
    else:
        whose = "giờ cấm phát" if held.curfew_by is policy else "giờ cấm phát đang áp dụng"
    lost = [session for session in held.sessions if _is_swallowed(session, held.curfew)]
    if lost and len(lost) == len(held.sessions):
        yield Problem(
            field,
            f"{where}: mọi khung giờ phát ({_told(lost)}) đều nằm trong {whose} {hours(held.curfew)}, sẽ không phát "
            "được gì.",
        )
        return
    for session in held.sessions:
        if session in lost:
            if not (held.curfew_by is policy and held.sessions_by is policy):  # told as a problem already
                yield Problem(
                    field,
                    f"{where}: khung giờ “{session.name}” {_hours_of(session)} nằm trọn trong {whose} "
                    f"{hours(held.curfew)}, không phát được gì.",
                )
        elif _touched(session, held.curfew):
            yield Problem(
                field,
                f"{where}: khung giờ “{session.name}” {_hours_of(session)} chạm {whose} {hours(held.curfew)}, chỉ phát "
                "được phần còn lại.",
            )


def _touched(session: SessionFact, curfew: Iterable[WallSpan]) -> int:
    start = _minute(session.from_time)
    return forbidden_minutes(curfew, start, start + minutes_of(session))


def _is_swallowed(session: SessionFact, curfew: Iterable[WallSpan]) -> bool:
    return 0 < minutes_of(session) <= _touched(session, curfew)


def _told(sessions: Iterable[SessionFact]) -> str:
    return ", ".join(f"{session.name} {_hours_of(session)}" for session in sessions)


def _hours_of(session: SessionFact) -> str:
    return f"{clock(session.from_time)}–{clock(session.until_time)}"


def hours(spans: Iterable[WallSpan]) -> str:
    """`22:00–05:00, 11:30–13:30`."""
    return ", ".join(f"{clock(span.from_time)}–{clock(span.until_time)}" for span in spans)
