"""Staff entries win over what ships, and only what a voice can say gets in."""

from __future__ import annotations

from collections import defaultdict

import pytest

from audio.reading import Entry, Lexicon, read_aloud
from broadcast.errors import Invalid


def test_a_staff_entry_wins_over_the_shipped_one_and_answers_the_doubt() -> None:
    own = Lexicon.shipped().with_entries([("Bluezone", "lá chắn xanh", "brand"), ("QXZ", "quỹ xóa nghèo", "term")])
    heard = read_aloud("Cài bluezone, gặp QXZ", lexicon=own)
    assert heard.text == "Cài lá chắn xanh, gặp quỹ xóa nghèo."
    assert heard.doubts == ()
    assert read_aloud("Cài Bluezone").text == "Cài bờ lu dôn."


def test_a_staff_entry_of_several_words_is_found_as_a_whole() -> None:
    own = Lexicon.shipped().with_entries([("hội quán Ba Sao", "hội quán ba ngôi sao", "word")])
    assert read_aloud("Họp ở Hội quán Ba Sao.", lexicon=own).text == "Họp ở hội quán ba ngôi sao."


WITH_NUMBERS = Lexicon.shipped().with_entries(
    [("4G", "bốn gờ", "term"), ("5K", "năm ca", "term"), ("3 không", "ba không", "word"), ("2 chiều", "đôi", "word")]
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Mạng 4G phủ cả xã.", "Mạng bốn gờ phủ cả xã."),
        ("Thực hiện 5K và 3 Không.", "Thực hiện năm ca và ba không."),
        ("Đường 2 chiều, cầu 12 chiều.", "Đường đôi, cầu mười hai chiều."),
        ("4G (5k)", "Bốn gờ, năm nghìn."),  # a short form is found as it is written
        ("Tốc độ 1.4G", read_aloud("Tốc độ 1.4G").text),
        ("Có 24G và 4Gb.", read_aloud("Có 24G và 4Gb.").text),
        ("Ngày 4/5/2026, 4 giờ.", read_aloud("Ngày 4/5/2026, 4 giờ.").text),
    ],
)
def test_a_staff_entry_may_begin_with_a_number_and_touches_no_other_number(written: str, said: str) -> None:
    assert read_aloud(written, lexicon=WITH_NUMBERS).text == said


def test_a_staff_entry_of_figures_alone_is_left_to_the_rules() -> None:
    own = Lexicon.shipped().with_entries([("113", "cảnh sát", "word")])
    assert read_aloud("Gọi 113.", lexicon=own).text == read_aloud("Gọi 113.").text


def test_an_entry_holds_only_in_its_context() -> None:
    own = Lexicon.shipped().with_entries([Entry("XY", "xóm yên", "place", before=frozenset({"tại"}))])
    assert read_aloud("Họp tại XY", lexicon=own).text == "Họp tại xóm yên."
    assert read_aloud("Họp với XY", lexicon=own).doubts[0].kind == "capitals"


@pytest.mark.parametrize("spoken", ["", "  ", "covid 19", "a@b", "…", "một/hai", "😀"])
def test_a_reading_no_voice_can_say_is_refused_with_words(spoken: str) -> None:
    with pytest.raises(Invalid, match="chỉ được gồm chữ"):
        Lexicon.shipped().with_entries([("ABC", spoken, "term")])


def test_a_reading_in_capitals_is_kept_in_small_letters() -> None:
    own = Lexicon.shipped().with_entries([("QXZ", "QUỸ  Xóa nghèo.", "term")])
    assert read_aloud("gặp QXZ", lexicon=own).text == "Gặp quỹ Xóa nghèo."


def test_a_word_of_the_staff_changes_no_other_short_form() -> None:
    shipped = Lexicon.shipped()
    own = shipped.with_entries([("QXZ", "quỹ xóa nghèo", "term")])
    assert own.sectors == shipped.sectors
    assert own.codes == {**shipped.codes, "QXZ": "quỹ xóa nghèo"}
    assert read_aloud("Đ-KT.UBND, DS-ND", lexicon=own) == read_aloud("Đ-KT.UBND, DS-ND")


def test_the_shipped_lexicon_is_read_once_and_not_changed_by_staff_entries() -> None:
    before = Lexicon.shipped()
    before.with_entries([("QXZ", "quỹ", "term")])
    assert Lexicon.shipped() is before
    assert "QXZ" not in before.exact


def hides(first: Entry, other: Entry) -> bool:
    """Does `first`, asked before `other`, hold wherever `other` does?"""
    looser = all(
        not asked or (wanted and wanted <= asked)
        for asked, wanted in ((first.before, other.before), (first.after, other.after), (first.near, other.near))
    )
    as_bare = bool(first.before or first.after) == bool(other.before or other.after)
    as_short = first.kind == other.kind or not other.written.endswith(".")
    return looser and as_bare and as_short and (other.kind != "sector" or first.kind == "sector")


def test_no_reading_that_ships_is_hidden_by_an_earlier_one() -> None:
    shipped = Lexicon.shipped()
    found: dict[str, list[Entry]] = defaultdict(list)
    for group in (*shipped.exact.values(), *shipped.folded.values()):
        for entry in group:
            found[entry.written.lower() if entry.any_case else entry.written].append(entry)
    hidden = [
        (earlier, entry)
        for entries in found.values()
        for at, entry in enumerate(entries)
        for earlier in entries[:at]
        if earlier.any_case == entry.any_case and hides(earlier, entry)
    ]
    assert hidden == []
