"""A name that nobody has a value for is questioned where it is near one that is known."""

from __future__ import annotations

import pytest

from broadcast.variables import USUAL, asked_back, likely_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xa", "xã"),
        ("xá", "xã"),
        ("xax", "xã"),
        ("dien thoai", "điện thoại"),
        ("điện thoai", "điện thoại"),
        ("điện thọi", "điện thoại"),
        ("điện thoạii", "điện thoại"),
        ("khẩu hiêu", "khẩu hiệu"),
        ("khẩu hiện", "khẩu hiệu"),
    ],
)
def test_a_slip_leads_to_the_name_that_was_meant(typed, meant):
    assert likely_meant(typed, USUAL) == meant
    assert asked_back(typed, USUAL) == f" (Ý bạn là {{{meant}}}?)"


@pytest.mark.parametrize("typed", ["xã", "điện thoại", "địa chỉ tiếp dân", "ga", "tổ", "xóm", "điện thoại bàn"])
def test_a_name_that_is_known_or_near_none_is_not_questioned(typed):
    assert likely_meant(typed, USUAL) is None
    assert asked_back(typed, USUAL) == ""


def test_the_same_without_marks_goes_before_one_letter_apart():
    assert likely_meant("cong bao", ["cổng báo tin", "công báo", "cong baa"]) == "công báo"


def test_a_name_that_the_unit_added_itself_is_known_too():
    assert likely_meant("tiep dan", [*USUAL, "tiếp dân"]) == "tiếp dân"
