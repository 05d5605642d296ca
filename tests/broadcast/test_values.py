"""What can be the value of a unit: one check for screens and set-up files; what is there from old files is left out."""

from __future__ import annotations

import pytest

from broadcast.arrangement import closing_fault
from broadcast.unit import Unit
from broadcast.variables import MOST_VALUES, fill_in, own_values, values_fault


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


@pytest.mark.parametrize("closing", [".....", " … ", "***", "!?"])
def test_a_closing_of_nothing_that_can_be_said_has_a_fault(closing: str) -> None:
    assert "không có chữ nào" in (closing_fault(closing) or "")


@pytest.mark.parametrize("closing", ["", "  ", "Xin cảm ơn!", "{xã} kính chào.", "115"])
def test_a_closing_with_words_or_none_at_all_is_fine(closing: str) -> None:
    assert closing_fault(closing) is None
