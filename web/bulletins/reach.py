"""An emergency seen from where it sounds: who tends a loudspeaker reads, hears and silences what was ordered above."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import record
from broadcast.bulletin import Approval, Bulletin, BulletinClass, Revision
from broadcast.errors import Conflict, Invalid, NotFound
from broadcast.log_entry import LogEntry
from broadcast.replanning import rule_changed
from broadcast.rights import Act
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from web.bulletins.speaking import reading_of_revision
from web.rules.places import stations_of
from web.rules.words import EAGER
from web.shell.access import actor, current_person, current_rights, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_date, vn_datetime, vn_time
from web.shell.lookups import units_of_stations


@dataclass(frozen=True)
class Reached:
    """A running emergency and those of one's stations that it reaches. `stoppable` are those that one may silence."""

    rule: Rule
    stations: tuple[Station, ...]
    stoppable: tuple[Station, ...]

    @property
    def bulletin(self) -> Bulletin:
        return self.rule.bulletins[0].bulletin

    @property
    def places(self) -> str:
        return places_of(self.stations)

    @property
    def since(self) -> str:
        """`08:11`, or with its day where that is not today."""
        assert self.rule.starts_at is not None
        at = vn_datetime(self.rule.starts_at)
        return vn_time(self.rule.starts_at) if vn_date(today()) in at else at


def add_to(blueprint: Blueprint) -> None:
    address = "/khan-cap/<code>/dung-tai-tram"
    blueprint.add_url_rule(address, view_func=stop_here_confirm)
    blueprint.add_url_rule(address, view_func=stop_here_submit, methods=["POST"])


def places_of(stations: tuple[Station, ...]) -> str:
    return f"{len(stations)} trạm" if len(stations) > 2 else " và ".join(station.name for station in stations)


def running_at(session: Session, stations: list[Station]) -> list[Reached]:
    """Emergencies that nobody has stopped yet and that reach one of these stations, the oldest first."""
    rules = session.scalars(
        select(Rule)
        .where(Rule.starts_at.is_not(None), Rule.stopped_at.is_(None))
        .options(*EAGER)
        .order_by(Rule.starts_at, Rule.id)
    )
    found = (_reached(session, rule, stations) for rule in rules if rule.bulletins)
    return [reached for reached in found if reached.stations]


def _reached(session: Session, rule: Rule, stations: list[Station]) -> Reached:
    """By where its targets lie today, so that it is seen before the plan has put it on any station."""
    rights, homes = current_rights(), units_of_stations(session, today())
    units = {target.unit_id for target in rule.targets} - {None}
    singles = {target.station_id for target in rule.targets} - {None}
    reached = tuple(
        station
        for station in stations
        if station.retired_at is None
        and station.id in homes
        and (station.id in singles or units & set(rights.tree.path(homes[station.id])))
    )
    own = rights.units(Act.STOP_EMERGENCY)
    return Reached(rule, reached, tuple(station for station in reached if homes[station.id] in own))


def _my_stations(session: Session, act: Act) -> list[Station]:
    units = current_rights().units(act)
    ids = [station for station, unit in units_of_stations(session, today()).items() if unit in units]
    return list(session.scalars(select(Station).where(Station.id.in_(ids)).order_by(Station.name, Station.id)))


# ---- silencing one's own loudspeakers


@needs(Act.STOP_EMERGENCY)
def stop_here_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    reached, others = _to_stop(session, code)
    by = reached.rule.unit.name
    return render_template(
        "confirm.html",
        title="Dừng tại trạm của tôi?",
        sentences=[
            f"Bản tin khẩn cấp “{reached.bulletin.title}” của {by} đang được đọc lặp lại từ {reached.since}.",
            f"{_named(reached.stoppable)} sẽ dừng ngay khi nhận được chương trình mới, rồi trở lại lịch thường.",
            f"{len(others)} trạm khác vẫn phát tiếp." if others else "Không còn trạm nào khác đang phát bản tin này.",
            "Việc dừng được ghi vào nhật ký thao tác với tên của bạn.",
        ],
        action=url_for("bulletins.stop_here_submit", code=code),
        button="Dừng tại trạm của tôi",
        back=url_for("bulletins.show", code=reached.bulletin.code),
    )


def _named(stations: tuple[Station, ...]) -> str:
    told = places_of(stations)
    return f"Cả {told} của bạn" if len(stations) > 2 else told


