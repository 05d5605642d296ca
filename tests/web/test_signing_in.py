"""Coming in, going out, what ends a session, and what keeps strangers out."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.inviting import invite
from broadcast.person import Invitation, Person, Role, assign
from broadcast.unit import Unit
from tests.web.bulletin_parts import count_of
from tests.web.conftest import sign_in
from tests.web.seed import NOW, PASSWORD
from web import create_app
from web.services import Services
from web.shell.error_pages import safe_path


def enter(client, login="editor", password=PASSWORD, **more):
    return client.post("/dang-nhap", data={"login": login, "password": password, **more})


def test_the_right_password_opens_the_board(client):
    answer = enter(client, "Editor ")
    assert (answer.status_code, answer.location) == (302, "/")
    page = client.get("/")
    assert page.status_code == 200
    assert "Lê Thị Biên" in page.text


@pytest.mark.parametrize("login", ["editor", "khong-co-ai"])
def test_a_wrong_password_and_an_unknown_login_are_told_alike(client, login):
    answer = enter(client, login, "sai mật khẩu rồi")
    assert answer.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.text
    assert login in answer.text  # what was typed stays
    assert client.get("/").status_code == 302


def test_a_login_that_fails_too_often_has_to_wait_even_with_the_right_password(client):
    for _ in range(8):
        assert enter(client, password="sai mật khẩu rồi").status_code == 401
    answer = enter(client)
    assert answer.status_code == 429
    assert "Bạn đã thử quá nhiều lần. Hãy đợi 10 phút" in answer.text
    assert answer.headers["Retry-After"] == "600"
    assert enter(client, "approver").status_code == 302, "others go on"


ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "127.0.0.2"}}


def test_what_strangers_try_elsewhere_keeps_nobody_out(client):
    for _ in range(9):
        last = client.post("/dang-nhap", data={"login": "administrator", "password": "sai mật khẩu"}, **ELSEWHERE)
    assert last.status_code == 429
    assert enter(client, "administrator").status_code == 302


def test_an_address_that_tries_many_logins_has_to_wait_but_who_came_in_from_there_before_does_not(app):
    assert enter(app.test_client()).status_code == 302
    client = app.test_client()
    answers = [enter(client, f"ai-do-{number}", "x").status_code for number in range(101)]
    assert answers[:100] == [401] * 100
    assert answers[100] == 429
    assert enter(client).status_code == 302
    assert enter(app.test_client(), "approver").status_code == 429, "nobody has seen this one here"


def test_many_guesses_at_once_are_counted_before_they_are_checked(app, web_database):
    def guess(_number: int) -> int:
        return enter(app.test_client(), password="sai mật khẩu rồi").status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(40)))
    assert answers.count(401) == 8
    assert answers.count(429) == 32
    with web_database.reading() as session:
        assert session.scalars(select(AuditEvent.act)).all() == ["sign_in_failed"] * 8


def test_guesses_at_the_present_password_are_counted_too(as_person):
    client = as_person("editor")
    sent = {"present": "sai", "password": "một câu khác để thử", "again": "một câu khác để thử"}
    answers = [client.post("/tai-khoan/mat-khau", data=sent).status_code for _ in range(9)]
    assert answers == [401] * 8 + [429]


def test_signing_out_ends_the_session_and_is_no_link(as_person):
    client = as_person("editor")
    assert client.get("/dang-xuat").status_code == 405
    assert client.post("/dang-xuat").location == "/dang-nhap"
    assert client.get("/").location.startswith("/dang-nhap")


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out_and_other_sign_ins_go_on(app):
    client, thief, at_home = (app.test_client() for _ in range(3))
    enter(client)
    enter(at_home)
    with client.session_transaction() as cookie, thief.session_transaction() as copied:
        copied.update(cookie)
    assert thief.get("/").status_code == 200
    client.post("/dang-xuat")
    assert thief.get("/").location.startswith("/dang-nhap")
    assert at_home.get("/").status_code == 200


def test_a_cookie_without_the_mark_of_its_sign_in_opens_nothing(app, district):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{district.people['editor']}.1"
    assert client.get("/").location.startswith("/dang-nhap")


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/tram?tinh-trang=silent", "/tram?tinh-trang=silent"),
        ("https://xau.example/", "/"),
        ("//xau.example/", "/"),
        ("/\\xau.example", "/"),
        ("\\\\xau.example", "/"),
        ("/\t/xau.example", "/"),
        ("javascript:alert(1)", "/"),
        ("tram", "/"),
        ("", "/"),
    ],
)
def test_a_sign_in_leads_to_a_page_of_this_site_only(client, target, leads_to):
    assert safe_path(target) == leads_to
    assert enter(client, next=target).location == leads_to


def test_an_expired_session_leads_to_the_sign_in_page_and_back(as_person):
    client = as_person("editor")
    assert client.get("/tram").status_code == 200
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        answer = client.get("/tram?tim=an")
    assert answer.location == "/dang-nhap?next=/tram?tim%3Dan"


def test_sessions_end_when_the_password_changes(app, district):
    here, elsewhere = (sign_in(app.test_client(), district.people["editor"]) for _ in range(2))
    new = "một câu khác để thử"
    answer = here.post("/tai-khoan/mat-khau", data={"present": PASSWORD, "password": new, "again": new})
    assert answer.location == "/tai-khoan"
    assert here.get("/").status_code == 200, "the one who changed it stays"
    assert elsewhere.get("/").location.startswith("/dang-nhap")
    assert enter(app.test_client(), password=new).status_code == 302


@pytest.mark.parametrize(
    ("present", "password", "again", "status", "told"),
    [
        ("sai", "một câu khác để thử", "một câu khác để thử", 401, "Mật khẩu hiện tại không đúng."),
        (PASSWORD, "một câu khác để thử", "một câu khác", 422, "không giống nhau"),
        (PASSWORD, "bé tí", "bé tí", 422, "từ 10 đến 200 ký tự"),
        (PASSWORD, "x" * 201, "x" * 201, 422, "từ 10 đến 200 ký tự"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(as_person, present, password, again, status, told):
    answer = as_person("editor").post(
        "/tai-khoan/mat-khau", data={"present": present, "password": password, "again": again}
    )
    assert answer.status_code == status
    assert told in answer.text
    assert password not in answer.text


def test_an_invitation_sets_the_first_password_once(client, web_database, district):
    with web_database.writing() as session:
        token = invite(session, session.get_one(Person, district.people["operator"]), NOW)
    assert "Nguyễn Thị Trạm" in client.get(f"/loi-moi/{token}").text
    short = client.post(f"/loi-moi/{token}", data={"password": "ngắn", "again": "ngắn"})
    assert short.status_code == 422
    chosen = {"password": "câu của riêng tôi", "again": "câu của riêng tôi"}
    assert client.post(f"/loi-moi/{token}", data=chosen).location == "/"
    assert client.get("/").status_code == 200
    assert client.post(f"/loi-moi/{token}", data=chosen).status_code == 404, "it works once"


def test_an_invitation_ends_after_seven_days(client, web_database, district, clock):
    with web_database.writing() as session:
        token = invite(session, session.get_one(Person, district.people["operator"]), NOW)
    clock.at = NOW + timedelta(days=7)
    answer = client.get(f"/loi-moi/{token}")
    assert answer.status_code == 404
    assert "đã hết hạn" in answer.text


def link_made_by(client, login):
    page = html.unescape(client.post(f"/nguoi-dung/{login}/loi-moi").text)
    return re.search(r"/loi-moi/[\w-]+", page)[0]


def test_an_open_link_ends_with_the_account_for_good(client, as_person):
    administrator = as_person("administrator")
    link = link_made_by(administrator, "operator")
    assert client.get(link).status_code == 200
    administrator.post("/nguoi-dung/operator/khoa")
    assert client.get(link).status_code == 404
    administrator.post("/nguoi-dung/operator/mo-lai")
    assert client.get(link).status_code == 404, "who opens it again gives a new link"


def test_a_link_ends_where_its_person_rises_above_the_one_who_made_it(client, web_database, district):
    with web_database.writing() as session:
        person, maker = (Person(login=login, name=login, created_at=NOW) for login in ("moi", "quan-tri-xa"))
        session.add_all([person, maker])
        commune, district_unit = (session.scalars(select(Unit).where(Unit.code == code)).one() for code in ("X1", "H1"))
        assign(session, maker, Role.ADMINISTRATOR, commune)
        assign(session, person, Role.EDITOR, commune)
        by_maker = invite(session, person, NOW, maker)
    assert client.get(f"/loi-moi/{by_maker}").status_code == 200
    with web_database.writing() as session:
        assign(session, session.get_one(Person, person.id), Role.APPROVER, session.get_one(Unit, district_unit.id))
    chosen = {"password": "câu của riêng tôi", "again": "câu của riêng tôi"}
    assert client.get(f"/loi-moi/{by_maker}").status_code == 404
    assert client.post(f"/loi-moi/{by_maker}", data=chosen).status_code == 404
    with web_database.writing() as session:
        by_command = invite(session, session.get_one(Person, person.id), NOW)
    assert client.get(f"/loi-moi/{by_command}").status_code == 200


def test_a_deactivated_account_is_out_at_once(as_person, web_database):
    client = as_person("editor")
    assert as_person("administrator").post("/nguoi-dung/editor/khoa").status_code == 302
    assert client.get("/").location.startswith("/dang-nhap")
    assert enter(client).status_code == 401


# ---- CSRF


def test_every_form_without_its_token_is_refused(app, as_person):
    app.config["WTF_CSRF_ENABLED"] = True
    client = as_person("administrator")
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/api/"):
            continue
        address = re.sub(r"<[^>]*int[^>]*>", "1", rule.rule)
        answer = client.post(re.sub(r"<[^>]*>", "S1", address))
        assert answer.status_code == 400, rule.rule
        assert "hết hiệu lực" in answer.text


def test_a_form_with_its_token_is_taken(app):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/dang-nhap").text)
    assert token is not None
    assert enter(client, csrf_token=token[1]).status_code == 302


def test_a_form_sent_after_the_session_ended_leads_to_the_sign_in_page(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/tram/S1/am-luong", headers={"Referer": "http://localhost/tram/S1"})
    assert answer.location == "/dang-nhap?next=/tram/S1"


# ---- what was typed when the session had ended


HERE = {"Origin": "http://localhost"}
TYPED = {
    "title": "Mời họp thôn", "script": "Kính thưa bà con.\r\nTối nay họp thôn.", "class": "normal", "unit": "H1",
    "field": "", "source": "",
}  # fmt: skip


def hidden(page: str) -> dict[str, str]:
    """Names and values of the hidden fields of a page, the last of each name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def test_what_was_typed_when_the_session_ended_is_kept_through_the_sign_in_and_sent_by_hand(app, web_database):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    ended = client.post("/ban-tin/soan", data=TYPED | {"csrf_token": "của phiên trước"}, headers=HERE)
    assert ended.status_code == 401
    assert "Phiên làm việc đã hết hạn. Nội dung bạn gõ vẫn được giữ." in ended.text
    wrong = enter(client, password="sai mật khẩu rồi", **hidden(ended.text))
    assert wrong.status_code == 401
    back = enter(client, **hidden(wrong.text))
    assert back.status_code == 200
    assert 'action="/ban-tin/soan"' in back.text
    assert "Gửi tiếp nội dung này" in back.text
    assert count_of(web_database, Bulletin) == 5, "nothing is sent by itself"
    assert hidden(back.text)["csrf_token"] != "của phiên trước"
    assert client.post("/ban-tin/soan", data=hidden(back.text), headers=HERE).status_code == 302
    with web_database.reading() as session:
        bulletin = session.scalars(select(Bulletin).order_by(Bulletin.id.desc())).first()
        assert (bulletin.title, bulletin.latest.script) == ("Mời họp thôn", "Kính thưa bà con.\nTối nay họp thôn.")


