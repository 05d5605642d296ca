"""A script with variables is a sound for each commune: which ones, what an approval covers, what comes later."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision
from broadcast.catching_up import TRIED_AGAIN_AFTER, order_after_change, order_for_newcomers, try_again_for_newcomers
from broadcast.commune_sounds import wanted_units
from broadcast.deciding import approve, approve_added, submit
from broadcast.errors import Conflict, Forbidden
from broadcast.person import Role
from broadcast.station import StationUnit
from broadcast.unit import UnitParent, UnitTree
from broadcast.variables import PLACE, inherited_values, values_of
from broadcast.writing import order_again, order_missing_sounds, order_sound, revise
from tests.communes import SCRIPT, Communes, own


@pytest.fixture
def communes(session: Session, now: datetime) -> Communes:
    return Communes(session, now)


def units_of(renderings: list[Rendering]) -> list[int | None]:
    return [rendering.unit_id for rendering in renderings]


# ---- who gets a sound


def test_the_units_below_that_have_a_station_get_a_sound_each(
    communes: Communes, session: Session, now: datetime
) -> None:
    x, y, z = communes.x.id, communes.y.id, communes.z.id
    assert wanted_units(session, communes.top.id, now) == sorted([x, y])
    # One that is to have a station by a link of next week is made ready beforehand.
    coming = communes.station("SZ", communes.z)
    coming.units[0].from_on = date(2026, 11, 30)
    session.flush()
    assert wanted_units(session, communes.top.id, now) == sorted([x, y, z])
    coming.retired_at = now
    session.flush()
    assert wanted_units(session, communes.top.id, now) == sorted([x, y])


def test_a_unit_that_comes_under_another_with_its_station_next_week_gets_its_sound_beforehand(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    opening = date(2026, 11, 30)
    merged = communes.unit("XZ")
    merged.valid_from = opening
    merged.parents.append(UnitParent(parent=communes.top, from_on=opening))
    communes.station("SXZ", merged).units[0].from_on = opening
    session.flush()
    assert merged.id in wanted_units(session, communes.top.id, now)
    assert merged.id not in wanted_units(session, communes.top.id, now - timedelta(days=10)), "too far ahead"
    (ordered,) = order_for_newcomers(session, now)
    assert (ordered.revision_id, ordered.unit_id) == (bulletin.latest.id, merged.id)


def test_a_station_that_moved_away_takes_the_sound_with_it(communes: Communes, session: Session, now: datetime) -> None:
    station = communes.station("SZ", communes.z)
    station.units[0].until_on = date(2026, 11, 21)
    station.units.append(StationUnit(unit_id=communes.x.id, from_on=date(2026, 11, 22)))
    session.flush()
    assert communes.z.id not in wanted_units(session, communes.top.id, now)


def test_without_any_station_it_is_heard_as_its_own_unit(communes: Communes, session: Session, now: datetime) -> None:
    assert wanted_units(session, communes.z.id, now) == [communes.z.id]


def test_a_script_with_variables_is_ordered_once_a_unit_and_one_without_once_for_everybody(communes: Communes) -> None:
    assert units_of(communes.draft("M", SCRIPT).latest.renderings) == sorted([communes.x.id, communes.y.id])
    assert units_of(communes.draft("N", "Mời bà con đi họp.").latest.renderings) == [None]


def test_a_variable_in_the_closing_alone_makes_variants_too(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.draft("M", "Mời bà con đi họp.")
    around = bulletin.latest.arrangement
    changed = type(around)(around.chime, around.readings, around.gap_s, "{xã} xin cảm ơn!", around.profile)
    revision = revise(
        session, bulletin, communes.author, now, title=bulletin.title, script="Mời bà con đi họp.", arrangement=changed
    )
    assert units_of(revision.renderings) == sorted([communes.x.id, communes.y.id])


def test_ordered_anew_a_commune_without_a_station_is_left_out(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.sounding()
    communes.at_y.retired_at = now
    session.flush()
    order_sound(session, bulletin.latest, now)
    assert {rendering.unit_id for rendering in bulletin.latest.newest_renderings} == {communes.x.id}


# ---- values


def test_the_nearest_value_wins_and_says_whose_it_is(communes: Communes, session: Session) -> None:
    communes.x.variables = {"Điện  Thoại": " 0276 3 222 000 ", "khẩu hiệu": "  "}
    tree = UnitTree.on(session, date(2026, 11, 22))
    assert values_of(tree, communes.x.id) == {"xã": "xã X", "điện thoại": "0276 3 222 000"}
    assert values_of(tree, communes.y.id) == {"xã": "xã Y", "điện thoại": "0276 3 111 000"}
    assert inherited_values(tree, communes.x.id)["điện thoại"].unit_id == communes.top.id


def test_what_the_district_calls_itself_is_not_the_name_of_its_communes(communes: Communes, session: Session) -> None:
    communes.top.variables = {PLACE: "huyện nhà"}
    communes.x.variables = {PLACE: "xã X anh hùng"}
    tree = UnitTree.on(session, date(2026, 11, 22))
    assert [values_of(tree, unit.id)[PLACE] for unit in (communes.top, communes.x, communes.y)] == [
        "huyện nhà",
        "xã X anh hùng",
        "xã Y",
    ]


# ---- approving


def test_one_approval_binds_every_sound_there_is(communes: Communes, session: Session, now: datetime) -> None:
    bulletin = communes.sounding()
    revision = submit(session, bulletin, communes.author, now)
    second = revision.sounds[1].audio_sha256
    approvals = approve(
        session, bulletin, communes.approver, now,
        revision_number=1, audio_sha256=revision.sound_key, heard_ms=50_000, heard={second or "": 7_000},
    )  # fmt: skip
    assert [approval.audio_sha256 for approval in approvals] == [each.audio_sha256 for each in revision.sounds]
    assert [approval.heard_ms for approval in approvals] == [50_000, 7_000]
    assert all(approval.holds and approval.approved_by_name == "Hai" for approval in approvals)
    assert not revision.unapproved_sounds


def test_two_communes_of_the_same_words_share_a_sound_and_an_approval(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.draft("M", "Gọi số {điện thoại}.")
    for rendering in bulletin.latest.renderings:
        communes.made(rendering, "the same")
    revision = submit(session, bulletin, communes.author, now)
    approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=revision.sound_key)
    assert len(revision.approvals) == 1
    assert len(revision.sounds) == 2
    assert not revision.unapproved_sounds


def test_another_set_of_sounds_than_the_page_showed_is_not_approved(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.sounding()
    revision = submit(session, bulletin, communes.author, now)
    shown = revision.sound_key
    communes.made(own(revision, communes.y), "another reading")
    assert revision.sound_key != shown
    with pytest.raises(Conflict, match="đã thay đổi"):
        approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=shown)
    # The same sounds for other communes are another thing too.
    first, second = (rendering.audio for rendering in revision.sounds)
    before = revision.sound_key
    revision.sounds[0].audio, revision.sounds[1].audio = second, first
    session.flush()
    assert revision.sound_key != before


def test_while_a_commune_is_being_rendered_nothing_can_be_approved(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.sounding()
    revision = submit(session, bulletin, communes.author, now)
    communes.station("SZ", communes.z)
    order_for_newcomers(session, now)
    assert revision.sound_key is None
    with pytest.raises(Conflict):
        approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=None)


def test_a_commune_whose_sound_failed_does_not_hold_up_the_others(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.sounding()
    communes.failed(own(bulletin.latest, communes.x))
    revision = submit(session, bulletin, communes.author, now)
    approve(session, bulletin, communes.approver, now, revision_number=1, audio_sha256=revision.sound_key)
    assert [approval.audio_sha256 for approval in revision.approvals] == [own(revision, communes.y).audio_sha256]


def test_stopped_half_way_it_is_not_handed_over(communes: Communes, session: Session, now: datetime) -> None:
    bulletin = communes.sounding()
    own(bulletin.latest, communes.x).state = "cancelled"
    with pytest.raises(Conflict, match="dừng giữa chừng"):
        submit(session, bulletin, communes.author, now)


def test_what_was_approved_before_there_were_closings_still_is(communes: Communes) -> None:
    revision = communes.bulletin("M").latest
    old = ["normal", "Bản tin M", "text", "Kính thưa bà con.", None, None, None]
    assert revision.text_sha256 == hashlib.sha256(json.dumps(old, ensure_ascii=False).encode()).hexdigest()
    revision.closing = "Xin cảm ơn!"
    assert not revision.approvals[0].holds


# ---- what comes later


def test_a_commune_that_gets_a_station_later_gets_its_sound_and_nothing_twice(
    communes: Communes, session: Session, now: datetime
) -> None:
    on_air, waiting = communes.approved(), communes.sounding("N")
    communes.bulletin("plain")  # for everybody: wants nothing
    assert order_for_newcomers(session, now) == []
    communes.station("SZ", communes.z)
    ordered = order_for_newcomers(session, now)
    assert {(rendering.revision_id, rendering.unit_id) for rendering in ordered} == {
        (on_air.latest.id, communes.z.id),
        (waiting.latest.id, communes.z.id),
    }
    assert {rendering.unit_id for rendering in ordered} == {communes.z.id}
    assert order_for_newcomers(session, now) == []
    assert order_missing_sounds(session, on_air.latest, now) == []


def test_what_is_withdrawn_expired_or_superseded_orders_nothing(
    communes: Communes, session: Session, now: datetime
) -> None:
    withdrawn, expired, superseded = communes.approved("A"), communes.approved("B"), communes.approved("C")
    withdrawn.withdrawn_at = now
    expired.valid_until = date(2026, 11, 21)
    revise(session, superseded, communes.author, now, title="C", script=f"{SCRIPT} Xin cảm ơn.")
    communes.station("SZ", communes.z)
    session.flush()
    # The old revision of C is still on air, the new one waits: each is wanted.
    assert {rendering.revision_id for rendering in order_for_newcomers(session, now)} == {
        revision.id for revision in superseded.revisions
    }


def test_added_sounds_wait_for_a_second_person_who_is_not_the_author(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    revision = bulletin.latest
    with pytest.raises(Conflict, match="Không còn"):
        approve_added(session, bulletin, communes.approver, now, revision_number=1, sound_key=revision.sound_key or "")
    communes.station("SZ", communes.z)
    (ordered,) = order_for_newcomers(session, now)
    stale = revision.sound_key
    sound = communes.made(ordered)
    assert revision.unapproved_sounds == [ordered]
    with pytest.raises(Conflict, match="đã thay đổi"):
        approve_added(session, bulletin, communes.approver, now, revision_number=1, sound_key=stale or "")
    key = revision.sound_key or ""
    with pytest.raises(Forbidden, match="người thứ hai"):
        approve_added(session, bulletin, communes.author, now, revision_number=1, sound_key=key)
    (added,) = approve_added(
        session, bulletin, communes.approver, now, revision_number=1, sound_key=key, heard={sound.sha256: 9_000}
    )
    assert (added.audio_sha256, added.heard_ms, added.holds) == (sound.sha256, 9_000, True)
    assert len(revision.approvals) == 3


def test_added_sounds_belong_to_the_revision_on_air_whatever_is_being_written(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    revise(session, bulletin, communes.approver, now, title=bulletin.title, script=f"{SCRIPT} Người duyệt viết thêm.")
    communes.station("SZ", communes.z)
    on_air = bulletin.airing_revision
    assert on_air is not None
    (ordered,) = [each for each in order_for_newcomers(session, now) if each.revision_id == on_air.id]
    communes.made(ordered)
    # Writing the next revision takes no right away over the one before it.
    approve_added(session, bulletin, communes.approver, now, revision_number=1, sound_key=on_air.sound_key or "")
    assert len(on_air.approvals) == 3
    assert bulletin.latest.approvals == []


def test_other_values_order_again_what_says_them_and_waits(communes: Communes, session: Session, now: datetime) -> None:
    waiting, plain = communes.sounding("N"), communes.sounding("P", "Mời bà con {xã} đi họp.")
    approved = communes.approved("M")
    ordered = order_after_change(session, {communes.x.id}, {"điện thoại"}, now)
    assert [(rendering.revision_id, rendering.unit_id) for rendering in ordered] == [(waiting.latest.id, communes.x.id)]
    assert own(waiting.latest, communes.y).state == "ready"
    assert plain.latest.audio is not None
    assert approved.latest.audio is not None


def test_another_name_is_another_beginning_of_every_sound_of_that_unit(
    communes: Communes, session: Session, now: datetime
) -> None:
    own_text = communes.draft("P", "Mời bà con đi họp.")
    own_text.unit_id = communes.x.id
    variants = communes.sounding("N")
    session.flush()
    ordered = order_after_change(session, {communes.x.id}, {PLACE}, now, renamed=True)
    assert {(rendering.revision_id, rendering.unit_id) for rendering in ordered} == {
        (own_text.latest.id, None),
        (variants.latest.id, communes.x.id),
    }
    assert [rendering.state for rendering in own_text.latest.renderings] == ["cancelled", "wanted"]


def test_a_later_commune_that_failed_for_want_of_a_value_is_tried_again(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    communes.station("SZ", communes.z)
    (ordered,) = order_for_newcomers(session, now)
    communes.failed(ordered, "xã Z chưa có giá trị cho {điện thoại}.")
    (again,) = order_after_change(session, {communes.z.id}, {"điện thoại"}, now + timedelta(hours=1))
    assert (again.revision_id, again.unit_id, again.state) == (bulletin.latest.id, communes.z.id, "wanted")


def test_what_failed_for_a_newcomer_on_air_is_tried_once_more_each_day(
    communes: Communes, session: Session, now: datetime
) -> None:
    communes.approved()
    communes.station("SZ", communes.z)
    (ordered,) = order_for_newcomers(session, now)
    ordered.attempts = 4
    communes.failed(ordered)
    later = now + TRIED_AGAIN_AFTER
    assert try_again_for_newcomers(session, later - timedelta(seconds=1)) == []
    assert try_again_for_newcomers(session, later) == [ordered]
    assert (ordered.state, ordered.due_at, ordered.finished_at) == ("wanted", later, None)
    assert ordered.attempts == 4, "one try, not four"
    assert try_again_for_newcomers(session, later) == []


def test_nothing_is_tried_again_that_somebody_else_sees_to_or_nobody_would_hear(
    communes: Communes, session: Session, now: datetime
) -> None:
    waiting, on_air, withdrawn = communes.sounding("W"), communes.approved("A"), communes.approved("B")
    communes.failed(own(waiting.latest, communes.x))  # its author has a button
    station = communes.station("SZ", communes.z)
    of_z = {each.revision_id: each for each in order_for_newcomers(session, now)}
    for rendering in of_z.values():
        communes.failed(rendering)
    withdrawn.withdrawn_at = now
    later = now + TRIED_AGAIN_AFTER
    session.flush()
    assert try_again_for_newcomers(session, later) == [of_z[on_air.latest.id]]
    communes.failed(of_z[on_air.latest.id])
    order_again(session, on_air.latest, [communes.z.id], now)  # somebody pressed the button
    assert try_again_for_newcomers(session, later) == []
    communes.failed(own(on_air.latest, communes.z))
    station.retired_at = now
    session.flush()
    assert try_again_for_newcomers(session, later) == []


def test_a_newcomers_order_outlives_the_writing_of_another_revision(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    communes.station("SZ", communes.z)
    (ordered,) = order_for_newcomers(session, now)
    revise(session, bulletin, communes.author, now, title=bulletin.title, script=f"{SCRIPT} Xin cảm ơn.")
    assert ordered.state == "wanted"
    # What was never approved is no longer wanted, as before.
    second = bulletin.latest
    revise(session, bulletin, communes.author, now, title=bulletin.title, script=f"{SCRIPT} Xin trân trọng cảm ơn.")
    assert {rendering.state for rendering in second.renderings} == {"cancelled"}


def test_whoever_changed_a_value_approves_neither_what_waits_nor_a_newcomers_sound(
    communes: Communes, session: Session, now: datetime
) -> None:
    waiting, on_air = communes.sounding("M"), communes.approved("N")
    submit(session, waiting, communes.author, now)
    communes.station("SZ", communes.z)
    for rendering in order_for_newcomers(session, now):
        communes.made(rendering)
    for rendering in order_after_change(session, {communes.z.id}, {"điện thoại"}, now, by_id=communes.approver.id):
        communes.made(rendering, f"again {rendering.revision_id}")
    seen = {"revision_number": 1, "audio_sha256": waiting.latest.sound_key}
    with pytest.raises(Forbidden, match="đổi cách đọc"):
        approve(session, waiting, communes.approver, now, **seen)
    added = {"revision_number": 1, "sound_key": on_air.latest.sound_key or ""}
    with pytest.raises(Forbidden, match="đổi cách đọc"):
        approve_added(session, on_air, communes.approver, now, **added)
    another = communes.person("ba", "Ba", Role.APPROVER)
    assert len(approve(session, waiting, another, now, **seen)) == 3
    assert len(approve_added(session, on_air, another, now, **added)) == 1


def test_a_newcomers_sound_of_the_same_bytes_waits_for_its_own_click(
    communes: Communes, session: Session, now: datetime
) -> None:
    bulletin = communes.approved()
    revision = bulletin.latest
    shared = own(revision, communes.x)
    communes.station("SZ", communes.z)
    (added,) = order_for_newcomers(session, now)
    added.state, added.audio, added.finished_at = "ready", shared.audio, now
    session.flush()
    assert revision.unapproved_sounds == [added]
    (approval,) = approve_added(
        session, bulletin, communes.approver, now, revision_number=1, sound_key=revision.sound_key or ""
    )
    assert (approval.id, added.approval_id) == (shared.approval_id, shared.approval_id)
    assert len(revision.approvals) == 2
    assert not revision.unapproved_sounds


def test_ordering_one_commune_again_leaves_the_others_alone(
    communes: Communes, session: Session, now: datetime
) -> None:
    revision: Revision = communes.draft("M", SCRIPT).latest
    order_again(session, revision, [communes.x.id], now)
    assert [(each.unit_id, each.state) for each in revision.renderings] == [
        (communes.x.id, "cancelled"),
        (communes.y.id, "wanted"),
        (communes.x.id, "wanted"),
    ]
