"""Rules, stations and policies in; what to add, change and cancel, and why each other slot is refused, out.

Pure: computes and writes nothing, asks no clock. Same input, same plan, in whatever order it comes (DESIGN §5.1, §5.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from broadcast.clock import VIETNAM, WINDOW_DAYS
from schedules.facts import (
    BulletinFact,
    CancelledAiring,
    CancelReason,
    ExistingAiring,
    Plan,
    PlannedAiring,
    PolicyFact,
    Refused,
    RuleFact,
    StationFact,
    UnitFact,
)
from schedules.placing.asking import DaySetting, Waiting, rule_cards
from schedules.placing.calendar import Calendar
from schedules.placing.day_settings import DaySettings, SettingKey
from schedules.placing.identity import finish, name_prefix
from schedules.placing.layout import Fixed, Layout, LayoutMaker
from schedules.placing.outlook import Outlook, Probed
from schedules.placing.permission import Permissions
from schedules.placing.policies import PolicyBook
from schedules.placing.reasons import Writer
from schedules.placing.territory import ONE_DAY, Territory, set_apart, stretches

if TYPE_CHECKING:
    from hashlib import _Hash

KEPT_SITUATIONS = 200

_Keys = tuple[tuple[date, SettingKey], ...]


def plan(
    rules: Iterable[RuleFact],
    stations: Iterable[StationFact],
    units: Iterable[UnitFact],
    policies: Iterable[PolicyFact],
    existing: Iterable[ExistingAiring],
    now: datetime,
    *,
    window_days: int = WINDOW_DAYS,
    zone: ZoneInfo = VIETNAM,
) -> Plan:
    """The plan of `stations` for today and the next `window_days - 1` local days.

    `rules` are all that could touch these stations (a rule that is missing has its future airings cancelled);
    `existing` their airings from `calendar.earliest_needed(now, zone)` on, and older ones that repeat until stopped.
    Nothing that begins before `now` is added, moved or cancelled, with the two exceptions that DESIGN §5.1 names: an
    airing that still sounds is cancelled when its bulletin is withdrawn, an emergency when it is stopped.
    """
    return Planner(rules, units, policies, now, window_days=window_days, zone=zone).plan(stations, existing)


class _Draft:
    """A plan that is being written."""

    def __init__(self) -> None:
        self.add: list[PlannedAiring] = []
        self.change: list[PlannedAiring] = []
        self.cancel: list[CancelledAiring] = []
        self.refused: list[Refused] = []
        self.unchanged = 0

    def plan(self) -> Plan:
        return Plan(tuple(self.add), tuple(self.change), tuple(self.cancel), tuple(self.refused), self.unchanged)


class Planner:
    """One freeze of rules, units, policies and `now`, to plan many stations batch by batch.

    What stations share is worked out once and kept between batches, up to KEPT_SITUATIONS of them: memory grows with a
    batch, not with the country.
    """

    def __init__(
        self,
        rules: Iterable[RuleFact],
        units: Iterable[UnitFact],
        policies: Iterable[PolicyFact],
        now: datetime,
        *,
        window_days: int = WINDOW_DAYS,
        zone: ZoneInfo = VIETNAM,
    ) -> None:
        self._calendar = Calendar(now, window_days, zone)
        self._territory = Territory(units)
        self._policies = tuple(policies)
        self._writer = Writer(zone, {unit.id: unit.name for unit in self._territory.units.values()})
        self._permissions = Permissions(self._calendar, self._writer)
        self._cards = rule_cards(tuple(rules))
        self._rules = {card.rule.id: card.rule for card in self._cards}
        self._bulletins: dict[str, BulletinFact] = {
            bulletin.id: bulletin for card in self._cards for bulletin in card.bulletins
        }
        self._settings = DaySettings(self._cards, self._territory, PolicyBook(self._policies))
        self._settings_by_day: dict[_Keys, dict[date, DaySetting]] = {}
        self._layouts: dict[tuple[object, ...], Layout] = {}

    def plan(self, stations: Iterable[StationFact], existing: Iterable[ExistingAiring]) -> Plan:
        """The plan of one batch of stations; airings of other stations in `existing` are left alone."""
        self._forget()
        batch = sorted(stations, key=lambda station: station.id)
        days = self._calendar.days
        stretch_of = stretches(days[0], days[-1], self._territory.units.values(), self._policies, batch)
        held: dict[str, list[ExistingAiring]] = {station.id: [] for station in batch}
        for airing in existing:
            if (own := held.get(airing.station_id)) is not None:
                own.append(airing)
        draft = _Draft()
        for station in batch:
            self._plan_station(station, held.pop(station.id), stretch_of, draft)
        return draft.plan()

    def _forget(self) -> None:
        """Where every station is a case of its own, nothing is gained by keeping the cases of the last batch."""
        if len(self._layouts) > KEPT_SITUATIONS:
            self._layouts.clear()
            self._settings_by_day.clear()
            self._settings.forget()

    def _plan_station(
        self, station: StationFact, held: list[ExistingAiring], stretch_of: Mapping[date, date], draft: _Draft
    ) -> None:
        begun, waiting, keys, settings = self._situation(station, held, stretch_of, draft)
        situation = (keys, begun, waiting)
        layout = self._layouts.get(situation)
        if layout is None:
            maker = LayoutMaker(self._calendar, self._writer, self._permissions, settings, begun, waiting)
            layout = self._layouts[situation] = maker.make()
        self._compare(station.id, layout, held, draft)

    def _situation(
        self, station: StationFact, held: list[ExistingAiring], stretch_of: Mapping[date, date], draft: _Draft
    ) -> tuple[tuple[Fixed, ...], tuple[Waiting, ...], _Keys, dict[date, DaySetting]]:
        """All that the station's programme depends on; sorts what it holds."""
        if special := self._settings.special_days(station):
            stretch_of = set_apart(stretch_of, special)
        keys = tuple((start, self._settings.key(station, start)) for start in dict.fromkeys(stretch_of.values()))
        settings = self._settings_by_day.get(keys)
        if settings is None:
            of = dict(keys)
            settings = {day: self._settings.of(of[start]) for day, start in stretch_of.items()}
            self._settings_by_day[keys] = settings
        held.sort(key=lambda airing: (airing.starts_at, airing.id))
        return *self._standing(held, settings, draft), keys, settings

    def outlook(self, station: StationFact, existing: Iterable[ExistingAiring]) -> Outlook:
        """The programme that the plan gives the station, to ask what would come of one slot more."""
        days = self._calendar.days
        stretch_of = stretches(days[0], days[-1], self._territory.units.values(), self._policies, (station,))
        held = [airing for airing in existing if airing.station_id == station.id]
        begun, waiting, _, settings = self._situation(station, held, stretch_of, _Draft())
        maker = LayoutMaker(self._calendar, self._writer, self._permissions, settings, begun, waiting)
        maker.make()
        return Outlook(self._calendar, self._permissions, settings, maker, station, len(self._cards))

    def probe(
        self,
        station: StationFact,
        existing: Iterable[ExistingAiring],
        rule: RuleFact,
        day: date,
        times: Iterable[time],
    ) -> list[Probed]:
        """What would come of one slot more of `rule` on `day` at each of the wall times, asked last of all."""
        return self.outlook(station, existing).probe(rule, day, times)

    # ---- what has begun

    def _standing(
        self, held: Iterable[ExistingAiring], settings: Mapping[date, DaySetting], draft: _Draft
    ) -> tuple[tuple[Fixed, ...], tuple[Waiting, ...]]:
        """Airings that have begun and stand, and those asked for before now that are still to begin.

        Those whose bulletin was withdrawn, and emergencies that were stopped, are cancelled here while they sound.
        """
        now = self._calendar.now
        begun, waiting = list[Fixed](), list[Waiting]()
        for airing in held:
            if airing.state != "planned":
                continue
            if airing.starts_at >= now:
                if airing.asked_at < now:
                    waiting.append(Waiting(airing.rule_id, airing.local_on, airing.slot_key, airing.starts_at))
                continue
            is_open = airing.repeats is None
            if is_open or airing.ends_at > now:
                reason = self._ends_now(airing, settings)
                if reason is not None:
                    draft.cancel.append(CancelledAiring(airing.id, airing.station_id, reason))
                    continue
                draft.unchanged += is_open
            elif not self._is_counted(airing, settings):
                continue
            begun.append(self._fixed(airing))
        return tuple(begun), tuple(waiting)

    def _ends_now(self, airing: ExistingAiring, settings: Mapping[date, DaySetting]) -> CancelReason | None:
        now = self._calendar.now
        bulletin = self._bulletins.get(airing.bulletin_id)
        if bulletin is not None and bulletin.withdrawn_at is not None and bulletin.withdrawn_at <= now:
            return "withdrawn"
        if airing.repeats is not None:
            return None
        if bulletin is not None and bulletin.valid_until is not None and bulletin.valid_until <= now:
            return "expired"
        rule = self._rules.get(airing.rule_id)
        if rule is None or (rule.ends_at is not None and rule.ends_at <= now):
            return "stopped"
        reached = any(here.card.rule.id == airing.rule_id for here in settings[self._calendar.first].rules)
        return None if reached else "not_asked"

    def _is_counted(self, airing: ExistingAiring, settings: Mapping[date, DaySetting]) -> bool:
        rule = self._rules.get(airing.rule_id)
        if rule is not None and rule.begins_at is not None:
            return True
        day, next_day = settings.get(airing.local_on), settings.get(airing.local_on + ONE_DAY)
        return (day is not None and day.policy.counts) or (
            next_day is not None and next_day.policy.no_repeat_before is not None
        )

    def _fixed(self, airing: ExistingAiring) -> Fixed:
        is_open = airing.repeats is None
        until_at = airing.ends_at
        if is_open:
            rule = self._rules[airing.rule_id]
            until_at = max(until_at, rule.ends_at or self._calendar.open_until)
        return Fixed(
            airing.rule_id,
            airing.bulletin_id,
            airing.local_on,
            airing.starts_at,
            airing.ends_at,
            until_at,
            airing.bulletin_class == "emergency",
            is_open,
        )

    # ---- what is to be done about it

    def _compare(self, station_id: str, layout: Layout, held: list[ExistingAiring], draft: _Draft) -> None:
        there = {airing.id: airing for airing in held}
        now, end_at = self._calendar.now, self._calendar.end_at
        prefixes: dict[int, _Hash] = {}
        make = PlannedAiring._make
        unchanged = 0
        for order, tail, content in layout.placed:
            prefix = prefixes.get(order)
            if prefix is None:
                prefix = prefixes[order] = name_prefix(self._cards[order].rule.id, station_id)
            key = finish(prefix, tail)
            airing = there.pop(key, None) if there else None
            if airing is None:
                draft.add.append(make((key, station_id, *content)))
            elif airing.state == "planned" and (airing[2:-1] == content or airing.starts_at < now):
                unchanged += 1  # one that has begun is what it was, wherever its slot lies by now
            else:
                draft.change.append(make((key, station_id, *content)))
        draft.unchanged += unchanged
        refusals: dict[str, CancelReason] = {}
        for order, tail, content, by_emergency in layout.denied:
            prefix = prefixes.get(order)
            if prefix is None:
                prefix = prefixes[order] = name_prefix(self._cards[order].rule.id, station_id)
            refused = Refused._make((finish(prefix, tail), station_id, *content))
            begun = there.get(refused.key)
            if begun is not None and begun.state == "planned" and begun.starts_at < now:
                draft.unchanged += 1
                continue
            draft.refused.append(refused)
            refusals[refused.key] = "emergency" if by_emergency else refused.code
        for airing in there.values():
            if airing.state == "planned" and now <= airing.starts_at and airing.asked_at < end_at:
                reason = refusals.get(airing.id, "not_asked")
                draft.cancel.append(CancelledAiring(airing.id, station_id, reason))
