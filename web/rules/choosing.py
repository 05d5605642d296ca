"""Which bulletins a rule may air: one's own, those of the units above, and in which order several take turns."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.bulletin import Bulletin, BulletinClass, Revision
from broadcast.obligation import Obligation
from broadcast.rights import Act
from broadcast.rule import Rule, RuleBulletin
from web.bulletins.forms import home_unit
from web.shell.access import current_rights, today
from web.shell.forms import Form

MOST_OFFERED = 300


@dataclass(frozen=True)
class Offered:
    """`own` are those of the units in which one writes, `above` approved ones of the units over them."""

    own: list[Bulletin]
    above: list[Bulletin]

    @property
    def by_code(self) -> dict[str, Bulletin]:
        return {bulletin.code: bulletin for bulletin in (*self.own, *self.above)}


def offered(session: Session, keep: Rule | None) -> Offered:
    """What may still air and is no emergency (those are started by hand); and what the rule airs already."""
    units = current_rights().units(Act.WRITE)
    own = _airable(session, units)
    above = [bulletin for bulletin in _airable(session, _units_above(units)) if bulletin.airing_revision is not None]
    there = {bulletin.id for bulletin in (*own, *above)}
    for link in keep.bulletins if keep is not None else ():
        if link.bulletin.id not in there:
            (own if link.bulletin.unit_id in units else above).append(link.bulletin)
    # What is approved can air at once, so it comes first.
    return Offered(sorted(own, key=lambda bulletin: bulletin.airing_revision is None), above)


def _units_above(units: set[int]) -> set[int]:
    tree = current_rights().tree
    return {above for unit in current_rights().home_units() if unit in units for above in tree.path(unit)} - units


def _airable(session: Session, units: set[int]) -> list[Bulletin]:
    return list(
        session.scalars(
            select(Bulletin)
            .where(Bulletin.unit_id.in_(units), Bulletin.withdrawn_at.is_(None))
            .where(Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today()))
            .where(Bulletin.bulletin_class != BulletinClass.EMERGENCY.value)
            .options(joinedload(Bulletin.unit), selectinload(Bulletin.revisions).selectinload(Revision.approvals))
            .order_by(Bulletin.created_at.desc(), Bulletin.id.desc())
            .limit(MOST_OFFERED)
        )
    )


def emergency_of(session: Session, code: str) -> Bulletin | None:
    """The bulletin with this code where it is one's own and an emergency."""
    return session.scalar(
        select(Bulletin).where(
            Bulletin.code == code,
            Bulletin.bulletin_class == BulletinClass.EMERGENCY.value,
            Bulletin.unit_id.in_(current_rights().units(Act.WRITE)),
        )
    )


def not_by_rule(bulletin: Bulletin) -> str:
    """Why an emergency is in no ordinary rule: it would sound in curfew, every day, with nobody deciding so."""
    return (
        f"“{bulletin.title}” là bản tin khẩn cấp nên không xếp vào lịch phát thường được. Khi cần, người phê duyệt mở "
        "bản tin và bấm “Phát khẩn cấp ngay”."
    )


def turns_of(form: Form) -> list[str]:
    """The codes of the chosen bulletins in the order in which they take turns: as `turns` has them, then as ticked."""
    chosen = list(dict.fromkeys(form.values("bulletins")))
    order = {code: place for place, code in enumerate(form.value("turns").split(","))}
    return sorted(chosen, key=lambda code: order.get(code, len(order)))


def read_bulletins(session: Session, form: Form, rule: Rule, keep: Rule | None) -> None:
    """Into `rule` its bulletins and, of a new one, its unit: that of the first bulletin where one writes there, else
    the unit of the person: a bulletin from above is aired by the commune that chose to."""
    offers = offered(session, keep).by_code
    for position, code in enumerate(turns_of(form)):
        bulletin = offers.get(code)
        urgent = bulletin or emergency_of(session, code)
        if urgent is not None and urgent.bulletin_class == BulletinClass.EMERGENCY.value:
            form.fail("bulletins", not_by_rule(urgent))
        if bulletin is None:
            form.fail("bulletins", "Có bản tin không còn dùng được hoặc nằm ngoài đơn vị của bạn. Hãy chọn lại.")
            continue
        rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=position))
        if position == 0:
            mine = bulletin.unit_id in current_rights().units(Act.WRITE)
            rule.unit_id = keep.unit_id if keep else bulletin.unit_id if mine else home_unit().id
    if not rule.bulletins:
        form.fail("bulletins", "Hãy chọn bản tin để phát.")


def read_end_when_met(session: Session, form: Form, rule: Rule) -> None:
    """Whether it ends once its obligation is met, which only makes sense where there is one."""
    rule.ends_when_met = form.ticked("ends_when_met")
    if not rule.ends_when_met or not rule.bulletins:
        return
    owed = session.scalar(
        select(Obligation.id)
        .where(Obligation.bulletin_id.in_([link.bulletin_id for link in rule.bulletins]))
        .where(Obligation.ended_at.is_(None), Obligation.until_on >= today())
        .limit(1)
    )
    if owed is None:
        form.fail(
            "ends_when_met",
            "Bản tin đã chọn chưa có chỉ tiêu nào đang chạy nên không biết khi nào là đạt. Hãy ghi chỉ tiêu trước "
            "(trang Chỉ tiêu), hoặc bỏ dấu này và đặt ngày kết thúc.",
        )
