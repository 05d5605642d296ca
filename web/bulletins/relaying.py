"""Bản tin tiếp sóng: a stream relayed for some minutes, written, handed over and approved like any other bulletin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.bulletin import Bulletin, BulletinClass, Revision, State
from broadcast.errors import BroadcastError, Conflict
from broadcast.relays import MOST_MINUTES, stream_address
from broadcast.rights import Act
from broadcast.writing import revise
from web.bulletins.acting import bulletin_to_change, day_text, me, note
from web.bulletins.beginning import begin
from web.bulletins.changing import describe_anew, refuse_change
from web.bulletins.deciders import costs_of_writing, sent_back
from web.bulletins.forms import CLASSES, FIELDS, Typed, home_unit, read_facts, writable_units
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, db_writing, needs, now, today
from web.shell.forms import Form

_MOST_FALLBACKS = 100


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/ban-tin/tiep-song/moi", view_func=relay)
    blueprint.add_url_rule("/ban-tin/tiep-song/moi", view_func=relay_submit, methods=["POST"])
    blueprint.add_url_rule("/ban-tin/<code>/tiep-song", view_func=relay_edit)
    blueprint.add_url_rule("/ban-tin/<code>/tiep-song", view_func=relay_edit_submit, methods=["POST"])


@dataclass(frozen=True)
class Relay:
    """What is relayed; `fallback` is the hash of the sound that airs where the stream cannot be had."""

    url: str
    minutes: int
    fallback: str | None

    @property
    def columns(self) -> dict[str, Any]:
        return {"relay_url": self.url, "relay_minutes": self.minutes, "relay_fallback_sha256": self.fallback}


@needs(Act.WRITE)
def relay() -> ResponseReturnValue:
    defaults = {"unit": home_unit().code, "class": BulletinClass.NORMAL.value, "relay_minutes": 15}
    return _page(Form(None, **defaults), None)


@needs(Act.WRITE)
def relay_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed, stream = read_facts(form), _read(db_reading(), form, None)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    if form.errors:
        return _page(form, None)
    with db_writing() as session:
        bulletin = begin(session, typed, code_of_unit)
        title = typed.title
        revision = revise(session, bulletin, me(session), now(), title=title, content="relay", **stream.columns)
        note(session, bulletin, "write", revision=revision.number, stream=stream.url)
        code = bulletin.code
    flash("Đã lưu bản tin tiếp sóng. Xem lại rồi bấm Gửi duyệt.", "good")
    return redirect(url_for("bulletins.show", code=code))


@needs(Act.WRITE)
def relay_edit(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    if bulletin.latest.content != "relay" or bulletin.state_on(today()) in {State.WITHDRAWN, State.SUBMITTED}:
        return redirect(url_for("bulletins.show", code=code))
    return _page(Form(None, **_as_it_is(bulletin)), bulletin)


@needs(Act.WRITE)
def relay_edit_submit(code: str) -> ResponseReturnValue:
    """Saves; another stream, length or fallback is another revision, which has to be approved."""
    form = Form(request.form)
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    typed, stream = read_facts(form), _read(db_reading(), form, bulletin)
    if form.errors:
        return _page(form, bulletin)
    try:
        with db_writing() as session:
            _save(session, code, typed, stream)
    except BroadcastError as error:
        form.take(error)
        return _page(form, bulletin, status=error.status)
    flash("Đã lưu.", "good")
    return redirect(url_for("bulletins.show", code=code))


def _save(session: Session, code: str, typed: Typed, stream: Relay) -> None:
    bulletin = bulletin_to_change(session, code, Act.WRITE)
    if bulletin.latest.content != "relay":
        raise Conflict("Bản tin này không phải bản tin tiếp sóng.")
    refuse_change(session, bulletin, typed)
    revision = revise(
        session, bulletin, me(session), now(), title=typed.title, content="relay", based_on=typed.based_on,
        **stream.columns,
    )  # fmt: skip
    validity = describe_anew(session, bulletin, typed)
    note(session, bulletin, "save", revision=revision.number, **validity, stream=stream.url)


def _read(session: Session, form: Form, bulletin: Bulletin | None) -> Relay:
    url = ""
    try:
        url = stream_address(form.value("relay_url"), private=services().settings.relay_private)
    except BroadcastError as error:
        form.take(error)
    minutes = form.whole("relay_minutes", "số phút tiếp sóng", 1, MOST_MINUTES)
    fallback = form.value("relay_fallback") or None
    if fallback is not None and fallback not in dict(_fallbacks(session, bulletin)):
        form.fail("relay_fallback", "Âm thanh thay thế không còn dùng được. Hãy chọn lại.")
    return Relay(url, minutes, fallback)


def _fallbacks(session: Session, bulletin: Bulletin | None) -> list[tuple[str, str]]:
    """Approved sounds that are the same everywhere, of bulletins of one's own that still air; and the one that is."""
    rows = session.scalars(
        select(Bulletin)
        .where(Bulletin.unit_id.in_(current_rights().units(Act.WRITE)), Bulletin.withdrawn_at.is_(None))
        .where(Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today()))
        .options(selectinload(Bulletin.revisions).selectinload(Revision.approvals))
        .order_by(Bulletin.created_at.desc(), Bulletin.id.desc())
        .limit(_MOST_FALLBACKS)
    )
    found: dict[str, str] = {}
    for each in rows:
        revision = each.airing_revision
        for rendering, approval in revision.approved_sounds if revision is not None else ():
            if rendering.unit_id is None and approval.audio_sha256 is not None:
                found.setdefault(approval.audio_sha256, each.title)
    kept = bulletin.latest.relay_fallback_sha256 if bulletin is not None else None
    if kept is not None:
        found.setdefault(kept, "âm thanh đang chọn")
    return list(found.items())


def _as_it_is(bulletin: Bulletin) -> dict[str, Any]:
    latest = bulletin.latest
    return {
        "title": latest.title, "class": bulletin.bulletin_class, "field": bulletin.field, "source": bulletin.source,
        "valid_from": day_text(bulletin.valid_from), "valid_until": day_text(bulletin.valid_until),
        "based_on": latest.number, "relay_url": latest.relay_url, "relay_minutes": latest.relay_minutes,
        "relay_fallback": latest.relay_fallback_sha256,
    }  # fmt: skip


def _page(form: Form, bulletin: Bulletin | None, *, status: int | None = None) -> ResponseReturnValue:
    session = db_reading()
    unit_id = bulletin.unit_id if bulletin is not None else home_unit().id
    page = render_template(
        "bulletins/relay.html",
        form=form,
        bulletin=bulletin,
        fallbacks=[("", "không có: trạm im lặng"), *_fallbacks(session, bulletin)],
        most_minutes=MOST_MINUTES,
        costs=costs_of_writing(session, unit_id, bulletin),
        sent_back=sent_back(bulletin) if bulletin is not None else None,
        units=[(unit.code, "\u2003" * depth + unit.name) for unit, depth in writable_units()],
        classes=CLASSES,
        fields=FIELDS,
    )
    return page, status or form.status
