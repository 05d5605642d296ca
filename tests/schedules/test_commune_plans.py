"""The plan gives a station the sound of its own commune or the one for everybody, never a neighbour's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.catching_up import order_after_change, order_for_newcomers
from broadcast.deciding import approve, approve_added, submit
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from broadcast.writing import order_again
from tests.communes import Communes, own
from tests.schedules.planned import replanned


@pytest.fixture
def communes(session: Session, now: datetime) -> Communes:
    return Communes(session, now)


def sounds_at(session: Session, station: Station) -> set[str | None]:
    return set(
        session.scalars(
            select(Airing.audio_sha256).where(Airing.station_id == station.id, Airing.cancelled_at.is_(None))
        )
    )


def refusal_at(session: Session, station: Station) -> tuple[str, str]:
    """Code and sentence of the one reason for which that station's slots were refused."""
    (found,) = {
        (refusal.code, refusal.reason)
        for refusal in session.scalars(select(Refusal).where(Refusal.station_id == station.id))
    }
    return found


def test_a_sound_that_a_commune_no_longer_says_never_airs_there_because_a_neighbours_of_the_same_bytes_was_approved(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.draft("M", "Mời bà con gọi số {điện thoại}.")
    revision = bulletin.latest
    for rendering in list(revision.renderings):
        communes.made(rendering, "the same words")
    submit(session, bulletin, communes.author, now)
    # X gets a number of its own, and its new sound fails: what it said before is nobody's any more.
    communes.x.variables = {"điện thoại": "0276 3 222 000"}
    (again,) = order_after_change(session, {communes.x.id}, {"điện thoại"}, now)
    communes.failed(again)
    approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=revision.sound_key)
    communes.rule("r", bulletin, ["17:15"])
    replanned(session, now)
    assert sounds_at(session, communes.at_x) == set()
    assert sounds_at(session, communes.at_y) == {own(revision, communes.y).audio_sha256}


def test_each_station_airs_the_sound_of_its_own_commune(communes: Communes, session: Session, now: datetime) -> None:
    bulletin = communes.approved()
    communes.rule("r", bulletin, ["17:15"])
    assert replanned(session, now).added == 30
    assert sounds_at(session, communes.at_x) == {own(bulletin.latest, communes.x).audio_sha256}
    assert sounds_at(session, communes.at_y) == {own(bulletin.latest, communes.y).audio_sha256}
    assert sounds_at(session, communes.at_x) != sounds_at(session, communes.at_y)
    assert replanned(session, now).unchanged == 30


def test_a_commune_added_later_waits_for_its_own_sound_and_then_airs_it(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    communes.rule("r", bulletin, ["17:15"])
    station = communes.station("SZ", communes.z)
    replanned(session, now)
    code, reason = refusal_at(session, station)
    assert code == "no_audio"
    assert "xã Z chưa có âm thanh của mình" in reason

    (ordered,) = order_for_newcomers(session, now)
    sound = communes.made(ordered).sha256
    replanned(session, now)
    code, reason = refusal_at(session, station)
    assert code == "not_approved"
    assert "dành riêng cho xã Z chưa được phê duyệt" in reason
    assert sounds_at(session, station) == set()

    revision = bulletin.latest
    approve_added(session, bulletin, communes.approver, now, revision_number=1, sound_key=revision.sound_key or "")
    replanned(session, now)
    assert sounds_at(session, station) == {sound}
    assert sounds_at(session, communes.at_x) == {own(revision, communes.x).audio_sha256}


def test_two_communes_that_wait_are_each_named(communes: Communes, session: Session, now: datetime) -> None:
    communes.rule("r", communes.approved(), ["17:15"])
    another = communes.unit("V", parent=communes.top)
    stations = [communes.station("SZ", communes.z), communes.station("SV", another)]
    replanned(session, now)
    assert ["xã Z" in refusal_at(session, stations[0])[1], "xã V" in refusal_at(session, stations[1])[1]] == [True] * 2


def test_a_failed_commune_is_silent_and_the_others_air(communes: Communes, session: Session, now: datetime) -> None:
    bulletin = communes.sounding()
    communes.failed(own(bulletin.latest, communes.x))

    submit(session, bulletin, communes.author, now)
    approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=bulletin.latest.sound_key)
    communes.rule("r", bulletin, ["17:15"])
    replanned(session, now)
    assert refusal_at(session, communes.at_x)[0] == "no_audio"
    assert sounds_at(session, communes.at_y) == {own(bulletin.latest, communes.y).audio_sha256}


def test_a_commune_is_never_given_the_sound_it_had_before_and_which_now_is_a_neighbours(
    communes: Communes, session: Session, now: datetime
) -> None:
    """X and Y exchanged their telephones before the approval: X's first sound is what Y says now."""

    bulletin = communes.draft("M", "Gọi số {điện thoại}.")
    revision = bulletin.latest
    communes.made(own(revision, communes.x), "số một")
    communes.made(own(revision, communes.y), "số hai")
    order_again(session, revision, [communes.x.id, communes.y.id], now)
    communes.made(own(revision, communes.x), "số hai")
    communes.made(own(revision, communes.y), "số một")
    submit(session, bulletin, communes.author, now)
    approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=revision.sound_key)
    communes.rule("r", bulletin, ["17:15"])
    replanned(session, now)
    assert sounds_at(session, communes.at_x) == {own(revision, communes.x).audio_sha256}
    assert sounds_at(session, communes.at_y) == {own(revision, communes.y).audio_sha256}


def test_a_running_emergency_is_each_communes_own_and_reaches_the_newcomer_once_approved(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved(bulletin_class="emergency")
    station = communes.station("SZ", communes.z)
    rule = Rule(code="KC", unit_id=communes.top.id, times=[], starts_at=now, created_at=now)
    rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=0))
    rule.targets.append(RuleTarget(unit_id=communes.top.id))
    session.add(rule)
    session.flush()
    replanned(session, now)
    assert sounds_at(session, communes.at_x) == {own(bulletin.latest, communes.x).audio_sha256}
    assert sounds_at(session, communes.at_y) == {own(bulletin.latest, communes.y).audio_sha256}
    assert "xã Z" in refusal_at(session, station)[1]

    later = now + timedelta(minutes=5)
    (ordered,) = order_for_newcomers(session, later)
    sound = communes.made(ordered).sha256
    key = bulletin.latest.sound_key or ""
    approve_added(session, bulletin, communes.approver, later, revision_number=1, sound_key=key)
    replanned(session, later)
    assert sounds_at(session, station) == {sound}
    assert sounds_at(session, communes.at_x) == {own(bulletin.latest, communes.x).audio_sha256}


def test_a_sound_that_left_the_store_silences_its_own_commune_alone(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    communes.rule("r", bulletin, ["17:15"])
    gone = own(bulletin.latest, communes.x).audio_sha256
    replanned(session, now, has_audio=lambda sha256: sha256 != gone)
    assert refusal_at(session, communes.at_x)[0] == "no_audio"
    assert len(sounds_at(session, communes.at_y)) == 1
