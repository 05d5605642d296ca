"""What the small scripts add in a real browser, under the real content policy and with CSRF on."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from audio.store import AudioStore
from broadcast.bulletin import State
from tests.left_out import chromium_path
from tests.web.bulletin_parts import WORDS, bulletin_form, code_from, give_sound, of
from tests.web.seed import NOW, SOUND

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.chromium

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a free port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(app: Flask, browser, address: str, district) -> Iterator[Callable]:
    """`opened("editor", "/ban-tin")`: the page as that person sees it. At the end no script may have complained."""
    complaints: list[str] = []
    contexts = []

    def open_page(login: str, path: str):
        app.config["WTF_CSRF_ENABLED"] = True
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = serializer.dumps({"_user_id": f"{district.people[login]}.1", "_fresh": True})
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": "truyen_thanh", "value": cookie, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def sound_of(seconds: float) -> bytes:
    """Silence in a WAV, which every browser plays."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\x00\x00" * int(8000 * seconds))
    return file.getvalue()


@pytest.fixture
def second(services) -> None:
    """The seeded sound has a file: a second of silence, where its row promises a minute."""
    path = AudioStore(services.settings.audio_dir).path(SOUND)
    path.parent.mkdir(parents=True)
    path.write_bytes(sound_of(1.0))


def test_what_will_be_said_follows_the_typing(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Họp lúc 17h30 tại [điền: địa điểm].")
    page.wait_for_selector("#said mark.mark-gap")
    assert "mười bảy giờ ba mươi" in page.inner_text("#said")


def test_the_player_appears_when_the_sound_is_ready_without_losing_what_is_typed(opened, as_person, services):
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    assert page.locator("#sound [data-pending]").count() == 1
    page.fill("#f-script", WORDS + " Chưa lưu.")
    give_sound(services, code, sound_of(0.2))
    page.wait_for_selector("#sound audio")
    assert page.input_value("#f-script").endswith("Chưa lưu.")


def test_what_was_played_goes_with_the_approval(opened, second, web_database):
    page = opened("approver", "/duyet/BT2")
    page.evaluate("() => document.getElementById('heard-player').play()")
    page.get_by_text("Đã nghe 100%").wait_for()
    assert 900 <= int(page.input_value("#heard_ms")) <= 1100
    # one second of the minute that the row promises: asked once more
    page.get_by_role("button", name="Duyệt cho phát").click()
    page.get_by_text("Bạn mới nghe 1 giây").wait_for()
    page.get_by_role("button", name="Duyệt").click()
    page.get_by_text("Đã duyệt “Tiêm phòng cho đàn trâu bò”").wait_for()
    with web_database.reading() as session:
        bulletin = of(session, "BT2")
        assert bulletin.state_on(NOW.date()) is State.APPROVED
        assert 900 <= bulletin.latest.approvals[0].heard_ms <= 1100


def test_ctrl_enter_asks_and_no_single_key_decides(opened, second, web_database):
    page = opened("approver", "/duyet/BT2")
    page.locator("h1").click()
    for key in ("d", "Enter", "a", " "):
        page.keyboard.press(key)
    assert page.url.endswith("/duyet/BT2")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Quay lại nghe").wait_for()
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "submitted"


def test_the_week_of_a_rule_follows_the_typing(opened, second):
    page = opened("editor", "/lich-phat/moi?ban-tin=BT1")
    page.check("[value='station:S1']")
    page.fill("#f-times", "5h30, 22h30")
    page.fill("#f-from_on", "23/11/2026")
    page.get_by_text("7 lượt sẽ phát").wait_for()
    assert "cả bảy ngày" in page.inner_text("#preview")
    page.fill("#f-times", "25:61")
    page.get_by_text("Không có giờ “25:61”").wait_for()
