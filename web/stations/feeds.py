"""Lịch cho điện thoại (iCalendar): the links under which calendars fetch the programme of one station.

Who may make and revoke them: whoever writes for the station's unit (editors, approvers, its own operator), and its
administrators. A link is a secret that is handed on to people without an account, so reading alone is not enough. It is
the station's: it outlives the account of its maker, and where the station moves, its new unit may revoke it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.errors import BroadcastError, Forbidden
from broadcast.rights import Act
from broadcast.station import Station
from web.services import services
from web.shell import lookups
from web.shell.access import actor, current_rights, db_reading, db_writing, needs, now, today
from web.shell.forms import Form
from web.stations import feed_acts


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tram/<code>/lich-dien-thoai", view_func=feeds)
    blueprint.add_url_rule("/tram/<code>/lich-dien-thoai", view_func=feeds_submit, methods=["POST"])
    blueprint.add_url_rule("/tram/<code>/lich-dien-thoai/<int:feed_id>/thu-hoi", view_func=revoke)
    blueprint.add_url_rule(
        "/tram/<code>/lich-dien-thoai/<int:feed_id>/thu-hoi", view_func=revoke_submit, methods=["POST"]
    )


def listed(station: Station) -> dict[str, Any]:
    """What `stations/_feeds.html` shows; no list for whoever may not make links."""
    return {"feeds": feed_acts.living_feeds(db_reading(), station) if _may(station) else None}


@needs(Act.READ)
def feeds(code: str) -> ResponseReturnValue:
    return _page(_tended(db_reading(), code), Form())


@needs(Act.READ)
def feeds_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    station = _tended(db_reading(), code)
    name = form.text("feed_name", "tên người dùng hoặc máy dùng", longest=100)
    if form.errors:
        return _page(station, form)
    try:
        with db_writing() as session:
            station = _tended(session, code)
            unit_id = lookups.unit_of_station(station, today())
            token = feed_acts.make_feed(session, actor(), station, name, unit_id=unit_id, now=now())
    except BroadcastError as error:
        form.take(error)
        return _page(station, form)
    answer = make_response(_page(station, Form(), token))
    answer.headers["Cache-Control"] = "private, no-store"  # in the answer itself and nowhere else
    return answer


@needs(Act.READ)
def revoke(code: str, feed_id: int) -> ResponseReturnValue:
    session = db_reading()
    found = feed_acts.feed_of(session, _tended(session, code), feed_id)
    return render_template(
        "confirm.html",
        title=f"Thu hồi đường dẫn lịch “{found.name}”",
        sentences=["Lịch trên những máy dùng đường dẫn này sẽ không cập nhật nữa. Đường dẫn khác vẫn dùng được."],
        action=url_for("stations.revoke_submit", code=code, feed_id=feed_id),
        button="Thu hồi",
        back=url_for("stations.page", code=code, _anchor="lich-dien-thoai"),
    )


@needs(Act.READ)
def revoke_submit(code: str, feed_id: int) -> ResponseReturnValue:
    with db_writing() as session:
        station = _tended(session, code)
        found = feed_acts.feed_of(session, station, feed_id)
        unit_id = lookups.unit_of_station(station, today())
        feed_acts.end_feed(session, actor(), station, found, unit_id=unit_id, now=now())
    flash(f"Đã thu hồi đường dẫn lịch “{found.name}”.", "good")
    return redirect(url_for("stations.page", code=code, _anchor="lich-dien-thoai"))


def _may(station: Station) -> bool:
    unit_id = lookups.unit_of_station(station, today())
    rights = current_rights()
    return unit_id is not None and any(rights.may(act, unit_id) for act in (Act.WRITE, Act.ADMINISTER))


def _tended(session: Session, code: str) -> Station:
    """Raises NotFound outside one's subtree, Forbidden for whoever may only read there."""
    station = lookups.station(session, code)
    if not _may(station):
        raise Forbidden("Tài khoản của bạn không có quyền cấp hay thu hồi đường dẫn lịch của trạm này.")
    return station


def _page(station: Station, form: Form, token: str | None = None) -> ResponseReturnValue:
    settings = services().settings
    server = settings.public_url or f"{request.scheme}://{urlsplit(request.host_url).netloc}"
    link = server.rstrip("/") + url_for("stations.feed", token=token) if token else None
    return render_template("stations/feeds.html", station=station, form=form, link=link, **listed(station)), form.status
