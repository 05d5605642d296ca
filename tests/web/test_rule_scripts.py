"""The form of a rule in a real browser: the preview follows, its buttons change what is typed and lose nothing."""

from __future__ import annotations

import pytest

from broadcast.rule import Rule
from tests.web.bulletin_parts import count_of
from tests.web.rule_parts import EVENING, MORNING, rule_of, with_sessions
from tests.web.test_bulletin_scripts import address, browser, opened, second  # noqa: F401
from tests.web.test_room_scripts import DESK, PHONE

pytestmark = pytest.mark.chromium


def writing(page, **fields: str) -> None:
    """BT1 in all of H1 from Monday on."""
    page.check("[name=bulletins][value=BT1]")
    page.check("[value='unit:H1']")
    page.fill("#f-from_on", "23/11/2026")
    for name, value in fields.items():
        page.fill(f"#f-{name}", value)


def test_a_button_of_the_preview_changes_the_form_and_keeps_what_is_typed(opened, second, web_database):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    before = count_of(web_database, Rule)
    page.locator("summary", has_text="Ngày loại trừ").click()
    page.select_option("#f-on_collision", "refuse")
    writing(page, times="5h30, 17:15", name="Tên đang gõ", except_on="1/1/2027")
    page.get_by_text("lịch này chọn không phát khi trùng giờ").wait_for()
    page.get_by_role("button", name="Đổi 17:15 thành 17:16").click()
    page.get_by_text("xếp được hết").wait_for()
    assert page.input_value("#f-times") == "05:30, 17:16"
    assert page.input_value("#f-name") == "Tên đang gõ"
    assert page.input_value("#f-except_on") == "1/1/2027"
    assert page.url.endswith("/lich-phat/moi"), "nothing was left"
    assert count_of(web_database, Rule) == before
    page.get_by_role("button", name="Lưu lịch phát").click()
    page.wait_for_url("**/lich-phat/LP-*")
    with web_database.reading() as session:
        rule = rule_of(session, page.url.rsplit("/", 1)[1])
        assert (rule.times, rule.name, rule.except_on) == (["05:30", "17:16"], "Tên đang gõ", ["2027-01-01"])


def test_going_first_is_carried_by_the_form_and_can_be_taken_back(opened, second):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    writing(page, times="17:15")
    page.get_by_role("button", name="Cho lịch này phát trước ở 2 xã").click()
    page.get_by_text("Lịch khác phải nhường").wait_for()
    assert page.locator("[name=first]:checked").count() == 2
    page.uncheck("[name=first][value=X1]")
    page.get_by_text("phát muộn hơn").wait_for()
    assert page.locator("[name=first]:checked").count() == 1


def test_what_depends_on_the_places_follows_them_while_typing(opened, second, web_database, district):  # noqa: F811
    with_sessions(web_database, district, MORNING, EVENING, unit="X1")
    page = opened("editor", "/lich-phat/moi")
    writing(page)
    page.check("[name=time_kind][value=sessions]")
    assert page.locator("[name=sessions]").count() == 2
    page.uncheck("[value='unit:H1']")
    page.check("[value='station:S2']")
    page.locator("#session-boxes").get_by_text("Những nơi này chưa đặt khung giờ phát").wait_for()
    page.check("[name=days][value=chosen]")
    page.fill("#f-lunar_other", "29")
    page.get_by_text("(ngày 29 tháng 10)").wait_for()


def test_typing_into_the_fields_of_one_way_chooses_it(opened, second):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    assert not page.is_checked("[name=time_kind][value=every]")
    page.fill("#f-every_minutes", "60")
    assert page.is_checked("[name=time_kind][value=every]")
    assert not page.is_visible("#f-dates")
    page.check("[name=days][value=chosen]")
    assert page.is_visible("#f-dates")
    assert not page.is_visible("#f-per_day")
    page.select_option("#f-session_way", "spread")
    assert page.is_visible("#f-per_day")


def test_a_slow_preview_says_that_it_computes(opened, second, app):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    page.wait_for_timeout(1000)
    held = []
    page.route("**/lich-phat/xem-truoc", lambda route: held.append(route))  # noqa: PLW0108  # it takes functions only
    writing(page, times="5h30")
    page.get_by_text("Đang tính lại…").wait_for()
    held[-1].continue_()
    page.get_by_text("14 lượt sẽ phát").wait_for()
    assert not page.is_visible("#preview-busy")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_form_fits_the_screen_and_its_buttons_a_finger(opened, second, size):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    page.set_viewport_size(size)
    writing(page, times="17:15, 23:30")
    page.locator(".btn-offer").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for button in page.locator(".btn-offer").all():
        assert button.bounding_box()["height"] >= 40


def test_enter_saves_and_takes_no_offer(opened, second, web_database):  # noqa: F811
    page = opened("editor", "/lich-phat/moi")
    writing(page, times="17:15")
    page.locator(".btn-offer").first.wait_for()
    page.press("#f-times", "Enter")
    page.wait_for_url("**/lich-phat/LP-*")
    with web_database.reading() as session:
        assert rule_of(session, page.url.rsplit("/", 1)[1]).times == ["17:15"]
