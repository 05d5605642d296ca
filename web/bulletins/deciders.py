"""Who could approve a bulletin: told before somebody writes themselves out of it (DESIGN §5.6: never the author)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin, Revision, State
from broadcast.person import Assignment, Person
from broadcast.rights import Act, approves_on
from web.shell.access import current_person, current_rights, today


@dataclass(frozen=True)
class WritingCosts:
    """What the person gives up by writing: they may approve here, and will no longer for this bulletin."""

    others: tuple[str, ...]
    """Names of those who could still approve it."""


def deciders(session: Session, unit_id: int, authors: set[int]) -> list[Person]:
    """Who may approve a bulletin of this unit today and did not write it, by name."""
    path = current_rights().tree.path(unit_id)
    return list(
        session.scalars(
            select(Person)
            .join(Assignment, Assignment.person_id == Person.id)
            .where(
                approves_on(today()),
                Assignment.unit_id.in_(path),
                Person.id.not_in(authors),
            )
            .distinct()
            .order_by(Person.name, Person.id)
        )
    )


def changed_reading(session: Session, bulletin: Bulletin, authors: set[int]) -> list[str]:
    """Names of those of `authors` who changed how it is read: an entry of the lexicon, a unit's value or name."""
    ids = {person for revision in bulletin.revisions for person in revision.changed_reading_ids} & authors
    return list(session.scalars(select(Person.name).where(Person.id.in_(ids)).order_by(Person.name)))


def costs_of_writing(session: Session, unit_id: int, bulletin: Bulletin | None) -> WritingCosts | None:
    """None for whoever could not approve it anyway: no approver there, or an author already."""
    person = current_person()
    authors = bulletin.author_ids if bulletin is not None else set()
    if person.id in authors or not current_rights().may(Act.DECIDE, unit_id):
        return None
    return WritingCosts(tuple(other.name for other in deciders(session, unit_id, authors | {person.id})))


def nobody_may_approve(session: Session, bulletin: Bulletin) -> bool:
    """It waits, and all who may approve are its authors."""
    waits = bulletin.withdrawn_at is None and bulletin.latest.state == State.SUBMITTED.value
    return waits and not deciders(session, bulletin.unit_id, bulletin.author_ids)


def sent_back(bulletin: Bulletin) -> Revision | None:
    """The revision that was sent back and not handed over or approved since: its reason still is to be met."""
    for revision in reversed(bulletin.revisions):
        if revision.approvals or revision.state == State.SUBMITTED.value:
            return None
        if revision.returned_at is not None:
            return revision
    return None


def may_discard(bulletin: Bulletin) -> bool:
    """Whether it is a draft of one's own that no approver has seen."""
    return (
        bulletin.withdrawn_at is None
        and bulletin.is_only_draft
        and current_person().id in bulletin.author_ids
        and current_rights().may(Act.WRITE, bulletin.unit_id)
    )
