"""What a unit chooses about the rules that reach it, written down. The rules themselves are never touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from broadcast.bulletin import BulletinClass
from broadcast.errors import Conflict
from broadcast.person import Person
from broadcast.rule import RuleChoice
from broadcast.unit import Unit
from web.ordering.listing import Item, Order

STALE = (
    "Danh sách vừa đổi: có người khác sắp lại thứ tự, hoặc có lịch mới. Chưa thay đổi gì; hãy xem danh sách dưới đây "
    "rồi làm lại nếu cần."
)


def place_all(session: Session, unit: Unit, items: Sequence[Item], by: Person, at: datetime) -> None:
    """Each of `items` gets the place in which it stands; what was declined stays so."""
    for place, item in enumerate(items, 1):
        choice = _own(session, unit, item)
        if choice.place != place:
            choice.place, choice.chosen_at, choice.chosen_by_id = place, at, by.id


def forget_places(session: Session, order: Order) -> None:
    """As if the unit had never ordered them. What it declined, or airs though a unit above does not want it, stays."""
    for item in order.items:
        choice = item.choice
        if choice is None or choice.unit_id != order.unit.id:
            continue
        above_declines = item.inherited is not None and item.inherited.is_declined
        if choice.is_declined or above_declines:
            choice.place = None
        else:
            session.delete(choice)


def decline(session: Session, unit: Unit, item: Item, why: str, by: Person, at: datetime) -> None:
    """Raises Conflict where it is not the unit's to decline."""
    if (refusal := why_not_declined(item)) is not None:
        raise Conflict(refusal)
    choice = _own(session, unit, item)
    choice.is_declined, choice.note, choice.chosen_at, choice.chosen_by_id = True, why, at, by.id


def accept(session: Session, unit: Unit, item: Item, by: Person, at: datetime) -> None:
    choice = _own(session, unit, item)
    choice.is_declined, choice.note, choice.chosen_at, choice.chosen_by_id = False, "", at, by.id


def why_not_declined(item: Item) -> str | None:
    """In words; None where it may be declined."""
    if item.is_own:
        return "Đây là lịch của chính đơn vị mình: muốn thôi phát thì dừng lịch."
    if item.bulletin_class != BulletinClass.NORMAL.value:
        return (
            "Bản tin ưu tiên từ cấp trên thì phải phát, xã không chọn bỏ được (Thông tư 39/2020/TT-BTTTT); chỉ bản tin "
            "thông thường mới do xã chọn."
        )
    return "Lịch này đã được chọn không phát." if item.is_declined else None


def _own(session: Session, unit: Unit, item: Item) -> RuleChoice:
    """The unit's own row; a new one says what has held for it so far."""
    if item.choice is not None and item.choice.unit_id == unit.id:
        return item.choice
    choice = RuleChoice(unit_id=unit.id, rule_id=item.rule.id, chosen_at=item.rule.created_at)
    if item.choice is not None:
        choice.place, choice.is_declined, choice.note = item.choice.place, item.choice.is_declined, item.choice.note
    session.add(choice)
    return choice
