"""What a station logged is written down here, batch by batch, each entry exactly once.

Nothing that was signed is thrown away. What cannot be believed or read is set aside, acknowledged and alarmed, so that
a station never gets stuck on it; `broadcast.audit` judges the whole later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import Actor, record
from broadcast.believing import Ordered, handed_to, impossible, out_of_range
from broadcast.clock import VIETNAM, local_day
from broadcast.db import INTEGER_MAX
from broadcast.errors import Forbidden, Invalid
from broadcast.log_entry import LogBatch, LogEntry, SetAside
from broadcast.met_again import heard
from broadcast.receipts import add_receipts, columns_of
from broadcast.station import Enrolment, Station
from broadcast.wire import (
    Entry,
    LogAnswer,
    LogItem,
    Rejected,
    batch_text,
    entry_hash,
    first_problem,
    verify,
)
from broadcast.wire import LogBatch as Batch

# Rows of the table, not objects of the class: half the work for 500 of them.
_LOG = cast(Table, LogEntry.__table__)

_WHY = {
    "fork": "hai mục khác nhau cùng số thứ tự",
    "unreadable": "mục không đọc được",
    "hash": "mã băm không khớp nội dung",
    "chain": "mục không nối tiếp mục trước",
    "station": "mục không thuộc trạm này",
    "proof": "mục kể một lần phát không thể có",
}


_CLAIMED = "claimed "


class _Apart(Exception):
    """An item is to be set aside: why in one word, and in a sentence for whoever looks into it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class _Sorted:
    """The items of one batch, told apart."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    duplicates: int = 0


def record_batch(
    session: Session, enrolment: Enrolment, batch: Batch, now: datetime, zone: ZoneInfo = VIETNAM
) -> LogAnswer:
    """Stores each entry of a signed batch exactly once and acknowledges all of it.

    Raises Forbidden where the signature is not the station's, and Invalid where a seq is out of all bounds; then
    nothing is stored. To be called in a writing session.
    """
    last = batch.last()
    if not verify(enrolment.public_key, batch_text(enrolment.id, last.seq, last.hash), batch.signature):
        raise Forbidden("Chữ ký của lô nhật ký không đúng với khoá của trạm; chưa ghi nhận mục nào.", field="signature")
    if last.seq > INTEGER_MAX:
        raise Invalid("Số thứ tự nhật ký vượt quá giới hạn.", field="entries")
    # Two batches of one station are written one after the other: the receipt chain has one end.
    session.refresh(enrolment, with_for_update=True)
    told = _sort(session, enrolment, batch.entries, now)
    if told.rows or told.aside:
        session.add(
            LogBatch(
                enrolment_id=enrolment.id,
                last_seq=last.seq,
                last_hash=last.hash,
                signature=batch.signature,
                received_at=now,
            )
        )
    if told.rows:
        add_receipts(session, enrolment, told.rows, now, zone)
        session.execute(insert(_LOG), told.rows)
        heard(session, enrolment.station_id, [row["airing_id"] for row in told.rows if row["kind"] == "finished"])
    if told.aside:
        session.execute(insert(SetAside), told.aside)
        _alarm(session, enrolment, told.aside, now)
    _advance(enrolment, told)
    session.flush()
    return LogAnswer(acknowledged=last.seq, duplicates=told.duplicates, rejected=told.rejected)


def _sort(session: Session, enrolment: Enrolment, items: Sequence[LogItem], now: datetime) -> _Sorted:
    first, last = min(item.seq for item in items), max(item.seq for item in items)
    hash_at: dict[int, str] = dict(
        session.execute(
            select(LogEntry.seq, LogEntry.hash).where(
                LogEntry.enrolment_id == enrolment.id, LogEntry.seq.between(first - 1, last)
            )
        ).all()
    )
    known_aside: dict[tuple[int, str], str] = {}
    named: defaultdict[int, set[str]] = defaultdict(set)  # hashes of what was set aside, the claimed ones too
    for seq, hash_, reason, detail in session.execute(
        select(SetAside.seq, SetAside.hash, SetAside.reason, SetAside.detail).where(
            SetAside.enrolment_id == enrolment.id, SetAside.seq.between(first - 1, last)
        )
    ):
        known_aside[seq, hash_] = reason
        named[seq] |= {hash_, detail.removeprefix(_CLAIMED)} if reason == "hash" else {hash_}
    told = _Sorted()
    read: list[tuple[LogItem, Entry]] = []
    for item in sorted(items, key=lambda item: item.seq):
        digest = entry_hash(item.entry)
        if digest == item.hash and hash_at.get(item.seq) == digest:
            told.duplicates += 1
            continue
        if (item.seq, digest) in known_aside:
            _reject(told, item, known_aside[item.seq, digest])
            continue
        try:
            entry = _read(item, digest, enrolment, hash_at, named)
        except _Apart as apart:
            known_aside[item.seq, digest] = apart.reason
            named[item.seq] |= {digest, item.hash}
            _set_aside(told, enrolment, item, digest, apart, now)
            continue
        hash_at[item.seq] = digest
        read.append((item, entry))
    _tell_believable(session, enrolment, read, told, now)
    return told


def _reject(told: _Sorted, item: LogItem, fault: str) -> None:
    told.rejected.append(Rejected(seq=item.seq, error=fault))


def _set_aside(told: _Sorted, enrolment: Enrolment, item: LogItem, digest: str, apart: _Apart, now: datetime) -> None:
    _reject(told, item, apart.reason)
    told.aside.append(
        {
            "enrolment_id": enrolment.id,
            "seq": item.seq,
            "entry": item.entry,
            "hash": digest,
            "reason": apart.reason,
            "detail": apart.detail,
            "received_at": now,
        }
    )


def _read(
    item: LogItem,
    digest: str,
    enrolment: Enrolment,
    hash_at: dict[int, str],
    aside: Mapping[int, set[str]],
) -> Entry:
    """The entry, where it can be read and hangs on what is known. Raises _Apart."""
    if digest != item.hash:
        raise _Apart("hash", f"{_CLAIMED}{item.hash}")
    if item.seq in hash_at:
        raise _Apart("fork", f"stored {hash_at[item.seq]}")
    try:
        entry = Entry.model_validate_json(item.entry)
    except ValidationError as error:
        raise _Apart("unreadable", first_problem(error)) from error
    if entry.seq != item.seq:
        raise _Apart("unreadable", f"the entry says seq {entry.seq}")
    if max(entry.manifest_sequence, entry.sounded_ms or 0) > INTEGER_MAX or out_of_range(entry):
        raise _Apart("unreadable", "a figure or an instant is out of all bounds")
    if entry.seq == 1 and entry.previous_hash != enrolment.id:
        raise _Apart("station", f"the chain begins with {entry.previous_hash}, not with this enrolment")
    # An entry after a fork or after an unreadable one hangs on what was set aside; where nothing is known of the one
    # before, it is still on its way.
    before = aside.get(item.seq - 1, set()) | ({hash_at[item.seq - 1]} if item.seq - 1 in hash_at else set())
    if before and entry.previous_hash not in before:
        raise _Apart("chain", f"names {entry.previous_hash} as before it, known is {', '.join(sorted(before))}")
    return entry


def _tell_believable(
    session: Session, enrolment: Enrolment, read: list[tuple[LogItem, Entry]], told: _Sorted, now: datetime
) -> None:
    """Sets aside what speaks of another station's airing, or of one as it cannot have been; makes rows of the rest."""
    airing_ids = list({str(entry.airing) for _, entry in read if entry.airing is not None})
    planned = {
        row.id: row
        for row in session.execute(
            select(Airing.id, Airing.station_id, Airing.starts_at, Airing.audio_sha256).where(Airing.id.in_(airing_ids))
        )
    }
    for item, entry in read:
        airing = planned.get(str(entry.airing)) if entry.airing is not None else None
        apart = None
        if airing is not None and airing.station_id != enrolment.station_id:
            apart = _Apart("station", f"airing {entry.airing} belongs to station {airing.station_id}")
        elif airing is not None:
            handed = partial(handed_to, session, enrolment, entry.manifest_sequence, airing.id)
            why = impossible(entry, Ordered(airing.starts_at, airing.audio_sha256), handed, now)
            apart = _Apart("proof", f"airing {entry.airing}: {why}") if why is not None else None
        if apart is not None:
            _set_aside(told, enrolment, item, item.hash, apart, now)
        else:
            told.rows.append({"enrolment_id": enrolment.id, "seq": item.seq, "entry": item.entry, "hash": item.hash})
            told.rows[-1].update(columns_of(entry))
    told.rejected.sort(key=lambda each: each.seq)


def _alarm(session: Session, enrolment: Enrolment, aside: list[dict[str, Any]], now: datetime) -> None:
    station = session.get_one(Station, enrolment.station_id)
    counts = Counter(row["reason"] for row in aside)
    record(
        session,
        Actor(station.name),
        "log_set_aside",
        "station",
        station.id,
        station.name,
        now=now,
        unit_id=station.unit_id_on(local_day(now)),
        detail={
            "enrolment": enrolment.id,
            "seqs": sorted({row["seq"] for row in aside}),
            "reasons": dict(counts),
            "message": "; ".join(f"{_WHY[reason]}: {count}" for reason, count in sorted(counts.items())),
        },
    )


def _advance(enrolment: Enrolment, told: _Sorted) -> None:
    """How far the log has come. What was set aside counts too, but a fork: the station knows the hash it sent."""
    heads = [(row["seq"], row["hash"]) for row in told.rows]
    heads += [
        (row["seq"], row["detail"].removeprefix(_CLAIMED) if row["reason"] == "hash" else row["hash"])
        for row in told.aside
        if row["reason"] != "fork"
    ]
    highest = max(heads, default=(0, ""))
    if highest[0] > enrolment.last_seq:
        enrolment.last_seq, enrolment.last_hash = highest
