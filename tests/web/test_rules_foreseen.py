"""What a rule would collide with is shown before it happens, with ways out; a rule without hope is saved on purpose."""

from __future__ import annotations

import html
import re

from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.deciding import approve
from broadcast.person import Person
from broadcast.rule import Rule, RuleChoice
from broadcast.station import Station
from tests.web.bulletin_parts import count_of, of, rule_form
from tests.web.rule_parts import add, rule_of, sound  # noqa: F401
from tests.web.seed import NOW, SOUND


def offers_in(page: str) -> list[str]:
    return [value.replace("&gt;", ">") for value in re.findall(r'name="de-nghi" value="([^"]*)"', page)]


def test_a_collision_comes_with_a_time_that_fits_and_taking_it_saves_nothing(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    before = count_of(web_database, Rule)
    form = rule_form(times="5h30, 17:15", on_collision="refuse", name="Tên đã gõ")
    page = client.post("/lich-phat/xem-thu", data=form).text
    assert "17:15</strong> không xếp được" in page
    assert "lịch này chọn không phát khi trùng giờ" in page
    offers = offers_in(page)
    assert "gio=17:15>17:16" in offers, offers
    assert "sau=5" in offers
    again = client.post("/lich-phat/xem-thu", data=form | {"de-nghi": "gio=17:15>17:16"}).text
    assert 'name="times" value="05:30, 17:16"' in again
    assert "Tên đã gõ" in again
    assert "xếp được hết" in again
    assert count_of(web_database, Rule) == before


def test_airing_after_what_is_there_is_a_button(as_person, sound):  # noqa: F811
    form = rule_form(times="17:15", on_collision="refuse")
    page = as_person("editor").post("/lich-phat/xem-thu", data=form | {"de-nghi": "sau=25"}).text
    assert 'value="after" selected' in page
    assert 'name="shift_minutes" value="25"' in page
    assert "(đặt 17:15)" in page


def test_going_first_shows_who_gives_way_and_is_saved_with_the_rule(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    form = rule_form(times="17:15")
    page = client.post("/lich-phat/xem-thu", data=form).text
    offer = next(each for each in offers_in(page) if each.startswith("truoc="))
    assert offer == "truoc=X1,X2"
    again = client.post("/lich-phat/xem-thu", data=form | {"de-nghi": offer}).text
    assert 'name="first" value="X1" checked' in again
    assert "Lịch khác phải nhường" in again
    assert "lượt 17:15 lùi đến 17:16" in again
    assert 'lịch <span class="mono">LP1</span>' in again
    assert count_of(web_database, RuleChoice) == 0
    code = add(client, times="17:15", first=["X1", "X2"])
    with web_database.reading() as session:
        choices = session.scalars(select(RuleChoice).order_by(RuleChoice.unit_id)).all()
        assert [(each.unit.code, each.place, each.is_declined) for each in choices] == [
            ("X1", 1, False),
            ("X2", 1, False),
        ]
        told = session.scalars(select(AuditEvent).where(AuditEvent.noun == "rule")).one()
        assert told.detail["first"] == ["Xã An Bình", "Xã Bình Minh"]
    edit = client.get(f"/lich-phat/{code}/sua").text
    assert 'name="first" value="X2" checked' in edit
    # unticking one takes its place away, and leaves the other
    form |= {"first": ["X1"], "version": "1"}
    assert client.post(f"/lich-phat/{code}/sua", data=form).status_code == 302
    with web_database.reading() as session:
        choices = session.scalars(select(RuleChoice).order_by(RuleChoice.unit_id)).all()
        assert [(each.unit.code, each.place) for each in choices] == [("X1", 1), ("X2", None)]


def test_a_rule_that_goes_first_goes_before_those_that_went_first_before(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    add(client, times="17:15", first=["X1"])
    add(client, times="17:15", first=["X1"])
    with web_database.reading() as session:
        assert [each.place for each in session.scalars(select(RuleChoice).order_by(RuleChoice.id))] == [1, 0]


def test_nobody_orders_a_commune_that_is_not_ones_own(as_person, web_database, sound):  # noqa: F811
    client = as_person("operator")
    add(client, targets=["station:S1"], times="17:15", first=["X2", "H1", "X9", "X1", "nơi nào"])
    with web_database.reading() as session:
        assert [each.unit.code for each in session.scalars(select(RuleChoice))] == ["X1"]


def test_a_higher_class_stays_first_and_that_is_told(as_person, web_database, district, sound):  # noqa: F811
    with web_database.writing() as session:
        urgent = of(session, "BT2")
        urgent.bulletin_class = "priority"
        session.flush()
        approver = session.get_one(Person, district.people["approver"])
        approve(session, urgent, approver, NOW, revision_number=1, audio_sha256=SOUND)
    client = as_person("editor")
    add(client, bulletins=["BT2"], times="17:30")
    page = client.post("/lich-phat/xem-thu", data=rule_form(times="17:30", on_collision="refuse")).text
    assert "thuộc loại cao hơn (ưu tiên hoặc khẩn cấp)" in page
    assert not [each for each in offers_in(page) if each.startswith("truoc=")]
    assert "sau=5" in offers_in(page)


def test_an_offer_that_fits_nothing_any_more_changes_nothing(as_person, sound):  # noqa: F811
    client = as_person("editor")
    for offer in ("gio=03:00>04:00", "gio=17:15", "gio=17:15>25:61", "sau=x", "sau=9999", "luan=BT9", "lạ=1", "<b>"):
        page = client.post("/lich-phat/xem-thu", data=rule_form(times="5h30, 17:15") | {"de-nghi": offer}).text
        assert 'name="times" value="5h30, 17:15"' in page, offer
        assert 'name="shift_minutes" value="10"' in page, offer


def test_the_page_without_scripts_has_each_offer_as_a_button_of_the_form(as_person, sound):  # noqa: F811
    page = as_person("editor").post("/lich-phat/xem-thu", data=rule_form(times="17:15", on_collision="refuse")).text
    assert re.search(r'<button [^>]*form="rule-form" formaction="/lich-phat/xem-thu" name="de-nghi"', page)
    form = page[page.index('id="rule-form"') :]
    assert form.index('<button class="visually-hidden"') < form.index('name="de-nghi"'), "Enter saves, as ever"


def test_a_rule_without_any_possible_slot_is_told_so_and_saved_only_on_purpose(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    before = count_of(web_database, Rule)
    answer = client.post("/lich-phat/moi", data=rule_form(times="23:30", name="Đêm"))
    assert answer.status_code == 422
    assert "Trong 14 ngày tới không có lượt nào của lịch này xếp được." in answer.text
    assert "22:00–05:00" in answer.text
    assert 'name="van-luu" value="1"' in answer.text
    assert "Đêm" in answer.text
    assert count_of(web_database, Rule) == before
    assert client.post("/lich-phat/moi", data=rule_form(times="23:30") | {"van-luu": "1"}).status_code == 302
    assert count_of(web_database, Rule) == before + 1
    # one slot that finds a place is hope enough
    assert client.post("/lich-phat/moi", data=rule_form(times="5h30, 23:30")).status_code == 302


def test_waiting_for_approval_is_no_reason_against_a_rule(as_person, web_database):
    assert as_person("editor").post("/lich-phat/moi", data=rule_form(bulletins=["BT2"])).status_code == 302


def test_places_without_a_station_are_told_and_saved_on_purpose(as_person, web_database, district, sound):  # noqa: F811
    with web_database.writing() as session:
        session.get_one(Station, district.stations["S2"]).retired_at = NOW
    answer = as_person("editor").post("/lich-phat/moi", data=rule_form(targets=["unit:X2"]))
    assert answer.status_code == 422
    assert "Nơi đã chọn chưa có trạm nào" in answer.text


def test_who_edits_second_sees_what_the_first_changed_field_by_field(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    page = other.get("/lich-phat/LP1/sua").text
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    form = rule_form(times="18h45", version="1", name="Tên tôi gõ", seen=html.unescape(seen[1]))
    changed = rule_form(times="6h15", version="1", repeats="2", until_on="30/11/2026")
    assert one.post("/lich-phat/LP1/sua", data=changed).status_code == 302
    answer = other.post("/lich-phat/LP1/sua", data=form)
    assert answer.status_code == 409
    assert "<li>Giờ phát: <s>05:45, 08:00, 09:00, 17:15</s> → <strong>06:15</strong></li>" in answer.text
    assert "<li>Mỗi lượt: <s>đọc một lần</s>" in answer.text
    assert "<li>Thời hạn: <s>không hạn</s>" in answer.text
    assert "<li>Các ngày" not in answer.text
    assert "lượt sẽ phát" in answer.text, "the preview is that of what was typed"
    assert "18h45" in answer.text
    assert "Tên tôi gõ" in answer.text


def test_what_pretends_to_have_been_seen_is_shown_as_text_or_not_at_all(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    assert one.post("/lich-phat/LP1/sua", data=rule_form(times="6h15", version="1")).status_code == 302
    for seen in ('{"Giờ phát": "<script>x</script>"}', "[1]", "{", '"a"', "9" * 9000):
        answer = other.post("/lich-phat/LP1/sua", data=rule_form(version="1", seen=seen))
        assert answer.status_code == 409
        assert "<script>x" not in answer.text


def test_this_and_following_leaves_what_was_before_as_it_was(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    page = client.get("/lich-phat/LP1/sua?tu=2026-12-01").text
    assert "Sửa lịch từ 01/12/2026" in page
    assert 'name="tu" value="2026-12-01"' in page
    assert 'name="from_on" value="01/12/2026"' in page
    form = rule_form(times="18:00", from_on="01/12/2026", version="1", tu="2026-12-01", code="LP1")
    part = client.post("/lich-phat/xem-truoc", data=form).text
    assert "từ 01/12/2026" in part
    assert "xếp được hết" in part
    answer = client.post("/lich-phat/LP1/sua", data=form)
    assert answer.status_code == 302
    code = answer.location.rsplit("/", 1)[1]
    assert code != "LP1"
    with web_database.reading() as session:
        old, new = rule_of(session, "LP1"), rule_of(session, code)
        assert (old.times[0], str(old.until_on)) == ("05:45", "2026-11-30")
        assert (new.times, str(new.from_on), new.follows_id) == (["18:00"], "2026-12-01", old.id)


def test_a_day_that_is_none_or_over_is_no_trap(as_person):
    client = as_person("editor")
    assert "Sửa lịch phát" in client.get("/lich-phat/LP1/sua?tu=hôm+nay").text
    assert "Sửa lịch từ 22/11/2026" in client.get("/lich-phat/LP1/sua?tu=2020-01-01").text