def test_what_was_typed_before_signing_in_anew_elsewhere_is_kept_too(app, as_person):
    app.config["WTF_CSRF_ENABLED"] = True
    client = as_person("editor")
    answer = client.post("/ban-tin/soan", data=TYPED | {"csrf_token": "của phiên trước"}, headers=HERE)
    assert answer.status_code == 400
    assert "Nội dung bạn gõ vẫn được giữ" in answer.text
    assert client.post("/ban-tin/soan", data=hidden(answer.text), headers=HERE).status_code == 302


def test_a_session_that_a_new_password_ended_keeps_what_was_typed(app, as_person, web_database, district):
    client = as_person("editor")
    with web_database.writing() as session:
        session.get_one(Person, district.people["editor"]).session_epoch += 1
    answer = client.post("/ban-tin/soan", data=TYPED, headers=HERE)
    assert answer.status_code == 401
    assert "Tối nay họp thôn." in html.unescape(answer.text)


def test_a_form_of_another_site_is_never_kept(app, as_person):
    app.config["WTF_CSRF_ENABLED"] = True
    for client in (app.test_client(), as_person("editor")):
        answer = client.post("/ban-tin/soan", data=TYPED, headers={"Origin": "https://xau.example"})
        assert "họp thôn" not in answer.text
        assert answer.status_code in {302, 400}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (
            "/tai-khoan/mat-khau",
            {"present": "mật khẩu cũ rích", "password": "mật khẩu cũ rích", "again": "mật khẩu cũ rích"},
        ),
        ("/duyet/BT2", {"revision": "1", "sure": "1"}),
        ("/ban-tin/BT1/thu-hoi", {"reason": "Sai"}),
        ("/duyet/BT2/tra-lai", {"reason": "Sai"}),
        ("/duyet/BT1/xa-moi", {"revision": "1", "sure": "1"}),
        ("/tu-dien/them", {"written": "VNEN", "spoken": "vê nen"}),
        ("/tu-dien/sua-nhanh", {"written": "VNEN", "spoken": "vê nen"}),
        ("/don-vi/X1/gia-tri", {"new_name": "chợ", "new_value": "chợ Gốc"}),
        ("/don-vi/H1/gia-tri/cap-duoi", {"new_name": "chợ"}),
        ("/don-vi/X1", {"name": "Xã khác", "kind": "xã"}),
        ("/giong-doc/thu-tu", {"order": "piper"}),
    ],
)
def test_passwords_and_decisions_are_never_kept(app, as_person, path, sent):
    app.config["WTF_CSRF_ENABLED"] = True
    for client in (app.test_client(), as_person("approver")):
        answer = client.post(path, data=sent, headers=HERE)
        assert "vẫn được giữ" not in answer.text
        assert "cũ rích" not in answer.text


