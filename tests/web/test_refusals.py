"""What no page and no call may stumble over: signs that no database takes, numbers no column holds, odd headers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broadcast.config import Settings
from broadcast.db import Database
from broadcast.signs import TAKEN
from tests.web.conftest import sign_in
from tests.web.seed import NOW, seed
from web import create_app, limiter
from web.bulletins.spoken import reading_of
from web.services import Services
from web.shell import formats
from web.shell.forms import Form

BIG = (2**31, 2**63, 10**30, int("9" * 4000))


@pytest.fixture
def both(database: Database, settings: Settings) -> Iterator[tuple[Flask, dict[str, int]]]:
    """The application over either kind of database, and the people of the seeded district."""
    handles = seed(database)
    app = create_app(Services(settings, database, now=lambda: NOW))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield app, handles.people
    limiter.reset()


@pytest.fixture
def administrator(both: tuple[Flask, dict[str, int]]) -> FlaskClient:
    app, people = both
    return sign_in(app.test_client(), people["administrator"])


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/tram/%00", 404),
        ("/don-vi/X1%00", 404),
        ("/static/%00", 404),
        ("/api/v1/audio/%00", 404),
        ("/luot-phat?tram=%00", 400),
        ("/vet?tim=a%00b", 400),
        ("/tram?%00=1", 400),
        ("/bao-cao?don-vi=%00", 400),
        ("/api/v1/station/manifest?wait=%00", 400),
    ],
)
def test_a_nul_in_an_address_is_told_and_never_a_fault(administrator: FlaskClient, address: str, status: int) -> None:
    answer = administrator.get(address)
    assert answer.status_code == status
    if address.startswith("/api/"):
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["status"] == status
    else:
        assert "Về trang Hôm nay" in answer.text


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/don-vi/them", {"name": "a\x00", "code": "N1", "kind": "xã", "parent": "H1"}),
        ("/don-vi/them", {"name": "Xã", "code": "N1", "kind": "xã", "parent": "\x00"}),
        ("/dang-nhap", {"login": "\x00", "password": "x"}),
        ("/don-vi/them", {"\x00": "x"}),
        ("/don-vi-dang-xem", {"unit": "\x00"}),
    ],
)
def test_a_nul_in_a_form_is_told_and_never_a_fault(
    administrator: FlaskClient, address: str, form: dict[str, str]
) -> None:
    answer = administrator.post(address, data=form)
    assert answer.status_code == 400
    assert "U+0000" in answer.text


def test_a_nul_in_the_name_of_a_file_is_told_and_never_a_fault(both: tuple[Flask, dict[str, int]]) -> None:
    app, people = both
    letter = "Kính gửi: UBND các xã.\n\n1. UBND các xã báo cáo hằng ngày.\n".encode()
    form = {"unit": "H1", "file": (io.BytesIO(letter), "cong\x00van.txt")}
    answer = sign_in(app.test_client(), people["editor"]).post("/cong-van/moi", data=form)
    assert answer.status_code in {302, 400, 422}


@pytest.mark.parametrize("number", BIG, ids=["2^31", "2^63", "10^30", "4000 digits"])
def test_a_number_that_no_row_has_is_no_page(administrator: FlaskClient, number: int) -> None:
    digits = "9" * 4000 if number == BIG[3] else str(number)
    for address in (f"/chinh-sach/{digits}/ket-thuc", f"/cong-van/{digits}", f"/nhat-ky/{digits}"):
        assert administrator.get(address).status_code == 404
    assert administrator.post(f"/nguoi-dung/editor/phan-cong/{digits}/ket-thuc").status_code == 404
    for address in ("/vet?truoc=", "/luot-phat?trang=", "/luot-phat?tu=", "/tram?trang=", "/nhat-ky?trang="):
        assert administrator.get(address + digits).status_code == 200


@pytest.mark.parametrize(
    "asked", ["bytes=abc", "bytes=", "lines=1-2", "bytes=5-2", "bytes=0-1,4-5", "bytes=-", "nonsense"]
)
def test_a_range_that_says_nothing_is_as_if_it_were_not_there(client: FlaskClient, asked: str) -> None:
    def got(**headers: str) -> tuple[int, bytes]:
        with client.get("/static/app.css", headers=headers) as answer:
            return answer.status_code, answer.data

    _, whole = got()
    assert got(Range=asked) == (200, whole)
    assert got(Range="bytes=0-9") == (206, whole[:10])
    assert got(Range="bytes=99999999-")[0] == 416


@pytest.mark.parametrize(
    ("host", "status"),
    [("LOCALHOST", 302), ("LocalHost:8000", 302), ("127.0.0.1:8000", 302), ("[::1]", 302), ("example.org", 403)],
)
def test_the_demonstration_knows_its_own_machine_by_any_spelling(services: Services, host: str, status: int) -> None:
    demo = create_app(replace(services, demo=True))
    assert demo.test_client().get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("hidden", ["\x07", "\u202e", "\u2066", "\x7f", "\x85", "\n"])
def test_a_name_with_signs_that_nobody_sees_is_refused(app: Flask, hidden: str) -> None:
    with app.test_request_context(method="POST", data={"name": f"Trạm{hidden}An"}):
        from flask import request

        form = Form(request.form)
        form.text("name", "tên trạm")
    assert "ký tự không đọc được" in form.errors["name"]


@pytest.mark.parametrize("code", ["..", ".", "them", "-1", "_x", "a b", "ấp"])
def test_a_code_that_could_never_be_opened_is_refused_on_the_screen(administrator: FlaskClient, code: str) -> None:
    form = {"name": "Trạm", "code": code, "unit": "H1", "volume": "80"}
    answer = administrator.post("/tram/them", data=form)
    assert answer.status_code == 422


def test_every_page_that_stands_where_a_code_stands_is_kept_from_codes(app: Flask) -> None:
    places = {"don-vi": "unit", "nguoi-dung": "person", "tram": "station", "ban-tin": "bulletin", "lich-phat": "rule"}
    rules = [rule.rule.split("/")[1:3] for rule in app.url_map.iter_rules()]
    pages = {(parts[0], parts[1]) for parts in rules if len(parts) == 2 and not parts[1].startswith("<")}
    for place, noun in places.items():
        assert {page for first, page in pages if first == place} == TAKEN[noun]


def test_no_figure_of_time_makes_a_page_fail(app: Flask) -> None:
    last, first = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
    with app.app_context():
        assert formats.vn_datetime(last, seconds=True) == "23:59:59 ngày 31/12/9999"
        assert formats.vn_day(first) == "Thứ hai, 01/01/1"
        assert formats.vn_ago(last, NOW) == "vừa xong"


def test_one_person_cannot_keep_the_reader_busy_with_endless_scripts(both: tuple[Flask, dict[str, int]]) -> None:
    app, people = both
    client = sign_in(app.test_client(), people["editor"])
    answers = [client.post("/ban-tin/doc-thu", data={"script": "… " * 30_000}).status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]
    colleague = sign_in(app.test_client(), people["ngoai"])
    assert colleague.post("/ban-tin/doc-thu", data={"script": "Mời bà con đi họp."}).status_code == 200


def test_each_sentence_of_a_long_script_has_its_own_doubts() -> None:
    # Where each sentence looks through all doubts, this takes as long as ten thousand times ten thousand.
    reading = reading_of("XQZT. " * 10_000)
    assert len(reading.lines) == 10_000
    assert {tuple(mark.text for mark in line.marks if mark.kind) for line in reading.lines} == {("XQZT",)}
