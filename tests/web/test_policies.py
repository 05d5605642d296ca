"""Policies on screen: what holds and on whose word, typed with mistakes told at their fields, the outlook before
anything is saved, and a past that stays."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from audio.store import AudioStore
from broadcast.audit_event import AuditEvent
from broadcast.policy import Policy
from broadcast.rule import Rule
from broadcast.tally import PLAN, count
from tests.web.seed import NOW, SOUND

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def admin(as_person, services):
    """The seeded sound has a file, as the plan demands of what it lets air."""
    path = AudioStore(services.settings.audio_dir).path(SOUND)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mp3")
    return as_person("administrator")


def events(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


def latest(database) -> Policy:
    with database.reading() as session:
        policy = session.scalars(select(Policy).order_by(Policy.id.desc())).first()
        assert policy is not None
        return policy


def typed(**more):
    """A whole policy of X1 from tomorrow on, sent to be saved."""
    return {
        "unit": "X1", "from": "23/11/2026", "curfew": "set", "curfew_from": ["21h30"], "curfew_until": ["5:15"],
        "sessions": "set", "session_name": ["sáng", "chiều"], "session_from": ["05:30", "17g00"],
        "session_until": ["6h30", "17h45"], "source": "Quyết định số 12 của UBND xã", "act": "save", **more,
    }  # fmt: skip


def saved(admin, policy_id: int, **more):
    """The form of that policy as it stands, with changes, sent."""
    page = admin.get(f"/chinh-sach/{policy_id}/sua").text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    return admin.post(f"/chinh-sach/{policy_id}/sua", data=typed(unit="H1", seen=seen[1], **more))


# ---- typing


def test_a_policy_is_dated_names_its_document_and_calls_for_a_new_plan(admin, web_database, district):
    everything = {
        "days": ["mon", "fri"], "sessions_a_day": "2", "longest_session_minutes": "60", "same_text_a_day": "3",
        "no_repeat_before": "6h",
    }  # fmt: skip
    assert admin.post("/chinh-sach/them", data=typed(**everything)).status_code == 302
    policy = latest(web_database)
    assert (policy.unit_id, policy.from_on, policy.curfew) == (district.units["X1"], TOMORROW, ["21:30", "05:15"])
    assert policy.sessions == [
        {"name": "sáng", "from": "05:30", "until": "06:30"},
        {"name": "chiều", "from": "17:00", "until": "17:45"},
    ]
    assert (policy.days, policy.sessions_a_day, policy.longest_session_minutes) == (["mon", "fri"], 2, 60)
    assert (policy.same_text_a_day, policy.no_repeat_before) == (3, "06:00")
    with web_database.reading() as session:
        assert count(session, PLAN) == 1
    assert events(web_database) == ["add"]
    page = admin.get("/chinh-sach").text
    assert "Sắp có hiệu lực" in page
    assert "21:30–05:15" in page
    trail = admin.get("/vet").text
    assert "ngày được phát: thứ hai, thứ sáu" in trail


def test_what_is_left_empty_is_inherited(admin, web_database):
    only = typed(curfew="silent", curfew_from=[], curfew_until=[], sessions="none", session_name=[], session_from=[],
                 session_until=[])  # fmt: skip
    assert admin.post("/chinh-sach/them", data=only).status_code == 302
    policy = latest(web_database)
    assert (policy.curfew, policy.sessions, policy.days, policy.same_text_a_day) == (None, [], None, None)


def test_a_curfew_may_have_two_spans_and_end_with_the_day(admin, web_database):
    spans = {"curfew_from": ["22h", "11h30", ""], "curfew_until": ["24:00", "13:30", ""]}
    late = {"session_name": ["đêm"], "session_from": ["20:00"], "session_until": ["24h"], "curfew": "set"}
    assert admin.post("/chinh-sach/them", data=typed(**spans)).status_code == 302
    assert latest(web_database).curfew == ["22:00", "00:00", "11:30", "13:30"]
    late |= {"curfew": "none", "curfew_from": [], "curfew_until": []}
    assert admin.post("/chinh-sach/them", data=typed(**late)).status_code == 302
    assert latest(web_database).sessions == [{"name": "đêm", "from": "20:00", "until": "00:00"}]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"from": "21/11/2026"}, "từ hôm nay trở đi"),
        ({"from": "30/02/2027"}, "không phải là một ngày có thật"),
        ({"until": "22/11/2026"}, "từ ngày bắt đầu trở đi"),
        ({"curfew_from": ["25:61"]}, "Không có giờ “25:61”"),
        ({"curfew_from": [""]}, "còn thiếu giờ"),
        ({"curfew_from": ["05:15"]}, "cấm cả ngày"),
        ({"curfew_from": [], "curfew_until": []}, "Hãy ghi giờ cấm phát"),
        ({"curfew": "silent"}, "lựa chọn ở đây bỏ qua chúng"),
        ({"sessions": "none"}, "lựa chọn ở đây bỏ qua chúng"),
        ({"session_name": ["", "chiều"]}, "cần một tên"),
        ({"session_name": ["*", "chiều"]}, "tên bằng chữ"),
        ({"session_name": ["sáng", "sáng"]}, "trùng tên"),
        ({"session_from": ["sớm", "17:00"]}, "Không hiểu giờ “sớm”"),
        ({"session_from": ["05:30", "06:00"], "session_until": ["06:30", "07:00"]}, "chồng lên nhau"),
        ({"session_until": ["05:00", "17:45"]}, "kết thúc trước khi bắt đầu"),
        ({"session_from": ["3h", "17:00"], "session_until": ["4h", "17:45"]}, "nằm trọn trong giờ cấm phát"),
        ({"sessions_a_day": "0"}, "từ 1 đến 48"),
        ({"longest_session_minutes": "lâu"}, "từ 1 đến 1440"),
        ({"no_repeat_before": "sáng"}, "Không hiểu giờ “sáng”"),
        ({"source": ""}, "văn bản làm căn cứ"),
        ({"unit": "H9"}, "Hãy chọn đơn vị."),
        ({"curfew": "", "sessions": "<script>"}, "Hãy chọn cách đặt"),
    ],
)
def test_a_policy_that_makes_no_sense_says_why_where_it_was_typed(admin, web_database, wrong, told):
    page = admin.post("/chinh-sach/them", data=typed(**wrong))
    assert page.status_code == 422
    assert told in page.text
    assert "Quyết định số 12" in page.text or wrong == {"source": ""}
    assert events(web_database) == []


def test_a_policy_that_says_nothing_is_no_policy(admin):
    empty = {"unit": "X1", "from": "23/11/2026", "curfew": "silent", "sessions": "silent", "source": "Quyết định"}
    page = admin.post("/chinh-sach/them", data=empty)
    assert page.status_code == 422
    assert "chưa nói gì" in page.text


def test_a_ready_made_set_fills_the_form_and_says_that_it_must_be_checked(admin):
    page = admin.get("/chinh-sach/them?bo=hai-buoi-60-phut").text
    for filled in ('value="05:30"', 'value="17:00"', 'value="60"', "49/2024", "đối chiếu với văn bản"):
        assert filled in page
    page = admin.get("/chinh-sach/them?bo=ha-noi-noi-thanh").text
    assert page.count('name="days"') == 7
    assert len(re.findall(r'name="days" value="\w+" checked', page)) == 5
    assert 'value="15"' in page
    assert "Đã điền" not in admin.get("/chinh-sach/them?bo=khong-co").text


def test_more_rows_are_there_for_the_asking_without_a_script(admin):
    before = admin.get("/chinh-sach/them").text.count('name="session_name"')
    names = {f"session_{part}": [f"{part}{n}" for n in range(before)] for part in ("name", "from", "until")}
    page = admin.post("/chinh-sach/them", data=typed(act="more", **names))
    assert page.status_code == 200
    assert page.text.count('name="session_name"') == before + 2
    assert 'value="until3"' in page.text


# ---- the outlook


def test_before_it_is_saved_one_is_told_what_it_silences(admin, web_database):
    """LP1 asks for 05:45, 08:00, 09:00 and 17:15 on both stations of H1."""
    page = admin.post("/chinh-sach/them", data=typed(unit="H1", act="look"))
    assert page.status_code == 200
    assert "56 lượt đang có trong lịch sẽ không phát được nữa" in page.text
    assert "“Giữ vệ sinh nguồn nước” lúc 08:00, 09:00</strong>: 56 lượt không phát được" in page.text
    assert "tại 2 trạm, 14 ngày từ 23/11/2026 đến 06/12/2026" in page.text
    assert "nằm ngoài các khung giờ phát: sáng 05:30–06:30, chiều 17:00–17:45" in page.text
    assert "Đã xem 2 trạm" in page.text
    assert "Vẫn lưu" in page.text
    assert 'name="session_from" value="17g00"' in page.text
    assert events(web_database) == []


def test_a_policy_that_silences_stations_altogether_says_so_first(admin):
    night = typed(unit="X1", act="look", curfew_from=["17:00"], curfew_until=["14:00"], session_name=["trưa"],
                  session_from=["14:00"], session_until=["15:00"])  # fmt: skip
    page = admin.post("/chinh-sach/them", data=night).text
    assert "1 trạm sẽ không phát lượt nào trong 14 ngày này" in page


def test_what_changes_nothing_says_so_and_what_was_refused_returns(admin, web_database):
    with web_database.writing() as session:
        session.scalars(select(Rule).where(Rule.code == "LP1")).one().times = ["04:30", "08:00"]
    calm = typed(unit="H1", act="look", sessions="silent", session_name=[], session_from=[], session_until=[])
    page = admin.post("/chinh-sach/them", data=calm).text
    assert "Không lượt phát nào thay đổi" in page
    assert "Lưu quy định" in page
    earlier = admin.post("/chinh-sach/them", data=calm | {"curfew_until": ["04:15"]}).text
    assert "28 lượt trước đây bị từ chối sẽ phát được" in earlier
    assert "lúc 04:30" in earlier


def test_what_becomes_impossible_with_the_policies_of_others_is_a_warning_and_may_be_saved(admin, web_database):
    early = typed(curfew="silent", curfew_from=[], curfew_until=[], session_from=["04:00", "17:00"],
                  session_until=["04:45", "17:45"])  # fmt: skip
    page = admin.post("/chinh-sach/them", data=early | {"act": "look"})
    assert page.status_code == 200
    assert "khung giờ “sáng” 04:00–04:45 nằm trọn trong giờ cấm phát đang áp dụng 22:00–05:00" in page.text
    assert "Vẫn lưu" in page.text
    assert admin.post("/chinh-sach/them", data=early).status_code == 302


def test_from_the_outlook_one_goes_back_to_what_was_typed(admin):
    page = admin.post("/chinh-sach/them", data=typed(act="back"))
    assert page.status_code == 200
    assert 'value="17g00"' in page.text
    assert "Quyết định số 12" in page.text


def test_a_session_shorter_than_its_opening_is_told_before_it_is_saved(admin, web_database):
    with web_database.writing() as session:
        rule = session.scalars(select(Rule).where(Rule.code == "LP1")).one()
        rule.times, rule.sessions, rule.place, rule.repeats = [], ["sáng"], "opening", 10
    short = typed(session_until=["05:36", "17:45"], act="look")
    page = admin.post("/chinh-sach/them", data=short).text
    assert "chỉ được phát 6 phút, ngắn hơn phần mở đầu “Giữ vệ sinh nguồn nước”" in page


# ---- changing and ending


def test_changing_a_policy_that_holds_ends_it_and_leaves_the_past(admin, web_database, district):
    assert "Sửa từ ngày…" in admin.get("/chinh-sach").text
    page = admin.get(f"/chinh-sach/{district.policy}/sua").text
    assert 'value="22:00"' in page
    assert 'value="23/11/2026"' in page
    assert saved(admin, district.policy, **{"from": "25/11/2026"}).status_code == 302
    with web_database.reading() as session:
        old = session.get_one(Policy, district.policy)
        assert (old.curfew, old.until_on) == (["22:00", "05:00"], date(2026, 11, 24))
    new = latest(web_database)
    assert (new.from_on, new.curfew, new.unit_id) == (date(2026, 11, 25), ["21:30", "05:15"], district.units["H1"])
    assert events(web_database) == ["change"]


def test_a_policy_that_has_not_begun_is_changed_in_its_place(admin, web_database):
    admin.post("/chinh-sach/them", data=typed(unit="H1"))
    policy = latest(web_database)
    assert saved(admin, policy.id, **{"from": "01/12/2026", "curfew_from": ["23h"]}).status_code == 302
    changed = latest(web_database)
    assert (changed.id, changed.from_on, changed.curfew) == (policy.id, date(2026, 12, 1), ["23:00", "05:15"])


def test_a_second_editor_is_told_and_overwrites_nothing(admin, as_person, web_database, district):
    page = admin.get(f"/chinh-sach/{district.policy}/sua").text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    saved(admin, district.policy, **{"from": "25/11/2026"})
    second = admin.post(f"/chinh-sach/{district.policy}/sua", data=typed(unit="H1", seen=seen[1]))
    assert second.status_code == 422
    assert "đã được người khác đổi" in second.text
    assert "Quyết định số 12" in second.text
    assert events(web_database) == ["change"]


def test_a_policy_that_began_today_changes_from_tomorrow_at_the_earliest(admin, web_database):
    admin.post("/chinh-sach/them", data=typed(unit="H1", **{"from": "22/11/2026"}))
    page = saved(admin, latest(web_database).id, **{"from": "22/11/2026"})
    assert page.status_code == 422
    assert "sớm nhất là từ ngày mai" in page.text


def test_a_policy_ends_today_and_what_was_before_stays(admin, web_database, district):
    page = admin.get(f"/chinh-sach/{district.policy}/ket-thuc").text
    assert "Không lượt phát nào thay đổi" in page
    assert admin.post(f"/chinh-sach/{district.policy}/ket-thuc").status_code == 302
    with web_database.reading() as session:
        assert session.get_one(Policy, district.policy).until_on == TODAY
    assert admin.post(f"/chinh-sach/{district.policy}/ket-thuc").status_code == 409


def test_a_policy_that_never_began_is_taken_away(admin, web_database):
    admin.post("/chinh-sach/them", data=typed(unit="H1"))
    policy = latest(web_database)
    page = admin.get(f"/chinh-sach/{policy.id}/ket-thuc").text
    assert "lẽ ra có hiệu lực từ 23/11/2026" in page
    assert "56 lượt trước đây bị từ chối sẽ phát được" in page
    assert admin.post(f"/chinh-sach/{policy.id}/ket-thuc").status_code == 302
    assert latest(web_database).id != policy.id
    assert events(web_database) == ["add", "end"]


def test_taking_away_what_was_to_follow_says_that_the_one_before_stays_ended(admin, web_database, district):
    saved(admin, district.policy, **{"from": "25/11/2026"})
    page = admin.get(f"/chinh-sach/{latest(web_database).id}/ket-thuc").text
    assert "kết thúc hết ngày 24/11/2026 và không tự trở lại" in page


def test_what_is_over_is_not_changed_any_more(admin, web_database, district):
    with web_database.writing() as session:
        session.get_one(Policy, district.policy).until_on = TODAY - timedelta(days=1)
    assert admin.get(f"/chinh-sach/{district.policy}/sua").status_code == 409
    assert "Đã hết hiệu lực (1)" in admin.get("/chinh-sach").text


# ---- what holds


def test_what_holds_is_told_field_by_field_with_whose_word_it_is(as_person, web_database, district):
    with web_database.writing() as session:
        session.add(
            Policy(
                unit_id=district.units["X1"], from_on=date(2026, 12, 1), sessions_a_day=2, no_repeat_before="06:00",
                days=["mon", "tue", "wed"], source="Quyết định của xã", created_at=NOW,
            )
        )  # fmt: skip
    operator = as_person("operator")
    page = re.sub(r"<[^>]+>|\s+", " ", operator.get("/chinh-sach").text)
    assert "Áp dụng tại Xã An Bình, Chủ nhật, 22/11/2026" in page
    assert re.search(r"Giờ cấm phát\s+22:00–05:00\s+Huyện Sông Lam\s+, theo Quyết định về giờ phát thanh", page)
    assert re.search(r"Số buổi một ngày\s+không giới hạn\s+chưa ai quy định", page)
    later = re.sub(r"<[^>]+>|\s+", " ", operator.get("/chinh-sach?ngay=01/12/2026").text)
    assert re.search(r"Số buổi một ngày\s+nhiều nhất 2\s+Xã An Bình\s+, theo Quyết định của xã", later)
    assert re.search(r"Ngày được phát\s+Thứ hai đến thứ tư\s+Xã An Bình", later)
    assert re.search(r"tối hôm trước\s+trước 06:00 không phát lại\s+Xã An Bình", later)
    assert "Thêm quy định" not in later


def test_a_day_that_is_none_is_told_and_today_is_shown(admin):
    page = admin.get("/chinh-sach?ngay=31/02/2026").text
    assert "không phải là một ngày có thật" in page
    assert "Chủ nhật, 22/11/2026" in page
