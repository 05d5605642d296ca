"""What declining a rule does, before one does it: airings that will not be, obligations that would fall short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.obligation import DAY, Obligation
from broadcast.station import Station
from web.ordering.listing import Item, Order
from web.shell.access import current_rights, now, today
from web.shell.formats import vn_date, vn_number


@dataclass(frozen=True)
class Effects:
    """`airings` planned and not begun yet; `short`: one sentence an obligation."""

    airings: int
    short: tuple[str, ...]


def effects_of(session: Session, order: Order, item: Item) -> Effects:
    stations = [station.id for station in item.stations]
    coming = session.scalar(
        select(func.count())
        .select_from(Airing)
        .where(
            Airing.rule_id == item.rule.id,
            Airing.station_id.in_(stations),
            Airing.starts_at > now(),
            Airing.cancelled_at.is_(None),
        )
    )
    return Effects(coming or 0, tuple(_short(session, order, item)))


def _short(session: Session, order: Order, item: Item) -> list[str]:
    tree = current_rights().tree
    codes = {tree.units[each].code for each in tree.path(order.unit.id)}
    owed = session.scalars(
        select(Obligation).where(
            Obligation.bulletin_id.in_([link.bulletin_id for link in item.rule.bulletins]),
            Obligation.ended_at.is_(None),
            Obligation.until_on >= today(),
        )
    )
    told = []
    for one in owed:
        if codes.isdisjoint(one.unit_codes):
            continue
        lacking = [station for station in item.stations if _falls_short(session, one, station, item)]
        if lacking:
            told.append(_sentence(one, lacking))
    return told


def _falls_short(session: Session, owed: Obligation, station: Station, item: Item) -> bool:
    """Whether a day (or the whole) has enough now and would not have it without the rule."""
    rows = session.execute(
        select(Airing.local_date, Airing.rule_id, Airing.starts_at).where(
            Airing.station_id == station.id,
            Airing.bulletin_id == owed.bulletin_id,
            Airing.cancelled_at.is_(None),
            Airing.local_date >= owed.from_on,
            Airing.local_date <= owed.until_on,
        )
    ).all()
    whole = owed.per != DAY
    counted: Counter[date | None] = Counter(None if whole else row.local_date for row in rows)
    lost: Counter[date | None] = Counter(
        None if whole else row.local_date for row in rows if row.rule_id == item.rule.id and row.starts_at > now()
    )
    return any(counted[key] - lost[key] < owed.at_least <= counted[key] for key in lost)


def _sentence(owed: Obligation, stations: Sequence[Station]) -> str:
    per = "mỗi ngày" if owed.per == DAY else "trong cả đợt"
    named = ", ".join(station.name for station in stations[:3])
    where = named if len(stations) <= 3 else f"{named} và {len(stations) - 3} trạm khác"
    return (
        f"Chỉ tiêu ít nhất {vn_number(owed.at_least)} lượt {per} của bản tin “{owed.bulletin.title}” đến hết "
        f"{vn_date(owed.until_on)} sẽ thiếu ở {where}."
    )
