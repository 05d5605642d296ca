"""A rule is written as a sentence; what it would bring is shown before it is saved; nothing of others is lost."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleTarget
from broadcast.tally import PLAN, count
from tests.web.bulletin_parts import bulletin_form, count_of, of, rule_form
from tests.web.rule_parts import add, rule_of, sound  # noqa: F401
from tests.web.seed import NOW
from web.rules.days import parse_day, parse_days_span


def test_the_sentence_becomes_a_rule_of_the_bulletins_unit(as_person, web_database):
    with web_database.reading() as session:
        before = count(session, PLAN)
    code = add(as_person("editor"), times="17:15, 5h30", except_on="1/1/2027", repeats="3", gap_seconds="20")
    with web_database.reading() as session:
        rule = rule_of(session, code)
        assert (rule.times, rule.weekdays, rule.dates) == (["05:30", "17:15"], None, None)
        assert (rule.from_on, rule.until_on, rule.except_on) == (date(2026, 11, 23), None, ["2027-01-01"])
        assert (rule.repeats, rule.gap_seconds, rule.unit.code) == (3, 20, "H1")
        assert [link.bulletin.code for link in rule.bulletins] == ["BT1"]
        assert count(session, PLAN) == before + 1
        assert session.scalars(select(AuditEvent).where(AuditEvent.noun == "rule")).one().act == "write"
    page = as_person("editor").get(f"/lich-phat/{code}").text
    assert "05:30, 17:15" in page
    assert "trừ 01/01/2027" in page


def test_every_so_many_minutes_and_chosen_weekdays(as_person, web_database):
    code = add(
        as_person("editor"),
        time_kind="every",
        every_minutes="90",
        between_from="6h",
        between_until="20:00",
        days="chosen",
        weekdays=["fri", "mon"],
        targets=["station:S2"],
    )
    with web_database.reading() as session:
        rule = rule_of(session, code)
        assert (rule.every_minutes, rule.between, rule.times) == (90, ["06:00", "20:00"], [])
        assert rule.weekdays == ["mon", "fri"]
        assert [target.station.code for target in rule.targets] == ["S2"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"bulletins": []}, "Hãy chọn bản tin để phát"),
        ({"bulletins": ["BT9"]}, "nằm ngoài đơn vị của bạn"),
        ({"targets": []}, "Hãy chọn ít nhất một nơi phát"),
        ({"targets": ["unit:H9"]}, "nằm ngoài phạm vi đơn vị của bạn"),
        ({"targets": ["station:S9"]}, "nằm ngoài phạm vi đơn vị của bạn"),
        ({"times": "25:61"}, "Không có giờ “25:61”"),
        ({"times": "sáng sớm"}, "Không hiểu giờ “sáng sớm”"),
        ({"times": " , "}, "Hãy ghi ít nhất một giờ phát"),
        ({"until_on": "22/11/2026"}, "Ngày kết thúc 22/11/2026 trước ngày bắt đầu 23/11/2026"),
        ({"until_on": "31/02/2027"}, "không phải là một ngày có thật"),
        ({"until_on": "31/12/9999"}, "Ngày kết thúc không phải là một ngày có thật"),
        ({"days": "chosen"}, "Hãy chọn ít nhất một thứ trong tuần, một ngày âm lịch hoặc một ngày"),
        ({"days": "chosen", "dates": "32/13/2026"}, "ngày có thật"),
        ({"days": "chosen", "lunar_other": "31"}, "“31” không phải là ngày âm lịch"),
        ({"days": "chosen", "lunar_other": "cuối tháng"}, "“cuối” không phải là ngày âm lịch"),
        ({"time_kind": []}, "Hãy chọn ít nhất một cách đặt giờ"),
        ({"time_kind": ["sessions"], "session_way": "each", "place": "any"}, "chưa đặt khung giờ phát nào"),
        ({"ends_when_met": "1"}, "chưa có chỉ tiêu nào đang chạy"),
        ({"until_on": "23/11/2056"}, "Lịch phát dài quá 10 năm"),
        ({"days": "chosen", "dates": "24/11/2026", "until_on": "23/11/2026"}, "Không có ngày nào để phát"),
        ({"repeats": "0"}, "số từ 1 đến 50"),
        ({"gap_seconds": "61"}, "số từ 0 đến 60"),
        (
            {"time_kind": "every", "every_minutes": "90", "between_from": "20:00", "between_until": "6h"},
            "Giờ cuối (06:00) đứng trước giờ đầu (20:00)",
        ),
        ({"time_kind": "every", "every_minutes": "1", "between_from": "6h", "between_until": "7h"}, "từ 5 đến 1440"),
        ({"except_on": "hôm nào đó"}, "ngày có thật"),
    ],
)
def test_mistakes_are_told_at_their_field_and_what_was_typed_stays(as_person, web_database, changed, told):
    before = count_of(web_database, Rule)
    answer = as_person("editor").post("/lich-phat/moi", data=rule_form(name="Tên đã gõ", **changed))
    assert answer.status_code == 422
    assert told in answer.text
    assert "Tên đã gõ" in answer.text
    assert count_of(web_database, Rule) == before


def test_the_preview_shows_seven_days_and_writes_nothing(as_person, web_database, sound):  # noqa: F811
    before = (count_of(web_database, Rule), count_of(web_database, Airing))
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(times="5h30, 23:30"))
    assert part.status_code == 200
    # seven mornings on two stations, and every one of the nights refused
    assert "14 lượt sẽ phát" in part.text
    assert "14 lượt không xếp được" in part.text
    assert "22:00–05:00" in part.text
    assert (count_of(web_database, Rule), count_of(web_database, Airing)) == before


def test_the_preview_knows_the_sound_of_what_is_not_approved(as_person):
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(bulletins=["BT2"]))
    assert "0 lượt sẽ phát" in part.text
    assert "chưa được" in part.text


def test_the_preview_of_half_a_rule_says_what_is_missing(as_person):
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(targets=[]))
    assert part.status_code == 200
    assert "Hãy chọn ít nhất một nơi phát" in part.text


def test_without_scripts_the_preview_is_the_whole_form_again(as_person, sound):  # noqa: F811
    page = as_person("editor").post("/lich-phat/xem-thu", data=rule_form())
    assert "28 lượt sẽ phát" in page.text
    assert "Lưu lịch phát" in page.text


def test_a_stations_own_policy_counts_in_the_preview(as_person, web_database, district, sound):  # noqa: F811
    with web_database.writing() as session:
        session.add(
            Policy(unit_id=district.units["X1"], curfew=["05:00", "06:00"], created_at=NOW, source="Quy định của xã")
        )
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(times="5h30"))
    assert "7 lượt sẽ phát" in part.text
    assert "Quy định của xã" in part.text


def test_an_edit_that_comes_second_overwrites_nothing_and_keeps_what_was_typed(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    assert one.post("/lich-phat/LP1/sua", data=rule_form(times="6h15", version="1")).status_code == 302
    answer = other.post("/lich-phat/LP1/sua", data=rule_form(times="18h45", version="1"))
    assert answer.status_code == 409
    assert "Người khác vừa sửa lịch phát này" in answer.text
    assert "18h45" in answer.text
    assert "06:15" in answer.text
    assert 'name="version" value="2"' in answer.text
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        assert (rule.times, rule.version) == (["06:15"], 2)
    assert other.post("/lich-phat/LP1/sua", data=rule_form(times="18h45", version="2")).status_code == 302


def test_an_edit_keeps_what_the_form_does_not_ask(as_person, web_database, sound):  # noqa: F811
    with web_database.writing() as session:
        rule = rule_of(session, "LP1")
        rule.sessions, rule.latest_start_s = ["sáng"], 300
    changed = rule_form(time_kind=["sessions"], sessions=["sáng"], session_way="each", place="any", version="1")
    # nobody has such a session (any more): kept all the same, and told to be saved on purpose
    assert "Trạm không có khung giờ “sáng”" in as_person("editor").post("/lich-phat/LP1/sua", data=changed).text
    changed["van-luu"] = "1"
    assert as_person("editor").post("/lich-phat/LP1/sua", data=changed).status_code == 302
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        assert (rule.sessions, rule.latest_start_s, rule.times) == (["sáng"], 300, [])
        assert len(rule.targets) == len(rule.bulletins) == 1


def test_an_edit_keeps_both_ways_of_a_rule_from_a_set_up_file(as_person, web_database):
    with web_database.writing() as session:
        rule = rule_of(session, "LP1")
        rule.weekdays, rule.dates = ["mon"], ["2026-12-25"]
        rule.every_minutes, rule.between, rule.times = 90, ["06:00", "20:00"], ["05:45"]
    client = as_person("editor")
    page = client.get("/lich-phat/LP1/sua").text
    for field in ('name="times" value="05:45"', 'name="dates" value="25/12/2026"'):
        assert field in page
    for box in ("times", "every", "mon", "chosen"):
        assert f'value="{box}" checked' in page
    changed = rule_form(
        time_kind=["times", "every"], times="05:45", every_minutes="60", between_from="6h", between_until="20h",
        days="chosen", weekdays=["tue"], dates="25/12/2026", version="1",
    )  # fmt: skip
    assert client.post("/lich-phat/LP1/sua", data=changed).status_code == 302
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        assert (rule.weekdays, rule.dates) == (["tue"], ["2026-12-25"])
        assert (rule.every_minutes, rule.times) == (60, ["05:45"])


def test_a_rule_that_also_airs_elsewhere_is_changed_by_those_who_may_everywhere(as_person, web_database, district):
    code = add(as_person("operator"), bulletins=["BT3"], targets=["station:S1"])
    with web_database.writing() as session:
        session.add(RuleTarget(rule=rule_of(session, code), station_id=district.stations["S2"]))
    form = rule_form(bulletins=["BT3"], targets=["unit:X1"], version="1")
    for act in ("sua", "dung"):
        answer = as_person("operator").post(f"/lich-phat/{code}/{act}", data=form)
        assert answer.status_code == 403
        assert "ngoài phạm vi của bạn" in answer.text
    with web_database.reading() as session:
        assert {target.station.code for target in rule_of(session, code).targets} == {"S1", "S2"}
    assert as_person("editor").post(f"/lich-phat/{code}/sua", data=form).status_code == 302


def test_stopping_says_how_many_airings_it_cancels_and_can_be_undone(as_person, web_database):
    client = as_person("editor")
    assert "1 lượt phát sắp tới sẽ bị huỷ" in client.get("/lich-phat/LP1/dung").text
    assert client.post("/lich-phat/LP1/dung").status_code == 302
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        assert (rule.stopped_at, rule.version) == (NOW, 2)
    assert client.post("/lich-phat/LP1/dung").status_code == 409
    assert "đã dừng" in client.get("/lich-phat?trang-thai=ended").text
    assert client.post("/lich-phat/LP1/mo-lai").status_code == 302
    with web_database.reading() as session:
        assert rule_of(session, "LP1").stopped_at is None
        told = session.scalars(select(AuditEvent.act).where(AuditEvent.noun == "rule").order_by(AuditEvent.id)).all()
        assert told == ["stop", "resume"]


def test_the_form_of_a_rule_shows_the_rule(as_person):
    page = as_person("editor").get("/lich-phat/LP1/sua").text
    assert 'value="05:45, 08:00, 09:00, 17:15"' in page
    assert 'value="BT1" checked' in page
    assert 'value="unit:H1" checked' in page


def test_an_operator_plans_own_bulletins_at_the_own_station_only(as_person):
    client = as_person("operator")
    assert client.post("/lich-phat/moi", data=rule_form(bulletins=["BT3"], targets=["station:S1"])).status_code == 302
    assert client.post("/lich-phat/moi", data=rule_form(bulletins=["BT3"], targets=["station:S2"])).status_code == 422
    assert client.post("/lich-phat/moi", data=rule_form(targets=["unit:H1"])).status_code == 422


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("22/11/2026", date(2026, 11, 22)),
        ("ngày 1-12-2026", date(2026, 12, 1)),
        ("2026-12-01", date(2026, 12, 1)),
        ("22/11", date(2026, 11, 22)),  # today
        ("21/11", date(2027, 11, 21)),  # the next one
        ("29/2", date(2028, 2, 29)),
        ("30/2", None),
        ("31/04/2027", None),
        ("mai", None),
        ("", None),
    ],
)
def test_days_are_read_as_people_type_them(app, typed, day):
    with app.app_context():
        assert parse_day(typed, NOW) == day


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("28/1/2027 - 3/2/2027", date(2027, 1, 28), date(2027, 2, 3)),
        ("28/1/2027-3/2/2027", date(2027, 1, 28), date(2027, 2, 3)),
        ("từ 28/1/2027 đến hết ngày 3/2/2027", date(2027, 1, 28), date(2027, 2, 3)),
        ("28/1 – 3/2", date(2027, 1, 28), date(2027, 2, 3)),
        ("28-30/1/2027", date(2027, 1, 28), date(2027, 1, 30)),
        ("28-1-2027 - 3-2-2027", date(2027, 1, 28), date(2027, 2, 3)),
        ("2027-01-28 tới 2027-02-03", date(2027, 1, 28), date(2027, 2, 3)),
        ("28/12 - 3/1", date(2026, 12, 28), date(2027, 1, 3)),  # over the end of a year
        ("28/12/2026 - 3/1", date(2026, 12, 28), date(2027, 1, 3)),
        ("20/11 - 25/11", date(2026, 11, 20), date(2026, 11, 25)),  # the first is past, the last is to come
        ("25/11", date(2026, 11, 25), date(2026, 11, 25)),
    ],
)
def test_a_range_of_days_is_read_as_people_type_it(app, typed, first, last):
    with app.test_request_context():
        assert parse_days_span(typed, NOW) == (first, last)


@pytest.mark.parametrize("typed", ["30/2 - 3/3/2027", "Tết", "1/1/2027 -", "- 1/1/2027", "1/1/2027 - mai", "35-40/1"])
def test_what_is_no_range_of_days_is_none(app, typed):
    with app.test_request_context():
        assert parse_days_span(typed, NOW) is None


def test_exceptions_take_ranges_and_show_them_as_ranges(as_person, web_database):
    client = as_person("editor")
    code = add(client, except_on="1/1/2027, 28/1/2027 - 3/2/2027")
    with web_database.reading() as session:
        days = rule_of(session, code).except_on
        assert (len(days), days[0], days[1], days[-1]) == (8, "2027-01-01", "2027-01-28", "2027-02-03")
    assert "trừ 01/01/2027, 28/01/2027 - 03/02/2027" in client.get(f"/lich-phat/{code}").text
    assert 'value="01/01/2027, 28/01/2027 - 03/02/2027"' in client.get(f"/lich-phat/{code}/sua").text


def test_all_that_is_wrong_is_told_at_once(as_person):
    wrong = rule_form(
        bulletins=[], times="25:61, sáng sớm", until_on="22/11/2026", repeats="0",
        except_on="30/2/2027, 3/2/2027 - 28/1/2027, 1/1/2027 - 1/1/2029",
    )  # fmt: skip
    page = as_person("editor").post("/lich-phat/moi", data=wrong).text
    for told in (
        "Hãy chọn bản tin để phát",
        "Không có giờ “25:61”",
        "Không hiểu giờ “sáng sớm”",
        "Ngày kết thúc 22/11/2026 trước ngày bắt đầu",
        "số từ 1 đến 50",
        "“30/2/2027” không phải là một ngày có thật",
        "“3/2/2027 - 28/1/2027” có ngày cuối đứng trước ngày đầu",
        "“1/1/2027 - 1/1/2029” dài quá 366 ngày",
    ):
        assert told in page


def test_times_are_typed_freely_with_spaces_between_them_too(as_person, web_database):
    code = add(as_person("editor"), times="5.30; 5 giờ rưỡi chiều và 7h tối 20h15")
    with web_database.reading() as session:
        assert rule_of(session, code).times == ["05:30", "17:30", "19:00", "20:15"]


def test_an_airing_that_is_moved_says_after_what(as_person, web_database, sound):  # noqa: F811
    add(as_person("editor"), times="17:15", name="Sớm hơn")
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(times="17:15")).text
    assert "(đặt 17:15)" in part
    assert "phát sau “Giữ vệ sinh nguồn nước” vì trùng giờ" in part


def test_a_rule_without_a_name_is_called_by_its_sentence(as_person, web_database):
    code = add(as_person("editor"))
    sentence = "Giữ vệ sinh nguồn nước, 05:30, 17:15, hằng ngày, tại Huyện Sông Lam"
    assert f"<h1>{sentence}</h1>" in as_person("editor").get(f"/lich-phat/{code}").text
    with web_database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.noun == "rule")).one()
        assert event.noun_name == sentence


def test_an_emergency_is_in_no_ordinary_rule(as_person, web_database):
    """It would sound at 03:15 every night, over the curfew, and nobody would have decided so."""
    with web_database.writing() as session:
        of(session, "BT1").bulletin_class = "emergency"
    client = as_person("editor")
    for asked in ("/lich-phat/moi", "/lich-phat/moi?ban-tin=BT1"):
        assert 'value="BT1"' not in client.get(asked).text
    told = client.get("/lich-phat/moi?ban-tin=BT1").text
    assert "là bản tin khẩn cấp nên không xếp vào lịch phát thường được" in told
    assert "Đặt lịch phát</a>" not in client.get("/ban-tin/BT1").text
    before = count_of(web_database, Rule)
    for address in ("/lich-phat/moi", "/lich-phat/xem-truoc", "/lich-phat/xem-thu"):
        answer = client.post(address, data=rule_form(times="03:15"))
        assert "là bản tin khẩn cấp nên không xếp vào lịch phát thường được" in answer.text, address
        assert "lượt sẽ phát" not in answer.text
    assert client.post("/lich-phat/moi", data=rule_form(times="03:15")).status_code == 422
    assert count_of(web_database, Rule) == before


def test_a_rule_from_a_set_up_file_keeps_its_emergency_to_read_but_is_not_saved_with_it(as_person, web_database):
    with web_database.writing() as session:
        of(session, "BT1").bulletin_class = "emergency"
    client = as_person("editor")
    assert client.get("/lich-phat/LP1").status_code == 200
    assert 'value="BT1" checked' in client.get("/lich-phat/LP1/sua").text
    answer = client.post("/lich-phat/LP1/sua", data=rule_form(version="1", name="Tên mới"))
    assert answer.status_code == 422
    assert "là bản tin khẩn cấp" in answer.text
    assert client.post("/lich-phat/LP1/dung").status_code == 302
    assert client.post("/lich-phat/LP1/mo-lai").status_code == 409
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        assert (rule.name, [link.bulletin.code for link in rule.bulletins]) == ("", ["BT1"])
        assert rule.stopped_at == NOW


def test_a_bulletin_in_a_rule_does_not_become_an_emergency(as_person, web_database):
    client = as_person("editor")
    code = add(client, bulletins=["BT3"])
    form = bulletin_form(title="Lịch cắt điện tuần tới", based_on="1", **{"class": "emergency"})
    answer = client.post("/ban-tin/BT3/sua", data=form)
    assert answer.status_code == 422
    assert "nên không đổi thành khẩn cấp được" in answer.text
    client.post(f"/lich-phat/{code}/dung")
    assert client.post("/ban-tin/BT3/sua", data=form).status_code == 302
    with web_database.reading() as session:
        assert of(session, "BT3").bulletin_class == "emergency"
