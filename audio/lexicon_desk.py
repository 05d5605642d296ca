"""The desk where texts that wait or air are read both ways: with the lexicon as it is, and as a change makes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from audio.jobs import said_of
from audio.reading.clean import clean
from audio.speaker import Speaker, lead_in
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision, has_closing_words
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.errors import BroadcastError
from broadcast.lexicon_entry import Held
from broadcast.lexicon_readings import all_held, nearest_first
from broadcast.standing import counts, is_on_air, waits
from broadcast.unit import UnitTree
from broadcast.variables import (
    VARIABLE,
    kind_written_before,
    says_kind_itself,
    values_of,
    variable_name,
    variables_in,
)


@dataclass(frozen=True, slots=True)
class Change:
    """`added` is to hold from now on, `ended` no longer; a correction has both."""

    added: Held | None = None
    ended: Held | None = None

    @property
    def readings(self) -> list[Held]:
        return [held for held in (self.added, self.ended) if held is not None]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A sound of a text that a change touches. `is_outdated`: it sounds otherwise than the text will be said."""

    rendering_id: int
    unit_id: int | None
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """A text that is said otherwise once the change holds. `before`, `after`: the first sentence that differs."""

    bulletin: Bulletin
    revision: Revision
    airs: bool
    """It was approved: it is flagged, or its flag is taken away. Otherwise it waits and gets new sound."""
    unit_name: str
    before: str
    after: str
    sounds: tuple[Otherwise, ...]

    @property
    def is_outdated(self) -> bool:
        return any(sound.is_outdated for sound in self.sounds)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that waits or airs, as a row: what is needed to see whether it is worth reading."""

    bulletin_id: int
    unit_id: int
    revision_id: int
    script: str
    closing: str
    airs: bool

    @property
    def whole(self) -> str:
        return f"{self.script}\n{self.closing}"


def texts(session: Session, now: datetime) -> list[Text]:
    """The newest revision of every bulletin where it waits, and the one that airs; withdrawn and expired ones apart.

    The closing words of a recording are a text too; not of one that waits and came finished from a set-up file, since
    nothing is there to make its sound of.
    """
    airs = is_on_air()
    rows = session.execute(
        select(Bulletin.id, Bulletin.unit_id, Revision.id, Revision.script, Revision.closing, airs)
        .join(Revision, Revision.bulletin_id == Bulletin.id)
        .where(
            counts(now),
            or_(Revision.content == "text", has_closing_words() & or_(Revision.upload_id.is_not(None), airs)),
            or_(airs, waits()),
        )
        .order_by(Bulletin.id.desc(), Revision.number)
    )
    return [Text(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]


def revisions_of(session: Session, ids: Collection[int]) -> dict[int, Revision]:
    """Revision id → revision as it is by now, with all that is looked at, in a few queries instead of some for each."""
    found = session.scalars(
        select(Revision)
        .where(Revision.id.in_(ids))
        .options(
            joinedload(Revision.bulletin).joinedload(Bulletin.unit),
            selectinload(Revision.renderings).joinedload(Rendering.audio),
            selectinload(Revision.approvals),
        )
        .execution_options(populate_existing=True)
    )
    return {revision.id: revision for revision in found}


class Desk:
    """One change laid on it; units, values and entries are read once."""

    def __init__(
        self, session: Session, settings: Settings, now: datetime, change: Change, tree: UnitTree | None = None
    ) -> None:
        self._settings = settings
        self._change = change
        self._tree = tree or UnitTree.on(session, local_day(now))
        self._held = all_held(session)
        ended = change.ended.number if change.ended is not None else None
        self._held_then = [each for each in self._held if each.number != ended]
        if change.added is not None:
            self._held_then.append(change.added)
        self._keys = {squeezed(held.written) for held in change.readings}
        self._values: dict[int, dict[str, str]] = {}

    def may_touch(self, text: Text) -> bool:
        """Cheaply: does a unit within reach say it, and does the written form stand in what it says?"""
        units = self._speakers(text)
        if text.bulletin_id not in self._own_bulletins:
            units &= self._reach
        return any(self._stands_in(text.whole, unit) for unit in units)

    def below(self, unit_ids: Collection[int] | None) -> set[int]:
        """The units and all that inherit from them; None: every unit."""
        return self._tree.units.keys() & (self._tree.units if unit_ids is None else self._tree.below(unit_ids))

    def is_said_by(self, text: Text, unit_ids: Collection[int]) -> bool:
        return not self._speakers(text).isdisjoint(unit_ids)

    def compare(self, revision: Revision) -> Touched | None:
        """Reads the text with the change, for one unit after the other until one says it otherwise than it sounds."""
        airs = bool(revision.approvals)
        sounds = [each for each in revision.newest_renderings if not airs or each.state == "ready"]
        for at, sound in enumerate(sounds):
            told = self._compare_sound(revision, sound, airs)
            if told is not None:
                before, after, outdated = told
                name = self._tree.units[sound.unit_id or revision.bulletin.unit_id].name
                others = self._others(revision, sounds[at + 1 :], airs, outdated)
                first = Otherwise(sound.id, sound.unit_id, outdated)
                difference = _first_difference(before, after)
                return Touched(revision.bulletin, revision, airs, name, *difference, (first, *others))
        return None

    def speaker(self, bulletin: Bulletin, unit_id: int, *, then: bool = False) -> Speaker:
        """As `audio.speaker.speaker_of`; `then`: once the change holds."""
        entries = nearest_first(self._held_then if then else self._held, self._tree.path(unit_id), bulletin.id)
        return Speaker(self._tree.units[unit_id].name, self._values_of(unit_id), entries)

    def says(self, revision: Revision, speaker: Speaker) -> list[str] | None:
        """What a voice would be given; None for a text that cannot be made to sound (a value is missing)."""
        try:
            return said_of(self._settings, revision, speaker)
        except BroadcastError:
            return None

    def _others(self, revision: Revision, sounds: list[Rendering], airs: bool, outdated: bool) -> Iterator[Otherwise]:
        """The first one was read. Where it became outdated, so did the others that the change reaches: the text is one
        and the same. A flag is taken away only from a sound that was read itself."""
        for sound in sounds:
            if outdated and self._is_reached(revision, sound):
                yield Otherwise(sound.id, sound.unit_id, is_outdated=True)
            elif not outdated and (told := self._compare_sound(revision, sound, airs)) is not None:
                yield Otherwise(sound.id, sound.unit_id, told[2])

    def _compare_sound(
        self, revision: Revision, sound: Rendering, airs: bool
    ) -> tuple[list[str], list[str], bool] | None:
        """(said so far, said with the change, whether that is not what sounds); None where the change does nothing."""
        if not self._is_reached(revision, sound):
            return None
        unit_id = sound.unit_id or revision.bulletin.unit_id
        after = self.says(revision, self.speaker(revision.bulletin, unit_id, then=True))
        said = sound.said if sound.state == "ready" else None
        flagged = airs and sound.outdated_at is not None
        if after is None or (after == said and not flagged):
            return None
        before = said if not flagged else None
        if before is None:  # it sounds otherwise already, or nobody knows how it sounds
            before = self.says(revision, self.speaker(revision.bulletin, unit_id))
        return None if before == after else (before or [], after, after != said)

    def _is_reached(self, revision: Revision, sound: Rendering) -> bool:
        bulletin, unit_id = revision.bulletin, sound.unit_id or revision.bulletin.unit_id
        if unit_id not in self._tree.units or not self._stands_in(f"{revision.script}\n{revision.closing}", unit_id):
            return False
        return self.speaker(bulletin, unit_id).entries != self.speaker(bulletin, unit_id, then=True).entries

    @cached_property
    def _reach(self) -> set[int]:
        """The units for which the change holds, one bulletin's own apart."""
        reached: set[int] = set()
        for held in self._change.readings:
            if held.place.unit_id is not None:
                reached |= self._tree.below([held.place.unit_id])
            elif held.place.bulletin_id is None:
                reached |= set(self._tree.units)
        return reached

    @cached_property
    def _own_bulletins(self) -> set[int]:
        return {held.place.bulletin_id for held in self._change.readings if held.place.bulletin_id is not None}

    def _values_of(self, unit_id: int) -> dict[str, str]:
        if unit_id not in self._values:
            self._values[unit_id] = values_of(self._tree, unit_id)
        return self._values[unit_id]

    def _speakers(self, text: Text) -> set[int]:
        """The units that may say it: with variables all below, else its own."""
        units = self._tree.below([text.unit_id]) if variables_in(text.whole) else {text.unit_id}
        return units & self._tree.units.keys()

    def _stands_in(self, whole: str, unit_id: int) -> bool:
        """Whether a written form of the change stands in what `unit_id` says: its lead-in, the text, its values."""
        literals, names, kinds = _parts(whole)
        values = self._values_of(unit_id)
        said = [squeezed(lead_in(self._tree.units[unit_id].name)), "\n", literals[0]]
        for name, kind, literal in zip(names, kinds, literals[1:], strict=True):
            value = values.get(name, "")
            if kind and says_kind_itself(kind, name, value):
                said[-1] = said[-1].removesuffix(squeezed(kind))
            said += [squeezed(value), literal]
        text = "".join(said)
        return any(key in text for key in self._keys)


_NO_LETTER = re.compile(r"[\W_]+")


@lru_cache(maxsize=2_000)
def squeezed(text: str) -> str:
    """Letters and digits alone, in small letters: what is not found so is not found by the reader either, which looks
    up short forms with and without their marks (`LĐ-TB&XH`)."""
    return _NO_LETTER.sub("", clean(text).text).casefold()


@lru_cache(maxsize=2_000)
def _parts(whole: str) -> tuple[list[str], list[str], list[str]]:
    """A script at its variables: the squeezed text before, between and behind them, their names, and the kind of unit
    written before each, which is left out where the value begins with one."""
    pieces = VARIABLE.split(whole)
    kinds = [kind_written_before(piece, len(piece)) for piece in pieces[:-1:2]]
    return (
        [squeezed(piece) for piece in pieces[::2]],
        [variable_name(name) for name in pieces[1::2]],
        [kind[1] if kind is not None else "" for kind in kinds],
    )


def _first_difference(before: list[str], after: list[str]) -> tuple[str, str]:
    for was, is_now in zip(before, after, strict=False):
        if was != is_now:
            return was, is_now
    return (before[len(after)], "") if len(before) > len(after) else ("", after[len(before)] if after else "")