@pytest.mark.parametrize(
    "carried",
    [
        "xyz", "[]", "[1, 2, 3]", '["//xau.example/", [["a", "b"]], false]', '["/tram", [["a", "b"]], false]',
        '["https://xau.example/ban-tin/soan", [["a", "b"]], false]', '["/duyet/BT2", [["sure", "1"]], false]',
        '["/ban-tin/soan", [["password", "1"]], false]', '["/ban-tin/soan", [[1]], false]',
    ],
)  # fmt: skip
def test_a_sign_in_hands_on_only_what_a_form_of_ours_could_have_carried(client, carried):
    answer = enter(client, kept=carried)
    assert (answer.status_code, answer.location) == (302, "/")


# ---- the wire


def test_pages_carry_a_policy_that_allows_nothing_inline_and_nothing_from_elsewhere(as_person):
    answer = as_person("editor").get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "img-src 'self' data:" in policy
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", answer.text)
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_over_tls_the_cookie_is_for_tls_only(app):
    secure, plain = app.test_client(), app.test_client()
    over_tls = secure.post("/dang-nhap", data={"login": "editor", "password": PASSWORD}, base_url="https://localhost")
    assert "Secure" in over_tls.headers["Set-Cookie"]
    on_loopback = enter(plain).headers["Set-Cookie"]
    assert "Secure" not in on_loopback
    assert "HttpOnly" in on_loopback
    assert "SameSite=Lax" in on_loopback


