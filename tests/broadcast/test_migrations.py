"""The migrations and the models say the same, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from broadcast.arrangement import Arrangement
from broadcast.audit_event import SYSTEM, AuditEvent, record
from broadcast.bulletin import Revision
from broadcast.db import Database
from broadcast.errors import StorageError
from broadcast.migrations import alembic_config, upgrade


def test_the_head_of_the_migrations_equals_the_models(database: Database) -> None:
    command.check(alembic_config(database))


def test_downgrading_and_upgrading_leads_back_to_the_models(database: Database) -> None:
    command.downgrade(alembic_config(database), "base")
    upgrade(database)
    command.check(alembic_config(database))


def test_what_was_written_before_an_upgrade_is_there_after_it(database: Database) -> None:
    command.downgrade(alembic_config(database), "0001")
    with database.engine.begin() as connection:
        for row in _A_BULLETIN_OF_THE_FIRST_TABLES:
            connection.execute(text(row))
    try:
        upgrade(database)
        with database.reading() as session:
            revision = session.scalars(select(Revision).order_by(Revision.id)).first()
            assert revision is not None
            assert revision.says_the_same(revision)
            assert (revision.script, revision.arrangement) == ("Kính mời bà con.", Arrangement())
            assert (revision.rendering.state, revision.rendering.unit_id) == ("wanted", None)
            recording = session.get_one(Revision, 3)
            assert recording.arrangement == Arrangement(chime="none"), "as it sounds: nothing was ever around it"
            sounds = session.connection().execute(text("SELECT id, approval_id FROM rendering ORDER BY id"))
            assert [tuple(row) for row in sounds] == [(1, None), (2, 7), (3, None)], "heard, and made anew since"
    finally:
        with database.engine.begin() as connection:
            for table in ("rendering", "approval", "revision", "audio_asset", "bulletin", "person", "unit"):
                connection.execute(text(f"DELETE FROM {table}"))


_A_BULLETIN_OF_THE_FIRST_TABLES = (
    (
        "INSERT INTO unit (id, code, name, kind, variables, created_at)"
        " VALUES (1, 'TC', 'Huyện', 'huyện', '{}', '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO person (id, login, name, session_epoch, created_at)"
        " VALUES (1, 'lan', 'Lan', 0, '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO bulletin (id, code, unit_id, title, class, language, field, campaign, source, created_at,"
        " created_by_id) VALUES (1, 'B1', 1, 'Mời họp', 'normal', 'vi', '', '', '', '2026-01-01 00:00:00', 1)"
    ),
    (
        "INSERT INTO revision (id, bulletin_id, number, title, content, script, read_as_is, author_id, created_at,"
        " state) VALUES (1, 1, 1, 'Mời họp', 'text', 'Kính mời bà con.', false, 1, '2026-01-01 00:00:00', 'draft')"
    ),
    (
        "INSERT INTO rendering (id, revision_id, state, due_at, attempts, sentences_done, sentences_total)"
        " VALUES (1, 1, 'wanted', '2026-01-01 00:00:00', 0, 0, 0)"
    ),
    (
        "INSERT INTO revision (id, bulletin_id, number, title, content, script, read_as_is, author_id, created_at,"
        " state) VALUES (2, 1, 2, 'Mời họp', 'text', 'Mời bà con.', false, 1, '2026-01-01 00:00:00', 'approved')"
    ),
    (
        "INSERT INTO revision (id, bulletin_id, number, title, content, script, read_as_is, author_id, created_at,"
        " state) VALUES (3, 1, 3, 'Mời họp', 'recording', '', false, 1, '2026-01-01 00:00:00', 'draft')"
    ),
    *(
        "INSERT INTO audio_asset (sha256, bytes, duration_ms, lufs, true_peak_db, media_type, voice, sentence_voices,"
        f" created_at) VALUES ('{sha256}', 1, 1, -16, -2, 'audio/mpeg', 'tone', '[]', '2026-01-01 00:00:00')"
        for sha256 in ("aa", "bb")
    ),
    (
        "INSERT INTO approval (id, revision_id, text_sha256, audio_sha256, approved_by_id, approved_by_name,"
        " approved_at, via, heard_ms) VALUES (7, 2, 'cc', 'aa', 1, 'Lan', '2026-01-01 00:00:00', 'screen', 1)"
    ),
    *(
        "INSERT INTO rendering (id, revision_id, state, due_at, attempts, sentences_done, sentences_total,"
        f" audio_sha256) VALUES ({number}, 2, 'ready', '2026-01-01 00:00:00', 1, 1, 1, '{sha256}')"
        for number, sha256 in ((2, "aa"), (3, "bb"))
    ),
)


def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.engine.begin() as connection:
        ours = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    try:
        with pytest.raises(StorageError, match="mới hơn"):
            upgrade(database)
    finally:
        with database.engine.begin() as connection:  # other tests use the same PostgreSQL database
            connection.execute(text("UPDATE alembic_version SET version_num = :ours"), {"ours": ours})


def test_an_instant_comes_back_as_aware_utc_whatever_offset_it_had(session: Session) -> None:
    at = datetime(2026, 2, 17, 5, 30, tzinfo=timezone(timedelta(hours=7)))
    event = record(session, SYSTEM, "thử", "thử", 1, "thử", now=at)
    session.flush()
    session.expire(event)
    assert event.at == at
    assert event.at.tzinfo is UTC
    assert event.at.isoformat() == "2026-02-16T22:30:00+00:00"


def test_a_naive_instant_is_refused(session: Session) -> None:
    session.add(AuditEvent(at=datetime(2026, 2, 17), actor_name="x", act="x", noun="x", noun_id="x", noun_name="x"))  # noqa: DTZ001
    with pytest.raises(Exception, match="naive datetime"):
        session.flush()
