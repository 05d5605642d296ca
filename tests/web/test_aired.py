"""What an approved sound says beside what would be said now: sentence beside sentence, with the words that differ."""

from __future__ import annotations

from web.bulletins.aired import Aired, paired


def test_sentences_that_changed_stand_beside_what_they_became():
    said = ["Trường học theo vê nen.", "Mời bà con đi họp ở vê nen.", "Gọi số một."]
    anew = ["Trường học theo vê ne.", "Xin nhắc lại một lần nữa.", "Mời bà con đi họp ở vê ne.", "Gọi số một hai."]
    assert list(paired(said, anew)) == [
        Aired(said[0], anew[0]),
        Aired("", anew[1]),
        Aired(said[1], anew[2]),
        Aired(said[2], anew[3]),
    ]
    assert list(paired(anew, said))[1] == Aired(anew[1], "")


def test_as_many_sentences_as_before_are_paired_in_order():
    assert list(paired(["Một.", "Hai."], ["Ba.", "Bốn."])) == [Aired("Một.", "Ba."), Aired("Hai.", "Bốn.")]


def test_words_that_differ_are_marked_on_both_sides_and_nothing_is_lost():
    pair = Aired("Mời bà con đến trường vê nen lúc bảy giờ.", "Mời bà con đến trường vê e ne lúc bảy giờ.")
    assert "".join(run.text for run in pair.before) == pair.said
    assert "".join(run.text for run in pair.after) == pair.anew
    assert [run.text.strip() for run in pair.before if run.differs] == ["nen"]
    assert [run.text.strip() for run in pair.after if run.differs] == ["e ne"]
