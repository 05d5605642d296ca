"""The sound of a bulletin on its page: how far the work is, the player, another try, and who may hear what."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, Revision, order_sound
from broadcast.errors import Conflict, NotFound
from broadcast.rights import Act
from web.bulletins.acting import bulletin_to_change
from web.bulletins.moves import note
from web.shell import lookups
from web.shell.access import current_rights, db_reading, db_writing, needs, now, today
from web.shell.error_pages import referring_path
from web.shell.lookups import units_of_stations
from web.shell.sounds import send_sound


def add_to(blueprint: Blueprint) -> None:
    one = "/ban-tin/<code>"
    blueprint.add_url_rule(f"{one}/am-thanh", view_func=sound_panel)
    blueprint.add_url_rule(f"{one}/dung-lai", view_func=render_again, methods=["POST"])
    blueprint.add_url_rule("/am-thanh/<sha256>.mp3", view_func=sound)


@needs(Act.READ)
def sound_panel(code: str) -> ResponseReturnValue:
    """A part of the page, asked again while the sound is being made."""
    bulletin = lookups.bulletin(db_reading(), code)
    return render_template(
        "bulletins/_sound.html",
        bulletin=bulletin,
        revision=bulletin.latest,
        may_write=current_rights().may(Act.WRITE, bulletin.unit_id),
    )


@needs(Act.WRITE)
def render_again(code: str) -> ResponseReturnValue:
    """Orders the sound once more, after a failure was mended."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        revision = bulletin.latest
        if revision.rendering is not None and revision.rendering.state not in {"failed", "cancelled"}:
            raise Conflict("Âm thanh của bản tin đã có hoặc đang được dựng.")
        order_sound(session, revision, now())
        note(session, bulletin, "render_again", revision=revision.number)
    flash("Đang dựng lại âm thanh.", "good")
    return redirect(referring_path() if request.referrer else url_for("bulletins.show", code=code))


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
