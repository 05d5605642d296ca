"""One slot of a series: left out, put at another time, airing something else, taken back; never in the past, never
over what somebody else did, never for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleTarget
from broadcast.station import Station
from broadcast.tally import StaleStation
from tests.web.conftest import Clock
from tests.web.seed import NOW
from tests.web.series_parts import MONDAY, SUNDAY, WEDNESDAY, Town, changes_of, founded, rule_of
from web import limiter

EVENING_ON_S1 = "/lich-phat/LP5/luot?ngay=2026-11-22&khe=17:15&tram=S1"


@pytest.fixture
def town(database: Database, settings: Settings, clock: Clock) -> Iterator[Town]:
    yield founded(database, settings, clock)
    limiter.reset()


def slot_form(town: Town, on: date = SUNDAY, key: str = "17:15", station: str = "S1", **changed: Any) -> dict[str, Any]:
    """The form as the page shows it, with what was typed."""
    with town.database.reading() as session:
        version = rule_of(session).version
    shown = {
        "ngay": on.isoformat(), "khe": key, "tram": station, "version": version, "noi": "tram", "viec": "doi",
        "gio": key, "ban-tin": "", "ghi-chu": "",
    }  # fmt: skip
    return shown | changed


def change(town: Town, login: str = "editor", **changed: Any) -> Any:
    answer = town.client(login).post("/lich-phat/LP5/luot", data=slot_form(town, **changed))
    town.plan()
    return answer


def test_the_page_says_what_when_where_and_how_it_stands_and_offers_three_choices(town):
    page = town.client().get(EVENING_ON_S1).text
    for words in (
        "Giữ vệ sinh nguồn nước", "Chủ nhật, 22/11/2026", "Trạm An Bình", "sẽ phát lúc 17:15", "Chỉ lượt này",
        "/lich-phat/LP5/sua?tu=2026-11-22", "Sửa cả lịch",
    ):  # fmt: skip
        assert words in page
    assert "2 trạm" in town.client().get("/lich-phat/LP5/luot?ngay=22/11/2026&khe=17:15").text


def test_a_slot_left_out_on_one_station_is_not_asked_there_and_stays_elsewhere(town):
    assert change(town, viec="bo", **{"ghi-chu": "Mất điện cả xã"}).status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45"]
    assert town.airs("S2", until=SUNDAY) == ["22/11 05:45", "22/11 17:15"]
    page = town.client().get("/lich-phat/LP5").text
    assert "bỏ lượt này" in page
    assert "Mất điện cả xã" in page
    with town.database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "change_slot")).one()
        assert event.detail["slot"] == "17:15 ngày 22/11/2026"
        assert event.detail["places"] == "Trạm An Bình"


def test_a_slot_left_out_everywhere_is_left_out_everywhere(town):
    change(town, viec="bo", noi="moi")
    assert town.airs("S1", until=SUNDAY) == town.airs("S2", until=SUNDAY) == ["22/11 05:45"]


@pytest.mark.parametrize("typed", ["18h30", "18:30", "6 giờ rưỡi tối"])
def test_a_slot_put_at_another_time_keeps_its_id(town, typed):
    before = town.rows("LP5")
    assert change(town, gio=typed).status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45", "22/11 18:30"]
    after = town.rows("LP5")
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) == 1


def test_only_the_station_of_a_change_is_planned_again(town):
    with town.database.writing() as session:
        session.query(StaleStation).delete()
        more = [Station(code=f"T{number}", name=f"Trạm {number}", created_at=NOW) for number in range(8)]
        session.add_all(more)
    change(town, gio="18:30")
    with town.database.reading() as session:
        stations = session.scalars(select(Station.code).join(StaleStation, StaleStation.station_id == Station.id))
        assert set(stations) == {"S1"}


def test_another_bulletin_airs_instead_and_the_slot_stays_the_slot_it_was(town):
    with town.database.writing() as session:
        rule = rule_of(session)
        rule.times = ["05:45"]
    answer = town.client().post("/lich-phat/LP5/luot", data=slot_form(town, MONDAY, "05:45", **{"ban-tin": "BT2"}))
    assert answer.status_code == 422  # BT2 waits for its approval: told, and saved by who was told
    assert "chưa phát được đúng" in answer.text
    answer = change(town, on=MONDAY, key="05:45", **{"ban-tin": "BT2", "van-luu": "1"})
    assert answer.status_code == 302
    with town.database.reading() as session:
        own = [each for each in rule_of(session).changes if each.station is not None and each.local_date == MONDAY]
        assert [each.bulletin.code for each in own if each.bulletin] == ["BT2"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"gio": "25:61"}, "Không có giờ “25:61”"),
        ({"gio": ""}, "Hãy ghi giờ phát"),
        ({"gio": "9h"}, "đã qua"),
        ({"gio": "17:15"}, "Chưa đổi gì"),
        ({"gio": "23:00", "van-luu": "1"}, "giờ cấm phát"),
        ({"gio": "18:00", "ban-tin": "BT9"}, "không còn dùng được"),
        ({"viec": "xoa"}, "Hãy chọn việc cần làm"),
        ({"noi": "dau do"}, "Hãy chọn nơi đổi"),
        ({"gio": "18:00", "ghi-chu": "x" * 301}, "dài quá"),
    ],
)
def test_what_cannot_be_is_told_where_it_is_typed_and_changes_nothing(town, typed, told):
    before = changes_of(town)
    answer = change(town, **typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert changes_of(town) == before


def test_a_time_outside_the_sessions_of_a_unit_is_refused_before_it_is_saved(town):
    with town.database.writing() as session:
        policy = session.scalars(select(Policy).order_by(Policy.id)).first()
        policy.sessions = [{"name": "sáng", "from": "05:30", "until": "07:30"}]
    answer = change(town, gio="12:00", **{"van-luu": "1"})
    assert answer.status_code == 422
    assert "không phát được ở đâu" in answer.text


def test_a_collision_is_shown_before_it_is_saved_and_saved_by_who_was_told(town):
    with town.database.writing() as session:
        rule = rule_of(session)
        session.add(
            Rule(
                code="LP6", name="Tin khác", unit_id=rule.unit_id, times=["18:30"], from_on=SUNDAY,
                created_at=NOW - timedelta(days=40),
                bulletins=[RuleBulletin(bulletin_id=rule.bulletins[0].bulletin_id, position=0)],
                targets=[RuleTarget(unit_id=rule.targets[0].unit_id)],
            )
        )  # fmt: skip
    town.plan()
    answer = change(town, gio="18:30")
    assert answer.status_code == 422
    assert "vì trùng giờ" in answer.text
    assert "Vẫn lưu" in answer.text
    assert changes_of(town)[0] == (23, "05:45", None, None)
    assert change(town, gio="18:30", **{"van-luu": "1"}).status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45", "22/11 18:30", "22/11 18:31"]


def test_a_look_ahead_saves_nothing(town):
    answer = change(town, gio="18:30", xem="1")
    assert answer.status_code == 200
    assert "Phát lúc 18:30." in answer.text
    assert len(changes_of(town)) == 3


def test_what_has_begun_cannot_be_changed(town):
    on, key = SUNDAY, "05:45"
    before = town.rows("LP5")
    for noi in ("tram", "moi"):
        for viec, gio in (("bo", ""), ("doi", "20:00")):
            answer = change(town, on=on, key=key, noi=noi, viec=viec, gio=gio)
            assert answer.status_code == 422
    assert "đã đến giờ" in town.client().get(f"/lich-phat/LP5/luot?ngay={on}&khe={key}&tram=S1").text
    assert town.rows("LP5") == before
    assert len(changes_of(town)) == 3


def test_a_slot_that_was_put_later_can_be_changed_until_its_own_time(town):
    change(town, gio="20:00")
    town.clock.at = NOW + timedelta(hours=8)  # six in the evening: 17:15 is over elsewhere
    town.plan()
    assert change(town, noi="moi", viec="bo").status_code == 422
    assert change(town, gio="20:30").status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45", "22/11 20:30"]
    assert town.airs("S2", until=SUNDAY) == ["22/11 05:45", "22/11 17:15"]


def test_of_two_editors_the_second_is_told_what_the_first_did_and_overwrites_nothing(town):
    seen = slot_form(town, gio="19:00")
    assert change(town, "approver", viec="bo").status_code == 302
    answer = town.client().post("/lich-phat/LP5/luot", data=seen)
    assert answer.status_code == 409
    assert "Trần Văn Duyệt đổi một lượt" in answer.text
    assert "17:15 ngày 22/11/2026" in answer.text
    assert "19:00" in answer.text  # what was typed is still there
    with town.database.reading() as session:
        own = [each for each in rule_of(session).changes if each.local_date == SUNDAY]
        assert [(each.is_skipped, each.to_time) for each in own] == [(True, None)]
    again = slot_form(town, gio="19:00")
    assert f'name="version" value="{again["version"]}"' in answer.text  # saving once more is one's own decision
    assert town.client().post("/lich-phat/LP5/luot", data=again).status_code == 302


@pytest.mark.parametrize("version", ["", "0", "-1", "²", "9" * 40, "x"])
def test_a_version_that_is_none_changes_nothing(town, version):
    answer = town.client().post("/lich-phat/LP5/luot", data=slot_form(town, gio="19:00", version=version))
    assert answer.status_code == 409
    assert len(changes_of(town)) == 3


def test_a_slot_has_one_change_for_all_and_one_for_a_station_however_often_it_is_saved(town):
    for gio in ("18:00", "18:30", "19:00"):
        change(town, gio=gio)
        change(town, gio=gio, noi="moi")
    there = [each for each in changes_of(town) if each[0] == SUNDAY.day]
    assert len(there) == 2
    assert set(there) == {(22, "17:15", None, "19:00"), (22, "17:15", "S1", "19:00")}


def test_a_station_goes_its_usual_way_though_the_slot_is_left_out_everywhere(town):
    change(town, viec="bo", noi="moi")
    assert change(town, gio="17:15").status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45", "22/11 17:15"]
    assert town.airs("S2", until=SUNDAY) == ["22/11 05:45"]


def restore(town: Town, number: int, login: str = "editor") -> Any:
    with town.database.reading() as session:
        version = rule_of(session).version
    answer = town.client(login).post(f"/lich-phat/LP5/thay-doi/{number}/bo", data={"version": version})
    town.plan()
    return answer


def number_of(town: Town, on: date) -> int:
    with town.database.reading() as session:
        return next(each.id for each in rule_of(session).changes if each.local_date == on)


def test_a_change_is_taken_back_and_the_slot_is_again_as_the_rule_says(town):
    before = town.rows("LP5")
    change(town, gio="19:00")
    assert restore(town, number_of(town, SUNDAY)).status_code == 302
    assert town.rows("LP5") == before
    with town.database.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.noun == "rule").order_by(AuditEvent.id)).all()
        assert acts == ["change_slot", "restore_slot"]


def test_a_change_of_the_past_is_history(town):
    change(town, gio="11:00")
    town.clock.at = NOW + timedelta(hours=2)
    town.plan()
    number = number_of(town, SUNDAY)
    page = town.client().get("/lich-phat/LP5").text
    assert "1 thay đổi đã qua" in page
    assert f"/thay-doi/{number}/bo" not in page
    answer = restore(town, number)
    assert answer.status_code == 409
    assert "lịch sử" in answer.text


def test_a_change_whose_slot_would_be_lost_today_is_not_taken_back(town):
    change(town, gio="20:00")
    town.clock.at = NOW + timedelta(hours=8)
    answer = restore(town, number_of(town, SUNDAY))
    assert answer.status_code == 409
    assert "hôm nay nó không phát nữa" in answer.text


def test_a_change_that_meets_no_slot_is_kept_and_said_so(town):
    with town.database.writing() as session:
        rule_of(session).times = ["17:15"]
    page = town.client().get("/lich-phat/LP5").text
    assert "không còn giờ tương ứng" in page
    assert len(changes_of(town)) == 3


def test_what_does_not_exist_is_not_found(town):
    client = town.client()
    for query in (
        "ngay=2026-11-24&khe=17:15", "ngay=2026-11-22&khe=08:00", "ngay=x&khe=17:15", "", "khe=17:15",
        "ngay=2026-11-22&khe=17:15&tram=S9", "ngay=2026-11-22&khe=17:15&tram=khong",
    ):  # fmt: skip
        assert client.get(f"/lich-phat/LP5/luot?{query}").status_code == 404
    assert client.get("/lich-phat/KHONG/luot?ngay=2026-11-22&khe=17:15").status_code == 404
    assert restore(town, 4711).status_code == 404


def test_a_commune_is_sent_on_from_a_rule_of_the_district_and_strangers_see_nothing(town):
    answer = town.client("operator").get(EVENING_ON_S1)
    assert answer.status_code == 403
    assert "Huyện Sông Lam" in answer.text
    assert "/thu-tu" in answer.text
    answer = change(town, "operator", viec="bo")
    assert answer.status_code == 403
    assert "Huyện Sông Lam" in answer.text
    assert len(changes_of(town)) == 3
    assert town.client("ngoai").get(EVENING_ON_S1).status_code == 404
    assert town.client("supervisor").get(EVENING_ON_S1).status_code == 200
    assert change(town, "supervisor", viec="bo").status_code == 403


def test_a_commune_changes_slots_of_its_own_rule(town):
    with town.database.writing() as session:
        rule = rule_of(session)
        station = session.scalars(select(Station).where(Station.code == "S1")).one()
        rule.unit_id = station.units[0].unit_id
        rule.targets[:] = [RuleTarget(station_id=station.id)]
    assert change(town, "operator", noi="moi", viec="bo").status_code == 302
    assert town.airs("S1", until=SUNDAY) == ["22/11 05:45"]


def test_a_stopped_rule_changes_no_slot(town):
    with town.database.writing() as session:
        rule_of(session).stopped_at = NOW
    assert "đã dừng" in town.client().get(EVENING_ON_S1).text
    assert change(town, viec="bo").status_code == 422


def test_a_slot_of_a_day_beyond_the_plan_can_be_changed_and_holds_when_it_is_planned(town):
    day = SUNDAY + timedelta(days=40)
    assert change(town, on=day, viec="bo").status_code == 302
    town.clock.at = NOW + timedelta(days=35)
    town.plan()
    assert town.airs("S1", day, day) == [f"{day:%d/%m} 05:45"]


def test_following_and_all_through_the_form_keep_what_was_changed(town):
    """The journey: three changes and an exception; renamed, moved, divided, all through the pages."""
    begun = {key: row for key, row in town.rows("LP5").items() if row[7] < NOW}
    assert len(begun) == 2
    form = {
        "bulletins": ["BT1"], "targets": ["unit:H1"], "times": "06:00, 17:15", "days": "daily", "holidays": "any",
        "from_on": "22/11/2026", "until_on": "", "except_on": "24/11/2026", "repeats": "1", "gap_seconds": "2",
        "on_collision": "after", "shift_minutes": "10", "name": "Nước sạch", "version": "1", "time_kind": "times",
        "hours": ["times"], "place": "any",
    }  # fmt: skip
    answer = town.client().post("/lich-phat/LP5/sua", data=form)
    assert answer.status_code == 302, answer.text
    town.plan()
    assert town.airs("S1") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 06:00", "25/11 18:30"]
    assert town.airs("S2") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 18:30"]
    answer = town.client().post(
        "/lich-phat/LP5/sua?tu=2026-11-25",
        data=form | {"version": "2", "times": "06:15, 17:15", "from_on": "25/11/2026", "tu": "2026-11-25"},
    )
    assert answer.status_code == 302, answer.text
    town.plan()
    new = answer.location.rsplit("/", 1)[1]
    assert new != "LP5"
    assert town.airs("S1") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 06:15", "25/11 18:30"]
    assert town.airs("S2") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 18:30"]
    assert changes_of(town, new) == [(WEDNESDAY.day, "06:15", "S2", None), (WEDNESDAY.day, "17:15", None, "18:30")]
    rows = town.rows("LP5", new)
    assert {key: rows[key] for key in begun} == begun


def test_notes_of_changes_are_shown_as_they_were_typed(town):
    change(town, viec="bo", **{"ghi-chu": "<script>alert(1)</script>"})
    page = town.client().get("/lich-phat/LP5").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;" in page


def test_a_change_of_another_rule_is_not_taken_back_by_this_address(town):
    with town.database.writing() as session:
        other = session.scalars(select(Rule).where(Rule.code == "LP9")).one()
        other.changes.append(RuleChange(local_date=WEDNESDAY, slot_key="17:15", is_skipped=True, changed_at=NOW))
        session.flush()
        number = other.changes[0].id
    assert restore(town, number).status_code == 404


def test_the_preview_of_an_edit_shows_the_changes_where_they_will_be(town):
    form = {
        "bulletins": ["BT1"], "targets": ["unit:H1"], "times": "06:00, 17:15", "days": "daily", "holidays": "any",
        "from_on": "22/11/2026", "until_on": "", "except_on": "24/11/2026", "repeats": "1", "gap_seconds": "2",
        "on_collision": "after", "shift_minutes": "10", "version": "1", "time_kind": "times", "hours": ["times"],
        "place": "any", "code": "LP5",
    }  # fmt: skip
    part = town.client().post("/lich-phat/xem-truoc", data=form, headers={"X-Fragment": "1"}).text
    assert part.count("18:30") >= 1  # Wednesday's, on both stations
    monday = part[part.index("23/11") : part.index("24/11")]
    assert "06:00" not in monday
