"""The pages that people look at all day, in a real browser: on the desk, on a telephone and on paper."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from broadcast.bulletin import Bulletin
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.unit import Unit
from tests.web.programme_parts import airing, by_code, sessions_of
from tests.web.seed import NOW
from tests.web.test_bulletin_scripts import address, browser, opened  # noqa: F401

pytestmark = pytest.mark.chromium

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PAGES = ("/ca-ngay", "/ca-ngay?gom=1", "/tram/S1/chuong-trinh", "/sap-phat", "/thu-tu?don-vi=X1",
         "/thu-tu/khong-phat?don-vi=X1&lich=LP1")  # fmt: skip


@pytest.fixture
def full(web_database):
    """Sessions, something that begins soon, and three items that a commune may order."""
    with web_database.writing() as session:
        sessions_of(session, "H1", ("sáng", "05:30", "06:30"), ("chiều", "17:00", "18:00"))
        for minutes in (5, 9, 14, 25):
            airing(session, "S1", NOW + timedelta(minutes=minutes))
        bulletin, unit = by_code(session, Bulletin, "BT1"), by_code(session, Unit, "H1")
        for code in ("LP2", "LP3"):
            rule = Rule(code=code, unit_id=unit.id, name=f"Lịch {code}", times=["06:00"], created_at=NOW)
            rule.bulletins.append(RuleBulletin(bulletin=bulletin, position=0))
            rule.targets.append(RuleTarget(unit_id=unit.id))
            session.add(rule)


def sheets(pdf: bytes) -> tuple[int, bool]:
    """How many there are, and whether the first lies across."""
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box is not None
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)), float(box[1]) > float(box[2])


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_the_screen(opened, full, path):  # noqa: F811
    page = opened("editor", path)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, size


def test_tapping_a_refused_slot_shows_why(opened, full):  # noqa: F811
    page = opened("editor", "/ca-ngay")
    reason = page.locator(".day-more p", has_text="22:30 nằm trong giờ cấm phát")
    assert not reason.is_visible()
    page.locator(".day-refused a").first.click()
    reason.wait_for()
    assert reason.is_visible()


def test_on_a_telephone_each_station_is_a_card(opened, full):  # noqa: F811
    page = opened("editor", "/ca-ngay")
    assert page.locator(".day-track").first.is_visible()
    assert not page.locator(".day-cards").first.is_visible()
    page.set_viewport_size(PHONE)
    assert not page.locator(".day-track").first.is_visible()
    card = page.locator(".day-cards a").first
    assert card.is_visible()
    assert card.bounding_box()["height"] >= 44


def test_the_week_of_a_station_is_one_sheet_across(opened, full):  # noqa: F811
    assert sheets(opened("editor", "/tram/S1/chuong-trinh").pdf(prefer_css_page_size=True)) == (1, True)


def test_the_day_of_all_stations_lies_across(opened, full):  # noqa: F811
    assert sheets(opened("editor", "/ca-ngay").pdf(prefer_css_page_size=True)) == (1, True)


def test_one_orders_with_the_keyboard_and_stays_at_the_same_item(opened, full):  # noqa: F811
    page = opened("operator", "/thu-tu")
    page.get_by_role("button", name="Lên một bậc: Lịch LP3").focus()
    for _ in range(2):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.getAttribute('aria-label')?.endsWith(': Lịch LP3')")
    names = page.locator(".order-what strong").all_inner_texts()
    assert names[0] == "Lịch LP3"
