"""Reading beside writing: what is marked on both sides, where it stands in the text, how long it lasts, who says it."""

from __future__ import annotations

import re

import pytest

from audio.chime import CHIMES
from audio.reading import read_aloud
from audio.speaker import Speaker
from broadcast.arrangement import Arrangement
from broadcast.audio_asset import AudioAsset
from broadcast.unit import Unit
from tests.web.bulletin_parts import bulletin_form, code_from, of
from tests.web.seed import NOW
from web.bulletins.lengths import stretch_of
from web.bulletins.pieces import Span, beside
from web.bulletins.spoken import reading_of

SCRIPT = (
    "Kính thưa bà con! UBND huyện mời họp lúc 19h30 ngày 02/9/2020 (tại nhà văn hoá).\n"
    "Liên hệ QZXW, số {điện thoại}, tại [điền: địa điểm]. Nộp 1.005.000 đồng."
)


def sides(script: str, **speaker: object) -> list[tuple[str, str]]:
    """(kind written, spoken) of every marked piece."""
    pairs = []
    for line in reading_of(script, Speaker("", **speaker)).lines:  # type: ignore[arg-type]
        said = {mark.number: mark.text for mark in line.said if mark.number}
        pairs += [(f"{mark.kind} {mark.text}", said.get(mark.number, "")) for mark in line.marks if mark.kind]
    return pairs


def test_each_piece_said_otherwise_is_marked_with_what_is_said_for_it():
    assert sides(SCRIPT) == [
        ("changed UBND", "Ủy ban nhân dân"),
        ("changed 19h30", "mười chín giờ ba mươi phút"),
        ("changed 02/9/2020", "mùng hai tháng chín năm hai nghìn không trăm hai mươi"),
        ("doubt QZXW", "quy dét ích vê kép"),
        ("gap {điện thoại}", ""),
        ("gap [điền: địa điểm]", "điền: địa điểm"),
        ("changed 1.005.000 đồng", "một triệu không trăm linh năm nghìn đồng"),
    ]


def test_a_value_of_the_unit_is_marked_as_one():
    values = {"điện thoại": "0276 3822 123", "xã": "xã An Bình"}
    assert sides("Kính thưa bà con {xã}. Gọi {điện thoại}.", values=values) == [
        ("value xã An Bình", "xã An Bình"),
        ("value 0276 3822 123", "không hai bảy sáu, ba tám hai hai, một hai ba"),
    ]


def test_a_kind_that_the_value_names_too_is_said_once_and_keeps_its_place():
    values = {"xã": "thị trấn Thuận Khê"}
    script = "Đây là Đài truyền thanh xã {xã}. Mời QZXW. Xã {xã} mời [điền: ai] họp."
    assert sides(script, values=values)[0] == ("value thị trấn Thuận Khê", "thị trấn Thuận Khê")
    reading = reading_of(script, Speaker("Thị trấn Thuận Khê", values=values))
    assert reading.lines[0].spoken == "Đây là Đài truyền thanh thị trấn Thuận Khê."
    assert reading.opening == ""
    assert reading.lines[2].spoken.startswith("Thị trấn Thuận Khê mời")
    assert [script[line.start : line.end].rstrip(".") for line in reading.lines] == [
        "Đây là Đài truyền thanh xã {xã}",
        "Mời QZXW",
        "Xã {xã} mời [điền: ai] họp",
    ]
    doubted = next(mark for mark in reading.lines[1].marks if mark.kind == "doubt")
    assert script[doubted.start :].startswith("QZXW")


@pytest.mark.parametrize("number", range(3))
def test_both_sides_are_the_whole_sentence(number):
    scripts = [
        SCRIPT,
        "Xem https://dichvucong.tayninh.gov.vn (KT. CHỦ TỊCH) - B/c V/v ./.",
        "a 😀 20 USD, 5–10%; “Q.1”",
    ]
    spoken = read_aloud(scripts[number])
    for sentence in spoken.sentences:
        written, said = beside(scripts[number], sentence, [])
        assert "".join(mark.text for mark in written) == scripts[number][sentence.start : sentence.end]
        assert "".join(mark.text for mark in said) == sentence.spoken


def test_of_two_spans_that_overlap_the_first_counts():
    (sentence,) = read_aloud("Mời bà con đi họp.").sentences
    written, said = beside("Mời bà con đi họp.", sentence, [Span(4, 10, "doubt"), Span(7, 13, "gap")])
    assert [mark.text for mark in written if mark.kind] == ["bà con"]
    assert [mark.text for mark in said if mark.kind] == ["bà con"]


def test_a_sentence_knows_its_place_in_the_text_that_was_typed():
    script = "Đây là {xã}, gọi {điện thoại}.\nMời bà con {xã} đi họp. Tại [điền: nơi họp]."
    reading = reading_of(script, Speaker("", values={"xã": "xã Một Cái Tên Rất Dài", "điện thoại": "1"}))
    starts = [(line.start, line.end) for line in reading.lines]
    assert [script[start:end].strip(". ") for start, end in starts] == [
        "Đây là {xã}, gọi {điện thoại}",
        "Mời bà con {xã} đi họp",
        "Tại [điền: nơi họp]",
    ]
    (gap,) = [mark for mark in reading.lines[2].marks if mark.kind == "gap"]
    assert script[gap.start :].startswith("[điền: nơi họp]")


