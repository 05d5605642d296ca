"""Long texts are read before a transaction writes; inside it is only looked whether what was read still holds."""

from __future__ import annotations

import pytest

from audio.lexicon_desk import Desk
from broadcast.unit import Unit
from tests.web.bulletin_parts import bulletin_form, of
from tests.web.commune_parts import SCRIPT, with_variables
from web.bulletins import handing_over, speaking

PHONE = f"X1-{'điện thoại'.encode().hex()}"


@pytest.fixture
def read(web_database, monkeypatch) -> list[bool]:
    """For every text that was read: whether somebody was writing meanwhile."""
    seen: list[bool] = []

    def watched(real):
        def read_it(*args, **named):
            seen.append(web_database._one_writer.locked())
            return real(*args, **named)

        return read_it

    monkeypatch.setattr(handing_over, "reading_of", watched(handing_over.reading_of))
    monkeypatch.setattr(speaking, "reading_of", watched(speaking.reading_of))
    monkeypatch.setattr(Desk, "says", watched(Desk.says))
    return seen


@pytest.mark.parametrize(
    ("state", "path", "form"),
    [
        ("draft", "/ban-tin/BV/gui-duyet", {}),
        ("draft", "/ban-tin/BV/sua", bulletin_form(script=SCRIPT + " Mời đủ.", based_on="1")),
        ("approved", "/ban-tin/BV/sua", bulletin_form(script=SCRIPT, based_on="1")),
        ("approved", "/don-vi/X1/gia-tri", {f"{PHONE}-was": "", PHONE: "0276 1"}),
        ("approved", "/don-vi/X1", {"name": "Xã An Bình Mới", "kind": "xã"}),
    ],
)
def test_nobody_waits_to_write_while_a_text_is_read(as_person, web_database, district, read, state, path, form):
    with_variables(web_database, district, state)
    assert as_person("administrator" if path == "/don-vi/X1" else "editor").post(path, data=form).status_code == 302
    assert read
    assert not any(read)


def test_a_text_whose_values_changed_while_it_was_read_is_read_once_more(
    as_person, web_database, district, monkeypatch
):
    with_variables(web_database, district, "draft")
    look_over, looked = handing_over.look_over, []

    def interrupted(session, bulletin):
        found = look_over(session, bulletin)
        looked.append(found)
        if len(looked) == 1:
            with web_database.writing() as other:
                other.get_one(Unit, district.units["X1"]).variables = {"điện thoại": "QXZW-07/b#"}
        return found

    monkeypatch.setattr(handing_over, "look_over", interrupted)
    answer = as_person("editor").post("/ban-tin/BV/gui-duyet")
    assert answer.status_code == 422  # the new value is one the reader asks about
    assert "chưa chắc cách đọc" in answer.text
    with web_database.reading() as session:
        assert of(session, "BV").latest.state == "draft"
