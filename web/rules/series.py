"""A rule is edited as a whole, or from one day on: what was changed for single slots and days goes along, and what has
begun stays as it was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.bulletin import Bulletin
from broadcast.errors import Conflict, Invalid
from broadcast.replanning import rule_changed
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleChoice
from broadcast.unit import Unit
from schedules.facts import BulletinFact, RuleFact, SlotChange
from schedules.facts_of import rule_fact, unit_key
from schedules.recurrence import asks_on
from schedules.series import Move, aligned, begun_keys, split, steady
from web.bulletins.acting import new_code
from web.rules.claiming import take_over
from web.rules.stopping import note
from web.rules.words import words_of
from web.services import services
from web.shell.access import current_person, now, today
from web.shell.formats import vn_date

HELD = "Giữ khi sửa lịch giữa ngày"
"""Begins the note of a change that nobody typed: it keeps today's slots single while the series moves."""

_Place = tuple[date, str, int | None]


def shape_of(session: Session, rule: Rule) -> RuleFact:
    """The rule as its days and slots need it: its bulletins by code and title alone, without their sounds."""
    named = {link.bulletin_id for link in rule.bulletins} | {change.bulletin_id for change in rule.changes}
    bulletins = {number: session.get_one(Bulletin, number) for number in named if number is not None}
    facts = {number: BulletinFact(bulletin.code, bulletin.title) for number, bulletin in bulletins.items()}
    units = {rule.unit_id} | {target.unit_id for target in rule.targets}
    codes = {number: unit_key(session.get_one(Unit, number).code) for number in units if number is not None}
    return rule_fact(rule, facts, codes)


def save_whole(session: Session, rule: Rule, typed: Rule) -> None:
    """The claimed rule becomes what was typed, its past aside; changes and exceptions go along."""
    rule_changed(session, rule, today())
    old = shape_of(session, rule)
    take_over(session, rule, typed)
    carry_over(session, rule, old, shape_of(session, rule))
    rule_changed(session, rule, today())
    note(session, rule, "change", version=rule.version)


def carry_over(session: Session, rule: Rule, old: RuleFact, new: RuleFact) -> None:
    """After an edit of the whole, from `old` to `new`: single slots that were changed are the same slots under their
    new times and days, exceptions go with the days they were of; what is over, or has begun, stays."""
    begun = begun_today(session, rule, old)
    move = Move(old, new, today(), begun)
    past = {day for day in old.except_on if day < today()}
    coming = frozenset(day for day in new.except_on if day >= today())
    rule.except_on = _iso(past | move.exceptions(coming))
    _put(session, rule, {change: move.slot(change.local_date, change.slot_key) for change in rule.changes})
    _hold(session, rule, steady(old, new, today(), begun, _wall()))


def save_following(session: Session, rule: Rule, typed: Rule, from_on: date) -> Rule:
    """The claimed rule ends before day `from_on`; a new one, which is returned, goes on from it as what was typed.

    Where nothing would be left before that day, or it is over, the rule itself is edited and returned.
    """
    if rule.starts_at is not None:
        raise Conflict("Lệnh phát khẩn cấp không sửa được, chỉ dừng được.")
    if rule.until_on is not None and rule.until_on < from_on:
        raise Invalid(
            f"Lịch này chỉ đến hết {vn_date(rule.until_on)} nên từ {vn_date(from_on)} không còn gì để sửa.",
            field="from_on",
        )
    whole = shape_of(session, rule)
    begun = frozenset[str]()
    if from_on == today() and asks_on(whole, from_on):
        begun = begun_today(session, rule, whole)
    before, after = split(whole, from_on, begun)
    if before is None or from_on < today():
        save_whole(session, rule, typed)
        return rule
    new = _goes_on(session, rule, typed, from_on, whole)
    rule.until_on, rule.except_on = before.until_on, _iso(before.except_on)
    rule.dates = None if before.dates is None else _iso(before.dates)
    _divide(session, rule, new, before, after, begun)
    for each in (rule, new):
        rule_changed(session, each, today())
    told = words_of(new, now()).name
    note(session, rule, "split_rule", from_on=from_on.isoformat(), to=told, version=rule.version)
    note(session, new, "write", from_on=from_on.isoformat())
    return new


