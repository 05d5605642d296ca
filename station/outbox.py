"""The station's log: every entry is on the disk before anything else happens, and leaves when the server has it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcast.wire import (
    LOG_BATCH_MAX,
    Entry,
    EntryKind,
    EntryReason,
    LogBatch,
    LogItem,
    batch_text,
    entry_hash,
    entry_text,
    instant_of_ms,
    sign,
)
from station.clock import TrustedTime
from station.rescue import CHAIN_LOST
from station.state import State, put_in

log = logging.getLogger(__name__)

Also = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True)
class Head:
    """The end of the chain: the last entry's seq (0 before the first) and what the next one names as before it."""

    seq: int
    hash: str


class Outbox:
    """Entries with a sequence from 1 and a hash chain, until the server acknowledges them.

    Where the disk is full, entries wait in memory and are written, in their order, as soon as there is room. So they
    do where a damaged disk has lost the end of the chain, until the server has told it: a chain that began anew would
    be a fork.
    """

    def __init__(
        self,
        state: State,
        enrolment: str,
        key: Ed25519PrivateKey,
        time: TrustedTime,
        manifest_sequence: Callable[[], int],
    ) -> None:
        self._state = state
        self._enrolment = enrolment
        self._key = key
        self._time = time
        self._manifest_sequence = manifest_sequence
        self._lock = threading.Lock()
        self._waiting: list[tuple[dict[str, Any], Also | None]] = []
        self._chain_lost = bool(state.get(CHAIN_LOST))
        self.on_entry: Callable[[], None] = lambda: None

    def record(
        self,
        kind: EntryKind,
        reason: EntryReason | None = None,
        *,
        also: Also | None = None,
        **facts: Any,
    ) -> bool:
        """Append an entry; `facts` are further fields of `wire.Entry`, instants as `*_ms`.

        `also` runs in the same transaction: what the entry says and what the station remembers cannot part.
        True where it is on the disk, False where it waits in memory for room.
        """
        fields: dict[str, Any] = {
            "event_id": uuid.uuid4(),
            "manifest_sequence": self._manifest_sequence(),
            "kind": kind,
            "reason": reason,
            "at": instant_of_ms(facts.pop("at_ms", None) or self._time.believed_ms()),
            "clock_offset_ms": self._time.offset_ms(),
            "clock_source": self._time.source(),
        }
        for name in ("started", "ended"):
            if (instant_ms := facts.pop(f"{name}_ms", None)) is not None:
                fields[f"{name}_at"] = instant_of_ms(instant_ms)
        with self._lock:
            self._waiting.append((fields | facts, also))
        written = self.write_waiting()
        self.on_entry()
        return written

    def write_waiting(self) -> bool:
        """Put on the disk what waits in memory; False where the disk still refuses, or the chain's end is not known."""
        with self._lock:
            if self._chain_lost:
                return False
            while self._waiting:
                fields, also = self._waiting[0]
                try:
                    self._append(fields, also)
                except sqlite3.OperationalError as error:
                    log.warning("Chưa ghi được nhật ký xuống đĩa (%s); giữ tạm trong bộ nhớ.", error)
                    return False
                del self._waiting[0]
        return True

    def _append(self, fields: dict[str, Any], also: Also | None) -> None:
        with self._state.writing() as db:
            head = self.head()
            text = entry_text(Entry.model_validate({**fields, "seq": head.seq + 1, "previous_hash": head.hash}))
            hash_ = entry_hash(text)
            db.execute("INSERT INTO entry VALUES (?, ?, ?)", (head.seq + 1, text, hash_))
            put_in(db, "head", [head.seq + 1, hash_])
            if also is not None:
                also(db)

    def take_up(self, last_seq: int, last_hash: str | None) -> None:
        """Where the end of the chain was lost with a damaged disk: go on from the last entry that the server holds."""
        if not self._chain_lost:
            return
        with self._lock, self._state.writing() as db:
            if last_hash is not None:
                put_in(db, "head", [last_seq, last_hash])
                put_in(db, "acknowledged", [last_seq, last_hash])
            put_in(db, CHAIN_LOST, False)
            self._chain_lost = False
        self.on_entry()

    def head(self) -> Head:
        """The newest entry ever made in this enrolment."""
        kept = self._state.get("head")
        return Head(*kept) if kept else Head(0, self._enrolment)

    def count(self) -> int:
        """Entries that the server has not acknowledged. They have no gaps: their ends tell their number."""
        (first,) = self._state.rows("SELECT min(seq) FROM entry")[0]
        (last,) = self._state.rows("SELECT max(seq) FROM entry")[0]
        return len(self._waiting) + (0 if first is None else int(last) - int(first) + 1)

    def batch(self, limit: int = LOG_BATCH_MAX) -> LogBatch | None:
        """The oldest entries, signed; None where there is nothing to send."""
        rows = self._state.rows("SELECT seq, entry, hash FROM entry ORDER BY seq LIMIT ?", limit)
        if not rows:
            return None
        items = [LogItem(seq=seq, entry=entry, hash=hash_) for seq, entry, hash_ in rows]
        signed = batch_text(self._enrolment, items[-1].seq, items[-1].hash)
        return LogBatch(entries=items, signature=sign(self._key, signed))

    def forget(self, items: Sequence[LogItem]) -> None:
        """Remove exactly these entries, which the server has acknowledged."""
        with self._state.writing() as db:
            db.executemany("DELETE FROM entry WHERE seq = ?", [(item.seq,) for item in items])
            put_in(db, "acknowledged", [items[-1].seq, items[-1].hash])

    def disagreement(self, last_seq: int, last_hash: str | None) -> str | None:
        """What is wrong between the chain here and the last entry that the server says it holds, or None."""
        head = self.head()
        acknowledged_seq, acknowledged_hash = self._state.get("acknowledged") or (0, None)
        if last_seq > head.seq:
            return f"Máy chủ giữ nhật ký tới số {last_seq}, trạm mới ghi tới số {head.seq}."
        if last_seq < acknowledged_seq:
            return f"Máy chủ chỉ còn nhật ký tới số {last_seq}, trước đó đã xác nhận tới số {acknowledged_seq}."
        known = {acknowledged_seq: acknowledged_hash}
        known.update(self._state.rows("SELECT seq, hash FROM entry WHERE seq = ?", last_seq))
        if last_seq and known.get(last_seq) != last_hash:
            return f"Mục nhật ký số {last_seq} ở máy chủ khác với mục ở trạm."
        return None
