"""Approving in a real browser: what was heard of each sound is counted, and kept for whoever comes back."""

from __future__ import annotations

import pytest

from audio.store import AudioStore
from tests.web.bulletin_parts import of
from tests.web.commune_parts import sha_of, with_variables
from tests.web.test_bulletin_scripts import address, browser, opened, second, sound_of  # noqa: F401

pytestmark = pytest.mark.chromium


def test_who_goes_back_to_listen_has_heard_already_what_was_heard(opened, second, web_database):  # noqa: F811
    page = opened("approver", "/duyet/BT2")
    page.evaluate("() => document.getElementById('heard-player').play()")
    page.get_by_text("Đã nghe 100%").wait_for()
    page.get_by_role("button", name="Duyệt cho phát").click()
    page.get_by_role("link", name="Quay lại nghe").click()
    page.wait_for_url("**/duyet/BT2")
    page.get_by_text("Đã nghe 100%").wait_for()
    # The same second heard twice is one second.
    page.evaluate("() => document.getElementById('heard-player').play()")
    page.wait_for_function("() => document.getElementById('heard-player').ended")
    page.get_by_role("button", name="Duyệt cho phát").click()
    page.get_by_text("Bạn mới nghe 1 giây").wait_for()
    page.get_by_role("button", name="Vẫn duyệt").click()
    page.get_by_text("Đã duyệt “Tiêm phòng").wait_for()
    with web_database.reading() as session:
        assert 900 <= of(session, "BT2").latest.approvals[0].heard_ms <= 1100


@pytest.fixture
def communes(services, web_database, district) -> None:
    """BV waits with a sound of X1 and one of X2, a second of silence each."""
    with_variables(web_database, district)
    for unit in ("X1", "X2"):
        path = AudioStore(services.settings.audio_dir).path(sha_of("BV", district.units[unit]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sound_of(1.0))


def test_the_sound_of_another_commune_counts_and_is_told_after_going_back(opened, communes):  # noqa: F811
    page = opened("approver", "/duyet/BV")
    page.evaluate("() => document.querySelector('table.communes audio').play()")
    page.get_by_text("Đã nghe 100%").wait_for()
    told = "Đã nghe 1 giây / 20 giây của Xã Bình Minh; chưa nghe bản của: Xã An Bình."
    for _ in range(2):
        page.get_by_role("button", name="Duyệt cả 2 bản cho phát").click()
        page.get_by_text(told).wait_for()
        page.get_by_role("link", name="Quay lại nghe").click()
        page.wait_for_url("**/duyet/BV")


def test_the_next_person_at_the_same_desk_has_heard_nothing(opened, second, district):  # noqa: F811
    page = opened("approver", "/duyet/BT2")
    page.evaluate("() => document.getElementById('heard-player').play()")
    page.get_by_text("Đã nghe 100%").wait_for()
    page.locator("#account-menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap**")
    assert page.evaluate("() => Object.keys(sessionStorage).filter((key) => key.startsWith('heard:'))") == []


@pytest.mark.parametrize("width", [390, 1366])
def test_the_decision_is_in_sight_wherever_one_reads(opened, communes, width):  # noqa: F811
    page = opened("approver", "/duyet/BV")
    page.set_viewport_size({"width": width, "height": 768})
    button = page.get_by_role("button", name="Duyệt cả 2 bản cho phát")
    for place in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"() => window.scrollTo(0, {place})")
        box = button.bounding_box()
        assert 0 < box["y"] < 768 - box["height"]
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
