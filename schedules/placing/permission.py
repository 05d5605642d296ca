"""What forbids a slot whatever else airs: its bulletin, the curfew, the sessions, the days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from schedules.facts import AudioFact, BulletinClass
from schedules.placing.asking import DaySetting, Slot
from schedules.placing.calendar import Calendar
from schedules.placing.policies import EffectivePolicy
from schedules.placing.reasons import Reason, Writer
from schedules.placing.territory import ONE_DAY

# The opening of a session goes before all that is in it.
_OPENING_RANK = 1
_CLASS_RANK: dict[BulletinClass, int] = {"emergency": 0, "priority": 2, "normal": 3}
_UNPLACED = float("inf")


class Permissions:
    """Answers None for "nothing forbids it", else the first reason in the order of DESIGN §5.1.

    Shared by all situations of a plan: each answer about the hours of a day is worked out once.
    """

    def __init__(self, calendar: Calendar, writer: Writer) -> None:
        self._calendar = calendar
        self._writer = writer
        self._within_day: dict[tuple[EffectivePolicy, datetime, datetime], Reason | None] = {}

    def about(self, slot: Slot, settings: Mapping[date, DaySetting]) -> Reason | None:
        """What forbids the slot where it was asked. Gives it its sound, length, session and rank on the way."""
        reason = self._about_validity(slot) or self.about_sound(slot)
        if reason is not None or slot.bulletin.bulletin_class == "emergency":
            return reason
        if slot.session_name is not None and slot.session is None:
            return self._declined(slot) or self._outside(slot)  # there is no time that a curfew could forbid
        start, end = slot.wanted_at, slot.wanted_at + slot.length
        return (
            self._curfew(slot, start, end, settings)
            or self._declined(slot)
            or self._outside(slot)
            or self._wrong_day(slot, start, end, settings)
        )

    def about_hours(self, slot: Slot, start: datetime, settings: Mapping[date, DaySetting]) -> Reason | None:
        """What of the unit's rules forbids it at a later `start` than asked (its session apart)."""
        end = start + slot.length
        return self._curfew(slot, start, end, settings) or self._wrong_day(slot, start, end, settings)

    def _about_validity(self, slot: Slot) -> Reason | None:
        bulletin, at, write = slot.bulletin, slot.wanted_at, self._writer
        if bulletin.withdrawn_at is not None and bulletin.withdrawn_at <= max(at, self._calendar.now):
            return write.withdrawn(bulletin, bulletin.withdrawn_at)
        if bulletin.valid_until is not None and bulletin.valid_until <= at:
            return write.expired(bulletin, bulletin.valid_until)
        if bulletin.valid_from is not None and at < bulletin.valid_from:
            return write.not_yet_valid(bulletin, bulletin.valid_from)
        return None

    def about_sound(self, slot: Slot) -> Reason | None:
        """Whether it has an approved sound here. Gives the slot its sound, length and rank."""
        bulletin, audio = slot.bulletin, _audio_for(slot)
        if audio is None and not any(each.approved_by for each in bulletin.audios):
            return self._writer.not_approved(bulletin, None)
        if audio is not None and not audio.approved_by:
            return self._writer.not_approved(bulletin, audio.unit_id)
        if audio is None or not audio.available:
            return self._writer.no_audio(bulletin, slot.setting.lacking_unit if audio is None else None)
        rule = slot.card.rule
        repeats = rule.repeats or 1
        slot.audio = audio
        slot.length = timedelta(milliseconds=audio.duration_ms * repeats + rule.gap_ms * (repeats - 1))
        rank = _CLASS_RANK[bulletin.bulletin_class]
        if rank == 0:  # emergencies queue by time of approval
            place = (audio.approved_at or rule.created_at).timestamp()
        else:  # the rest as a unit ordered them, else by whose unit they are; then the older rule
            place = _UNPLACED if slot.here.place is None else slot.here.place
            if rule.place == "opening" and slot.session_name is not None:
                rank = _OPENING_RANK
        slot.rank = (rank, place, not slot.here.own, slot.card.order, slot.asked_at, slot.key)
        return None

    def _declined(self, slot: Slot) -> Reason | None:
        """A commune chooses about normal bulletins, and about no others."""
        if slot.here.declined_by is None or slot.bulletin.bulletin_class != "normal":
            return None
        return self._writer.declined(slot.bulletin, slot.here.declined_by, slot.here.declined_why)

    def _curfew(self, slot: Slot, start: datetime, end: datetime, settings: Mapping[date, DaySetting]) -> Reason | None:
        calendar, day = self._calendar, slot.day
        day_end = calendar.span(day)[1]
        if end <= day_end:
            return self._curfew_within(day, slot.setting.policy, start, end)
        while True:
            if start < day_end:
                policy = self._setting(settings, day).policy
                reason = self._curfew_of_day(day, policy, start, end)
                if reason is not None or end <= day_end:
                    return reason
            day += ONE_DAY
            day_end = calendar.span(day)[1]

    def _curfew_within(self, day: date, policy: EffectivePolicy, start: datetime, end: datetime) -> Reason | None:
        key = (policy, start, end)
        try:
            return self._within_day[key]
        except KeyError:
            reason = self._within_day[key] = self._curfew_of_day(day, policy, start, end)
            return reason

    def _curfew_of_day(self, day: date, policy: EffectivePolicy, start: datetime, end: datetime) -> Reason | None:
        for from_at, until_at, wall in self._calendar.curfews(day, policy):
            if start < until_at and end > from_at:
                return self._writer.curfew(start, end, wall, policy.curfew_by)
        return None

    def _outside(self, slot: Slot) -> Reason | None:
        """Which session an exact time lies in; a slot that asks for a session has it already."""
        policy = slot.setting.policy
        if slot.session is not None:
            return None
        if slot.session_name is not None:
            return self._writer.no_such_session(slot.session_name, policy.sessions, policy.sessions_by)
        if not policy.sessions:
            return None
        for span in self._calendar.sessions(slot.day, policy):
            if span.start_at <= slot.asked_at < span.end_at:
                slot.session = span
                return None
        return self._writer.outside_sessions(slot.asked_at, policy.sessions, policy.sessions_by)

    def _wrong_day(
        self, slot: Slot, start: datetime, end: datetime, settings: Mapping[date, DaySetting]
    ) -> Reason | None:
        day = slot.day
        while True:
            policy = self._setting(settings, day).policy
            day_end = self._calendar.span(day)[1]
            if policy.weekdays is not None and day.isoweekday() not in policy.weekdays and start < day_end:
                return self._writer.day(day, policy.weekdays, policy.weekdays_by)
            if end <= day_end:
                return None
            day += ONE_DAY

    def _setting(self, settings: Mapping[date, DaySetting], day: date) -> DaySetting:
        """The day's setting; past the calendar, where only a very long airing reaches, the last one known."""
        return settings.get(day) or settings[self._calendar.days[-1]]


def _audio_for(slot: Slot) -> AudioFact | None:
    audios = slot.bulletin.audios
    variants = slot.setting.variants
    if not variants or (chosen := variants.get(slot.bulletin.id)) is None:
        return audios[0] if audios else None
    return audios[chosen] if chosen >= 0 else None
