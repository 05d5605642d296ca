"""Lượt: one slot of a rule on one day is taken out, put at another time, or airs something else; and the way to
changing those that follow, or all. What was changed is taken back one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import instant_of
from broadcast.errors import BroadcastError, Conflict, NotFound
from broadcast.replanning import rule_changed, stations_changed
from broadcast.rights import Act
from broadcast.rule import Rule, RuleChange
from broadcast.station import Station
from schedules.facts import BulletinFact, SlotChange
from schedules.recurrence import parse_wall_time, slot_key
from web.rules.changed import change_words, is_removable, told_changes
from web.rules.choosing import offered
from web.rules.claiming import claim
from web.rules.foretelling import Foretold, foretell
from web.rules.slots import FromAbove, SlotHere, rule_here, slot_here
from web.rules.stopping import note
from web.rules.words import words_of
from web.services import services
from web.shell.access import current_person, current_rights, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_date
from web.shell.forms import Form

_ANYWAY = "van-luu"
_LONGEST_NOTE = 300
_OVER = "Lượt này đã đến giờ hoặc đã qua nên không đổi được nữa. Những gì đã phát giữ nguyên."
_OVER_SOMEWHERE = (
    "Ở ít nhất một trạm, lượt này đã đến giờ nên không đổi chung được nữa. Hãy mở lượt này từ tuần phát của từng trạm."
)


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/lich-phat/<code>/luot", view_func=slot)
    blueprint.add_url_rule("/lich-phat/<code>/luot", view_func=slot_submit, methods=["POST"])
    blueprint.add_url_rule("/lich-phat/<code>/thay-doi/<int:number>/bo", view_func=restore_submit, methods=["POST"])
    blueprint.add_app_template_global(told_changes, "told_changes")


@dataclass(frozen=True)
class _Wanted:
    """What was typed, and where it is to hold: at `station`, or (None) at all."""

    change: SlotChange
    bulletin: Bulletin | None
    station: Station | None
    note: str


@needs(Act.READ)
def slot(code: str) -> ResponseReturnValue:
    session = db_reading()
    try:
        rule = rule_here(session, code, Act.READ)
    except FromAbove as error:
        return render_template("rules/slot_above.html", told=error.message_vi), 403
    if rule.starts_at is not None:
        return redirect(url_for("rules.show", code=code))
    return _page(session, _asked(session, rule), Form(None))


def _asked(session: Session, rule: Rule) -> SlotHere:
    asked = request.values
    return slot_here(session, rule, asked.get("ngay", ""), asked.get("khe", ""), asked.get("tram", ""))


def _page(
    session: Session, here: SlotHere, form: Form, foretold: Foretold | None = None, *, is_conflict: bool = False
) -> ResponseReturnValue:
    rule, change = here.rule, here.change
    told = words_of(rule, now())
    offers = offered(session, rule)
    if not form.submitted:
        form.defaults = {
            "noi": "tram" if here.station is not None and len(here.stations) > 1 else "moi",
            "viec": "bo" if change is not None and change.is_skipped else "doi",
            "gio": _time_shown(here),
            "ban-tin": change.bulletin.id if change is not None and change.bulletin is not None else "",
            "version": rule.version,
        }
    page = render_template(
        "rules/slot.html",
        here=here,
        told=told,
        form=form,
        foretold=foretold,
        version=rule.version if is_conflict else form.value("version"),
        bulletins=[*offers.own, *offers.above],
        may_write=current_rights().may(Act.WRITE, rule.unit_id),
        own=next((each for each in told_changes(rule) if each.is_of(here)), None),
        why_not=_why_not(here),
        longest_note=_LONGEST_NOTE,
    )
    return page, 409 if is_conflict else form.status


def _time_shown(here: SlotHere) -> str:
    change = here.change
    if change is not None and change.to_time is not None:
        return slot_key(change.to_time)
    return "" if here.wall.wall_time is None else slot_key(here.wall.wall_time)


def _why_not(here: SlotHere) -> str:
    """Why it cannot be changed, as far as it can be told before anything is typed; "" where it can."""
    state = words_of(here.rule, now()).state
    if state == "stopped":
        return "Lịch này đã dừng. Hãy mở lại lịch rồi mới đổi từng lượt."
    if here.is_over:
        return _OVER_SOMEWHERE if here.station is None and here.on >= today() and len(here.stations) > 1 else _OVER
    return ""


@needs(Act.WRITE)
def slot_submit(code: str) -> ResponseReturnValue:
    """Saves at once what the plan can do as it was asked; what it cannot is shown first, and saved by who was told."""
    form = Form(request.form)
    session = db_reading()
    here = _asked(session, rule_here(session, code, Act.WRITE))
    wanted = _read(session, form, here)
    foretold = None
    if wanted is not None and not wanted.change.is_skipped:
        stations = here.stations if wanted.station is None else [wanted.station]
        foretold = foretell(session, code, here.on, here.key, stations, wanted.change, wanted.bulletin)
        _judge(form, foretold)
    if wanted is None or form.errors or form.ticked("xem"):
        return _page(session, here, form, foretold)
    try:
        words = _save(code, form)
    except Conflict as error:
        form.take(error)
        return _page(session, here, form, foretold, is_conflict=True)
    flash(f"Đã lưu: {words}. Chương trình được xếp lại trong ít giây.", "good")
    return redirect(url_for("rules.slot", code=code, ngay=here.on.isoformat(), khe=here.key, tram=_station_code(here)))


def _station_code(here: SlotHere) -> str | None:
    return None if here.station is None else here.station.code


def _judge(form: Form, foretold: Foretold) -> None:
    """Nothing that can air nowhere is saved, and what would air otherwise than asked only by who saw it."""
    if foretold.is_hopeless:
        form.fail("gio", "Không lưu được vì lượt này sẽ không phát được ở đâu. Hãy chọn giờ hoặc bản tin khác.")
    elif not foretold.is_clean and not form.ticked(_ANYWAY):
        form.fail("", "Lượt này chưa phát được đúng như bạn đặt. Hãy xem bên dưới, rồi sửa hoặc bấm “Vẫn lưu”.")


def _read(session: Session, form: Form, here: SlotHere) -> _Wanted | None:
    """What was typed; None, told on the form, where it cannot be."""
    station = here.station if form.value("noi") == "tram" else None
    if form.choice("noi", "nơi đổi", {"tram", "moi"}) == "tram" and station is None:
        form.fail("noi", "Hãy mở lượt này từ tuần phát của trạm muốn đổi.")
    place = here if station is here.station else slot_here(session, here.rule, here.on.isoformat(), here.key, "")
    if why := _why_not(place):
        form.fail("", why)
    act = form.choice("viec", "việc cần làm", {"bo", "doi"})
    typed = form.text("ghi-chu", "lý do", longest=_LONGEST_NOTE, required=False)
    to_time, bulletin = None, None
    if act == "doi":
        to_time, bulletin = _read_time(form, here), _read_bulletin(session, form, here)
        usual = here.wall.wall_time
        if to_time == usual and (station is None or place.general is None):
            to_time = None
        if to_time is None and bulletin is None and not form.errors:
            form.fail(
                "gio",
                "Chưa đổi gì: giờ và bản tin vẫn như lịch."
                + (" Muốn trở lại như lịch, hãy bấm “Bỏ thay đổi này”." if here.change is not None else ""),
            )
    if form.errors:
        return None
    instead = None if bulletin is None else BulletinFact(bulletin.code, bulletin.title)
    code = None if station is None else station.code
    change = SlotChange(here.on, here.key, code, act == "bo", to_time, instead)
    return _Wanted(change, bulletin, station, typed)


def _read_time(form: Form, here: SlotHere) -> time | None:
    typed = form.value("gio").strip()
    if not typed:
        if here.wall.wall_time is not None:
            form.fail("gio", "Hãy ghi giờ phát, ví dụ 5h30 hoặc 17g15.")
        return None
    try:
        wall = parse_wall_time(typed, field="gio")
    except BroadcastError as error:
        form.take(error)
        return None
    if instant_of(here.on, wall, services().zone) < now():
        form.fail("gio", f"{slot_key(wall)} ngày {vn_date(here.on)} đã qua. Hãy chọn giờ muộn hơn.")
    return wall


def _read_bulletin(session: Session, form: Form, here: SlotHere) -> Bulletin | None:
    code = form.value("ban-tin")
    if not code:
        return None
    found = offered(session, here.rule).by_code.get(code)
    if found is None:
        form.fail("ban-tin", "Bản tin này không còn dùng được hoặc nằm ngoài đơn vị của bạn. Hãy chọn lại.")
    return found


def _save(code: str, form: Form) -> str:
    """Returns what was saved, in words."""
    with db_writing() as session:
        rule = rule_here(session, code, Act.WRITE)
        claim(session, rule, form.value("version"))
        here = _asked(session, rule)
        wanted = _read(session, form, here)
        if wanted is None:  # it began, or a bulletin was withdrawn, since the page was sent
            raise Conflict(next(iter(form.errors.values())))
        change = _row(session, rule, wanted)
        session.flush()
        _replan(session, rule, wanted.station)
        words = change_words(change)
        note(
            session, rule, "change_slot", slot=f"{here.name} ngày {vn_date(here.on)}", otherwise=words,
            places=wanted.station.name if wanted.station is not None else "", reason=wanted.note, version=rule.version,
        )  # fmt: skip
        return words


def _row(session: Session, rule: Rule, wanted: _Wanted) -> RuleChange:
    """The one row of that slot and station; NULL stations do not collide in a constraint, so it is looked for."""
    change, station_id = wanted.change, None if wanted.station is None else wanted.station.id
    place = (change.local_on, change.slot_key, station_id)
    row = next((each for each in rule.changes if (each.local_date, each.slot_key, each.station_id) == place), None)
    if row is None:
        row = RuleChange(local_date=change.local_on, slot_key=change.slot_key, station_id=station_id)
        rule.changes.append(row)
    row.is_skipped = change.is_skipped
    row.to_time = None if change.to_time is None else slot_key(change.to_time)
    row.bulletin = None if wanted.bulletin is None else session.get_one(Bulletin, wanted.bulletin.id)
    row.note, row.changed_at, row.changed_by_id = wanted.note, now(), current_person().id
    return row


def _replan(session: Session, rule: Rule, station: Station | None) -> None:
    if station is None:
        rule_changed(session, rule, today())
    else:
        stations_changed(session, [station.id])


@needs(Act.WRITE)
def restore_submit(code: str, number: int) -> ResponseReturnValue:
    """Takes one change back: the slot is again as the rule says."""
    with db_writing() as session:
        rule = rule_here(session, code, Act.WRITE)
        change = next((each for each in rule.changes if each.id == number), None)
        if change is None:
            raise NotFound("Thay đổi này không còn: có thể người khác vừa bỏ nó.")
        if why := is_removable(rule, change):
            raise Conflict(why)
        claim(session, rule, request.form.get("version", ""))
        told = next(each for each in told_changes(rule) if each.change is change)
        station = change.station
        rule.changes.remove(change)
        session.flush()
        _replan(session, rule, station)
        note(
            session, rule, "restore_slot", slot=f"{told.slot} ngày {vn_date(told.on)}",
            places=station.name if station is not None else "", version=rule.version,
        )  # fmt: skip
    flash("Đã bỏ thay đổi. Lượt này lại phát theo lịch.", "good")
    return redirect(url_for("rules.show", code=code))
