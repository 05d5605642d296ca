"""Who may do what with a bulletin, and what an approval binds."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from broadcast.bulletin import State
from broadcast.deciding import approve, put_away, send_back, submit, withdraw
from broadcast.errors import Conflict, Forbidden, Invalid
from broadcast.writing import revise
from tests.district import District


@pytest.fixture
def district(session: Session, now: datetime) -> District:
    return District(session, now)


def test_an_approval_binds_class_text_and_sound(district: District, session: Session) -> None:
    bulletin = district.bulletin("M")
    (approval,) = bulletin.latest.approvals
    assert approval.holds
    bulletin.bulletin_class = "emergency"
    assert not approval.holds
    bulletin.bulletin_class = "normal"
    bulletin.latest.script = "Lời khác."
    assert not approval.holds


def test_the_author_cannot_approve_and_neither_can_whoever_edited_since(
    district: District, session: Session, now: datetime
) -> None:
    bulletin = district.draft("M")
    sound = district.with_sound(bulletin)
    submit(session, bulletin, district.author, now)
    with pytest.raises(Forbidden, match="người thứ hai"):
        approve(session, bulletin, district.author, now, revision_number=1, audio_sha256=sound.sha256)
    # The approver mends a word: from then on they are an author too.
    revise(session, bulletin, district.approver, now, title=bulletin.title, script="Kính thưa bà con xã nhà.")
    sound = district.with_sound(bulletin)
    submit(session, bulletin, district.approver, now)
    for person in (district.author, district.approver):
        with pytest.raises(Forbidden):
            approve(session, bulletin, person, now, revision_number=2, audio_sha256=sound.sha256)


def test_whoever_wrote_before_the_last_approval_may_approve_the_next(
    district: District, session: Session, now: datetime
) -> None:
    bulletin = district.bulletin("M")
    revise(session, bulletin, district.approver, now, title=bulletin.title, script="Người duyệt viết lại.")
    sound = district.with_sound(bulletin)
    submit(session, bulletin, district.approver, now)
    (approval,) = approve(session, bulletin, district.author, now, revision_number=2, audio_sha256=sound.sha256)
    assert approval.holds


def test_what_was_not_heard_is_not_approved(district: District, session: Session, now: datetime) -> None:
    bulletin = district.draft("M")
    with pytest.raises(Conflict, match="chưa dựng xong"):
        submit(session, bulletin, district.author, now)
    district.with_sound(bulletin)
    submit(session, bulletin, district.author, now)
    with pytest.raises(Conflict, match="đã thay đổi"):
        approve(session, bulletin, district.approver, now, revision_number=1, audio_sha256="0" * 64)


def test_saving_what_is_there_makes_no_revision_and_a_faster_colleague_is_named(
    district: District, session: Session, now: datetime
) -> None:
    bulletin = district.draft("M", "Lời một.")
    assert revise(session, bulletin, district.author, now, title=bulletin.title, script="Lời một.").number == 1
    revise(session, bulletin, district.approver, now, title=bulletin.title, script="Lời hai.", based_on=1)
    with pytest.raises(Conflict, match="Hai vừa lưu"):
        revise(session, bulletin, district.author, now, title=bulletin.title, script="Lời ba.", based_on=1)
    assert bulletin.latest.script == "Lời hai."
    with pytest.raises(Invalid, match="tiêu đề"):
        revise(session, bulletin, district.author, now, title="  ", script="Lời ba.")


def test_a_new_revision_takes_the_old_order_for_sound_back(district: District, session: Session, now: datetime) -> None:
    bulletin = district.draft("M")
    revise(session, bulletin, district.author, now, title=bulletin.title, script="Lời hai.")
    assert [revision.renderings[-1].state for revision in bulletin.revisions] == ["cancelled", "wanted"]


def test_sending_back_needs_a_reason_and_leads_to_submitting_again(
    district: District, session: Session, now: datetime
) -> None:
    bulletin = district.draft("M")
    district.with_sound(bulletin)
    submit(session, bulletin, district.author, now)
    with pytest.raises(Invalid, match="lý do"):
        send_back(session, bulletin, district.approver, now, " ")
    send_back(session, bulletin, district.approver, now, "Thiếu giờ họp.")
    assert bulletin.state_on(date(2026, 11, 22)) is State.RETURNED
    submit(session, bulletin, district.author, now)
    assert bulletin.state_on(date(2026, 11, 22)) is State.SUBMITTED


def test_a_draft_that_no_approver_has_seen_is_put_away_by_who_wrote_it(
    district: District, session: Session, now: datetime
) -> None:
    bulletin = district.draft("M")
    with pytest.raises(Forbidden, match="người đã soạn"):
        put_away(session, bulletin, district.approver, now)
    put_away(session, bulletin, district.author, now)
    assert bulletin.state_on(date(2026, 11, 22)) is State.WITHDRAWN
    assert [rendering.state for rendering in bulletin.latest.renderings] == ["cancelled"]
    with pytest.raises(Conflict):
        put_away(session, bulletin, district.author, now)


def test_what_an_approver_has_seen_is_not_put_away(district: District, session: Session, now: datetime) -> None:
    bulletin = district.draft("M")
    district.with_sound(bulletin)
    submit(session, bulletin, district.author, now)
    with pytest.raises(Conflict, match="đã từng được gửi duyệt"):
        put_away(session, bulletin, district.author, now)
    send_back(session, bulletin, district.approver, now, "Thiếu giờ họp.")
    revise(session, bulletin, district.author, now, title=bulletin.title, script="Lời hai.")
    with pytest.raises(Conflict, match="đã từng được gửi duyệt"):
        put_away(session, bulletin, district.author, now)
    on_air = district.bulletin("N")
    revise(session, on_air, district.author, now, title=on_air.title, script="Lời hai.")
    with pytest.raises(Conflict, match="đã từng được gửi duyệt"):
        put_away(session, on_air, district.author, now)


def test_a_withdrawn_bulletin_stays_withdrawn(district: District, session: Session, now: datetime) -> None:
    bulletin = district.bulletin("M")
    withdraw(session, bulletin, district.approver, now, "Sai ngày họp.")
    assert bulletin.state_on(date(2026, 11, 22)) is State.WITHDRAWN
    with pytest.raises(Conflict):
        withdraw(session, bulletin, district.approver, now)
    with pytest.raises(Conflict):
        revise(session, bulletin, district.author, now, title="x", script="y")
    with pytest.raises(Conflict):
        submit(session, bulletin, district.author, now)


def test_the_last_day_of_validity_is_still_valid(district: District) -> None:
    bulletin = district.bulletin("M")
    bulletin.valid_until = date(2026, 11, 22)
    assert bulletin.state_on(date(2026, 11, 22)) is State.APPROVED
    assert bulletin.state_on(date(2026, 11, 23)) is State.EXPIRED
