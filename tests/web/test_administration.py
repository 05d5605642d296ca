"""Stations, units, people, policies: what an administrator does, what is refused, and what stays written."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.person import Assignment, Person, Role, assign
from broadcast.rights import Rights
from broadcast.station import EnrolmentCode, Station, StationStatus, StationUnit
from broadcast.tally import StaleStation
from broadcast.unit import Unit, UnitTree
from tests.web.seed import NOW
from web.audit_words import ACTS, DETAILS, UNSAID, act_in_words, detail_in_words
from web.shell.words import station_trouble
from web.stations.rows import held_in_words

TODAY = date(2026, 11, 22)


@pytest.fixture
def admin(as_person):
    return as_person("administrator")


def events(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


# ---- stations


def new_station(**more):
    return {"name": "Trạm chợ mới", "code": "CHO-MOI", "unit": "X1", "volume": "70", **more}


def test_a_station_is_added_with_a_code_that_is_shown_once(admin, web_database):
    page = admin.post("/tram/them", data=new_station())
    assert page.status_code == 200
    command = re.search(r"broadcast-station enrol http://localhost (\S{14}) --data", page.text)
    for install in ("python3 -m venv .venv", "--require-hashes -r requirements/station.txt", "--no-build-isolation ."):
        assert install in page.text
    assert "chỉ tới được từ chính máy chủ này" in page.text
    assert command is not None
    assert command[1] not in admin.get("/tram/CHO-MOI").text
    with web_database.reading() as session:
        station = session.scalar(select(Station).where(Station.code == "CHO-MOI"))
        assert station is not None
        assert station.units[0].from_on == TODAY
        assert len(session.scalars(select(EnrolmentCode)).all()) == 1
        assert list(session.scalars(select(StaleStation.station_id))) == [station.id]
    assert events(web_database) == ["add", "enrolment_code"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"code": "S1"}, "Đã có trạm mang mã"),
        ({"code": "chợ mới"}, "chữ cái không dấu"),
        ({"code": "../x"}, "chữ cái không dấu"),
        ({"name": "  "}, "Hãy điền tên trạm."),
        ({"volume": "101"}, "từ 0 đến 100"),
        ({"volume": "²"}, "từ 0 đến 100"),
        ({"unit": "X9"}, "Hãy chọn đơn vị."),
    ],
)
def test_a_station_that_cannot_be_added_says_why_and_keeps_what_was_typed(admin, web_database, typed, told):
    page = admin.post("/tram/them", data=new_station(**typed))
    assert page.status_code == 422
    assert told in page.text
    assert ("Trạm chợ mới" in page.text) == ("name" not in typed)
    assert events(web_database) == []


def test_the_operator_sets_the_volume_of_the_own_station_and_it_is_written_down(as_person, web_database):
    client = as_person("operator")
    assert client.post("/tram/S1/am-luong", data={"volume": "55"}).status_code == 302
    assert client.post("/tram/S1/am-luong", data={"volume": "500"}).status_code == 422
    with web_database.reading() as session:
        assert session.scalar(select(Station.volume).where(Station.code == "S1")) == 55
        event = session.scalars(select(AuditEvent)).one()
    assert (event.act, event.actor_name, event.detail) == ("set_volume", "Nguyễn Thị Trạm", {"from": 80, "to": 55})


def test_a_moved_station_belongs_to_the_old_unit_until_the_day_before(admin, web_database, district):
    moved = admin.post("/tram/S1/chuyen", data={"unit": "X2", "from": "25/11/2026"}, follow_redirects=True)
    assert "Trạm An Bình thuộc Xã Bình Minh từ 25/11/2026." in moved.text
    with web_database.reading() as session:
        links = session.scalars(select(StationUnit).where(StationUnit.station_id == district.stations["S1"])).all()
        assert [(link.unit_id, link.from_on, link.until_on) for link in links] == [
            (district.units["X1"], None, date(2026, 11, 24)),
            (district.units["X2"], date(2026, 11, 25), None),
        ]


def test_a_station_moves_neither_in_the_past_nor_to_a_unit_of_others(admin, web_database):
    past = admin.post("/tram/S1/chuyen", data={"unit": "X2", "from": "21/11/2026"})
    assert past.status_code == 422
    assert "Chỉ chuyển được từ hôm nay trở đi" in past.text
    assert admin.post("/tram/S1/chuyen", data={"unit": "X9", "from": "25/11/2026"}).status_code == 422
    assert (
        "không phải là một ngày có thật" in admin.post("/tram/S1/chuyen", data={"unit": "X2", "from": "30/2/2027"}).text
    )
    assert events(web_database) == []


def test_retiring_says_what_it_will_cancel_and_can_be_taken_back(admin, web_database):
    assert "1 lượt phát sắp tới sẽ bị huỷ." in admin.get("/tram/S1/ngung").text
    assert admin.post("/tram/S1/ngung").status_code == 302
    with web_database.reading() as session:
        station = session.scalar(select(Station).where(Station.code == "S1"))
        assert station is not None
        assert station.retired_at == NOW
        assert station.enrolment is None
    assert admin.post("/tram/S1/ngung").status_code == 409
    assert "Trạm An Bình" not in admin.get("/tram").text
    assert "Trạm An Bình" in admin.get("/tram?tinh-trang=retired").text
    assert admin.post("/tram/S1/hoat-dong-lai").status_code == 302
    assert "Trạm An Bình" in admin.get("/tram").text
    assert events(web_database) == ["retire", "bring_back"]


# ---- units


def test_a_unit_is_added_below_another_and_renamed(admin, web_database, district):
    added = {"name": "Thôn Đông", "code": "T1", "kind": "thôn", "parent": "X1"}
    assert admin.post("/don-vi/them", data=added).location == "/don-vi/T1"
    changed = {"name": "Thôn Đông Hạ", "kind": "thôn"}
    assert admin.post("/don-vi/T1", data=changed).status_code == 302
    with web_database.reading() as session:
        unit = session.scalar(select(Unit).where(Unit.code == "T1"))
        assert unit is not None
        assert unit.name == "Thôn Đông Hạ"
        assert UnitTree.on(session, TODAY).path(unit.id)[1:] == [district.units["X1"], district.units["H1"]]
    assert admin.post("/don-vi/them", data=added).status_code == 422


def test_a_unit_never_comes_below_itself_and_the_topmost_is_not_given_away(admin, web_database):
    admin.post("/don-vi/them", data={"name": "Thôn Đông", "code": "T1", "kind": "thôn", "parent": "X1"})
    assert admin.post("/don-vi/X1/chuyen", data={"parent": "T1", "from": "25/11/2026"}).status_code == 422
    assert admin.post("/don-vi/H1/chuyen", data={"parent": "X2", "from": "25/11/2026"}).status_code == 422
    assert admin.post("/don-vi/T1/chuyen", data={"parent": "X2", "from": "25/11/2026"}).status_code == 302
    assert events(web_database) == ["add", "move"]


# ---- people


def newcomer(**more):
    return {"name": "Mai Thị Mới", "login": "mai.moi", "role": "editor", "unit": "X2", **more}


def test_a_new_person_gets_a_role_and_a_link_for_the_first_password(admin, app, web_database, district):
    page = admin.post("/nguoi-dung/them", data=newcomer())
    link = re.search(r"http://localhost(/loi-moi/\S+?)<", page.text)
    assert link is not None
    assert "Mai Thị Mới" in app.test_client().get(link[1]).text
    with web_database.reading() as session:
        person = session.scalar(select(Person).where(Person.login == "mai.moi"))
        assert person is not None
        assert person.password_hash is None
        assert Rights.of(session, person, TODAY).held == ((Role.EDITOR, district.units["X2"]),)
        assert Rights.of(session, person, TODAY - timedelta(days=1)).held == ()
    assert events(web_database) == ["add", "assign"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"login": "editor"}, "đã có người dùng"),
        ({"login": "Mai Mới"}, "chữ cái không dấu"),
        ({"unit": "H9"}, "Hãy chọn đơn vị."),
        ({"role": "king"}, "Hãy chọn vai trò."),
        ({"from": "21/11/2026"}, "từ hôm nay"),
        ({"from": "25/11/2026", "until": "24/11/2026"}, "từ ngày bắt đầu trở đi"),
    ],
)
def test_a_person_who_cannot_be_added_leaves_nothing_behind(admin, web_database, typed, told):
    page = admin.post("/nguoi-dung/them", data=newcomer(**typed))
    assert page.status_code == 422
    assert told in page.text
    with web_database.reading() as session:
        assert session.scalar(select(Person).where(Person.login == "mai.moi")) is None
    assert events(web_database) == []


def test_a_role_that_is_ended_is_gone_at_once_and_its_row_stays(admin, as_person, web_database, district):
    with web_database.reading() as session:
        held = session.scalar(select(Assignment.id).where(Assignment.person_id == district.people["editor"]))
    assert admin.post(f"/nguoi-dung/editor/phan-cong/{held}/ket-thuc").status_code == 302
    assert as_person("editor").get("/").status_code == 403
    with web_database.reading() as session:
        assert session.get_one(Assignment, held).until_on == date(2026, 11, 21)


def test_nobody_assigns_a_role_to_oneself_or_locks_oneself_out(admin, web_database):
    own = admin.post("/nguoi-dung/administrator/phan-cong", data={"role": "approver", "unit": "H1"})
    assert own.status_code == 403
    assert admin.post("/nguoi-dung/administrator/khoa").status_code == 403
    assert events(web_database) == []


def test_an_administrator_of_a_commune_gets_no_link_for_somebody_with_a_role_above(as_person, web_database, district):
    """Else a link would be a way up."""
    with web_database.writing() as session:
        for login, role in (("operator", Role.ADMINISTRATOR), ("approver", Role.EDITOR)):
            unit = session.get_one(Unit, district.units["X1"])
            assign(session, session.get_one(Person, district.people[login]), role, unit)
    client = as_person("operator")
    assert client.get("/nguoi-dung/approver").status_code == 200
    for act in ("loi-moi", "khoa", "mo-lai"):
        assert client.post(f"/nguoi-dung/approver/{act}").status_code == 403
    assert client.post("/nguoi-dung/approver", data={"name": "Tên khác"}).status_code == 403
    assert client.get("/nguoi-dung/supervisor").status_code == 404


# ---- the trail


def test_the_trail_names_who_did_what_and_shows_nothing_of_other_districts(admin, as_person):
    as_person("operator").post("/tram/S1/am-luong", data={"volume": "55"})
    page = admin.get("/vet").text
    assert "đặt âm lượng của trạm “Trạm An Bình”" in page
    assert "từ 80 thành 55" in page
    assert "Nguyễn Thị Trạm" in admin.get("/vet?tim=nguyễn&loai=station&ngay=22/11/2026").text
    assert "Không có việc nào khớp" in admin.get("/vet?ngay=21/11/2026").text
    assert as_person("ngoai").get("/vet").status_code == 403


def test_an_act_is_a_sentence_whose_details_have_names_of_people_and_days():
    approved = AuditEvent(
        act="approve", noun="bulletin", noun_name="Giữ vệ sinh", actor_name="Duyệt",
        detail={"code": "BT1", "revision": 2, "heard_ms": 72_400, "text_sha256": "ab" * 32, "audio_sha256": "cd" * 32},
    )  # fmt: skip
    assert act_in_words(approved) == "phê duyệt bản tin “Giữ vệ sinh”"
    assert detail_in_words(approved, {}) == ["bản soạn thứ: 2", "đã nghe: 1 phút 12 giây"]
    assigned = AuditEvent(
        act="assign", noun="person", noun_name="Lan", actor_name="Trị",
        detail={"role": "approver", "unit": "X1", "from_on": "2026-11-22", "until_on": ""},
    )  # fmt: skip
    assert act_in_words(assigned) == "phân công tài khoản “Lan”"
    told = detail_in_words(assigned, {"X1": "Xã An Bình"})
    assert told == ["vai trò: người phê duyệt", "đơn vị: Xã An Bình", "từ ngày: 22/11/2026"]
    policy = AuditEvent(
        act="add", noun="policy", noun_name="Xã An Bình", actor_name="Trị",
        detail={
            "curfew": ["22:00", "05:00"], "sessions": [{"name": "sáng", "from": "05:30", "until": "06:30"}],
            "source": None,
        },
    )  # fmt: skip
    assert detail_in_words(policy, {}) == ["giờ cấm phát: 22:00–05:00", "khung giờ phát: sáng 05:30–06:30"]
    loaded = AuditEvent(
        act="load", noun="set-up", noun_name="x", actor_name="y", detail={"added": {"unit": ["A", "B"]}, "changed": {}}
    )
    assert (act_in_words(loaded), detail_in_words(loaded, {})) == ("nạp tệp thiết lập", ["thêm 2 đơn vị"])


def test_every_act_and_detail_that_the_program_writes_has_vietnamese_words():
    acts, details = set(), set()
    for folder in ("web", "broadcast", "schedules"):
        for file in (Path(__file__).parents[2] / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not isinstance(call, ast.Call) or ast.unparse(call.func) not in {"record", "note", "_note"}:
                    continue
                told = call.args[2] if len(call.args) > 2 else None
                if isinstance(told, ast.Constant) and ast.unparse(call.args[0]) in {"session", "self.session"}:
                    acts.add(told.value)
                    details |= {key.arg for key in call.keywords if ast.unparse(call.func) != "record" and key.arg}
                    for key in call.keywords:
                        if key.arg == "detail" and isinstance(key.value, ast.Dict):
                            details |= {one.value for one in key.value.keys if isinstance(one, ast.Constant)}
    assert {"approve", "submit", "load", "move", "start_emergency"} <= acts
    assert acts - set(ACTS) == set()
    assert details - set(DETAILS) - UNSAID == set()


# ---- stations, in words


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Không mở được thiết bị âm thanh: failed to init device.", "không mở được thiết bị âm thanh"),
        ("Không tải được âm thanh: máy chủ không trả lời.", "không tải được âm thanh: máy chủ không trả lời"),
        ("device lost", "máy ở trạm gặp lỗi"),
    ],
)
def test_a_stations_trouble_is_told_without_the_english_of_its_machine(line, told):
    assert station_trouble(line) == told


def test_the_machines_own_words_stand_in_small_print_on_the_stations_page_alone(as_person, web_database, district):
    with web_database.writing() as session:
        status = session.get_one(StationStatus, district.stations["S1"])
        status.errors = ["Không mở được thiết bị âm thanh: failed to init device."]
    client = as_person("supervisor")
    assert "failed to init" in client.get("/tram/S1").text
    for path in ("/", "/tram"):
        page = client.get(path).text
        assert "không mở được thiết bị âm thanh" in page
        assert "failed to init" not in page


def test_a_programme_that_ends_at_midnight_is_held_to_the_end_of_the_day_before(app):
    with app.test_request_context():
        assert held_in_words(datetime(2026, 12, 7, 17, tzinfo=UTC)) == "hết ngày 07/12/2026"
        assert held_in_words(datetime(2026, 12, 7, 18, tzinfo=UTC)) == "01:00 ngày 08/12/2026"
