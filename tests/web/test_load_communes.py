"""A set-up file whose bulletin has variables: a sound for every commune that will have a station, all or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from audio.store import AudioStore
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import Invalid
from broadcast.unit import Unit
from tests.web.load_parts import PEOPLE
from web.load import Loaded

DISTRICT = """
[[unit]]
code = "H"
name = "huyện Hạ"
kind = "huyện"
variables = { "điện thoại" = "0276 3 100 100" }
"""
BULLETIN = """
[[bulletin]]
code = "M"
title = "Họp dân"
class = "normal"
script = "Mời bà con {xã} gọi số {điện thoại}."
closing = "Xin cảm ơn!"
readings = 2
reading_gap_seconds = 0
chime = "none"
author = "mot"
approver = "hai"
"""


NAMES = {"A": "xã An Lộc", "B": "xã Bình Hà", "C": "xã Cát Sơn"}


def commune(code: str, phone: str = "") -> str:
    """A commune with its station."""
    variables = f'variables = {{ "điện thoại" = "{phone}" }}\n' if phone else ""
    return f"""
[[unit]]
code = "{code}"
name = "{NAMES[code]}"
kind = "xã"
parent = "H"
{variables}
[[station]]
code = "S-{code}"
name = "Trạm {code}"
unit = "{code}"
"""


WHOLE = DISTRICT + commune("A") + commune("B", "0276 3 200 200") + PEOPLE + BULLETIN


def sounds(database: Database) -> dict[str, tuple[str | None, bool, list[str]]]:
    """Commune → (hash, whether it is approved, what is said) of the revision on air."""
    with database.reading() as session:
        revision = session.scalars(select(Bulletin)).one().airing_revision
        assert revision is not None
        approved = {approval.audio_sha256 for approval in revision.approvals if approval.holds}
        assert {approval.via for approval in revision.approvals} == {"load"}
        return {
            each.unit.code: (each.audio_sha256, each.audio_sha256 in approved, each.said or [])
            for each in revision.newest_renderings
            if each.unit is not None
        }


def test_every_commune_of_the_file_gets_its_own_approved_sound(
    loaded: Callable[[str], Loaded], sqlite_database: Database, fast: Settings
) -> None:
    loaded(WHOLE)
    found = sounds(sqlite_database)
    assert found.keys() == {"A", "B"}  # the district itself has no station
    assert all(is_approved for _, is_approved, _ in found.values())
    assert found["A"][0] != found["B"][0]
    assert all(AudioStore(fast.audio_dir).has(sha256 or "") for sha256, _, _ in found.values())
    assert found["A"][2] == [
        "Đây là Đài truyền thanh xã An Lộc.",
        "Mời bà con xã An Lộc gọi số không hai bảy sáu, ba một không không, một không không.",
        "Xin cảm ơn!",
    ]
    assert "hai không không, hai không không" in found["B"][2][1]
    with sqlite_database.reading() as session:
        revision = session.scalars(select(Bulletin)).one().latest
        assert (revision.readings, revision.reading_gap_s, revision.chime) == (2, 0, "none")


def test_the_kind_of_unit_is_said_once_and_a_question_stands_where_the_file_has_it(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    said = "Đây là Đài truyền thanh xã {xã}. Gọi QZXW."
    script = WHOLE.replace("Mời bà con {xã} gọi số {điện thoại}.", said)
    with pytest.raises(Invalid, match=rf"dòng 1, cột {said.index('QZXW') + 1}: "):
        loaded(script)
    loaded(script.replace("QZXW", "115"))
    assert sounds(sqlite_database)["A"][2][0] == "Đây là Đài truyền thanh xã An Lộc."


def test_the_same_file_again_changes_nothing(loaded: Callable[[str], Loaded], sqlite_database: Database) -> None:
    loaded(WHOLE)
    assert loaded(WHOLE).nothing
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Rendering)) == 2


def test_a_commune_that_the_file_adds_gets_its_sound_and_the_others_keep_theirs(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    before = sounds(sqlite_database)
    done = loaded(WHOLE + commune("C"))
    assert done.changed == {"bulletin": ["M"]}
    after = sounds(sqlite_database)
    assert {unit: after[unit] for unit in before} == before
    assert after["C"][1]
    with sqlite_database.reading() as session:
        assert len(session.scalars(select(Bulletin)).one().revisions) == 1


def test_another_value_in_the_file_is_said_by_a_new_revision(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    before = sounds(sqlite_database)
    loaded(WHOLE.replace("0276 3 200 200", "0276 3 555 555"))
    after = sounds(sqlite_database)
    assert "năm năm năm" in after["B"][2][1]
    assert after["A"] == before["A"]
    with sqlite_database.reading() as session:
        assert [len(each.approvals) for each in session.scalars(select(Bulletin)).one().revisions] == [2, 2]


def test_another_name_of_a_commune_is_said_too(loaded: Callable[[str], Loaded], sqlite_database: Database) -> None:
    loaded(WHOLE)
    loaded(WHOLE.replace("xã Bình Hà", "phường Bình Hà"))
    assert sounds(sqlite_database)["B"][2][0] == "Đây là Đài truyền thanh phường Bình Hà."


def test_a_value_that_no_text_says_renders_nothing_again(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    done = loaded(WHOLE.replace('"0276 3 100 100" }', '"0276 3 100 100", "khẩu hiệu" = "Sạch làng" }'))
    assert done.changed == {"unit": ["H"]}
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Rendering)) == 2


def test_a_missing_value_is_named_with_its_line_and_every_commune_and_nothing_is_written(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    text = WHOLE.replace('variables = { "điện thoại" = "0276 3 100 100" }\n', "") + commune("C")
    with pytest.raises(Invalid) as refused:
        loaded(text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("script"))
    assert refused.value.message_vi.startswith(f"dòng {line}, [[bulletin]] script: chưa có giá trị cho {{điện thoại}}")
    assert "xã An Lộc, xã Cát Sơn;" in refused.value.message_vi
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("readings = 9", "không quá 5"),
        ("reading_gap_seconds = 61", "không quá 60"),
        ('chime = "trống"', "phải là một trong"),
        (f'closing = "{"a" * 501}"', "dài quá 500"),
    ],
)
def test_what_cannot_be_an_arrangement_is_told_with_its_line(
    loaded: Callable[[str], Loaded], field: str, words: str
) -> None:
    name = field.split(" ", maxsplit=1)[0]
    lines = [line for line in WHOLE.splitlines() if not line.startswith(f"{name} =")]
    with pytest.raises(Invalid, match=words) as refused:
        loaded("\n".join([*lines, field]))
    assert refused.value.message_vi.startswith(f"dòng {len(lines) + 1}, [[bulletin]] {name}:")


def test_open_questions_in_the_closing_words_are_refused_too(loaded: Callable[[str], Loaded]) -> None:
    with pytest.raises(Invalid, match="chưa chắc cách đọc"):
        loaded(WHOLE.replace("Xin cảm ơn!", "Xin cảm ơn XQZW!"))


def test_a_file_that_says_nothing_of_the_arrangement_leaves_it_as_staff_made_it(
    loaded: Callable[[str], Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    silent = "\n".join(
        line for line in WHOLE.splitlines() if not line.startswith(("readings", "reading_gap", "chime", "closing"))
    )
    assert loaded(silent).nothing
