"""What can be the value of a unit: one check for screens and set-up files; what is there from old files is left out."""

from __future__ import annotations

import unicodedata

import pytest

from broadcast.arrangement import closing_fault
from broadcast.unit import Unit
from broadcast.variables import MOST_VALUES, fill_in, own_values, values_fault, variables_in


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"điện thoại": "gọi {xã}"}, "“điện thoại”: giá trị không được có dấu ngoặc nhọn"),
        ({"điện thoại": "}"}, "dấu ngoặc nhọn"),
        ({"điện thoại": "0276\n3 111"}, "một dòng"),
        ({"điện thoại": "0" * 201}, "dài quá 200"),
        ({"a}b{c": "x"}, "chỉ gồm chữ"),
        ({"a|b": "x"}, "chỉ gồm chữ"),
        ({"": "x"}, "để trống"),
        ({"  ": "x"}, "để trống"),
        ({"n" * 61: "x"}, "dài quá 60"),
        ({"Điện  thoại": "1", "điện thoại": "2"}, "cùng một tên"),
        ({f"tên {number}": "x" for number in range(MOST_VALUES + 1)}, "tối đa 40"),
    ],
)
def test_what_cannot_be_a_value_is_named(values: dict[str, str], words: str) -> None:
    assert words in (values_fault(values) or "")


def test_ordinary_values_have_no_fault() -> None:
    assert values_fault({"xã": "xã An Bình", "Khẩu hiệu": "", "địa chỉ (tiếp dân)": "số 12/3, thôn 4"}) is None


def test_a_value_with_braces_from_an_old_file_counts_as_none() -> None:
    unit = Unit(variables={"điện thoại": "số {xã}", "a}b": "x", "khẩu hiệu": "Sạch làng"})
    assert own_values(unit) == {"khẩu hiệu": "Sạch làng"}


def test_a_value_is_not_filled_in_again() -> None:
    assert fill_in("Gọi {a}.", {"a": "{b}", "b": "hai"}).text == "Gọi {b}."


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("Đây là Đài truyền thanh xã {xã}.", "Đây là Đài truyền thanh thị trấn Thuận Khê."),
        ("Xã {xã} mời bà con.", "Thị trấn Thuận Khê mời bà con."),
        ("UBND XÃ {xã}", "UBND Thị trấn Thuận Khê"),
        ("tại thị  trấn {Xã}.", "tại thị trấn Thuận Khê."),
        ("ở thị xã {xã}", "ở thị trấn Thuận Khê"),
        ("Bà con xã\n{xã} ơi", "Bà con \nthị trấn Thuận Khê ơi"),
        (unicodedata.normalize("NFD", "Phường {xã}."), "Thị trấn Thuận Khê."),
        ("trong tỉnh {tên tỉnh}", "trong tỉnh Sơn Hà"),
        ("huyện {nơi nộp}", "huyện xã An Bình"),  # a place below, not the kind said twice
        ("xã {nơi nộp}", "xã An Bình"),
        ("xã {điểm họp}", "xã Đình Làng"),  # the value names no kind
        ("xã {khẩu hiệu}", "xã xã hội văn minh"),  # `xã hội` is none
        ("hợp tác xã {xã}", "hợp tác xã thị trấn Thuận Khê"),
        ("xã: {xã}", "xã: thị trấn Thuận Khê"),
        ("Bà con {xã}", "Bà con thị trấn Thuận Khê"),
    ],
)
def test_the_kind_of_unit_is_said_once(script: str, said: str) -> None:
    values = {
        "xã": "thị trấn Thuận Khê", "tên tỉnh": "Tỉnh Sơn Hà", "nơi nộp": "xã An Bình",
        "điểm họp": "Đình Làng", "khẩu hiệu": "xã hội văn minh",
    }  # fmt: skip
    assert fill_in(script, values).text == said


def test_places_in_a_filled_text_are_places_in_the_script() -> None:
    script = "Đài xã {xã}, gọi {điện thoại} nhé.\nXã {xã} mời."
    filled = fill_in(script, {"xã": "thị trấn Thuận Khê", "điện thoại": "115"})
    assert [script[start:end] for start, end in filled.replaced] == ["xã {xã}", "{điện thoại}", "Xã {xã}"]
    assert [filled.text[start:end] for start, end in filled.spans] == [
        "thị trấn Thuận Khê",
        "115",
        "Thị trấn Thuận Khê",
    ]
    for word in ("Đài", ", gọi", "nhé", "mời"):
        assert filled.origin(filled.text.index(word)) == script.index(word)
    assert filled.origin(filled.text.index("Thuận")) == script.index("xã {xã}")
    assert filled.origin(filled.text.rindex("Thị")) == script.rindex("Xã {xã}")


@pytest.mark.parametrize("slip", ["{{xã}}", "{xã}}", "{{xã}", "{ }", "{}", "{xã bà con", "xã}"])
def test_braces_that_are_doubled_empty_or_alone_are_no_variable(slip: str) -> None:
    assert variables_in(f"Mời {slip} đi họp.") == ()
    assert fill_in(f"Mời {slip} đi họp.", {"xã": "xã An Bình", "": "x"}).text == f"Mời {slip} đi họp."


@pytest.mark.parametrize("closing", [".....", " … ", "***", "!?"])
def test_a_closing_of_nothing_that_can_be_said_has_a_fault(closing: str) -> None:
    assert "không có chữ nào" in (closing_fault(closing) or "")


@pytest.mark.parametrize("closing", ["", "  ", "Xin cảm ơn!", "{xã} kính chào.", "115"])
def test_a_closing_with_words_or_none_at_all_is_fine(closing: str) -> None:
    assert closing_fault(closing) is None
