"""A change of units and what follows from it: what airs is read before the transaction, which then takes no time."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.value_changes import Followed, Stale, follow, foresee, words_of
from broadcast.unit import Unit, UnitTree
from web.services import services
from web.shell.access import current_person, current_rights, db_writing, let_go, now


def carry(
    unit_ids: Collection[int], then: Callable[[UnitTree], UnitTree], write: Callable[[Session], None]
) -> Followed:
    """Writes and follows. `then` returns the tree as it will be, `write` makes it so in the session it is given.

    The units are held while it writes. Raises Conflict where others change them again and again.
    """
    current_rights()
    try:
        return _try(unit_ids, then, write)
    except Stale:  # somebody was faster: looked at once more as it stands now
        return _try(unit_ids, then, write)


def _try(unit_ids: Collection[int], then: Callable[[UnitTree], UnitTree], write: Callable[[Session], None]) -> Followed:
    settings = services().settings
    let_go()
    with services().database.reading() as session:
        foreseen = foresee(session, settings, now(), unit_ids, then)
    with db_writing() as session:
        held = select(Unit).where(Unit.id.in_(unit_ids)).order_by(Unit.id).with_for_update(key_share=True)
        session.scalars(held.execution_options(populate_existing=True)).all()
        before = words_of(session, unit_ids, now())
        write(session)
        return follow(session, settings, before, now(), by_id=current_person().id, foreseen=foreseen)
