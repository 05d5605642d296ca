"""Proves or disproves the log: hashes, chains, the stations' signatures, the receipts, and where it ends.

`broadcast audit` prints one line a station from this. Reads only; a million entries are read as a stream.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.log_entry import LogBatch, LogEntry, SetAside
from broadcast.receipts import NAMES, columns_of, receipt_hash
from broadcast.station import Enrolment, Station
from broadcast.wire import Entry, batch_text, entry_hash, verify

_FAULTS_TOLD = 5  # in one line; the figure says how many there are


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `kind`: gap, change, doubled, fork, signature, receipt, tail."""

    kind: str
    seq: int
    message_vi: str


@dataclass
class StationAudit:
    """What the audit of one station found; `str()` is its line."""

    code: str
    name: str
    entries: int = 0
    set_aside: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        told = f"{self.code}: {self.entries} mục nhật ký"
        if self.set_aside:
            told += f", {self.set_aside} mục để riêng"
        if self.ok:
            return f"{told}, nguyên vẹn"
        shown = "; ".join(fault.message_vi for fault in self.faults[:_FAULTS_TOLD])
        more = len(self.faults) - _FAULTS_TOLD
        return f"{told}, CÓ {len(self.faults)} LỖI: {shown}" + (f"; và {more} lỗi khác" if more > 0 else "")


def audit(session: Session) -> list[StationAudit]:
    """Every station, by code, with all that is wrong in its log."""
    enrolments: defaultdict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in session.scalars(select(Enrolment).order_by(Enrolment.enrolled_at, Enrolment.id)):
        enrolments[enrolment.station_id].append(enrolment)
    audits = []
    for station in session.scalars(select(Station).order_by(Station.code)):
        told = StationAudit(station.code, station.name)
        for enrolment in enrolments[station.id]:
            _Chain(session, enrolment, told).examine()
        audits.append(told)
    return audits


@dataclass(frozen=True, slots=True)
class _Link:
    """What later checks need of a row that was read."""

    seq: int
    hash: str
    previous_hash: str | None


