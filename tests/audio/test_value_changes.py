"""A value that changes while somebody approves: one order of the two, never a sound on air that nobody flagged."""

from __future__ import annotations

import threading
from datetime import datetime

from audio.value_changes import follow, words_of
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.deciding import approve, submit
from broadcast.person import Person
from broadcast.unit import Unit
from tests.communes import Communes, own


def test_a_value_that_changes_while_it_is_approved_flags_what_was_approved(
    database: Database, settings: Settings, now: datetime
) -> None:
    with database.writing() as session:
        communes = Communes(session, now)
        bulletin = communes.sounding()
        for rendering in bulletin.latest.renderings:
            rendering.said = ["Mời bà con gọi số cũ."]
        submit(session, bulletin, communes.author, now)
        number, unit_id, approver_id = bulletin.id, communes.x.id, communes.approver.id

    def change() -> None:
        with database.writing() as session:
            before = words_of(session, [unit_id], now)
            session.get_one(Bulletin, number).revisions  # noqa: B018  # seen before the change, as a page does
            session.get_one(Unit, unit_id).variables = {"điện thoại": "0276 3 999 999"}
            follow(session, settings, before, now, by_id=approver_id)

    changing = threading.Thread(target=change)
    with database.writing() as session:
        held = session.get_one(Bulletin, number, with_for_update=True)
        approver, key = session.get_one(Person, approver_id), held.latest.sound_key
        approve(session, held, approver, now, revision_number=1, audio_sha256=key)
        changing.start()
        changing.join(0.5)
        assert changing.is_alive(), "it waits for whoever decides"
    changing.join(20)
    with database.reading() as session:
        revision = session.get_one(Bulletin, number).latest
        changed = own(revision, session.get_one(Unit, unit_id))
        assert (changed.state, changed.outdated_at) == ("ready", now)
        assert len(revision.renderings) == 2
