"""The programme of one station: whole days, signed, never going back, and with nothing in it that was not approved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from broadcast import wire
from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Approval, Revision
from broadcast.clock import VIETNAM
from broadcast.clock import iso_millis as iso
from broadcast.errors import Conflict
from broadcast.keys import SigningKeys
from broadcast.policy import Policy
from broadcast.station import Manifest, StationStatus
from broadcast.wire import milliseconds, read_manifest, verify
from schedules.manifest import manifest_for
from schedules.programme.composing import next_roll, roll_minute, window_first
from tests.proof import Commune, Machine, a_bulletin, a_commune, an_airing


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path / "keys")


@pytest.fixture
def commune(session: Session, now: datetime) -> Commune:
    made = a_commune(session, now)
    Machine().enrol(session, made.station, now)
    return made


def made(session: Session, commune: Commune, keys: SigningKeys, now: datetime) -> Manifest:
    session.flush()
    session.expire_all()
    return manifest_for(session, commune.station, keys, now, VIETNAM)


def read(row: Manifest) -> wire.Manifest:
    return read_manifest(row.body.encode())


def ids(row: Manifest) -> list[str]:
    return [str(airing.id) for airing in read(row).airings]


def test_a_manifest_says_all_that_the_station_needs_and_is_signed_over_its_bytes(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    airing = an_airing(session, commune, now + timedelta(hours=1), repeats=2, gap_ms=2000)
    row = made(session, commune, keys, now)
    assert verify(keys.public_key, row.body.encode(), row.signature)
    programme = read(row)
    assert (programme.station, str(programme.enrolment)) == ("T-TC", row.enrolment_id)
    assert (programme.volume, programme.timezone) == (70, "Asia/Ho_Chi_Minh")
    assert programme.sequence == row.sequence == milliseconds(now) // 1000
    (ordered,) = programme.airings
    assert str(ordered.id) == airing.id
    assert (ordered.title, ordered.approved_by) == ("Cài đặt ứng dụng", "Trần Văn Duyệt")
    assert (ordered.repeats, ordered.gap_ms, ordered.audio) == (2, 2000, commune.asset.sha256)
    assert [file.sha256 for file in programme.audio] == row.audio == [commune.asset.sha256]


def test_a_station_without_a_machine_has_no_manifest(session: Session, keys: SigningKeys, now: datetime) -> None:
    with pytest.raises(Conflict, match="chưa ghi danh"):
        manifest_for(session, a_commune(session, now, "X").station, keys, now, VIETNAM)


def test_content_that_did_not_change_makes_no_new_manifest(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    an_airing(session, commune, now + timedelta(hours=1))
    first = made(session, commune, keys, now)
    again = made(session, commune, keys, now + timedelta(hours=9))
    assert again.id == first.id
    assert len(session.scalars(select(Manifest)).all()) == 1


def test_a_sequence_never_goes_back_even_when_the_clock_does(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    first = made(session, commune, keys, now)
    an_airing(session, commune, now + timedelta(hours=1))
    second = made(session, commune, keys, now - timedelta(minutes=30))
    assert second.sequence == first.sequence + 1


def test_a_restored_server_goes_above_what_the_station_holds_though_nothing_changed(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    first = made(session, commune, keys, now)
    held = first.sequence + 5_000
    session.add(StationStatus(station_id=commune.station.id, manifest_sequence=held, errors=[]))
    second = made(session, commune, keys, now)
    assert second.sequence == held + 1
    assert second.content_hash == first.content_hash


@pytest.mark.parametrize(
    ("local", "first"),
    [
        ("2026-11-22T23:59:59+07:00", "2026-11-22"),
        ("2026-11-23T00:00:00+07:00", "2026-11-22"),
        ("2026-11-23T00:36:59+07:00", "2026-11-22"),
        ("2026-11-23T00:37:00+07:00", "2026-11-23"),
        ("2026-11-23T05:30:00+07:00", "2026-11-23"),
        ("2026-12-31T23:59:59+07:00", "2026-12-31"),
        ("2027-01-01T02:00:00+07:00", "2027-01-01"),
    ],
)
def test_a_window_rolls_on_at_the_station_s_own_minute_after_midnight(local: str, first: str) -> None:
    at = datetime.fromisoformat(local).astimezone(UTC)
    assert roll_minute(1) == 37
    assert window_first(1, at, VIETNAM).isoformat() == first
    roll = next_roll(1, at, VIETNAM)
    assert roll > at
    assert window_first(1, roll, VIETNAM) > window_first(1, roll - timedelta(milliseconds=1), VIETNAM)


def test_the_minutes_of_neighbouring_stations_are_all_different() -> None:
    assert sorted(roll_minute(number) for number in range(1, 121)) == list(range(120))


def test_a_window_covers_whole_local_days_so_that_05_30_belongs_to_its_morning(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    dawn = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # Sunday 05:30 in Vietnam, Saturday in UTC
    last = datetime(2026, 12, 6, 16, 59, 59, tzinfo=UTC)  # 23:59:59 of the fifteenth day
    session.add(Policy(unit_id=commune.unit.id, curfew=[], created_at=now))
    wanted = [an_airing(session, commune, dawn).id, an_airing(session, commune, last).id]
    an_airing(session, commune, dawn - timedelta(days=1))
    an_airing(session, commune, last + timedelta(seconds=1))
    row = made(session, commune, keys, now)
    assert ids(row) == wanted
    window = read(row).window
    assert (iso(window.from_), iso(window.until)) == ("2026-11-21T17:00:00.000Z", "2026-12-06T17:00:00.000Z")


def test_an_airing_that_reaches_over_midnight_stays_while_it_sounds(
    session: Session, commune: Commune, keys: SigningKeys
) -> None:
    roll = next_roll(commune.station.id, datetime(2026, 11, 22, 12, tzinfo=UTC), VIETNAM)
    session.add(Policy(unit_id=commune.unit.id, curfew=[], created_at=roll))
    midnight = datetime(2026, 11, 22, 17, tzinfo=UTC)
    late = an_airing(
        session,
        commune,
        midnight - timedelta(seconds=10),
        ends_at=midnight + timedelta(hours=3),
        duration_ms=10_810_000,
    )
    assert ids(made(session, commune, keys, roll)) == [late.id]


def test_a_cancelled_airing_is_not_in_it(session: Session, commune: Commune, keys: SigningKeys, now: datetime) -> None:
    an_airing(session, commune, now + timedelta(hours=1), cancelled_at=now, cancel_reason="withdrawn")
    assert ids(made(session, commune, keys, now)) == []


def test_a_withdrawn_bulletin_is_out_of_the_next_manifest_before_anything_is_planned_again(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    past = an_airing(session, commune, now - timedelta(hours=2))
    an_airing(session, commune, now + timedelta(hours=1))
    commune.bulletin.withdrawn_at = now
    assert ids(made(session, commune, keys, now)) == [past.id]


@pytest.mark.parametrize("tampered", ["title", "script"])
def test_nothing_airs_that_a_second_person_did_not_approve(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime, tampered: str
) -> None:
    """Approval covers the exact text: a row changed behind our back leaves the programme, and the trail says so."""
    an_airing(session, commune, now + timedelta(hours=1))
    assert len(ids(made(session, commune, keys, now))) == 1
    session.execute(update(Revision).values({tampered: "lời khác"}))
    row = made(session, commune, keys, now)
    assert ids(row) == []
    assert row.detail["left_out"][0][1] == "approval"
    alarm = session.scalars(select(AuditEvent).where(AuditEvent.act == "airings_left_out")).one()
    assert alarm.detail["reasons"] == {"approval": 1}


def test_sound_that_nobody_approved_is_not_in_it(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    """Approval covers the exact audio."""
    *_, other = a_bulletin(session, commune.unit, commune.author, commune.approver, now, "KHAC")
    an_airing(session, commune, now + timedelta(hours=1), audio_sha256=other.sha256)
    assert ids(made(session, commune, keys, now)) == []


def test_an_approval_that_is_gone_or_the_author_s_own_does_not_count(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    an_airing(session, commune, now + timedelta(hours=1))
    session.execute(update(Approval).values(approved_by_id=commune.author.id))
    assert ids(made(session, commune, keys, now)) == []
    session.execute(delete(Approval))
    assert ids(made(session, commune, keys, now)) == []


def test_an_airing_that_calls_itself_an_emergency_is_not_in_it(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    an_airing(session, commune, now + timedelta(hours=1), bulletin_class="emergency")
    row = made(session, commune, keys, now)
    assert (ids(row), row.detail["left_out"][0][1]) == ([], "class")


NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 22:00 in Vietnam, when the default curfew begins


@pytest.mark.parametrize(
    ("starts_at", "is_in"),
    [
        (NIGHT - timedelta(seconds=30), True),
        (NIGHT - timedelta(milliseconds=29_999), False),
        (NIGHT, False),
        (NIGHT + timedelta(hours=7), True),
        (NIGHT + timedelta(hours=7, milliseconds=-1), False),
    ],
)
def test_nothing_airs_inside_a_curfew_nor_so_much_as_touches_one(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime, starts_at: datetime, is_in: bool
) -> None:
    an_airing(session, commune, starts_at)
    assert bool(ids(made(session, commune, keys, now))) is is_in


def test_an_emergency_with_a_named_approver_airs_in_a_curfew_until_it_is_stopped(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    bulletin, revision, _, asset = a_bulletin(
        session, commune.unit, commune.author, commune.approver, now, "BAO", "emergency"
    )
    storm = an_airing(
        session,
        commune,
        NIGHT + timedelta(hours=1),
        repeats=None,
        bulletin_id=bulletin.id,
        revision_id=revision.id,
        audio_sha256=asset.sha256,
        bulletin_class="emergency",
    )
    for day in range(4):  # days later too, though its beginning lies before the window
        programme = read(made(session, commune, keys, NIGHT + timedelta(days=day)))
        assert [(str(a.id), a.repeats, a.approved_by) for a in programme.airings] == [
            (storm.id, None, "Trần Văn Duyệt")
        ]
    commune.rule.stopped_at = NIGHT + timedelta(days=4)
    assert ids(made(session, commune, keys, NIGHT + timedelta(days=4))) == []


def test_curfews_go_as_utc_spans_so_that_a_policy_of_wednesday_holds_offline(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    wednesday = date(2026, 11, 25)
    session.add(Policy(unit_id=commune.district.id, from_on=wednesday, curfew=["11:30", "13:30"], created_at=now))
    spans = [(iso(span.from_), iso(span.until)) for span in read(made(session, commune, keys, now)).curfew]
    assert spans[:4] == [
        ("2026-11-21T17:00:00.000Z", "2026-11-21T22:00:00.000Z"),
        ("2026-11-22T15:00:00.000Z", "2026-11-22T22:00:00.000Z"),
        ("2026-11-23T15:00:00.000Z", "2026-11-23T22:00:00.000Z"),
        ("2026-11-24T15:00:00.000Z", "2026-11-24T17:00:00.000Z"),
    ]
    assert spans[4] == ("2026-11-25T04:30:00.000Z", "2026-11-25T06:30:00.000Z")
    assert len(spans) == 4 + 12


def test_a_policy_that_says_there_is_no_curfew_leaves_none(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    session.add(Policy(unit_id=commune.unit.id, curfew=[], created_at=now))
    assert read(made(session, commune, keys, now)).curfew == []


def test_a_relay_is_named_with_its_address_minutes_and_fallback(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    revision = commune.revision
    revision.content, revision.relay_url, revision.relay_minutes = "relay", "https://dai.example.vn/tiengnoi.mp3", 30
    revision.relay_fallback_sha256 = commune.asset.sha256
    commune.approval.audio_sha256, commune.approval.text_sha256 = None, revision.text_sha256
    an_airing(session, commune, now + timedelta(hours=1), audio_sha256=None, duration_ms=1_800_000)
    programme = read(made(session, commune, keys, now))
    (relay,) = programme.relays
    assert (relay.url, relay.minutes, relay.fallback_audio) == (revision.relay_url, 30, commune.asset.sha256)
    assert [airing.relay for airing in programme.airings] == [relay.id]
    assert [file.sha256 for file in programme.audio] == [commune.asset.sha256]


def test_one_bad_airing_never_stops_the_others(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    an_airing(session, commune, now + timedelta(hours=1), duration_ms=0)
    good = an_airing(session, commune, now + timedelta(hours=2))
    row = made(session, commune, keys, now)
    assert ids(row) == [good.id]
    assert row.detail["left_out"][0][1] == "shape"


def test_a_key_can_be_replaced_without_losing_a_station(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    old = keys.public_key
    first = made(session, commune, keys, now)
    status = StationStatus(station_id=commune.station.id, manifest_sequence=first.sequence, errors=[])
    session.add(status)
    new = keys.prepare_next()
    named = made(session, commune, keys, now)
    assert read(named).next_manifest_key == new
    assert verify(old, named.body.encode(), named.signature)
    keys.rotate(now)
    # The station has not said yet that it holds the manifest which names the new key.
    between = made(session, commune, keys, now)
    assert verify(old, between.body.encode(), between.signature)
    assert read(between).next_manifest_key == new
    status.manifest_sequence = between.sequence
    last = made(session, commune, keys, now)
    assert verify(new, last.body.encode(), last.signature)
    assert read(last).next_manifest_key is None


def test_a_new_machine_gets_a_manifest_of_its_own_above_the_last(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    first = made(session, commune, keys, now)
    enrolment, _ = Machine().enrol(session, commune.station, now)
    second = made(session, commune, keys, now)
    assert (second.enrolment_id, second.sequence) == (enrolment.id, first.sequence + 1)


def test_a_station_elsewhere_has_its_own_days(
    session: Session, commune: Commune, keys: SigningKeys, now: datetime
) -> None:
    row = manifest_for(session, commune.station, keys, now, ZoneInfo("UTC"))
    assert iso(read(row).window.from_) == "2026-11-22T00:00:00.000Z"
    assert session.scalars(select(Airing)).all() == []
