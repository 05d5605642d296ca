"""Which sounds on air say something else than the text says by now: read first, flagged later.

Reading takes seconds for a long text of many communes; setting the flags takes none, so only that is done in a
transaction that writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.lexicon_desk import Change, Desk, revisions_of, texts
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision
from broadcast.config import Settings
from broadcast.unit import UnitTree


def outdated_sounds(
    session: Session,
    settings: Settings,
    now: datetime,
    unit_ids: Collection[int] | None = None,
    among: Collection[int] | None = None,
    tree: UnitTree | None = None,
) -> dict[int, bool]:
    """Rendering id → whether it is said otherwise today, of what airs and is said by one of `unit_ids` or below (None:
    by anybody). `among`: the ids of the only revisions that can be touched (None: of all). `tree`: the units as they
    are to be looked at (None: as they are).

    A sound of which nobody knows what was said (a recording) is not among them. Reads each text whole.
    """
    desk = Desk(session, settings, now, Change(), tree)
    saying = desk.below(unit_ids)
    airing = [text for text in texts(session, now) if text.airs and desk.is_said_by(text, saying)]
    if among is not None:
        airing = [text for text in airing if text.revision_id in among]
    found: dict[int, bool] = {}
    for revision in revisions_of(session, {text.revision_id for text in airing}).values():
        found |= _read(desk, revision, saying)
    return found


def outdated_sounds_of(session: Session, settings: Settings, now: datetime, revision: Revision) -> dict[int, bool]:
    """The same of one approved revision, be it on air or expired."""
    desk = Desk(session, settings, now, Change())
    return _read(desk, revision, desk.below(None)) if revision.is_read_aloud else {}


def _read(desk: Desk, revision: Revision, saying: Collection[int]) -> dict[int, bool]:
    found: dict[int, bool] = {}
    for sound in revision.newest_renderings:
        unit_id = sound.unit_id or revision.bulletin.unit_id
        if sound.said is not None and unit_id in saying:
            found[sound.id] = desk.says(revision, desk.speaker(revision.bulletin, unit_id)) != sound.said
    return found


def flag_sounds(session: Session, found: Mapping[int, bool], now: datetime) -> int:
    """Sets and clears `Rendering.outdated_at` as was `found`. Returns how many bulletins are newly flagged."""
    flagged: set[int] = set()
    for sound in session.scalars(select(Rendering).where(Rendering.id.in_(found)).order_by(Rendering.id)):
        if flag(sound, found[sound.id], now):
            flagged.add(sound.revision_id)
    session.flush()
    return len(flagged)


def flag(sound: Rendering, outdated: bool, now: datetime) -> bool | None:
    """True where the flag is new, False where it was taken away, None where nothing changed."""
    if outdated == (sound.outdated_at is not None):
        return None
    sound.outdated_at = now if outdated else None
    return outdated
