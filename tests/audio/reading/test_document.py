"""Whole documents: what of them is read, what is left out, and where every word came from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audio.reading import ReadingSettings, SpokenText, estimate_seconds, place, read_aloud

SHARED = Path(__file__).parents[4] / "shared" / "dispatches"

LETTER = """\
**ỦY BAN NHÂN DÂN
XÃ PHÚ HÒA**

**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc**

Số: 41/TB-UBND

Phú Hòa, ngày 03 tháng 10 năm 2024

V/v phát động toàn dân diệt lăng quăng,
phòng bệnh sốt xuất huyết

Kính gửi:

- Trưởng các ấp;
- Đài truyền thanh xã.

UBND xã đề nghị bà con lật úp vật chứa nước vào 7h30 sáng T7 hàng tuần. Mọi phản ánh xin gọi
0276.3822.111 trong giờ hành chính./.

Nơi nhận:

- Như trên;
- Lưu: VT.

**KT. CHỦ TỊCH
PHÓ CHỦ TỊCH**

Lê Thị Hương
"""


def said(script: str, **settings: bool | str) -> list[str]:
    heard = read_aloud(script, settings=ReadingSettings(**settings))  # type: ignore[arg-type]
    return [sentence.spoken for sentence in heard.sentences]


def test_of_a_whole_letter_motto_place_recipients_and_signature_are_left_out() -> None:
    assert said(LETTER) == [
        "Ủy ban nhân dân xã phú hòa.",
        "Số: bốn mươi mốt.",
        "Về việc phát động toàn dân diệt lăng quăng, phòng bệnh sốt xuất huyết.",
        "Kính gửi:",
        "Trưởng các ấp.",
        "Đài truyền thanh xã.",
        "Ủy ban nhân dân xã đề nghị bà con lật úp vật chứa nước vào bảy giờ ba mươi phút sáng thứ bảy hàng tuần.",
        "Mọi phản ánh xin gọi không hai bảy sáu, ba tám hai hai, một một một trong giờ hành chính.",
    ]


TWO_COLUMNS = """\
ỦY BAN NHÂN DÂN            CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ PHÚ HÒA                     Độc lập - Tự do - Hạnh phúc
Số: 41/TB-UBND              Phú Hòa, ngày 03 tháng 10 năm 2024

