"""Người dùng: accounts, their roles by date, and the single-use link with which a password is set."""

from __future__ import annotations

import re
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.audit_event import record
from broadcast.errors import BroadcastError, Conflict, Forbidden, Invalid
from broadcast.inviting import end_invitations, invite
from broadcast.person import Assignment, Person, Role, assign, person_by_login
from broadcast.rights import Act
from broadcast.signs import code_fault
from web.services import services
from web.shell import lookups
from web.shell.access import (
    actor,
    current_person,
    current_rights,
    db_reading,
    db_writing,
    needs,
    now,
    today,
    unit_choices,
)
from web.shell.fold import matches
from web.shell.forms import Form

blueprint = Blueprint("people", __name__)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
ROLES = [(role.value, role.label[:1].upper() + role.label[1:]) for role in Role]


@blueprint.get("/nguoi-dung")
@needs(Act.ADMINISTER)
def index() -> ResponseReturnValue:
    words, with_all = request.args.get("tim", "").strip()[:100], "tat-ca" in request.args
    administered = current_rights().units(Act.ADMINISTER)
    found = db_reading().scalars(
        select(Person)
        .where(Person.id.in_(select(Assignment.person_id).where(Assignment.unit_id.in_(administered))))
        .options(selectinload(Person.assignments).joinedload(Assignment.unit))
        .order_by(Person.name, Person.id)
    )
    listed = [
        person
        for person in found
        if (with_all or person.deactivated_at is None) and matches(words, person.name, person.login)
    ]
    return render_template("people/list.html", listed=listed, with_all=with_all, role_words=dict(ROLES))


@blueprint.get("/nguoi-dung/them")
@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    return render_template(
        "people/new.html", form=Form(role=Role.EDITOR.value), units=unit_choices(Act.ADMINISTER), roles=ROLES
    )


@blueprint.post("/nguoi-dung/them")
@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    name, login = form.text("name", "họ và tên"), form.text("login", "tên đăng nhập", longest=64).lower()
    if "login" not in form.errors and (not _LOGIN.fullmatch(login) or code_fault(login, "person")):
        form.fail("login", "Tên đăng nhập gồm từ 2 chữ cái không dấu, chữ số, dấu chấm hoặc gạch; ví dụ: lan.nguyen.")
    role, unit_code, from_on, until_on = _assignment_typed(form)
    if not form.errors:
        try:
            with db_writing() as session:
                if person_by_login(session, login) is not None:
                    raise Conflict(f"Tên đăng nhập “{login}” đã có người dùng. Hãy chọn tên khác.", field="login")
                person = Person(login=login, name=name, created_at=now())
                session.add(person)
                session.flush()
                record(session, actor(), "add", "person", person.id, name, now=now())
                _assign(session, person, role, unit_code, from_on, until_on)
                token = invite(session, person, now(), current_person())
        except BroadcastError as error:
            form.take(error)
        else:
            return _show_link(person, token)
    return render_template("people/new.html", form=form, units=unit_choices(Act.ADMINISTER), roles=ROLES), form.status


def _assignment_typed(form: Form) -> tuple[str, str, date | None, date | None]:
    role = form.choice("role", "vai trò", set(Role))
    unit_code = form.choice("unit", "đơn vị", dict(unit_choices(Act.ADMINISTER)))
    from_on, until_on = form.day("from", "ngày bắt đầu"), form.day("until", "ngày kết thúc")
    if from_on is not None and from_on < today():
        form.fail("from", "Phân công bắt đầu từ hôm nay hoặc một ngày sau đó.")
    return role, unit_code, from_on, until_on


def _assign(
    session: Session, person: Person, role: str, unit_code: str, from_on: date | None, until_on: date | None
) -> None:
    unit = lookups.unit(session, unit_code, Act.ADMINISTER)
    assign(session, person, Role(role), unit, from_on or today(), until_on)
    record(
        session, actor(), "assign", "person", person.id, person.name, now=now(), unit_id=unit.id,
        detail={"role": role, "unit": unit.code, "from_on": str(from_on or today()), "until_on": str(until_on or "")},
    )  # fmt: skip


def _show_link(person: Person, token: str) -> ResponseReturnValue:
    """In the answer itself and nowhere else: the token is kept as a hash only."""
    base = services().settings.public_url or request.host_url.rstrip("/")
    return render_template("people/link.html", invited=person, link=f"{base}/loi-moi/{token}")


# ---- one account


def _own_charge(session: Session, login: str) -> Person:
    """An account that is wholly in one's charge: a link for somebody with a role above would be a way up."""
    person = lookups.person(session, login)
    administered = current_rights().units(Act.ADMINISTER)
    for assignment in person.assignments:
        ended = assignment.until_on is not None and assignment.until_on < today()
        if not ended and assignment.unit_id not in administered:
            raise Forbidden(
                f"{person.name} còn có vai trò ở {assignment.unit.name}, ngoài phạm vi quản trị của bạn. "
                "Hãy nhờ người quản trị cấp trên."
            )
    return person


def _someone_else(person: Person) -> None:
    if person.id == current_person().id:
        raise Forbidden("Việc này không tự làm cho chính mình được. Hãy nhờ một người quản trị khác.")


@blueprint.get("/nguoi-dung/<login>")
@needs(Act.ADMINISTER)
def page(login: str) -> ResponseReturnValue:
    person = lookups.person(db_reading(), login)
    return _page(person, Form(name=person.name), Form(role=Role.EDITOR.value))


