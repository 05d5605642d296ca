"""One station's programme over the window: which asked slots stand where, and why the others do not.

Everything here is the same for all stations that are in the same situation (same rules, policy and sounds on each
day, same airings begun), so `plan` works it out once for all of them and only the ids differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from schedules.asking import Asking, DaySetting, Slot, Waiting
from schedules.calendar import Calendar, SessionSpan
from schedules.occupancy import Block, Occupancy
from schedules.permission import Permissions
from schedules.reasons import Reason, Writer


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
        permissions: Permissions,
        settings: Mapping[date, DaySetting],
        fixed: Sequence[Fixed],
        waiting: Sequence[Waiting],
    ) -> None:
        self._calendar = calendar
        self._writer = writer
        self._permissions = permissions
        self._settings = settings
        self._asking = Asking(calendar, settings, {each.rule_id for each in fixed}, waiting)
        self._taken = Occupancy()
        self._texts: dict[tuple[date, str], int] = {}
        self._session_time: dict[tuple[date, str], timedelta] = {}
        self._placed: list[Placed] = []
        self._denied: list[Denied] = []
        for airing in fixed:
            self._keep(airing)

    def make(self) -> Layout:
        """Every slot asked for in the window, granted or refused."""
        contenders, last = list[Slot](), self._calendar.last
        for slot in self._asking.slots():
            forbidden = self._permissions.about(slot, self._settings)
            if forbidden is None:
                contenders.append(slot)
            elif slot.day <= last:
                self._deny(slot, forbidden)
        contenders.sort(key=lambda slot: slot.rank)
        for slot in contenders:
            try:
                self._grant(slot, self._place(slot))
            except _NotGranted as refusal:
                if slot.day <= last:
                    self._deny(slot, refusal.reason, by_emergency=refusal.by_emergency)
        self._placed.sort(key=lambda each: (each.content[5], each.order, each.tail))
        self._denied.sort(key=lambda each: (each.content[4], each.order, each.tail))
        return Layout(tuple(self._placed), tuple(self._denied))

    def _place(self, slot: Slot) -> datetime:
        """Where the slot begins; raises _NotGranted."""
        if slot.bulletin.bulletin_class == "emergency":
            return self._taken.first_after_emergencies(slot.wanted_at, slot.length)
        if slot.setting.policy.counts:
            self._check_caps(slot)
        if slot.session is not None:
            self._check_session(slot, slot.session)
        first = self._taken.blocking(slot.wanted_at, slot.wanted_at + slot.length)
        return slot.wanted_at if first is None else self._place_after(slot, first)

    def _place_after(self, slot: Slot, first: Block) -> datetime:
        latest, start, block = self._latest(slot), slot.wanted_at, first
        while start <= latest:
            start = block.until_at
            following = self._taken.blocking(start, start + slot.length)
            if following is None:
                break
            block = following
        obstacle = self._obstacle(slot, start, latest)
        if obstacle is None:
            return start
        if slot.session_name is not None and slot.session is not None and not first.is_emergency:
            raise _NotGranted(self._writer.session_full(slot.session.session, slot.length))
        until_at = None if first.is_open else first.until_at
        raise _NotGranted(
            self._writer.collision(first.title, first.rule_code, first.starts_at, until_at, obstacle),
            by_emergency=first.is_emergency,
        )

    def _latest(self, slot: Slot) -> datetime:
        if slot.session_name is not None and slot.session is not None:
            return slot.session.end_at - slot.length
        if slot.card.rule.on_collision == "refuse":
            return slot.wanted_at
        return max(slot.wanted_at, slot.asked_at + timedelta(minutes=slot.card.rule.shift_minutes))

    def _obstacle(self, slot: Slot, start: datetime, latest: datetime) -> str | None:
        """Why the slot cannot begin at `start`, after what is there; None where it can."""
        end = start + slot.length
        if slot.card.rule.on_collision == "refuse" and slot.session_name is None:
            return "lịch này chọn không phát khi trùng giờ"
        if slot.session is not None and end > slot.session.end_at:
            return (
                f"phát nối tiếp lúc {self._writer.time(start)} thì quá giờ kết thúc khung “{slot.session.session.name}”"
            )
        if start > latest:
            return (
                f"sau đó sớm nhất {self._writer.time(start)} mới có chỗ, quá {slot.card.rule.shift_minutes} phút "
                f"so với giờ yêu cầu {self._writer.time(slot.asked_at)}"
            )
        reason = self._permissions.about_hours(slot, start, self._settings)
        if reason is not None:
            return f"phát nối tiếp cũng không được: {reason.sentence[:1].lower()}{reason.sentence[1:].rstrip('.')}"
        valid_until = slot.bulletin.valid_until
        if valid_until is not None and start >= valid_until:
            return f"phát nối tiếp lúc {self._writer.time(start)} thì bản tin đã hết hiệu lực"
        return None

    def _check_caps(self, slot: Slot) -> None:
        policy = slot.setting.policy
        most = policy.same_text_a_day
        if most is not None and self._texts.get((slot.day, slot.bulletin.id), 0) >= most:
            raise _NotGranted(self._writer.same_text(slot.bulletin, slot.day, most, policy.same_text_by))
        most = policy.sessions_a_day
        if most is not None and slot.session is not None:
            used = {name for day, name in self._session_time if day == slot.day}
            if slot.session.session.name not in used and len(used) >= most:
                raise _NotGranted(self._writer.sessions_used(slot.day, most, policy.sessions_a_day_by))

    def _check_session(self, slot: Slot, span: SessionSpan) -> None:
        session, policy = span.session, slot.setting.policy
        if slot.wanted_at + slot.length > span.end_at:
            raise _NotGranted(self._writer.session_full(session, slot.length))
        most = policy.longest_session_minutes
        used = self._session_time.get((slot.day, session.name), timedelta())
        if most is not None and used + slot.length > timedelta(minutes=most):
            raise _NotGranted(self._writer.session_minutes(session, slot.length, most, policy.longest_by))

    # ---- keeping account

    def _keep(self, airing: Fixed) -> None:
        """Take the time of an airing that has begun, and count it."""
        title, code = self._names(airing)
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
        setting = self._settings.get(airing.local_on)
        if setting is None or airing.is_emergency:
            return
        spans = self._calendar.sessions(airing.local_on, setting.policy)
        session = next((span for span in spans if span.start_at <= airing.starts_at < span.end_at), None)
        self._count(airing.local_on, airing.bulletin_id, session, airing.ends_at - airing.starts_at)

    def _names(self, airing: Fixed) -> tuple[str, str]:
        """What to call it in a refusal: its bulletin's title and its rule's code, where they are still known."""
        for card, _ in self._settings[self._calendar.first].rules:
            if card.rule.id == airing.rule_id:
                titles = {bulletin.id: bulletin.title for bulletin in card.rule.bulletins}
                return titles.get(airing.bulletin_id, "trước đó"), card.rule.code
        return "trước đó", "đã bỏ"

    def _count(self, day: date, bulletin_id: str, session: SessionSpan | None, length: timedelta) -> None:
        self._texts[day, bulletin_id] = self._texts.get((day, bulletin_id), 0) + 1
        if session is not None:
            key = (day, session.session.name)
            self._session_time[key] = self._session_time.get(key, timedelta()) + length

    def _grant(self, slot: Slot, start: datetime) -> None:
        rule, bulletin, audio = slot.card.rule, slot.bulletin, slot.audio
        assert audio is not None
        end = start + slot.length
        is_open = slot.card.is_open
        is_emergency = bulletin.bulletin_class == "emergency"
        until_at = max(end, rule.ends_at or self._calendar.open_until) if is_open else end
        self._taken.add(Block(start, until_at, end, bulletin.title, rule.code, is_emergency, is_open))
        if not is_emergency:
            self._count(slot.day, bulletin.id, slot.session, slot.length)
        if slot.day > self._calendar.last:
            return
        content = (
            rule.id,
            bulletin.id,
            slot.day,
            slot.key,
            slot.asked_at,
            start,
            end,
            start + slot.card.patience,
            bulletin.bulletin_class,
            audio.sha256,
            audio.relay,
            audio.duration_ms,
            None if is_open else rule.repeats or 1,
            rule.gap_ms,
            audio.approved_by,
        )
        self._placed.append(Placed(slot.card.order, slot.tail, content))

    def _deny(self, slot: Slot, reason: Reason, *, by_emergency: bool = False) -> None:
        content = (slot.card.rule.id, slot.bulletin.id, slot.day, slot.key, slot.asked_at, *reason)
        self._denied.append(Denied(slot.card.order, slot.tail, content, by_emergency))
