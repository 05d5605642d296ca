"""Which texts count today, as SQL over `Bulletin` and `Revision`: what waits for its approval, and what is on air."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from broadcast.bulletin import Bulletin, Revision, State
from broadcast.clock import local_day

WAITING = frozenset({State.DRAFT.value, State.SUBMITTED.value, State.RETURNED.value})
"""States of a revision that nobody approved."""


def counts(now: datetime) -> ColumnElement[bool]:
    """Neither withdrawn nor expired."""
    today = local_day(now)
    return Bulletin.withdrawn_at.is_(None) & (Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today))


def waits() -> ColumnElement[bool]:
    """A revision after which none was written, and which nobody approved."""
    later = aliased(Revision)
    newer = select(later.id).where(later.bulletin_id == Revision.bulletin_id, later.number > Revision.number)
    return Revision.state.in_(WAITING) & ~newer.exists()


def is_on_air() -> ColumnElement[bool]:
    """The newest approved revision."""
    later = aliased(Revision)
    newer = select(later.id).where(
        later.bulletin_id == Revision.bulletin_id,
        later.number > Revision.number,
        later.state == State.APPROVED.value,
    )
    return (Revision.state == State.APPROVED.value) & ~newer.exists()
