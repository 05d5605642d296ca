"""Từ điển đọc: how staff want something read, where it holds, who said so and when.

Rows are never changed: a correction ends one and adds the next, so that what a voice was told last week stays known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.bulletin import Bulletin
from broadcast.db import Base
from broadcast.person import Person
from broadcast.unit import Unit

LONGEST_WRITTEN = 100
LONGEST_SPOKEN = 400


class Kind(StrEnum):
    """What staff may call an entry; the values are kinds of `audio.reading.lexicon`."""

    WORD = "word"
    NAME = "name"
    FOREIGN = "foreign"
    TERM = "term"

    @property
    def label(self) -> str:
        return {
            "word": "từ, cụm từ thường",
            "name": "tên riêng",
            "foreign": "tiếng nước ngoài",
            "term": "chữ viết tắt, ký hiệu",
        }[self.value]

    @property
    def any_case(self) -> bool:
        """Found in capitals and small letters alike? Short forms are found only as they are written."""
        return self is not Kind.TERM


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry holds: in one bulletin, in a unit and all below it, or everywhere (neither is set)."""

    unit_id: int | None = None
    bulletin_id: int | None = None


EVERYWHERE = Place()


@dataclass(frozen=True, slots=True)
class Held:
    """One reading as it holds at a place; `number` orders those of one place, the newest first."""

    number: int
    written: str
    spoken: str
    kind: str
    place: Place

    @property
    def any_case(self) -> bool:
        return self.kind not in set(Kind) or Kind(self.kind).any_case

    def is_for(self, other: Held) -> bool:
        """Whether both are readings of the same written form."""
        if self.any_case and other.any_case:
            return self.written.casefold() == other.written.casefold()
        return self.written == other.written


class LexiconEntry(Base):
    """Holds for one bulletin, for a unit and all below it, or everywhere (neither is set)."""

    __tablename__ = "lexicon_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), default=None, index=True)
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"), default=None, index=True)
    written: Mapped[str] = mapped_column(String(LONGEST_WRITTEN))
    spoken: Mapped[str] = mapped_column(String(LONGEST_SPOKEN))
    kind: Mapped[str] = mapped_column(String(20))
    """A `Kind`: decides whether case matters."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)

    unit: Mapped[Unit | None] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()
    created_by: Mapped[Person] = relationship(foreign_keys=[created_by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def place(self) -> Place:
        return Place(self.unit_id, self.bulletin_id)

    @property
    def held(self) -> Held:
        return Held(self.id, self.written, self.spoken, self.kind, self.place)
