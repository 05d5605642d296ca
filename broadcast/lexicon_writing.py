"""An entry of the lexicon is added, corrected, ended, brought back; of two at once the second sees the first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcast.errors import Conflict, Invalid
from broadcast.lexicon_entry import LONGEST_SPOKEN, LONGEST_WRITTEN, Held, Kind, LexiconEntry, Place
from broadcast.person import Person
from broadcast.unit import Unit


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
