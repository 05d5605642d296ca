"""What every act on a screen needs: the person in the session that writes, its line in the trail, a code for what is
new."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import record
from broadcast.bulletin import Bulletin
from broadcast.person import Person
from broadcast.rights import Act
from broadcast.rule import Rule
from web.shell import lookups
from web.shell.access import actor, current_person, now
from web.shell.formats import vn_date

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # read aloud over the telephone without mistakes
PER_PAGE = 30
FIRST_YEAR, LAST_YEAR = 1945, 2200  # as in web.shell.forms: no calendar may run over its end


def me(session: Session) -> Person:
    """The person of this request, in `session`."""
    return session.get_one(Person, current_person().id)


def bulletin_to_change(session: Session, code: str, act: Act) -> Bulletin:
    """The bulletin, held until the transaction ends: of two who decide at once the second sees what the first did.

    Raises what `lookups.bulletin` raises.
    """
    session.execute(select(Bulletin.id).where(Bulletin.code == code).with_for_update())
    return lookups.bulletin(session, code, act)


def note(session: Session, bulletin: Bulletin, act: str, **detail: Any) -> None:
    """One line of the audit trail, in the transaction of the act."""
    record(
        session,
        actor(),
        act,
        "bulletin",
        bulletin.id,
        bulletin.title,
        now=now(),
        unit_id=bulletin.unit_id,
        detail={"code": bulletin.code, **detail},
    )


def new_code(session: Session, noun: type[Bulletin] | type[Rule], prefix: str, day: date) -> str:
    """`BT-261122-7K3M`: the day and four signs, so that two who write at once never want the same one."""
    while True:
        code = f"{prefix}-{day:%y%m%d}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"
        if session.scalar(select(noun.id).where(noun.code == code)) is None:
            return code


def day_text(day: date | None) -> str:
    """How a field for a day shows it. Not a native date field: on an English system that shows month before day."""
    return vn_date(day) if day is not None else ""


def page_asked(value: str | None) -> int:
    """A page number from the address, 1 for anything else."""
    return max(1, int(value)) if value and value.isascii() and value.isdigit() and len(value) < 7 else 1
