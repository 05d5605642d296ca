"""Which readings hold for a text: those of its bulletin, of the nearest unit, of everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from broadcast.bulletin import Bulletin
from broadcast.lexicon_entry import Held, LexiconEntry
from broadcast.unit import UnitTree


def entries_for(
    session: Session, tree: UnitTree, unit_id: int, bulletin_id: int | None = None
) -> tuple[tuple[str, str, str], ...]:
    """(written, spoken, kind) of what holds now for a text of `unit_id`: the bulletin's own first, then the nearest
    unit's, those of everywhere last; of two for the same written form only the first.
    """
    path = tree.path(unit_id)
    at = or_(
        LexiconEntry.unit_id.in_(path),
        LexiconEntry.unit_id.is_(None) & LexiconEntry.bulletin_id.is_(None),
    )
    if bulletin_id is not None:
        at = or_(at, LexiconEntry.bulletin_id == bulletin_id)
    rows = session.scalars(select(LexiconEntry).where(LexiconEntry.ended_at.is_(None), at)).all()
    return nearest_first((row.held for row in rows), path, bulletin_id)


def nearest_first(
    all_held: Iterable[Held], path: Sequence[int], bulletin_id: int | None
) -> tuple[tuple[str, str, str], ...]:
    """`entries_for` over readings that are at hand: those that hold for `path` (a unit, its parent, …) and bulletin."""

    def distance(held: Held) -> tuple[int, int]:
        if held.place.bulletin_id is not None:
            return (-1, -held.number)
        return (path.index(held.place.unit_id) if held.place.unit_id is not None else len(path), -held.number)

    def holds(held: Held) -> bool:
        if held.place.bulletin_id is not None:
            return held.place.bulletin_id == bulletin_id
        return held.place.unit_id is None or held.place.unit_id in path

    found: list[tuple[str, str, str]] = []
    exact: set[str] = set()
    folded: dict[str, int] = {}  # written form in small letters → how far off the entry is that covers any case of it
    for held in sorted(filter(holds, all_held), key=distance):
        far, key = distance(held)[0], held.written.casefold()
        # One that takes any case hides what lies farther off, in whatever case that is written.
        if held.written in exact or folded.get(key, far) < far or (held.any_case and key in folded):
            continue
        exact.add(held.written)
        if held.any_case:
            folded[key] = far
        found.append((held.written, held.spoken, held.kind))
    return tuple(found)


def all_held(session: Session) -> list[Held]:
    """Every reading that holds now, anywhere."""
    return [row.held for row in session.scalars(select(LexiconEntry).where(LexiconEntry.ended_at.is_(None)))]


def list_entries(
    session: Session, unit_ids: Collection[int], bulletins_of: Collection[int], *, ended: bool = False
) -> list[LexiconEntry]:
    """Those of everywhere, of `unit_ids` and of the bulletins of the units `bulletins_of`; the newest first.

    `ended`: those that hold no longer instead, the last ended first.
    """
    query = (
        select(LexiconEntry)
        .outerjoin(Bulletin, Bulletin.id == LexiconEntry.bulletin_id)
        .where(
            or_(
                LexiconEntry.unit_id.is_(None) & LexiconEntry.bulletin_id.is_(None),
                LexiconEntry.unit_id.in_(unit_ids),
                Bulletin.unit_id.in_(bulletins_of),
            )
        )
        .options(
            joinedload(LexiconEntry.unit),
            joinedload(LexiconEntry.bulletin),
            joinedload(LexiconEntry.created_by),
            joinedload(LexiconEntry.ended_by),
        )
    )
    if ended:
        query = query.where(LexiconEntry.ended_at.is_not(None)).order_by(LexiconEntry.ended_at.desc())
    else:
        query = query.where(LexiconEntry.ended_at.is_(None)).order_by(LexiconEntry.created_at.desc())
    return list(session.scalars(query.order_by(LexiconEntry.id.desc())))
