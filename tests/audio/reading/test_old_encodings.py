"""Text in an old encoding is read as what was meant, and staff are told; what is Vietnamese already is left alone."""

from __future__ import annotations

import pytest

from audio.reading import ReadingSettings, read_aloud
from audio.reading.old_encodings import TCVN3, VNI, WESTERN, put_right

ORDINARY = "Ủy ban nhân dân xã thông báo lịch tiêm vắc xin, mời bà con đúng giờ"


@pytest.mark.parametrize(
    ("written", "meant", "encoding"),
    [
        ("§Þa ®iÓm tiªm: nhµ v¨n hãa th«n 5", "Địa điểm tiêm: nhà văn hóa thôn 5", TCVN3),
        ("B¸o c¸o tr­íc ngµy 15/8", "Báo cáo trước ngày 15/8", TCVN3),
        ("Ñeà nghò baø con khoâng ñoát raùc", "Đề nghị bà con không đốt rác", VNI),
        ("ÑAØI TRUYEÀN THANH XAÕ", "ĐÀI TRUYỀN THANH XÃ", VNI),
        (ORDINARY.encode().decode("latin-1"), ORDINARY, WESTERN),
        ("Mời bà con đến họp".encode().decode("latin-1"), "Mời bà con đến họp", WESTERN),
    ],
)
def test_a_line_in_an_old_encoding_is_put_right(written: str, meant: str, encoding: str) -> None:
    assert put_right(written) == (meant, encoding)


@pytest.mark.parametrize(
    "script",
    [
        ORDINARY,
        "Xã Tân Hà có ba tổ",
        "xã ta có nhà kho, bà con cùng lên dò mìn",
        "café à la carte",
        "5µg ở 37°C, 20m² và ½ lít",
        "Nguyên tắc «ba không»",
        "",
    ],
)
def test_other_text_is_left_alone(script: str) -> None:
    assert put_right(script) == (script, "")


def test_a_line_with_one_strange_word_goes_with_the_surer_lines_around_it() -> None:
    written = "Céng hoµ x· héi chñ nghÜa ViÖt Nam\nsè 12\nxin nghe"
    assert put_right(written)[0] == "Cộng hoà xã hội chủ nghĩa Việt Nam\nsố 12\nxin nghe"


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_of_two_encodings_as_frequent_the_first_tells_of_the_unsure_lines(first: int, second: int) -> None:
    sure = ("Uû ban nh©n d©n x· th«ng b¸o", "UÛy ban nhaân daân xaõ thoâng baùo")
    tidied, encoding = put_right(f"{sure[first]}\nsè 12\n{sure[second]}")
    assert encoding == (TCVN3, VNI)[first]
    assert tidied.split("\n")[1] == ("số 12", "sè 12")[first]


def test_a_line_in_which_nothing_changes_is_no_doubt_beside_lines_in_an_old_encoding() -> None:
    heard = read_aloud("Ñeà nghò baø con khoâng ñoát raùc\nquý ba")
    assert [(doubt.kind, doubt.line) for doubt in heard.doubts] == [("encoding", 1)]
    heard = read_aloud("quý ba\nÑeà nghò baø con khoâng ñoát raùc")
    assert [(doubt.kind, doubt.line) for doubt in heard.doubts] == [("encoding", 2)]


def test_only_the_lines_in_the_old_encoding_are_changed() -> None:
    written = "Kính thưa bà con.\nHäp lóc 7h30 t¹i nhµ v¨n hãa.\nXin cảm ơn."
    heard = read_aloud(written)
    assert heard.text == ("Kính thưa bà con.\nHọp lúc bảy giờ ba mươi phút tại nhà văn hóa.\nXin cảm ơn.")
    (doubt,) = heard.doubts
    assert (doubt.kind, doubt.line, doubt.column) == ("encoding", 2, 1)
    assert "TCVN3" in doubt.message
    assert "Họp lúc 7h30 tại nhà văn hóa." in doubt.message


def test_words_are_traced_to_the_characters_that_were_typed() -> None:
    written = "Ñeà nghò baø con khoâng ñoát raùc"
    (sentence,) = read_aloud(written).sentences
    assert [written[word.start : word.end] for word in sentence.words] == written.split()
    assert sentence.written == written


def test_a_line_that_staff_confirmed_is_no_doubt_any_more() -> None:
    written = "Ñeà nghò baø con khoâng ñoát raùc"
    assert read_aloud(written, settings=ReadingSettings(read_as_is=frozenset({written}))).doubts == ()


def test_entities_of_html_are_the_letters_they_stand_for() -> None:
    written = "Xin ch&agrave;o b&#224; con"
    (sentence,) = read_aloud(written).sentences
    assert sentence.spoken == "Xin chào bà con."
    assert [written[word.start : word.end] for word in sentence.words] == ["Xin", "ch&agrave;o", "b&#224;", "con"]
