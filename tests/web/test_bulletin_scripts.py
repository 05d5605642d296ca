"""What the small scripts add in a real browser, under the real content policy and with CSRF on."""

from __future__ import annotations

import io
import re
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
from tests.web.seed import NOW, PASSWORD, SOUND

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
        cookie = serializer.dumps({"_user_id": f"{district.people[login]}.1.mark", "_fresh": True})
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": "truyen_thanh", "value": cookie, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda told: complaints.append(told.text) if told.type == "error" and not refused(told) else None
        )
        page.goto(address + path)
        return page

    def refused(told) -> bool:
        """A form that is to be refused or to wait: the browser writes the status of a page into its console."""
        return re.search(r"status of (401|409|422|503)", told.text) is not None

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
    page.get_by_role("button", name="Vẫn duyệt").click()
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
    assert "mọi ngày" in page.inner_text("#preview")
    page.fill("#f-times", "25:61")
    page.get_by_text("Không có giờ “25:61”").wait_for()


def test_what_was_typed_and_not_saved_is_offered_back_after_the_page_was_lost(opened, web_database):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-title", "Mời họp thôn")
    page.fill("#f-script", "Tối nay họp thôn lúc bảy giờ.")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.input_value("#f-script") == ""
    page.get_by_role("button", name="Khôi phục nội dung chưa lưu").click()
    assert page.input_value("#f-title") == "Mời họp thôn"
    assert page.input_value("#f-script") == "Tối nay họp thôn lúc bảy giờ."
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url("**/ban-tin/*/sua")
    assert page.locator(".draft-offer").count() == 0
    page.goto(page.url.split("/ban-tin")[0] + "/ban-tin/soan")
    assert page.locator(".draft-offer").count() == 0, "what was saved is no draft any more"


