"""Lunar days, holidays, sessions, so many a day, turns, an end when it is enough: written on the form, told in words,
kept by an edit."""

from __future__ import annotations

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from broadcast.clock import local_day
from broadcast.obligation import Obligation
from broadcast.rule import RuleBulletin
from tests.web.bulletin_parts import of, rule_form
from tests.web.rule_parts import EVENING, MORNING, add, rule_of, sound, with_sessions  # noqa: F401
from tests.web.seed import NOW
from web.rules.showing import coming_holidays, coming_lunar


def test_the_first_and_the_fifteenth_of_the_lunar_month(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    code = add(client, days="chosen", lunar=["15", "1"], lunar_other="mùng 2, 29")
    with web_database.reading() as session:
        rule = rule_of(session, code)
        assert (rule.lunar_days, rule.weekdays, rule.dates) == ([1, 2, 15, 29], None, None)
    assert "mùng một, mùng 2, rằm và ngày 29 âm lịch" in client.get(f"/lich-phat/{code}").text
    page = client.get(f"/lich-phat/{code}/sua").text
    assert 'name="lunar_other" value="2, 29"' in page
    # 23 November 2026 is the 15th of the tenth lunar month
    assert "23/11/2026 (rằm tháng 10)" in page
    assert "Tháng nhuận cũng phát như tháng thường." in page


def test_days_of_a_leap_month_are_named(app):
    with app.test_request_context():
        found = coming_lunar([1, 15], date(2025, 7, 20))
    assert (date(2025, 7, 25), "mùng một tháng 6 nhuận") in found
    assert (date(2025, 8, 8), "rằm tháng 6 nhuận") in found


def test_the_preview_of_a_rule_that_airs_seldom_looks_a_fortnight_ahead(as_person, sound):  # noqa: F811
    part = as_person("editor").post("/lich-phat/xem-truoc", data=rule_form(days="chosen", lunar=["1", "15"])).text
    assert "trong mười bốn ngày từ 23/11/2026" in part
    assert "4 lượt sẽ phát" in part


def test_the_preview_of_a_rule_that_airs_far_ahead_begins_there(as_person, sound):  # noqa: F811
    form = rule_form(days="chosen", dates="1/3/2027", from_on="", until_on="")
    part = as_person("editor").post("/lich-phat/xem-truoc", data=form).text
    assert "4 lượt sẽ phát" in part
    assert "từ 01/03/2027" in part


def test_where_today_is_the_last_day_for_a_while_the_next_one_is_shown(as_person, sound):  # noqa: F811
    form = rule_form(days="chosen", dates="22/11/2026, 9/1/2027", from_on="", times="5h30")  # it is ten o'clock
    client = as_person("editor")
    part = client.post("/lich-phat/xem-truoc", data=form).text
    assert "2 lượt sẽ phát" in part
    assert "từ 09/01/2027" in part
    assert client.post("/lich-phat/moi", data=form).status_code == 302, "it is no rule without hope"


def test_public_holidays_are_left_out_or_alone_aired_on(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    # 24 November is the day of Vietnamese culture from 2026 on
    assert "12 lượt sẽ phát" in client.post("/lich-phat/xem-truoc", data=rule_form(holidays="skip", times="5h30")).text
    code = add(client, holidays="only", times="5h30")
    with web_database.reading() as session:
        assert rule_of(session, code).holidays == "only"
    assert "chỉ khi là ngày lễ" in client.get(f"/lich-phat/{code}").text
    told = client.post(
        "/lich-phat/moi", data=rule_form(holidays="only", from_on="25/11/2026", until_on="30/11/2026")
    ).text
    assert "không có ngày lễ nào rơi vào các ngày đã chọn" in told


def test_the_coming_holidays_are_named_with_tet_by_its_name():
    told = ", ".join(coming_holidays(date(2026, 12, 1)))
    assert "01/01/2027 (Tết Dương lịch)" in told
    assert "(Tết Nguyên Đán)" in told


def test_sessions_of_the_chosen_places_are_offered_with_their_hours(as_person, web_database, district, sound):  # noqa: F811
    with_sessions(web_database, district, MORNING, EVENING)
    with_sessions(web_database, district, {"name": "sáng", "from": "05:00", "until": "06:00"}, unit="X2")
    client = as_person("editor")
    page = client.get("/lich-phat/moi").text
    assert "05:30–06:30 hoặc 05:00–06:00" in page
    assert "17:00–18:00 · 2/3 xã có khung này" in page
    form = rule_form(time_kind=["sessions"], sessions=["sáng"], session_way="each", place="opening")
    part = client.post("/lich-phat/xem-truoc", data=form).text
    assert "14 lượt sẽ phát" in part
    code = add(client, **form)
    with web_database.reading() as session:
        rule = rule_of(session, code)
        assert (rule.sessions, rule.place, rule.times, rule.per_day) == (["sáng"], "opening", [], None)
    assert "trong khung giờ sáng, mở đầu khung" in client.get(f"/lich-phat/{code}").text


def test_a_session_that_some_place_lacks_is_told_for_that_place(as_person, web_database, district, sound):  # noqa: F811
    with_sessions(web_database, district, MORNING, unit="X1")
    form = rule_form(time_kind=["sessions"], sessions=["sáng"], session_way="each", place="any")
    part = as_person("editor").post("/lich-phat/xem-truoc", data=form).text
    assert "khung sáng</strong> không xếp được" in part
    assert "Trạm không có khung giờ “sáng”" in part


def test_so_many_a_day_are_spread_over_the_sessions(as_person, web_database, district, sound):  # noqa: F811
    with_sessions(web_database, district, MORNING, EVENING)
    client = as_person("editor")
    form = rule_form(time_kind=["sessions"], session_way="spread", per_day="3", place="any")
    part = client.post("/lich-phat/xem-truoc", data=form).text
    assert "42 lượt sẽ phát" in part
    for wall in ("05:30", "06:00", "17:00"):
        assert f"○ {wall}" in part
    code = add(client, **form)
    assert "3 lượt một ngày chia đều các khung giờ" in client.get(f"/lich-phat/{code}").text
    page = client.get(f"/lich-phat/{code}/sua").text
    assert 'value="spread" selected' in page
    assert 'name="per_day" value="3"' in page


def test_a_session_shorter_than_its_opening_is_told_at_the_field(as_person, web_database, district, sound):  # noqa: F811
    with_sessions(web_database, district, {"name": "ngắn", "from": "05:30", "until": "05:32"})
    form = rule_form(time_kind=["sessions"], sessions=["ngắn"], session_way="each", place="opening", repeats="5")
    answer = as_person("editor").post("/lich-phat/moi", data=form)
    assert answer.status_code == 422
    assert "ngắn hơn phần mở đầu “Giữ vệ sinh nguồn nước”" in answer.text


def test_bulletins_take_turns_in_an_order_that_can_be_changed_and_is_kept(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    form = rule_form(bulletins=["BT1", "BT2"], times="5h30")
    part = client.post("/lich-phat/xem-truoc", data=form).text
    assert part.index("<li>Giữ vệ sinh nguồn nước") < part.index("<li>Tiêm phòng cho đàn trâu bò")
    page = client.post("/lich-phat/xem-thu", data=form | {"de-nghi": "luan=BT2"}).text
    assert 'name="turns" value="BT2,BT1"' in page
    assert page.index("<li>Tiêm phòng cho đàn trâu bò") < page.index("<li>Giữ vệ sinh nguồn nước")
    code = add(client, **form, turns="BT2,BT1")
    with web_database.reading() as session:
        assert [link.bulletin.code for link in rule_of(session, code).bulletins] == ["BT2", "BT1"]
    # an edit that says nothing of the order keeps it
    edit = client.get(f"/lich-phat/{code}/sua").text
    assert 'name="turns" value="BT2,BT1"' in edit


def test_a_rule_ends_when_its_obligation_is_met_only_where_there_is_one(as_person, web_database):
    client = as_person("editor")
    told = client.post("/lich-phat/moi", data=rule_form(ends_when_met="1"))
    assert told.status_code == 422
    assert "chưa có chỉ tiêu nào đang chạy" in told.text
    day = local_day(NOW)
    with web_database.writing() as session:
        session.add(
            Obligation(
                bulletin_id=of(session, "BT1").id, unit_codes=["H1"], at_least=10, per="total", from_on=day,
                until_on=day + timedelta(days=9), created_at=NOW,
            )
        )  # fmt: skip
    code = add(client, ends_when_met="1")
    with web_database.reading() as session:
        assert rule_of(session, code).ends_when_met
    assert "hoặc sớm hơn khi đạt chỉ tiêu" in client.get(f"/lich-phat/{code}").text
    assert 'name="ends_when_met" value="1" checked' in client.get(f"/lich-phat/{code}/sua").text


EVERYTHING = {
    "weekdays": ["mon", "sat"], "dates": ["2026-12-25", "2027-01-02"], "lunar_days": [1, 14], "holidays": "skip",
    "times": ["05:45"], "every_minutes": 90, "between": ["08:00", "11:00"], "sessions": ["chiều", "sáng"],
    "place": "opening", "except_on": ["2027-01-01"], "repeats": 2, "gap_seconds": 30, "on_collision": "refuse",
    "shift_minutes": 10, "from_on": date(2026, 11, 23), "until_on": date(2027, 6, 30), "source": "Công văn 12",
}  # fmt: skip


@pytest.mark.parametrize("per_day", [None, 4])
def test_a_rule_of_a_set_up_file_with_everything_is_shown_and_saved_without_loss(
    as_person, web_database, district, per_day
):
    """The form as the page has it, sent back as it is, changes nothing."""
    with_sessions(web_database, district, EVENING, MORNING)
    wanted = EVERYTHING | {"per_day": per_day}
    with web_database.writing() as session:
        rule = rule_of(session, "LP1")
        for name, value in wanted.items():
            setattr(rule, name, value)
        rule.bulletins.append(RuleBulletin(bulletin_id=of(session, "BT2").id, position=1))
        rule.bulletins[0].position, rule.bulletins[1].position = 1, 0
    client = as_person("editor")
    form = fields_in(client.get("/lich-phat/LP1/sua").text)
    answer = client.post("/lich-phat/LP1/sua", data=form)
    assert answer.status_code == 302, answer.text
    with web_database.reading() as session:
        rule = rule_of(session, "LP1")
        kept = {name: getattr(rule, name) for name in wanted}
        assert kept | {"sessions": sorted(kept["sessions"])} == wanted | {"sessions": ["chiều", "sáng"]}
        assert [link.bulletin.code for link in rule.bulletins] == ["BT2", "BT1"]


def fields_in(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form of the rule."""
    found: dict[str, list[str]] = {}

    class Reader(HTMLParser):
        inside, select = False, ""

        def handle_starttag(self, tag, attrs):
            given = dict(attrs)
            if tag == "form":
                self.inside = given.get("id") == "rule-form"
            if not self.inside:
                return
            if tag == "select":
                self.select = given["name"]
            if tag == "option" and "selected" in given:
                found.setdefault(self.select, []).append(given["value"])
            sent = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if tag == "input" and given.get("name") and sent:
                found.setdefault(given["name"], []).append(given.get("value") or "")

    Reader().feed(page)
    return found


# ---- bulletins from above


def test_a_commune_airs_an_approved_bulletin_from_above_by_a_rule_of_its_own(as_person, web_database):
    client = as_person("operator")
    page = client.get("/lich-phat/moi").text
    assert "Từ cấp trên, đã duyệt" in page
    assert 'value="BT1"' in page
    assert 'value="BT2"' not in page, "what nobody approved is not offered"
    code = add(client, targets=["station:S1"])
    with web_database.reading() as session:
        rule = rule_of(session, code)
        assert rule.unit.code == "X1"
        assert [link.bulletin.code for link in rule.bulletins] == ["BT1"]
    assert 'href="/ban-tin/BT1"' not in client.get(f"/lich-phat/{code}").text, "what one may not open is no link"
    assert client.get(f"/lich-phat/{code}/sua").status_code == 200
    assert client.post(f"/lich-phat/{code}/dung").status_code == 302


def test_what_was_withdrawn_above_or_is_an_emergency_is_not_offered_below(as_person, web_database):
    with web_database.writing() as session:
        of(session, "BT1").withdrawn_at = NOW
    assert 'value="BT1"' not in as_person("operator").get("/lich-phat/moi").text
    with web_database.writing() as session:
        of(session, "BT1").withdrawn_at, of(session, "BT1").bulletin_class = None, "emergency"
    assert 'value="BT1"' not in as_person("operator").get("/lich-phat/moi").text
    answer = as_person("operator").post("/lich-phat/moi", data=rule_form(targets=["station:S1"]))
    assert answer.status_code == 422


def test_nobody_airs_a_bulletin_of_another_district(as_person):
    assert as_person("ngoai").post("/lich-phat/moi", data=rule_form(targets=["station:S9"])).status_code == 422


def test_an_editor_above_has_a_rule_of_the_bulletins_own_unit_as_before(as_person, web_database):
    code = add(as_person("editor"), bulletins=["BT3"], targets=["unit:X1"])
    with web_database.reading() as session:
        assert rule_of(session, code).unit.code == "X1"
