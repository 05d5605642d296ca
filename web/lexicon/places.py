"""Where an entry holds, as forms and sentences say it, and who may see and change what holds there."""

from __future__ import annotations

from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.errors import BroadcastError, Forbidden, NotFound
from broadcast.lexicon_entry import EVERYWHERE, LexiconEntry, Place
from broadcast.rights import Act
from broadcast.unit import Unit
from web.bulletins.forms import home_unit
from web.shell import lookups
from web.shell.access import current_rights, reaches_top, scope, scope_units
from web.shell.forms import Form

ALL, UNIT, BULLETIN = "moi-noi", "don-vi", "ban-tin"
_ABSENT = "Không tìm thấy mục từ điển này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn."


def may_change(entry: LexiconEntry) -> bool:
    if entry.bulletin is not None:
        return current_rights().may(Act.WRITE, entry.bulletin.unit_id)
    if entry.unit_id is not None:
        return current_rights().may(Act.WRITE, entry.unit_id)
    return reaches_top(Act.WRITE)


def entry_of(session: Session, number: int, *, to_change: bool = False) -> LexiconEntry:
    """NotFound outside one's units and those above them, Forbidden where one may see it only."""
    found = session.get(LexiconEntry, number)
    if found is None or not _may_see(found):
        raise NotFound(_ABSENT)
    if to_change and not may_change(found):
        raise Forbidden("Mục này do đơn vị khác đặt nên bạn chỉ xem được, không sửa được.")
    return found


def _may_see(entry: LexiconEntry) -> bool:
    rights = current_rights()
    if entry.bulletin is not None:
        return rights.may(Act.READ, entry.bulletin.unit_id)
    return entry.unit_id is None or entry.unit_id in _with_those_above(rights.units(Act.READ))


def shown_units() -> set[int]:
    """The units whose entries hold somewhere in the unit one looks at: itself, those below, those above."""
    return scope_units() | set(current_rights().tree.path(scope().id))


def _with_those_above(unit_ids: set[int]) -> set[int]:
    tree = current_rights().tree
    return {above for unit_id in unit_ids for above in tree.path(unit_id)}


def choices(bulletin: str = "Chỉ một bản tin") -> list[tuple[str, str]]:
    """The places one may choose between; `bulletin` are the words for the narrowest, "" leaves it out."""
    offered = [(UNIT, "Một đơn vị và mọi cấp dưới"), *([(BULLETIN, bulletin)] if bulletin else [])]
    if reaches_top(Act.WRITE):
        offered.insert(0, (ALL, "Mọi nơi"))
    return offered


def typed_place(session: Session, form: Form) -> Place:
    """The place that the form names, where one may write; mistakes are told on the form."""
    chosen = form.choice("pham-vi", "phạm vi áp dụng", {ALL, UNIT, BULLETIN})
    try:
        if chosen == UNIT:
            return Place(unit_id=lookups.unit(session, form.value("don_vi"), Act.WRITE).id)
        if chosen == BULLETIN:
            return Place(bulletin_id=lookups.bulletin(session, form.value("ban_tin").strip(), Act.WRITE).id)
    except BroadcastError as error:
        form.fail("don_vi" if chosen == UNIT else "ban_tin", error.message_vi)
        return EVERYWHERE
    if chosen == ALL and not reaches_top(Act.WRITE):
        form.fail("pham-vi", "Chỉ người soạn của đơn vị cao nhất mới đặt được cách đọc cho mọi nơi.")
    return EVERYWHERE


def fields_of(entry: LexiconEntry) -> dict[str, str]:
    """How the form shows the place of `entry`."""
    if entry.bulletin is not None:
        return {"pham-vi": BULLETIN, "ban_tin": entry.bulletin.code, "don_vi": home_unit().code}
    if entry.unit is not None:
        return {"pham-vi": UNIT, "don_vi": entry.unit.code}
    return {"pham-vi": ALL, "don_vi": home_unit().code}


def in_words(unit: Unit | None, bulletin: Bulletin | None) -> str:
    if bulletin is not None:
        return f"bản tin “{bulletin.title}”"
    return f"{unit.name} và cấp dưới" if unit is not None else "mọi nơi"
