"""Who asks, what they may do, and which unit they look at: asked once a request.

`@needs(Act.X)` lets in whoever may do X somewhere; a view then checks the very object, through `web.lookups` (404 for
what lies outside the subtree) or `require(Act.X, unit_id)` (403 for what one may see but not do).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, cast

from flask import Flask, g, request
from flask import session as cookie
from flask_login import LoginManager, current_user
from sqlalchemy.orm import Session

from broadcast.audit_event import Actor
from broadcast.clock import local_day
from broadcast.errors import Forbidden, NotFound, NotSignedIn
from broadcast.person import Person, is_ended
from broadcast.rights import Act, Rights
from broadcast.unit import Unit
from web.services import services

P = ParamSpec("P")
R = TypeVar("R")

UNIT_IN_COOKIE = "unit"


def db_reading() -> Session:
    """The request's reading session: one state of things, open until the page is sent."""
    if "reading" not in g:
        g.reading_block = services().database.reading()
        g.reading = g.reading_block.__enter__()
    return cast(Session, g.reading)


def let_go() -> None:
    """Gives the connection of the reading session back before something slow or a transaction; what was read stays.

    A request that holds one connection and waits for another would, in a crowd, wait for the others that do the same.
    """
    reading: Session | None = g.get("reading")
    if reading is not None and not (reading.new or reading.dirty or reading.deleted):
        reading.commit()  # nothing to write: unlike a rollback it leaves what was read as it is


def begin_anew() -> None:
    """After minutes of receiving: the time, who asks and what they may do are asked for again."""
    _end_reading()
    for name in ("now", "rights", "_login_user"):
        g.pop(name, None)


def _end_reading() -> None:
    block = g.pop("reading_block", None)
    g.pop("reading", None)
    if block is not None:
        block.__exit__(None, None, None)


def db_writing() -> AbstractContextManager[Session]:
    """A transaction of its own, committed at the end of the `with` block: read again in it what is to be changed."""
    if person_or_none() is not None:
        current_rights()  # asked for inside the block they would need a second connection
    let_go()
    return services().database.writing()


def now() -> datetime:
    """The instant of this request, the same in all its parts."""
    if "now" not in g:
        g.now = services().now()
    return cast(datetime, g.now)


def today() -> date:
    """The local day of this request."""
    return local_day(now(), services().zone)


class SignedIn:
    """What Flask-Login keeps of a person. The epoch ends older sessions when the password changes; the mark is that of
    this one sign-in, for signing out."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, person: Person, mark: str | None = None) -> None:
        self.person = person
        self.mark = mark or secrets.token_hex(16)

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.session_epoch}.{self.mark}"


def ask_no_more() -> None:
    """The page to come is made without the database, which has just failed: in the shell of somebody unknown."""
    g.asks_no_more = True


def _load(key: str) -> SignedIn | None:
    if "asks_no_more" in g:
        return None
    number, _, rest = key.partition(".")
    epoch, _, mark = rest.partition(".")
    if not number.isdigit() or not epoch.isdigit() or not mark:
        return None
    person = db_reading().get(Person, int(number))
    if person is None or person.deactivated_at is not None or person.session_epoch != int(epoch):
        return None
    return None if is_ended(db_reading(), mark) else SignedIn(person, mark)


def person_or_none() -> Person | None:
    return cast(SignedIn, current_user).person if current_user.is_authenticated else None


def session_mark() -> str:
    """That of the sign-in which this request belongs to."""
    current_person()
    return cast(SignedIn, current_user).mark


def current_person() -> Person:
    """Raises NotSignedIn, which becomes the sign-in page."""
    person = person_or_none()
    if person is None:
        raise NotSignedIn("Hãy đăng nhập để tiếp tục.")
    return person


def current_rights() -> Rights:
    """The person's rights on this day."""
    if "rights" not in g:
        g.rights = Rights.of(db_reading(), current_person(), today())
    return cast(Rights, g.rights)


