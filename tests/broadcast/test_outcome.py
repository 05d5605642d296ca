"""DESIGN §5.2 as a table: what was ordered, what was logged, what is to be said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from broadcast.outcome import AiringFacts, EntryFacts, OutcomeKind, outcome, outcomes_of
from broadcast.recording import record_batch
from broadcast.station import StationStatus
from tests.proof import Machine, a_commune, an_airing

AT = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ORDERED = AiringFacts(AT, AT + timedelta(seconds=120), 30_000)
THRICE = ORDERED._replace(repeats=3, gap_ms=10_000)
STOPPED = ORDERED._replace(repeats=None, cancelled_at=AT + timedelta(seconds=600), cancel_reason="stopped")


def started(after_s: float = 0) -> EntryFacts:
    return EntryFacts("started", None, AT + timedelta(seconds=after_s), AT + timedelta(seconds=after_s))


def ended(sounded_ms: int, kind: str = "finished", reason: str | None = None) -> EntryFacts:
    at = AT + timedelta(milliseconds=sounded_ms)
    return EntryFacts(kind, reason, at, None, at, sounded_ms)


def missed(reason: str) -> EntryFacts:
    return EntryFacts("missed", reason, AT)


@pytest.mark.parametrize(
    ("ordered", "entries", "settled", "kind", "reason"),
    [
        (ORDERED, [started(), ended(30_000)], None, "complete", None),
        (ORDERED, [started(5), ended(30_000)], None, "complete", None),
        (ORDERED, [started(5.001), ended(30_000)], None, "late", None),
        (ORDERED, [started(), ended(29_400)], None, "complete", None),
        (ORDERED, [started(), ended(29_399, "stopped", "interrupted")], None, "partial", "interrupted"),
        (ORDERED, [started(60), ended(10_000, "stopped", "emergency")], None, "partial", "emergency"),
        (ORDERED, [started(), ended(0, "stopped", "output")], None, "missed", "output"),
        (ORDERED, [missed("no_audio")], None, "missed", "no_audio"),
        (ORDERED, [missed("clock")], LATER, "missed", "clock"),
        (ORDERED, [missed("clock"), started(20), ended(30_000)], None, "late", None),
        (ORDERED, [], None, "unknown", None),
        (ORDERED, [], AT + timedelta(seconds=60), "unknown", None),
        (ORDERED, [], LATER, "missed", "no_record"),
        (ORDERED, [started()], None, "unknown", None),
        (ORDERED, [started()], AT, "unknown", None),
        (ORDERED, [started()], LATER, "partial", "power"),
        (ORDERED, [started(), ended(12_000, "stopped", "power")], None, "partial", "power"),
        (ORDERED, [started(), ended(10_000, "stopped", "emergency"), started(90)], None, "unknown", None),
        (ORDERED, [started(), ended(10_000, "stopped", "emergency"), started(90)], LATER, "partial", "power"),
        (
            ORDERED,
            [started(), ended(10_000, "stopped", "emergency"), started(90), ended(20_000)],
            None,
            "complete",
            None,
        ),
        (ORDERED._replace(repeats=2), [started(), ended(30_000, "stopped", "error")], None, "partial", "error"),
        (ORDERED._replace(repeats=2), [started(), ended(60_000)], None, "complete", None),
        (ORDERED._replace(repeats=None), [started(), ended(95_000, "stopped", "cancelled")], None, "complete", None),
        (
            ORDERED._replace(repeats=None),
            [started(), ended(5_000, "stopped", "cancelled")],
            None,
            "partial",
            "cancelled",
        ),
        (ORDERED._replace(cancelled_at=AT, cancel_reason="withdrawn"), [], None, "cancelled", "withdrawn"),
        (ORDERED._replace(cancelled_at=AT, cancel_reason="withdrawn"), [], LATER, "cancelled", "withdrawn"),
        (
            ORDERED._replace(cancelled_at=AT, cancel_reason="stopped"),
            [missed("cancelled")],
            None,
            "cancelled",
            "stopped",
        ),
        # A loudspeaker that was dead while the storm warning was to sound: stopping the warning excuses nothing.
        (STOPPED, [missed("output")], None, "missed", "output"),
        (STOPPED, [started(), ended(0, "stopped", "output")], LATER, "missed", "output"),
        (STOPPED, [EntryFacts("missed", "output", AT + timedelta(seconds=700))], None, "cancelled", "stopped"),
        (STOPPED, [missed("cancelled")], LATER, "cancelled", "stopped"),
        (STOPPED, [], LATER, "cancelled", "stopped"),
        # Between two readings the station says that it plays nothing and that all is sent.
        (THRICE, [started()], AT + timedelta(seconds=109), "unknown", None),
        (THRICE, [started()], AT + timedelta(seconds=110), "unknown", None),
        (THRICE, [started()], AT + timedelta(seconds=111), "partial", "power"),
        (THRICE, [started(90)], AT + timedelta(seconds=199), "unknown", None),
        (THRICE, [started(), ended(12_000, "stopped", "power")], None, "partial", "power"),
        (ORDERED._replace(repeats=None), [started()], LATER, "unknown", None),
        (ORDERED._replace(repeats=None), [started(), ended(12_000, "stopped", "power")], None, "partial", "power"),
        (STOPPED, [started()], AT + timedelta(seconds=600), "unknown", None),
        (STOPPED, [started()], AT + timedelta(seconds=601), "partial", "power"),
    ],
)
def test_sounded_time_against_planned_time_decides(
    ordered: AiringFacts, entries: list[EntryFacts], settled: datetime | None, kind: str, reason: str | None
) -> None:
    told = outcome(ordered, entries, LATER, settled)
    assert (told.kind, told.reason) == (kind, reason)


def heard(begin_s: float, end_s: float, sounded_ms: int) -> EntryFacts:
    begun, end = (AT + timedelta(seconds=after_s) for after_s in (begin_s, end_s))
    return EntryFacts("finished", None, end, begun, end, sounded_ms)


@pytest.mark.parametrize(
    ("ordered", "entries", "kind", "sounded_ms"),
    [
        (ORDERED, [heard(0, 30, 99_999_999)], "complete", 30_000),
        (ORDERED, [heard(0, 2, 30_000)], "partial", 7_000),
        (ORDERED, [heard(0, -60, 30_000)], "partial", 5_000),
        (ORDERED, [ended(99_999_999)], "complete", 30_000),
        (ORDERED, [heard(0, 30, 30_000)] * 3, "complete", 30_000),
        (THRICE, [heard(0, 30, 30_000)] * 3, "partial", 35_000),
        (THRICE, [heard(0, 40, 40_000), heard(60, 110, 50_000)], "complete", 90_000),
        (ORDERED._replace(repeats=None), [heard(0, 600, 99_999_999)], "complete", 605_000),
        (ORDERED._replace(repeats=None), [heard(0, 600, 580_000)], "complete", 580_000),
        (ORDERED._replace(repeats=None), [started(), ended(95_000), ended(95_000)], "complete", 100_000),
        (ORDERED._replace(repeats=None), [ended(99_999_999)], "complete", 30_000),
    ],
)
def test_never_more_sounded_than_there_was_time_for(
    ordered: AiringFacts, entries: list[EntryFacts], kind: str, sounded_ms: int
) -> None:
    told = outcome(ordered, entries, LATER, None)
    assert (told.kind, told.sounded_ms) == (kind, sounded_ms)


def test_evidence_of_sounding_beats_a_cancellation() -> None:
    withdrawn = ORDERED._replace(cancelled_at=AT, cancel_reason="withdrawn")
    assert outcome(withdrawn, [started(), ended(30_000)], LATER, None).kind is OutcomeKind.COMPLETE
    assert outcome(withdrawn, [started(), ended(9_000, "stopped", "cancelled")], LATER, None).kind == "partial"


def test_what_is_still_to_come_counts_nowhere() -> None:
    told = outcome(ORDERED, [], AT - timedelta(milliseconds=1), None)
    assert (told.kind, told.due, told.counts_as_planned) == ("unknown", False, False)
    assert outcome(ORDERED, [], AT, None).counts_as_planned


def test_a_cancelled_airing_is_not_planned() -> None:
    assert not outcome(ORDERED._replace(cancelled_at=AT), [], LATER, LATER).counts_as_planned


@pytest.mark.parametrize(
    ("ordered", "entries", "minutes", "settled", "sounds"),
    [
        (THRICE, [started()], 1, AT + timedelta(seconds=45), True),
        (THRICE, [started(), ended(90_000)], 1, None, False),
        (THRICE, [started()], 3, None, True),  # the end may still be under way
        (THRICE, [started()], 5, None, False),
        (THRICE, [started()], 3, AT + timedelta(minutes=3), False),
        (THRICE, [], 1, None, False),
        (THRICE, [missed("output")], 1, None, False),
        (ORDERED._replace(repeats=None), [started()], 300, AT + timedelta(hours=5), True),
        (ORDERED._replace(repeats=None), [started(), ended(95_000, "stopped", "power"), started(200)], 60, None, True),
        (STOPPED, [started()], 11, None, True),
        (STOPPED, [started()], 13, None, False),
        (STOPPED, [started(), ended(600_000, "stopped", "cancelled")], 11, None, False),
    ],
)
def test_what_began_sounds_until_its_end_or_until_silence_is_proven(
    ordered: AiringFacts, entries: list[EntryFacts], minutes: int, settled: datetime | None, sounds: bool
) -> None:
    assert outcome(ordered, entries, AT + timedelta(minutes=minutes), settled).is_sounding is sounds


entry = st.builds(
    EntryFacts,
    kind=st.sampled_from(["started", "finished", "stopped", "missed"]),
    reason=st.sampled_from([None, "power", "emergency", "no_audio"]),
    at=st.integers(-10, 300).map(lambda s: AT + timedelta(seconds=s)),
    started_at=st.none(),
    ended_at=st.none(),
    sounded_ms=st.sampled_from([None, 0, 1, 29_400, 30_000]),
)


@given(
    entries=st.lists(entry, max_size=6),
    cancelled=st.booleans(),
    settled=st.sampled_from([None, AT, LATER]),
    repeats=st.sampled_from([1, 3, None]),
)
def test_every_planned_airing_ends_in_exactly_one_outcome(
    entries: list[EntryFacts], cancelled: bool, settled: datetime | None, repeats: int | None
) -> None:
    """Complete, partial, late, missed (with reason), cancelled; or not yet known while its station is silent."""
    told = outcome(ORDERED._replace(cancelled_at=AT if cancelled else None, repeats=repeats), entries, LATER, settled)
    assert told.kind in OutcomeKind
    assert told.due
    if told.kind is OutcomeKind.MISSED:
        assert told.sounded_ms == 0
        assert told.reason
    if told.kind is OutcomeKind.UNKNOWN:
        assert settled != LATER or (repeats is None and told.is_sounding)
    if told.kind in {"complete", "late"}:
        assert told.sounded_ms * 100 >= told.planned_ms * 98


def test_outcomes_of_many_airings_come_from_the_log_that_was_recorded(session: Session, now: datetime) -> None:
    commune = a_commune(session, now)
    machine = Machine()
    enrolment, _ = machine.enrol(session, commune.station, now)
    hours = [an_airing(session, commune, now + timedelta(hours=hour)) for hour in range(4)]
    machine.played(hours[0])
    machine.played(hours[1], late_s=30)
    machine.entry("missed", hours[2].starts_at, airing=hours[2].id, reason="no_audio")
    record_batch(session, enrolment, machine.batch(), now)
    session.add(StationStatus(station_id=commune.station.id, settled_until=now + timedelta(hours=2), errors=[]))
    session.flush()
    told = outcomes_of(session, hours, now + timedelta(hours=5))
    assert [told[airing.id].kind.value for airing in hours] == ["complete", "late", "missed", "unknown"]
    assert told[hours[1].id].started_at == hours[1].starts_at + timedelta(seconds=30)
