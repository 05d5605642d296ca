"""A rule is stopped, and opened again; what the trail says of what is done to one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import record
from broadcast.bulletin import BulletinClass
from broadcast.errors import Conflict
from broadcast.replanning import rule_changed
from broadcast.rights import Act
from broadcast.rule import Rule
from web.bulletins.listing import coming
from web.rules.choosing import not_by_rule
from web.rules.words import words_of
from web.shell import lookups
from web.shell.access import actor, current_person, db_reading, db_writing, needs, now, today


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/lich-phat/<code>/dung", view_func=stop_confirm)
    blueprint.add_url_rule("/lich-phat/<code>/dung", view_func=stop_submit, methods=["POST"])
    blueprint.add_url_rule("/lich-phat/<code>/mo-lai", view_func=resume, methods=["POST"])


def note(session: Session, rule: Rule, act: str, **detail: Any) -> None:
    record(
        session, actor(), act, "rule", rule.id, words_of(rule, now()).name, now=now(), unit_id=rule.unit_id,
        detail={"code": rule.code, **detail},
    )  # fmt: skip


@needs(Act.WRITE)
def stop_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    rule = _stoppable(session, code)
    number = coming(session, Airing.rule_id == rule.id, Airing.starts_at > now(), now=now())
    return render_template(
        "confirm.html",
        title="Dừng lịch phát này?",
        sentences=[
            f"{number} lượt phát sắp tới sẽ bị huỷ." if number else "Lịch này không còn lượt phát nào đã xếp.",
            "Lượt đang phát dở vẫn phát hết. Có thể mở lại lịch sau này.",
        ],
        action=url_for("rules.stop_submit", code=code),
        button="Dừng lịch phát",
        back=url_for("rules.show", code=code),
    )


@needs(Act.WRITE)
def stop_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        rule = _stoppable(session, code)
        number = coming(session, Airing.rule_id == rule.id, Airing.starts_at > now(), now=now())
        rule.stopped_at, rule.stopped_by_id = now(), current_person().id
        rule.version += 1
        rule_changed(session, rule, today())
        note(session, rule, "stop", airings=number)
    flash(f"Đã dừng lịch phát; {number} lượt phát sắp tới sẽ bị huỷ." if number else "Đã dừng lịch phát.", "good")
    return redirect(url_for("rules.show", code=code))


@needs(Act.WRITE)
def resume(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        rule = lookups.rule(session, code, Act.WRITE)
        if rule.starts_at is not None or rule.stopped_at is None:
            raise Conflict("Lịch phát này không ở trạng thái đã dừng.")
        for link in rule.bulletins:
            if link.bulletin.bulletin_class == BulletinClass.EMERGENCY.value:
                raise Conflict(not_by_rule(link.bulletin))
        rule.stopped_at = rule.stopped_by_id = None
        rule.version += 1
        rule_changed(session, rule, today())
        note(session, rule, "resume")
    flash("Đã mở lại lịch phát.", "good")
    return redirect(url_for("rules.show", code=code))


def _stoppable(session: Session, code: str) -> Rule:
    rule = lookups.rule(session, code, Act.WRITE)
    if rule.starts_at is not None:
        raise Conflict("Đây là lệnh phát khẩn cấp. Hãy dùng nút dừng phát khẩn cấp.")
    if rule.stopped_at is not None:
        raise Conflict("Lịch phát này đã được dừng.")
    return rule
