"""Whether what one has to see or press is in sight in a real browser: nothing fixed covers it."""

from __future__ import annotations

import pytest

from tests.web.bulletin_parts import WORDS
from tests.web.commune_parts import newcomer, with_variables
from tests.web.test_bulletin_scripts import address, browser, opened, second  # noqa: F401

pytestmark = pytest.mark.chromium

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def box(page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found


def test_sending_back_leaves_the_text_in_sight(opened, second):  # noqa: F811
    page = opened("approver", "/duyet/BT2")
    page.get_by_text("Trả lại để sửa").click()
    assert page.get_by_label("Lý do trả lại").is_visible()
    assert page.get_by_role("button", name="Trả lại", exact=True).is_visible()
    assert box(page, ".bar.decide")["height"] <= 0.25 * DESK["height"]
    page.set_viewport_size(PHONE)
    assert box(page, ".bar.decide")["height"] <= 0.3 * PHONE["height"]


def test_the_sounds_of_new_communes_are_approved_below_their_text(opened, web_database, district):  # noqa: F811
    with_variables(web_database, district, "approved")
    newcomer(web_database, district)
    page = opened("approver", "/duyet/BV/xa-moi")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
        assert box(page, "table.beside")["y"] < box(page, "#approve")["y"]
        assert box(page, ".bar.decide")["height"] <= 0.25 * size["height"]
        page.evaluate("() => window.scrollTo(0, 0)")
        button = box(page, "#approve button")
        assert button["y"] + button["height"] <= size["height"], "it stays in sight"


@pytest.mark.parametrize(("login", "path"), [("operator", "/ban-tin/BT3/sua"), ("editor", "/ban-tin/BT1/sua")])
def test_the_bar_of_the_editor_covers_no_variable(opened, second, login, path):  # noqa: F811
    page = opened(login, path)
    page.fill("#f-script", WORDS * 20)
    page.get_by_text("chưa có những chỗ bạn vừa sửa").wait_for()
    bar = box(page, ".bars")
    for chip in page.locator(".variables .variable").all():
        place = chip.bounding_box()
        assert place["y"] + place["height"] <= bar["y"]
    text = box(page, "#f-script")
    assert min(text["y"] + text["height"], bar["y"]) - text["y"] >= 180, "and there is room to write"


def test_what_was_told_about_the_sound_goes_once_it_is_stopped(opened):  # noqa: F811
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-title", "Họp thôn")
    page.fill("#f-script", WORDS)
    page.click("#save")
    page.get_by_text("Âm thanh đang được dựng").wait_for()
    page.click("#stop-rendering")
    page.get_by_text("Đã dừng dựng âm thanh").wait_for()
    assert page.get_by_text("Âm thanh đang được dựng").count() == 0
