"""The log as a page: filters in the address, and each line's link in the chain proved while one looks."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from broadcast.airing import Airing
from broadcast.log_entry import LogEntry
from broadcast.recording import record_batch
from broadcast.station import Enrolment
from broadcast.wire import Entry, LogItem, batch_text, entry_hash, public_key_text, sign
from broadcast.wire import LogBatch as Batch
from tests.web.seed import NOW, SOUND


@pytest.fixture
def proven(web_database, district) -> list[int]:
    """Three entries of S2 as a real station would have sent them: started, finished, missed. Ids of the rows."""
    key = Ed25519PrivateKey.generate()
    with web_database.writing() as session:
        enrolment = session.scalars(select(Enrolment).where(Enrolment.station_id == district.stations["S2"])).one()
        enrolment.public_key = public_key_text(key)
        session.flush()
        before, items = enrolment.id, []
        for seq, (kind, extra) in enumerate(
            [
                ("started", {"started_at": NOW}),
                ("finished", {"started_at": NOW, "ended_at": NOW + timedelta(minutes=1), "sounded_ms": 60_000}),
                ("missed", {"reason": "too_late"}),
            ],
            start=1,
        ):
            entry = Entry(
                seq=seq, event_id=uuid.uuid4(), previous_hash=before, airing=uuid.UUID(district.airings["silent"]),
                manifest_sequence=7, kind=kind, at=NOW + timedelta(minutes=seq), audio=SOUND, clock_source="server",
                clock_offset_ms=0, volume=80, **extra,
            )  # fmt: skip
            text = entry.model_dump_json()
            before = entry_hash(text)
            items.append(LogItem(seq=seq, entry=text, hash=before))
        signature = sign(key, batch_text(enrolment.id, 3, before))
        record_batch(session, enrolment, Batch(entries=items, signature=signature), NOW + timedelta(minutes=5))
    with web_database.reading() as session:
        return list(session.scalars(select(LogEntry.id).where(LogEntry.station_code == "S2").order_by(LogEntry.seq)))


def test_a_line_is_proved_on_the_spot(as_person, proven):
    page = as_person("supervisor").get(f"/nhat-ky/{proven[1]}").text
    assert "Nội dung còn nguyên như trạm đã gửi và nối tiếp dòng số 1" in page
    assert "Chữ ký của trạm bảo đảm tới dòng số 3" in page
    assert "Biên nhận của máy chủ còn nguyên" in page
    assert "1 phút" in page


def test_a_line_that_was_changed_is_shown_as_changed(as_person, web_database, proven):
    with web_database.writing() as session:
        session.execute(update(LogEntry).where(LogEntry.id == proven[1]).values(sounded_ms=61_000))
        row = session.get_one(LogEntry, proven[2])
        row.entry = row.entry.replace("too_late", "no_audio")
    client = as_person("supervisor")
    assert "Các cột trong sổ không còn như trạm đã gửi" in client.get(f"/nhat-ky/{proven[1]}").text
    changed = client.get(f"/nhat-ky/{proven[2]}").text
    assert "Nội dung không còn đúng như lúc nhận" in changed
    assert "Không có chữ ký nào của trạm bảo đảm cho dòng này" in changed
    assert "không khớp" in client.get("/nhat-ky?tram=S2").text


def test_a_missing_line_is_missed_by_the_one_after_it(as_person, web_database, proven):
    with web_database.writing() as session:
        session.delete(session.get_one(LogEntry, proven[0]))
    page = as_person("supervisor").get(f"/nhat-ky/{proven[1]}").text
    assert "Thiếu dòng số 1 đứng ngay trước" in page
    assert "Biên nhận (tên và lúc nhận) đã bị sửa" in page


def test_filters_stay_in_the_address(as_person, proven):
    client = as_person("supervisor")
    own = client.get("/nhat-ky?tram=S2&ket-qua=khong-phat").text
    assert "đã quá giờ bắt đầu muộn nhất" in own
    assert "● </span>" not in own
    assert "Không có dòng nhật ký nào khớp" in client.get("/nhat-ky?tu=23/11/2026").text
    assert "từ 05:45:00 đến 05:46:00" in client.get("/nhat-ky?tim=giu+ve+sinh").text
    assert "Không có dòng nhật ký nào khớp" in client.get("/nhat-ky?tim=khong-co").text
    assert client.get("/nhat-ky?tu=31/12/9999&den=01/01/0001").status_code == 200
    wrong = client.get("/nhat-ky?tu=31/02/2026&ket-qua=x&trang=0")
    assert wrong.status_code == 200
    assert "không phải là một ngày có thật" in wrong.text


def test_lines_of_other_districts_and_communes_are_not_there(as_person, proven):
    assert as_person("ngoai").get(f"/nhat-ky/{proven[1]}").status_code == 404
    assert as_person("operator").get(f"/nhat-ky/{proven[1]}").status_code == 404
    assert "Trạm Bình Minh" not in as_person("operator").get("/nhat-ky?ket-qua=tat-ca").text


def test_an_emergency_that_was_stopped_after_a_whole_reading_is_called_the_same_everywhere(
    as_person, web_database, district
):
    with web_database.writing() as session:
        entry = session.scalars(
            select(LogEntry).where(LogEntry.airing_id == district.airings["complete"], LogEntry.kind == "finished")
        ).one()
        entry.kind, entry.reason = "stopped", "cancelled"
        airing = session.get_one(Airing, district.airings["complete"])
        airing.repeats = None
    client = as_person("supervisor")
    said = '<span class="state state-complete">'
    for path in (f"/luot-phat/{district.airings['complete']}", "/nhat-ky?ket-qua=da-phat", f"/nhat-ky/{entry.id}"):
        page = client.get(path).text
        assert said in page, path
        assert "state-partial" not in page, path
    listed = client.get("/nhat-ky?ket-qua=da-phat").text
    assert "từ 05:45:00 đến 05:46:00" in listed
    assert "1 phút" in listed
    assert re.search(r"Đã phát gần nhất</dt><dd>.*từ 05:45:00 đến 05:46:00", client.get("/tram/S1").text)


def test_the_list_shows_no_hash_and_no_number_of_a_programme(as_person, proven):
    page = as_person("supervisor").get("/nhat-ky?ket-qua=tat-ca").text
    assert "chương trình số" not in page
    assert re.search(r"[0-9a-f]{8,}</", page) is None
