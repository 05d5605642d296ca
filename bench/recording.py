"""Recording 500 log entries against a Core insert of the same rows into the same table. `python -m bench.recording`

The bare side inserts rows that are ready and commits. Ours: the batch as JSON, its shape, the signature, 500 hashes,
the chain, what is there already, the names, the receipts, the same insert, the commit.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from broadcast.db import Database
from broadcast.log_entry import LogEntry
from broadcast.migrations import upgrade
from broadcast.person import token_hash
from broadcast.recording import record_batch
from broadcast.station import Enrolment, Station
from broadcast.wire import (
    LOG_BATCH_MAX,
    Entry,
    EntryKind,
    LogBatch,
    LogItem,
    batch_text,
    entry_hash,
    entry_text,
    public_key_text,
    sign,
)

ROUNDS = 9
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def measure(url: str, bare_url: str) -> tuple[float, float]:
    """The median seconds of ours and of the bare insert, taken in turns on two databases of one kind."""
    ours, bare = Database(url), Database(bare_url)
    for database in (ours, bare):
        upgrade(database)
        with database.writing() as session:
            session.add(Station(id=1, code="T1", name="Trạm 1", created_at=AT))
    took: list[tuple[float, float]] = []
    for _ in range(ROUNDS + 1):
        key, enrolment_id = Ed25519PrivateKey.generate(), str(uuid.uuid4())
        for database in (ours, bare):
            with database.writing() as session:
                _enrol(session, enrolment_id, key)
        body = _batch(enrolment_id, key)
        ours_s = _ours(ours, enrolment_id, body)
        took.append((ours_s, _bare(bare, _rows(ours, enrolment_id))))
    ours.dispose()
    bare.dispose()
    # the first round fills caches on both sides
    return statistics.median(a for a, _ in took[1:]), statistics.median(b for _, b in took[1:])


def _ours(database: Database, enrolment_id: str, body: str) -> float:
    began = time.perf_counter()
    batch = LogBatch.model_validate_json(body)
    with database.writing() as session:
        answer = record_batch(session, session.get_one(Enrolment, enrolment_id), batch, AT)
    took_s = time.perf_counter() - began
    assert (answer.acknowledged, answer.duplicates, answer.rejected) == (LOG_BATCH_MAX, 0, [])
    return took_s


def _bare(database: Database, rows: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    with database.engine.begin() as connection:
        connection.execute(insert(_table()), rows)
    return time.perf_counter() - began


def _table() -> Table:
    table = LogEntry.__table__
    assert isinstance(table, Table)
    return table


def _rows(database: Database, enrolment_id: str) -> list[dict[str, Any]]:
    columns = [column for column in _table().columns if column.name != "id"]
    with database.reading() as session:
        found = session.execute(select(*columns).where(LogEntry.enrolment_id == enrolment_id).order_by(LogEntry.id))
        return [dict(row) for row in found.mappings()]


def _enrol(session: Session, enrolment_id: str, key: Ed25519PrivateKey) -> None:
    session.add(
        Enrolment(
            id=enrolment_id,
            station_id=1,
            token_hash=token_hash(enrolment_id),
            public_key=public_key_text(key),
            enrolled_at=AT,
            ended_at=AT,
        )
    )


def _batch(enrolment_id: str, key: Ed25519PrivateKey) -> str:
    items: list[LogItem] = []
    previous = enrolment_id
    for seq in range(1, LOG_BATCH_MAX + 1):
        at = AT + timedelta(minutes=seq)
        entry = Entry(
            seq=seq,
            event_id=uuid.uuid4(),
            previous_hash=previous,
            airing=uuid.uuid4(),
            manifest_sequence=1,
            kind=EntryKind.FINISHED,
            at=at,
            started_at=at,
            ended_at=at + timedelta(seconds=30),
            sounded_ms=30_000,
            clock_offset_ms=3,
            clock_source="server",
        )
        text = entry_text(entry)
        previous = entry_hash(text)
        items.append(LogItem(seq=seq, entry=text, hash=previous))
    signature = sign(key, batch_text(enrolment_id, LOG_BATCH_MAX, previous))
    return LogBatch(entries=items, signature=signature).model_dump_json()


def main() -> None:
    """Prints one line of JSON."""
    with tempfile.TemporaryDirectory() as folder:
        ours_s, bare_s = measure(*(f"sqlite:///{(Path(folder) / name).absolute()}" for name in ("ours.db", "bare.db")))
    detail = f"{LOG_BATCH_MAX} entries: {ours_s * 1000:.1f} ms, Core insert of the rows {bare_s * 1000:.1f} ms"
    print(json.dumps({"name": "recording", "ratio": round(ours_s / bare_s, 2), "detail": detail}))


if __name__ == "__main__":
    main()
