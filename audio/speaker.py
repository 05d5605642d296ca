"""Who says a text, and how it begins: the unit's name and values, and how staff want words read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from audio.reading import Lexicon, SpokenText, read_aloud
from audio.reading.model import place
from broadcast.clock import local_day
from broadcast.lexicon_readings import entries_for
from broadcast.unit import UnitTree
from broadcast.variables import fill_in, values_of


@dataclass(frozen=True)
class Speaker:
    """Who speaks, as far as the text depends on it: the unit's name, its values, and how staff want words read."""

    unit_name: str
    values: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[tuple[str, str, str], ...] = ()

    @property
    def lexicon(self) -> Lexicon:
        return _lexicon(self.entries)


@lru_cache(maxsize=64)
def _lexicon(entries: tuple[tuple[str, str, str], ...]) -> Lexicon:
    return Lexicon.shipped().with_entries(entries) if entries else Lexicon.shipped()


def speaker_of(
    session: Session, unit_id: int, bulletin_id: int | None, now: datetime, tree: UnitTree | None = None
) -> Speaker:
    """Unit `unit_id` as the speaker of a bulletin. `tree` saves reading the units again."""
    tree = tree or UnitTree.on(session, local_day(now))
    return Speaker(
        tree.units[unit_id].name,
        values_of(tree, unit_id),
        entries_for(session, tree, unit_id, bulletin_id),
    )


def lead_in(unit_name: str) -> str:
    """The sentence every bulletin begins with: who speaks."""
    return f"Đây là Đài truyền thanh {unit_name}."


def begins_itself(spoken: SpokenText) -> bool:
    """Whether the text says who speaks in its own first words."""
    return spoken.text.lower().startswith(("đây là đài", "đài truyền thanh"))


def opening_of(spoken: SpokenText, speaker: Speaker) -> str:
    """The lead-in as it is said before `spoken`; empty where the text begins with one itself, or says nothing."""
    if begins_itself(spoken) or not speaker.unit_name or not spoken.sentences:
        return ""
    return read_aloud(lead_in(speaker.unit_name), lexicon=speaker.lexicon).text.replace("\n", " ")


def open_questions(spoken: SpokenText) -> list[str]:
    """The reader's doubts as lines for people: “dòng 3, cột 5: …”."""
    return [f"dòng {doubt.line}, cột {doubt.column}: {doubt.message}" for doubt in spoken.doubts]


def open_questions_in(script: str, speaker: Speaker) -> list[str]:
    """The same of `script` as `speaker` says it, with the places where they stand in `script` itself."""
    filled = fill_in(script, speaker.values)
    doubts = read_aloud(filled.text, lexicon=speaker.lexicon).doubts
    placed = [(place(script, filled.origin(doubt.start)), doubt.message) for doubt in doubts]
    return [f"dòng {at.line}, cột {at.column}: {message}" for at, message in placed]
