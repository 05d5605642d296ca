"""What a set-up file wants spoken: found by writing its units and stations, and taking that back again.

A bulletin with an approver needs its sounds before its rows are written, since approval covers what was heard: those
of every unit that will have a station once the file is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.jobs import SaidSound, sound_of_recording, sound_of_script
from audio.rendering import Renderer
from audio.speaker import Speaker, speaker_of
from audio.value_changes import Words, words_of
from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin, Revision
from broadcast.commune_sounds import Listening
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.unit import Unit
from broadcast.variables import USUAL, asked_back, fill_in, variables_in
from web.load.check import Check, author_unit
from web.load.made import Sounds, arrangement_of
from web.load.rows import Rows
from web.load.setup_file import BulletinTable, SetUpFile
from web.load.source import Source


@dataclass(frozen=True)
class Wanted:
    """One sound: of the bulletin with this place in the file, for the unit with this code or for everybody (None)."""

    index: int
    unit: str | None
    speaker: Speaker
    arrangement: Arrangement


def make_sounds(
    database: Database,
    settings: Settings,
    setup: SetUpFile,
    source: Source,
    folder: Path,
    now: datetime,
    tell: Callable[[str], None],
) -> Sounds:
    """Speaks all that the file wants spoken. Raises Invalid with line and field, and has written no row then."""
    sounds = Sounds()
    with database.writing() as session:
        wanted = _Search(session, setup, source, settings, now, sounds).all()
        session.rollback()
    with Renderer() as renderer:
        for each in wanted:
            table = setup.bulletin[each.index]
            of_unit = f" ({each.speaker.unit_name})" if each.unit is not None else ""
            tell(f"Đang dựng âm thanh: {table.title}{of_unit}")
            with source.at("bulletin", each.index, "script" if table.script is not None else "sound"):
                sounds.made[table.code, each.unit] = _sound(settings, table, each, folder, renderer)
    return sounds


def _sound(settings: Settings, table: BulletinTable, wanted: Wanted, folder: Path, renderer: Renderer) -> SaidSound:
    if table.script is None:
        assert table.sound is not None  # a relay wants no sound
        return sound_of_recording(
            settings,
            folder / table.sound,
            speaker=wanted.speaker,
            arrangement=wanted.arrangement,
            # Without an approver nothing goes on air before somebody hands it over, and is asked then.
            read_as_is=table.read_as_is or table.approver is None,
            renderer=renderer,
        )
    return sound_of_script(
        settings,
        table.script,
        speaker=wanted.speaker,
        arrangement=wanted.arrangement,
        read_as_is=table.read_as_is,
        renderer=renderer,
    )


class _Search:
    """Over a session that is rolled back."""

    def __init__(
        self, session: Session, setup: SetUpFile, source: Source, settings: Settings, now: datetime, sounds: Sounds
    ) -> None:
        self.session = session
        self.setup = setup
        self.source = source
        self.now = now
        self.sounds = sounds
        Check(session, setup, source).all()
        units = list(session.scalars(select(Unit.id)))
        self.before = words_of(session, units, now)
        Rows(session, setup, source, now, settings, sounds, {}).places()
        self.after = words_of(session, list(session.scalars(select(Unit.id))), now)
        self.listening = Listening(session, now)

    def all(self) -> list[Wanted]:
        return [each for index, table in enumerate(self.setup.bulletin) for each in self._of(index, table)]

    def _of(self, index: int, table: BulletinTable) -> list[Wanted]:
        bulletin = self.session.scalar(select(Bulletin).where(Bulletin.code == table.code))
        code = table.unit or author_unit(self.session, self.setup, table)
        home = self.session.scalars(select(Unit.id).where(Unit.code == code)).one()
        latest = bulletin.latest if bulletin is not None and bulletin.revisions else None
        around = arrangement_of(table, latest)
        if table.sound is not None:
            # cheap beside asking whether the file is still the same
            return [Wanted(index, None, self._speaker(home, bulletin), around)]
        if table.script is None or table.approver is None:
            return []
        units: list[int | None]
        units = [*self.listening.below(home)] if variables_in(f"{table.script}\n{around.closing}") else [None]
        if latest is not None and latest.approvals and _is_as_it_was(latest, table):
            if any(self._says_otherwise(unit or home, latest) for unit in units):
                self.sounds.again.add(table.code)
            else:
                units = _lacking(latest, units)
        speakers = {unit: self._speaker(unit or home, bulletin) for unit in units}
        self._refuse_missing(index, f"{table.script}\n{around.closing}", speakers)
        codes = {unit: self.listening.tree.units[unit].code for unit in units if unit is not None}
        return [
            Wanted(index, None if unit is None else codes[unit], speaker, around) for unit, speaker in speakers.items()
        ]

    def _speaker(self, unit_id: int, bulletin: Bulletin | None) -> Speaker:
        return speaker_of(self.session, unit_id, bulletin.id if bulletin else None, self.now, self.listening.tree)

    def _says_otherwise(self, unit_id: int, revision: Revision) -> bool:
        """The file gives that unit another name or another value that the text says."""
        before: Words | None = self.before.get(unit_id)
        after = self.after[unit_id]
        if before is None:
            return False
        return before.name != after.name or bool(before.changed(after).intersection(revision.variables))

    def _refuse_missing(self, index: int, text: str, speakers: dict[int | None, Speaker]) -> None:
        """Raises Invalid with every unit that has no value for what the text says."""
        missing: dict[str, list[str]] = {}
        for speaker in speakers.values():
            for name in fill_in(text, speaker.values).missing:
                missing.setdefault(name, []).append(speaker.unit_name)
        if missing:
            known = {*USUAL, *(name for speaker in speakers.values() for name in speaker.values)}
            told = "; ".join(
                f"{{{name}}} ở {', '.join(units)}{asked_back(name, sorted(known))}" for name, units in missing.items()
            )
            example = next(iter(missing))
            raise self.source.mistake(
                "bulletin",
                index,
                "script",
                f'chưa có giá trị cho {told}; hãy ghi variables = {{ "{example}" = "…" }} ở [[unit]] đó hoặc cấp trên',
            )


def _is_as_it_was(latest: Revision, table: BulletinTable) -> bool:
    said = (latest.title, latest.script, latest.read_as_is, latest.arrangement)
    return said == (table.title, table.script, table.read_as_is, arrangement_of(table, latest))


def _lacking(revision: Revision, units: list[int | None]) -> list[int | None]:
    """Those whose sound nobody approved; none where one approved sound is for everybody."""
    heard = {rendering.unit_id for rendering, _ in revision.approved_sounds}
    return [] if None in heard else [unit for unit in units if unit not in heard]
