"""Sounds follow what changed around a bulletin: a commune got a station, a unit another value or another name.

What was approved stays as it was approved; only what still waits is made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.commune_sounds import Listening
from broadcast.standing import counts, is_on_air, waits
from broadcast.writing import order_again, order_missing_sounds

TRIED_AGAIN_AFTER = timedelta(days=1)
"""What failed for a while (a full disk, a voice that was away) is no more; what fails for good costs one try a day."""


def order_for_newcomers(session: Session, now: datetime) -> list[Rendering]:
    """Orders the sounds of communes that have a station and none yet, for what is on air and what still waits.

    Cheap where nobody lacks any: only revisions that have sounds of communes are looked at, and of them only ids.
    """
    rows = session.execute(
        select(Rendering.revision_id, Rendering.unit_id, Bulletin.unit_id)
        .join(Revision, Revision.id == Rendering.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(Rendering.unit_id.is_not(None), counts(now), or_(waits(), is_on_air()))
        .distinct()
    ).all()
    if not rows:
        return []
    listening = Listening(session, now)
    home = {revision: unit for revision, _, unit in rows}
    there: dict[int, set[int | None]] = {}
    for revision, unit, _ in rows:
        there.setdefault(revision, set()).add(unit)
    lacking = [revision for revision, unit in home.items() if not there[revision].issuperset(listening.below(unit))]
    return [
        ordered
        for number in sorted(lacking)
        for ordered in order_missing_sounds(session, session.get_one(Revision, number), now)
    ]


def try_again_for_newcomers(session: Session, now: datetime) -> list[Rendering]:
    """Puts back on the list of work what failed a day ago or longer: sounds of communes that came after the approval
    of what is on air. Nobody sits before these; what still waits for its approval has somebody, and a button.

    The order stays the same, its attempts too: it is tried once, and a day later once more.
    """
    newer = aliased(Rendering)
    is_superseded = (
        select(newer.id)
        .where(newer.revision_id == Rendering.revision_id, newer.unit_id == Rendering.unit_id, newer.id > Rendering.id)
        .exists()
    )
    failed = session.execute(
        select(Rendering, Bulletin.unit_id)
        .join(Revision, Revision.id == Rendering.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(
            Rendering.state == "failed",
            Rendering.unit_id.is_not(None),
            Rendering.finished_at <= now - TRIED_AGAIN_AFTER,
            ~is_superseded,
            counts(now),
            is_on_air(),
        )
        .order_by(Rendering.id)
    ).all()
    if not failed:
        return []
    listening = Listening(session, now)
    again = [rendering for rendering, home in failed if rendering.unit_id in listening.below(home)]
    for rendering in again:
        rendering.state, rendering.due_at, rendering.finished_at = "wanted", now, None
    session.flush()
    return again


def order_after_change(
    session: Session,
    units: Collection[int],
    names: Collection[str],
    now: datetime,
    *,
    renamed: bool = False,
    by_id: int | None = None,
) -> list[Rendering]:
    """The values `names` of `units` are others now: orders again what waits for approval and says one of them.

    `renamed`: the units call themselves otherwise, which every sound of theirs begins with. Failed sounds of communes
    that came later are tried again too. `by_id`: who changed it, and may not approve it. Returns the new orders.
    """
    ordered: list[Rendering] = []
    for revision in spoken_by(session, units, now):
        if touched := _touched(revision, units, names, renamed=renamed):
            ordered += order_again(session, revision, touched, now, by_id=by_id)
    return ordered


def said_by_units(session: Session, unit_ids: Iterable[int], now: datetime) -> list[tuple[Revision, int]]:
    """(revision, unit) of each of these units' own sounds, waiting or on air, bulletins of long ago first."""
    units = set(unit_ids)
    return [
        (revision, rendering.unit_id)
        for revision in spoken_by(session, units, now)
        for rendering in revision.newest_renderings
        if rendering.unit_id is not None and rendering.unit_id in units
    ]


def hold_spoken_by(session: Session, units: Collection[int], now: datetime) -> None:
    """Holds the bulletins of `spoken_by` until the transaction ends: whoever decides on one of them meanwhile sees the
    change, or was before it and is seen by it."""
    said = select(Revision.bulletin_id).join(Bulletin, Bulletin.id == Revision.bulletin_id).where(_is_said_by(units))
    asked = select(Bulletin.id).where(Bulletin.id.in_(said), counts(now))
    session.execute(asked.order_by(Bulletin.id).with_for_update())


def spoken_by(session: Session, units: Collection[int], now: datetime) -> list[Revision]:
    """Texts, waiting or on air, that have a sound of one of these units or are theirs, as they are by now."""
    session.flush()
    asked = (
        select(Revision)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(Revision.content == "text", counts(now), or_(waits(), is_on_air()), _is_said_by(units))
        .options(selectinload(Revision.renderings), selectinload(Revision.approvals), joinedload(Revision.bulletin))
        .order_by(Revision.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(asked))


def _is_said_by(units: Collection[int]) -> ColumnElement[bool]:
    return Revision.renderings.any(Rendering.unit_id.in_(units)) | Bulletin.unit_id.in_(units)


def _touched(revision: Revision, units: Collection[int], names: Collection[str], *, renamed: bool) -> list[int | None]:
    """The units (None: everybody) whose sound of `revision` says something else now and is approved by nobody."""
    if not renamed and not set(names).intersection(revision.variables):
        return []
    return [
        rendering.unit_id
        for rendering in revision.newest_renderings
        if (revision.bulletin.unit_id if rendering.unit_id is None else rendering.unit_id) in units
        and rendering.approval_id is None
        and not (rendering.unit_id is None and revision.approvals)
    ]
