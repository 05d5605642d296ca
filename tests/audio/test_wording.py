"""What staff type becomes an entry that the reader finds and a voice can say, or is refused in words that help."""

from __future__ import annotations

import unicodedata

import pytest

from audio.reading.lexicon import WORD_KINDS
from audio.wording import worded
from broadcast.errors import Invalid
from broadcast.lexicon_entry import Kind


def test_case_counts_for_the_same_kinds_here_and_in_the_reader() -> None:
    assert {kind.value for kind in Kind if kind.any_case} <= WORD_KINDS
    assert not {kind.value for kind in Kind if not kind.any_case} & WORD_KINDS


@pytest.mark.parametrize(
    ("written", "spoken", "kept"),
    [
        ("VNEN", "vê nen", ("VNEN", "vê nen")),
        ("  VTV   Huế ", " vê tê vê  Huế ", ("VTV Huế", "vê tê vê Huế")),
        ("tổ\u200b dân\nphố", "tổ dân phố", ("tổ dân phố", "tổ dân phố")),
        (unicodedata.normalize("NFD", "Đắk R’Lấp"), "đắc rờ lấp", ("Đắk R'Lấp", "đắc rờ lấp")),
        ("\u202eABC", "a bê xê", ("ABC", "a bê xê")),
        ("ＵＢＮＤ", "ủy ban", ("UBND", "ủy ban")),
        ("VHTT&DL", "văn hoá,thể thao và du lịch", ("VHTT&DL", "văn hoá, thể thao và du lịch")),
        ("TP.", "thành phố", ("TP.", "thành phố")),
        ("5G", "năm giê", ("5G", "năm giê")),
        ("2 chiều", "hai chiều", ("2 chiều", "hai chiều")),
    ],
)
def test_what_was_typed_is_tidied_as_the_reader_compares_it(written: str, spoken: str, kept: tuple[str, str]) -> None:
    wording = worded(written, spoken, "term")
    assert (wording.written, wording.spoken) == kept


@pytest.mark.parametrize(
    ("written", "spoken", "kind", "field", "told"),
    [
        ("", "một", "word", "written", "Hãy viết chữ"),
        (" \u200b\n", "một", "word", "written", "Hãy viết chữ"),
        ("a" * 101, "an", "word", "written", "dài quá 100 ký tự"),
        ("a" * 5_000, "an", "word", "written", "dài quá 100 ký tự"),
        ("<b>x</b>", "ích", "word", "written", "không nhận ra"),
        ("<script>alert(1)</script>", "ích", "term", "written", "không nhận ra"),
        ("😀", "cười", "word", "written", "không nhận ra"),
        ("24/7", "suốt ngày đêm", "word", "written", "không nhận ra"),
        ("113", "một một ba", "word", "written", "có ít nhất một chữ cái"),
        ("12.000", "mười hai nghìn", "term", "written", "không nhận ra"),
        ("wifi", "", "foreign", "spoken", "Hãy viết cách đọc"),
        ("wifi", "oai 5", "foreign", "spoken", "viết số và ký hiệu thành chữ"),
        ("wifi", "<b>oai</b>", "foreign", "spoken", "chỉ được gồm chữ"),
        ("wifi", "😀", "foreign", "spoken", "chỉ được gồm chữ"),
        ("wifi", "y" * 5_000, "foreign", "spoken", "dài quá 400 ký tự"),
        ("wifi", "y" * 300, "foreign", "spoken", "Giọng đọc không đọc được"),
        ("wifi", "wifi", "foreign", "spoken", "Ví dụ: “oai phai”"),
        ("wifi", "ủy ban 中文", "foreign", "spoken", "Giọng đọc không đọc được"),
        ("wifi", "oai phai", "body", "kind", "Hãy chọn loại chữ"),
        ("wifi", "oai phai", "", "kind", "Hãy chọn loại chữ"),
    ],
)
def test_what_cannot_be_found_or_said_is_refused_at_its_field(
    written: str, spoken: str, kind: str, field: str, told: str
) -> None:
    with pytest.raises(Invalid) as refused:
        worded(written, spoken, kind)
    assert refused.value.field == field
    assert told in refused.value.message_vi
    assert len(refused.value.message_vi) < 700
