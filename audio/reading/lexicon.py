"""The lexicon: written form, spoken form, kind, and the words around it where it holds.

The shipped tables are `ambiguous.csv`, `abbreviations.csv`, `topic_meanings.csv` and `foreign.csv` beside this file,
asked in this order. Staff entries are laid over them with `Lexicon.shipped().with_entries(...)` and win. Files:
written,spoken,kind,before,after,note; `before` and `after` are words or phrases separated by | of which one must stand
next to the form ("" = anywhere); <number>, <name>, <start> and <end> stand for what they say. A word with ~ in front
need only be somewhere in the same sentence, ~@health asks what it is about (`topics.csv`); of rows that hold the first
counts. A row without them is the default, of which staff are asked where its note is ?.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from broadcast.errors import Invalid

WORD_KINDS = frozenset({"word", "foreign", "name", "brand"})
"""Kinds whose written form is found in any case; the others are found as they are written."""


class Entry(NamedTuple):
    """One reading. `before`/`after`: lower-case words, one of which must stand next to it, `near`: in its sentence."""

    written: str
    spoken: str
    kind: str = "word"
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    staff: bool = False
    near: frozenset[str] = frozenset()
    unsure: bool = False
    """One meaning of several, taken where no context told which: staff are asked."""

    @property
    def any_case(self) -> bool:
        """Found in any case of its letters?"""
        return self.kind in WORD_KINDS


_UNSAYABLE = re.compile(r"[^\W\d_]+|[,;]")


def sayable(spoken: str) -> str:
    """A reading as staff typed it, tidied; raises `Invalid` where it holds what no voice can say (digits, symbols)."""
    tidy = unicodedata.normalize("NFC", " ".join(spoken.split())).strip(" .,;")
    rest = _UNSAYABLE.sub("", tidy).replace(" ", "")
    if not tidy or rest:
        raise Invalid(
            f"Cách đọc “{spoken}” chỉ được gồm chữ và dấu phẩy. Hãy viết số và ký hiệu thành chữ, "
            "ví dụ “mười chín” thay cho “19”.",
            field="spoken",
        )
    return re.sub(r"\s*([,;])\s*", r"\1 ", " ".join(w.lower() if w[1:] != w[1:].lower() else w for w in tidy.split()))


def first_word(written: str) -> str:
    """The letters and digits that `written` begins with: the key under which it is found."""
    for index, char in enumerate(written):
        if not char.isalnum():
            return written[:index] or written[:1]
    return written


def sector_key(code: str) -> str:
    """`LĐ-TB&XH` -> `LĐTBXH`: the same office however its code is punctuated."""
    return "".join(char for char in code if char.isalnum())


@dataclass(frozen=True)
class Lexicon:
    """Readings, found by the first word of their written form. Immutable; equal content reads equally."""

    exact: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    folded: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    sectors: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    plain: dict[str, tuple[str, str, bool]] = field(default_factory=dict, compare=False, repr=False)
    """Memory of the reader: chunks of this lexicon that are read as they are. Bounded by the reader."""
    listed: tuple[Entry, ...] = field(default=(), compare=False, repr=False)
    """All entries as they were handed in: of two defaults of one code the first counts."""

    @staticmethod
    def of(entries: Iterable[Entry]) -> Lexicon:
        """A lexicon of `entries`: staff first, then the longest, then those that ask for a context, then file order."""
        exact: dict[str, list[Entry]] = {}
        folded: dict[str, list[Entry]] = {}
        sectors: dict[str, str] = {}
        codes: dict[str, str] = {}
        listed = tuple(entries)
        for entry in listed:
            if entry.any_case:
                folded.setdefault(first_word(entry.written).lower(), []).append(entry)
                continue
            exact.setdefault(first_word(entry.written), []).append(entry)
            key = sector_key(entry.written)
            if entry.kind == "sector":
                sectors.setdefault(key, entry.spoken)
            if not entry.before and not entry.after and not entry.near:
                codes.setdefault(key, entry.spoken.strip())

        def ranked(found: list[Entry]) -> tuple[Entry, ...]:
            return tuple(sorted(found, key=rank))

        return Lexicon(
            {key: ranked(found) for key, found in exact.items()},
            {key: ranked(found) for key, found in folded.items()},
            sectors,
            codes,
            listed=listed,
        )

    @staticmethod
    def shipped() -> Lexicon:
        """The lexicon of the repository, read once."""
        return _shipped()

    def with_entries(self, entries: Iterable[tuple[str, str, str] | Entry]) -> Lexicon:
        """This lexicon with staff entries (written, spoken, kind) laid over it; they win."""
        own = [entry if isinstance(entry, Entry) else Entry(*entry) for entry in entries]
        own = [entry._replace(staff=True, spoken=sayable(entry.spoken)) for entry in own if entry.written.strip()]
        return Lexicon.of([*own, *self.entries()])

    def entries(self) -> tuple[Entry, ...]:
        """All entries, staff ones first, else in their order."""
        return tuple(sorted(self.listed, key=lambda entry: not entry.staff))


def rank(entry: Entry) -> tuple[bool, int, bool]:
    """The order in which entries are asked: those of staff, then the longest, then those that ask for a context."""
    return (not entry.staff, -len(entry.written), not (entry.before or entry.after or entry.near))


def _words(cell: str | None) -> frozenset[str]:
    return frozenset(word.strip() for word in (cell or "").split("|") if word.strip() and not word.startswith("~"))


def _entries(row: dict[str, str]) -> list[Entry]:
    """A row as entries: where one cell names neighbours and words of the sentence, either will do."""
    before, after = row.get("before") or "", row.get("after") or ""
    near = frozenset(word[1:].strip() for word in f"{before}|{after}".split("|") if word.startswith("~"))
    entry = Entry(
        row["written"], row["spoken"], row["kind"], _words(before), _words(after), unsure=row.get("note") == "?"
    )
    if not near:
        return [entry]
    if "~" in before and entry.before:
        return [entry, entry._replace(before=frozenset(), near=near)]
    if "~" in after and entry.after:
        return [entry, entry._replace(after=frozenset(), near=near)]
    return [entry._replace(near=near)]


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a shipped table; a line that begins with # is a remark."""
    text = resources.files("audio.reading").joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return list(csv.DictReader(lines))


@lru_cache(maxsize=1)
def _shipped() -> Lexicon:
    entries = [
        entry
        for name in ("ambiguous.csv", "abbreviations.csv", "topic_meanings.csv", "foreign.csv")
        for row in read_table(name)
        for entry in _entries(row)
    ]
    return Lexicon.of(entries)
