"""A place that nobody filled in is told to staff and never said."""

from __future__ import annotations

import pytest

from audio.reading import read_aloud


@pytest.mark.parametrize("left", ["{xã}", "{họ tên}", "{ Họ  tên }"])
def test_a_place_left_over_in_braces_is_a_doubt_and_is_not_said(left: str) -> None:
    spoken = read_aloud(f"Mời bà con {left} đi họp.")
    assert spoken.text == "Mời bà con đi họp."
    (doubt,) = spoken.doubts
    assert (doubt.kind, doubt.written) == ("blank", left)
