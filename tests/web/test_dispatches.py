"""An official letter is dropped in, shown as it was understood, and becomes a draft by one click."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.dispatch import Dispatch
from tests.web.bulletin_parts import code_from, count_of, of

LETTER = """ỦY BAN NHÂN DÂN
HUYỆN SÔNG LAM

Số: 128/UBND-VHTT
V/v tuyên truyền cài đặt ứng dụng Bluezone

Sông Lam, ngày 20 tháng 11 năm 2026

Kính gửi: Ủy ban nhân dân các xã

Ủy ban nhân dân huyện yêu cầu:
1. Ủy ban nhân dân các xã tuyên truyền, hướng dẫn người dân cài đặt ứng dụng Bluezone,
báo cáo kết quả trước 15 giờ thứ 6 hằng tuần.

Nơi nhận:
- Như trên;
- Lưu: VT.

CHỦ TỊCH
Nguyễn Văn Mẫu
"""


def drop(client, content: bytes, name: str = "cong-van.txt"):
    return client.post("/cong-van/moi", data={"unit": "H1", "file": (BytesIO(content), name)})


def test_a_letter_is_stored_and_shown_as_it_was_understood(as_person, web_database):
    client = as_person("editor")
    answer = drop(client, LETTER.encode())
    assert answer.status_code == 302
    page = client.get(answer.location).text
    for told in ("128/UBND-VHTT", "20/11/2026", "Bluezone", "Nguyễn Văn Mẫu"):
        assert told in page
    with web_database.reading() as session:
        stored = session.get_one(Dispatch, int(answer.location.rsplit("/", 1)[1]))
        assert (stored.number, stored.filename) == ("128/UBND-VHTT", "cong-van.txt")


def test_the_same_letter_twice_is_recognised(as_person, web_database):
    client = as_person("editor")
    first = drop(client, LETTER.encode())
    stored = count_of(web_database, Dispatch)
    again = drop(as_person("approver"), LETTER.encode(), "ten-khac.txt")
    pasted = client.post("/cong-van/moi", data={"unit": "H1", "text": LETTER.replace("\n", "\r\n")})
    assert first.location == again.location == pasted.location
    assert count_of(web_database, Dispatch) == stored


def test_one_click_makes_a_draft_that_speaks_to_residents(as_person, web_database):
    client = as_person("editor")
    path = drop(client, LETTER.encode()).location
    answer = client.post(f"{path}/soan", data={"unit": "X1"})
    code = code_from(answer.location)
    with web_database.reading() as session:
        bulletin = of(session, code)
        assert bulletin.dispatch.number == "128/UBND-VHTT"
        assert bulletin.template == "bluezone"
        assert "xã An Bình" in bulletin.latest.script
        assert "Nơi nhận" not in bulletin.latest.script
        assert bulletin.latest.rendering.state == "wanted"
    assert "128/UBND-VHTT" in client.get(answer.location).text


def test_a_draft_is_written_only_for_units_of_ones_own(as_person):
    path = drop(as_person("editor"), LETTER.encode()).location
    assert as_person("editor").post(f"{path}/soan", data={"unit": "X9"}).status_code == 404
    assert as_person("operator").post(f"{path}/soan", data={"unit": "X1"}).status_code == 404


def test_files_that_are_no_letters_get_a_clear_message(as_person, web_database):
    client = as_person("editor")
    stored = count_of(web_database, Dispatch)
    for content, name, told in (
        (b"\x00\x01\x02\xff" * 100, "a.txt", "không phải là văn bản"),
        (b"%PDF-1.7 ...", "a.pdf", "PDF"),
        (b"", "a.txt", "Tệp trống"),
    ):
        answer = drop(client, content, name)
        assert answer.status_code in {413, 422}
        assert told in answer.text
    long = client.post("/cong-van/moi", data={"unit": "H1", "text": "a " * 1_050_000})
    assert (long.status_code, "400 KB" in long.text) == (413, True)
    nothing = client.post("/cong-van/moi", data={"unit": "H1", "text": " "})
    assert "Hãy chọn tệp công văn" in nothing.text
    assert count_of(web_database, Dispatch) == stored


def test_a_hostile_letter_is_shown_as_words(as_person):
    client = as_person("editor")
    letter = LETTER.replace("ứng dụng Bluezone", "<script>alert(1)</script>")
    answer = drop(client, letter.encode(), "<img src=x onerror=alert(1)>.txt")
    assert answer.status_code == 302, answer.text
    path = answer.location
    for page in (client.get(path).text, client.get("/cong-van").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_letter_stands_beside_its_bulletin_when_it_is_to_be_approved(as_person, web_database):
    path = drop(as_person("editor"), LETTER.encode()).location
    with web_database.writing() as session:
        of(session, "BT2").dispatch = session.scalars(select(Dispatch).where(Dispatch.number == "128/UBND-VHTT")).one()
    page = as_person("approver").get("/duyet/BT2").text
    assert "Công văn gốc" in page
    assert path in page


def test_what_is_no_letter_is_refused_unless_somebody_says_it_is_one(as_person, web_database):
    client = as_person("editor")
    stored = count_of(web_database, Dispatch)
    for answer in (
        client.post("/cong-van/moi", data={"unit": "H1", "text": "xin chào"}),
        drop(client, "xin chào".encode()),
    ):
        assert answer.status_code == 422
        assert "không giống công văn" in answer.text
        assert "xin chào</textarea>" in answer.text, "a file need not be chosen again"
        assert 'name="sure"' in answer.text
    assert count_of(web_database, Dispatch) == stored
    sure = client.post("/cong-van/moi", data={"unit": "H1", "text": "xin chào", "sure": "1"})
    assert sure.status_code == 302
    assert count_of(web_database, Dispatch) == stored + 1


def test_a_letter_of_which_nothing_was_made_is_removed_by_who_received_it(as_person, web_database):
    editor, approver = as_person("editor"), as_person("approver")
    path = drop(editor, LETTER.encode()).location
    assert "Gỡ công văn nhận nhầm" not in approver.get(path).text
    assert approver.post(f"{path}/go").status_code == 403
    assert "sẽ không còn trong danh sách" in editor.get(f"{path}/go").text
    assert editor.post(f"{path}/go").location == "/cong-van"
    assert editor.get(path).status_code == 404
    with web_database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "remove")).one()
        assert (event.noun, event.noun_name, event.actor_name) == (
            "dispatch", "Công văn số 128/UBND-VHTT", "Lê Thị Biên",
        )  # fmt: skip


def test_a_letter_that_became_a_bulletin_stays(as_person):
    client = as_person("editor")
    path = drop(client, LETTER.encode()).location
    client.post(f"{path}/soan", data={"unit": "X1"})
    assert "Gỡ công văn" not in client.get(path).text
    assert client.post(f"{path}/go").status_code == 403
    assert client.get(path).status_code == 200


def test_the_page_of_a_letter_shows_its_grounds_and_who_signed_for_whom(as_person):
    client = as_person("editor")
    letter = LETTER.replace(
        "Ủy ban nhân dân huyện yêu cầu:",
        "Căn cứ Công văn số 15/STTTT-TTBC ngày 02 tháng 11 năm 2026 của Sở Thông tin và Truyền thông,\n"
        "Ủy ban nhân dân huyện yêu cầu:",
    ).replace("CHỦ TỊCH\n", "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n")
    page = client.get(drop(client, letter.encode()).location).text
    assert "15/STTTT-TTBC ngày 02/11/2026" in page
    assert "KT. CHỦ TỊCH<br>PHÓ CHỦ TỊCH<br><strong>Nguyễn Văn Mẫu</strong>" in page
    listed = client.get("/cong-van").text
    assert '<div class="sub">Tuyên truyền cài đặt ứng dụng Bluezone</div>' in listed
