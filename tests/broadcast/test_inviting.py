"""The single-use link, where several come with it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from broadcast.db import Database
from broadcast.errors import NotFound
from broadcast.inviting import claim_invitation, invitation_of, invite
from broadcast.person import Person


def test_of_several_who_come_with_one_link_at_once_one_gets_in(database: Database, now: datetime) -> None:
    with database.writing() as session:
        person = Person(login="lan", name="Lan", created_at=now)
        session.add(person)
        token = invite(session, person, now)
    together = Barrier(6)

    def come(_number: int) -> bool:
        with database.reading() as session:
            invitation_of(session, token, now)
        together.wait(timeout=30)
        try:
            with database.writing() as session:
                claim_invitation(session, token, now).take_password("của một người")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(come, range(6))) == 1
    with database.reading() as session:
        assert session.get_one(Person, person.id).session_epoch == 1
