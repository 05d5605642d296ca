"""What a dispatch orders to be aired so often is read with its days; what is only like it is left alone."""

from __future__ import annotations

from datetime import date

import pytest

from broadcast.receiving import DispatchText, receive
from broadcast.receiving.obligations import obligations_in

ISSUED = date(2020, 8, 24)

# (sentence, (at_least, per, from, until), why)
ORDERS: list[tuple[str, tuple[int | None, str | None, str | None, str | None], str]] = [
    ("Phát tối thiểu 2 lần/ngày đến hết ngày 31/8/2020.", (2, "day", None, "2020-08-31"), "the order of 2020"),
    ("phát ít nhất 03 lượt mỗi ngày từ nay đến 31/8", (3, "day", "2020-08-24", "2020-08-31"), "from the letter's date"),
    ("ít nhất 03 lượt mỗi ngày từ nay đến 31/8", (3, "day", "2020-08-24", "2020-08-31"), "a phrase alone"),
    ("Phát từ 3 đến 5 lần/ngày.", (3, "day", None, None), "the lower of two is owed"),
    ("Đẩy mạnh thời lượng, phát từ 3-5 lần/ngày.", (3, "day", None, None), "a dash between them"),
    ("Phát thông điệp ngày 02 lần (sáng, chiều).", (2, "day", None, None), "ngày before the figure"),
    ("Tuyên truyền trên loa mỗi ngày hai lần.", (2, "day", None, None), "a number in a word"),
    ("Phát không dưới 60 lượt trong tháng 8/2020.", (60, "total", "2020-08-01", "2020-08-31"), "a month as a whole"),
    ("Phát không dưới 60 lượt trong tháng 9.", (60, "total", "2020-09-01", "2020-09-30"), "a month without a year"),
    ("Phát tối thiểu 20 lượt từ ngày 25/8 đến ngày 05/9.", (20, "total", "2020-08-25", "2020-09-05"), "in all"),
    ("Phát thanh 03 (ba) lần/ngày.", (3, "day", None, None), "said twice"),
    ("Phát thông báo 2 lần / 01 ngày đến hết tháng 8.", (2, "day", None, "2020-08-31"), "until the end of a month"),
    ("Phát bài tuyên truyền 2 lần/ngày từ 24 đến 31/8/2020.", (2, "day", "2020-08-24", "2020-08-31"), "one month said"),
    ("Phát 2 lần/ngày từ ngày 24/8 đến hết ngày 31/8/2020.", (2, "day", "2020-08-24", "2020-08-31"), "one year said"),
    ("Phát 3 lần mỗi ngày từ 20/12 đến 10/01/2021.", (3, "day", "2020-12-20", "2021-01-10"), "over New Year"),
    ("Phát 2 lần/ngày đến hết ngày 05/01.", (2, "day", None, "2021-01-05"), "January of the next year"),
    ("Phát 2 lượt/ngày đến ngày 31 tháng 8 năm 2020.", (2, "day", None, "2020-08-31"), "the long form"),
    ("Phát 2 lượt/ngày đến hết ngày 31.8.2020.", (2, "day", None, "2020-08-31"), "dots"),
    ("Tiếp sóng chương trình mỗi ngày ít nhất một lần.", (1, "day", None, None), "at least once"),
    ("mỗi ngày phát thông báo 3 lần", (3, "day", None, None), "the verb between"),
    ("Cập nhật tin bài 2 lần/ngày trên hệ thống loa.", (2, "day", None, None), "what follows says that it is aired"),
    ("Phát audio “Rửa tay đúng cách” (gửi kèm) tối thiểu 03 lượt/ngày.", (3, "day", None, None), "asides are no verbs"),
    ("Phát nhiều lần trong ngày đến hết ngày 31/8.", (None, "day", None, "2020-08-31"), "how many is not said"),
    ("Phát tối thiểu 5 lần.", (5, None, None, None), "in which time is not said"),
    ("Bắt đầu từ ngày 25/8, phát mỗi ngày 2 lần.", (2, "day", "2020-08-25", None), "no end"),
    (
        "Phát thông điệp 2 lần/ngày. Thời gian từ nay đến hết ngày 31/8/2020.",
        (2, "day", "2020-08-24", "2020-08-31"),
        "the days in a sentence of their own",
    ),
    ("Phát thông điệp trên loa.\n- Ít nhất 02 lần/ngày.", (2, "day", None, None), "the verb of the line above"),
    ("Phát thông điệp 2 lần/ngày đến hết ngày 31/02/2020.", (2, "day", None, None), "a day that does not exist"),
]

