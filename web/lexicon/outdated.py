"""Bulletins on air that are said otherwise by now: which, what differs, and making them sound anew to be approved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.errors import BroadcastError, Conflict
from broadcast.rights import Act
from broadcast.writing import revise
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.aired import Aired, said_today
from web.bulletins.deciders import costs_of_writing
from web.shell import lookups
from web.shell.access import current_rights, db_reading, db_writing, needs, now, scope_units, today
from web.shell.formats import vn_number

MOST_AT_ONCE = 50


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tu-dien/doc-cu", view_func=outdated_index)
    blueprint.add_url_rule("/tu-dien/doc-cu", view_func=render_all_anew, methods=["POST"])
    blueprint.add_url_rule("/tu-dien/doc-cu/<code>", view_func=outdated)
    blueprint.add_url_rule("/tu-dien/doc-cu/<code>", view_func=render_anew, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sentences behind each other that are all said otherwise now, or all as they were."""

    differs: bool
    pairs: tuple[Aired, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences as one unit's sound has them, and as they would be said today."""

    unit_name: str
    stretches: tuple[Stretch, ...]

    @property
    def changed(self) -> int:
        return sum(len(each.pairs) for each in self.stretches if each.differs)


def outdated_sounds(bulletin: Bulletin) -> list[Rendering]:
    """Those on air that are said otherwise by now."""
    revision = bulletin.airing_revision
    if revision is None or bulletin.state_on(today()) in {State.WITHDRAWN, State.EXPIRED}:
        return []
    return [sound for sound in revision.newest_renderings if sound.outdated_at is not None]


def flagged(session: Session, unit_ids: Collection[int]) -> list[Bulletin]:
    """Bulletins of these units that air and are said otherwise by now, the longest so first."""
    found = session.scalars(
        select(Bulletin)
        .join(Revision, Revision.bulletin_id == Bulletin.id)
        .join(Rendering, Rendering.revision_id == Revision.id)
        .where(Rendering.outdated_at.is_not(None), Bulletin.unit_id.in_(unit_ids), Bulletin.withdrawn_at.is_(None))
        .distinct()
        .options(
            joinedload(Bulletin.unit),
            selectinload(Bulletin.revisions).options(
                selectinload(Revision.approvals), selectinload(Revision.renderings), joinedload(Revision.author)
            ),
        )
    )
    since = {bulletin: sounds[0].outdated_at for bulletin in found if (sounds := outdated_sounds(bulletin))}
    return sorted(since, key=lambda bulletin: (since[bulletin], bulletin.id))


def is_being_mended(bulletin: Bulletin) -> bool:
    """Whether a newer revision waits already: it sounds as it is said now."""
    return bulletin.latest is not bulletin.airing_revision


@needs(Act.READ)
def outdated_index() -> ResponseReturnValue:
    bulletins = flagged(db_reading(), scope_units())
    writable = current_rights().units(Act.WRITE)
    return render_template(
        "lexicon/outdated_list.html",
        bulletins=bulletins,
        since={bulletin.id: outdated_sounds(bulletin)[0].outdated_at for bulletin in bulletins},
        writable=writable,
        is_being_mended=is_being_mended,
        may_make=[each for each in bulletins if each.unit_id in writable and not is_being_mended(each)],
    )


@needs(Act.READ)
def outdated(code: str) -> ResponseReturnValue:
    """What differs, sentence by sentence, and the button that mends it."""
    session = db_reading()
    bulletin = lookups.bulletin(session, code)
    sounds = outdated_sounds(bulletin)
    if not sounds:
        return redirect(url_for("bulletins.show", code=code))
    return render_template(
        "lexicon/outdated.html",
        bulletin=bulletin,
        since=sounds[0].outdated_at,
        differences=_differences(session, bulletin, sounds),
        may_write=current_rights().may(Act.WRITE, bulletin.unit_id),
        costs=costs_of_writing(session, bulletin.unit_id, bulletin),
        mended=is_being_mended(bulletin),
    )


def _differences(session: Session, bulletin: Bulletin, sounds: list[Rendering]) -> list[Difference]:
    """Of the first few units: the rest differ alike."""
    revision = bulletin.airing_revision
    assert revision is not None
    return [
        Difference(
            (sound.unit or bulletin.unit).name,
            tuple(
                Stretch(differs, tuple(pairs))
                for differs, pairs in groupby(said_today(session, revision, sound), lambda pair: pair.differs)
            ),
        )
        for sound in sounds[:4]
    ]


@needs(Act.WRITE)
def render_anew(code: str) -> ResponseReturnValue:
    """The same text as a new revision, made to sound as it is said now; until it is approved the old one airs."""
    with db_writing() as session:
        _render_anew(session, code)
    flash("Đang dựng lại âm thanh theo cách đọc mới. Dựng xong, hãy nghe rồi bấm Gửi duyệt.", "good")
    return redirect(url_for("bulletins.edit", code=code))


@needs(Act.WRITE)
def render_all_anew() -> ResponseReturnValue:
    """The same for those that were ticked; one that cannot be does not stop the others."""
    codes = list(dict.fromkeys(request.form.getlist("ban_tin")))[:MOST_AT_ONCE]
    made, refused = 0, list[str]()
    for code in codes:
        try:
            with db_writing() as session:
                _render_anew(session, code)
            made += 1
        except BroadcastError as error:
            refused.append(error.message_vi)
    if made:
        told = f"Đang dựng lại {vn_number(made)} bản tin. Dựng xong, hãy nghe từng bản rồi gửi duyệt."
        flash(told, "good")
    for sentence in dict.fromkeys(refused):
        flash(sentence, "bad")
    if not codes:
        flash("Hãy đánh dấu ít nhất một bản tin.", "warn")
    return redirect(url_for("lexicon.outdated_index"))


def _render_anew(session: Session, code: str) -> None:
    bulletin = bulletin_to_change(session, code, Act.WRITE)
    if is_being_mended(bulletin):
        raise Conflict(f"“{bulletin.title}” đang có bản sửa chờ xong; duyệt bản ấy là đủ.")
    if not outdated_sounds(bulletin):
        raise Conflict(f"“{bulletin.title}” đang phát đúng cách đọc hiện nay, không phải dựng lại.")
    latest = bulletin.latest
    revision = revise(
        session, bulletin, me(session), now(),
        title=latest.title, script=latest.script, read_as_is=latest.read_as_is, again=True,
    )  # fmt: skip
    note(session, bulletin, "render_again", revision=revision.number)
