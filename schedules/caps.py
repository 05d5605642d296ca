"""What a station's day has used up: readings of one text, sessions and their minutes, and what aired last evening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from schedules.asking import DaySetting, Slot
from schedules.calendar import Calendar, SessionSpan
from schedules.policies import EffectivePolicy
from schedules.reasons import Reason, Writer
from schedules.territory import ONE_DAY

EVENING_FROM = time(16)
"""What begins from here on aired "last evening": the afternoon sessions that people come home to."""
SESSION_BREAK = timedelta(minutes=10)
"""Where a unit limits sessions and names none, a silence this long ends one."""

_Span = tuple[datetime, datetime]


class Account:
    """Keeps account of ordinary airings of one station, and says what the policy's limits leave no room for.

    Answers None where nothing is in the way. Asked for each slot as it is placed, in order of rank, so limits hold
    whatever comes in between.
    """

    def __init__(self, calendar: Calendar, writer: Writer, settings: Mapping[date, DaySetting]) -> None:
        self._calendar = calendar
        self._writer = writer
        self._settings = settings
        self._texts: dict[tuple[date, str], int] = {}
        self._session_time: dict[tuple[date, str], timedelta] = {}
        self._unnamed: dict[date, list[_Span]] = {}
        self._evenings: set[tuple[date, str]] = set()
        self._dawns: set[tuple[date, str]] = set()
        self._looks_at_dawn = any(each.policy.no_repeat_before is not None for each in settings.values())

    def about(self, slot: Slot, start: datetime) -> Reason | None:
        """What of the limits a day forbids the slot that would begin at `start`: `cap`, then `session_full`."""
        policy = slot.setting.policy
        reason = self._about_text(slot, policy) if policy.counts else None
        if reason is None and self._looks_at_dawn:
            reason = self._about_dawn(slot, start)
        if reason is not None or not policy.counts:
            return reason
        if slot.session is not None:
            return self._about_number(slot, slot.session, policy)
        return self._about_unnamed(slot, start, policy) if policy.has_unnamed_sessions else None

    def about_session(self, slot: Slot, span: SessionSpan) -> Reason | None:
        """Whether the slot has room in its session, as long as that is and as long as the policy lets it be."""
        session, policy, whole = span.session, slot.setting.policy, span.end_at - span.start_at
        if slot.length > whole:
            return self._writer.session_too_short(session, whole, slot.length)
        if slot.wanted_at + slot.length > span.end_at:
            return self._writer.session_full(session, slot.length)
        most = policy.longest_session_minutes
        used = self._session_time.get((slot.day, session.name), timedelta())
        if most is not None and used + slot.length > timedelta(minutes=most):
            return self._writer.session_minutes(session, slot.length, most, policy.longest_by)
        return None

    def count(self, day: date, bulletin_id: str, session: SessionSpan | None, start: datetime, end: datetime) -> None:
        """An airing stands. `day` is its slot's."""
        self._texts[day, bulletin_id] = self._texts.get((day, bulletin_id), 0) + 1
        if session is not None:
            key = (day, session.session.name)
            self._session_time[key] = self._session_time.get(key, timedelta()) + (end - start)
        setting = self._settings.get(day)
        if setting is not None and setting.policy.has_unnamed_sessions:
            self._unnamed.setdefault(day, []).append((start, end))
        if self._looks_at_dawn:
            on, wall = self._local(start)
            if wall >= EVENING_FROM:
                self._evenings.add((on, bulletin_id))
            if self._is_dawn(on, wall):
                self._dawns.add((on, bulletin_id))

    def waits_for_evening(self, contenders: Iterable[Slot]) -> set[int]:
        """Which slots (by `id`) lie at dawn while their text is asked for later on the day before: they are placed
        after the others, since it is the evening that makes them a repetition."""
        if not self._looks_at_dawn:
            return set()
        slots = list(contenders)
        later = set[tuple[date, str]]()
        for slot in slots:
            on, wall = self._local(slot.wanted_at)
            if wall.hour >= 12:
                later.add((on, slot.bulletin.id))
        found = set[int]()
        for slot in slots:
            on, wall = self._local(slot.wanted_at)
            if self._is_dawn(on, wall) and (on - ONE_DAY, slot.bulletin.id) in later:
                found.add(id(slot))
        return found

    def _about_text(self, slot: Slot, policy: EffectivePolicy) -> Reason | None:
        most = policy.same_text_a_day
        if most is None or self._texts.get((slot.day, slot.bulletin.id), 0) < most:
            return None
        return self._writer.same_text(slot.bulletin, slot.day, most, policy.same_text_by)

    def _about_dawn(self, slot: Slot, start: datetime) -> Reason | None:
        on, wall = self._local(start)
        text = slot.bulletin.id
        if self._is_dawn(on, wall) and (on - ONE_DAY, text) in self._evenings:
            policy = self._settings[on].policy
            assert policy.no_repeat_before is not None
            return self._writer.last_evening(slot.bulletin, on, policy.no_repeat_before, policy.no_repeat_by)
        if wall >= EVENING_FROM and (on + ONE_DAY, text) in self._dawns:
            policy = self._settings[on + ONE_DAY].policy
            assert policy.no_repeat_before is not None
            return self._writer.next_dawn(slot.bulletin, on + ONE_DAY, policy.no_repeat_before, policy.no_repeat_by)
        return None

    def _about_number(self, slot: Slot, span: SessionSpan, policy: EffectivePolicy) -> Reason | None:
        most = policy.sessions_a_day
        if most is None:
            return None
        used = {name for day, name in self._session_time if day == slot.day}
        if span.session.name in used or len(used) < most:
            return None
        return self._writer.sessions_used(slot.day, most, policy.sessions_a_day_by)

    def _about_unnamed(self, slot: Slot, start: datetime, policy: EffectivePolicy) -> Reason | None:
        sessions = _joined([*self._unnamed.get(slot.day, ()), (start, start + slot.length)])
        most = policy.sessions_a_day
        if most is not None and len(sessions) > most:
            return self._writer.sessions_used(slot.day, most, policy.sessions_a_day_by)
        longest = policy.longest_session_minutes
        if longest is not None:
            own = next((begins, ends) for begins, ends in sessions if begins <= start < ends)
            if own[1] - own[0] > timedelta(minutes=longest):
                return self._writer.unnamed_minutes(*own, longest, policy.longest_by)
        return None

    def _is_dawn(self, on: date, wall: time) -> bool:
        setting = self._settings.get(on)
        before = setting.policy.no_repeat_before if setting is not None else None
        return before is not None and wall < before

    def _local(self, instant: datetime) -> tuple[date, time]:
        local = instant.astimezone(self._calendar.zone)
        return local.date(), local.time()


def _joined(spans: list[_Span]) -> list[_Span]:
    """The spans as sessions: what begins within SESSION_BREAK of the end before belongs to it."""
    joined: list[_Span] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < SESSION_BREAK:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
