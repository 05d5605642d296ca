"""The migrations and the models say the same, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.orm import Session

from broadcast.audit_event import SYSTEM, AuditEvent, record
from broadcast.db import Database
from broadcast.errors import StorageError
from broadcast.migrations import alembic_config, upgrade


def test_the_head_of_the_migrations_equals_the_models(database: Database) -> None:
    command.check(alembic_config(database))


def test_downgrading_and_upgrading_leads_back_to_the_models(database: Database) -> None:
    command.downgrade(alembic_config(database), "base")
    upgrade(database)
    command.check(alembic_config(database))


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
