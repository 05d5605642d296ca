"""What will not move by itself: rules that have nothing left to air, bulletins that nobody may approve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from broadcast.bulletin import Bulletin, Revision, State
from broadcast.person import Assignment, Person
from broadcast.rights import Act, approves_on
from broadcast.rule import Rule, RuleBulletin
from web.shell.access import current_rights, scope_units, today
from web.today.trouble import Trouble

_OVER = {State.WITHDRAWN: "đã thu hồi", State.EXPIRED: "đã hết hạn"}


def rules_without_bulletins(session: Session) -> Iterator[Trouble]:
    """Running rules all of whose bulletins were withdrawn or have expired. Those that wait for approval have their
    refused slots told."""
    writable = current_rights().units(Act.WRITE)
    rules = session.scalars(
        select(Rule)
        .where(
            Rule.unit_id.in_(scope_units() & writable),
            Rule.starts_at.is_(None),
            Rule.stopped_at.is_(None),
            or_(Rule.until_on.is_(None), Rule.until_on >= today()),
        )
        .options(selectinload(Rule.bulletins).joinedload(RuleBulletin.bulletin).selectinload(Bulletin.revisions))
        .order_by(Rule.id)
    )
    for rule in rules:
        bulletins = [each.bulletin for each in rule.bulletins]
        states = [bulletin.state_on(today()) for bulletin in bulletins]
        if not states or any(state not in _OVER for state in states):
            continue
        name = rule.name or bulletins[0].title
        yield Trouble(
            f"Lịch “{name}” không còn bản tin để phát: {_why(bulletins, states)}.",
            "Thay bản tin",
            f"/lich-phat/{rule.code}/sua",
            grave=True,
            others=(("Dừng lịch", f"/lich-phat/{rule.code}/dung"),),
        )


def _why(bulletins: Sequence[Bulletin], states: Sequence[State]) -> str:
    if len(bulletins) == 1:
        return f"bản tin {_OVER[states[0]]}"
    return "; ".join(f"“{bulletin.title}” {_OVER[state]}" for bulletin, state in zip(bulletins, states, strict=True))


def nobody_may_approve(session: Session, waiting: Sequence[tuple[Bulletin, Revision]]) -> Iterator[Trouble]:
    """Of those that wait: where everyone with the right to approve wrote in it, or there is no such person. Told to
    those who wrote it, might approve others, or give out roles."""
    rights, approvers = current_rights(), _approvers(session, today())
    for bulletin, _ in waiting:
        above = {person for unit_id in rights.tree.path(bulletin.unit_id) for person in approvers[unit_id]}
        administers = rights.may(Act.ADMINISTER, bulletin.unit_id)
        if above - bulletin.author_ids or not (administers or rights.may(Act.WRITE, bulletin.unit_id)):
            continue
        why = (
            "người phê duyệt của đơn vị đã tự sửa bài, mà người soạn thì không tự duyệt. Cần thêm một người phê duyệt"
            if above
            else "đơn vị chưa có người phê duyệt"
        )
        told = f"“{bulletin.title}” chờ duyệt nhưng chưa ai duyệt được: {why}."
        page = ("Mở bản tin", f"/ban-tin/{bulletin.code}")
        if administers:
            yield Trouble(told, "Phân công người phê duyệt", "/nguoi-dung", grave=True, others=(page,))
        else:
            yield Trouble(told, *page, grave=True)


def _approvers(session: Session, day: date) -> defaultdict[int, set[int]]:
    """Unit id → the people who may approve in its subtree on `day`."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Assignment.unit_id, Assignment.person_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(approves_on(day))
    )
    for unit_id, person_id in rows:
        found[unit_id].add(person_id)
    return found