def test_the_length_counts_all_that_sounds():
    words = "Mời bà con đi họp lúc bảy giờ tối nay."
    once = reading_of(words, Speaker("Xã An Bình"), Arrangement(chime="none"))
    assert once.opening == "Đây là Đài truyền thanh Xã An Bình."
    twice = reading_of(words, Speaker("Xã An Bình"), Arrangement(chime="none", readings=2, gap_s=10))
    assert twice.length_ms - once.length_ms == once.body_ms + 10_000
    rung = reading_of(words, Speaker("Xã An Bình"), Arrangement(chime="gong"))
    chime = CHIMES["gong"]
    assert rung.length_ms - once.length_ms == (chime.opening_s + chime.closing_s) * 1000 + 400 + 700
    closed = reading_of(words, Speaker("Xã An Bình"), Arrangement(chime="none", closing="Xin cảm ơn bà con."))
    assert closed.lines[-1].spoken == "Xin cảm ơn bà con."
    assert closed.lines[-1].start is None, "it is not in the text"
    assert once.length_ms < closed.length_ms < twice.length_ms
    assert (once.pace, once.pace_words) == (closed.pace, "chậm")


def test_who_speaks_is_not_said_twice():
    reading = reading_of("Đây là Đài truyền thanh xã An Bình. Mời bà con đi họp.", Speaker("Xã An Bình"))
    assert reading.opening == ""


def test_the_pace_is_that_of_the_voice_that_spoke_last(as_person, web_database):
    with web_database.reading() as session:
        assert stretch_of(session) == 1.0
    with web_database.writing() as session:
        rendering = of(session, "BT9").latest.renderings[-1]
        rendering.said = ["Đây là Đài truyền thanh xã.", *["Mời bà con đi họp lúc bảy giờ tối nay."] * 20]
        quick = AudioAsset(
            sha256="c" * 64, bytes=1, duration_ms=72_000, lufs=-16, true_peak_db=-2, media_type="audio/mpeg",
            voice="quick", created_at=NOW,
        )  # fmt: skip
        session.add(quick)
        session.flush()
        rendering.audio_sha256 = quick.sha256
    with web_database.reading() as session:
        assert 0.6 < stretch_of(session) < 0.85
    words = "Mời bà con đi họp lúc bảy giờ tối nay. " * 20
    said = as_person("editor").post("/ban-tin/doc-thu", data={"script": words}).text
    assert "âm tiết/phút, vừa phải" in said


def test_a_text_with_variables_is_heard_as_each_unit_and_what_they_lack_is_named(as_person, web_database, district):
    with web_database.writing() as session:
        session.get_one(Unit, district.units["X2"]).variables = {"điện thoại": "0276 3822 123"}
    script = "Kính thưa bà con {xã}, gọi {điện thoại}."
    client = as_person("editor")
    first = client.post("/ban-tin/doc-thu", data={"script": script}).text
    assert "Lời này thành 2 âm thanh" in first
    assert re.search(r"\{điện thoại\} chưa có giá trị ở <a [^>]*/don-vi/X1/gia-tri[^>]*>Xã An Bình</a>\.", first)
    assert ">xã An Bình</mark>" in first
    other = client.post("/ban-tin/doc-thu", data={"script": script, "noi": str(district.units["X2"])}).text
    assert ">xã Bình Minh</mark>" in other
    assert "không hai bảy sáu" in other
    foreign = client.post("/ban-tin/doc-thu", data={"script": script, "noi": str(district.units["X9"])}).text
    assert "Khe Sâu" not in foreign


def test_the_bulletin_of_another_unit_is_not_read_along(as_person):
    assert as_person("editor").post("/ban-tin/doc-thu", data={"script": "x", "code": "BT9"}).status_code == 404
    assert as_person("operator").post("/ban-tin/doc-thu", data={"script": "x", "unit": "H1"}).status_code == 404


def test_every_question_is_listed_with_its_place(as_person):
    said = as_person("editor").post("/ban-tin/doc-thu", data={"script": "Mời bà con.\nGọi QZXW, ngày 03/04/05."}).text
    assert "2 chỗ chưa chắc cách đọc" in said
    assert "Dòng 2, “QZXW”" in said
    assert 'href="#cau-2">? 2 chỗ cần xem' in said
    assert "viet=QZXW" in said


def test_without_scripts_the_typed_text_is_read_on_demand_and_nothing_is_saved(as_person, web_database):
    client = as_person("editor")
    page = client.post("/ban-tin/soan", data=bulletin_form(script="Họp lúc 17h30.", act="look"))
    assert page.status_code == 200
    assert "mười bảy giờ ba mươi" in page.text
    code = code_from(client.post("/ban-tin/soan", data=bulletin_form()).location)
    page = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Họp lúc 18h15.", act="look"))
    assert "mười tám giờ mười lăm" in page.text
    with web_database.reading() as session:
        assert len(of(session, code).revisions) == 1


def test_a_template_may_keep_its_variables_where_several_units_speak(as_person):
    editor = as_person("editor")
    assert "mỗi đơn vị trong 2 đơn vị tự xưng tên mình" in editor.get("/ban-tin/moi").text
    one = editor.get("/ban-tin/soan?mau=bluezone").text
    assert "huyện Sông Lam" in one
    assert "Để mỗi đơn vị tự xưng tên mình (2 âm thanh)" in one
    each = editor.get("/ban-tin/soan?mau=bluezone&rieng=1").text
    assert "{xã}" in re.search(r"<textarea[^>]*>(.*?)</textarea>", each, re.DOTALL)[1]
    assert "Lời này thành 2 âm thanh" in each
    assert "tự xưng tên mình" not in as_person("operator").get("/ban-tin/soan?mau=bluezone").text