def _page(person: Person, form: Form, assigning: Form) -> ResponseReturnValue:
    administered = current_rights().units(Act.ADMINISTER)
    shown = [assignment for assignment in person.assignments if assignment.unit_id in administered]
    html = render_template(
        "people/page.html",
        account=person,
        form=form,
        assigning=assigning,
        assignments=sorted(shown, key=lambda each: (not each.holds_on(today()), each.from_on or date.min)),
        is_self=person.id == current_person().id,
        units=unit_choices(Act.ADMINISTER),
        roles=ROLES,
        role_words=dict(ROLES),
    )
    return html, form.status if form.errors else assigning.status


@blueprint.post("/nguoi-dung/<login>")
@needs(Act.ADMINISTER)
def rename(login: str) -> ResponseReturnValue:
    form = Form(request.form)
    name = form.text("name", "họ và tên")
    if form.errors:
        return _page(lookups.person(db_reading(), login), form, Form(role=Role.EDITOR.value))
    with db_writing() as session:
        person = _own_charge(session, login)
        record(
            session, actor(), "change", "person", person.id, name, now=now(), detail={"before": {"name": person.name}}
        )
        person.name = name
    flash(f"Đã lưu {name}.", "good")
    return redirect(url_for("people.page", login=login))


@blueprint.post("/nguoi-dung/<login>/phan-cong")
@needs(Act.ADMINISTER)
def assign_role(login: str) -> ResponseReturnValue:
    form = Form(request.form)
    role, unit_code, from_on, until_on = _assignment_typed(form)
    if not form.errors:
        try:
            with db_writing() as session:
                person = lookups.person(session, login)
                _someone_else(person)
                _assign(session, person, role, unit_code, from_on, until_on)
        except Invalid as error:
            form.take(error)
        else:
            flash(f"Đã phân công {person.name}.", "good")
            return redirect(url_for("people.page", login=login))
    person = lookups.person(db_reading(), login)
    return _page(person, Form(name=person.name), form)


@blueprint.post("/nguoi-dung/<login>/phan-cong/<int:assignment_id>/ket-thuc")
@needs(Act.ADMINISTER)
def end_role(login: str, assignment_id: int) -> ResponseReturnValue:
    """Yesterday was its last day; one that began today or later holds on no day, and its row stays as a record."""
    with db_writing() as session:
        person = lookups.person(session, login)
        _someone_else(person)
        assignment = session.get(Assignment, assignment_id)
        if assignment is None or assignment.person_id != person.id:
            raise Invalid("Phân công này không còn nữa.")
        lookups.unit(session, assignment.unit.code, Act.ADMINISTER)
        yesterday = today() - timedelta(days=1)
        detail = {"role": assignment.role, "unit": assignment.unit.code}
        if assignment.until_on is None or assignment.until_on > yesterday:
            assignment.until_on = yesterday
        record(
            session, actor(), "end_assignment", "person", person.id, person.name, now=now(),
            unit_id=assignment.unit_id, detail=detail,
        )  # fmt: skip
    flash(f"{person.name} không còn vai trò đó kể từ bây giờ.", "good")
    return redirect(url_for("people.page", login=login))


@blueprint.post("/nguoi-dung/<login>/loi-moi")
@needs(Act.ADMINISTER)
def renew_link(login: str) -> ResponseReturnValue:
    """The reset too: the person chooses a new password, and older links and sessions end with it."""
    with db_writing() as session:
        person = _own_charge(session, login)
        if person.deactivated_at is not None:
            raise Conflict("Tài khoản đang bị khoá. Hãy mở lại trước khi gửi đường dẫn.")
        token = invite(session, person, now(), current_person())
        record(session, actor(), "invite", "person", person.id, person.name, now=now())
    return _show_link(person, token)


@blueprint.get("/nguoi-dung/<login>/khoa")
@needs(Act.ADMINISTER)
def deactivate(login: str) -> ResponseReturnValue:
    person = _own_charge(db_reading(), login)
    return render_template(
        "confirm.html",
        title=f"Khoá tài khoản của {person.name}?",
        sentences=[
            f"{person.name} sẽ bị đăng xuất ngay và không đăng nhập được nữa.",
            "Bản tin, phê duyệt và nhật ký mang tên người này vẫn giữ nguyên. Có thể mở lại tài khoản bất cứ lúc nào.",
        ],
        action=url_for("people.deactivate_submit", login=login),
        button="Khoá tài khoản",
        back=url_for("people.page", login=login),
    )


@blueprint.post("/nguoi-dung/<login>/khoa")
@needs(Act.ADMINISTER)
def deactivate_submit(login: str) -> ResponseReturnValue:
    with db_writing() as session:
        person = _own_charge(session, login)
        _someone_else(person)
        if person.deactivated_at is None:
            person.deactivated_at = now()
            person.session_epoch += 1
            end_invitations(session, person, now())
            record(session, actor(), "deactivate", "person", person.id, person.name, now=now())
    flash(f"Đã khoá tài khoản của {person.name}.", "good")
    return redirect(url_for("people.page", login=login))


@blueprint.post("/nguoi-dung/<login>/mo-lai")
@needs(Act.ADMINISTER)
def reactivate(login: str) -> ResponseReturnValue:
    with db_writing() as session:
        person = _own_charge(session, login)
        if person.deactivated_at is not None:
            person.deactivated_at = None
            record(session, actor(), "reactivate", "person", person.id, person.name, now=now())
    flash(f"Đã mở lại tài khoản của {person.name}.", "good")
    return redirect(url_for("people.page", login=login))