def test_plain_http_from_another_machine_is_sent_to_https(client):
    answer = client.get("/dang-nhap", environ_base={"REMOTE_ADDR": "10.0.0.7"})
    assert answer.status_code == 308
    assert answer.location == "https://localhost/dang-nhap"


# ---- the demonstration


@pytest.fixture
def demo(services):
    app = create_app(Services(services.settings, services.database, now=services.now, demo=True))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.mark.parametrize("role", ["editor", "approver", "operator", "supervisor", "administrator"])
def test_the_demonstration_lets_one_step_into_each_role_with_one_click(demo, role):
    client = demo.test_client()
    assert f"/dang-nhap/trinh-dien/{role}" in client.get("/dang-nhap").text
    assert client.post(f"/dang-nhap/trinh-dien/{role}").location == "/"
    assert client.get("/").status_code == 200


def test_the_demonstration_answers_to_a_loopback_name_only(demo):
    client = demo.test_client()
    for host in ("truyenthanh.example.vn", "192.168.1.5:8000", "localhost.example.vn"):
        assert client.get("/dang-nhap", headers={"Host": host}).status_code == 403, host
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost"):
        assert client.get("/dang-nhap", headers={"Host": host}).status_code == 200, host


def test_outside_the_demonstration_nobody_steps_in_without_a_password(client):
    assert client.post("/dang-nhap/trinh-dien/administrator").status_code == 404
    assert "trinh-dien" not in client.get("/dang-nhap").text


# ---- what stays behind


def test_coming_in_going_out_and_failing_are_in_the_audit_trail(client, web_database):
    enter(client, password="sai mật khẩu rồi")
    enter(client)
    client.post("/dang-xuat")
    with web_database.reading() as session:
        acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
        assert acts == ["sign_in_failed", "sign_in", "sign_out"]
        assert session.scalars(select(AuditEvent.address)).first() == "127.0.0.1"
        assert session.scalars(select(Invitation)).all() == []
