"""One station's programme as the plan gives it, to ask what would come of one slot more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from schedules.facts import RuleFact, StationFact
from schedules.placing.asking import DaySetting, RuleHere, Slot, rule_card
from schedules.placing.calendar import Calendar, SessionSpan
from schedules.placing.day_settings import variant_for
from schedules.placing.layout import LayoutMaker
from schedules.placing.permission import Permissions
from schedules.placing.policies import EffectivePolicy
from schedules.placing.reasons import Reason
from schedules.placing.territory import linked_unit
from schedules.recurrence import bulletin_on, slot_key


class Probed(NamedTuple):
    """What would come of a slot asked at `wall_time`: when it begins (later than asked where something is before it),
    or why it does not air."""

    wall_time: time
    starts_at: datetime | None
    reason: Reason | None


class Outlook:
    """Asks the finished layout of one station; changes nothing in it."""

    def __init__(
        self,
        calendar: Calendar,
        permissions: Permissions,
        settings: Mapping[date, DaySetting],
        maker: LayoutMaker,
        station: StationFact,
        youngest: int,
    ) -> None:
        self._calendar = calendar
        self._permissions = permissions
        self._settings = settings
        self._maker = maker
        self._station = station
        self._youngest = youngest

    def policy(self, day: date) -> EffectivePolicy:
        """What holds on `day`, which lies in the window."""
        return self._settings[day].policy

    def sessions(self, day: date) -> tuple[SessionSpan, ...]:
        """The sessions of `day`, as the policy orders them."""
        return self._calendar.sessions(day, self.policy(day))

    def silences_from(self, day: date) -> list[datetime]:
        """Instants of `day` at which something ends."""
        return self._maker.taken_until(day)

    def instant(self, day: date, wall: time) -> datetime:
        """The UTC instant of a wall time."""
        return self._calendar.instant(day, wall)

    def wall(self, instant: datetime) -> time:
        """The wall time of an instant."""
        return instant.astimezone(self._calendar.zone).time()

    def length(self, rule: RuleFact, day: date) -> timedelta:
        """How long one slot of `rule` takes here on `day`, readings and gaps; nothing where it has no sound."""
        slot = self._slot(rule, day, time())
        return slot.length if self._permissions.about_sound(slot) is None else timedelta()

    def probe(self, rule: RuleFact, day: date, times: Iterable[time]) -> list[Probed]:
        """What would come of one slot more of `rule` on `day` at each of the times, asked last of all.

        Times before the window's `now` are left out. `day` lies in the window.
        """
        found = []
        for wall in times:
            slot = self._slot(rule, day, wall)
            if slot.asked_at < self._calendar.now:
                continue
            answer = self._maker.try_one(slot)
            found.append(Probed(wall, None, answer) if isinstance(answer, Reason) else Probed(wall, answer, None))
        return found

    def _slot(self, rule: RuleFact, day: date, wall: time) -> Slot:
        here = RuleHere(rule_card(self._youngest, rule), rule.unit_id == linked_unit(self._station.units, day))
        at, key = self._calendar.instant(day, wall), slot_key(wall)
        tail = self._calendar.tail(day, key)
        setting = self._setting_with(rule, day)
        return Slot(here, setting, bulletin_on(rule, day, 0), day, key, tail, at, at, None, None)

    def _setting_with(self, rule: RuleFact, day: date) -> DaySetting:
        """The day, knowing also which sound of the rule's bulletins is for this station."""
        setting = self._settings[day]
        unit_id = linked_unit(self._station.units, day)
        varied = [
            bulletin
            for bulletin in rule.bulletins
            if bulletin.id not in setting.variants and any(audio.unit_id is not None for audio in bulletin.audios)
        ]
        if not varied or unit_id is None:
            return setting
        found = {bulletin.id: variant_for(bulletin, unit_id) for bulletin in varied}
        lacking = unit_id if -1 in found.values() else setting.lacking_unit
        return setting._replace(variants={**setting.variants, **found}, lacking_unit=lacking)
