"""One station's programme over the window: which asked slots stand where, and why the others do not.

Everything here is the same for all stations that are in the same situation (same rules, policy and sounds on each
day, same airings begun), so `plan` works it out once for all of them and only the ids differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from schedules.calendar import Calendar, SessionSpan
from schedules.facts import (
    DEFAULT_LATEST_START_S,
    OPEN_LATEST_START_S,
    AudioFact,
    BulletinClass,
    BulletinFact,
    RuleFact,
)
from schedules.identity import name_tail
from schedules.occupancy import Block, Occupancy
from schedules.policies import EffectivePolicy
from schedules.reasons import Reason, Writer
from schedules.recurrence import WallSlot, asks_on, bulletin_on, day_slots, slot_key
from schedules.territory import ONE_DAY

_CLASS_RANK: dict[BulletinClass, int] = {"emergency": 0, "priority": 1, "normal": 2}
_MILLISECOND = timedelta(milliseconds=1)


class RuleCard(NamedTuple):
    """A rule with its place among all rules (older first) and its slots of a day."""

    order: int
    rule: RuleFact
    slots: tuple[WallSlot, ...]


def rule_cards(rules: Sequence[RuleFact]) -> tuple[RuleCard, ...]:
    """The rules in the order in which they win collisions: the older first, the id decides between equals."""
    ordered = sorted(rules, key=lambda rule: (rule.created_at, rule.id))
    return tuple(RuleCard(order, rule, day_slots(rule)) for order, rule in enumerate(ordered))


class DaySetting(NamedTuple):
    """What holds on a local day: the policy, the rules (and whether the station's own unit made each), and which
    sound of each bulletin that has variants (its place in `audios`, -1 none)."""

    policy: EffectivePolicy
    rules: tuple[tuple[RuleCard, bool], ...]
    variants: Mapping[str, int]


class Fixed(NamedTuple):
    """An airing that has begun: it stands as it is. `until_at` is how long it keeps the time."""

    rule_id: str
    bulletin_id: str
    local_on: date
    starts_at: datetime
    ends_at: datetime
    until_at: datetime
    is_emergency: bool
    is_open: bool


class Waiting(NamedTuple):
    """An airing that was asked for before now and put after something, so that it is still to begin."""

    rule_id: str
    local_on: date
    slot_key: str
    starts_at: datetime


class Placed(NamedTuple):
    """A slot that is granted. `content` are the fields of PlannedAiring after id and station."""

    order: int
    tail: bytes
    content: tuple[Any, ...]


class Denied(NamedTuple):
    """A slot that is refused. `content` are the fields of Refused after key and station."""

    order: int
    tail: bytes
    content: tuple[Any, ...]
    by_emergency: bool


class Layout(NamedTuple):
    """Both in order of time."""

    placed: tuple[Placed, ...]
    denied: tuple[Denied, ...]


@dataclass(slots=True)
class Slot:
    """One asked slot on its way to being granted or refused. `wanted_at` is `asked_at`, or where it already waits."""

    card: RuleCard
    own: bool
    bulletin: BulletinFact
    day: date
    key: str
    asked_at: datetime
    wanted_at: datetime
    session: SessionSpan | None
    audio: AudioFact | None = None
    length: timedelta = timedelta()
    rank: tuple[Any, ...] = field(default=())


class _NotGranted(Exception):
    """Carries the answer out of the steps that look for a place."""

    def __init__(self, reason: Reason, *, by_emergency: bool = False) -> None:
        self.reason = reason
        self.by_emergency = by_emergency


class LayoutMaker:
    """Lays out one situation. `settings` has every day of the calendar."""

    def __init__(
        self,
        calendar: Calendar,
        writer: Writer,
        settings: Mapping[date, DaySetting],
        fixed: Sequence[Fixed],
        waiting: Sequence[Waiting],
    ) -> None:
        self._calendar = calendar
        self._writer = writer
        self._settings = settings
        self._waiting = {(each.rule_id, each.local_on, each.slot_key): each.starts_at for each in waiting}
        self._begun_rules = {each.rule_id for each in fixed}
        self._taken = Occupancy()
        self._texts: dict[tuple[date, str], int] = {}
        self._session_time: dict[tuple[date, str], timedelta] = {}
        self._placed: list[Placed] = []
        self._denied: list[Denied] = []
        for airing in fixed:
            self._keep(airing)

    def make(self) -> Layout:
        """Every asked slot, granted or refused."""
        contenders = [slot for slot in self._asked() if self._passes(slot)]
        contenders.sort(key=lambda slot: slot.rank)
        for slot in contenders:
            try:
                self._grant(slot, self._place(slot))
            except _NotGranted as refusal:
                self._deny(slot, refusal.reason, by_emergency=refusal.by_emergency)
        self._placed.sort(key=lambda each: (each.content[5], each.order, each.tail))
        self._denied.sort(key=lambda each: (each.content[4], each.order, each.tail))
        return Layout(tuple(self._placed), tuple(self._denied))

    # ---- what is asked

    def _asked(self) -> list[Slot]:
        asked: list[Slot] = []
        for day in self._calendar.days:
            if day > self._calendar.last:
                break
            if day < self._calendar.first and not self._waiting:
                continue
            setting = self._settings[day]
            for card, own in setting.rules:
                if card.slots and asks_on(card.rule, day):
                    self._asked_on(asked, setting.policy, day, card, own)
        for card, own in self._settings[self._calendar.first].rules:
            self._begin_at_once(asked, card, own)
        return asked

    def _asked_on(self, asked: list[Slot], policy: EffectivePolicy, day: date, card: RuleCard, own: bool) -> None:
        rule, calendar = card.rule, self._calendar
        now, ends_at = calendar.now, rule.ends_at
        for wall in card.slots:
            session = None
            if wall.wall_time is not None:
                at = calendar.instant(day, wall.wall_time)
            else:
                session, at = self._session_place(policy, day, rule, wall)
            wanted_at = at
            if at < now:
                waits_at = self._waiting.get((rule.id, day, wall.key))
                if waits_at is None:
                    continue
                wanted_at = waits_at
            if ends_at is not None and at >= ends_at:
                continue
            asked.append(Slot(card, own, bulletin_on(rule, day, wall.turn), day, wall.key, at, wanted_at, session))

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
        at = max(rule.begins_at, calendar.now) if rule.repeats is None else rule.begins_at
        if at < calendar.now or at >= calendar.end_at or (rule.ends_at is not None and rule.ends_at <= at):
            return
        local = rule.begins_at.astimezone(calendar.zone)
        key = slot_key(local.time().replace(microsecond=0))
        asked.append(Slot(card, own, rule.bulletins[0], local.date(), key, rule.begins_at, at, None))

    # ---- what does not depend on the other slots

    def _passes(self, slot: Slot) -> bool:
        """Gives the slot its sound, length and rank; or refuses it."""
        reason = self._about_validity(slot) or self._about_sound(slot) or self._about_rules(slot)
        if reason is not None:
            self._deny(slot, reason)
        return reason is None

    def _about_validity(self, slot: Slot) -> Reason | None:
        bulletin, at, write = slot.bulletin, slot.wanted_at, self._writer
        if bulletin.withdrawn_at is not None and bulletin.withdrawn_at <= max(at, self._calendar.now):
            return write.withdrawn(bulletin, bulletin.withdrawn_at)
        if bulletin.valid_until is not None and bulletin.valid_until <= at:
            return write.expired(bulletin, bulletin.valid_until)
        if bulletin.valid_from is not None and at < bulletin.valid_from:
            return write.not_yet_valid(bulletin, bulletin.valid_from)
        return None

    def _about_sound(self, slot: Slot) -> Reason | None:
        bulletin, audio = slot.bulletin, self._audio_for(slot)
        if audio is None and not any(each.approved_by for each in bulletin.audios):
            return self._writer.not_approved(bulletin, None)
        if audio is not None and not audio.approved_by:
            return self._writer.not_approved(bulletin, audio.unit_id)
        if audio is None or not audio.available:
            return self._writer.no_audio(bulletin)
        self._size(slot, audio)
        return None

    def _audio_for(self, slot: Slot) -> AudioFact | None:
        audios = slot.bulletin.audios
        day = slot.day if slot.day in self._settings else self._calendar.first
        chosen = self._settings[day].variants.get(slot.bulletin.id)
        if chosen is None:
            return audios[0] if audios else None
        return audios[chosen] if chosen >= 0 else None

    def _size(self, slot: Slot, audio: AudioFact) -> None:
        rule = slot.card.rule
        repeats = rule.repeats or 1
        slot.audio = audio
        slot.length = timedelta(milliseconds=audio.duration_ms * repeats + rule.gap_ms * (repeats - 1))
        rank = _CLASS_RANK[slot.bulletin.bulletin_class]
        # emergencies queue by time of approval, the rest by whose unit they are; then the older rule
        queue = (audio.approved_at or rule.created_at).timestamp() if rank == 0 else not slot.own
        slot.rank = (rank, queue, slot.card.order, slot.asked_at, slot.key)

    def _about_rules(self, slot: Slot) -> Reason | None:
        if slot.bulletin.bulletin_class == "emergency":
            return None
        start, end = slot.wanted_at, slot.wanted_at + slot.length
        return self._curfew(slot, start, end) or self._outside(slot) or self._wrong_day(slot, start, end)

    def _policy(self, day: date) -> EffectivePolicy:
        setting = self._settings.get(day)
        return (setting or self._settings[self._calendar.days[-1]]).policy

    def _curfew(self, slot: Slot, start: datetime, end: datetime) -> Reason | None:
        calendar = self._calendar
        day = calendar.day_of(start, slot.day)
        while True:
            policy = self._policy(day)
            for from_at, until_at, wall in calendar.curfews(day, policy):
                if start < until_at and end > from_at:
                    return self._writer.curfew(start, end, wall, policy.curfew_by)
            if end <= calendar.span(day)[1]:
                return None
            day += ONE_DAY

    def _outside(self, slot: Slot) -> Reason | None:
        """Which session an exact time lies in; a slot that asks for a session has it already."""
        policy = self._policy(slot.day)
        if slot.session is not None:
            return None
        if "#" in slot.key:
            return self._writer.no_such_session(slot.key.rpartition("#")[0], policy.sessions, policy.sessions_by)
        if not policy.sessions:
            return None
        for span in self._calendar.sessions(slot.day, policy):
            if span.start_at <= slot.asked_at < span.end_at:
                slot.session = span
                return None
        return self._writer.outside_sessions(slot.asked_at, policy.sessions, policy.sessions_by)

    def _wrong_day(self, slot: Slot, start: datetime, end: datetime) -> Reason | None:
        day = self._calendar.day_of(start, slot.day)
        while True:
            policy = self._policy(day)
            if policy.weekdays is not None and day.isoweekday() not in policy.weekdays:
                return self._writer.day(day, policy.weekdays, policy.weekdays_by)
            if end <= self._calendar.span(day)[1]:
                return None
            day += ONE_DAY

    # ---- what depends on the slots before it

    def _place(self, slot: Slot) -> datetime:
        """Where the slot begins; raises _NotGranted."""
        if slot.bulletin.bulletin_class == "emergency":
            return self._taken.first_after_emergencies(slot.wanted_at, slot.length)
        self._check_caps(slot)
        self._check_session(slot)
        start = slot.wanted_at
        first = block = self._taken.blocking(start, start + slot.length)
        latest = self._latest(slot)
        while block is not None and start <= latest:
            start = block.until_at
            block = self._taken.blocking(start, start + slot.length)
        if first is None:
            return start
        obstacle = self._obstacle(slot, start, latest)
        if obstacle is None:
            return start
        if self._asks_for_session(slot):
            assert slot.session is not None
            raise _NotGranted(
                self._writer.session_full(slot.session.session, slot.length), by_emergency=first.is_emergency
            )
        raise _NotGranted(
            self._writer.collision(
                first.title, first.rule_code, first.starts_at, None if first.is_open else first.until_at, obstacle
            ),
            by_emergency=first.is_emergency,
        )

    def _latest(self, slot: Slot) -> datetime:
        if self._asks_for_session(slot):
            assert slot.session is not None
            return slot.session.end_at - slot.length
        if slot.card.rule.on_collision == "refuse":
            return slot.wanted_at
        return max(slot.wanted_at, slot.asked_at + timedelta(minutes=slot.card.rule.shift_minutes))

    def _asks_for_session(self, slot: Slot) -> bool:
        return "#" in slot.key

    def _obstacle(self, slot: Slot, start: datetime, latest: datetime) -> str | None:
        """Why the slot cannot begin at `start`, after what is there; None where it can."""
        end = start + slot.length
        if slot.card.rule.on_collision == "refuse" and not self._asks_for_session(slot):
            return "lịch này chọn không phát khi trùng giờ"
        if start > latest:
            return (
                f"sau đó sớm nhất {self._writer.time(start)} mới có chỗ, quá {slot.card.rule.shift_minutes} phút "
                f"so với giờ yêu cầu {self._writer.time(slot.asked_at)}"
            )
        if slot.session is not None and end > slot.session.end_at:
            return (
                f"phát nối tiếp lúc {self._writer.time(start)} thì quá giờ kết thúc khung “{slot.session.session.name}”"
            )
        reason = self._curfew(slot, start, end) or self._wrong_day(slot, start, end)
        if reason is not None:
            return f"phát nối tiếp cũng không được: {reason.sentence[:1].lower()}{reason.sentence[1:].rstrip('.')}"
        valid_until = slot.bulletin.valid_until
        if valid_until is not None and start >= valid_until:
            return f"phát nối tiếp lúc {self._writer.time(start)} thì bản tin đã hết hiệu lực"
        return None

    def _check_caps(self, slot: Slot) -> None:
        policy = self._policy(slot.day)
        most = policy.same_text_a_day
        if most is not None and self._texts.get((slot.day, slot.bulletin.id), 0) >= most:
            raise _NotGranted(self._writer.same_text(slot.bulletin, slot.day, most, policy.same_text_by))
        most = policy.sessions_a_day
        if most is not None and slot.session is not None:
            used = {name for day, name in self._session_time if day == slot.day}
            if slot.session.session.name not in used and len(used) >= most:
                raise _NotGranted(self._writer.sessions_used(slot.day, most, policy.sessions_a_day_by))

    def _check_session(self, slot: Slot) -> None:
        if slot.session is None:
            return
        session, policy = slot.session.session, self._policy(slot.day)
        if slot.wanted_at + slot.length > slot.session.end_at:
            raise _NotGranted(self._writer.session_full(session, slot.length))
        most = policy.longest_session_minutes
        used = self._session_time.get((slot.day, session.name), timedelta())
        if most is not None and used + slot.length > timedelta(minutes=most):
            raise _NotGranted(self._writer.session_minutes(session, slot.length, most, policy.longest_by))

    # ---- keeping account

    def _keep(self, airing: Fixed) -> None:
        card = next(
            (card for card, _ in self._settings[self._calendar.first].rules if card.rule.id == airing.rule_id), None
        )
        bulletins = card.rule.bulletins if card else ()
        title = next((each.title for each in bulletins if each.id == airing.bulletin_id), "đang phát")
        code = card.rule.code if card else "đã bỏ"
        if airing.until_at > self._calendar.now:
            self._taken.add(
                Block(
                    airing.starts_at,
                    airing.until_at,
                    airing.ends_at,
                    title,
                    code,
                    airing.is_emergency,
                    airing.is_open,
                )
            )
        if airing.is_emergency or airing.local_on not in self._settings:
            return
        session = next(
            (
                span
                for span in self._calendar.sessions(airing.local_on, self._policy(airing.local_on))
                if span.start_at <= airing.starts_at < span.end_at
            ),
            None,
        )
        self._count(airing.local_on, airing.bulletin_id, session, airing.ends_at - airing.starts_at)

    def _count(self, day: date, bulletin_id: str, session: SessionSpan | None, length: timedelta) -> None:
        self._texts[day, bulletin_id] = self._texts.get((day, bulletin_id), 0) + 1
        if session is not None:
            key = (day, session.session.name)
            self._session_time[key] = self._session_time.get(key, timedelta()) + length

    def _grant(self, slot: Slot, start: datetime) -> None:
        rule, bulletin, audio = slot.card.rule, slot.bulletin, slot.audio
        assert audio is not None
        end = start + slot.length
        is_open = rule.repeats is None
        is_emergency = bulletin.bulletin_class == "emergency"
        until_at = max(end, rule.ends_at or self._calendar.open_until) if is_open else end
        self._taken.add(Block(start, until_at, end, bulletin.title, rule.code, is_emergency, is_open))
        if not is_emergency:
            self._count(slot.day, bulletin.id, slot.session, slot.length)
        patience_s = rule.latest_start_s
        if patience_s is None:
            patience_s = OPEN_LATEST_START_S if is_open else DEFAULT_LATEST_START_S
        content = (
            rule.id,
            bulletin.id,
            slot.day,
            slot.key,
            slot.asked_at,
            start,
            end,
            start + timedelta(seconds=patience_s),
            bulletin.bulletin_class,
            audio.sha256,
            audio.relay,
            audio.duration_ms,
            rule.repeats,
            rule.gap_ms,
            audio.approved_by,
        )
        self._placed.append(Placed(slot.card.order, name_tail(slot.day, slot.key), content))

    def _deny(self, slot: Slot, reason: Reason, *, by_emergency: bool = False) -> None:
        content = (slot.card.rule.id, slot.bulletin.id, slot.day, slot.key, slot.asked_at, *reason)
        self._denied.append(Denied(slot.card.order, name_tail(slot.day, slot.key), content, by_emergency))
