"""The single slots of a rule that are otherwise, told in words: those to come, which can be taken back, and those that
are over, which are history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy.orm import object_session

from broadcast.clock import instant_of
from broadcast.person import Person
from broadcast.rule import Rule, RuleChange
from schedules.facts import RuleFact
from schedules.recurrence import asks_on, day_slots
from web.rules.series import HELD, shape_of
from web.rules.slots import SlotHere, key_words
from web.services import services
from web.shell.access import now, today


@dataclass(frozen=True)
class Told:
    """A change: of which slot, where, what, by whom; whether it is over, and whether the rule still has such a slot."""

    change: RuleChange
    slot: str
    where: str
    what: str
    by: str
    is_over: bool
    meets: bool
    why_not: str
    """Why it cannot be taken back; "" where it can."""

    @property
    def on(self) -> date:
        return self.change.local_date

    def is_of(self, here: SlotHere) -> bool:
        """Whether it is the one that counts for that slot."""
        change = here.change
        if change is None or (self.on, self.change.slot_key) != (here.on, here.key):
            return False
        return (self.change.station.code if self.change.station is not None else None) == change.station_id


def told_changes(rule: Rule) -> list[Told]:
    """By day and slot."""
    session = object_session(rule)
    if session is None or not rule.changes:
        return []
    shape = shape_of(session, rule)
    keys = {slot.key for slot in day_slots(shape)}
    numbers = {change.changed_by_id for change in rule.changes if change.changed_by_id is not None}
    names = {number: person.name for number in numbers if (person := session.get(Person, number)) is not None}
    return [
        Told(
            change=change,
            slot=key_words(change.slot_key),
            where=change.station.name if change.station is not None else "mọi trạm của lịch",
            what=change_words(change),
            by=names.get(change.changed_by_id or 0, ""),
            is_over=is_over(change),
            meets=change.slot_key in keys and asks_on(shape, change.local_date),
            why_not=_kept_why(change, shape),
        )
        for change in sorted(rule.changes, key=lambda each: (each.local_date, each.slot_key, each.station_id or 0))
    ]


def change_words(change: RuleChange) -> str:
    """`bỏ lượt này`, `phát lúc 18:30`, `phát lúc 18:30, bản tin “Họp thôn”`."""
    if change.is_skipped:
        return "bỏ lượt này"
    parts = [f"phát lúc {change.to_time}"] if change.to_time is not None else []
    if change.bulletin is not None:
        parts.append(f"phát bản tin “{change.bulletin.title}”")
    return ", ".join(parts) or "phát như lịch"


def is_over(change: RuleChange) -> bool:
    """Whether its slot is over: a day that is over, or the time to which it was put, or from which it was taken."""
    if change.local_date != today():
        return change.local_date < today()
    wall = change.to_time if change.to_time is not None else change.slot_key
    return "#" not in wall and _is_past(change.local_date, time.fromisoformat(wall))


def is_removable(rule: Rule, change: RuleChange) -> str:
    """Why the change cannot be taken back; "" where it can."""
    session = object_session(rule)
    assert session is not None
    return _kept_why(change, shape_of(session, rule))


def _kept_why(change: RuleChange, shape: RuleFact) -> str:
    if is_over(change):
        return "Lượt này đã qua nên thay đổi của nó giữ lại làm lịch sử."
    if change.note.startswith(HELD):
        return "Thay đổi này giữ cho lượt trong ngày sửa lịch không phát hai lần; bỏ nó thì sẽ lặp lại."
    wall = {slot.key: slot.wall_time for slot in day_slots(shape)}.get(change.slot_key)
    if change.local_date == today() and wall is not None and _is_past(change.local_date, wall):
        return "Giờ theo lịch của lượt này đã qua, bỏ thay đổi thì hôm nay nó không phát nữa. Hãy đổi giờ khác."
    return ""


def _is_past(on: date, wall: time) -> bool:
    return instant_of(on, wall, services().zone) < now()
