"""Marks in any company and slips in real sentences: read without an error, and no last resort had to stand in."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.reading import read_aloud, reader, rules
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.sentences import Sentences
from tests.audio.reading.junk import ENCLOSED, GLUED, SLIPPED, written_cases
from tests.audio.reading.test_any_text import check


@settings(max_examples=600, deadline=None)
@given(st.one_of(GLUED, ENCLOSED))
def test_marks_in_any_company_leave_only_words_a_voice_can_say(script: str) -> None:
    check(script)


@settings(max_examples=600, deadline=None)
@given(SLIPPED)
def test_a_sentence_with_slips_of_the_keyboard_leaves_only_words_a_voice_can_say(script: str) -> None:
    check(script)


@pytest.mark.parametrize(
    "script",
    ['"(--)"', "Địa điểm: (-----)", '("--")', "(&-)", "(viết tắt là --)", "Trung tâm (&&&&&&&&&&&&&&) xã"],
)
def test_a_bracket_without_a_letter_defines_nothing(script: str) -> None:
    check(script)


def test_a_line_that_begins_with_what_looks_like_a_numeral_and_is_none_is_read_and_doubted() -> None:
    for written in ("IIII.", "VX.", "IVX)"):
        heard = check(f"{written} Tổ chức thực hiện")
        assert heard.text.endswith(", Tổ chức thực hiện.")
        assert [(doubt.kind, doubt.written) for doubt in heard.doubts] == [("code", written)]


def broken(scan: Scan, pos: int) -> Piece | None:
    raise IndexError("a rule that nobody tried")


def test_a_rule_that_raises_is_left_out_of_its_sentence_logged_and_told_to_staff(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rules, "NUMBER_RULES", (broken, *rules.NUMBER_RULES))
    script = "Xin chào bà con. Ngày 5/9 họp dân. Mời đến dự."
    heard = read_aloud(script)
    assert heard.text == "Xin chào bà con.\nNgày mùng năm tháng chín họp dân.\nMời đến dự."
    (doubt,) = heard.doubts
    assert (doubt.kind, doubt.written) == ("failed", "Ngày 5/9 họp dân.")
    assert (doubt.line, doubt.column) == (1, 18)
    assert doubt.message == (
        "Có lỗi khi đọc “Ngày 5/9 họp dân.”; phần này có thể bị đọc sai hoặc bị bỏ qua. Hãy viết lại bằng câu khác."
    )
    assert caplog.records
    assert all(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)
    assert "rule broken failed on 'Ngày 5/9 họp dân.'" in caplog.text
    assert "a rule that nobody tried" in caplog.text


def test_a_sentence_that_cannot_be_read_at_all_is_left_out_and_told_to_staff(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = reader.marks.read_mark

    def broken_at_percent(scan: Scan, pos: int, char: str, out: Sentences) -> int:
        if char == "%":
            raise KeyError(char)
        return whole(scan, pos, char, out)

    monkeypatch.setattr(reader.marks, "read_mark", broken_at_percent)
    heard = read_aloud("Xin chào bà con. Giảm % thuế. Mời 12 hộ đến dự.\nChào!")
    assert heard.text == "Xin chào bà con.\nMời mười hai hộ đến dự.\nChào!"
    assert [(doubt.kind, doubt.written) for doubt in heard.doubts] == [("failed", "Giảm % thuế.")]
    assert "KeyError" in caplog.text


@pytest.mark.parametrize("part", ["clean", "structure.blocks_of", "definitions.defined_in"])
def test_whatever_part_of_the_reader_breaks_the_whole_text_is_doubted(
    part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError(part)

    monkeypatch.setattr(f"audio.reading.reader.{part}", breaks)
    heard = read_aloud("Xin chào bà con (BC).")
    assert next((doubt.kind, doubt.written) for doubt in heard.doubts) == ("failed", "Xin chào bà con (BC).")
    assert "ValueError" in caplog.text


def test_the_slips_are_made_in_all_cases() -> None:
    assert len(written_cases()) > 2_000
