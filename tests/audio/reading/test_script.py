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


def test_a_script_that_is_too_long_is_refused_with_both_figures() -> None:
    with pytest.raises(TooLarge) as refused:
        refuse_unreadable("a " * LONGEST_SCRIPT)
    assert "120.000 ký tự" in refused.value.message_vi
    assert "60.000 ký tự" in refused.value.message_vi
