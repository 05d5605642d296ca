"""The proof of single log entries, worked out while the page is made: hashes, the entry before, the signature, the
receipt. `broadcast audit` proves whole chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.log_entry import LogBatch, LogEntry, SetAside
from broadcast.receipts import NAMES, columns_of, receipt_hash
from broadcast.station import Enrolment
from broadcast.wire import Entry, batch_text, entry_hash, verify


@dataclass(frozen=True)
class Link:
    """How an entry hangs in the chain of its enrolment. `faults` are sentences; none: it holds."""

    previous_hash: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Proof:
    """Who vouches for an entry: the station's signature over a batch that reaches it, and our receipt."""

    signed_until: int | None
    """The last seq of the batch whose signature covers it; None where none does."""
    receipt_holds: bool


def links_of(session: Session, rows: Sequence[LogEntry]) -> dict[int, Link]:
    """Row id → its link, all hashes worked out anew."""
    before = _hashes_before(session, rows)
    return {row.id: _link(row, before.get((row.enrolment_id, row.seq - 1), set())) for row in rows}


def _hashes_before(session: Session, rows: Sequence[LogEntry]) -> dict[tuple[str, int], set[str]]:
    """(enrolment, seq) → hashes of what is stored there, set aside too; worked out from the bytes."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.enrolment_id].add(row.seq - 1)
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for enrolment_id, seqs in wanted.items():
        for noun in (LogEntry, SetAside):
            told = session.execute(
                select(noun.seq, noun.entry).where(noun.enrolment_id == enrolment_id, noun.seq.in_(seqs))
            )
            for seq, text in told:
                found[enrolment_id, seq].add(entry_hash(text))
    return found


def _link(row: LogEntry, before: set[str]) -> Link:
    entry = _entry(row.entry)
    if entry is None:
        return Link("", ("Không đọc được nội dung trạm đã gửi.",))
    faults = []
    if entry_hash(row.entry) != row.hash:
        faults.append("Nội dung không còn đúng như lúc nhận.")
    if entry.seq != row.seq or any(getattr(row, name) != value for name, value in columns_of(entry).items()):
        faults.append("Các cột trong sổ không còn như trạm đã gửi.")
    if row.seq == 1:
        if entry.previous_hash != row.enrolment_id:
            faults.append("Dòng đầu không mang mã của lần ghi danh này.")
    elif not before:
        faults.append(f"Thiếu dòng số {row.seq - 1} đứng ngay trước.")
    elif entry.previous_hash not in before:
        faults.append(f"Không nối tiếp dòng số {row.seq - 1}: một trong hai dòng đã bị thay.")
    return Link(entry.previous_hash, tuple(faults))


def _entry(text: str) -> Entry | None:
    try:
        return Entry.model_validate_json(text)
    except ValidationError:
        return None


def proof_of(session: Session, row: LogEntry) -> Proof:
    return Proof(_signed_until(session, row), _receipt_holds(session, row))


def _signed_until(session: Session, row: LogEntry) -> int | None:
    """Walks from the entry up to the batches that came with or after it, as far as each names the hash before."""
    enrolment = session.get(Enrolment, row.enrolment_id)
    if enrolment is None:
        return None
    batches = session.scalars(
        select(LogBatch)
        .where(LogBatch.enrolment_id == row.enrolment_id, LogBatch.last_seq >= row.seq)
        .order_by(LogBatch.last_seq)
        .limit(3)
    )
    for batch in batches:
        text = batch_text(enrolment.id, batch.last_seq, batch.last_hash)
        if verify(enrolment.public_key, text, batch.signature) and _reaches(session, row, batch):
            return batch.last_seq
    return None


def _reaches(session: Session, row: LogEntry, batch: LogBatch) -> bool:
    """Whether what the batch signed leads back to `row`, each entry naming the hash before it; set-aside ones count."""
    links: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for noun in (LogEntry, SetAside):
        told = session.execute(
            select(noun.seq, noun.entry).where(
                noun.enrolment_id == row.enrolment_id, noun.seq > row.seq, noun.seq <= batch.last_seq
            )
        )
        for seq, text in told:
            if (entry := _entry(text)) is not None:
                links[seq].append((entry_hash(text), entry.previous_hash))
    reached = {batch.last_hash}
    for seq in range(batch.last_seq, row.seq, -1):
        reached = {before for own, before in links[seq] if own in reached}
    return entry_hash(row.entry) in reached


def _receipt_holds(session: Session, row: LogEntry) -> bool:
    before = session.scalar(
        select(LogEntry.receipt_hash)
        .where(LogEntry.enrolment_id == row.enrolment_id, LogEntry.id < row.id)
        .order_by(LogEntry.id.desc())
        .limit(1)
    )
    names = [getattr(row, name) for name in NAMES]
    return receipt_hash(before or row.enrolment_id, row.hash, row.received_at, names) == row.receipt_hash
