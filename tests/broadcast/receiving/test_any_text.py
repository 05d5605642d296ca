"""`receive` takes whatever it is given, and long texts in one go."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.receiving import DispatchText, draft, gaps_in, receive

PIECES = (
    "Căn cứ Công văn số 12/UBND-VX ngày 1/2/2020 của ", "Kính gửi:", "Nơi nhận:", "- ", "1. ", "a) ", "IV. ",
    "Điều 2. ", "\n", "\n\n", "  \t  ", "Số: /UBND", "Số 5", "V/v ", "ngày 31 tháng 02 năm 2020",
    "ngày tháng năm", "Hà Nam, ngày 5/13/2020", "trước 25 giờ ", "thứ 6 hàng tuần", "báo cáo ", "50%",
    "1.000 Card", "999.999.999 tờ rơi", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Văn A", "UBND các xã: ",
    "Đề nghị ", "Phòng Y tế ", "chỉ đạo ", "người dân ", "cài đặt ", "https://a.vn.", "(b.vn)", "**", "|",
    "\u0301", "\ud800", "./.", "KẾ HOẠCH", ";", ",", "trong tháng 13/2020", "đến hết ngày 31/12/9999", "KÍNH GỬI",
    "TM. ỦY BAN NHÂN DÂN",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_any_text_is_read_and_drafted_without_an_error(text: str) -> None:
    read = receive(text)
    assert DispatchText.model_validate_json(read.model_dump_json()) == read
    made = draft(read, unit_name="Xã Tân Hội", today=date(2026, 11, 23))
    assert made.gaps == gaps_in(made.script)
    assert "Xin trân trọng cảm ơn!" in made.script


def test_a_text_that_says_nothing_is_all_null_and_empty() -> None:
    assert receive("").model_dump(mode="json") == {
        "issuer": None, "number": None, "place": None, "issued_on": None, "subject": None,
        "recipients": [], "grounds": [], "tasks": [], "deadlines": [], "targets": [], "links": [],
        "obligations": [], "copies_to": [], "signer": {"capacity": [], "name": None},
    }  # fmt: skip


@pytest.mark.parametrize(
    "piece", ["ngày ", "của ", "a.", "- x\n", "1. Phòng Y tế, ", "Kính gửi: ", "[](", "trước 15 giờ "]
)
def test_a_monotonous_text_is_read_to_its_end(piece: str) -> None:
    end = "\nNơi nhận:\n- Lưu: VT.\nCHỦ TỊCH\n"
    assert receive(piece * (60_000 // len(piece)) + end).signer.capacity == ("CHỦ TỊCH",)


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        ("", "ngày 1 tháng 1 năm 2026 "),
        ("", "báo cáo trước 15h00 ngày 5 tháng 1 năm 2026 "),
        ("ngày 5 tháng ", "…"),
        ("ngày ", "_"),
        ("Kính gửi: A.\n\n1. A báo cáo ", "thứ 6 "),
        ("Kính gửi: A.\n\n1. A báo cáo ", "hàng tuần "),
        ("1. A trước ", "5% 7% "),
        ("", "Điều 1. "),
    ],
)
def test_a_long_text_without_a_line_end_is_read_to_its_end(before: str, piece: str) -> None:
    end = "\nNơi nhận:\n- Lưu: VT.\nCHỦ TỊCH\n"
    # Where a step looks at the whole text for each of its words, this takes hours.
    assert receive((before + piece * 150_000)[:150_000] + end).signer.capacity == ("CHỦ TỊCH",)


@pytest.mark.parametrize(
    ("said", "cadence", "time", "weekday", "on"),
    [
        ("báo cáo trước 15 giờ hàng ngày", "daily", "15:00", None, None),
        ("báo cáo trước 10 giờ thứ 6 hàng tuần", "weekly", "10:00", 5, None),
        ("báo cáo hằng tuần vào thứ sáu", "weekly", None, 5, None),
        ("gửi danh sách chậm nhất 16h30 ngày 5/9", "once", "16:30", None, date(2020, 9, 5)),
        ("hoàn thành trước ngày 30/8/2020", "once", None, None, date(2020, 8, 30)),
        ("nộp bài chậm nhất là 17:00, ngày 02 tháng 9 năm 2020", "once", "17:00", None, date(2020, 9, 2)),
        ("gửi về trước 8g15 chủ nhật hằng tuần", "weekly", "08:15", 7, None),
        ("báo cáo trước ngày 31/02/2021", "once", None, None, None),
        ("gửi kết quả trước ngày 05/01", "once", None, None, date(2020, 1, 5)),
    ],
)
def test_a_deadline_says_its_cadence_time_and_day(
    said: str, cadence: str, time: str | None, weekday: int | None, on: date | None
) -> None:
    text = f"Tân An, ngày 20 tháng 6 năm 2020\n\nKính gửi: UBND các xã.\n\n1. UBND các xã {said}.\n"
    (deadline,) = receive(text).deadlines
    assert deadline.who == ("UBND các xã",)
    assert (deadline.cadence, deadline.time, deadline.weekday, deadline.on) == (cadence, time, weekday, on)


@pytest.mark.parametrize(
    "said",
    [
        "phát trên loa vào 17 giờ hàng ngày và ghi sổ",
        "thực hiện Công văn số 5/UBND ngày 1/2/2020",
        "treo băng rôn từ ngày 1/7 đến hết ngày 31/7/2020",
        "nhắc người dân theo dõi sức khỏe hàng ngày",
        "báo cáo hàng tháng",
    ],
)
def test_what_limits_nothing_is_no_deadline(said: str) -> None:
    assert receive(f"Kính gửi: UBND các xã.\n\n1. UBND các xã {said}.\n").deadlines == ()


def test_a_december_letter_that_asks_for_january_means_the_next() -> None:
    text = "Tân An, ngày 20 tháng 12 năm 2020\n\nKính gửi: UBND xã.\n\n1. UBND xã gửi kết quả trước ngày 05/01.\n"
    assert receive(text).deadlines[0].on == date(2021, 1, 5)
