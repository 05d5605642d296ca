"""What a change of the lexicon, or of a unit's values, does to bulletins that wait and to those that air.

Decided first, over a session that only reads (`touched_by`); then carried out (`carry_out`): what waits is made to
sound anew, what was approved goes on airing as it was approved and is flagged (`Rendering.outdated_at`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from audio.lexicon_desk import Change, Desk, Touched, revisions_of, texts
from audio.outdated import flag, flag_sounds, outdated_sounds
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.config import Settings
from broadcast.standing import WAITING
from broadcast.writing import order_again

__all__ = ["Change", "Done", "Impact", "Touched", "carry_out", "flag_changed_readings", "newly_said", "touched_by"]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change touches. `uncounted`: texts with the written form in them that nobody looked at any more."""

    touched: tuple[Touched, ...] = ()
    uncounted: int = 0

    @property
    def waiting(self) -> list[Touched]:
        return [each for each in self.touched if not each.airs]

    @property
    def outdated(self) -> list[Touched]:
        return [each for each in self.touched if each.airs and each.is_outdated]

    def parts(self, size: int) -> Iterator[Impact]:
        """The same in parts of at most `size` texts, at least one: no transaction is to last long."""
        for start in range(0, max(1, len(self.touched)), size):
            yield Impact(self.touched[start : start + size])

    @property
    def mended(self) -> list[Touched]:
        """On air and flagged so far: with the change they are said again as they sound."""
        return [each for each in self.touched if each.airs and not each.is_outdated]


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out: bulletins that get new sound; how many were flagged, and lost their flag."""

    sounding_anew: tuple[Bulletin, ...]
    flagged: int
    cleared: int


def touched_by(session: Session, settings: Settings, now: datetime, change: Change, most: int | None = None) -> Impact:
    """Which waiting and airing bulletins `change` touches; exact for the `most` newest that have the written form."""
    desk = Desk(session, settings, now, change)
    wanted = [text for text in texts(session, now) if desk.may_touch(text)]
    looked_at = wanted if most is None else wanted[:most]
    revisions = revisions_of(session, {text.revision_id for text in looked_at})
    found = (desk.compare(revisions[text.revision_id]) for text in looked_at)
    return Impact(tuple(each for each in found if each is not None), len(wanted) - len(looked_at))


def carry_out(session: Session, impact: Impact, now: datetime, *, by_id: int) -> Done:
    """Does what `impact` says, on the rows as they are by now; the change itself is written already.

    `by_id`: the person who made the change, and may not approve what sounds otherwise through it.
    """
    ids = {touched.bulletin.id for touched in impact.touched}
    asked = select(Bulletin.id).where(Bulletin.id.in_(ids), Bulletin.withdrawn_at.is_(None)).order_by(Bulletin.id)
    held = set(session.scalars(asked.with_for_update()))
    session.scalars(select(Bulletin).where(Bulletin.id.in_(held)).options(selectinload(Bulletin.revisions))).all()
    revisions = revisions_of(session, {touched.revision.id for touched in impact.touched})
    anew: list[Bulletin] = []
    flagged = cleared = 0
    for touched in impact.touched:
        if touched.bulletin.id not in held:
            continue
        revision = revisions[touched.revision.id]
        if not revision.approvals:
            if revision.state in WAITING and revision.bulletin.latest is revision:
                order_again(session, revision, {sound.unit_id for sound in touched.sounds}, now, by_id=by_id)
                anew.append(revision.bulletin)
            continue
        # Also what was approved between the look and the act: it was not read with the change.
        sounds = {sound.id: sound for sound in revision.renderings}
        told = [flag(sounds[one.rendering_id], one.is_outdated or not touched.airs, now) for one in touched.sounds]
        flagged += True in told
        cleared += True not in told and False in told
    session.flush()
    return Done(tuple(anew), flagged, cleared)


def flag_changed_readings(
    session: Session,
    settings: Settings,
    now: datetime,
    unit_ids: Collection[int] | None = None,
    among: Collection[int] | None = None,
) -> int:
    """Looks at what airs and is said by one of `unit_ids` or below (None: by anybody): is it said otherwise today?
    `among`: the ids of the only revisions that can be touched (None: of all).

    Sets and clears `Rendering.outdated_at`. Returns how many bulletins are newly flagged. A sound of which nobody knows
    what was said (a recording) stays as it is. To be called when a unit's name or values change; reads each text whole.
    """
    return flag_sounds(session, outdated_sounds(session, settings, now, unit_ids, among), now)


def newly_said(session: Session, settings: Settings, now: datetime, revision: Revision, sound: Rendering) -> list[str]:
    """What a voice would be given today for `sound`; nothing where it cannot be said at all any more."""
    desk = Desk(session, settings, now, Change())
    return desk.says(revision, desk.speaker(revision.bulletin, sound.unit_id or revision.bulletin.unit_id)) or []
