"""What the script of the lexicon adds in a real browser: a sentence while typing, hearing, mending in the editor."""

from __future__ import annotations

import pytest

from tests.web.bulletin_parts import bulletin_form, code_from, of
from tests.web.test_bulletin_scripts import address, browser, opened  # noqa: F401 -- fixtures
from tests.web.test_lexicon import SCRIPT, add, entries

pytestmark = pytest.mark.chromium


def test_the_sentence_follows_what_is_typed_and_the_kind_what_is_written(opened):  # noqa: F811
    page = opened("editor", "/tu-dien/them")
    page.fill("#f-viet", "QXZA")
    page.fill("#f-doc", "quy xích")
    page.get_by_text("Bà con chú ý: quy xích.").wait_for()
    assert page.input_value("#f-loai") == "term"
    page.fill("#f-cau", "Trường học theo QXZA nhé.")
    page.get_by_text("Trường học theo quy xích nhé.").wait_for()
    page.fill("#f-doc", "quy 5")
    page.get_by_text("Hãy viết số và ký hiệu thành chữ").wait_for()
    page.select_option("#f-loai", "name")
    page.fill("#f-viet", "QXZAB")
    assert page.input_value("#f-loai") == "name", "what was chosen stays"
    assert not page.locator("#f-ban_tin").is_visible()
    page.get_by_label("Chỉ một bản tin").check()
    assert page.locator("#f-ban_tin").is_visible()
    assert not page.locator("#f-don_vi").is_visible()


def test_a_reading_is_heard_before_it_is_kept(opened, services, web_database):  # noqa: F811
    page = opened("editor", "/tu-dien/them")
    page.fill("#f-viet", "QXZA")
    page.fill("#f-doc", "quy xích")
    with page.expect_response("**/nghe-thu") as told:
        page.get_by_role("button", name="Nghe thử").click()
    assert told.value.status == 200
    with page.expect_response("**/nghe-thu/*.mp3") as sound:
        page.get_by_role("button", name="Nghe cả câu").click()
    assert sound.value.status in {200, 206}
    assert entries(web_database) == []
    services.listening.close()


def test_a_sentence_is_mended_in_the_editor_and_read_anew(app, opened, as_person, web_database):  # noqa: F811
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form(script=SCRIPT)).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.get_by_role("link", name="Sửa cách đọc", exact=True).first.click()
    page.locator("#mend #f-doc").wait_for()
    assert page.input_value("#mend #f-viet") == "QXZA"
    page.fill("#mend #f-doc", "quy 5")
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.locator("#mend .field-error").wait_for()
    page.fill("#mend #f-doc", "quy xích")
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.locator("#mend").wait_for(state="hidden")
    page.locator("#said .said-row", has_text="quy xích").wait_for()
    with web_database.reading() as session:
        assert [one.bulletin_id for one in entries(web_database)] == [of(session, code).id]


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_the_words_of_a_sentence_are_tapped_to_be_mended(opened, as_person, web_database, size):  # noqa: F811
    script = "Bà con ra nhà văn hóa thôn Đông, 8 giờ ngày 24/11/2026 họp."
    code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form(script=script)).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator("#cau-1 .said-mend").click()
    words = page.locator("#mend .mend-words button")
    words.first.wait_for()
    assert words.all_inner_texts() == [
        "Bà", "con", "ra", "nhà", "văn", "hóa", "thôn", "Đông", "8", "giờ", "ngày", "24/11/2026",
        "họp",
    ]  # fmt: skip
    assert page.input_value("#mend #f-viet") == ""
    assert page.evaluate("document.activeElement.textContent") == "Bà"
    page.locator("#mend .mend-words").get_by_role("button", name="Đông", exact=True).click()
    assert (page.input_value("#mend #f-viet"), page.input_value("#mend #f-doc")) == ("Đông", "đông")
    page.locator("#mend .mend-words").get_by_role("button", name="thôn", exact=True).click()
    assert (page.input_value("#mend #f-viet"), page.input_value("#mend #f-doc")) == ("thôn Đông", "thôn đông")
    assert page.locator("#mend [aria-pressed=true]").all_inner_texts() == ["thôn", "Đông"]
    page.locator("#mend .mend-words").get_by_role("button", name="8", exact=True).click()
    assert (page.input_value("#mend #f-viet"), page.input_value("#mend #f-doc")) == ("8", "tám")
    page.locator("#mend .mend-words").get_by_role("button", name="Đông", exact=True).click()
    page.fill("#mend #f-doc", "đông đầu làng")
    page.locator("#mend .mend-words").get_by_role("button", name="thôn", exact=True).click()
    assert page.input_value("#mend #f-doc") == "đông đầu làng", "what was typed stays"
    assert words.first.bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('.mend-words'))")
    page.locator("#mend", has_text="nhà văn hóa đông đầu làng").wait_for()
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.locator("#cau-1 .said-spoken", has_text="nhà văn hóa đông đầu làng").wait_for()
    assert [(one.written, one.spoken) for one in entries(web_database)] == [("thôn Đông", "đông đầu làng")]


def test_what_reaches_other_bulletins_is_asked_in_the_dialog(app, opened, as_person, web_database):  # noqa: F811
    for _ in range(2):
        code = code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form(script=SCRIPT)).location)
    page = opened("editor", f"/ban-tin/{code}/sua")
    page.get_by_role("link", name="Sửa cách đọc", exact=True).first.click()
    page.fill("#mend #f-doc", "quy xích")
    page.get_by_label("Một đơn vị và mọi cấp dưới").check()
    page.get_by_role("button", name="Lưu cách đọc").click()
    page.get_by_text("2 bản tin chưa duyệt sẽ được dựng lại âm thanh").wait_for()
    assert entries(web_database) == []
    page.get_by_role("button", name="Lưu và áp dụng").click()
    page.locator("#mend").wait_for(state="hidden")
    page.locator("#said .said-row", has_text="quy xích").wait_for()
    assert len(entries(web_database)) == 1


def test_the_list_reads_well_on_a_phone(opened, as_person):  # noqa: F811
    add(as_person("editor"))
    page = opened("editor", "/tu-dien")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_text("QXZA").first.is_visible()
