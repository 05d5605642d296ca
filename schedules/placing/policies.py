"""The policy in force for a unit on a local date, field by field, the nearest unit first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from schedules.facts import PolicyFact, SessionFact, WallSpan
from schedules.placing.territory import in_force

DEFAULT_CURFEW = (WallSpan(time(22), time(5)),)


@dataclass(frozen=True, slots=True, eq=False)
class EffectivePolicy:
    """What holds, and for each field the policy that says so (None: nobody; for the curfew that is the default).

    Compared by identity: a PolicyBook gives one object for one set of policies.
    """

    curfew: tuple[WallSpan, ...]
    curfew_by: PolicyFact | None
    sessions: tuple[SessionFact, ...]
    sessions_by: PolicyFact | None
    weekdays: frozenset[int] | None
    weekdays_by: PolicyFact | None
    longest_session_minutes: int | None
    longest_by: PolicyFact | None
    sessions_a_day: int | None
    sessions_a_day_by: PolicyFact | None
    same_text_a_day: int | None
    same_text_by: PolicyFact | None
    no_repeat_before: time | None
    """None where nobody forbids it; never midnight."""
    no_repeat_by: PolicyFact | None
    counts: bool
    """Whether airings of the day before now matter for what may still air."""
    has_unnamed_sessions: bool
    """Whether it limits sessions and names none: then what airs without a longer break is one."""


def resolve(policies: Iterable[PolicyFact]) -> EffectivePolicy:
    """One policy out of those in force, given nearest first."""
    order = tuple(policies)

    def by(name: str) -> PolicyFact | None:
        return next((policy for policy in order if getattr(policy, name) is not None), None)

    curfew, sessions, weekdays = by("curfew"), by("sessions"), by("weekdays")
    longest, daily, same = by("longest_session_minutes"), by("sessions_a_day"), by("same_text_a_day")
    dawn = by("no_repeat_before")
    limits_sessions = longest is not None or daily is not None
    return EffectivePolicy(
        curfew=DEFAULT_CURFEW if curfew is None or curfew.curfew is None else curfew.curfew,
        curfew_by=curfew,
        sessions=(sessions.sessions if sessions else None) or (),
        sessions_by=sessions,
        weekdays=weekdays.weekdays if weekdays else None,
        weekdays_by=weekdays,
        longest_session_minutes=longest.longest_session_minutes if longest else None,
        longest_by=longest,
        sessions_a_day=daily.sessions_a_day if daily else None,
        sessions_a_day_by=daily,
        same_text_a_day=same.same_text_a_day if same else None,
        same_text_by=same,
        no_repeat_before=dawn.no_repeat_before if dawn and dawn.no_repeat_before != time() else None,
        no_repeat_by=dawn,
        counts=limits_sessions or same is not None,
        has_unnamed_sessions=limits_sessions and not (sessions and sessions.sessions),
    )


class PolicyBook:
    """All policies, asked by chain of units and date. Equal sets of policies give the same object."""

    def __init__(self, policies: Iterable[PolicyFact]) -> None:
        self._by_unit: dict[str, list[PolicyFact]] = {}
        for policy in policies:
            self._by_unit.setdefault(policy.unit_id, []).append(policy)
        for own in self._by_unit.values():
            # where two of one unit overlap the later one was made knowing the earlier
            own.sort(key=lambda policy: (policy.from_on or date.min, _made(policy.id)), reverse=True)
        self._resolved: dict[tuple[str, ...], EffectivePolicy] = {}

    def effective(self, chain: Iterable[str], day: date) -> EffectivePolicy:
        """The policy on `day` for the unit whose chain, nearest first, is `chain`."""
        found = tuple(
            policy
            for unit_id in chain
            if unit_id in self._by_unit
            for policy in self._by_unit[unit_id]
            if in_force(policy.from_on, policy.until_on, day)
        )
        key = tuple(policy.id for policy in found)
        known = self._resolved.get(key)
        if known is None:
            known = self._resolved[key] = resolve(found)
        return known


def _made(policy_id: str) -> tuple[bool, str]:
    """Numbers in the order in which they were given; what has none yet is the newest of all."""
    return not policy_id.isdecimal(), policy_id.zfill(20)
