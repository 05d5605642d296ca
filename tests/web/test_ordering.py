"""Thứ tự: a commune orders what reaches it, and declines normal bulletins from above; the rules stay as they are."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from broadcast.airing import Airing, Refusal
from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM
from broadcast.obligation import Obligation
from broadcast.rule import Rule, RuleBulletin, RuleChoice, RuleTarget
from broadcast.station import Station
from broadcast.tally import PLAN, StaleStation, count
from broadcast.unit import Unit
from schedules.replan import Planning, replan, station_batches
from tests.web.programme_parts import airing, by_code
from tests.web.seed import NOW


@pytest.fixture
def rules(web_database, district):
    """Beside LP1 (normal, of H1): UT1 and UT2, priority, of H1; CU1 normal of X1; UTX priority of X1, the youngest."""
    with web_database.writing() as session:
        for code, unit, bulletin_class, name in (
            ("UT1", "H1", "priority", "Phòng cháy mùa khô"), ("UT2", "H1", "priority", "Tiêm vắc xin"),
            ("CU1", "X1", "normal", "Tin của xã"), ("UTX", "X1", "priority", "Nước lên ở bến đò"),
        ):  # fmt: skip
            owner = by_code(session, Unit, unit)
            bulletin = Bulletin(
                code=f"B-{code}",
                unit=owner,
                title=f"Bản tin {code}",
                bulletin_class=bulletin_class,
                created_at=NOW,
                created_by_id=district.people["editor"],
            )
            rule = Rule(code=code, unit_id=owner.id, name=name, times=["05:45"], created_at=NOW)
            rule.bulletins.append(RuleBulletin(bulletin=bulletin, position=0))
            rule.targets.append(RuleTarget(unit_id=owner.id))
            session.add_all([bulletin, rule])
            session.flush()


def listed(client, unit: str = "X1") -> list[str]:
    """The items in their order, by the words of the page."""
    page = client.get(f"/thu-tu?don-vi={unit}").text
    names = ("Phòng cháy mùa khô", "Tiêm vắc xin", "Tin của xã", "Nước lên ở bến đò", "Giữ vệ sinh nguồn nước")
    main = page[page.index("<main") :]
    found = {name: re.search(rf'<strong class="class[^>]*>(<a [^>]*>)?{name}', main) for name in names}
    return sorted((name for name in names if found[name]), key=lambda name: found[name].start())


def mark(client, unit: str = "X1") -> str:
    found = re.search(r'name="dau" value="(\w+)"', client.get(f"/thu-tu?don-vi={unit}").text)
    assert found is not None
    return found[1]


def move(client, code: str, how: str, unit: str = "X1", **values: str):
    asked = {"don-vi": unit, "lich": code, "huong": how, "dau": mark(client, unit), **values}
    return client.post("/thu-tu/chuyen", data=asked)


DEFAULT = ["Nước lên ở bến đò", "Phòng cháy mùa khô", "Tiêm vắc xin", "Tin của xã", "Giữ vệ sinh nguồn nước"]


def test_by_default_priority_goes_first_then_ones_own_then_the_older(as_person, rules):
    client = as_person("operator")
    assert listed(client) == DEFAULT
    page = client.get("/thu-tu").text  # the operator's own unit is what one looks at
    assert "Đang theo thứ tự mặc định" in page
    assert "của đơn vị mình" in page
    assert "từ Huyện Sông Lam" in page
    assert "/lich-phat/UT1" not in page  # the district's rules are not read here


def test_the_first_move_gives_every_item_its_place_and_the_districts_rule_stays(as_person, rules, web_database):
    client = as_person("operator")
    with web_database.reading() as session:
        version = by_code(session, Rule, "UT2").version
    answer = move(client, "UT2", "len")
    assert answer.status_code == 302
    assert listed(client) == ["Nước lên ở bến đò", "Tiêm vắc xin", "Phòng cháy mùa khô", *DEFAULT[3:]]
    with web_database.reading() as session:
        choices = session.scalars(select(RuleChoice).order_by(RuleChoice.place)).all()
        assert [(each.rule.code, each.place) for each in choices] == [
            ("UTX", 1), ("UT2", 2), ("UT1", 3), ("CU1", 4), ("LP1", 5),
        ]  # fmt: skip
        assert {each.unit_id for each in choices} == {by_code(session, Unit, "X1").id}
        assert by_code(session, Rule, "UT2").version == version
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "order_rules")).one()
        assert event.detail == {"rule": "Tiêm vắc xin"}
        assert session.scalars(select(StaleStation)).all() or count(session, PLAN)


@pytest.mark.parametrize(
    ("code", "how", "first_two"),
    [
        ("UT2", "dau", ["Tiêm vắc xin", "Nước lên ở bến đò"]),
        ("UTX", "xuong", ["Phòng cháy mùa khô", "Nước lên ở bến đò"]),
        ("UTX", "len", DEFAULT[:2]),
        ("UTX", "dau", DEFAULT[:2]),
        ("UTX", "", DEFAULT[:2]),
        ("CU1", "len", DEFAULT[:2]),  # never over its class
        ("UT2", "xuong", DEFAULT[:2]),
    ],
)
def test_an_item_moves_within_its_class_only(as_person, rules, code, how, first_two):
    client = as_person("operator")
    move(client, code, how)
    assert listed(client)[:2] == first_two
    assert listed(client)[3:] == DEFAULT[3:]


def test_the_button_one_pressed_keeps_the_focus_and_at_the_end_the_other_one_has_it(as_person, rules):
    client = as_person("operator")
    page = client.get(move(client, "UT2", "len").location).text
    assert re.search(r'value="len" aria-label="Lên một bậc: Tiêm vắc xin"[^>]* autofocus', page)
    page = client.get(move(client, "UT2", "len").location).text
    assert re.search(r'value="xuong" aria-label="Xuống một bậc: Tiêm vắc xin"[^>]* autofocus', page)
    assert page.count("autofocus") == 1


def test_of_two_people_the_second_is_told_and_nothing_is_overwritten(as_person, rules):
    operator, editor = as_person("operator"), as_person("editor")
    seen = mark(editor)
    move(operator, "UT2", "dau")
    answer = move(editor, "UT1", "dau", dau=seen)
    assert answer.status_code == 409
    assert "Danh sách vừa đổi" in answer.text
    assert listed(editor)[0] == "Tiêm vắc xin"
    for path in ("mac-dinh", "phat-lai"):
        assert editor.post(f"/thu-tu/{path}", data={"don-vi": "X1", "lich": "LP1", "dau": seen}).status_code == 409
    told = editor.post("/thu-tu/khong-phat", data={"don-vi": "X1", "lich": "LP1", "dau": seen, "reason": "Đã có"})
    assert told.status_code == 409
    assert listed(editor)[0] == "Tiêm vắc xin"


def test_going_back_to_the_default_order_leaves_nothing_behind(as_person, rules, web_database):
    client = as_person("operator")
    move(client, "UT2", "dau")
    assert "Trở lại thứ tự mặc định" in client.get("/thu-tu").text
    client.post("/thu-tu/mac-dinh", data={"don-vi": "X1", "dau": mark(client)})
    assert listed(client) == DEFAULT
    with web_database.reading() as session:
        assert session.scalars(select(RuleChoice)).all() == []


def test_a_later_rule_stands_behind_those_that_have_a_place(as_person, rules, web_database):
    client = as_person("operator")
    move(client, "UT2", "dau")
    with web_database.writing() as session:
        late = by_code(session, Rule, "LP1")
        session.delete(session.scalars(select(RuleChoice).where(RuleChoice.rule_id == late.id)).one())
        late.created_at = NOW - timedelta(days=400)
    assert listed(client)[-1] == "Giữ vệ sinh nguồn nước"


def declined(client, code: str = "LP1", reason: str = "Xã đã có bản tin riêng.", unit: str = "X1"):
    asked = {"don-vi": unit, "lich": code, "reason": reason, "dau": mark(client, unit)}
    return client.post("/thu-tu/khong-phat", data=asked)


def test_a_normal_bulletin_from_above_is_declined_with_a_reason_and_taken_back(as_person, rules, web_database):
    client = as_person("operator")
    asked = client.get("/thu-tu/khong-phat?don-vi=X1&lich=LP1").text
    assert "1 lượt phát sắp tới ở đây sẽ không phát." in asked  # 17:15; what began stays as it was
    assert declined(client).status_code == 302
    page = client.get("/thu-tu").text
    assert "Đã chọn không phát ở đây" in page
    assert "Xã đã có bản tin riêng." in page
    with web_database.reading() as session:
        choice = session.scalars(select(RuleChoice)).one()
        assert (choice.is_declined, choice.place, choice.rule.code) == (True, None, "LP1")
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "decline")).one()
        assert event.detail == {"reason": "Xã đã có bản tin riêng.", "airings": 1, "unit": "X1"}
    client.post("/thu-tu/phat-lai", data={"don-vi": "X1", "lich": "LP1", "dau": mark(client)})
    assert "Đã chọn không phát ở đây" not in client.get("/thu-tu").text


def test_ordering_afterwards_keeps_what_was_declined(as_person, rules, web_database):
    client = as_person("operator")
    declined(client)
    move(client, "UT2", "dau")
    client.post("/thu-tu/mac-dinh", data={"don-vi": "X1", "dau": mark(client)})
    with web_database.reading() as session:
        choice = session.scalars(select(RuleChoice)).one()
        assert (choice.is_declined, choice.place) == (True, None)


def test_declining_needs_a_reason_of_a_length_that_can_be_kept(as_person, rules):
    client = as_person("operator")
    assert declined(client, reason=" ").status_code == 422
    long = declined(client, reason="á" * 301)
    assert long.status_code == 422
    assert "á" * 301 in long.text


@pytest.mark.parametrize(
    ("code", "why"), [("UT1", "Thông tư 39/2020/TT-BTTTT"), ("CU1", "dừng lịch"), ("UTX", "dừng lịch")]
)
def test_priority_ones_and_ones_own_are_not_declined_and_it_is_said_why(as_person, rules, code, why, web_database):
    client = as_person("operator")
    asked = client.get(f"/thu-tu/khong-phat?don-vi=X1&lich={code}")
    assert asked.status_code == 409
    assert why in asked.text
    assert declined(client, code).status_code == 409
    with web_database.reading() as session:
        assert session.scalars(select(RuleChoice)).all() == []


@pytest.mark.parametrize(("at_least", "per", "short"), [(1, "day", True), (9, "day", False), (1, "total", False)])
def test_obligations_that_would_fall_short_are_named_before(as_person, rules, web_database, at_least, per, short):
    """LP1 airs four times today, 17:15 is to come; tomorrow once. One that is short already is not told as news."""
    with web_database.writing() as session:
        airing(session, "S1", NOW + timedelta(days=1))
        if at_least == 9:
            airing(session, "S1", NOW + timedelta(days=1, hours=1), rule="LP1")
        session.add(
            Obligation(
                bulletin_id=by_code(session, Bulletin, "BT1").id, unit_codes=["H1"], at_least=at_least, per=per,
                from_on=NOW.date() - timedelta(days=1), until_on=NOW.date() + timedelta(days=30), created_at=NOW,
            )
        )  # fmt: skip
    page = as_person("operator").get("/thu-tu/khong-phat?don-vi=X1&lich=LP1").text
    assert ("sẽ thiếu ở Trạm An Bình." in page) is short


def test_who_may_write_in_a_unit_orders_it_and_nobody_else(as_person, rules):
    seen = mark(as_person("editor"))
    for login, answer in (("supervisor", 403), ("administrator", 403), ("ngoai", 404), ("editor", 302)):
        data = {"don-vi": "X1", "lich": "UT2", "huong": "len", "dau": seen}
        assert as_person(login).post("/thu-tu/chuyen", data=data).status_code == answer, login
    page = as_person("supervisor").get("/thu-tu?don-vi=X1").text
    assert "Bạn chỉ xem" in page
    assert 'name="dau"' not in page
    assert as_person("operator").get("/thu-tu?don-vi=X2").status_code == 404
    asked = {"don-vi": "X2", "lich": "LP1", "huong": "len", "dau": seen}
    assert as_person("operator").post("/thu-tu/chuyen", data=asked).status_code == 404
    assert as_person("operator").get("/thu-tu/khong-phat?don-vi=X2&lich=LP1").status_code == 404


def test_a_rule_that_does_not_reach_the_unit_is_not_found_there(as_person, rules):
    client = as_person("editor")
    assert client.get("/thu-tu/khong-phat?don-vi=X2&lich=CU1").status_code == 404
    assert move(client, "CU1", "len", unit="X2").status_code == 404


def test_a_district_chooses_one_of_its_communes(as_person, rules, web_database):
    page = as_person("editor").get("/thu-tu").text
    assert "don-vi=X1" in page
    assert "don-vi=X2" in page
    assert "don-vi=X9" not in page
    move(as_person("operator"), "UT2", "dau")
    assert "đã tự sắp" in as_person("editor").get("/thu-tu").text
    assert "Không có đơn vị nào khớp." in as_person("editor").get("/thu-tu?tim=khong-co").text


def test_what_a_unit_above_chose_holds_until_the_commune_chooses_itself(as_person, rules, web_database):
    with web_database.writing() as session:
        session.add(
            RuleChoice(
                unit_id=by_code(session, Unit, "H1").id, rule_id=by_code(session, Rule, "LP1").id, is_declined=True,
                note="Tạm ngừng cả huyện", chosen_at=NOW,
            )
        )  # fmt: skip
    client = as_person("operator")
    assert "Huyện Sông Lam chọn. Lý do: Tạm ngừng cả huyện" in client.get("/thu-tu").text
    client.post("/thu-tu/phat-lai", data={"don-vi": "X1", "lich": "LP1", "dau": mark(client)})
    assert "Đã chọn không phát" not in client.get("/thu-tu").text
    client.post("/thu-tu/mac-dinh", data={"don-vi": "X1", "dau": mark(client)})
    assert "Đã chọn không phát" not in client.get("/thu-tu").text


def test_a_rule_of_one_station_reaches_only_the_unit_of_that_station(as_person, rules, web_database):
    with web_database.writing() as session:
        rule = by_code(session, Rule, "UT1")
        rule.targets[:] = [RuleTarget(station_id=by_code(session, Station, "S2").id)]
    assert "Phòng cháy mùa khô" not in listed(as_person("editor"))
    assert "Phòng cháy mùa khô" in listed(as_person("editor"), "X2")


def test_stopped_and_ended_rules_are_not_ordered(as_person, rules, web_database):
    with web_database.writing() as session:
        by_code(session, Rule, "UT1").stopped_at = NOW
        by_code(session, Rule, "UT2").until_on = NOW.date() - timedelta(days=1)
    assert listed(as_person("operator")) == ["Nước lên ở bến đò", *DEFAULT[3:]]


def planned_again(web_database) -> None:
    with web_database.writing() as session:
        planning = Planning(session, NOW, VIETNAM)
        for batch in station_batches(session):
            replan(session, planning, batch)


def test_the_plan_follows_what_a_commune_chose_and_its_neighbour_goes_on(as_person, web_database, district, clock):
    """LP1 of H1 and LP2 of X1 both air BT1 at 17:15; by default the commune's own goes first."""
    with web_database.writing() as session:
        bulletin, unit = by_code(session, Bulletin, "BT1"), by_code(session, Unit, "X1")
        rule = Rule(code="LP2", unit_id=unit.id, name="Tin của xã", times=["17:15"], created_at=NOW)
        rule.bulletins.append(RuleBulletin(bulletin=bulletin, position=0))
        rule.targets.append(RuleTarget(unit_id=unit.id))
        session.add(rule)
    client = as_person("operator")

    def at_quarter_past_five() -> list[str]:
        planned_again(web_database)
        with web_database.reading() as session:
            rows = session.scalars(
                select(Airing)
                .where(Airing.slot_key == "17:15", Airing.local_date == date(2026, 11, 24))
                .where(Airing.station_id == district.stations["S1"], Airing.cancelled_at.is_(None))
                .order_by(Airing.starts_at)
            )
            return [row.rule.code for row in rows]

    assert at_quarter_past_five() == ["LP2", "LP1"]
    move(client, "LP1", "len")
    assert at_quarter_past_five() == ["LP1", "LP2"]
    declined(client)
    assert at_quarter_past_five() == ["LP2"]
    with web_database.reading() as session:
        refused = session.scalars(
            select(Refusal).join(Rule, Rule.id == Refusal.rule_id).where(Rule.code == "LP1")
        ).all()
        assert {row.station.code for row in refused} == {"S1"}
        assert any("Xã đã có bản tin riêng" in row.reason for row in refused)
        neighbour = session.scalars(
            select(Airing).where(Airing.station_id == district.stations["S2"], Airing.starts_at > NOW)
        ).all()
        assert neighbour
        assert all(row.cancelled_at is None for row in neighbour)
    assert "4 lượt có chủ ý" in client.get("/ca-ngay?ngay=2026-11-24").text
    clock.at = NOW + timedelta(minutes=10)
    assert "7 ngày tới không xếp được" not in as_person("editor").get("/").text  # no trouble of anybody
    clock.at = NOW
    client.post("/thu-tu/phat-lai", data={"don-vi": "X1", "lich": "LP1", "dau": mark(client)})
    assert at_quarter_past_five() == ["LP1", "LP2"]
