"""Which entries a list shows: those of staff, those that hold no longer, and those that came with the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from audio.reading import Entry, Lexicon
from broadcast.lexicon_entry import Kind, LexiconEntry
from broadcast.lexicon_readings import list_entries
from web.lexicon.places import ALL, BULLETIN, UNIT, shown_units
from web.shell.access import scope_units
from web.shell.fold import fold, matches

OWN, ENDED, SHIPPED = "", "da-thoi", "co-san"
PER_PAGE = 50
_ANY_CASE = {"word": Kind.WORD, "name": Kind.NAME, "foreign": Kind.FOREIGN, "brand": Kind.FOREIGN}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; empty means all."""

    list: str = OWN
    words: str = ""
    kind: str = ""
    place: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`found` counts all that fit, `rows` are those of one page."""

    rows: list[T]
    found: int
    page: int
    pages: int


def kind_of(shipped: str) -> Kind:
    """The kind that staff would choose for an entry of the program."""
    return _ANY_CASE.get(shipped, Kind.TERM)


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """Of staff: what holds, and what holds no longer, in the unit one looks at, those above it and its bulletins."""

    held: list[LexiconEntry]
    ended: list[LexiconEntry]

    @property
    def superseded(self) -> set[int]:
        """Which ended entries are former wordings of one that was changed: another began as they ended."""
        begun: dict[tuple[datetime, int], int] = {}  # the newest entry that somebody began at that instant
        for entry in sorted((*self.held, *self.ended), key=lambda each: each.id):
            begun[entry.created_at, entry.created_by_id] = entry.id
        return {
            entry.id
            for entry in self.ended
            if entry.ended_at and entry.ended_by_id and begun.get((entry.ended_at, entry.ended_by_id), 0) > entry.id
        }


def own_entries(session: Session) -> OwnEntries:
    held, ended = (list_entries(session, shown_units(), scope_units(), ended=ended) for ended in (False, True))
    return OwnEntries(held, ended)


def own_page(own: OwnEntries, wanted: Wanted) -> Page[LexiconEntry]:
    def fits(entry: LexiconEntry) -> bool:
        place = BULLETIN if entry.bulletin_id else UNIT if entry.unit_id else ALL
        return (
            (not wanted.place or wanted.place == place)
            and (not wanted.kind or wanted.kind == entry.kind)
            and matches(wanted.words, entry.written, entry.spoken, entry.created_by.name)
        )

    return _page(own.ended if wanted.list == ENDED else own.held, fits, wanted.page)


def shipped_entries(wanted: Wanted) -> Page[Entry]:
    """Of the program, by the alphabet; one form may have several, by what stands around it."""

    def fits(entry: Entry) -> bool:
        return (not wanted.kind or wanted.kind == kind_of(entry.kind)) and matches(
            wanted.words, entry.written, entry.spoken
        )

    begun = fold(wanted.words)
    # What begins with the words that were typed is most likely what is meant.
    return _page(sorted(_shipped(), key=lambda entry: not fold(entry.written).startswith(begun)), fits, wanted.page)


@lru_cache(maxsize=1)
def _shipped() -> list[Entry]:
    return sorted(
        Lexicon.shipped().entries(), key=lambda entry: (fold(entry.written), entry.written, len(entry.before))
    )


def is_built_in(written: str, spoken: str) -> bool:
    """Whether the program reads this form so wherever it stands: as it is written, or by its own only entry."""
    if written.casefold() == spoken.casefold():
        return True
    ours = [entry for entry in _shipped() if entry.written.casefold() == written.casefold()]
    always = any(not (entry.before or entry.after or entry.near) for entry in ours)
    return always and all(entry.spoken.casefold() == spoken.casefold() for entry in ours)


def shipped_number() -> int:
    return len(_shipped())


_SHAPES = {
    "#": "một số",
    "###": "một số",
    "IVX": "số La Mã",
    "ABC": "chữ viết tắt",
    "abc": "một từ",
    "Abc": "tên riêng",
}


def beside(entry: Entry) -> str:
    """Where a shipped entry holds, in words; empty: anywhere."""
    told = []
    for words, where in ((entry.before, "sau"), (entry.after, "trước"), (entry.near, "trong câu có")):
        named = sorted(_SHAPES.get(word, f"“{word}”") for word in words)
        if named:
            told.append(f"{where} {', '.join(named[:4])}{'…' if len(named) > 4 else ''}")
    return "; ".join(told)


def _page(rows: list[T], fits: Callable[[T], bool], page: int) -> Page[T]:
    found = [row for row in rows if fits(row)]
    pages = max(1, -(-len(found) // PER_PAGE))
    at = min(page, pages)
    return Page(found[(at - 1) * PER_PAGE : at * PER_PAGE], len(found), at, pages)
