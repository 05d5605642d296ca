"""Who speaks on a screen: the unit whose name, values and lexicon a text is read with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audio.speaker import Speaker, speaker_of
from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin, Revision
from broadcast.commune_sounds import Listening, wanted_units
from broadcast.lexicon_readings import all_held, nearest_first
from broadcast.unit import Unit
from broadcast.variables import USUAL, asked_back, values_of, variables_in
from web.bulletins.lengths import stretch_of
from web.bulletins.spoken import Reading, reading_of
from web.shell.access import current_rights, now


@dataclass(frozen=True, slots=True)
class Lacking:
    """A variable of the script, and the units that have no value for it."""

    name: str
    units: tuple[Unit, ...]
    asked_back: str
    """` (Ý bạn là {xã}?)` where it is near a name that is known, else ""."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the editor shows it: read by one of those who will say it, and what the others still lack."""

    reading: Reading
    units: tuple[Unit, ...]
    """All that get a sound of their own; none where the text has no variables."""
    unit_id: int
    """Who is heard."""
    lacking: tuple[Lacking, ...]
    ticked: tuple[str, ...] = ()
    """Keys of the questions that were answered so far, those that another unit asks too."""

    @property
    def ticked_elsewhere(self) -> list[str]:
        """Answers to what the unit that is heard does not ask."""
        asked = {question.key for question in self.reading.questions}
        return [key for key in self.ticked if key not in asked]


def units_of_sounds(session: Session, script: str, unit_id: int) -> list[Unit]:
    """The units that a script of `unit_id` is made to sound for; none where it has no variables."""
    return units_below(session, unit_id) if variables_in(script) else []


def units_below(session: Session, unit_id: int) -> list[Unit]:
    """The units that would each get a sound of their own from a script with variables."""
    tree = current_rights().tree
    return [tree.units[wanted] for wanted in wanted_units(session, unit_id, now())]


def _heard(units: list[int], unit_id: int, shown: int | None) -> int:
    """Who is heard on the screen: of a script with variables the unit `shown`, else the first that gets a sound."""
    return shown if shown is not None and shown in units else next(iter(units), unit_id)


def show_as_said(
    session: Session,
    script: str,
    unit_id: int,
    bulletin: Bulletin | None,
    shown: int | None,
    arrangement: Arrangement,
    answered: Collection[str] = (),
) -> Shown:
    """What the editor shows beside `script`; `answered` are keys of questions that were ticked.

    Raises TooLarge as `reading_of`.
    """
    units = units_of_sounds(session, f"{script}\n{arrangement.closing}", unit_id)
    heard = _heard([unit.id for unit in units], unit_id, shown)
    tree = current_rights().tree
    speaker = speaker_of(session, heard, bulletin.id if bulletin is not None else None, now(), tree)
    values = {unit.id: values_of(tree, unit.id) for unit in units}
    known = tuple(dict.fromkeys([*USUAL, *(name for each in values.values() for name in each)]))
    lacking = [
        Lacking(name, tuple(unit for unit in units if name not in values[unit.id]), asked_back(name, known))
        for name in variables_in(f"{script}\n{arrangement.closing}")
    ]
    return Shown(
        reading_of(script, speaker, arrangement, stretch_of(session), frozenset(answered).__contains__),
        tuple(units),
        heard,
        tuple(each for each in lacking if each.units),
        tuple(answered),
    )


def variables_offered(unit_id: int) -> list[tuple[str, str]]:
    """(name, value or "") of the variables that the editor offers: the usual ones, then the unit's own."""
    values = values_of(current_rights().tree, unit_id)
    return [(name, values.get(name, "")) for name in dict.fromkeys([*USUAL, *sorted(values)])]


def asked_in(session: Session, script: str, unit_id: int, bulletin_id: int | None) -> dict[str, None]:
    """The keys of all that the reader asks about `script`, whoever says it, in order."""
    units = [unit.id for unit in units_of_sounds(session, script, unit_id)] or [unit_id]
    asked: dict[str, None] = {}
    for unit in units:
        speaker = speaker_of(session, unit, bulletin_id, now(), current_rights().tree)
        asked |= dict.fromkeys(question.key for question in reading_of(script, speaker).questions)
    return asked


def ticked_in(
    session: Session, script: str, unit_id: int, bulletin_id: int | None, ticked: Collection[str]
) -> list[str]:
    """The ticks beside questions that are asked: one without says nothing, and would speak for the next one."""
    return [key for key in asked_in(session, script, unit_id, bulletin_id) if key in ticked]


def first_heard(revision: Revision) -> int | None:
    """The unit whose sound stands first; None where there is none yet, or one for everybody."""
    return next((sound.unit_id for sound in revision.sounds), None)


def reading_of_revision(session: Session, revision: Revision, shown: int | None = None) -> Reading | None:
    """How a revision is said, the closing words of a recording too; None where nothing of it is read aloud.

    `shown`: the unit that is heard, see `first_heard`.
    """
    if not revision.is_read_aloud:
        return None
    bulletin = revision.bulletin
    units = units_of_sounds(session, f"{revision.script}\n{revision.closing}", bulletin.unit_id)
    heard = _heard([unit.id for unit in units], bulletin.unit_id, shown)
    speaker = speaker_of(session, heard, bulletin.id, now(), current_rights().tree)
    return reading_of(revision.script, speaker, revision.arrangement, stretch_of(session), revision.has_answered)


def speakers_of_all(session: Session, revision: Revision) -> list[Speaker]:
    """Who says `revision`, as `session` sees it: one for each sound; nobody where nothing of it is read aloud."""
    if not revision.is_read_aloud:
        return []
    bulletin, listening = revision.bulletin, Listening(session, now())
    units = listening.below(bulletin.unit_id) if revision.variables else [bulletin.unit_id]
    tree, held = listening.tree, all_held(session)
    return [
        Speaker(tree.units[unit].name, values_of(tree, unit), nearest_first(held, tree.path(unit), bulletin.id))
        for unit in units
    ]
