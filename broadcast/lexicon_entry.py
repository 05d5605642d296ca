"""Từ điển đọc: how staff want something read, where it holds, who said so and when.

Rows are never changed: a correction ends one and adds the next, so that what a voice was told last week stays known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from broadcast.bulletin import Bulletin
from broadcast.db import Base
from broadcast.errors import Conflict, Invalid
from broadcast.person import Person
from broadcast.unit import Unit, UnitTree

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


# ---- reading


def entries_for(
    session: Session, tree: UnitTree, unit_id: int, bulletin_id: int | None = None
) -> tuple[tuple[str, str, str], ...]:
    """(written, spoken, kind) of what holds now for a text of `unit_id`: the bulletin's own first, then the nearest
    unit's, those of everywhere last; of two for the same written form only the first.
    """
    path = tree.path(unit_id)
    at = or_(
        LexiconEntry.unit_id.in_(path),
        LexiconEntry.unit_id.is_(None) & LexiconEntry.bulletin_id.is_(None),
    )
    if bulletin_id is not None:
        at = or_(at, LexiconEntry.bulletin_id == bulletin_id)
    rows = session.scalars(select(LexiconEntry).where(LexiconEntry.ended_at.is_(None), at)).all()
    return nearest_first((row.held for row in rows), path, bulletin_id)


def nearest_first(
    all_held: Iterable[Held], path: Sequence[int], bulletin_id: int | None
) -> tuple[tuple[str, str, str], ...]:
    """`entries_for` over readings that are at hand: those that hold for `path` (a unit, its parent, …) and bulletin."""

    def distance(held: Held) -> tuple[int, int]:
        if held.place.bulletin_id is not None:
            return (-1, -held.number)
        return (path.index(held.place.unit_id) if held.place.unit_id is not None else len(path), -held.number)

    def holds(held: Held) -> bool:
        if held.place.bulletin_id is not None:
            return held.place.bulletin_id == bulletin_id
        return held.place.unit_id is None or held.place.unit_id in path

    found: list[tuple[str, str, str]] = []
    exact: set[str] = set()
    folded: dict[str, int] = {}  # written form in small letters → how far off the entry is that covers any case of it
    for held in sorted(filter(holds, all_held), key=distance):
        far, key = distance(held)[0], held.written.casefold()
        # One that takes any case hides what lies farther off, in whatever case that is written.
        if held.written in exact or folded.get(key, far) < far or (held.any_case and key in folded):
            continue
        exact.add(held.written)
        if held.any_case:
            folded[key] = far
        found.append((held.written, held.spoken, held.kind))
    return tuple(found)


def all_held(session: Session) -> list[Held]:
    """Every reading that holds now, anywhere."""
    return [row.held for row in session.scalars(select(LexiconEntry).where(LexiconEntry.ended_at.is_(None)))]


def list_entries(
    session: Session, unit_ids: Collection[int], bulletins_of: Collection[int], *, ended: bool = False
) -> list[LexiconEntry]:
    """Those of everywhere, of `unit_ids` and of the bulletins of the units `bulletins_of`; the newest first.

    `ended`: those that hold no longer instead, the last ended first.
    """
    query = (
        select(LexiconEntry)
        .outerjoin(Bulletin, Bulletin.id == LexiconEntry.bulletin_id)
        .where(
            or_(
                LexiconEntry.unit_id.is_(None) & LexiconEntry.bulletin_id.is_(None),
                LexiconEntry.unit_id.in_(unit_ids),
                Bulletin.unit_id.in_(bulletins_of),
            )
        )
        .options(
            joinedload(LexiconEntry.unit),
            joinedload(LexiconEntry.bulletin),
            joinedload(LexiconEntry.created_by),
            joinedload(LexiconEntry.ended_by),
        )
    )
    if ended:
        query = query.where(LexiconEntry.ended_at.is_not(None)).order_by(LexiconEntry.ended_at.desc())
    else:
        query = query.where(LexiconEntry.ended_at.is_(None)).order_by(LexiconEntry.created_at.desc())
    return list(session.scalars(query.order_by(LexiconEntry.id.desc())))


# ---- changing


def add_entry(
    session: Session, person: Person, now: datetime, *, written: str, spoken: str, kind: Kind, place: Place
) -> LexiconEntry:
    """A new reading. The wording is tidy (`audio.wording`). Conflict where one holds there for the same form."""
    _one_at_a_time(session)
    return _add(session, person, now, Held(0, written, spoken, kind.value, place))


def change_entry(
    session: Session,
    entry: LexiconEntry,
    person: Person,
    now: datetime,
    *,
    written: str,
    spoken: str,
    kind: Kind,
    place: Place,
) -> LexiconEntry:
    """Ends `entry` and adds what is to hold instead; the same again changes nothing.

    Conflict where somebody else was faster, or another entry is in the way.
    """
    _one_at_a_time(session)
    wanted = Held(entry.id, written, spoken, kind.value, place)
    if wanted == entry.held and entry.ended_at is None:
        return entry
    _end(session, entry, person, now)
    return _add(session, person, now, wanted)


def end_entry(session: Session, entry: LexiconEntry, person: Person, now: datetime) -> None:
    """From now on it is read as without `entry`. Conflict where somebody else was faster."""
    _one_at_a_time(session)
    _end(session, entry, person, now)


def bring_back(session: Session, entry: LexiconEntry, person: Person, now: datetime) -> LexiconEntry:
    """An ended entry holds again, as a new row. Conflict where it holds, or another for the same form does."""
    _one_at_a_time(session)
    if entry.ended_at is None:
        raise Conflict(f"Mục “{entry.written}” đang được dùng.")
    return _add(session, person, now, entry.held)


def in_the_way(session: Session, wanted: Held, but: int | None = None) -> LexiconEntry | None:
    """What holds at the same place for the same written form; the entry with id `but` does not count."""
    there = session.scalars(
        select(LexiconEntry).where(
            LexiconEntry.ended_at.is_(None),
            LexiconEntry.unit_id.is_not_distinct_from(wanted.place.unit_id),
            LexiconEntry.bulletin_id.is_not_distinct_from(wanted.place.bulletin_id),
        )
    )
    return next((entry for entry in there if entry.id != but and entry.held.is_for(wanted)), None)


def said_in_the_way(entry: LexiconEntry) -> str:
    return (
        f"Ở phạm vi này “{entry.written}” đã có cách đọc “{entry.spoken}” do {entry.created_by.name} đặt. "
        "Hãy sửa mục ấy thay vì thêm mục mới."
    )


def _add(session: Session, person: Person, now: datetime, wanted: Held) -> LexiconEntry:
    if not 0 < len(wanted.written) <= LONGEST_WRITTEN:
        raise Invalid(f"Chữ cần đọc phải có từ 1 đến {LONGEST_WRITTEN} ký tự.", field="written")
    if not 0 < len(wanted.spoken) <= LONGEST_SPOKEN:
        raise Invalid(f"Cách đọc phải có từ 1 đến {LONGEST_SPOKEN} ký tự.", field="spoken")
    if (there := in_the_way(session, wanted)) is not None:
        raise Conflict(said_in_the_way(there), field="written")
    entry = LexiconEntry(
        unit_id=wanted.place.unit_id,
        bulletin_id=wanted.place.bulletin_id,
        written=wanted.written,
        spoken=wanted.spoken,
        kind=wanted.kind,
        created_at=now,
        created_by=person,
    )
    session.add(entry)
    session.flush()
    return entry


def _end(session: Session, entry: LexiconEntry, person: Person, now: datetime) -> None:
    ended = session.execute(
        update(LexiconEntry)
        .where(LexiconEntry.id == entry.id, LexiconEntry.ended_at.is_(None))
        .values(ended_at=now, ended_by_id=person.id)
    )
    session.refresh(entry)
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        by = entry.ended_by.name if entry.ended_by is not None else "Người khác"
        raise Conflict(f"{by} vừa sửa hoặc thôi dùng mục “{entry.written}”. Hãy mở lại từ điển để xem cách đọc mới.")


def _one_at_a_time(session: Session) -> None:
    """Held until the transaction ends: of two who add the same form at once, the second sees the first one's.

    SQLite has one writer anyway. No unique constraint could say it: two forms may be the same in another case, and
    ended rows stay.
    """
    session.execute(select(Unit.id).order_by(Unit.id).limit(1).with_for_update(key_share=True))
