"""Which slots the rules ask for on stations in one situation, over the window of a calendar."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from schedules.facts import DEFAULT_LATEST_START_S, OPEN_LATEST_START_S, AudioFact, BulletinFact, RuleFact, SlotChange
from schedules.placing.calendar import Calendar, SessionSpan
from schedules.placing.policies import EffectivePolicy
from schedules.placing.territory import ONE_DAY
from schedules.recurrence import ANY_SESSION, WallSlot, asks_on, bulletin_on, day_slots, slot_key

NOON = time(12)


class RuleCard(NamedTuple):
    """A rule with its place among all rules (older first) and its slots of a day.

    `is_open`: it begins at an instant and repeats until stopped; `patience`: how late an airing may still begin;
    `changes`: its slots that are otherwise on every station, by day and key.
    """

    order: int
    rule: RuleFact
    slots: tuple[WallSlot, ...]
    is_open: bool
    patience: timedelta
    changes: Mapping[tuple[date, str], SlotChange]

    @property
    def bulletins(self) -> Iterator[BulletinFact]:
        """All that it may air: its own and those that single slots air instead."""
        yield from self.rule.bulletins
        yield from (change.bulletin for change in self.rule.changes if change.bulletin is not None)


def rule_cards(rules: Sequence[RuleFact]) -> tuple[RuleCard, ...]:
    """The rules in the order in which they win collisions: the older first, the id decides between equals."""
    ordered = sorted(rules, key=lambda rule: (rule.created_at, rule.id))
    return tuple(rule_card(order, rule) for order, rule in enumerate(ordered))


def rule_card(order: int, rule: RuleFact) -> RuleCard:
    """The rule as the one that stands at place `order`."""
    is_open = rule.repeats is None and rule.begins_at is not None
    patience_s = rule.latest_start_s
    if patience_s is None:
        patience_s = OPEN_LATEST_START_S if is_open else DEFAULT_LATEST_START_S
    changes = {(each.local_on, each.slot_key): each for each in rule.changes if each.station_id is None}
    return RuleCard(order, rule, day_slots(rule), is_open, timedelta(seconds=patience_s), changes)


class RuleHere(NamedTuple):
    """A rule as it stands for a station: made by its own unit or not, the place that a unit gave it among the others,
    and the unit that does not want it, with its words."""

    card: RuleCard
    own: bool
    place: int | None = None
    declined_by: str | None = None
    declined_why: str = ""


class DaySetting(NamedTuple):
    """What holds on a local day: the policy, the rules, and which sound of each bulletin that has variants (its place
    in `audios`, -1 none; then `lacking_unit` is whose it lacks). `changes`: slots of the day that are otherwise on
    this very station, by the rule's order and the slot's key."""

    policy: EffectivePolicy
    rules: tuple[RuleHere, ...]
    variants: Mapping[str, int]
    lacking_unit: str | None = None
    changes: Mapping[tuple[int, str], SlotChange] = MappingProxyType({})


class Waiting(NamedTuple):
    """An airing that was asked for before now and put after something, so that it is still to begin."""

    rule_id: str
    local_on: date
    slot_key: str
    starts_at: datetime


@dataclass(slots=True)
class Slot:
    """One asked slot on its way to being granted or refused.

    `setting` is that of its day, `tail` its part of the airing's name; `wanted_at` is `asked_at`, or where it already
    waits; `session_name` what it asks for, `session` what it lies in.
    """

    here: RuleHere
    setting: DaySetting
    bulletin: BulletinFact
    day: date
    key: str
    tail: bytes
    asked_at: datetime
    wanted_at: datetime
    session_name: str | None
    session: SessionSpan | None
    audio: AudioFact | None = None
    length: timedelta = timedelta()
    rank: tuple[Any, ...] = field(default=())

    @property
    def card(self) -> RuleCard:
        return self.here.card


class Asking:
    """What is asked from now on: slots at or after now, and those before it that an airing in `waiting` holds.

    `settings` has every day of the calendar. `begun_rules` are ids of rules that need not begin again.
    """

    def __init__(
        self,
        calendar: Calendar,
        settings: Mapping[date, DaySetting],
        begun_rules: Container[str],
        waiting: Sequence[Waiting],
    ) -> None:
        self._calendar = calendar
        self._settings = settings
        self._begun_rules = begun_rules
        self._evening_texts: dict[date, frozenset[str]] = {}
        self._waiting = {(each.rule_id, each.local_on, each.slot_key): each.starts_at for each in waiting}

    def slots(self) -> list[Slot]:
        """Every asked slot, day by day; after the window those of the first hours, which may be in the way of it."""
        asked: list[Slot] = []
        for day in self._calendar.days:
            if day > self._calendar.last + ONE_DAY:
                break
            if day < self._calendar.first and not self._waiting:
                continue
            setting = self._settings[day]
            for here in setting.rules:
                if here.card.slots and asks_on(here.card.rule, day):
                    self._asked_on(asked, setting, day, here)
        for here in self._settings[self._calendar.first].rules:
            self._begin_at_once(asked, here)
        return asked

    def evening_texts(self, day: date) -> frozenset[str]:
        """Bulletins that rules ask for after noon of `day`, whatever is over by now."""
        known = self._evening_texts.get(day)
        if known is None:
            known = self._evening_texts[day] = frozenset(self._texts_after_noon(day))
        return known

    def _texts_after_noon(self, day: date) -> Iterator[str]:
        setting = self._settings.get(day)
        noon = self._calendar.instant(day, NOON)
        for here in setting.rules if setting is not None else ():
            card = here.card
            for wall in card.slots if asks_on(card.rule, day) else ():
                if wall.wall_time is not None:
                    at = self._calendar.instant(day, wall.wall_time)
                else:
                    assert setting is not None
                    _, at = self._session_place(setting.policy, day, card.rule, wall)
                if at >= noon:
                    yield bulletin_on(card.rule, day, wall.turn).id
            yield from (each.bulletin.id for each in card.rule.changes if each.bulletin and each.local_on == day)
            if any(each.local_on == day and each.to_time and each.to_time >= NOON for each in card.rule.changes):
                yield from (bulletin.id for bulletin in card.rule.bulletins)

    def _asked_on(self, asked: list[Slot], setting: DaySetting, day: date, here: RuleHere) -> None:
        card, calendar = here.card, self._calendar
        rule, now, ends_at = card.rule, calendar.now, card.rule.ends_at
        changed = bool(card.changes or setting.changes)
        for wall in card.slots:
            change = _change_of(card, setting, day, wall.key) if changed else None
            if change is not None and change.is_skipped:
                continue
            session, session_name = None, wall.session
            if change is not None and change.to_time is not None:
                at, session_name = calendar.instant(day, change.to_time), None
            elif wall.wall_time is not None:
                at = calendar.instant(day, wall.wall_time)
            else:
                session, at = self._session_place(setting.policy, day, rule, wall)
            wanted_at = at
            if at < now:
                waits_at = self._waiting.get((rule.id, day, wall.key))
                if waits_at is None:
                    continue
                wanted_at = waits_at
            if (ends_at is not None and at >= ends_at) or at >= calendar.look_ahead_until:
                continue
            bulletin = bulletin_on(rule, day, wall.turn)
            if change is not None and change.bulletin is not None:
                bulletin = change.bulletin
            tail = calendar.tail(day, wall.key)
            asked.append(Slot(here, setting, bulletin, day, wall.key, tail, at, wanted_at, session_name, session))

    def _session_place(
        self, policy: EffectivePolicy, day: date, rule: RuleFact, wall: WallSlot
    ) -> tuple[SessionSpan | None, datetime]:
        """The session and the asked instant: its places are spread evenly; where it does not exist, the day's start."""
        spans = self._calendar.sessions(day, policy)
        if wall.session == ANY_SESSION:
            return self._spread(spans, day, rule, wall)
        for span in spans:
            if span.session.name == wall.session:
                return span, _place_in(span, wall.place - 1, rule.per_session)
        return None, self._calendar.span(day)[0]

    def _spread(
        self, spans: Sequence[SessionSpan], day: date, rule: RuleFact, wall: WallSlot
    ) -> tuple[SessionSpan | None, datetime]:
        """Place `wall.place` of `per_day` places over the sessions that the rule names, or all: as many in each as in
        the others, one more in the earlier ones."""
        assert rule.per_day is not None
        named = [span for span in spans if not rule.sessions or span.session.name in rule.sessions]
        ordered = sorted(named, key=lambda span: span.start_at)
        if not ordered:
            return None, self._calendar.span(day)[0]
        turn, most = wall.place - 1, len(ordered)
        which = turn * most // rule.per_day
        first = -(-which * rule.per_day // most)  # the first of those in the same session
        following = -(-(which + 1) * rule.per_day // most)
        return ordered[which], _place_in(ordered[which], turn - first, following - first)

    def _begin_at_once(self, asked: list[Slot], here: RuleHere) -> None:
        """A rule that begins at an instant. Until stopped it is worth beginning at any later time."""
        card, calendar = here.card, self._calendar
        rule = card.rule
        if rule.begins_at is None or rule.id in self._begun_rules:
            return
        at = max(rule.begins_at, calendar.now) if card.is_open else rule.begins_at
        if at < calendar.now or at >= calendar.end_at or (rule.ends_at is not None and rule.ends_at <= at):
            return
        local = rule.begins_at.astimezone(calendar.zone)
        key = slot_key(local.time().replace(microsecond=0))
        day = local.date()
        setting = self._settings.get(day) or self._settings[calendar.first]
        tail = calendar.tail(day, key)
        asked.append(Slot(here, setting, rule.bulletins[0], day, key, tail, rule.begins_at, at, None, None))


def _change_of(card: RuleCard, setting: DaySetting, day: date, key: str) -> SlotChange | None:
    """How this slot is otherwise here: the station's own change before that for everybody."""
    return setting.changes.get((card.order, key)) or card.changes.get((day, key))


def _place_in(span: SessionSpan, turn: int, of: int) -> datetime:
    """Where place `turn` (from 0) of `of` begins, on a whole minute."""
    minutes = (span.end_at - span.start_at) // timedelta(minutes=1)
    return span.start_at + timedelta(minutes=minutes * turn // of)
