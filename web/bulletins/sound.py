"""The sound of a bulletin on its page: how far the work is, stopping it, another try, and who may hear what."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.deciding import hindrance_of, lacks_own_sounds
from broadcast.errors import Conflict, NotFound
from broadcast.rights import Act
from broadcast.writing import cancel_orders, order_again, order_sound
from web.bulletins.acting import bulletin_to_change, note
from web.shell import lookups
from web.shell.access import current_rights, db_reading, db_writing, needs, now, today
from web.shell.error_pages import is_fragment, referring_path
from web.shell.lookups import units_of_stations
from web.shell.sounds import send_sound

WRITABLE = (State.DRAFT.value, State.RETURNED.value, State.APPROVED.value)


def add_to(blueprint: Blueprint) -> None:
    one = "/ban-tin/<code>"
    blueprint.add_url_rule(f"{one}/am-thanh", view_func=sound_panel)
    blueprint.add_url_rule(f"{one}/dung-lai", view_func=render_again, methods=["POST"])
    blueprint.add_url_rule(f"{one}/ngung-dung", view_func=stop_rendering, methods=["POST"])
    blueprint.add_url_rule("/am-thanh/<sha256>.mp3", view_func=sound)


@needs(Act.READ)
def sound_panel(code: str) -> ResponseReturnValue:
    """A part of the page, asked again while the sound is being made."""
    return _panel(code)


def _panel(code: str) -> str:
    bulletin = lookups.bulletin(db_reading(), code)
    return render_template(
        "bulletins/_sound.html",
        bulletin=bulletin,
        revision=bulletin.latest,
        hindrance=hindrance_of(bulletin.latest) if bulletin.latest.state in WRITABLE else "",
        may_write=current_rights().may(Act.WRITE, bulletin.unit_id),
    )


@needs(Act.WRITE)
def render_again(code: str) -> ResponseReturnValue:
    """Orders once more what failed or was stopped; what is ready stays."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        revision, airing = bulletin.latest, bulletin.airing_revision
        ordered = _order_lacking(session, revision)
        if airing is not None and airing is not revision:
            ordered |= _order_lacking(session, airing)  # communes that came after its approval
        if not ordered:
            if revision.newest_renderings and not lacks_own_sounds(revision):
                raise Conflict("Âm thanh của bản tin đã có hoặc đang được dựng.")
            order_sound(session, revision, now())
        note(session, bulletin, "render_again", revision=revision.number)
    return _done(code, "Đang dựng lại âm thanh.")


def _order_lacking(session: Session, revision: Revision) -> bool:
    """Whether anything of `revision` failed or was stopped; it is ordered again."""
    lacking = [each.unit_id for each in revision.newest_renderings if each.state in {"failed", "cancelled", "lacking"}]
    if lacking:
        order_again(session, revision, lacking, now())
    return bool(lacking)


def _done(code: str, words: str) -> ResponseReturnValue:
    """Where scripts run only the panel changes: what is being typed beside it stays."""
    if is_fragment():
        return _panel(code)
    flash(words, "good")
    return redirect(referring_path() if request.referrer else url_for("bulletins.show", code=code))


@needs(Act.WRITE)
def stop_rendering(code: str) -> ResponseReturnValue:
    """Takes back the orders that are not ready."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        revision = bulletin.latest
        if not cancel_orders(session, revision, now()):
            raise Conflict("Không còn âm thanh nào của bản tin này đang dựng.")
        note(session, bulletin, "stop_rendering", revision=revision.number)
    return _done(code, "Đã dừng dựng âm thanh. Những gì đã xong vẫn được giữ.")


@needs(Act.READ)
def sound(sha256: str) -> Response:
    """Heard by whoever may read the bulletin, or a station on which it airs. Answers Range."""
    session = db_reading()
    readable = current_rights().units(Act.READ)
    mine = session.scalar(
        select(Bulletin.id)
        .join(Revision, Revision.bulletin_id == Bulletin.id)
        .where(Bulletin.unit_id.in_(readable), Revision.renderings.any(audio_sha256=sha256))
        .limit(1)
    )
    if mine is None:
        stations = [station for station, unit in units_of_stations(session, today()).items() if unit in readable]
        mine = session.scalar(
            select(Airing.station_id).where(Airing.audio_sha256 == sha256, Airing.station_id.in_(stations)).limit(1)
        )
    if mine is None:
        raise NotFound("Không tìm thấy âm thanh này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn.")
    return send_sound(sha256)