def test_what_was_typed_when_the_session_ended_survives_the_sign_in_in_the_browser(opened, web_database):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-title", "Mời họp thôn")
    page.fill("#f-script", "Tối nay họp thôn.\nXin mời bà con.")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_text("Nội dung bạn gõ vẫn được giữ.").wait_for()
    page.fill("#f-login", "editor")
    page.fill("#f-password", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("button", name="Gửi tiếp nội dung này").click()
    page.wait_for_url("**/ban-tin/*/sua")
    assert page.input_value("#f-script") == "Tối nay họp thôn.\nXin mời bà con."


def test_signing_out_leaves_nothing_typed_behind(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-title", "Chưa xong")
    assert page.evaluate("() => Object.keys(sessionStorage).length") == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#account-menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap")
    assert page.evaluate("() => Object.keys(sessionStorage).length") == 0


def test_going_back_after_a_form_was_refused_asks_for_it_anew(opened):
    page = opened("editor", "/lich-phat/moi")
    page.fill("#f-times", "6h15")
    for _ in range(2):
        page.get_by_role("button", name="Lưu lịch phát").click()
        page.get_by_text("Hãy chọn bản tin để phát.").first.wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(page.url.split("/lich-phat")[0] + "/tram")
    page.go_back()
    page.wait_for_selector("#rule-form")
    page.get_by_text("Khôi phục nội dung chưa lưu").click()
    assert page.input_value("#f-times") == "6h15"


def test_the_player_says_that_its_sound_is_older_than_what_is_being_typed(opened, as_person, services):
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    told = page.locator("#sound-old")
    assert not told.is_visible()
    page.fill("#f-script", WORDS + " Thêm một câu.")
    assert "Âm thanh này là của bản 1 đã lưu" in told.inner_text()
    page.fill("#f-script", WORDS)
    assert not told.is_visible()


def test_each_question_is_ticked_on_its_own_and_the_count_follows(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Liên hệ QZXW để biết thêm.")
    page.locator("#said .said-doubt").first.wait_for()
    page.locator("#said [name=as_is]").check()
    page.locator("#said-figures .flag-good").wait_for()
    assert page.locator("#said-questions [name=as_is]").is_checked()
    page.fill("#f-script", "Liên hệ QZXW hoặc WRTQX để biết thêm.")
    page.get_by_text("? 1 chỗ cần xem").wait_for()
    assert page.locator('#said [value="capitals:QZXW"]').is_checked()
    assert not page.locator('#said [value="capitals:WRTQX"]').is_checked()


def test_taking_the_colleagues_text_leaves_ones_own_without_another_question(app, opened, as_person):
    client = as_person("editor")
    code = code_from(client.post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("approver", f"/ban-tin/{code}/sua")
    app.config["WTF_CSRF_ENABLED"] = False
    saved = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Lời của người thứ nhất."))
    assert saved.status_code == 302
    page.fill("#f-script", "Lời của người thứ hai.")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_text("Bản của bạn (chưa lưu)").wait_for()
    page.get_by_role("link", name="Lấy bản của Lê Thị Biên").first.click()
    page.get_by_text("Bản của bạn (chưa lưu)").wait_for(state="detached")
    assert page.input_value("#f-script") == "Lời của người thứ nhất."
    assert page.locator(".draft-offer").count() == 0


def test_a_draft_that_is_offered_back_undoes_nothing_that_others_saved_meanwhile(app, opened, as_person):
    client = as_person("editor")
    code = code_from(client.post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("approver", f"/ban-tin/{code}/sua")
    page.fill("#f-script", "Lời của người thứ hai.")
    app.config["WTF_CSRF_ENABLED"] = False
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Lời của người thứ nhất."))
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.input_value("#f-script") == "Lời của người thứ nhất."
    page.get_by_role("button", name="Khôi phục nội dung chưa lưu").click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_text("Bản của bạn (chưa lưu)").wait_for()


def test_a_sentence_is_heard_and_the_next_ones_after_it(opened, services):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Mời bà con.\nĐi họp.\nXin cảm ơn.")
    page.locator("#cau-3").wait_for()
    page.check("#onward")
    page.locator("#cau-1 .said-play").click()
    page.locator("#cau-1.is-playing .said-play[aria-busy=false]").wait_for()
    assert page.locator("#cau-1 .said-play").inner_text() == "■"
    page.locator("#cau-2.is-playing").wait_for()
    page.locator("#cau-3.is-playing").wait_for()
    page.wait_for_function("() => !document.querySelector('.is-playing')")
    assert page.evaluate("document.getElementById('editor').dataset.dirty") == "1"
    assert page.input_value("#f-script").startswith("Mời bà con.")
    services.listening.close()


def test_a_sentence_that_cannot_be_heard_now_says_why(opened, services):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Mời bà con đi họp.")
    page.route("**/nghe-thu", lambda route: route.fulfill(status=422, json={"message": "Giọng đọc đang hỏng."}))
    page.locator("#cau-1 .said-play").click()
    page.get_by_text("Giọng đọc đang hỏng.").wait_for()
    assert page.locator(".is-playing").count() == 0


def test_while_another_person_listens_ones_own_sentence_waits_and_is_told_so(opened, services):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Mời bà con đi họp.")
    page.locator("#cau-1").wait_for()
    with services.listening.turns.turn("another person"):
        page.locator("#cau-1 .said-play").click()
        page.get_by_text("Có người khác đang nghe thử.").wait_for()
    page.locator("#cau-1.is-playing .said-play[aria-busy=false]").wait_for()
    services.listening.close()


def test_what_is_said_for_a_piece_lights_up_beside_it(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "UBND mời họp lúc 19h30.")
    page.locator("#cau-1 .said-written mark", has_text="19h30").hover()
    page.locator("#cau-1 .said-spoken mark.is-paired", has_text="mười chín giờ ba mươi phút").wait_for()
    assert page.locator("mark.is-paired").count() == 2


def test_a_row_leads_to_its_sentence_in_the_text_and_a_gap_to_where_it_is_filled_in(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "😀 Chúc mừng bà con. Ở {xã} này.\nTại [điền: nơi họp] nhé.")
    page.locator("#cau-3").wait_for()
    chosen = """() => {
        const text = document.getElementById('f-script');
        return text.value.slice(text.selectionStart, text.selectionEnd);
    }"""
    page.locator("#cau-2 .said-number").click()
    assert page.evaluate(chosen) == "Ở {xã} này."
    page.locator("#cau-3 .said-written mark").click()
    assert page.evaluate(chosen) == "[điền: nơi họp]"
    page.evaluate("document.getElementById('f-script').setSelectionRange(0, 0)")
    page.locator(".said-next").click()
    assert page.evaluate(chosen) == "[điền: nơi họp]"


def test_rows_that_did_not_change_keep_the_focus_while_others_follow_the_typing(opened):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Câu một.\nHọp lúc 17h30.")
    page.locator("#cau-2").wait_for()
    page.locator("#cau-1 .said-play").focus()
    page.evaluate(
        """() => { const t = document.getElementById('f-script'); t.value = 'Câu một.\\nHọp lúc 18h15.';
        t.dispatchEvent(new Event('input', { bubbles: true })); }"""
    )
    page.get_by_text("mười tám giờ mười lăm").wait_for()
    assert page.evaluate("document.activeElement.value") == "Câu một."


def test_variables_go_where_the_caret_is_and_one_hears_each_unit(opened, district):
    page = opened("editor", "/ban-tin/soan")
    page.fill("#f-script", "Kính thưa bà con .")
    page.evaluate("document.getElementById('f-script').setSelectionRange(17, 17)")
    page.get_by_role("button", name="{xã}").click()
    assert page.input_value("#f-script") == "Kính thưa bà con {xã}."
    page.locator("mark.mark-value", has_text="xã An Bình").first.wait_for()
    page.select_option("#noi", label="Xã Bình Minh")
    page.locator("mark.mark-value", has_text="xã Bình Minh").first.wait_for()


def test_rendering_is_stopped_beside_what_is_being_typed(opened, as_person, web_database):
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form()).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.fill("#f-script", "Lời chưa lưu.")
    page.get_by_role("button", name="Dừng", exact=True).click()
    page.get_by_text("Đã dừng dựng âm thanh").wait_for()
    page.get_by_role("button", name="Dựng lại").click()
    page.locator("#sound [data-pending]").wait_for()
    assert page.input_value("#f-script") == "Lời chưa lưu."


def test_a_word_that_sounds_wrong_is_mended_beside_its_sentence_and_heard_at_once(opened, as_person, services):
    script = "Kính thưa bà con.\nLiên hệ QZXW để biết thêm."
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form(script=script)).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.fill("#f-title", "Tiêu đề chưa lưu")
    assert page.get_by_text("1 chỗ chưa chắc cách đọc").is_visible()
    page.locator("#cau-2 .said-doubt a").click()
    assert page.locator("#mend [name=viet]").input_value() == "QZXW"
    page.fill("#mend [name=doc]", "trạm 5")
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.locator("#mend .field-error").wait_for()
    page.fill("#mend [name=doc]", "quầy tiếp dân")
    page.locator("#mend", has_text="Liên hệ quầy tiếp dân để biết thêm").wait_for()
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.locator("#cau-2 .said-spoken", has_text="Liên hệ quầy tiếp dân để biết thêm.").wait_for()
    assert page.locator("#mend").is_hidden()
    assert page.get_by_text("chỗ chưa chắc cách đọc").count() == 0
    assert page.evaluate("document.activeElement.classList.contains('said-play')")
    page.keyboard.press("Enter")
    page.locator("#cau-2.is-playing .said-play[aria-busy=false]").wait_for()
    assert page.input_value("#f-title") == "Tiêu đề chưa lưu"
    services.listening.close()
