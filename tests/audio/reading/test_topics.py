"""A short form that no neighbour tells is told by what the sentence is about, failing it by the whole text."""

from __future__ import annotations

import pytest

from audio.reading import read_aloud
from audio.reading.lexicon import read_table
from audio.reading.topics import topics_of


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Mang theo sổ khám bệnh, XN kèm theo.", "xét nghiệm"),
        ("Mất nước tại ấp 2, XN đang sửa đường ống.", "xí nghiệp"),
        ("Cử tri đi bầu cử sớm, BC trước 9h.", "bầu cử"),
        ("Hộ vay tín dụng tại ngân hàng, LS theo quy định.", "lãi suất"),
        ("Thăm thương binh, thân nhân LS.", "liệt sĩ"),
        ("Mỗi em học sinh lớp 6 có mã riêng, HS giữ kín.", "học sinh"),
        ("Bộ phận một cửa tiếp nhận, HS đúng hạn.", "hồ sơ"),
    ],
)
def test_the_topic_of_the_sentence_tells_a_meaning(written: str, said: str) -> None:
    assert said in read_aloud(written).text


def test_where_the_sentence_is_silent_the_text_tells() -> None:
    heading = "Thông báo của bộ phận một cửa về thủ tục hành chính, trả kết quả đúng hạn"
    assert "hồ sơ" in read_aloud(f"{heading}\nHS 12 bộ.").text.lower()
    assert "học sinh" in read_aloud("HS 12 bộ.").text.lower()


def test_words_that_tell_nothing_are_about_nothing() -> None:
    assert topics_of("Kính thưa bà con") == frozenset()
    assert topics_of("Bệnh nhân sốt cao cần đến bệnh viện") == {"health"}


def test_every_topic_that_a_meaning_asks_for_is_in_the_table() -> None:
    known = {row["topic"] for row in read_table("topics.csv")}
    asked = {
        part[2:]
        for name in ("topic_meanings.csv", "ambiguous.csv")
        for row in read_table(name)
        for part in f"{row['before']}|{row['after']}".split("|")
        if part.startswith("~@")
    }
    assert asked
    assert asked <= known
