"""Chỉ tiêu on the screens: typed in, taken from a dispatch, looked at, mended with one click, taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from audio.store import AudioStore
from broadcast.audit_event import AuditEvent
from broadcast.dispatch import Dispatch
from broadcast.obligation import Obligation
from broadcast.policy import Policy
from broadcast.rule import Rule
from broadcast.station import Station
from broadcast.tally import PLAN, count
from broadcast.unit import Unit
from tests.schedules.planned import replanned
from tests.web.bulletin_parts import of
from tests.web.seed import NOW, SOUND

TODAY = date(2026, 11, 22)  # a Sunday, 10:00


def typed(**changed: Any) -> dict[str, Any]:
    """The form: BT1 at least twice a day in all of H1 until the end of the month."""
    return {
        "bulletin": "BT1", "units": ["H1"], "at_least": "2", "per": "day", "from_on": "22/11/2026",
        "until_on": "30/11/2026", "source": "Công văn 12/UBND",
    } | changed  # fmt: skip


def add(client, **changed: Any) -> str:
    answer = client.post("/chi-tieu/moi", data=typed(**changed))
    assert answer.status_code == 302, answer.text
    return answer.location


def one(session) -> Obligation:
    return session.scalars(select(Obligation).order_by(Obligation.id.desc())).first()


@pytest.fixture
def policy(web_database):
    """Adds a policy of a unit."""

    def made(unit: str, **values: Any) -> None:
        with web_database.writing() as session:
            found = session.scalars(select(Unit).where(Unit.code == unit)).one()
            session.add(Policy(unit_id=found.id, created_at=NOW, **values))

    return made


@pytest.fixture
def sound(services) -> None:
    """The seeded sound has a file, as the plan demands of what it lets air."""
    path = AudioStore(services.settings.audio_dir).path(SOUND)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"ID3")


def test_what_is_typed_becomes_an_obligation_of_the_bulletins_unit(as_person, web_database, district):
    with web_database.reading() as session:
        before = count(session, PLAN)
    address = add(as_person("editor"))
    with web_database.reading() as session:
        made = one(session)
        assert (made.at_least, made.per, made.unit_codes) == (2, "day", ["H1"])
        assert (made.from_on, made.until_on, made.source) == (TODAY, date(2026, 11, 30), "Công văn 12/UBND")
        assert (made.unit_id, made.created_by_id) == (district.units["H1"], district.people["editor"])
        event = session.scalars(select(AuditEvent).where(AuditEvent.noun == "obligation")).one()
        assert (event.act, event.detail["owed"]) == ("add", "ít nhất 2 lần mỗi ngày")
        assert count(session, PLAN) > before  # a rule that ends when met depends on it
    page = as_person("supervisor").get(address).text
    assert "Ít nhất 2 lần mỗi ngày" in page
    assert "22/11/2026 – 30/11/2026" in page
    trail = as_person("administrator").get("/vet").text
    assert "đặt chỉ tiêu phát “Giữ vệ sinh nguồn nước”" in trail


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"bulletin": ""}, "Hãy chọn bản tin phải phát"),
        ({"bulletin": "BT9"}, "nằm ngoài đơn vị của bạn"),
        ({"units": []}, "Hãy chọn ít nhất một đơn vị"),
        ({"units": ["H9"]}, "nằm ngoài phạm vi của bạn"),
        ({"at_least": "0"}, "từ 1 đến 100"),
        ({"at_least": "²"}, "từ 1 đến 100"),
        ({"at_least": "20000", "per": "total"}, "từ 1 đến 10000"),
        ({"per": "week"}, "Hãy chọn mỗi ngày hay trong cả đợt"),
        ({"until_on": ""}, "Hãy chọn ngày cuối"),
        ({"until_on": "31/02/2027"}, "không phải là một ngày có thật"),
        ({"until_on": "21/11/2026", "from_on": "20/11/2026"}, "đã qua nên không còn phát bù được"),
        ({"until_on": "20/11/2026"}, "đứng trước ngày bắt đầu"),
        ({"until_on": "30/11/2046"}, "dài quá 10 năm"),
        ({"source": "x" * 1001}, "dài quá 1000 ký tự"),
    ],
)
def test_each_mistake_is_told_at_its_field_and_what_was_typed_stays(as_person, web_database, changed, told):
    answer = as_person("editor").post("/chi-tieu/moi", data=typed(**changed))
    assert answer.status_code == 422
    assert told in answer.text
    assert changed.get("source", "Công văn 12/UBND") in answer.text
    with web_database.reading() as session:
        assert one(session).at_least == 1  # the seeded one


def test_more_than_the_policy_allows_is_told_where_it_is_typed(as_person, policy):
    policy("H1", same_text_a_day=2, source="Quyết định 7")
    answer = as_person("editor").post("/chi-tieu/moi", data=typed(at_least="3"))
    assert answer.status_code == 422
    assert "Không đạt được 3 lượt mỗi ngày: mỗi ngày chỉ được phát 2 lần" in answer.text
    assert "theo Quyết định 7" in answer.text
    assert 'id="e-at_least"' in answer.text
    add(as_person("editor"), at_least="2")


def test_what_only_some_stations_cannot_do_is_saved_by_whoever_confirms_it(as_person, policy, web_database):
    policy("X2", same_text_a_day=1)
    answer = as_person("editor").post("/chi-tieu/moi", data=typed())
    assert answer.status_code == 422
    assert "Ở 1 trong 2 trạm: không đạt được 2 lượt" in answer.text
    assert "Vẫn lưu chỉ tiêu này" in answer.text
    add(as_person("editor"), anyway="1")


def test_a_bulletin_that_expires_before_the_end_is_told_and_one_withdrawn_refused(as_person, web_database):
    with web_database.writing() as session:
        of(session, "BT1").valid_until = date(2026, 11, 25)
    answer = as_person("editor").post("/chi-tieu/moi", data=typed())
    assert answer.status_code == 422
    assert "chỉ có hiệu lực đến hết ngày 25/11/2026" in answer.text
    add(as_person("editor"), anyway="1")
    with web_database.writing() as session:
        of(session, "BT1").withdrawn_at = NOW
    answer = as_person("editor").post("/chi-tieu/moi", data=typed(anyway="1"))
    assert "đã thu hồi, hết hạn" in answer.text


def test_units_without_a_station_are_told(as_person, web_database):
    with web_database.writing() as session:
        for code in ("S1", "S2"):
            session.scalars(select(Station).where(Station.code == code)).one().retired_at = NOW - timedelta(days=3)
    answer = as_person("editor").post("/chi-tieu/moi", data=typed())
    assert answer.status_code == 422
    assert "không có trạm nào" in answer.text


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(as_person, web_database):
    address = add(as_person("editor"))
    first, second = typed(version="1", at_least="3"), typed(version="1", at_least="4", source="của người sau")
    assert as_person("approver").post(f"{address}/sua", data=first).status_code == 302
    answer = as_person("editor").post(f"{address}/sua", data=second)
    assert answer.status_code == 409
    assert "Người khác vừa sửa chỉ tiêu này" in answer.text
    assert "của người sau" in answer.text
    assert "ít nhất 3 lần mỗi ngày" in answer.text
    with web_database.reading() as session:
        assert (one(session).at_least, one(session).version) == (3, 2)
    assert as_person("editor").post(f"{address}/sua", data=second | {"version": "2"}).status_code == 302
    with web_database.reading() as session:
        assert (one(session).at_least, one(session).source) == (4, "của người sau")


def test_what_is_taken_back_stays_owed_for_the_days_before(as_person, web_database, clock):
    address = add(as_person("editor"))
    clock.at = NOW + timedelta(days=2)
    assert "Từ hôm nay không trạm nào còn phải thực hiện" in as_person("editor").get(f"{address}/ket-thuc").text
    assert as_person("editor").post(f"{address}/ket-thuc").status_code == 302
    page = as_person("editor").get(address).text
    assert "thôi từ 24/11/2026" in page
    assert "Thôi chỉ tiêu" not in page
    assert "lượt đã thiếu" in page
    assert as_person("editor").get(f"{address}/sua").status_code == 409
    assert "Giữ vệ sinh nguồn nước" not in as_person("editor").get("/chi-tieu").text
    assert "Giữ vệ sinh nguồn nước" in as_person("editor").get("/chi-tieu?trang-thai=over").text


def test_the_commune_reads_what_it_owes_and_nothing_of_the_commune_beside_it(as_person, web_database):
    both, beside = add(as_person("editor")), add(as_person("editor"), units=["X2"])
    client = as_person("operator")
    page = client.get(both).text
    assert "Trạm An Bình" in page
    assert "Trạm Bình Minh" not in page
    assert client.get(beside).status_code == 404
    assert both in client.get("/chi-tieu").text
    assert beside not in client.get("/chi-tieu").text
    assert client.post("/chi-tieu/moi", data=typed(units=["X1"])).status_code == 403
    assert as_person("ngoai").get(both).status_code == 404


def test_a_shortage_is_seen_on_the_board_and_mended_with_one_click(as_person, web_database, sound):
    with web_database.writing() as session:
        replanned(session, NOW)
    address = add(as_person("editor"), at_least="6")
    assert "thiếu, còn kịp bù" in as_person("editor").get("/chi-tieu").text
    assert "còn thiếu" in as_person("editor").get("/").text
    page = as_person("editor").get(address).text
    keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
    assert keys
    answer = as_person("editor").post(f"{address}/bu", data={"key": keys})
    assert answer.status_code == 302
    with web_database.writing() as session:
        rules = session.scalars(select(Rule).where(Rule.name == "Bù chỉ tiêu: Giữ vệ sinh nguồn nước")).all()
        assert rules
        assert all(rule.dates and rule.times and rule.source == "Công văn 12/UBND" for rule in rules)
        assert all(link.bulletin.code == "BT1" for rule in rules for link in rule.bulletins)
        replanned(session, NOW)
    after = as_person("editor").get(address).text
    assert "Lấy các giờ này" not in after
    assert "còn thiếu" not in as_person("editor").get("/").text
    gone = as_person("editor").post(f"{address}/bu", data={"key": keys})
    assert gone.status_code == 409
    assert "Tình hình đã đổi" in gone.text


def test_more_of_the_same_is_added_to_the_rule_that_mends_already(as_person, web_database, sound):
    with web_database.writing() as session:
        replanned(session, NOW)
    address = add(as_person("editor"), at_least="5", from_on="23/11/2026", until_on="24/11/2026")
    for version, until in (("1", "24/11/2026"), ("2", "26/11/2026")):
        if until != "24/11/2026":
            form = typed(at_least="5", from_on="23/11/2026", until_on=until, version="1")
            assert as_person("editor").post(f"{address}/sua", data=form).status_code == 302
        page = as_person("editor").get(address).text
        keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
        assert as_person("editor").post(f"{address}/bu", data={"key": keys}).status_code == 302, version
        with web_database.writing() as session:
            replanned(session, NOW)
    with web_database.reading() as session:
        [rule] = session.scalars(select(Rule).where(Rule.name.like("Bù chỉ tiêu%"))).all()
        assert rule.dates == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
        assert rule.version == 2


def test_who_may_not_write_rules_sees_the_shortage_and_takes_nothing(as_person):
    address = add(as_person("editor"), at_least="9")
    page = as_person("administrator").get(address).text
    assert "đặt giờ bù là việc của biên tập viên" in page
    assert as_person("administrator").post(f"{address}/bu", data={"key": "x"}).status_code == 403
    assert as_person("editor").post(f"{address}/bu", data={"key": "x"}).status_code == 409


def test_an_order_of_a_dispatch_opens_the_form_filled_in(as_person, web_database, district):
    with web_database.writing() as session:
        letter = session.get_one(Dispatch, district.dispatch)
        letter.parsed = letter.parsed | {
            "obligations": [
                {"at_least": 3, "per": "day", "from": None, "until": "2026-11-30", "text": "phát 3 lần/ngày đến 30/11"}
            ]
        }
        of(session, "BT1").dispatch_id = letter.id
    page = as_person("editor").get(f"/cong-van/{district.dispatch}").text
    assert "Chỉ tiêu phát trong công văn" in page
    assert "“phát 3 lần/ngày đến 30/11”" in page
    address = f"/chi-tieu/moi?cong-van={district.dispatch}&amp;muc=0"
    assert address in page
    form = as_person("editor").get(address.replace("&amp;", "&")).text
    assert 'value="30/11/2026"' in form
    assert 'value="BT1" checked' in form
    assert "phát 3 lần/ngày đến 30/11" in form
    made = add(as_person("editor"), at_least="3", dispatch=str(district.dispatch))
    with web_database.reading() as session:
        assert one(session).dispatch_id == district.dispatch
    assert f'href="/cong-van/{district.dispatch}"' in as_person("editor").get(made).text
    foreign = as_person("editor").post("/chi-tieu/moi", data=typed(dispatch=str(district.foreign_dispatch)))
    assert foreign.status_code == 404


def test_a_whole_range_and_strange_addresses(as_person):
    address = add(as_person("editor"), per="total", at_least="40")
    page = as_person("editor").get(address).text
    assert "Ít nhất 40 lần trong cả đợt" in page
    assert "tính cả đợt" in as_person("editor").get("/chi-tieu").text
    for query in ("tu=9999-12-31", "tu=0001-01-01", "tu=hom-qua", "trang=99", "don-vi=X1"):
        assert as_person("editor").get(f"{address}?{query}").status_code == 200, query
    assert as_person("editor").get(f"{address}?don-vi=X9").status_code == 404
    assert as_person("editor").get("/chi-tieu/99999999999").status_code == 404


def test_without_any_obligation_the_list_says_what_to_do(as_person):
    assert "Đặt chỉ tiêu đầu tiên" in as_person("editor").get("/chi-tieu").text
    assert "Đặt chỉ tiêu đầu tiên" not in as_person("operator").get("/chi-tieu").text


def test_an_emergency_is_mended_by_no_ordinary_rule(as_person, web_database):
    address = add(as_person("editor"), at_least="9")
    with web_database.writing() as session:
        of(session, "BT1").bulletin_class = "emergency"
    page = as_person("editor").get(address).text
    assert "là bản tin khẩn cấp nên không xếp vào lịch phát thường được" in page
    assert "Lấy các giờ này" not in page


@pytest.mark.parametrize("changed", [{"withdrawn_at": NOW}, {"valid_until": date(2026, 11, 21)}])
def test_what_cannot_air_any_more_is_no_trouble_of_today(as_person, web_database, changed):
    add(as_person("editor"), at_least="9")
    assert "so với chỉ tiêu" in as_person("editor").get("/").text
    with web_database.writing() as session:
        for name, value in changed.items():
            setattr(of(session, "BT1"), name, value)
    assert "so với chỉ tiêu" not in as_person("editor").get("/").text


def test_a_dispatch_that_an_obligation_rests_on_is_not_removed(as_person, web_database, district):
    with web_database.writing() as session:
        session.get_one(Dispatch, district.dispatch).received_by_id = district.people["editor"]
    address = f"/cong-van/{district.dispatch}/go"
    assert as_person("editor").get(address).status_code == 200
    add(as_person("editor"), dispatch=str(district.dispatch))
    assert as_person("editor").get(address).status_code == 403
    assert as_person("editor").post(address).status_code == 403
