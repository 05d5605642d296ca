"""Sending a file, recording one and listening to two profiles in a real browser, under the real policy, CSRF on."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

import pytest

from tests.left_out import chromium_path
from tests.web.bulletin_parts import bulletin_form, code_from
from tests.web.test_bulletin_scripts import FLAGS, address, opened  # noqa: F401  (fixtures)
from tests.web.upload_parts import JPEG, file_form, files_under, make_sound, newest, posted, spoken

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.chromium

NEW = "/ban-tin/thu-am/moi"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Somebody speaks into its microphone, and nobody is asked for it."""
    speech = tmp_path_factory.mktemp("microphone") / "speech.wav"
    speech.write_bytes(spoken(10))
    microphone = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech}",
    ]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, *microphone])
        yield browser
        browser.close()


def choose(page, content: bytes, name: str = "thu.wav") -> None:
    page.set_input_files("#f-file", {"name": name, "mimeType": "audio/wav", "buffer": content})


def length_of(page, player: str) -> float:
    """Seconds, once the browser knows them."""
    return page.evaluate(
        "(player) => new Promise((told, failed) => { const one = document.querySelector(player); "
        "one.onloadedmetadata = () => told(one.duration); one.onerror = () => failed(one.error); one.load(); })",
        player,
    )


def test_a_file_that_is_no_sound_is_told_at_its_field_and_the_next_one_is_sent(opened, services):  # noqa: F811
    page = opened("editor", NEW)
    page.fill("#f-title", "Lời mời của trưởng thôn")
    choose(page, JPEG, "anh.mp3")
    page.click("text=Gửi tệp và lưu bản tin")
    page.wait_for_selector("#e-file:has-text('là ảnh (JPEG)')")
    assert page.input_value("#f-title") == "Lời mời của trưởng thôn"
    choose(page, b"", "trong.wav")
    assert "rỗng (0 byte)" in page.inner_text("#e-file")
    choose(page, spoken(3))
    assert page.locator("#e-file").is_hidden()
    page.click("text=Gửi tệp và lưu bản tin")
    page.wait_for_url("**/ban-tin/BT-*")
    assert "Đã nhận tệp thu âm" in page.inner_text("main")
    assert page.locator("#sound [data-pending]").count() == 1


def test_a_file_over_the_limit_is_refused_before_it_is_sent(opened, settings):  # noqa: F811
    page = opened("editor", NEW)
    page.fill("#f-title", "Dài")
    page.evaluate("document.getElementById('f-file').dataset.largest = 65536")
    choose(page, spoken(3))
    assert "lớn hơn mức" in page.inner_text("#e-file")
    page.click("text=Gửi tệp và lưu bản tin")
    assert page.url.endswith(NEW)
    assert files_under(settings.uploads_dir) == []


def test_a_file_dropped_on_its_field_is_chosen(opened):  # noqa: F811
    page = opened("editor", NEW)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(2000)], "tha.wav", { type: "audio/wav" }));
          document.querySelector("[data-file-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""  # noqa: E501
    )
    assert page.evaluate("document.getElementById('f-file').files[0].name") == "tha.wav"


def test_what_is_recorded_in_the_browser_is_heard_and_becomes_a_bulletin(opened, services):  # noqa: F811
    page = opened("editor", NEW)
    page.fill("#f-title", "Ghi tại phòng máy")
    page.click("[data-record]")
    page.wait_for_selector("[data-record-words]:has-text('Đang ghi 0:03')")
    page.click("[data-record]")
    page.wait_for_selector("[data-record-words]:has-text('Đã ghi 0:0')")
    length = length_of(page, ".recorder audio")
    assert length > 2
    assert f"Đã ghi 0:{floor(length + 0.5):02}." in page.inner_text("[data-record-words]"), "as it is said everywhere"
    page.click("text=Gửi tệp và lưu bản tin")
    page.wait_for_url("**/ban-tin/BT-*")
    assert make_sound(services)
    with services.database.reading() as session:
        revision = newest(session).latest
        assert revision.upload.name.startswith("ghi-am-")
        assert revision.audio.duration_ms > 1500


