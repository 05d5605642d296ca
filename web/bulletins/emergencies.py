"""Khẩn cấp: an approved script goes on air at once and is read again and again until somebody stops it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import record
from broadcast.bulletin import Bulletin, BulletinClass, State
from broadcast.errors import Conflict
from broadcast.replanning import rule_changed
from broadcast.rights import Act
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from schedules.facts import OPEN_LATEST_START_S
from web.bulletins import reach
from web.bulletins.acting import bulletin_to_change, new_code
from web.bulletins.communes import communes_of, silent_units
from web.bulletins.listing import coming
from web.rules.places import places_in, read_places, stations_of
from web.rules.words import EAGER, RuleWords, words_of
from web.shell import lookups
from web.shell.access import actor, current_person, current_rights, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_datetime
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/ban-tin/<code>/khan-cap", view_func=start_confirm)
    blueprint.add_url_rule("/ban-tin/<code>/khan-cap", view_func=start_submit, methods=["POST"])
    blueprint.add_url_rule("/khan-cap/<code>/dung", view_func=stop_confirm)
    blueprint.add_url_rule("/khan-cap/<code>/dung", view_func=stop_submit, methods=["POST"])
    reach.add_to(blueprint)


def running(session: Session, unit_ids: set[int]) -> list[RuleWords]:
    """Emergencies of these units that nobody has stopped yet."""
    rules = session.scalars(
        select(Rule)
        .where(Rule.starts_at.is_not(None), Rule.stopped_at.is_(None), Rule.unit_id.in_(unit_ids))
        .options(*EAGER)
        .order_by(Rule.starts_at)
    )
    return [words_of(rule, now()) for rule in rules]


def running_of(session: Session, bulletin: Bulletin) -> list[RuleWords]:
    """Those that read this bulletin."""
    rules = session.scalars(
        select(Rule)
        .join(RuleBulletin, RuleBulletin.rule_id == Rule.id)
        .where(RuleBulletin.bulletin_id == bulletin.id, Rule.starts_at.is_not(None), Rule.stopped_at.is_(None))
        .options(*EAGER)
    )
    return [words_of(rule, now()) for rule in rules]


def _startable(session: Session, code: str) -> Bulletin:
    """Raises Conflict, saying why, where this bulletin cannot be started now."""
    bulletin = lookups.bulletin(session, code, Act.DECIDE)
    if bulletin.bulletin_class != BulletinClass.EMERGENCY.value:
        raise Conflict("Chỉ bản tin loại khẩn cấp mới phát ngay được.")
    if bulletin.state_on(today()) in {State.WITHDRAWN, State.EXPIRED} or bulletin.airing_revision is None:
        raise Conflict("Bản tin khẩn cấp phải được người thứ hai duyệt, còn hiệu lực và chưa thu hồi mới phát được.")
    if not any(approval.holds for approval in bulletin.airing_revision.approvals):
        raise Conflict("Nội dung trong cơ sở dữ liệu không còn đúng bản đã duyệt, nên không phát được.")
    return bulletin


@needs(Act.DECIDE)
def start_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    bulletin = _startable(session, code)
    return _page(session, bulletin, Form(None, targets=[f"unit:{bulletin.unit.code}"]))


def _page(session: Session, bulletin: Bulletin, form: Form) -> ResponseReturnValue:
    revision = bulletin.airing_revision
    assert revision is not None
    page = render_template(
        "bulletins/emergency.html",
        bulletin=bulletin,
        revision=revision,
        approval=revision.approvals[0],
        communes=communes_of(session, revision),
        silent=silent_units(session, revision),
        form=form,
        places=places_in(session, current_rights().units(Act.DECIDE)),
        running=running_of(session, bulletin),
    )
    return page, form.status


@needs(Act.DECIDE)
def start_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    with db_writing() as session:
        bulletin_to_change(session, code, Act.DECIDE)
        bulletin = _startable(session, code)
        targets = read_places(session, form, current_rights().units(Act.DECIDE))
        stations = stations_of(session, targets) if targets else []
        if targets and not stations:
            form.fail("targets", "Nơi đã chọn chưa có trạm nào.")
        if not form.errors:
            _refuse_twice(session, bulletin, targets)
            rule = _start(session, bulletin, targets)
            _note(session, rule, "start_emergency", bulletin=bulletin.code, stations=len(stations))
            rule_changed(session, rule, today())
    if form.errors:
        return _page(db_reading(), lookups.bulletin(db_reading(), code, Act.DECIDE), form)
    flash(f"Đã ra lệnh phát khẩn cấp tại {len(stations)} trạm. Bản tin được đọc lặp lại tới khi có lệnh dừng.", "warn")
    return redirect(url_for("bulletins.show", code=code))


def _start(session: Session, bulletin: Bulletin, targets: list[RuleTarget]) -> Rule:
    rule = Rule(
        code=new_code(session, Rule, "KC", today()),
        unit_id=_owner(session, bulletin, targets),
        name=_name(bulletin.title),
        times=[],
        starts_at=now(),
        latest_start_s=OPEN_LATEST_START_S,
        created_at=now(),
        created_by_id=current_person().id,
    )
    rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=0))
    rule.targets.extend(targets)
    session.add(rule)
    session.flush()
    return rule


def _name(title: str) -> str:
    """`Khẩn cấp: bão số 9`; a title that says so itself needs no more."""
    return (title if title.casefold().startswith("khẩn cấp") else f"Khẩn cấp: {title}")[:200]


def _owner(session: Session, bulletin: Bulletin, targets: list[RuleTarget]) -> int:
    """The lowest unit above all targets that one may decide for, so that who works there may stop it."""
    rights = current_rights()
    homes = lookups.units_of_stations(session, today())
    units = [target.unit_id for target in targets if target.unit_id is not None]
    units += [homes[target.station_id] for target in targets if target.station_id is not None]
    paths = [rights.tree.path(unit) for unit in units]
    common = next((unit for unit in paths[0] if all(unit in path for path in paths)), None)
    return common if common is not None and rights.may(Act.DECIDE, common) else bulletin.unit_id


def _refuse_twice(session: Session, bulletin: Bulletin, targets: list[RuleTarget]) -> None:
    wanted = {(target.unit_id, target.station_id) for target in targets}
    for words in running_of(session, bulletin):
        if {(target.unit_id, target.station_id) for target in words.rule.targets} == wanted:
            raise Conflict("Bản tin này đang được phát khẩn cấp tại đúng những nơi đó.")


@needs(Act.STOP_EMERGENCY)
def stop_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    rule = _running_rule(session, code)
    number = coming(session, Airing.rule_id == rule.id, now=now())
    return render_template(
        "confirm.html",
        title="Dừng phát khẩn cấp?",
        sentences=[
            f"Bản tin “{rule.bulletins[0].bulletin.title}” đang được đọc lặp lại từ lúc {vn_datetime(rule.starts_at)}.",
            f"{number} trạm sẽ dừng ngay khi nhận được chương trình mới, rồi trở lại lịch thường."
            if number
            else "Các trạm sẽ dừng ngay khi nhận được chương trình mới, rồi trở lại lịch thường.",
        ],
        action=url_for("bulletins.stop_submit", code=code),
        button="Dừng phát khẩn cấp",
        back=url_for("rules.index"),
    )


@needs(Act.STOP_EMERGENCY)
def stop_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        rule = _running_rule(session, code)
        rule.stopped_at, rule.stopped_by_id = now(), current_person().id
        rule.version += 1
        rule_changed(session, rule, today())
        _note(session, rule, "stop_emergency", bulletin=rule.bulletins[0].bulletin.code)
    flash("Đã ra lệnh dừng phát khẩn cấp.", "good")
    return redirect(url_for("rules.index"))


def _running_rule(session: Session, code: str) -> Rule:
    rule = lookups.rule(session, code, Act.STOP_EMERGENCY)
    if rule.starts_at is None:
        raise Conflict("Lịch này không phải là lệnh phát khẩn cấp. Hãy dừng nó ở trang lịch phát.")
    if rule.stopped_at is not None:
        raise Conflict("Lệnh phát khẩn cấp này đã được dừng.")
    return rule


def _note(session: Session, rule: Rule, act: str, **detail: Any) -> None:
    record(
        session, actor(), act, "rule", rule.id, rule.name or rule.code, now=now(), unit_id=rule.unit_id,
        detail={"code": rule.code, **detail},
    )  # fmt: skip
