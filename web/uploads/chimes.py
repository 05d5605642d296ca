"""Nhạc hiệu: those made by code, those that units brought; heard, added, retired."""

from __future__ import annotations

import io
import wave
from functools import lru_cache

import numpy as np
from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.chime import CHIMES, LABELS_VI, chime_named, opening
from audio.coding import SAMPLE_RATE
from audio.limiting import REFERENCE_LUFS
from audio.measuring import amplitude, loudness_lufs
from audio.own_chime import LONGEST_S, KeptChime
from audio.rendering import ChimeJob, Renderer
from audio.store import MASTER
from broadcast.arrangement import NO_CHIME
from broadcast.audit_event import record
from broadcast.errors import BroadcastError, Busy, Conflict, Invalid, NotFound, TooLarge
from broadcast.rights import Act
from broadcast.upload import Chime
from web.bulletins.arranging import chimes_for
from web.bulletins.forms import home_unit, writable_units
from web.services import services
from web.shell import lookups
from web.shell.access import actor, current_person, current_rights, db_reading, db_writing, let_go, needs, now, require
from web.shell.forms import Form
from web.shell.sounds import store
from web.uploads.arriving import LARGEST_CHIME, MIB, ArrivingFile, arrived
from web.uploads.children import one_of_few
from web.uploads.kinds import refuse_no_sound, shown_name
from web.uploads.recordings import went

_DEADLINE_S = 60.0


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/nhac-hieu", view_func=chimes)
    blueprint.add_url_rule("/nhac-hieu", view_func=chime_submit, methods=["POST"])
    blueprint.add_url_rule("/nhac-hieu/nghe/<name>", view_func=hear)
    blueprint.add_url_rule("/nhac-hieu/<int:number>/ngung", view_func=retire, methods=["POST"])
    blueprint.add_url_rule("/nhac-hieu/<int:number>/dung-lai", view_func=bring_back, methods=["POST"])


@needs(Act.READ)
def chimes() -> ResponseReturnValue:
    return _page(Form(None, unit=home_unit().code if current_rights().may_anywhere(Act.WRITE) else ""))


def _page(form: Form, *, status: int | None = None) -> ResponseReturnValue:
    listed = chimes_for(db_reading(), current_rights().units(Act.READ), retired=True)
    page = render_template(
        "uploads/chimes.html",
        form=form,
        made=[(name, words) for name, words in LABELS_VI.items() if name != NO_CHIME],
        own=[chime for chime in listed if chime.retired_at is None],
        retired=[chime for chime in listed if chime.retired_at is not None],
        writable=current_rights().units(Act.WRITE),
        units=[(unit.code, "\u2003" * depth + unit.name) for unit, depth in writable_units()],
        largest_mb=LARGEST_CHIME // MIB,
        longest_s=LONGEST_S,
    )
    return page, status or form.status


@needs(Act.WRITE)
def chime_submit() -> ResponseReturnValue:
    """The file is decoded, trimmed and levelled by a child of its own before anything is noted."""
    form = Form(request.form)
    name = form.text("name", "tên nhạc hiệu", longest=100)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    arriving = arrived("file")
    if arriving is None:
        form.fail("file", "Hãy chọn tệp nhạc hiệu.")
    if form.errors or arriving is None:
        return _page(form)
    try:
        kept = _made(arriving, shown_name(request.files["file"].filename or ""))
        with db_writing() as session:
            _add(session, code_of_unit, name, kept)
    except (Busy, Invalid, TooLarge, Conflict) as error:
        form.fail("file", error.message_vi)
        return _page(form, status=error.status)
    flash(f"Đã thêm nhạc hiệu “{name}”.", "good")
    return went(url_for("uploads.chimes"))


def _made(arriving: ArrivingFile, name: str) -> KeptChime:
    """Raises Busy where others have theirs made; each takes a process of its own."""
    refuse_no_sound(name, arriving.head, arriving.bytes)
    let_go()
    with one_of_few(), Renderer() as renderer:
        job = ChimeJob(services().settings.data_dir, arriving.path, name)
        return renderer.chime(job, deadline_s=_DEADLINE_S)


def _add(session: Session, code_of_unit: str, name: str, kept: KeptChime) -> None:
    unit = lookups.unit(session, code_of_unit, Act.WRITE)
    same = select(Chime).where(Chime.unit_id == unit.id, Chime.sha256 == kept.sha256, Chime.retired_at.is_(None))
    if (there := session.scalar(same.limit(1))) is not None:
        raise Conflict(f"{unit.name} đã có nhạc hiệu này, tên là “{there.name}”.")
    chime = Chime(
        unit_id=unit.id,
        name=name,
        sha256=kept.sha256,
        duration_ms=kept.duration_ms,
        uploaded_at=now(),
        uploaded_by_id=current_person().id,
    )
    session.add(chime)
    session.flush()
    _note(session, "add", chime)


@needs(Act.WRITE)
def retire(number: int) -> ResponseReturnValue:
    """Bulletins that begin with it keep it; it is offered to no other."""
    with db_writing() as session:
        chime = _to_change(session, number)
        if chime.retired_at is None:
            chime.retired_at = now()
            _note(session, "retire", chime)
        name = chime.name
    flash(f"Đã ngừng dùng nhạc hiệu “{name}”. Bản tin đã chọn nhạc hiệu này không thay đổi.", "good")
    return redirect(url_for("uploads.chimes"))


@needs(Act.WRITE)
def bring_back(number: int) -> ResponseReturnValue:
    with db_writing() as session:
        chime = _to_change(session, number)
        if chime.retired_at is not None:
            chime.retired_at = None
            _note(session, "bring_back", chime)
        name = chime.name
    flash(f"Nhạc hiệu “{name}” lại dùng được.", "good")
    return redirect(url_for("uploads.chimes"))


def _to_change(session: Session, number: int) -> Chime:
    chime = session.get(Chime, number, with_for_update=True)
    if chime is None or not current_rights().may(Act.READ, chime.unit_id):
        raise _not_found()
    require(Act.WRITE, chime.unit_id)
    return chime


def _note(session: Session, act: str, chime: Chime) -> None:
    record(
        session, actor(), act, "chime", chime.id, chime.name, now=now(), unit_id=chime.unit_id,
        detail={"sha256": chime.sha256},
    )  # fmt: skip


@needs(Act.READ)
def hear(name: str) -> Response:
    """One made by code, or the hash of one that the person's own units may use, retired or not."""
    if name in CHIMES:
        return _for_this_person(send_file(io.BytesIO(_wav(name)), mimetype="audio/wav", conditional=True, etag=name))
    units = current_rights().units(Act.READ)
    if name not in {chime.sha256 for chime in chimes_for(db_reading(), units, retired=True)}:
        raise _not_found()
    if not store().has(name, MASTER):
        raise NotFound("Không có tệp âm thanh này trong kho.")
    return _for_this_person(send_file(store().path(name, MASTER), mimetype="audio/flac", conditional=True, etag=name))


def _for_this_person(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _not_found() -> BroadcastError:
    return NotFound("Không tìm thấy nhạc hiệu này, hoặc nhạc hiệu nằm ngoài phạm vi đơn vị của bạn.")


@lru_cache(maxsize=len(CHIMES))
def _wav(name: str) -> bytes:
    """As loud as an uploaded one, so that they can be compared."""
    sound = opening(chime_named(name), SAMPLE_RATE)
    sound = sound * np.float32(amplitude(REFERENCE_LUFS - loudness_lufs(sound, SAMPLE_RATE)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