def _divide(session: Session, rule: Rule, new: Rule, before: RuleFact, after: RuleFact, begun: frozenset[str]) -> None:
    """Exceptions and changes from the first day of `after` on go to `new`, under its times and days."""
    assert after.from_on is not None
    from_on, shape = after.from_on, shape_of(session, new)
    move = Move(after, shape, from_on)
    new.except_on = _iso(move.exceptions(frozenset(map(date.fromisoformat, new.except_on))))
    going = [
        change
        for change in rule.changes
        if change.local_date > from_on or (change.local_date == from_on and change.slot_key not in begun)
    ]
    for change in going:
        change.rule = new
    session.flush()
    _put(session, new, {change: move.slot(change.local_date, change.slot_key) for change in going})
    if before.until_on == from_on:
        left_out = [each for each in before.changes if each.local_on == from_on and each.slot_key not in begun]
        _hold(session, rule, left_out, f": từ lượt này theo lịch {new.code}.")
        _hold(session, new, steady(after, shape, from_on, begun, _wall(), apart=True))


def _goes_on(session: Session, rule: Rule, typed: Rule, from_on: date, whole: RuleFact) -> Rule:
    """The typed rule as the one that follows: it keeps its place among the others, what communes chose about it, and
    the turns of its bulletins."""
    typed.unit_id, typed.follows_id, typed.dispatch_id = rule.unit_id, rule.id, rule.dispatch_id
    typed.code = new_code(session, Rule, "LP", today())
    typed.created_at, typed.created_by_id = rule.created_at, current_person().id
    typed.from_on = max(from_on, typed.from_on or from_on)
    coming = [day for day in typed.except_on or () if day >= typed.from_on.isoformat()]
    typed.except_on = coming
    if typed.dates and not typed.weekdays and not typed.lunar_days:
        typed.dates = [day for day in typed.dates if day >= from_on.isoformat()]
        if not typed.dates:
            raise Invalid(f"Từ {vn_date(from_on)} trở đi chưa có ngày phát nào.", field="dates")
    if typed.until_on is not None and typed.until_on < typed.from_on:
        raise Invalid(f"Ngày kết thúc {vn_date(typed.until_on)} trước {vn_date(typed.from_on)}.", field="until_on")
    ordered = [link.bulletin_id for link in typed.bulletins]
    order = aligned(whole, shape_of(session, typed), typed.from_on)
    typed.bulletins[:] = [RuleBulletin(bulletin_id=ordered[at], position=place) for place, at in enumerate(order)]
    session.add(typed)
    session.flush()
    for choice in session.scalars(select(RuleChoice).where(RuleChoice.rule_id == rule.id)).all():
        session.add(
            RuleChoice(
                unit_id=choice.unit_id, rule_id=typed.id, place=choice.place, is_declined=choice.is_declined,
                note=choice.note, chosen_at=choice.chosen_at, chosen_by_id=choice.chosen_by_id,
            )
        )  # fmt: skip
    session.flush()
    return typed


def _put(session: Session, rule: Rule, places: dict[RuleChange, tuple[date, str]]) -> None:
    """The changes at their new days and keys. One that met nothing gives way to one that comes to its place."""
    moving = {change: to for change, to in places.items() if to != (change.local_date, change.slot_key)}
    taken: set[_Place] = {(*to, change.station_id) for change, to in moving.items()}
    for change in [change for change in rule.changes if change not in moving and _place(change) in taken]:
        rule.changes.remove(change)
    session.flush()
    for change, (on, key) in moving.items():
        change.local_date, change.slot_key = on, key
    session.flush()


def _hold(session: Session, rule: Rule, held: Collection[SlotChange], why: str = "") -> None:
    """Changes of a day on which the series moves. What was changed there by hand says more, and stays."""
    there = {_place(change) for change in rule.changes}
    for each in held:
        if (each.local_on, each.slot_key, None) not in there:
            rule.changes.append(
                RuleChange(
                    local_date=each.local_on,
                    slot_key=each.slot_key,
                    is_skipped=each.is_skipped,
                    to_time=None if each.to_time is None else each.to_time.isoformat("minutes"),
                    note=f"{HELD}{why}",
                    changed_at=now(),
                    changed_by_id=current_person().id,
                )
            )
    session.flush()


def _place(change: RuleChange) -> _Place:
    return change.local_date, change.slot_key, change.station_id


def begun_today(session: Session, rule: Rule, shape: RuleFact) -> frozenset[str]:
    """Keys of the slots of today that were asked for before now, on any station: as planned, or by their times."""
    asked = set[str]()
    for row in (Airing, Refusal):
        asked.update(
            session.scalars(
                select(row.slot_key)
                .where(row.rule_id == rule.id, row.local_date == today(), row.asked_at < now())
                .distinct()
            )
        )
    return begun_keys(shape, today(), _wall()) | asked


def _wall() -> time:
    return now().astimezone(services().zone).time().replace(tzinfo=None)


def _iso(days: Collection[date]) -> list[str]:
    return sorted(day.isoformat() for day in days)