class _Chain:
    """The log of one enrolment."""

    def __init__(self, session: Session, enrolment: Enrolment, told: StationAudit) -> None:
        self.session = session
        self.enrolment = enrolment
        self.told = told
        self.links: dict[int, _Link] = {}
        self.aside: defaultdict[int, list[_Link]] = defaultdict(list)
        self._events: dict[str, int] = {}

    def examine(self) -> None:
        self._read_set_aside()
        self._read_rows()
        self._check_order()
        self._check_signatures()
        self._check_tail()
        self._check_receipts()
        self.told.faults.sort(key=lambda fault: fault.seq)

    def _fault(self, kind: str, seq: int, what: str) -> None:
        if not any(fault.kind == kind and fault.seq == seq for fault in self.told.faults[-3:]):
            self.told.faults.append(Fault(kind, seq, f"seq {seq}: {what}"))

    def _read_set_aside(self) -> None:
        rows = self.session.scalars(
            select(SetAside).where(SetAside.enrolment_id == self.enrolment.id).order_by(SetAside.seq)
        )
        for row in rows:
            self.told.set_aside += 1
            self.aside[row.seq].append(_Link(row.seq, row.hash, _previous_hash(row.entry)))
            if entry_hash(row.entry) != row.hash:
                self._fault("change", row.seq, "mục để riêng đã bị sửa")
            if row.reason == "fork" and row.explained_at is None:
                self._fault("fork", row.seq, "hai mục khác nhau cùng số, chưa được giải thích")

    def _read_rows(self) -> None:
        for row in self._rows():
            self.told.entries += 1
            if row.seq in self.links:
                self._fault("doubled", row.seq, "mục bị ghi hai lần")
                continue
            entry = _entry(row.entry)
            self.links[row.seq] = _Link(row.seq, row.hash, entry.previous_hash if entry else None)
            self._check_row(row, entry)

    def _rows(self) -> Iterator[LogEntry]:
        return iter(
            self.session.execute(
                select(LogEntry).where(LogEntry.enrolment_id == self.enrolment.id).order_by(LogEntry.seq, LogEntry.id),
                execution_options={"yield_per": 1000},
            ).scalars()
        )

    def _check_row(self, row: LogEntry, entry: Entry | None) -> None:
        if entry is None or entry_hash(row.entry) != row.hash:
            self._fault("change", row.seq, "nội dung mục không khớp mã băm")
            return
        event = str(entry.event_id)
        if event in self._events:
            self._fault("doubled", row.seq, f"chép lại mục số {self._events[event]}")
            return
        self._events[event] = row.seq
        if entry.seq != row.seq:
            self._fault("change", row.seq, f"mục tự ghi là số {entry.seq}")
        elif _differs(row, columns_of(entry)) or row.station_id != self.enrolment.station_id:
            self._fault("change", row.seq, "các cột đã bị sửa, không còn như trạm đã gửi")

    def _check_order(self) -> None:
        """Gaps, and entries that do not hang on the one before."""
        following = 1
        known = sorted(self.links.keys() | self.aside.keys())
        for seq in known:
            if seq > following:
                missing = f"{following}" if seq == following + 1 else f"{following}–{seq - 1}"
                self._fault("gap", following, f"thiếu mục {missing}")
            following = seq + 1
            link = self.links.get(seq)
            if link is not None and link.previous_hash is not None:
                self._check_link(link)

    def _check_link(self, link: _Link) -> None:
        if link.seq == 1:
            if link.previous_hash != self.enrolment.id:
                self._fault("change", 1, "mục đầu không thuộc lần ghi danh này")
            return
        before = [each.hash for each in self.aside.get(link.seq - 1, ())]
        stored = self.links.get(link.seq - 1)
        if stored is not None:
            before.append(stored.hash)
        if before and link.previous_hash not in before:
            self._fault("change", link.seq, "không nối tiếp mục trước: mục này hoặc mục trước đã bị thay")

    def _check_signatures(self) -> None:
        """Walks down from what the station signed: each entry names the hash of the one before it."""
        covered: set[tuple[int, str]] = set()
        batches = self.session.scalars(select(LogBatch).where(LogBatch.enrolment_id == self.enrolment.id))
        for batch in batches:
            text = batch_text(self.enrolment.id, batch.last_seq, batch.last_hash)
            if verify(self.enrolment.public_key, text, batch.signature):
                covered.add((batch.last_seq, batch.last_hash))
            else:
                self._fault("signature", batch.last_seq, "chữ ký của lô nhật ký không đúng")
        for seq in sorted(self.links.keys() | self.aside.keys(), reverse=True):
            for link in (*self.aside.get(seq, ()), *([self.links[seq]] if seq in self.links else [])):
                if (seq, link.hash) in covered:
                    covered.update((seq - 1, hash_) for hash_ in self._vouched_before(link))
        for seq, link in sorted(self.links.items()):
            if (seq, link.hash) not in covered:
                self._fault("signature", seq, "không có chữ ký nào của trạm bảo đảm cho mục này")

    def _vouched_before(self, link: _Link) -> list[str]:
        """The hashes for which a covered entry vouches: the one it names. What was set aside because nobody could
        read it names none; there whatever is stored before it must do, and the line says that something is apart."""
        if link.previous_hash is not None:
            return [link.previous_hash]
        before = self.links.get(link.seq - 1)
        return [each.hash for each in self.aside.get(link.seq - 1, ())] + ([before.hash] if before else [])

    def _check_tail(self) -> None:
        last = max(self.links.keys() | self.aside.keys(), default=0)
        signed = self.session.scalar(
            select(LogBatch.last_seq)
            .where(LogBatch.enrolment_id == self.enrolment.id)
            .order_by(LogBatch.last_seq.desc())
            .limit(1)
        )
        known = max(self.enrolment.last_seq, signed or 0)
        if last < known:
            self._fault("tail", last + 1, f"nhật ký bị cắt: đã nhận tới mục {known}, nay chỉ còn tới mục {last}")
        elif last > self.enrolment.last_seq:
            self._fault("tail", last, f"sổ ghi danh chỉ biết tới mục {self.enrolment.last_seq}")
        elif last in self.links and last not in self.aside and self.links[last].hash != self.enrolment.last_hash:
            self._fault("change", last, "mục cuối không phải mục đã nhận")

    def _check_receipts(self) -> None:
        """In the order of receipt: names and instants that were added hang together too."""
        before = self.enrolment.id
        rows = self.session.execute(
            select(
                LogEntry.seq,
                LogEntry.hash,
                LogEntry.received_at,
                LogEntry.receipt_hash,
                *(getattr(LogEntry, name) for name in NAMES),
            )
            .where(LogEntry.enrolment_id == self.enrolment.id)
            .order_by(LogEntry.id),
            execution_options={"yield_per": 1000},
        )
        for row in rows:
            if receipt_hash(before, row.hash, row.received_at, row[4:]) != row.receipt_hash:
                self._fault("receipt", row.seq, "biên nhận (tên, lúc nhận) đã bị sửa hoặc mất mục liền trước")
            before = row.receipt_hash


def _entry(text: str) -> Entry | None:
    try:
        return Entry.model_validate_json(text)
    except ValidationError:
        return None


def _previous_hash(text: str) -> str | None:
    """What even an entry of a newer kind than ours names as before it."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    previous = told.get("previous_hash") if isinstance(told, dict) else None
    return previous if isinstance(previous, str) else None


def _differs(row: LogEntry, wanted: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in wanted.items())
