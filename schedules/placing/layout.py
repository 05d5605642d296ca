"""One station's programme over the window: which asked slots stand where, and why the others do not.

Everything here is the same for all stations that are in the same situation (same rules, policy and sounds on each
day, same airings begun), so `plan` works it out once for all of them and only the ids differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from schedules.placing.asking import Asking, DaySetting, Slot, Waiting
from schedules.placing.calendar import Calendar
from schedules.placing.caps import Account
from schedules.placing.occupancy import Block, Occupancy
from schedules.placing.permission import Permissions
from schedules.placing.reasons import Reason, Writer


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
        self._account = Account(calendar, writer, settings)
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
        evening_texts = self._asking.evening_texts
        contenders.sort(key=lambda slot: (self._account.waits_for_evening(slot, evening_texts), slot.rank))
        for slot in contenders:
            try:
                self._grant(slot, self._place(slot))
            except _NotGranted as refusal:
                if slot.day <= last:
                    self._deny(slot, refusal.reason, by_emergency=refusal.by_emergency)
        self._placed.sort(key=lambda each: (each.content[5], each.order, each.tail))
        self._denied.sort(key=lambda each: (each.content[4], each.order, each.tail))
        return Layout(tuple(self._placed), tuple(self._denied))

    def try_one(self, slot: Slot) -> datetime | Reason:
        """Where one slot more would begin, or why it would not; takes no time for it. To be asked after `make`."""
        reason = self._permissions.about(slot, self._settings)
        if reason is not None:
            return reason
        try:
            return self._place(slot)
        except _NotGranted as refusal:
            return refusal.reason

    def taken_until(self, day: date) -> list[datetime]:
        """When what airs on local `day` ends: instants right after something."""
        start, end = self._calendar.span(day)
        return [until_at for until_at in self._taken.ends() if start <= until_at < end]

    def _place(self, slot: Slot) -> datetime:
        """Where the slot begins; raises _NotGranted."""
        if slot.bulletin.bulletin_class == "emergency":
            return self._taken.first_after_emergencies(slot.wanted_at, slot.length)
        self._heed(self._account.about(slot, slot.wanted_at))
        if slot.session is not None:
            self._heed(self._account.about_session(slot, slot.session))
        first = self._taken.blocking(slot.wanted_at, slot.wanted_at + slot.length)
        if first is None:
            return slot.wanted_at
        start = self._place_after(slot, first)
        self._heed(self._account.about(slot, start))
        return start

    def _heed(self, reason: Reason | None) -> None:
        if reason is not None:
            raise _NotGranted(reason)

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
        self._account.count(airing.local_on, airing.bulletin_id, session, airing.starts_at, airing.ends_at)

    def _names(self, airing: Fixed) -> tuple[str, str]:
        """What to call it in a refusal: its bulletin's title and its rule's code, where they are still known."""
        for here in self._settings[self._calendar.first].rules:
            if here.card.rule.id == airing.rule_id:
                titles = {bulletin.id: bulletin.title for bulletin in here.card.bulletins}
                return titles.get(airing.bulletin_id, "trước đó"), here.card.rule.code
        return "trước đó", "đã bỏ"

    def _grant(self, slot: Slot, start: datetime) -> None:
        rule, bulletin, audio = slot.card.rule, slot.bulletin, slot.audio
        assert audio is not None
        end = start + slot.length
        is_open = slot.card.is_open
        is_emergency = bulletin.bulletin_class == "emergency"
        until_at = max(end, rule.ends_at or self._calendar.open_until) if is_open else end
        self._taken.add(Block(start, until_at, end, bulletin.title, rule.code, is_emergency, is_open))
        if not is_emergency:
            self._account.count(slot.day, bulletin.id, slot.session, start, end)
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
