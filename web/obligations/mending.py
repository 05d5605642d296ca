"""“Lấy các giờ này”: an offered group of free slots becomes a rule, or part of the one that mends already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from broadcast.bulletin import BulletinClass
from broadcast.errors import Conflict, Forbidden
from broadcast.obligation import Obligation
from broadcast.replanning import rule_changed
from broadcast.rights import Act
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from schedules.obligations.mending import Hopeless, Mending, Offer, mend
from schedules.obligations.standing import Standing, standing
from web.bulletins.acting import new_code
from web.obligations import finding
from web.rules.choosing import not_by_rule
from web.rules.stopping import note
from web.services import services
from web.shell.access import current_person, current_rights, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_number
from web.shell.lookups import units_of_stations
from web.shell.sounds import store


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/chi-tieu/<int(max=2147483647):number>/bu", view_func=take_submit, methods=["POST"])


def name_of(obligation: Obligation) -> str:
    """By which a rule that mends it is known again."""
    return f"Bù chỉ tiêu: {obligation.bulletin.title}"[:200]


def owner_of(obligation: Obligation) -> int | None:
    """The unit whose rule would mend it: that which keeps it, else the one commune in which one may write rules."""
    mine = current_rights().units(Act.WRITE)
    keeper = finding.keeper_of(obligation)
    if keeper in mine:
        return keeper
    owing = finding.reached(obligation) & mine
    return next(iter(owing)) if len(owing) == 1 else None


def offered(session: Session, made: Standing) -> Mending | None:
    """What one could take for the stations of `made`, of those whose rules one may write; None where one may not."""
    mine = current_rights().units(Act.WRITE)
    if owner_of(made.obligation) is None:
        return None
    writable = finding.stations_below(session, mine)
    short = [one for one in made.stations if one.short and one.station_id in writable]
    bulletin = made.obligation.bulletin
    if short and bulletin.bulletin_class == BulletinClass.EMERGENCY.value:  # from a set-up file
        codes = session.scalars(select(Station.code).where(Station.id.in_([one.station_id for one in short]))).all()
        days = tuple(sorted({day for one in short for day, cell in one.days.items() if cell.short}))
        number = sum(one.short for one in short)
        return Mending(hopeless=[Hopeless(tuple(codes), days, number, not_by_rule(bulletin), codes[0])])
    return mend(session, replace(made, stations=short), now(), services().zone, store().has) if short else None


@needs(Act.WRITE)
def take_submit(number: int) -> ResponseReturnValue:
    """The offers are worked out again: what is taken is free now, not when the page was made."""
    session = db_reading()
    obligation = finding.obligation(session, number)
    unit = request.form.get("don-vi", "")
    station_ids = finding.looked_at(session, unit)
    made = standing(session, obligation, now(), services().zone, station_ids=station_ids)
    mending = offered(session, made)
    if mending is None and owner_of(obligation) is None:
        raise Forbidden("Tài khoản của bạn không có quyền đặt lịch phát ở các trạm này.")
    keys = set(request.form.getlist("key"))
    chosen = [offer for offer in (mending.offers if mending else ()) if offer.key in keys]
    if not chosen or len(chosen) != len(keys):
        raise Conflict("Tình hình đã đổi nên chưa đặt giờ nào. Hãy mở lại chỉ tiêu để xem các giờ còn trống.")
    with db_writing() as session:
        mine = finding.obligation(session, number)
        owner = owner_of(mine)
        if owner is None:
            raise Forbidden("Tài khoản của bạn không có quyền đặt lịch phát ở các trạm này.")
        for offer in chosen:
            take(session, mine, owner, offer)
    airings = sum(offer.airings for offer in chosen)
    flash(f"Đã đặt thêm {vn_number(airings)} lượt. Các lượt được xếp trong ít giây.", "good")
    filtered: dict[str, Any] = {"don-vi": unit or None}
    return redirect(url_for("obligations.show", number=number, **filtered))


def take(session: Session, obligation: Obligation, owner: int, offer: Offer) -> Rule:
    """Makes the rule, or adds to one of the same name that differs in its days only, its times only, or its places."""
    stations = session.scalars(select(Station).where(Station.code.in_(offer.stations)).order_by(Station.id)).all()
    _require(session, stations, offer)
    days, times = {day.isoformat() for day in offer.days}, {f"{wall:%H:%M}" for wall in offer.times}
    ids = {station.id for station in stations}
    kept = _own(session, obligation, owner, days, times, ids)
    if kept is None:
        rule = _made(session, obligation, owner, offer, ids)
        rule_changed(session, rule, today())
        note(session, rule, "write")
        return rule
    claimed = session.execute(
        update(Rule)
        .where(Rule.id == kept.id, Rule.version == kept.version)
        .values(version=kept.version + 1, updated_at=now())
        .execution_options(synchronize_session="fetch")
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Người khác vừa sửa lịch bù này. Hãy mở lại chỉ tiêu rồi thử lại.")
    kept.dates, kept.times = sorted({*(kept.dates or ()), *days}), sorted({*kept.times, *times})
    there = {target.station_id for target in kept.targets}
    kept.targets.extend(RuleTarget(station_id=number) for number in sorted(ids - there))
    _span(kept)
    session.flush()
    rule_changed(session, kept, today())
    note(session, kept, "change", version=kept.version)
    return kept


def _require(session: Session, stations: Sequence[Station], offer: Offer) -> None:
    """Raises Conflict where a station left what one may write since the offer was made."""
    mine = current_rights().units(Act.WRITE)
    homes = units_of_stations(session, today())
    ids = {station.id for station in stations}
    if len(ids) != len(offer.stations) or any(homes.get(number) not in mine for number in ids):
        raise Conflict("Có trạm vừa đổi đơn vị nên chưa đặt giờ nào. Hãy mở lại chỉ tiêu.")


def _own(
    session: Session, obligation: Obligation, owner: int, days: set[str], times: set[str], stations: set[int]
) -> Rule | None:
    """A rule that mends this obligation, of which the offer changes one thing only: so nothing is asked but the two."""
    rows = session.scalars(
        select(Rule)
        .where(Rule.unit_id == owner, Rule.name == name_of(obligation), Rule.stopped_at.is_(None))
        .options(selectinload(Rule.targets), selectinload(Rule.bulletins))
        .order_by(Rule.id)
    )
    for rule in rows:
        if not rule.dates or rule.weekdays or rule.sessions or rule.every_minutes or rule.except_on or rule.changes:
            continue
        if [link.bulletin_id for link in rule.bulletins] != [obligation.bulletin_id]:
            continue
        if any(target.station_id is None for target in rule.targets):
            continue
        same = (
            set(rule.dates) == days,
            set(rule.times) == times,
            {target.station_id for target in rule.targets} == stations,
        )
        if sum(same) >= 2:
            return rule
    return None


def _made(session: Session, obligation: Obligation, owner: int, offer: Offer, stations: set[int]) -> Rule:
    rule = Rule(
        code=new_code(session, Rule, "LP", today()),
        unit_id=owner,
        name=name_of(obligation),
        dates=sorted(day.isoformat() for day in offer.days),
        times=sorted(f"{wall:%H:%M}" for wall in offer.times),
        source=obligation.source,
        dispatch_id=obligation.dispatch_id,
        created_at=now(),
        created_by_id=current_person().id,
    )
    rule.bulletins.append(RuleBulletin(bulletin_id=obligation.bulletin_id, position=0))
    rule.targets.extend(RuleTarget(station_id=number) for number in sorted(stations))
    _span(rule)
    session.add(rule)
    session.flush()
    return rule


def _span(rule: Rule) -> None:
    days = sorted(map(date.fromisoformat, rule.dates or ()))
    rule.from_on, rule.until_on = days[0], days[-1]
