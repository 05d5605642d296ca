"""What is not said: signs and letters of others, told to staff with their place; markers of lists without a word."""

from __future__ import annotations

import pytest

from audio.reading import read_aloud


def unsaid(script: str) -> list[str]:
    return [doubt.written for doubt in read_aloud(script).doubts if doubt.kind == "unreadable"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Chúc mừng 🎉 năm mới ❤️ nhé.", ["🎉", "❤️"]),
        ("Vui 🎉, rất vui 🎉, vui lắm 🎉🎉.", ["🎉"]),
        ("Vui 🎉🎉🎉 nhé, mừng 🎊🎉 nhé.", ["🎉🎉🎉", "🎊🎉"]),
        ("Xin chào 👍🏽 bà con", ["👍🏽"]),
        ("Cờ 🇻🇳 bay", ["🇻🇳"]),
        ("Mời bà con ✅ đi họp ★.", ["✅", "★"]),
        ("Mời bà con đi họp! 🎉", ["🎉"]),
        ("Mời bà con.\n🎉🎉🎉\nXin cảm ơn.", ["🎉🎉🎉"]),
        ("Từ ấp 1 ➡ ấp 2", ["➡"]),
    ],
)
def test_a_picture_in_the_text_is_told_once_for_each_form(script: str, told: list[str]) -> None:
    assert unsaid(script) == told
    assert all("bị bỏ qua" in doubt.message for doubt in read_aloud(script).doubts)


@pytest.mark.parametrize("marker", ["✅", "➡", "👉", "▶", "★", "📢", "🔥🔥", "👉🏽", "▶️", "✅ -", "❖", "☐"])
def test_a_picture_at_the_head_of_a_line_is_its_marker(marker: str) -> None:
    heard = read_aloud(f"Nội dung họp:\n{marker} Bàn việc thu rác\n{marker} Bàn việc đường điện")
    assert heard.text == "Nội dung họp:\nBàn việc thu rác.\nBàn việc đường điện."
    assert heard.doubts == ()


def test_a_picture_behind_the_number_of_an_item_is_a_marker_too() -> None:
    heard = read_aloud("1. 👉 Thu rác\n- ✅ Sửa đường\na) ★ Họp dân")
    assert heard.text == "Một, Thu rác.\nSửa đường.\nA, Họp dân."
    assert heard.doubts == ()


@pytest.mark.parametrize("sign", ["©", "®", "™"])
def test_a_sign_of_rights_is_no_word_and_no_doubt(sign: str) -> None:
    for script in (f"Hãng May{sign} của xã", f"Hãng\u200b May{sign} của xã"):
        heard = read_aloud(script)
        assert heard.text == "Hãng May của xã."
        assert heard.doubts == ()


def test_a_number_in_a_circle_and_a_squared_unit_are_read_as_they_are_in_any_text() -> None:
    assert read_aloud("① Nhà 5㎡, gạo 3㎏").text == "Một Nhà năm mét vuông, gạo ba ki lô gam."


@pytest.mark.parametrize(
    ("script", "said", "told"),
    [
        ("Cầu tṛo mới", "Cầu trô mới.", "tṛo"),
        ("Chị Muñoz đến", "Chị mu nốt đến.", "Muñoz"),
        ("Anh Petrović đến", "Anh pe trô vít đến.", "Petrović"),
        ("Phố Straße dài", "Phố sờ trê dài.", "Straße"),
    ],
)
def test_a_letter_that_is_not_ours_becomes_its_base_and_is_doubted(script: str, said: str, told: str) -> None:
    heard = read_aloud(script)
    assert heard.text == said
    assert [(doubt.kind, doubt.written) for doubt in heard.doubts] == [("not_a_syllable", told)]