@needs(Act.STOP_EMERGENCY)
def stop_here_submit(code: str) -> ResponseReturnValue:
    """The rule goes on for the stations that are left; where none is, it is over."""
    with db_writing() as session:
        # Two communes may stop at once: the second leaves out what the first left out.
        session.execute(select(Rule.id).where(Rule.code == code).with_for_update())
        reached, others = _to_stop(session, code)
        rule = reached.rule
        rule_changed(session, rule, today())  # before its targets change: where it was
        if others:
            rule.targets[:] = [RuleTarget(station_id=station.id) for station in others]
        else:
            rule.stopped_at, rule.stopped_by_id = now(), current_person().id
        rule.version += 1
        record(
            session, actor(), "stop_emergency_here", "rule", rule.id, rule.name or rule.code, now=now(),
            unit_id=rule.unit_id,
            detail={
                "code": rule.code,
                "bulletin": reached.bulletin.code,
                "places": ", ".join(station.name for station in reached.stoppable),
                "left": len(others),
            },
        )  # fmt: skip
        told = places_of(reached.stoppable)
    flash(f"Đã ra lệnh dừng phát khẩn cấp tại {told}.", "good")
    return redirect(url_for("today.board"))


def _to_stop(session: Session, code: str) -> tuple[Reached, list[Station]]:
    """What is to be stopped, and the stations where it goes on. Raises NotFound, Conflict."""
    rule = session.scalar(select(Rule).where(Rule.code == code).options(*EAGER))
    reached = _reached(session, rule, _my_stations(session, Act.STOP_EMERGENCY)) if rule is not None else None
    if rule is None or reached is None or not reached.stoppable:
        raise NotFound("Không tìm thấy lệnh phát khẩn cấp này tại các trạm của bạn.")
    if rule.starts_at is None:
        raise Conflict("Lịch này không phải là lệnh phát khẩn cấp. Hãy dừng nó ở trang lịch phát.")
    if rule.stopped_at is not None:
        raise Conflict("Lệnh phát khẩn cấp này đã được dừng.")
    mine = {station.id for station in reached.stoppable}
    every = stations_of(session, list(rule.targets))
    return reached, [station for station in every if station.id not in mine and station.retired_at is None]


# ---- reading and hearing it


def page_of_listener(session: Session, code: str) -> str | None:
    """The page of an emergency for those who may not read the unit that wrote it, as it is to sound or sounded where
    they may read; None where it is not such a bulletin."""
    bulletin = session.scalar(select(Bulletin).where(Bulletin.code == code))
    if bulletin is None or bulletin.bulletin_class != BulletinClass.EMERGENCY.value:
        return None
    if current_rights().may(Act.READ, bulletin.unit_id):
        return None
    mine = _my_stations(session, Act.READ)
    airing = _airing_at(session, bulletin, mine)
    running = [reached for reached in running_at(session, mine) if reached.bulletin.id == bulletin.id]
    revision = session.get_one(Revision, airing.revision_id) if airing is not None else bulletin.airing_revision
    if revision is None or (airing is None and not running):
        return None
    return render_template(
        "bulletins/listener.html",
        bulletin=bulletin,
        revision=revision,
        reading=reading_of_revision(session, revision),
        airing=airing,
        approval=session.scalar(select(Approval).where(Approval.revision_id == revision.id).limit(1)),
        running=running,
    )


def _airing_at(session: Session, bulletin: Bulletin, stations: list[Station]) -> Airing | None:
    """The newest order that is planned or has sounded at one of them, not one that was called off unheard."""
    began = select(LogEntry.id).where(LogEntry.airing_id == Airing.id, LogEntry.kind == "started").exists()
    return session.scalar(
        select(Airing)
        .where(
            Airing.bulletin_id == bulletin.id,
            Airing.bulletin_class == BulletinClass.EMERGENCY.value,
            Airing.station_id.in_([station.id for station in stations]),
            or_(Airing.cancelled_at.is_(None), began),
        )
        .order_by(Airing.repeats.is_(None).desc(), Airing.starts_at.desc())
        .limit(1)
    )


def refuse_in_rules(session: Session, bulletin: Bulletin) -> None:
    """Raises Invalid where it would become an emergency inside an ordinary rule, and so sound in curfew every day."""
    rule = session.scalar(
        select(Rule)
        .join(RuleBulletin, RuleBulletin.rule_id == Rule.id)
        .where(RuleBulletin.bulletin_id == bulletin.id, Rule.starts_at.is_(None), Rule.stopped_at.is_(None))
        .where(or_(Rule.until_on.is_(None), Rule.until_on >= today()))
        .order_by(Rule.id)
        .limit(1)
    )
    if rule is not None:
        named = f" “{rule.name}”" if rule.name else ""
        raise Invalid(
            f"Bản tin đang nằm trong lịch phát{named} nên không đổi thành khẩn cấp được: bản tin khẩn cấp không "
            "xếp vào lịch thường. Hãy bỏ bản tin khỏi lịch đó trước.",
            field="class",
        )
