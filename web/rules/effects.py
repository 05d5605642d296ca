"""The preview in words: what goes wrong with which slots and what can be done, and whose slots give way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.bulletin import Bulletin
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.facts import RuleFact
from schedules.foresight import offering as offers_of
from schedules.foresight.foreseeing import MOVED, Displaced, Foresight, Ground, Slot
from schedules.foresight.offering import Offering, Offers
from schedules.placing.reasons import clock
from schedules.recurrence import ANY_SESSION
from web.services import services
from web.shell.access import current_rights

MOST_TROUBLES = 12
MOST_WITH_OFFERS = 4
"""Looking for offers costs a plan or two each; the worst come first."""
MOST_REASONS = 3
MOST_DISPLACED = 12
_FIGURES = re.compile(r"\d+(?::\d\d)*")


@dataclass(frozen=True)
class Offer:
    """A button: what it says, and what it does to the form (`web.rules.offers`)."""

    value: str
    words: str


@dataclass(frozen=True)
class Trouble:
    """Slots of one asked time that fare badly in one way, at all stations together."""

    when: str
    is_refused: bool
    number: int
    stations: list[Station]
    days: list[date]
    reasons: list[str]
    offers: list[Offer]
    note: str = ""


@dataclass(frozen=True)
class Displacing:
    """Slots of another rule that this one would move or take the place of."""

    rule: str
    owner: str
    title: str
    words: str
    number: int
    stations: list[Station]
    reason: str = ""


def told(
    session: Session,
    foresight: Foresight,
    offering: Offering | None,
    ground: Ground,
    fact: RuleFact,
    names: dict[str, Station],
) -> list[Trouble]:
    """What is refused before what is moved, the greater before the smaller; offers for the first few."""
    titles = {each.id: each.title for rule in (*ground.rules, fact) for each in rule.bulletins}
    found = sorted(
        offers_of.troubles(foresight),
        key=lambda each: (each.code == MOVED, -foresight.weight(each.slots), each.slot_key),
    )
    shown = []
    for place, trouble in enumerate(found[:MOST_TROUBLES]):
        offers = offering.about(trouble) if offering is not None and place < MOST_WITH_OFFERS else Offers()
        shown.append(
            Trouble(
                when=_when(trouble.slot_key),
                is_refused=trouble.code != MOVED,
                number=foresight.weight(trouble.slots),
                stations=_stations(trouble.slots, foresight, names),
                days=trouble.days,
                reasons=_reasons(trouble.slots, titles),
                offers=_offers(trouble.wall, offers),
                note=_barred() if offers.barred else "",
            )
        )
    return shown


def _when(slot_key: str) -> str:
    name, mark, _ = slot_key.partition("#")
    if not mark:
        return slot_key
    return "lượt chia đều" if name == ANY_SESSION else f"khung {name}"


def _barred() -> str:
    return (
        "Bản tin đang chiếm chỗ thuộc loại cao hơn (ưu tiên hoặc khẩn cấp) nên không xếp lịch này lên trước được; "
        "hãy đổi giờ hoặc phát nối sau."
    )


def _reasons(slots: Iterable[Slot], titles: dict[str, str]) -> list[str]:
    """Each kind of sentence once: those that differ by their figures alone say the same."""
    sentences: dict[str, str] = {}
    for slot in slots:
        told = _reason(slot, titles)
        sentences.setdefault(_FIGURES.sub("0", told), told)
    return list(sentences.values())[:MOST_REASONS]


def _reason(slot: Slot, titles: dict[str, str]) -> str:
    if slot.code != MOVED or slot.starts_at is None:
        return slot.reason
    after = titles.get(slot.after[1]) if slot.after is not None else None
    what = f"“{after}”" if after else "lượt khác"
    return f"Bắt đầu lúc {_clock(slot.starts_at)}: phát sau {what} vì trùng giờ."


def _offers(wall: time | None, offers: Offers) -> list[Offer]:
    found = []
    if wall is not None:
        asked = clock(wall)
        found += [Offer(f"gio={asked}>{clock(each)}", f"Đổi {asked} thành {clock(each)}") for each in offers.times]
    if offers.shift_minutes is not None:
        found.append(Offer(f"sau={offers.shift_minutes}", f"Phát nối sau, muộn nhất {offers.shift_minutes} phút"))
    if offers.first_units:
        codes = [unit.partition("/")[2] for unit in offers.first_units]
        units = {unit.code: unit.name for unit in current_rights().tree.units.values()}
        where = units.get(codes[0], codes[0]) if len(codes) == 1 else f"{len(codes)} xã"
        found.append(Offer(f"truoc={','.join(codes)}", f"Cho lịch này phát trước ở {where}"))
    return found


def displacing(session: Session, foresight: Foresight, names: dict[str, Station]) -> list[Displacing]:
    """Whose slots would give way, by rule and by what happens to them."""
    grouped: dict[tuple[str, str, str, str], list[Displaced]] = {}
    for each in foresight.displaced:
        key = (each.was.rule_id, each.was.bulletin_id, each.was.slot_key, _becomes(each))
        grouped.setdefault(key, []).append(each)
    ordered = sorted(grouped.items(), key=lambda item: -foresight.weight(each.was for each in item[1]))
    chosen = ordered[:MOST_DISPLACED]
    rules = _rules(session, {key[0] for key, _ in chosen})
    titles = _titles(session, {key[1] for key, _ in chosen})
    return [
        Displacing(
            rule=code,
            owner=rules[code].unit.name if code in rules else "",
            title=titles.get(bulletin, bulletin),
            words=words,
            number=foresight.weight(one.was for one in own),
            stations=_stations([one.was for one in own], foresight, names),
            reason=next((one.now.reason for one in own if one.now is not None and one.now.reason), ""),
        )
        for (code, bulletin, _, words), own in chosen
    ]


def _becomes(each: Displaced) -> str:
    was, now = each.was, each.now
    before = _clock(was.starts_at) if was.starts_at is not None else ""
    if now is None or now.starts_at is None:
        return f"lượt {before} bị mất chỗ"
    return f"lượt {before} lùi đến {_clock(now.starts_at)}"


def _clock(instant: datetime) -> str:
    return clock(instant.astimezone(services().zone).time())


def _stations(slots: Iterable[Slot], foresight: Foresight, names: dict[str, Station]) -> list[Station]:
    codes = dict.fromkeys(code for slot in slots for code in foresight.stations[slot.station_id])
    return sorted((names[code] for code in codes), key=lambda station: (station.name, station.id))


def _rules(session: Session, codes: Iterable[str]) -> dict[str, Rule]:
    rows: Sequence[Rule] = session.scalars(
        select(Rule).where(Rule.code.in_(list(codes))).options(joinedload(Rule.unit))
    ).all()
    return {rule.code: rule for rule in rows}


def _titles(session: Session, codes: Iterable[str]) -> dict[str, str]:
    return dict(session.execute(select(Bulletin.code, Bulletin.title).where(Bulletin.code.in_(list(codes)))).all())
