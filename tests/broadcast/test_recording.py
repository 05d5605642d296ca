"""Batches as they really come: lost, repeated, out of order, forked, unreadable, of somebody else."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit import audit
from broadcast.audit_event import AuditEvent
from broadcast.clock import iso_millis
from broadcast.db import Database
from broadcast.errors import Forbidden, Invalid
from broadcast.log_entry import LogBatch, LogEntry, SetAside
from broadcast.outcome import outcomes_of
from broadcast.recording import record_batch
from broadcast.station import Enrolment, Manifest
from broadcast.status import record_status
from broadcast.wire import LogItem, StatusReport, entry_hash, milliseconds
from tests.proof import Commune, Machine, a_commune, an_airing


@pytest.fixture
def commune(session: Session, now: datetime) -> Commune:
    return a_commune(session, now)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def enrolment(session: Session, commune: Commune, machine: Machine, now: datetime) -> Enrolment:
    return machine.enrol(session, commune.station, now)[0]


def stored(session: Session) -> list[int]:
    return list(session.scalars(select(LogEntry.seq).order_by(LogEntry.seq)))


@pytest.mark.usefixtures("enrolment")
def test_an_entry_is_kept_as_sent_with_the_names_as_they_were_then(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    airing = an_airing(session, commune, now)
    machine.played(airing)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert (answer.acknowledged, answer.duplicates, answer.rejected) == (2, 0, [])
    rows = session.scalars(select(LogEntry).order_by(LogEntry.seq)).all()
    assert [row.entry for row in rows] == [item.entry for item in machine.items]
    row = rows[1]
    assert (row.kind, row.airing_id, row.sounded_ms, row.received_at) == ("finished", airing.id, 30_000, now)
    assert (row.station_code, row.station_name) == ("T-TC", "Trạm Tân Cảnh 1")
    assert (row.unit_code, row.unit_name) == ("X-TC", "Xã Tân Cảnh")
    assert (row.bulletin_code, row.bulletin_title) == ("B-TC", "Cài đặt ứng dụng")
    assert (enrolment.last_seq, enrolment.last_hash) == (2, machine.items[-1].hash)


def test_names_in_the_log_survive_a_renaming(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    commune.station.name, commune.unit.name = "Tên mới", "Xã mới"
    machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    names = session.execute(select(LogEntry.station_name, LogEntry.unit_name).order_by(LogEntry.seq)).all()
    assert names == [("Trạm Tân Cảnh 1", "Xã Tân Cảnh"), ("Tên mới", "Xã mới")]
    assert audit(session)[0].ok


def test_a_wrong_signature_stores_nothing(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.entry("ready", now)
    stranger = Machine(enrolment=enrolment.id, items=machine.items)
    with pytest.raises(Forbidden):
        record_batch(session, enrolment, stranger.batch(), now)
    assert stored(session) == []
    assert session.scalar(select(func.count()).select_from(LogBatch)) == 0
    assert enrolment.last_seq == 0


def test_a_batch_with_a_number_out_of_all_bounds_is_refused_whole(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    with pytest.raises(Invalid):
        record_batch(session, enrolment, machine.batch([LogItem(seq=2**31, entry="{}", hash=entry_hash("{}"))]), now)
    assert stored(session) == []


def test_the_same_entry_again_is_acknowledged_and_not_stored_again(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    machine.entry("fetched", now)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert (answer.acknowledged, answer.duplicates) == (2, 1)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert (answer.acknowledged, answer.duplicates) == (2, 2)
    assert stored(session) == [1, 2]
    assert session.scalar(select(func.count()).select_from(LogBatch)) == 2


def test_one_entry_twice_in_one_batch_is_stored_once(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    item = machine.entry("ready", now)
    answer = record_batch(session, enrolment, machine.batch([item, item]), now)
    assert (answer.acknowledged, answer.duplicates) == (1, 1)
    assert stored(session) == [1]


def test_a_fork_is_kept_apart_acknowledged_and_alarmed(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    for _ in range(3):
        machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    fork = machine.fork(3, now)
    for _ in range(2):  # a repeat of it changes nothing
        answer = record_batch(session, enrolment, machine.batch([fork]), now)
        assert answer.acknowledged == 3
        assert [(each.seq, each.error) for each in answer.rejected] == [(3, "fork")]
    kept = session.scalars(select(SetAside)).all()
    assert [(row.seq, row.entry, row.reason) for row in kept] == [(3, fork.entry, "fork")]
    assert stored(session) == [1, 2, 3]
    assert enrolment.last_hash == machine.items[2].hash
    alarms = session.scalars(select(AuditEvent).where(AuditEvent.act == "log_set_aside")).all()
    assert [alarm.detail["seqs"] for alarm in alarms] == [[3]]


def test_what_follows_a_fork_is_recorded_so_that_the_station_never_gets_stuck(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.entry("ready", now)
    machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    machine.items[1] = machine.fork(2, now)
    machine.entry("ready", now)
    machine.entry("ready", now)
    answer = record_batch(session, enrolment, machine.batch(machine.items[1:]), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(2, "fork")]
    assert stored(session) == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "{", "không phải JSON", '{"seq": 2}', "[" * 5000, '{"seq": 1}', "\ufeff{}"])
def test_an_unreadable_entry_is_kept_apart_and_the_next_ones_are_recorded(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime, text: str
) -> None:
    machine.entry("ready", now)
    machine.append(text)
    machine.entry("ready", now)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert answer.acknowledged == 3
    assert [(each.seq, each.error) for each in answer.rejected] == [(2, "unreadable")]
    assert stored(session) == [1, 3]
    assert session.scalars(select(SetAside.entry)).all() == [text]
    assert audit(session)[0].ok


@pytest.mark.parametrize(
    "facts",
    [
        {"manifest_sequence": 2**40},
        {"sounded_ms": 2**40},
        {"at": "9999-12-31T23:59:59.000Z"},
        {"at": "0001-01-01T00:00:00.000Z"},
    ],
)
def test_an_entry_with_a_figure_that_no_column_holds_is_kept_apart(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime, facts: dict[str, object]
) -> None:
    machine.entry("ready", **({"at": now} | facts))  # type: ignore[arg-type]
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(1, "unreadable")]
    assert enrolment.last_seq == 1


def test_an_entry_whose_hash_is_not_its_own_is_kept_apart(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    item = machine.entry("ready", now)
    altered = item.model_copy(update={"entry": item.entry.replace("ready", "alarm")})
    answer = record_batch(session, enrolment, machine.batch([altered]), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(1, "hash")]
    assert session.scalars(select(SetAside.hash)).all() == [entry_hash(altered.entry)]
    assert (enrolment.last_seq, enrolment.last_hash) == (1, item.hash)


def test_an_entry_for_another_station_is_kept_apart(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    other = a_commune(session, now, "KHAC")
    machine.entry("ready", now)
    machine.played(an_airing(session, other, now))
    machine.entry("ready", now)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(2, "station"), (3, "station")]
    assert stored(session) == [1, 4]
    assert answer.acknowledged == 4


@pytest.mark.parametrize("field", ["started_at", "ended_at", "at"])
@pytest.mark.parametrize(
    "instant", ["9999-12-31T23:59:59.999Z", "2201-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z"]
)
def test_an_entry_of_an_instant_at_which_nothing_sounds_is_kept_apart(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime, field: str, instant: str
) -> None:
    airing = an_airing(session, commune, now)
    facts = {"started_at": now, "ended_at": now, field: datetime.fromisoformat(instant)}
    machine.entry("finished", facts.pop("at", now), airing=airing.id, sounded_ms=30_000, **facts)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert [each.error for each in answer.rejected] == ["unreadable"]
    assert stored(session) == []


def test_a_station_that_knows_no_time_says_so_from_1970(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    airing = an_airing(session, commune, now)
    machine.entry("missed", datetime(1970, 1, 1, 0, 5, tzinfo=UTC), airing=airing.id, reason="clock")
    assert record_batch(session, enrolment, machine.batch(), now).rejected == []


def proofs(session: Session, airing: Airing) -> tuple[list[str], list[dict[str, Any]], str]:
    """Why entries were kept apart, the alarms, and what became of the airing."""
    told = outcomes_of(session, [airing], airing.starts_at + timedelta(hours=1))[airing.id]
    alarms = session.scalars(select(AuditEvent.detail).where(AuditEvent.act == "log_set_aside"))
    return list(session.scalars(select(SetAside.reason))), [alarm["reasons"] for alarm in alarms], told.kind


@pytest.mark.parametrize(
    ("days", "sound"), [(-14, None), (0, "0" * 64), (2, None)], ids=["before its day", "another sound", "after receipt"]
)
def test_a_sounding_that_cannot_have_been_is_kept_alarmed_and_not_counted(
    session: Session,
    commune: Commune,
    machine: Machine,
    enrolment: Enrolment,
    now: datetime,
    days: int,
    sound: str | None,
) -> None:
    airing = an_airing(session, commune, now)
    began = now + timedelta(days=days)
    ended, sound = began + timedelta(seconds=30), sound or commune.asset.sha256
    machine.entry("started", began, airing=airing.id, started_at=began, audio=sound)
    machine.entry("finished", ended, airing=airing.id, started_at=began, ended_at=ended, sounded_ms=30_000, audio=sound)
    answer = record_batch(session, enrolment, machine.batch(), now + timedelta(minutes=1))
    assert [each.error for each in answer.rejected] == ["proof", "proof"]
    assert proofs(session, airing) == (["proof", "proof"], [{"proof": 2}], "unknown")
    machine.entry("ready", now)
    assert record_batch(session, enrolment, machine.batch(), now + timedelta(minutes=2)).rejected[2:] == []
    assert audit(session)[0].ok


def test_a_station_that_was_offline_is_believed_what_its_own_older_programme_ordered(
    session: Session, commune: Commune, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    airing = an_airing(session, commune, now + timedelta(minutes=8), audio_sha256="1" * 64)
    older = {"airings": [{"id": airing.id, "starts_at": iso_millis(now), "audio": commune.asset.sha256}]}
    session.add(
        Manifest(
            station_id=commune.station.id, enrolment_id=enrolment.id, sequence=1, body=json.dumps(older),
            signature="", etag="", content_hash="", made_at=now,
        )
    )  # fmt: skip
    ended = now + timedelta(seconds=30)
    machine.entry(
        "finished", ended, airing=airing.id, started_at=now, ended_at=ended, sounded_ms=30_000,
        audio=commune.asset.sha256,
    )  # fmt: skip
    assert record_batch(session, enrolment, machine.batch(), ended).rejected == []
    assert proofs(session, airing) == ([], [], "complete")


def test_what_follows_an_entry_kept_apart_must_hang_on_it(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.append("{}")
    machine.items[0] = machine.items[0].model_copy(update={"hash": "7" * 64})
    machine.entry("ready", now)
    machine.entry("ready", now)
    true = [each.model_copy() for each in machine.items]
    machine.items[2] = machine.items[0]
    machine.append(true[2].entry.replace(true[1].hash, "f" * 64).replace('"seq":3', '"seq":4'))
    batch = [true[0], true[1], LogItem(seq=3, entry="[]", hash=entry_hash("[]")), machine.items[3]]
    answer = record_batch(session, enrolment, machine.batch(batch), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(1, "hash"), (3, "unreadable"), (4, "chain")]
    assert stored(session) == [2]
    assert session.scalars(select(AuditEvent.detail)).all()[-1]["reasons"] == {"hash": 1, "unreadable": 1, "chain": 1}


def test_a_chain_that_began_in_another_enrolment_is_kept_apart(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    item = Machine(enrolment="00000000-0000-4000-8000-000000000000").entry("ready", now)
    answer = record_batch(session, enrolment, machine.batch([item]), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(1, "station")]


def test_an_entry_that_does_not_hang_on_the_one_before_is_kept_apart(
    session: Session, machine: Machine, enrolment: Enrolment, now: datetime
) -> None:
    machine.entry("ready", now)
    machine.entry("ready", now, previous_hash="0" * 64)
    answer = record_batch(session, enrolment, machine.batch(), now)
    assert [(each.seq, each.error) for each in answer.rejected] == [(2, "chain")]


def killed_if(fate: bool) -> None:
    """The server dies before it commits."""
    if fate:
        raise InterruptedError


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_log_entry_is_stored_exactly_once_whatever_is_lost_repeated_reordered_or_killed_on_the_way(
    sqlite_database: Database, data: st.DataObject
) -> None:
    now = datetime.fromisoformat("2026-11-22T03:00:00+00:00")
    database, machine = sqlite_database, Machine()
    code = uuid.uuid4().hex[:12]
    with database.writing() as session:
        commune = a_commune(session, now, code)
        enrolment_id = machine.enrol(session, commune.station, now)[0].id
    total = data.draw(st.integers(1, 12))
    for number in range(total):
        machine.entry("ready", now + timedelta(seconds=number))
    cuts = st.tuples(st.integers(0, total - 1), st.integers(1, total)).filter(lambda cut: cut[0] < cut[1])
    tries = data.draw(st.lists(st.tuples(cuts, st.sampled_from(["arrives", "killed"])), max_size=12))
    for (start, end), fate in [*tries, ((0, total), "arrives")]:
        batch = machine.batch(machine.items[start:end])
        try:
            with database.writing() as session:
                answer = record_batch(session, session.get_one(Enrolment, enrolment_id), batch, now)
                killed_if(fate == "killed")
        except InterruptedError:
            continue
        assert answer.acknowledged == end
        assert answer.rejected == []
    with database.reading() as session:
        rows = session.execute(
            select(LogEntry.seq, LogEntry.entry).where(LogEntry.enrolment_id == enrolment_id).order_by(LogEntry.seq)
        )
        assert list(rows) == [(item.seq, item.entry) for item in machine.items]
        assert [str(line) for line in audit(session) if not line.ok] == []


def a_report(sent_at: datetime, **other: object) -> StatusReport:
    fields = {
        "sent_ms": milliseconds(sent_at),
        "clock_offset_ms": 12,
        "clock_source": "server",
        "volume": 70,
        "disk_free_bytes": 1_000_000,
        "version": "1",
        "manifest_sequence": 5,
        "audio_held": 1,
        "audio_missing": 0,
        "playing": None,
        "outbox": 0,
        "errors": [],
    }
    return StatusReport.model_validate(fields | other)


def test_an_empty_outbox_settles_the_log_until_the_instant_of_the_report(
    session: Session, commune: Commune, now: datetime
) -> None:
    station = commune.station
    assert record_status(session, station, a_report(now, outbox=3), now).settled_until is None
    assert record_status(session, station, a_report(now, clock_source="none"), now).settled_until is None
    assert record_status(session, station, a_report(now), now).settled_until == now
    ahead = now + timedelta(hours=1)
    assert record_status(session, station, a_report(ahead), now).settled_until == now
    assert record_status(session, station, a_report(now - timedelta(hours=1)), now).settled_until == now


def test_while_an_airing_plays_the_log_is_settled_until_it_only(
    session: Session, commune: Commune, now: datetime
) -> None:
    airing = an_airing(session, commune, now)
    report = a_report(now + timedelta(seconds=10), playing=airing.id)
    status = record_status(session, commune.station, report, now + timedelta(seconds=10))
    assert status.settled_until == now
    assert status.playing == airing.id


def test_a_station_that_says_it_plays_what_was_ordered_of_another_is_not_believed(
    session: Session, commune: Commune, now: datetime
) -> None:
    foreign = an_airing(session, a_commune(session, now, "KH"), now)
    own = an_airing(session, commune, now)
    assert record_status(session, commune.station, a_report(now, playing=foreign.id), now).playing is None
    assert record_status(session, commune.station, a_report(now, playing=str(uuid.uuid4())), now).playing is None
    assert record_status(session, commune.station, a_report(now, playing=own.id), now).playing == own.id


def test_a_status_ends_the_silence_of_a_station(session: Session, commune: Commune, now: datetime) -> None:
    status = record_status(session, commune.station, a_report(now), now)
    status.silent_since = now
    status = record_status(session, commune.station, a_report(now, errors=["thẻ nhớ"]), now)
    assert status.silent_since is None
    assert (status.seen_at, status.errors, status.manifest_sequence) == (now, ["thẻ nhớ"], 5)


def test_a_station_that_says_it_plays_nothing_between_two_readings_has_not_lost_its_power(
    session: Session, now: datetime
) -> None:
    commune = a_commune(session, now)
    machine = Machine()
    enrolment, _ = machine.enrol(session, commune.station, now)
    thrice, open_ = an_airing(session, commune, now), an_airing(session, commune, now + timedelta(minutes=10))
    thrice.repeats, thrice.gap_ms, open_.repeats = 3, 10_000, None
    for airing in (thrice, open_):
        machine.entry("started", airing.starts_at, airing=airing.id, started_at=airing.starts_at)
    record_batch(session, enrolment, machine.batch(), now)
    for seconds in (35, 635, 3600):
        at = now + timedelta(seconds=seconds)
        record_status(session, commune.station, a_report(at), at)
        told = outcomes_of(session, [thrice, open_], at)
        assert told[open_.id].kind == "unknown"
        assert (told[thrice.id].kind, told[thrice.id].is_sounding) == (
            ("unknown", True) if seconds == 35 else ("partial", False)
        )