LOOK_ALIKES = [
    ("Mít tinh kỷ niệm ngày 2/9 trên toàn huyện.", "a date"),
    ("Tiêm đủ 2 lần tiêm cho đàn gia súc.", "injections"),
    ("Báo cáo 1 lần/ngày về UBND huyện.", "reporting"),
    ("Phát thông điệp và báo cáo kết quả 2 lần/ngày.", "the nearest verb counts"),
    ("Đo mặn 4 lần/ngày, thông tin kịp thời.", "measuring"),
    ("Uống 2 viên, 2 lần/ngày.", "medicine"),
    ("Khử trùng chuồng trại 1-2 lần/ngày bằng vôi bột.", "disinfection"),
    ("Thông báo 02 lần/ngày cho Trung tâm để phát thanh.", "told to those who air"),
    ("Phát không quá 2 lần/ngày.", "an upper limit"),
    ("Phát tối đa 3 lượt mỗi ngày.", "an upper limit"),
    ("Trong tuần qua đã phát 3 lần/ngày trên loa.", "it is past"),
    ("Phát 3 lần/tuần vào thứ hai, thứ tư, thứ sáu.", "a week has no place in the shape"),
    ("Phát 2 lần/buổi.", "nor has a session"),
    ("Nhắc lại 3 lần, mỗi lần cách nhau 10 phút.", "repetitions of one airing"),
    ("Tổ chức dạy học 2 buổi/ngày.", "school"),
    ("Phát 1.000 tờ rơi mỗi ngày.", "leaflets"),
    ("Mức phạt 0,03%/ngày.", "a rate"),
    ("Phát hiện 2 lần/ngày có người lạ.", "phát hiện is to discover"),
    ("Rửa tay với xà phòng ít nhất 6 lần mỗi ngày.", "hands"),
    ("Phát lần thứ 2 vào ngày 25/8.", "an ordinal"),
    ("Bản tin số 2 phát lúc 17 giờ 15 mỗi ngày.", "a time, no number of times"),
]


@pytest.mark.parametrize(("sentence", "expected", "why"), ORDERS, ids=[why for _, _, why in ORDERS])
def test_an_order_is_read(sentence: str, expected: tuple[object, ...], why: str) -> None:
    read = [one.model_dump(mode="json") for one in obligations_in([sentence], issued_on=ISSUED)]
    assert [(one["at_least"], one["per"], one["from"], one["until"]) for one in read] == [expected], why


@pytest.mark.parametrize(("sentence", "why"), LOOK_ALIKES, ids=[why for _, why in LOOK_ALIKES])
def test_what_is_only_like_an_order_is_left_alone(sentence: str, why: str) -> None:
    assert obligations_in([sentence], issued_on=ISSUED) == (), why


def test_without_the_date_of_the_letter_no_year_is_guessed() -> None:
    [one] = obligations_in(["Phát 2 lần/ngày từ nay đến hết ngày 31/8."], issued_on=None)
    assert (one.from_on, one.until_on) == (None, None)
    [said] = obligations_in(["Phát 2 lần/ngày đến hết ngày 31/8/2020."], issued_on=None)
    assert said.until_on == date(2020, 8, 31)


def test_the_words_of_the_order_are_kept_and_one_said_twice_is_one() -> None:
    texts = ["Các xã phát thông điệp 2 lần/ngày.", "- Các xã phát thông điệp 2 lần/ngày."]
    assert [one.text for one in obligations_in(texts, issued_on=ISSUED)] == ["Các xã phát thông điệp 2 lần/ngày"]


def test_each_figure_of_a_sentence_is_one() -> None:
    text = "Phát thông điệp trên loa ở phường 3 lần/ngày, ở xã 5 lần/ngày."
    assert [one.at_least for one in obligations_in([text], issued_on=ISSUED)] == [3, 5]


def test_a_whole_letter_names_what_it_orders_and_comes_back_from_its_json() -> None:
    letter = (
        "UBND HUYỆN SÔNG LAM\nSố: 953/UBND-VP\nSông Lam, ngày 24 tháng 8 năm 2020\n\nKính gửi: UBND các xã.\n\n"
        "Căn cứ Công văn số 3108/BTTTT-TTCS về việc phát 5 lần/ngày, UBND huyện yêu cầu:\n\n"
        "1. Các xã phát thông điệp tối thiểu 2 lần/ngày đến hết ngày 31/8.\n\n"
        "2. Báo cáo kết quả 1 lần/ngày trước 15 giờ."
    )
    read = receive(letter)
    assert [one["until"] for one in read.model_dump(mode="json")["obligations"]] == ["2020-08-31"]
    assert read.obligations[0].at_least == 2
    assert DispatchText.model_validate(read.model_dump(mode="json")) == read


@pytest.mark.parametrize(
    "piece", ["mỗi ngày ", "phát 2 lần/ngày ", "nhiều lần trong ngày ", "(phát ", "đến hết ngày 31/8 "]
)
def test_a_monotonous_text_is_read_in_no_time(piece: str) -> None:
    assert len(obligations_in([piece * (100_000 // len(piece))], issued_on=ISSUED)) <= 1
