"""Mời vào hệ thống: the single-use link with which a person sets a password, the first or a new one."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcast.clock import local_day
from broadcast.errors import NotFound
from broadcast.person import INVITATION_DAYS, Assignment, Invitation, Person, token_hash
from broadcast.rights import Act, Rights


def invite(session: Session, person: Person, now: datetime, by: Person | None = None) -> str:
    """A new single-use token for `person`; older unused ones end. Without `by` it comes from a command."""
    end_invitations(session, person, now)
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            person=person,
            made_by_id=by.id if by is not None else None,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
    )
    session.flush()
    return token


def end_invitations(session: Session, person: Person, now: datetime) -> None:
    """No link that is still open leads into the account of `person` any more."""
    session.execute(
        update(Invitation).where(Invitation.person_id == person.id, Invitation.used_at.is_(None)).values(used_at=now)
    )


def invitation_of(session: Session, token: str, now: datetime) -> Invitation:
    """The open invitation of `token`. Raises NotFound for one that is unknown, used or expired, whose person is
    deactivated or has meanwhile a role where its maker does not administer: it would be a way up."""
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    if (
        invitation is None
        or invitation.used_at is not None
        or invitation.expires_at <= now
        or invitation.person.deactivated_at is not None
        or _is_out_of_reach(session, invitation, now)
    ):
        raise _no_longer_open()
    return invitation


def claim_invitation(session: Session, token: str, now: datetime) -> Person:
    """Whom `token` invites; the link has worked now. Of several who come with it at once, one wins."""
    invitation = invitation_of(session, token, now)
    claimed = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None), Invitation.expires_at > now)
        .values(used_at=now)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise _no_longer_open()
    return invitation.person


def accept_invitation(session: Session, token: str, password: str, now: datetime) -> Person:
    """Claims it and sets the password of the invited person."""
    person = claim_invitation(session, token, now)
    person.set_password(password)
    session.flush()
    return person


def _is_out_of_reach(session: Session, invitation: Invitation, now: datetime) -> bool:
    maker = invitation.made_by
    if maker is None:
        return False
    today = local_day(now)
    reach = Rights.of(session, maker, today).units(Act.ADMINISTER)
    held = session.execute(
        select(Assignment.unit_id, Assignment.until_on).where(Assignment.person_id == invitation.person_id)
    )
    return any(unit not in reach for unit, until_on in held if until_on is None or until_on >= today)


def _no_longer_open() -> NotFound:
    return NotFound("Đường dẫn mời đã dùng, đã hết hạn hoặc không đúng. Hãy xin quản trị viên một đường dẫn mới.")
