"""One's own account: the first password, a new one, the unit one looks at."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from broadcast.audit_event import Actor, record
from broadcast.errors import Invalid
from broadcast.inviting import claim_invitation, invitation_of
from broadcast.person import Person, new_password
from broadcast.rights import Act
from web import limiter
from web.people.guessing import guess
from web.people.sessions import open_session
from web.shell.access import (
    UNIT_IN_COOKIE,
    actor,
    current_person,
    current_rights,
    db_reading,
    db_writing,
    let_go,
    needs,
    now,
)
from web.shell.error_pages import referring_path
from web.shell.forms import Form
from web.shell.lookups import unit

blueprint = Blueprint("accounts", __name__)


def _new_password(form: Form) -> str:
    password = form.value("password")
    if password != form.value("again"):
        form.fail("again", "Hai lần gõ mật khẩu mới không giống nhau.")
    return password


@blueprint.get("/loi-moi/<token>")
@limiter.limit("60 per 10 minutes")
def invitation(token: str) -> ResponseReturnValue:
    invited = invitation_of(db_reading(), token, now()).person
    return render_template("sessions/invitation.html", form=Form(), invited=invited, token=token)


@blueprint.post("/loi-moi/<token>")
@limiter.limit("60 per 10 minutes")
def invitation_submit(token: str) -> ResponseReturnValue:
    invited = invitation_of(db_reading(), token, now()).person
    form = Form(request.form)
    password = _new_password(form)
    if not form.errors:
        try:
            let_go()
            kept = new_password(password, invited.login)
            with db_writing() as session:
                person = claim_invitation(session, token, now())
                person.take_password(kept)
                by = Actor(person.name, person.id, request.remote_addr or "")
                record(session, by, "set_password", "person", person.id, person.name, now=now())
        except Invalid as error:
            form.take(error)
        else:
            open_session(person)
            flash("Đã đặt mật khẩu. Chào mừng bạn đến với hệ thống truyền thanh cơ sở.", "good")
            return redirect("/")
    return render_template("sessions/invitation.html", form=form, invited=invited, token=token), form.status


@blueprint.get("/tai-khoan")
@needs("sign-in")
def own() -> ResponseReturnValue:
    return _own_page(Form())


@blueprint.post("/tai-khoan/mat-khau")
@needs("sign-in")
def change_password() -> ResponseReturnValue:
    form = Form(request.form)
    password, login = _new_password(form), current_person().login
    let_go()
    with guess(login) as made:
        made.was_right = current_person().has_password(form.value("present"))
    if not made.was_right:
        form.fail("present", "Mật khẩu hiện tại không đúng.")
        return _own_page(form)[0], 401
    if not form.errors:
        try:
            kept = new_password(password, login)
            with db_writing() as session:
                person = session.get_one(Person, current_person().id)
                person.take_password(kept)
                record(session, actor(), "set_password", "person", person.id, person.name, now=now())
        except Invalid as error:
            form.take(error)
        else:
            open_session(person)
            flash("Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc.", "good")
            return redirect("/tai-khoan")
    return _own_page(form)


def _own_page(form: Form) -> tuple[str, int]:
    tree = current_rights().tree
    return render_template("sessions/own.html", form=form, held=current_rights().held, tree=tree), form.status


@blueprint.post("/don-vi-dang-xem")
@needs(Act.READ)
def look_at() -> ResponseReturnValue:
    """The unit chip: from now on every page shows this unit and what lies below it."""
    chosen = unit(db_reading(), request.form.get("unit", ""))
    cookie[UNIT_IN_COOKIE] = chosen.id
    return redirect(referring_path())
