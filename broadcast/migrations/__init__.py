"""Alembic's scripts, and the one call that brings a database to its newest form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from broadcast.db import Database
from broadcast.errors import StorageError


def alembic_config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = database.engine
    return config


def known_revisions() -> set[str]:
    """All forms of the database that this program knows, the newest and those before it."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}


def upgrade(database: Database) -> None:
    """Makes or upgrades the schema. Refuses a database that is newer than this program."""
    script = ScriptDirectory.from_config(alembic_config(database))
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known_revisions():
        raise StorageError("Cơ sở dữ liệu thuộc phiên bản mới hơn chương trình này. Hãy cập nhật chương trình.")
    if current != script.get_current_head():
        command.upgrade(alembic_config(database), "head")
