"""When a better voice arrives, what waits is rendered again; what was approved stays as it was approved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcast.audit_event import SYSTEM, Actor, record
from broadcast.bulletin import Bulletin, Revision, has_closing_words
from broadcast.standing import counts, waits
from broadcast.writing import order_sound


def render_waiting_again(session: Session, now: datetime, *, first: str | None = None, by: Actor = SYSTEM) -> int:
    """Orders new sound for every latest revision that a voice says and nobody approved; how many bulletins that are.

    Of a recording a voice says the closing words. `first` is the voice that is to speak now: what it spoke already, and
    what is still waiting to be made, is left. The new sound needs approval as any other: it is bound to what was heard.
    """
    ordered = 0
    for revision in _not_up_to_date(session, now, first):
        order_sound(session, revision, now)
        bulletin = revision.bulletin
        record(
            session, by, "render_again", "bulletin", bulletin.id, bulletin.title,
            now=now, unit_id=bulletin.unit_id, detail={"revision": revision.number},
        )  # fmt: skip
        ordered += 1
    return ordered


def number_waiting(session: Session, now: datetime, first: str) -> int:
    """How many bulletins `render_waiting_again` would order sound for, to be told before."""
    return len(_not_up_to_date(session, now, first))


def _not_up_to_date(session: Session, now: datetime, first: str | None) -> list[Revision]:
    waiting = session.scalars(
        select(Revision)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(
            waits(),
            or_(Revision.content == "text", has_closing_words() & Revision.upload_id.is_not(None)),
            counts(now),
        )
        .order_by(Revision.id)
    ).all()
    return [revision for revision in waiting if not _is_up_to_date(revision, first)]


def _is_up_to_date(revision: Revision, first: str | None) -> bool:
    rendering = revision.rendering
    if rendering is None:
        return False
    if rendering.state == "wanted":
        return True
    if first is None or rendering.audio is None:
        return False
    if revision.content == "recording":
        return set(rendering.audio.sentence_voices) == {first}
    return rendering.audio.voice == first
