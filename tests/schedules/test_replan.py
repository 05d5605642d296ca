"""The plan meets the tables: what is added, changed, cancelled, refused, and that twice changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.bulletin import Revision
from broadcast.clock import VIETNAM
from broadcast.deciding import withdraw
from broadcast.keys import SigningKeys
from broadcast.rule import RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.tally import PROGRAMME, count
from broadcast.writing import revise
from schedules.manifest import manifest_for
from schedules.replan import station_batches
from tests.district import District
from tests.proof import Machine
from tests.schedules.planned import replanned


@pytest.fixture
def district(session: Session, now: datetime) -> District:
    return District(session, now)


def standing(session: Session) -> list[Airing]:
    return list(session.scalars(select(Airing).where(Airing.cancelled_at.is_(None)).order_by(Airing.starts_at)))


def test_a_rule_becomes_airings_for_today_and_fourteen_days(
    district: District, session: Session, now: datetime
) -> None:
    station = district.station("S1")
    bulletin = district.bulletin("M")
    district.rule("r", bulletin, ["05:45", "17:15"], repeats=2, gap_seconds=5)
    done = replanned(session, now)
    rows = standing(session)
    # Today at 10:00 the morning is over: one slot today, two on each of the next fourteen days.
    assert len(rows) == done.added == 29
    first = rows[0]
    assert first.starts_at == datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
    assert (first.local_date, first.slot_key) == (date(2026, 11, 22), "17:15")
    assert first.ends_at - first.starts_at == timedelta(seconds=125)
    assert (first.station_id, first.unit_id) == (station.id, district.commune.id)
    assert first.audio_sha256 == bulletin.latest.approvals[0].audio_sha256
    assert first.approved_by_name == "Hai"
    # 05:45 local belongs to its own morning, though it is the day before in UTC.
    assert (rows[1].local_date, rows[1].starts_at.date()) == (date(2026, 11, 23), date(2026, 11, 22))


def test_planning_twice_changes_nothing(district: District, session: Session, now: datetime) -> None:
    district.station("S1")
    district.rule("r", district.bulletin("M"), ["04:30", "17:15"])
    first = replanned(session, now)
    before = count(session, PROGRAMME)
    again = replanned(session, now)
    assert first.added == 15
    assert first.refused == 14
    assert (again.added, again.changed, again.cancelled, again.refused) == (0, 0, 0, 0)
    assert again.unchanged == 15
    assert count(session, PROGRAMME) == before


def test_a_refused_slot_keeps_its_reason_and_the_past_of_it_stays_fixed(
    district: District, session: Session, now: datetime
) -> None:
    district.station("S1")
    rule = district.rule("r", district.bulletin("M"), ["04:30"])
    replanned(session, now)
    refusals = list(session.scalars(select(Refusal).order_by(Refusal.asked_at)))
    assert {refusal.code for refusal in refusals} == {"curfew"}
    assert all("22:00" in refusal.reason and "05:00" in refusal.reason for refusal in refusals)
    later = now + timedelta(days=2)
    rule.times = ["17:15"]
    session.flush()
    replanned(session, later)
    left = list(session.scalars(select(Refusal.asked_at).order_by(Refusal.asked_at)))
    assert left == [datetime(2026, 11, day, 21, 30, tzinfo=UTC) for day in (22, 23)]


def test_withdrawal_cancels_future_airings_and_leaves_the_past(
    district: District, session: Session, now: datetime
) -> None:
    district.station("S1")
    bulletin = district.bulletin("M")
    district.rule("r", bulletin, ["17:15"])
    replanned(session, now)
    tomorrow = now + timedelta(days=1)
    withdraw(session, bulletin, district.approver, tomorrow)
    done = replanned(session, tomorrow)
    rows = standing(session)
    assert [row.local_date for row in rows] == [date(2026, 11, 22)]
    assert done.cancelled == 14
    assert set(session.scalars(select(Airing.cancel_reason).where(Airing.cancelled_at.is_not(None)))) == {"withdrawn"}


def test_the_old_revision_airs_until_the_new_one_is_approved(
    district: District, session: Session, now: datetime
) -> None:
    district.station("S1")
    bulletin = district.bulletin("M")
    district.rule("r", bulletin, ["17:15"])
    replanned(session, now)
    old = bulletin.latest.approvals[0].audio_sha256
    revise(session, bulletin, district.author, now, title=bulletin.title, script="Lời mới của bản tin.")
    assert replanned(session, now).changed == 0
    new = district.approve_latest(bulletin, duration_ms=90_000).sha256
    done = replanned(session, now)
    assert done.changed == 15
    assert {row.audio_sha256 for row in standing(session)} == {new} != {old}


def test_text_changed_behind_the_approval_never_airs(district: District, session: Session, now: datetime) -> None:
    district.station("S1")
    bulletin = district.bulletin("M")
    district.rule("r", bulletin, ["17:15"])
    session.execute(update(Revision).values(script="Ai đó sửa thẳng vào cơ sở dữ liệu."))
    session.expire_all()
    replanned(session, now)
    assert standing(session) == []
    assert set(session.scalars(select(Refusal.code))) == {"not_approved"}


def test_a_sound_missing_from_the_store_is_refused_and_comes_back_with_the_file(
    district: District, session: Session, now: datetime
) -> None:
    district.station("S1")
    district.rule("r", district.bulletin("M"), ["17:15"])
    replanned(session, now, has_audio=lambda sha256: False)
    assert set(session.scalars(select(Refusal.code))) == {"no_audio"}
    replanned(session, now, has_audio=lambda sha256: True)
    assert len(standing(session)) == 15
    assert session.scalar(select(func.count()).select_from(Refusal)) == 0


def test_a_cancelled_airing_comes_back_as_the_same_row(district: District, session: Session, now: datetime) -> None:
    district.station("S1")
    rule = district.rule("r", district.bulletin("M"), ["17:15"])
    replanned(session, now)
    ids = {row.id for row in standing(session)}
    rule.except_on = ["2026-11-25"]
    session.flush()
    assert replanned(session, now).cancelled == 1
    rule.except_on = []
    session.flush()
    assert replanned(session, now).changed == 1
    assert {row.id for row in standing(session)} == ids


def test_a_station_that_moves_follows_its_new_unit_from_that_day_on(
    district: District, session: Session, now: datetime
) -> None:
    other = district.unit("Y", parent=district.top)
    station = district.station("S1")
    district.rule("r", district.bulletin("M"), ["17:15"], unit=district.commune)
    replanned(session, now)
    station.units[0].until_on = date(2026, 11, 24)
    station.units.append(StationUnit(unit_id=other.id, from_on=date(2026, 11, 25)))
    session.flush()
    replanned(session, now)
    assert [row.local_date.day for row in standing(session)] == [22, 23, 24]


def test_a_retired_station_is_asked_for_nothing_any_more(district: District, session: Session, now: datetime) -> None:
    station = district.station("S1")
    district.rule("r", district.bulletin("M"), ["17:15"])
    replanned(session, now)
    station.retired_at = now
    session.flush()
    replanned(session, now)
    assert [row.local_date for row in standing(session)] == [date(2026, 11, 22)]


def test_batches_hold_every_station_once(district: District, session: Session) -> None:
    for number in range(7):
        district.station(f"S{number}")
    batches = station_batches(session, size=3)
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert sorted(number for batch in batches for number in batch) == sorted(session.scalars(select(Station.id)))


def test_an_emergency_airs_at_once_in_curfew_and_until_it_is_stopped(
    district: District, session: Session, now: datetime
) -> None:
    district.station("S1")
    storm = district.bulletin("BAO", bulletin_class="emergency")
    at_night = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 01:00 local
    rule = district.rule("kc", storm, [], starts_at=at_night)
    replanned(session, at_night)
    (airing,) = standing(session)
    assert (airing.starts_at, airing.repeats, airing.bulletin_class) == (at_night, None, "emergency")
    rule.stopped_at = at_night + timedelta(minutes=10)
    session.flush()
    replanned(session, rule.stopped_at)
    assert standing(session) == []
    assert set(session.scalars(select(Airing.cancel_reason))) == {"stopped"}


def test_an_emergency_ends_where_its_rule_no_longer_reaches_and_leaves_the_manifest(
    district: District, session: Session, now: datetime, tmp_path: Path
) -> None:
    """Whoever stops it at the station of their commune takes that station out of the rule's targets."""
    first, second = district.station("S1"), district.station("S2")
    Machine().enrol(session, first, now)
    keys = SigningKeys(tmp_path / "keys")
    storm = district.rule("kc", district.bulletin("B", bulletin_class="emergency"), [], starts_at=now)
    ordinary = district.rule("r", district.bulletin("M"), ["10:30"])
    replanned(session, now)
    emergencies = [row for row in standing(session) if row.rule_id == storm.id]
    assert {row.station_id for row in emergencies} == {first.id, second.id}
    assert '"repeats":null' in manifest_for(session, first, keys, now, VIETNAM).body

    storm.targets[:] = [RuleTarget(station_id=second.id)]
    session.flush()
    later = now + timedelta(seconds=2)
    replanned(session, later)
    rows = session.scalars(select(Airing).where(Airing.rule_id == storm.id)).all()
    assert {row.station_id: row.cancel_reason for row in rows} == {first.id: "not_asked", second.id: None}
    assert '"repeats":null' not in manifest_for(session, first, keys, later, VIETNAM).body
    today = [row for row in standing(session) if row.rule_id == ordinary.id and row.local_date == date(2026, 11, 22)]
    assert [row.station_id for row in today] == [first.id]
