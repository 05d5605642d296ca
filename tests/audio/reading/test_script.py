"""What is no Vietnamese script is refused before any reading, with a sentence that says what would be right."""

from __future__ import annotations

import unicodedata

import pytest

from audio.reading.script import LONGEST_SCRIPT, refuse_unreadable
from broadcast.errors import Invalid, TooLarge

ORDINARY = "Ủy ban nhân dân xã thông báo lịch thu gom rác vào thứ Ba và thứ Sáu hàng tuần."


@pytest.mark.parametrize(
    "script",
    [
        ORDINARY,
        unicodedata.normalize("NFD", ORDINARY),
        "\u202b" + ORDINARY + "\u200b",
        "Tải app VNeID, Zalo, Facebook và YouTube để xem bản tin mới nhất của xã.",
        "Xin chao ba con, sang nay xa ta hop dan luc bay gio tai nha van hoa.",
        "UBND XÃ THÔNG BÁO",
        "Gọi 114",
        "15/8",
        ORDINARY + " 🎉🎉🎉",
        "Gọi \x00 114",
    ],
)
def test_a_vietnamese_script_is_let_through(script: str) -> None:
    refuse_unreadable(script)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("", "để trống"),
        (" \n\t ", "để trống"),
        ("... !!! ---", "chỉ có dấu câu"),
        ("🎉🎉🎉", "chỉ có dấu câu"),
        ("\u202e\u200b", "chỉ có dấu câu"),
        ("我们今天下午三点开会，请大家准时参加。", "chữ Hán"),
        ("Сегодня в три часа дня состоится собрание жителей.", "chữ Nga"),
        ("The people of the commune are invited to the meeting this afternoon at the hall.", "không phải tiếng Việt"),
        ("Uû ban nh©n d©n x· th«ng b¸o lÞch c¾t ®iÖn ngµy mai t¹i c¸c Êp trong x·", "TCVN3"),
        ("UÛy ban nhaân daân xaõ thoâng baùo lòch caét ñieän ngaøy mai taïi caùc aáp", "VNI"),
        ("Uû ban nh©n d©n x· th«ng b¸o", "Uỷ ban nhân dân xã thông báo"),
        ("á»¦y ban nhÃ¢n dÃ¢n xÃ£", "Ủy ban nhân dân xã"),
        ("\x00\x01\x02PNG\x00\x03\x04abc\x00\x00", "dữ liệu của một tệp khác"),
    ],
)
def test_what_is_no_script_is_refused_in_words(script: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_unreadable(script)
    assert says in refused.value.message_vi
    assert refused.value.field == "script"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Mời họp 我们今天 下午 三点 开会", "Phần lớn nội dung viết bằng chữ Hán (“我们今天”), không phải tiếng Việt."),
        ("Xin chào 新年好 明けまして おめでとう", "chữ Hán (“新年好”) và chữ Nhật (“明けまして”), không"),
        (
            "Họp 新年好 Привет всем друзья ありがとう",
            "chữ Hán (“新年好”), chữ Nga (“Привет”) và chữ Nhật (“ありがとう”),",
        ),
        ("今天开会。 Привет всем.", "Nội dung viết bằng chữ Hán và chữ Nga, không phải tiếng Việt."),
        ("カタカナ テスト です", "Nội dung viết bằng chữ Nhật, không"),
        ("안녕하세요 여러분", "Nội dung viết bằng chữ Hàn, không"),
        ("Γειά σου κόσμε", "Nội dung viết bằng một thứ chữ khác, không"),
    ],
)
def test_each_script_is_named_for_what_it_is(script: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_unreadable(script)
    assert told in refused.value.message_vi


def test_a_few_words_in_another_script_are_no_reason_to_refuse_the_rest() -> None:
    refuse_unreadable("Xin chào đoàn khách 新年好 và おはよう từ nước bạn.")


def test_a_script_that_is_too_long_is_refused_with_both_figures() -> None:
    with pytest.raises(TooLarge) as refused:
        refuse_unreadable("a " * LONGEST_SCRIPT)
    assert "120.000 ký tự" in refused.value.message_vi
    assert "60.000 ký tự" in refused.value.message_vi
