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


@pytest.mark.parametrize(
    ("written", "said", "doubted", "words"),
    [
        ("Gọi {điện thoại ngay.", "Gọi điện thoại ngay.", "{điện", "Dấu ngoặc nhọn chưa đóng"),
        ("Mời { xã bà con.", "Mời xã bà con.", "{ xã", "Dấu ngoặc nhọn chưa đóng"),
        ("Mời {", "Mời.", "{", "Dấu ngoặc nhọn chưa đóng"),
        ("Mời bà con xã} họp.", "Mời bà con xã họp.", "xã}", "Dấu ngoặc nhọn chưa mở"),
        ("Mời { } họp.", "Mời họp.", "{ }", "Dấu ngoặc nhọn viết thừa"),
        ("Mời {} họp.", "Mời họp.", "{}", "Dấu ngoặc nhọn viết thừa"),
        ("Mời {{xã}} họp.", "Mời họp.", "{{xã}}", "Dấu ngoặc nhọn viết thừa"),
        ("Mời {xã}} họp.", "Mời họp.", "{xã}}", "Dấu ngoặc nhọn viết thừa"),
    ],
)
def test_a_slip_with_braces_is_a_doubt_with_its_place(written: str, said: str, doubted: str, words: str) -> None:
    spoken = read_aloud(f"Kính thưa bà con.\n{written}")
    assert spoken.text == f"Kính thưa bà con.\n{said}"
    (doubt,) = spoken.doubts
    assert (doubt.written, doubt.line, doubt.column) == (doubted, 2, written.index(doubted) + 1)
    assert doubt.message.startswith(words)


def test_a_brace_hides_no_doubt_about_the_word_behind_it() -> None:
    assert [doubt.written for doubt in read_aloud("Gọi {UBQZ ngay.").doubts] == ["{UBQZ", "UBQZ"]
    assert {doubt.written for doubt in read_aloud("Gọi UBQZ} ngay.").doubts} == {"UBQZ", "UBQZ}"}