THÔNG BÁO
UBND xã thông báo lịch phun thuốc diệt muỗi.
"""


@pytest.mark.parametrize("gap", ["      ", "\t"])
def test_of_a_head_in_two_columns_the_right_one_is_left_out(gap: str) -> None:
    script = re.sub(r" {3,}", gap, TWO_COLUMNS)
    assert said(script) == [
        "Ủy ban nhân dân.",
        "Xã phú hòa.",
        "Số: bốn mươi mốt.",
        "Thông báo.",
        "Ủy ban nhân dân xã thông báo lịch phun thuốc diệt muỗi.",
    ]
    left_out = [script[span.start : span.end].strip() for span in read_aloud(script).skipped]
    assert left_out == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Phú Hòa, ngày 03 tháng 10 năm 2024",
    ]


def test_cells_of_a_table_are_parted_by_a_breath() -> None:
    assert said("1 | Ấp Tân Hòa | 7h30 | NVH ấp") == ["Một, Ấp Tân Hòa, bảy giờ ba mươi phút, nhà văn hóa ấp."]


def test_what_is_left_out_is_told_with_its_reason() -> None:
    heard = read_aloud(LETTER)
    left_out = {LETTER[span.start : span.end].strip("*\n ").split("\n")[0]: span.why for span in heard.skipped}
    assert left_out == {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": "head",
        "Phú Hòa, ngày 03 tháng 10 năm 2024": "head",
        "Nơi nhận:": "recipients",
        "KT. CHỦ TỊCH": "signature",
    }


def test_the_frame_is_read_where_the_setting_asks_for_it() -> None:
    whole = said(LETTER, whole_frame=True)
    assert "Nơi nhận:" in whole
    assert "Lê Thị Hương." in whole
    assert any(sentence.startswith("Cộng hòa xã hội chủ nghĩa") for sentence in whole)


def test_a_line_on_its_own_is_read_whatever_it_is() -> None:
    assert said("Nơi nhận: như trên") == ["Nơi nhận: như trên."]
    assert said("KT. CHỦ TỊCH") == ["Ký thay chủ tịch."]
    assert said("Độc lập - Tự do - Hạnh phúc") == ["Độc lập, Tự do, Hạnh phúc."]


def test_wrapped_lines_are_mended_and_short_slogans_stay_apart() -> None:
    wrapped = "Đề nghị các ấp thông báo rộng rãi để bà con biết và thực hiện nghiêm túc việc\nthu gom rác."
    assert len(said(wrapped)) == 1
    assert said("Chung tay vì cộng đồng\nGiữ gìn đường làng sạch đẹp") == [
        "Chung tay vì cộng đồng.",
        "Giữ gìn đường làng sạch đẹp.",
    ]


def test_every_spoken_word_leads_back_to_what_was_written() -> None:
    heard = read_aloud(LETTER)
    found = {(LETTER[word.start : word.end], word.spoken) for s in heard.sentences for word in s.words}
    assert {("7h30", "bảy"), ("7h30", "phút"), ("T7", "thứ"), ("UBND", "nhân"), ("V/v", "việc")} <= found
    assert ("0276.3822.111", "sáu") in found


def test_offsets_count_in_the_script_that_was_handed_in_even_where_it_had_to_be_tidied() -> None:
    script = "\ufeffHo\u0323p d\u00e2n\u200b lu\u0301c 7h30\u00a0ta\u0323i \u1ea5p 2… nga\u0300y 1/1"
    heard = read_aloud(script)
    places = {word.spoken: script[word.start : word.end] for s in heard.sentences for word in s.words}
    assert places["Họp"] == "Ho\u0323p"
    assert places["ba"] == "7h30"
    assert places["ngày"] == "nga\u0300y"


def test_how_a_text_begins_does_not_hang_on_its_last_letter() -> None:
    assert said("A. (xem bảng) Xong") == said("A. (xem bảng) Xong.") == ["A, xem bảng, Xong."]


def test_a_document_without_recipients_ends_at_its_signature() -> None:
    letter = LETTER.replace("Nơi nhận:\n\n- Như trên;\n- Lưu: VT.\n\n", "").replace("KT. CHỦ TỊCH", "CHỦ TỊCH")
    heard = read_aloud(letter)
    assert heard.text.endswith("trong giờ hành chính.")
    assert [span.why for span in heard.skipped][-1] == "signature"


def test_what_is_enclosed_behind_the_signature_is_read() -> None:
    heard = said(LETTER + "\nPHỤ LỤC\nLịch phun thuốc tại các ấp.\n")
    assert heard[-2:] == ["Phụ lục.", "Lịch phun thuốc tại các ấp."]


def test_a_blank_is_shown_to_staff_and_not_spoken() -> None:
    heard = read_aloud("Tân An, chiều thứ 2\nSố:      /TB-UBND\nHọp tại: .............., lúc 8h.")
    assert [(doubt.kind, doubt.line, doubt.column) for doubt in heard.doubts] == [("blank", 2, 1), ("blank", 3, 10)]
    assert "gạch" not in heard.text
    assert heard.text.endswith("lúc tám giờ.")


@pytest.mark.parametrize(
    ("script", "kind", "written"),
    [
        ("Thẻ QXZ còn hạn", "capitals", "QXZ"),
        ("Bà con chú ýy nhé", "not_a_syllable", "ýy"),
        ("Họp vào 5/6", "ambiguous_date", ""),
        ("Kết quả là 5/6.", "", ""),
        ("Phần này 7/9", "ambiguous_date", "7/9"),
        ("ngày 31/02/2025", "ambiguous_date", "31/02/2025"),
        ("Xin chào 漢字", "unreadable", "漢字"),
        ("<b>Chú ý</b>", "markup", "<b>"),
        ("Mã AB12345 mới", "code", "AB12345"),
    ],
)
def test_what_is_guessed_is_listed_with_its_place(script: str, kind: str, written: str) -> None:
    doubts = read_aloud(script).doubts
    if not written:
        assert doubts == ()
        return
    assert (doubts[0].kind, doubts[0].written) == (kind, written)
    assert place(script, doubts[0].start) == (doubts[0].line, doubts[0].column)
    assert written in doubts[0].message


def test_a_doubt_that_staff_answered_with_read_as_is_does_not_come_again() -> None:
    settings = ReadingSettings(read_as_is=frozenset({"QXZ"}))
    heard = read_aloud("Thẻ QXZ còn hạn", settings=settings)
    assert heard.doubts == ()
    assert heard.text == "Thẻ quy ích dét còn hạn."


def test_the_suffix_of_a_document_is_said_as_the_setting_asks() -> None:
    script = "Theo Quyết định số 12/QĐ-UBND"
    assert said(script, document_suffix="none") == ["Theo Quyết định số mười hai."]
    assert said(script)[0].endswith("mười hai của Ủy ban nhân dân.")
    assert said(script, document_suffix="full") == ["Theo Quyết định số mười hai quy đê u bê nờ dê."]


def test_an_address_is_said_twice_where_the_setting_asks() -> None:
    twice = said("Xem hanoi.gov.vn", addresses_twice=True)
    assert twice == ["Xem hà nội chấm gốp chấm vê en, hà nội chấm gốp chấm vê en."]


def test_the_length_grows_with_syllables_and_with_pauses() -> None:
    assert estimate_seconds("") == 0
    assert estimate_seconds(" ".join(["bà"] * 166)) == pytest.approx(60)
    assert estimate_seconds("bà con, chú ý.") > estimate_seconds("bà con chú ý")


@pytest.mark.skipif(not SHARED.exists(), reason="the real dispatches are not beside the repository")
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.txt")), ids=lambda path: path.stem[:3])
def test_a_real_dispatch_is_read_from_its_subject_to_its_last_request(path: Path) -> None:
    heard: SpokenText = read_aloud(path.read_text(encoding="utf-8"))
    assert any(sentence.spoken.startswith("Về việc") for sentence in heard.sentences)
    last = heard.sentences[-1].spoken
    assert last.startswith(("Đề nghị", "Nhận được văn bản"))
    assert {span.why for span in heard.skipped} == {"head", "recipients", "signature"}
    assert {doubt.kind for doubt in heard.doubts} <= {"address", "blank"}
