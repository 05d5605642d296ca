"""Staff fill in what scripts say of each commune: inherited or own, one page a unit or all communes in one table."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.unit import Unit
from broadcast.variables import USUAL
from tests.web.bulletin_parts import bulletin_form, of
from tests.web.commune_parts import make, newcomer, sha_of, with_variables


def values_of(database, district, code):
    with database.reading() as session:
        return session.get_one(Unit, district.units[code]).variables


def states(database, code="BV"):
    """Unit → state of its newest sound."""
    with database.reading() as session:
        return {each.unit.code: each.state for each in of(session, code).latest.newest_renderings}


PHONE = 1  # the place of “điện thoại” among the usual values


def typed(code, place, value, was=""):
    field = f"{code}-{USUAL[place].encode().hex()}"
    return {f"{field}-was": was, field: value}


def test_a_unit_shows_its_own_values_whose_it_inherits_how_they_are_said_and_where_used(
    as_person, web_database, district
):
    with_variables(web_database, district)
    page = as_person("editor").get("/don-vi/X1/gia-tri").text
    assert "Theo Huyện Sông Lam: 0276 3 100 100" in page
    assert "Không hai bảy sáu" in page
    assert '<a href="/ban-tin/BV">Mời gọi số của xã</a>' in page
    assert "Lấy từ tên đơn vị." in page
    own = as_person("editor").get("/don-vi/X2/gia-tri").text
    assert "Thay cho giá trị của Huyện Sông Lam: 0276 3 100 100" in own


def test_an_own_value_goes_before_the_inherited_one_and_empty_inherits_again(as_person, web_database, district):
    with_variables(web_database, district)
    client = as_person("editor")
    assert client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111")).status_code == 302
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 3 111 111"}
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, " ", was="0276 3 111 111"))
    assert values_of(web_database, district, "X1") == {}


def test_what_waits_is_made_to_sound_anew_where_it_says_the_value(as_person, web_database, district):
    with_variables(web_database, district)
    page = as_person("editor").post(
        "/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111"), follow_redirects=True
    )
    assert "1 bản tin chưa duyệt đang được dựng lại" in page.text
    assert states(web_database) == {"X1": "wanted", "X2": "ready"}


def test_a_value_of_the_district_reaches_only_those_who_inherit_it(as_person, web_database, district):
    with_variables(web_database, district)
    as_person("editor").post("/don-vi/H1/gia-tri", data=typed("H1", PHONE, "0276 3 999 999", was="0276 3 100 100"))
    assert states(web_database) == {"X1": "wanted", "X2": "ready"}


def test_what_is_approved_goes_on_as_it_was_approved_and_is_flagged(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    page = as_person("editor").post(
        "/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111"), follow_redirects=True
    )
    assert "1 bản tin đã duyệt nói khác thông tin mới" in page.text
    assert states(web_database) == {"X1": "ready", "X2": "ready"}
    with web_database.reading() as session:
        flagged = {each.unit.code: each.outdated_at is not None for each in of(session, "BV").latest.renderings}
    assert flagged == {"X1": True, "X2": False}


def test_a_later_commune_that_failed_for_want_of_a_value_is_tried_once_it_is_there(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district, made=False)
    with web_database.writing() as session:
        rendering = of(session, "BV").latest.renderings[-1]
        rendering.state, rendering.message_vi = "failed", "Xã Cát Lộc chưa có giá trị cho {điện thoại}."
    as_person("editor").post("/don-vi/X3/gia-tri", data=typed("X3", PHONE, "0276 3 333 333"))
    assert states(web_database) == {"X1": "ready", "X2": "ready", "X3": "wanted"}


def test_two_who_fill_in_different_values_at_once_lose_nothing(as_person, web_database, district):
    client = as_person("editor")
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111") | typed("X1", 2, ""))
    # The other page was opened before: it shows no telephone and sends that back unchanged.
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "") | typed("X1", 3, "Sạch làng, đẹp ngõ"))
    assert values_of(web_database, district, "X1") == {
        "điện thoại": "0276 3 111 111",
        "khẩu hiệu": "Sạch làng, đẹp ngõ",
    }


def test_a_new_name_is_added_and_kept_as_scripts_write_it(as_person, web_database, district):
    client = as_person("operator")
    client.post("/don-vi/X1/gia-tri", data={"new_name": "{Địa  chỉ tiếp dân}", "new_value": "thôn Hạ"})
    assert values_of(web_database, district, "X1") == {"địa chỉ tiếp dân": "thôn Hạ"}
    page = client.get("/don-vi/X1/gia-tri").text
    assert "{địa chỉ tiếp dân}" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (typed("X1", PHONE, "số {xã}"), "dấu ngoặc nhọn"),
        (typed("X1", PHONE, "0" * 201), "dài quá 200"),
        (typed("X1", PHONE, "012\u0007"), "không đọc được"),
        ({"new_name": "tên", "new_value": ""}, "Hãy điền giá trị"),
        ({"new_name": "a|b", "new_value": "x"}, "chỉ gồm chữ"),
    ],
)
def test_what_cannot_be_a_value_is_told_at_its_field(as_person, web_database, district, form, words):
    answer = as_person("editor").post("/don-vi/X1/gia-tri", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert values_of(web_database, district, "X1") == {}


def test_every_change_is_on_record_and_can_be_taken_back(as_person, web_database, district):
    client = as_person("editor")
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111"))
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 222 222", was="0276 3 111 111"))
    with web_database.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.act == "set_values")).all()
        assert [event.detail["values"] for event in events] == [
            [["điện thoại", "", "0276 3 111 111"]],
            [["điện thoại", "0276 3 111 111", "0276 3 222 222"]],
        ]
    page = client.get("/don-vi/X1/gia-tri").text
    assert page.count("Đặt lại như cũ") == 1  # only of what still holds
    client.post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111", was="0276 3 222 222"))
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 3 111 111"}
    trail = as_person("administrator").get("/vet").text
    assert "điện thoại: “0276 3 111 111” → “0276 3 222 222”" in trail


def test_saving_what_is_there_already_changes_nothing(as_person, web_database, district):
    page = as_person("editor").post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, ""), follow_redirects=True)
    assert "Không có gì thay đổi." in page.text
    with web_database.reading() as session:
        assert session.scalars(select(AuditEvent).where(AuditEvent.act == "set_values")).all() == []


def test_the_table_of_a_district_shows_the_gaps_and_saves_all_communes_at_once(as_person, web_database, district):
    with_variables(web_database, district)
    with web_database.writing() as session:
        session.get_one(Unit, district.units["H1"]).variables = {}
    client = as_person("editor")
    page = client.get("/don-vi/H1/gia-tri/cap-duoi").text
    assert page.count('class="is-lacking"') == 1  # X1 has no telephone any more, X2 its own
    assert "điện thoại của Xã An Bình, còn thiếu" in page
    saved = client.post(
        "/don-vi/H1/gia-tri/cap-duoi",
        data=typed("X1", PHONE, "0276 3 111 111")
        | typed("X2", PHONE, "0276 3 222 222", was="0276 3 200 200")
        | typed("X2", 3, "Sạch làng"),
        follow_redirects=True,
    )
    assert "Đã lưu thông tin của 2 đơn vị." in saved.text
    assert values_of(web_database, district, "X1") == {"điện thoại": "0276 3 111 111"}
    assert values_of(web_database, district, "X2") == {"điện thoại": "0276 3 222 222", "khẩu hiệu": "Sạch làng"}
    assert "is-lacking" not in saved.text


def test_a_mistake_in_one_cell_saves_none_of_them(as_person, web_database, district):
    answer = as_person("editor").post(
        "/don-vi/H1/gia-tri/cap-duoi", data=typed("X1", PHONE, "012") | typed("X2", PHONE, "{")
    )
    assert answer.status_code == 422
    assert 'value="012"' in answer.text
    assert values_of(web_database, district, "X1") == {}


def test_fields_of_a_unit_outside_ones_own_are_ignored(as_person, web_database, district):
    as_person("operator").post("/don-vi/X1/gia-tri", data=typed("X2", PHONE, "012"))
    as_person("editor").post("/don-vi/H1/gia-tri/cap-duoi", data=typed("X9", PHONE, "012"))
    assert values_of(web_database, district, "X2") == values_of(web_database, district, "X9") == {}


def test_another_name_of_a_unit_is_said_in_what_waits_and_flags_what_airs(as_person, web_database, district):
    with_variables(web_database, district, "approved", "BA")
    with_variables(web_database, district, "submitted", "BV")
    page = as_person("administrator").post(
        "/don-vi/X1", data={"name": "Xã An Bình Mới", "kind": "xã"}, follow_redirects=True
    )
    assert "bản tin đã duyệt nói khác thông tin mới" in page.text
    assert states(web_database, "BV") == {"X1": "wanted", "X2": "ready"}
    assert states(web_database, "BA") == {"X1": "ready", "X2": "ready"}


def test_the_new_sound_of_a_commune_is_what_is_approved_next(as_person, web_database, district):
    with_variables(web_database, district)
    with web_database.reading() as session:
        shown = of(session, "BV").latest.sound_key
    as_person("editor").post("/don-vi/X1/gia-tri", data=typed("X1", PHONE, "0276 3 111 111"))
    with web_database.writing() as session:
        revision = of(session, "BV").latest
        make(session, revision.renderings[-1], sha_of("another", 1))
        session.refresh(revision)
        assert revision.sound_key not in {None, shown}


def test_handing_over_names_every_commune_that_lacks_a_value_and_where_to_fill_it_in(as_person, web_database, district):
    with_variables(web_database, district, "draft")
    newcomer(web_database, district)
    with web_database.writing() as session:
        session.get_one(Unit, district.units["H1"]).variables = {}
    client = as_person("editor")
    answer = client.post("/ban-tin/BV/gui-duyet", headers={"Referer": "http://localhost/ban-tin/BV"})
    assert answer.status_code == 422
    assert "{điện thoại} ở Xã An Bình, Xã Cát Lộc." in answer.text
    assert 'href="/don-vi/H1/gia-tri/cap-duoi?can=%C4%91i%E1%BB%87n+tho%E1%BA%A1i"' in answer.text
    with web_database.writing() as session:
        session.get_one(Unit, district.units["X2"]).variables = {}
    assert "{điện thoại} ở mọi nơi." in client.post("/ban-tin/BV/gui-duyet").text


# ---- what a page claims that somebody needs


def without_phone(database, code="BV"):
    with database.writing() as session:
        for unit in session.scalars(select(Unit)):
            unit.variables = {}
        return of(session, code).title


def test_a_draft_from_above_asks_nothing_of_a_commune_and_shows_it_no_title(as_person, web_database, district):
    with_variables(web_database, district, "draft")
    title = without_phone(web_database)
    page = as_person("operator").get("/don-vi/X1/gia-tri").text
    assert title not in page
    assert "Còn thiếu" not in page
    # Who writes in the unit of the draft sees what it lacks.
    own = as_person("editor").get("/don-vi/X1/gia-tri").text
    assert title in own
    assert "Còn thiếu: bản tin cần thông tin này." in own


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_what_was_handed_over_tells_a_commune_what_it_lacks(as_person, web_database, district, state):
    with_variables(web_database, district, state)
    title = without_phone(web_database)
    page = as_person("operator").get("/don-vi/X1/gia-tri").text
    assert title in page
    assert "Còn thiếu: bản tin cần thông tin này." in page


def red_cells(page):
    return re.findall(r'<td data-th="([^"]*)" class="is-lacking is-asked">', page)


def test_the_columns_one_came_for_are_marked_though_the_text_is_not_saved_yet(as_person, web_database, district):
    client = as_person("editor")
    assert red_cells(client.get("/don-vi/H1/gia-tri/cap-duoi").text) == []
    address = "/don-vi/H1/gia-tri/cap-duoi?can=địa+điểm&can=khẩu+hiệu&can={x|y}"
    page = client.get(address).text
    assert red_cells(page) == ["khẩu hiệu", "địa điểm"] * 2
    assert page.count('<th class="is-asked">') == 2
    (field,) = re.findall(r'name="([^"]*)"[^>]* aria-label="địa điểm của Xã An Bình, còn thiếu"', page)
    answer = client.post(address, data={f"{field}-was": "", field: "nhà văn hoá"})
    assert values_of(web_database, district, "X1") == {"địa điểm": "nhà văn hoá"}
    # What is still to be filled in stays marked.
    assert red_cells(client.get(answer.location).text) == ["khẩu hiệu", "khẩu hiệu", "địa điểm"]


def test_a_unit_asked_for_one_value_shows_its_row(as_person):
    page = as_person("operator").get("/don-vi/X1/gia-tri?can=địa+điểm").text
    assert 'class="is-lacking is-asked"' in page
    assert "Còn thiếu: bản tin đang soạn cần thông tin này." in page


# ---- a name that was mistyped


def preview(client, script):
    return client.post("/ban-tin/soan", data=bulletin_form(script=script, act="look")).text


def test_a_name_near_a_known_one_is_questioned_beside_what_is_missing(as_person):
    page = preview(as_person("editor"), "Mời bà con {xa} gọi {địa điểm}.")
    assert re.search(r"\{xa\} chưa có giá trị ở .* \(Ý bạn là \{xã\}\?\)\.", page)
    assert page.count("Ý bạn là") == 1


def test_handing_over_a_mistyped_name_asks_what_was_meant(as_person, web_database, district):
    with_variables(web_database, district, "draft")
    with web_database.writing() as session:
        of(session, "BV").latest.script = "Mời bà con {xa} gọi số {dien thoai}."
    page = as_person("editor").post("/ban-tin/BV/gui-duyet", follow_redirects=True).text
    assert "{xa} ở mọi nơi (Ý bạn là {xã}?)" in page
    assert "{dien thoai} ở mọi nơi (Ý bạn là {điện thoại}?)" in page
