"""Which slots the rules ask for on stations in one situation, over the window of a calendar."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from schedules.calendar import Calendar, SessionSpan
from schedules.facts import DEFAULT_LATEST_START_S, OPEN_LATEST_START_S, AudioFact, BulletinFact, RuleFact
from schedules.policies import EffectivePolicy
from schedules.recurrence import WallSlot, asks_on, bulletin_on, day_slots, slot_key
from schedules.territory import ONE_DAY


class RuleCard(NamedTuple):
    """A rule with its place among all rules (older first) and its slots of a day.

    `is_open`: it begins at an instant and repeats until stopped; `patience`: how late an airing may still begin.
    """

    order: int
    rule: RuleFact
    slots: tuple[WallSlot, ...]
    is_open: bool
    patience: timedelta


def rule_cards(rules: Sequence[RuleFact]) -> tuple[RuleCard, ...]:
    """The rules in the order in which they win collisions: the older first, the id decides between equals."""
    ordered = sorted(rules, key=lambda rule: (rule.created_at, rule.id))
    return tuple(_card(order, rule) for order, rule in enumerate(ordered))


def _card(order: int, rule: RuleFact) -> RuleCard:
    is_open = rule.repeats is None and rule.begins_at is not None
    patience_s = rule.latest_start_s
    if patience_s is None:
        patience_s = OPEN_LATEST_START_S if is_open else DEFAULT_LATEST_START_S
    return RuleCard(order, rule, day_slots(rule), is_open, timedelta(seconds=patience_s))


class DaySetting(NamedTuple):
    """What holds on a local day: the policy, the rules (and whether the station's own unit made each), and which
    sound of each bulletin that has variants (its place in `audios`, -1 none; then `lacking_unit` is whose it lacks)."""

    policy: EffectivePolicy
    rules: tuple[tuple[RuleCard, bool], ...]
    variants: Mapping[str, int]
    lacking_unit: str | None = None


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

    card: RuleCard
    own: bool
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
            for card, own in setting.rules:
                if card.slots and asks_on(card.rule, day):
                    self._asked_on(asked, setting, day, card, own)
        for card, own in self._settings[self._calendar.first].rules:
            self._begin_at_once(asked, card, own)
        return asked

    def _asked_on(self, asked: list[Slot], setting: DaySetting, day: date, card: RuleCard, own: bool) -> None:
        rule, calendar = card.rule, self._calendar
        now, ends_at = calendar.now, rule.ends_at
        for wall in card.slots:
            session = None
            if wall.wall_time is not None:
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
            tail = calendar.tail(day, wall.key)
            asked.append(Slot(card, own, setting, bulletin, day, wall.key, tail, at, wanted_at, wall.session, session))

    def _session_place(
        self, policy: EffectivePolicy, day: date, rule: RuleFact, wall: WallSlot
    ) -> tuple[SessionSpan | None, datetime]:
        """The session and the asked instant: its places are spread evenly; where it does not exist, the day's start."""
        for span in self._calendar.sessions(day, policy):
            if span.session.name == wall.session:
                step = (span.end_at - span.start_at) // timedelta(minutes=1) * (wall.place - 1) // rule.per_session
                return span, span.start_at + timedelta(minutes=step)
        return None, self._calendar.span(day)[0]

    def _begin_at_once(self, asked: list[Slot], card: RuleCard, own: bool) -> None:
        """A rule that begins at an instant. Until stopped it is worth beginning at any later time."""
        rule, calendar = card.rule, self._calendar
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
        asked.append(Slot(card, own, setting, rule.bulletins[0], day, key, tail, rule.begins_at, at, None, None))
