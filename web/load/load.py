"""`broadcast load`: everything of one set-up file or nothing; again = only what changed.

In three steps: everything is checked against the database; what has to be spoken is rendered (minutes, outside any
transaction; a finished sound is kept by its hash and harms nobody if the file fails later); all rows are written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.orders import Sound, sound_of_recording, sound_of_script
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.unit import Unit
from web.commands.reading import read_regular
from web.load.check import Check, author_unit
from web.load.rows import Loaded, Rows
from web.load.setup_file import (
    LARGEST_FILE,
    BulletinTable,
    Moment,
    SetUpFile,
    parse,
)

Tell = Callable[[str], None]


def load(
    database: Database,
    settings: Settings,
    path: Path,
    now: datetime,
    *,
    moment: Moment | None = None,
    tell: Tell = lambda line: None,
    passwords: dict[str, str] | None = None,
) -> Loaded:
    """Loads the file at `path`. Raises Invalid, naming line and field, and has written nothing then.

    `passwords` (login → password) are for the demonstration, whose file has none.
    """
    setup, source = parse(read_regular(path, LARGEST_FILE), moment)
    with database.reading() as session:
        Check(session, setup, source).all()
        wanted = [(index, table) for index, table in enumerate(setup.bulletin) if _needs_sound(session, table)]
        homes = {table.code: _home_name(session, setup, table) for _, table in wanted}
    sounds: dict[str, Sound] = {}
    for index, table in wanted:
        tell(f"Đang dựng âm thanh: {table.title}")
        with source.at("bulletin", index, "script" if table.script is not None else "sound"):
            sounds[table.code] = _sound(settings, table, homes[table.code], path.parent)
    with database.writing() as session:
        Check(session, setup, source).all()  # again: somebody may have been faster
        loader = Rows(session, setup, source, now, settings, sounds, passwords or {})
        loader.all()
    return loader.loaded


def _sound(settings: Settings, table: BulletinTable, home: str, folder: Path) -> Sound:
    if table.script is not None:
        return sound_of_script(settings, table.script, unit_name=home, read_as_is=table.read_as_is)
    assert table.sound is not None
    return sound_of_recording(settings, folder / table.sound)


def _needs_sound(session: Session, table: BulletinTable) -> bool:
    """A new or changed text with an approver: approval covers the sound, so it must be there."""
    if table.relay is not None or (table.approver is None and table.sound is None):
        return False
    bulletin = session.scalar(select(Bulletin).where(Bulletin.code == table.code))
    if bulletin is None or not bulletin.revisions:
        return True
    latest = bulletin.latest
    if table.sound is not None:
        return True  # cheap beside asking whether the file is still the same
    return (latest.title, latest.script) != (table.title, table.script) or not latest.approvals


def _home_name(session: Session, setup: SetUpFile, table: BulletinTable) -> str:
    """The name of the unit that speaks: the bulletin's, else its author's."""
    code = table.unit or author_unit(session, setup, table)
    named = next((unit.name for unit in setup.unit if unit.code == code), None)
    return named or session.scalars(select(Unit.name).where(Unit.code == code)).one()
