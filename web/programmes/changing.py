"""Which slots of a programme one may change, and the address where that is done."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.airing import Airing, Refusal
from broadcast.rights import Act
from broadcast.rule import Rule, RuleTarget
from broadcast.station import Station
from web.shell.access import current_rights, today
from web.shell.lookups import unit_of_station

Slot = Airing | Refusal


def changeable(session: Session, slots: Iterable[Slot]) -> set[int]:
    """Ids of their rules that one may write: at their own unit and wherever they air (`lookups.rule`)."""
    writable = current_rights().units(Act.WRITE)
    ids = {slot.rule_id for slot in slots}
    if not writable or not ids:
        return set()
    rules = session.scalars(
        select(Rule)
        .where(Rule.id.in_(ids), Rule.unit_id.in_(writable), Rule.starts_at.is_(None))
        .options(selectinload(Rule.targets).joinedload(RuleTarget.station).selectinload(Station.units))
    )
    return {rule.id for rule in rules if _places(rule) <= writable}


def _places(rule: Rule) -> set[int | None]:
    return {
        target.unit_id if target.station is None else unit_of_station(target.station, today())
        for target in rule.targets
    }


def change_address(slot: Slot, station: Station) -> str:
    """Where this one slot, this and the following, or all of its rule are changed."""
    asked = urlencode({"ngay": slot.local_date.isoformat(), "khe": slot.slot_key, "tram": station.code})
    return f"/lich-phat/{quote(slot.rule.code, safe='')}/luot?{asked}"
