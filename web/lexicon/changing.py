"""One change of the lexicon from a screen: what it touches is looked at, then it is written and carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from audio.lexicon_changes import Change, Impact, carry_out, touched_by
from broadcast.audit_event import record
from broadcast.bulletin import Bulletin
from broadcast.lexicon_entry import Kind, LexiconEntry
from broadcast.rights import Act
from web.bulletins.acting import note
from web.lexicon.places import in_words
from web.services import services
from web.shell.access import actor, current_person, current_rights, db_reading, db_writing, now
from web.shell.formats import vn_number

MOST_SHOWN = 100
"""Texts that are read before one is asked: some seconds of work for a word that stands in everything."""
AT_ONCE = 40
"""Bulletins a transaction: nobody else writes meanwhile."""


def impact_of(change: Change, most: int | None = MOST_SHOWN) -> Impact:
    return touched_by(db_reading(), services().settings, now(), change, most)


def carry(change: Change, act: str, write: Callable[[Session], LexiconEntry]) -> str:
    """Writes the change and does what follows from it. What was done, as sentences for the one who did it.

    `write` makes the change in the session it is given and returns the entry that the trail speaks of.
    """
    impact = impact_of(change, None)
    first, *rest = impact.parts(AT_ONCE)
    with db_writing() as session:
        entry = write(session)
        done = carry_out(session, first, now(), by_id=current_person().id)
        _note(session, entry, act, change, impact)
        _note_anew(session, done.sounding_anew, entry.written)
    for part in rest:
        with db_writing() as session:
            done = carry_out(session, part, now(), by_id=current_person().id)
            _note_anew(session, done.sounding_anew, entry.written)
    return told(impact)


def told(impact: Impact) -> str:
    """What the change did to bulletins, in one or two sentences."""
    sentences = []
    if impact.waiting:
        sentences.append(f"{vn_number(len(impact.waiting))} bản tin chưa duyệt đang được dựng lại âm thanh.")
    if impact.outdated:
        sentences.append(
            f"{vn_number(len(impact.outdated))} bản tin đã duyệt vẫn phát như cũ và được đánh dấu để dựng lại."
        )
    if impact.mended:
        sentences.append(f"{vn_number(len(impact.mended))} bản tin đã duyệt lại đọc đúng như âm thanh đang phát.")
    return " ".join(sentences) or "Không bản tin nào phải dựng lại."


def readable(bulletin: Bulletin) -> bool:
    """May the person know of it? What holds everywhere touches bulletins of others too."""
    return current_rights().may(Act.READ, bulletin.unit_id)


def _note(session: Session, entry: LexiconEntry, act: str, change: Change, impact: Impact) -> None:
    detail: dict[str, Any] = {
        "spoken": entry.spoken,
        "reading_kind": Kind(entry.kind).label if entry.kind in set(Kind) else entry.kind,
        "holds": in_words(entry.unit, entry.bulletin),
        "sounding_anew": len(impact.waiting) or None,
        "flagged": len(impact.outdated) or None,
        "unflagged": len(impact.mended) or None,
    }
    if act == "change" and change.ended is not None:
        detail["before"] = {"written": change.ended.written, "spoken": change.ended.spoken}
    unit_id = entry.bulletin.unit_id if entry.bulletin is not None else entry.unit_id
    record(session, actor(), act, "lexicon", entry.id, entry.written, now=now(), unit_id=unit_id, detail=detail)


def _note_anew(session: Session, bulletins: tuple[Bulletin, ...], written: str) -> None:
    for bulletin in bulletins:
        note(session, bulletin, "reread", revision=bulletin.latest.number, word=written)