def test_two_profiles_change_over_at_the_same_place(opened, as_person, services):  # noqa: F811
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.evaluate(
        "() => { window.tracks = []; const real = Audio; window.Audio = function (url) "
        "{ const one = new real(url); window.tracks.push(one); return one; }; }"
    )
    page.click("#arrangement summary")
    page.click("[data-side=gentle]")
    page.wait_for_selector("[data-side-words]:has-text('Đang nghe: Dịu')", timeout=60_000)
    page.click("[data-side=horn]")
    page.wait_for_selector("[data-side-words]:has-text('Đang nghe: Loa nén')", timeout=60_000)
    services.listening.close()
    first, second = page.evaluate("window.tracks.map((one) => [one.currentTime, one.muted, one.paused])")
    assert abs(first[0] - second[0]) < 0.2
    assert (first[1], second[1]) == (True, False)
    assert page.get_attribute("[data-side=horn]", "aria-pressed") == "true"
    assert page.get_attribute("[data-side=gentle]", "aria-pressed") == "false"


def test_the_chosen_chime_is_the_one_to_hear(opened):  # noqa: F811
    page = opened("editor", "/ban-tin/soan")
    page.click("#arrangement summary")
    player = page.locator("[data-chime-of]")
    page.select_option("#f-chime", "bamboo")
    assert player.get_attribute("src").endswith("/nhac-hieu/nghe/bamboo")
    assert length_of(page, "[data-chime-of]") > 2
    page.select_option("#f-chime", "none")
    assert player.is_hidden()


def test_the_chime_to_hear_follows_the_choice_after_an_answer_too(opened, services):  # noqa: F811
    page = opened("editor", NEW)
    page.click("#arrangement summary")
    assert page.locator(".chime-heard").is_hidden()
    page.select_option("#f-chime", "bells")
    assert page.get_attribute(".chime-heard", "src").endswith("/nhac-hieu/nghe/bells")
    page.fill("#f-title", "Lời mời")
    page.fill("#f-closing", "Chào bà con {xã}.")
    choose(page, spoken(3))
    page.click("text=Gửi tệp và lưu bản tin")
    page.wait_for_selector("#e-closing:has-text('một âm thanh chung')")
    page.select_option("#f-chime", "bamboo")
    assert page.get_attribute(".chime-heard", "src").endswith("/nhac-hieu/nghe/bamboo")
    page.select_option("#f-chime", "none")
    assert page.locator(".chime-heard").is_hidden()
    page.fill("#f-closing", "Xin cảm ơn bà con.")
    page.click("text=Gửi tệp và lưu bản tin")
    page.wait_for_url("**/ban-tin/BT-*")
    with services.database.reading() as session:
        assert newest(session).latest.closing == "Xin cảm ơn bà con."


def test_a_failed_recording_offers_another_file_in_readable_words_and_is_not_handed_over_meanwhile(
    opened,  # noqa: F811
    as_person,
    services,
):
    code = code_from(posted(as_person("editor"), NEW, file_form(spoken(3))).location)
    with services.database.writing() as session:
        rendering = newest(session).latest.rendering
        rendering.state, rendering.attempts = "failed", 2
        rendering.message_vi = "Không thể đưa âm thanh này về độ to chuẩn: tiếng quá ngắt quãng hoặc bị méo."
    page = opened("editor", f"/ban-tin/{code}")
    other = page.locator("text=Chọn tệp khác")
    ink, ground = other.evaluate("(one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]")
    assert (ink, ground) == ("rgb(255, 255, 255)", "rgb(31, 78, 121)")
    hand_over = page.locator("button:text-is('Gửi duyệt')")
    assert hand_over.is_hidden()
    page.click("#render-again")
    page.wait_for_selector("[data-pending]")
    assert hand_over.is_visible()
