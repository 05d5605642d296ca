"""What every page shares: failures in one voice, the unit one looks at, how days and lengths are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tests.web.seed import NOW
from web.shell import formats
from web.shell.forms import Form
from web.today.lanes import hours_of


@pytest.mark.parametrize(
    ("method", "address", "status", "told"),
    [
        ("GET", "/khong-co-trang-nay", 404, "Không tìm thấy"),
        ("GET", "/luot-phat/khong-phai-ma", 404, "Không tìm thấy"),
        ("DELETE", "/tram", 405, "Thao tác không đúng chỗ"),
        ("GET", "/nguoi-dung", 403, "Không có quyền"),
    ],
)
def test_a_failure_is_a_page_in_vietnamese_with_a_way_on(as_person, method, address, status, told):
    answer = as_person("editor").open(address, method=method)
    assert answer.status_code == status
    assert told in answer.text
    assert "Về trang Hôm nay" in answer.text


def test_a_form_that_is_too_large_is_told_so(app, as_person):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = as_person("administrator").post("/tram/them", data={"name": "x" * 2000})
    assert answer.status_code == 413
    assert "lớn hơn mức cho phép" in answer.text


FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"login=" + b"a" * 5_000_000, FORM),
        (b"a=1&" * 2_001, FORM),
        (PART * 2_001 + b"--b--", MULTIPART),
        (FILE + b"a" * 5_000_000, MULTIPART),
    ],
    ids=["a long field", "many fields", "many parts", "a large file"],
)
def test_a_stranger_sends_nothing_large_or_of_countless_parts(client, body, kind):
    answer = client.post("/dang-nhap", data=body, content_type=kind)
    assert answer.status_code == 413
    assert "lớn hơn mức cho phép" in answer.text


def test_a_broken_database_is_a_page_that_tells_nothing_of_the_inside(app, as_person, web_database):
    client = as_person("editor")
    with web_database.engine.begin() as connection:
        connection.execute(text("DROP TABLE airing"))
    answer = client.get("/")
    assert answer.status_code == 500
    assert "chưa có gì bị ghi dở" in answer.text
    assert "airing" not in answer.text


def test_under_api_a_failure_is_a_problem_document(client):
    answer = client.get("/api/khong-co")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["status"] == 404


def test_a_part_of_a_page_asked_without_a_session_is_401_and_an_unchanged_one_304(client, as_person):
    assert client.get("/hom-nay/bang", headers={"X-Fragment": "1"}).status_code == 401
    signed_in = as_person("editor")
    first = signed_in.get("/hom-nay/bang", headers={"X-Fragment": "1"})
    again = signed_in.get("/hom-nay/bang", headers={"X-Fragment": "1", "If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_the_unit_chip_narrows_every_page(as_person):
    client = as_person("editor")
    assert client.post("/don-vi-dang-xem", data={"unit": "X2"}).status_code == 302
    page = client.get("/tram").text
    assert "Trạm Bình Minh" in page
    assert "Trạm An Bình" not in page


def test_a_unit_without_stations_is_told_the_one_thing_to_do_next(as_person):
    admin = as_person("administrator")
    admin.post("/don-vi/them", data={"name": "Xã Mới", "code": "X3", "kind": "xã", "parent": "H1"})
    admin.post("/don-vi-dang-xem", data={"unit": "X3"})
    page = admin.get("/").text
    assert "Đơn vị này chưa có trạm nào." in page
    assert 'href="/tram/them"' in page


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 giây"),
        (400, "dưới 1 giây"),
        (2_500, "3 giây"),
        (59_499, "59 giây"),
        (59_500, "1 phút"),
        (60_000, "1 phút"),
        (130_000, "2 phút 10 giây"),
        (3_900_000, "1 giờ 05 phút"),
        (None, "–"),
    ],
)
def test_lengths_are_written_in_words(ms, words):
    assert formats.vn_length(ms) == words


def test_numbers_and_days_are_written_the_vietnamese_way(app):
    assert formats.vn_number(1234) == "1.234"
    assert formats.vn_number(1234.5) == "1.234,5"
    with app.app_context():
        assert formats.vn_datetime(NOW - timedelta(hours=5)) == "05:00 ngày 22/11/2026"
        assert formats.vn_day(NOW) == "Chủ nhật, 22/11/2026"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("22/11/2026", date(2026, 11, 22)),
        ("2/1/27", date(2027, 1, 2)),
        ("2026-11-22", date(2026, 11, 22)),
        ("31/02/2026", None),
        ("22/11", None),
        ("hôm nay", None),
        ("1/1/9999", None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed, day):
    form = Form()
    form.defaults["ngay"] = typed
    assert form.day("ngay", "ngày") == day
    assert ("ngay" in form.errors) == (day is None)


def test_the_lanes_widen_for_what_airs_early_or_late(app):
    zone = app.extensions["broadcast"].zone
    day = date(2026, 11, 22)
    usual = hours_of(day, [], NOW, zone)
    assert (usual.first, usual.last) == (5, 22)
    wide = hours_of(day, [NOW - timedelta(hours=7), NOW + timedelta(hours=13, minutes=59)], NOW, zone)
    assert (wide.first, wide.last) == (3, 24)
    assert wide.place(NOW) == pytest.approx(100 * 7 / 21, abs=0.01)
