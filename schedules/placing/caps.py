"""What a station's day has used up: readings of one text, sessions and their minutes, and what aired last evening."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from schedules.placing.asking import DaySetting, Slot
from schedules.placing.calendar import Calendar, SessionSpan
from schedules.placing.policies import EffectivePolicy
from schedules.placing.reasons import Reason, Writer
from schedules.placing.territory import ONE_DAY

EVENING_FROM = time(16)
"""What begins from here on aired "last evening": the afternoon sessions that people come home to."""
SESSION_BREAK = timedelta(minutes=10)
"""Where a unit limits sessions and names none, at least so much silence lies between two."""
UNNAMED_SESSION = timedelta(hours=1)
"""How long a session is at most where a unit says how many there may be, but neither their names nor their length."""


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
        self._unnamed: dict[date, list[tuple[datetime, datetime]]] = {}
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

    def waits_for_evening(self, slot: Slot, evening_texts: Callable[[date], frozenset[str]]) -> bool:
        """Whether the slot lies at dawn and its text is asked for in the evening before: then it is placed after the
        others, since it is the evening that makes it a repetition. The same whatever of it is over by now, or time
        alone would move what is planned."""
        if not self._looks_at_dawn:
            return False
        on, wall = self._local(slot.asked_at)
        return self._is_dawn(on, wall) and slot.bulletin.id in evening_texts(on - ONE_DAY)

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
        """Sessions that nobody named: spans of at most the longest length with a break between them. What is possible
        with some airings is possible with any part of them, so that time alone never moves anything."""
        longest = policy.longest_session_minutes
        length = UNNAMED_SESSION if longest is None else timedelta(minutes=longest)
        if slot.length > length:
            return self._writer.unnamed_minutes(slot.length, length, policy.longest_by)
        needed = sessions_needed([*self._unnamed.get(slot.day, ()), (start, start + slot.length)], length)
        if needed is None:
            return self._writer.unnamed_minutes(slot.length, length, policy.longest_by)
        most = policy.sessions_a_day
        if most is not None and needed > most:
            return self._writer.sessions_used(slot.day, most, policy.sessions_a_day_by)
        return None

    def _is_dawn(self, on: date, wall: time) -> bool:
        setting = self._settings.get(on)
        before = setting.policy.no_repeat_before if setting is not None else None
        return before is not None and wall < before

    def _local(self, instant: datetime) -> tuple[date, time]:
        local = instant.astimezone(self._calendar.zone)
        return local.date(), local.time()


def sessions_needed(spans: Iterable[tuple[datetime, datetime]], longest: timedelta) -> int | None:
    """In how many sessions of at most `longest`, SESSION_BREAK apart, these spans fit; None where they fit in none."""
    ordered = sorted(spans)
    fewest: list[int | None] = [0]
    for last, (_, end) in enumerate(ordered):
        best: int | None = None
        for first in range(last, -1, -1):
            begins = ordered[first][0]
            if end - begins > longest:
                break
            before = fewest[first]
            apart = first == 0 or begins - ordered[first - 1][1] >= SESSION_BREAK
            if before is not None and apart and (best is None or before + 1 < best):
                best = before + 1
        fewest.append(best)
    return fewest[-1]
