"""Several people fill in values at once: each value lands under its own name, and none is lost without a word."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest
from sqlalchemy import select, text

from broadcast.audit_event import AuditEvent
from broadcast.db import Database
from broadcast.unit import Unit
from broadcast.variables import own_values
from tests.web.commune_parts import with_variables
from tests.web.conftest import sign_in
from tests.web.seed import NOW, seed
from web import create_app
from web.services import Services
from web.units import following

ONE, TABLE = "/don-vi/X1/gia-tri", "/don-vi/H1/gia-tri/cap-duoi"


def fields_of(page: str) -> dict[str, str]:
    """What a browser sends back of the page: every field of its forms for values."""
    found = re.findall(
        r'<input[^>]* name="([\w.-]+-[0-9a-f]+(?:-was)?)" value="([^"]*)"', page.split("Đã thay đổi", maxsplit=1)[0]
    )
    return {name: unescape(value) for name, value in found}


def field(code: str, name: str) -> str:
    return f"{code}-{name.encode().hex()}"


def values_of(database: Database, district, code: str) -> dict[str, str]:
    with database.reading() as session:
        return own_values(session.get_one(Unit, district.units[code]))


@pytest.mark.parametrize("path", [ONE, TABLE])
def test_a_value_lands_under_its_name_though_somebody_added_another_name_meanwhile(
    as_person, web_database, district, path
):
    client = as_person("editor")
    client.post(ONE, data={"new_name": "nhà văn hoá", "new_value": "thôn Hạ"})
    seen = fields_of(client.get(path).text)
    as_person("administrator").post(ONE, data={"new_name": "địa chỉ", "new_value": "thôn Thượng"})
    as_person("administrator").post(ONE, data={"new_name": "bến xe", "new_value": "thôn Trung"})
    client.post(path, data=seen | {field("X1", "nhà văn hoá"): "thôn Mới"})
    assert values_of(web_database, district, "X1") == {
        "nhà văn hoá": "thôn Mới",
        "địa chỉ": "thôn Thượng",
        "bến xe": "thôn Trung",
    }


def test_a_value_that_somebody_changed_meanwhile_is_told_and_not_overwritten(as_person, web_database, district):
    first, second = as_person("editor"), as_person("administrator")
    seen = fields_of(first.get(ONE).text)
    second.post(ONE, data={field("X1", "điện thoại"): "0276 2", f"{field('X1', 'điện thoại')}-was": ""})
    typed = {field("X1", "điện thoại"): "0276 1", field("X1", "khẩu hiệu"): "Sạch làng"}
    page = unescape(first.post(ONE, data=seen | typed, follow_redirects=True).text)
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 2", "khẩu hiệu": "Sạch làng"}
    assert "vừa được người khác đổi thành “0276 2”; chưa ghi “0276 1” của bạn" in page


def test_a_page_with_a_mistake_keeps_what_it_had_shown_at_first(as_person, web_database, district):
    first, second = as_person("editor"), as_person("administrator")
    seen = fields_of(first.get(ONE).text)
    second.post(ONE, data={field("X1", "điện thoại"): "0276 2", f"{field('X1', 'điện thoại')}-was": ""})
    again = first.post(ONE, data=seen | {field("X1", "khẩu hiệu"): "{"})
    assert again.status_code == 422
    first.post(ONE, data=fields_of(again.text) | {field("X1", "khẩu hiệu"): "Sạch làng"})
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 2", "khẩu hiệu": "Sạch làng"}


def test_a_field_whose_name_is_no_name_of_a_value_is_ignored(as_person, web_database, district):
    strange = {f"X1-{name}": "x" for name in ("1", "zz", "ff", b"a}b".hex(), "Xã".encode().hex(), "")}
    as_person("editor").post(ONE, data=strange)
    assert values_of(web_database, district, "X1") == {}


def test_what_was_read_beforehand_and_holds_no_longer_is_read_once_more(as_person, web_database, district, monkeypatch):
    with_variables(web_database, district, "approved")
    foresee, read = following.foresee, []

    def interrupted(session, settings, now, unit_ids, change):
        found = foresee(session, settings, now, unit_ids, change)
        read.append(found)
        if len(read) == 1:  # somebody else saves between the look and the act
            with web_database.writing() as other:
                unit = other.get_one(Unit, district.units["X1"])
                unit.variables = unit.variables | {"khẩu hiệu": "Sạch làng"}
        return found

    monkeypatch.setattr(following, "foresee", interrupted)
    page = as_person("editor").post(
        ONE,
        data={field("X1", "điện thoại"): "0276 1", f"{field('X1', 'điện thoại')}-was": ""},
        follow_redirects=True,
    )
    assert len(read) == 2
    assert "1 bản tin đã duyệt nói khác thông tin mới" in page.text
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 1", "khẩu hiệu": "Sạch làng"}
    with web_database.reading() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "set_values"))
        assert event.detail["values"] == [["điện thoại", "", "0276 1"]]


def test_of_two_who_save_the_same_unit_at_once_the_second_waits_and_both_values_stay(database, settings, monkeypatch):
    handles = seed(database)
    app = create_app(Services(settings, database, now=lambda: NOW))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = sign_in(app.test_client(), handles.people["editor"])
    foresee, looked = following.foresee, threading.Event()

    def told(*args):
        found = foresee(*args)
        looked.set()
        return found

    monkeypatch.setattr(following, "foresee", told)
    typed = {field("X1", "điện thoại"): "0276 1", f"{field('X1', 'điện thoại')}-was": ""}
    answers: list[int] = []
    second = threading.Thread(target=lambda: answers.append(client.post(ONE, data=typed).status_code))
    with database.writing() as first:
        unit = first.get_one(Unit, handles.units["X1"], with_for_update={"key_share": True})
        unit.variables = {"khẩu hiệu": "Sạch làng"}
        first.flush()
        second.start()
        assert looked.wait(20)
        if not database.is_sqlite:
            wait_for_a_lock(database)
    second.join(20)
    assert answers == [302]
    assert values_of(database, handles, "X1") == {"điện thoại": "0276 1", "khẩu hiệu": "Sạch làng"}


def wait_for_a_lock(database: Database) -> None:
    """Until some session of this PostgreSQL database waits for another one."""
    of_here = "datname = current_database()"
    waiting = text(f"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {of_here}")
    for _ in range(2_000):
        with database.engine.connect() as connection:
            if connection.scalar(waiting):
                return
    raise AssertionError("nobody waits")