def actor() -> Actor:
    """The person of this request as the audit trail names them."""
    person = current_person()
    return Actor(person.name, person.id, request.remote_addr or "")


def require(act: Act, unit_id: int) -> None:
    """Raises NotFound where one may not even read the unit, Forbidden where one may not do `act` there."""
    rights = current_rights()
    if not rights.may(Act.READ, unit_id):
        raise NotFound("Không tìm thấy nội dung này trong phạm vi đơn vị của bạn.")
    rights.require(act, unit_id)


def needs(act: Act | Literal["sign-in"]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens a view to whoever may do `act` on some unit today; "sign-in" to everyone signed in."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            current_person()
            if act != "sign-in":
                rights = current_rights()
                if not rights.held:
                    raise Forbidden(
                        "Tài khoản của bạn hiện chưa được phân công ở đơn vị nào. Hãy liên hệ người quản trị."
                    )
                if not rights.may_anywhere(act):
                    raise Forbidden("Vai trò của bạn không có quyền làm việc này.")
            return view(*args, **kwargs)

        return guarded

    return decorate


def per_person() -> str:
    """The key of a limit that each person has for themselves."""
    return f"person:{current_person().id}"


def scope() -> Unit:
    """The unit one looks at: the one chosen in the header, else the topmost of one's own."""
    rights = current_rights()
    chosen = cookie.get(UNIT_IN_COOKIE)
    if isinstance(chosen, int) and chosen in rights.tree.units and rights.may(Act.READ, chosen):
        return rights.tree.units[chosen]
    home = rights.home_units()
    if not home:
        raise Forbidden("Tài khoản của bạn hiện chưa được phân công ở đơn vị nào.")
    return rights.tree.units[home[0]]


def scope_units() -> set[int]:
    """The unit one looks at and everything below it that one may read."""
    rights = current_rights()
    return rights.tree.below([scope().id]) & rights.units(Act.READ)


def in_tree_order(unit_ids: set[int]) -> list[tuple[Unit, int]]:
    """Units with their depth below the topmost of them, parents before children, by name: for lists and choices."""
    tree = current_rights().tree
    listed: list[tuple[Unit, int]] = []

    def walk(unit_id: int, depth: int) -> None:
        listed.append((tree.units[unit_id], depth))
        for child in sorted(tree.children.get(unit_id, ()), key=lambda one: tree.units[one].name):
            if child in unit_ids:
                walk(child, depth + 1)

    tops = [unit for unit in unit_ids if tree.parent_of.get(unit) not in unit_ids]
    for top in sorted(tops, key=lambda one: tree.units[one].name):
        walk(top, 0)
    return listed


def unit_choices(act: Act) -> list[tuple[str, str]]:
    """(code, indented name) of the units on which one may do `act`, for a choice in a form."""
    return [(unit.code, "\u2003" * depth + unit.name) for unit, depth in in_tree_order(current_rights().units(act))]


def reaches_top(act: Act) -> bool:
    """Whether one may do `act` at the top of a tree: what holds for everybody is decided there."""
    rights = current_rights()
    return not rights.units(act).isdisjoint(rights.tree.roots())


def _shell() -> dict[str, Any]:
    """What every page of the shell shows: who, in which role, which unit, the time, what else one may open."""
    person = None if "asks_no_more" in g else person_or_none()
    shell: dict[str, Any] = {"now": now(), "today": today(), "person": person, "demo": services().demo, "Act": Act}
    if person is None:
        return shell
    rights = current_rights()
    shell["rights"] = rights
    if rights.held:
        shell["scope"] = scope()
        shell["readable_units"] = in_tree_order(rights.units(Act.READ))
    return shell


def register(app: Flask) -> None:
    manager = LoginManager(app)
    # Addresses change on phones; the epoch and the signed cookie are what a session hangs on.
    manager.session_protection = None
    manager.user_loader(_load)
    app.context_processor(_shell)

    def close(_error: BaseException | None) -> None:
        _end_reading()

    app.teardown_appcontext(close)
