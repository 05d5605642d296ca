"""The values, closings and old sounds of a set-up file: refused where the screens refuse, left alone where they air."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from broadcast.bulletin import Bulletin
from broadcast.errors import Invalid
from tests.web.test_load_communes import BULLETIN, WHOLE
from web.load.setup_file import parse

UNIT = """
[[unit]]
code = "H"
name = "huyện Hạ"
kind = "huyện"
"""


def refused(text: str) -> str:
    with pytest.raises(Invalid) as told:
        parse(text.encode())
    return told.value.message_vi


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ('{ "điện thoại" = "gọi {xã}" }', "dấu ngoặc nhọn"),
        ('{ "điện thoại" = "một\\nhai" }', "một dòng"),
        (f'{{ "điện thoại" = "{"0" * 201}" }}', "dài quá 200"),
        ('{ "a}b{c" = "x" }', "chỉ gồm chữ"),
        ('{ "" = "x" }', "để trống"),
    ],
)
def test_a_value_that_no_screen_takes_is_refused_with_its_line_and_field(variables: str, words: str) -> None:
    told = refused(f"{UNIT}variables = {variables}\n")
    assert told.startswith("dòng 6, [[unit]] variables: ")
    assert words in told


def test_values_in_a_table_of_their_own_are_refused_with_its_line() -> None:
    assert refused(f'{UNIT}\n[unit.variables]\n"điện thoại" = "{{xã}}"\n').startswith("dòng 7, [[unit]] variables: ")


def test_a_closing_of_dots_is_refused_with_its_line() -> None:
    told = refused(BULLETIN.replace("Xin cảm ơn!", "....."))
    assert told.startswith("dòng 7, [[bulletin]] closing: ")
    assert "không có chữ nào để đọc" in told


def test_one_sound_for_everybody_approved_before_there_were_variables_stays_as_it_is(loaded, sqlite_database, now):
    text = WHOLE.replace('chime = "none"', 'chime = "none"\nread_as_is = true')
    loaded(text)
    with sqlite_database.writing() as session:
        revision = session.scalars(select(Bulletin)).one().latest
        first, *others = revision.renderings
        first.unit_id = None  # as the one sound of then stands in the rows
        for rendering in others:
            session.delete(rendering)
        for approval in [each for each in revision.approvals if each.audio_sha256 != first.audio_sha256]:
            session.delete(approval)
    assert loaded(text).nothing
    with sqlite_database.reading() as session:
        revision = session.scalars(select(Bulletin)).one().latest
        assert [each.unit_id for each in revision.renderings] == [None]
        assert revision.number == 1
