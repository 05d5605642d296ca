"""Coming in and going out, and what becomes of a form whose session has ended meanwhile."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import select

from broadcast.audit_event import Actor, record
from broadcast.errors import NotSignedIn
from broadcast.passwords import spend_the_time_of_a_check
from broadcast.person import Assignment, Person, Role, end_session, person_by_login
from web.people.guessing import guess
from web.services import services
from web.shell import kept
from web.shell.access import (
    SignedIn,
    actor,
    db_reading,
    db_writing,
    let_go,
    needs,
    now,
    person_or_none,
    session_mark,
    today,
)
from web.shell.error_pages import is_api, is_fragment, referring_path, safe_path, told
from web.shell.forms import Form

blueprint = Blueprint("sessions", __name__)


def open_session(person: Person) -> None:
    """Nothing of the cookie before survives, the person's epoch is in the new one."""
    cookie.clear()
    cookie.permanent = True
    login_user(SignedIn(person))


@blueprint.get("/dang-nhap")
def sign_in() -> ResponseReturnValue:
    target = safe_path(request.args.get("next"))
    if person_or_none() is not None:
        return redirect(target)
    return _page(Form(next=target), 200)


@blueprint.post("/dang-nhap")
def sign_in_submit() -> ResponseReturnValue:
    form = Form(request.form)
    login, password = form.text("login", "tên đăng nhập", longest=64), form.value("password")
    if not password:
        form.fail("password", "Hãy điền mật khẩu.")
    if form.errors:
        return _page(form, 422)
    with guess(login) as made:
        person = person_by_login(db_reading(), login)
        let_go()
        if person is None:
            spend_the_time_of_a_check()
        made.was_right = person is not None and person.has_password(password)
    if person is None or not made.was_right:
        if person is not None:
            _note(person, "sign_in_failed")
        form.fail("password", "Tên đăng nhập hoặc mật khẩu không đúng.")
        return _page(form, 401)
    _note(person, "sign_in")
    open_session(person)
    return _onward()


@blueprint.post("/dang-nhap/trinh-dien/<role>")
def sign_in_demo(role: str) -> ResponseReturnValue:
    """One step into a role of the demonstration district; there is no such address anywhere else."""
    person = _demo_people().get(Role(role)) if services().demo and role in set(Role) else None
    if person is None:
        abort(404)
    _note(person, "sign_in")
    open_session(person)
    return _onward()


@blueprint.post("/dang-xuat")
@needs("sign-in")
def sign_out() -> ResponseReturnValue:
    with db_writing() as session:
        by = actor()
        record(session, by, "sign_out", "person", by.person_id, by.name, now=now())
        end_session(session, session_mark(), now(), current_app.permanent_session_lifetime)
    logout_user()
    cookie.clear()
    return redirect("/dang-nhap")


def _onward() -> ResponseReturnValue:
    """To what was typed before the session ended, else to the page that was asked."""
    if (typed := kept.carried()) is not None:
        return _offer(typed)
    return redirect(safe_path(request.form.get("next")))


def _offer(typed: kept.Kept, status: int = 200) -> ResponseReturnValue:
    return render_template("sessions/kept.html", kept=typed), status


def _page(form: Form, status: int, typed: kept.Kept | None = None) -> ResponseReturnValue:
    page = render_template(
        "sessions/sign_in.html",
        form=form,
        demo_people=_demo_people(),
        kept=typed or kept.carried(),
        carrier=kept.CARRIER,
    )
    return page, status


# ---- forms that come too late


@blueprint.app_errorhandler(NotSignedIn)
def to_sign_in(error: NotSignedIn) -> ResponseReturnValue:
    """The sign-in page; what was typed into a form goes with it."""
    if is_api() or is_fragment():
        return told(401, error.message_vi)
    if (typed := kept.posted()) is not None:
        return _page(Form(next=referring_path()), 401, typed)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else referring_path()
    return redirect(url_for("sessions.sign_in", next=safe_path(wanted)))


@blueprint.app_errorhandler(CSRFError)
def token_does_not_fit(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token belongs to a session that has ended, or to the one before the last sign-in."""
    is_signed_in = person_or_none() is not None
    is_sign_in = request.endpoint in {"sessions.sign_in_submit", "sessions.sign_in_demo"}
    if not is_signed_in and not is_sign_in:
        return to_sign_in(NotSignedIn("Phiên làm việc đã hết hạn."))
    if not is_fragment() and is_signed_in:
        # A sign-in that is sent twice, by the button that loads a page again, brings what it carried.
        typed = kept.carried() if is_sign_in else kept.posted()
        if typed is not None:
            return _offer(typed, 400)
    return told(400, "Trang này đã mở quá lâu nên nút bấm hết hiệu lực. Hãy quay lại, tải lại trang rồi thử lần nữa.")


def _demo_people() -> dict[Role, Person]:
    """For each role the first person who holds it, in a demonstration only."""
    if not services().demo:
        return {}
    rows = db_reading().execute(
        select(Assignment.role, Person)
        .join(Person, Assignment.person_id == Person.id)
        .where(Assignment.holding_on(today()), Person.deactivated_at.is_(None))
        .order_by(Assignment.id.desc())
    )
    found = {Role(role): person for role, person in rows}
    return {role: found[role] for role in Role if role in found}


def _note(person: Person, act: str) -> None:
    by = Actor(person.name, person.id, request.remote_addr or "")
    with db_writing() as session:
        record(session, by, act, "person", person.id, person.name, now=now())
