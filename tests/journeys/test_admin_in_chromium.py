"""The admin as people use it: the demonstration district in the system's Chromium, from the sign-in to the report.

On the screen of an office and on a phone. Every page must be quiet (no error in the console, nothing refused by the
content policy, no request that fails), in Vietnamese, and no wider than the phone.

`BROADCAST_TEST_SCREENSHOTS=1` makes the picture of the README anew; it is made anyway where there is none.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.left_out import chromium_path
from tests.real import Place, coming_minutes, eventually, wall

pytestmark = pytest.mark.chromium

OFFICE: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "hom-nay.png"
DISPATCH = Path(__file__).parents[1] / "specimens" / "03-ke-hoach-muc-la-ma.txt"
PAGES_A_ROLE = 70

# Quiet in a container and without the network that Chromium would otherwise look for.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# English that has no business on a page; none of them is a Vietnamese syllable.
ENGLISH = re.compile(
    r"\b(?:the|and|with|error|errors|invalid|required|please|submit|save|cancel|delete|edit|password|login|logout|user|"
    r"bulletin|station|schedule|report|warning|found|loading|none|null|undefined|true|false|draft|approved|planned|"
    r"missed|unknown|complete|partial|priority|normal|emergency|today|week|month|monday|sunday|january|november|"
    r"choose|file|search|next|previous|page|field|value|must|should|internal|server|traceback|editor|approver|operator|"
    r"supervisor|administrator|withdrawn|curfew|signature|interrupted|cancelled|started|finished|stopped)\b",
    re.IGNORECASE,
)
# What stands on a page for reading; names of things in code, and what people typed, may be in any language.
WORDS = """() => {
  const out = [document.title];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { out.push(node.data); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.matches("script, style, code, pre, .mono, textarea, .script, noscript")) return;
    for (const name of ["placeholder", "title", "aria-label", "alt"]) out.push(node.getAttribute(name) || "");
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return out.join(" \\n ");
}"""


class Watch:
    """Collects what a page complains about."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # Leaving a page cuts what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.url}: {response.status}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("demo"), settings={})


@pytest.fixture(scope="module")
def url(place: Place) -> Iterator[str]:
    with place.serving("--demo") as (url, _):
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


def entered(browser: Browser, url: str, role: str, size: ViewportSize = OFFICE) -> tuple[Page, Watch]:
    """A browser of one's own, one click into that role."""
    context = browser.new_context(base_url=url, viewport=size, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    page = context.new_page()
    page.set_default_timeout(30_000)
    watch = Watch(page)
    page.goto("/dang-nhap")
    page.locator(f'form[action$="/trinh-dien/{role}"] button').click()
    expect(page.locator("h1")).to_have_text("Hôm nay")
    return page, watch


def fits(page: Page) -> bool:
    """Whether nothing makes the page itself scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def english_on(page: Page) -> list[str]:
    return sorted({found.lower() for found in ENGLISH.findall(page.evaluate(WORDS))})


@pytest.mark.parametrize("size", [OFFICE, PHONE], ids=["office", "phone"])
def test_a_bulletin_is_written_heard_approved_and_ordered_on_screen_and_the_report_counts_what_sounded(
    browser: Browser, url: str, place: Place, size: ViewportSize
) -> None:
    editor, editor_saw = entered(browser, url, "editor", size)
    approver, approver_saw = entered(browser, url, "approver", size)
    title = f"Thử từ trình duyệt {size['width']}"

    code = write(editor, title)
    approve(approver, code)
    order(editor, title)

    known = "SELECT count(*) FROM log_entry WHERE kind = 'finished'"
    eventually("the first proven airing of the district", lambda: place.value(known) >= 1, 150)
    editor.goto("/")
    sounded = editor.locator(".figure-value").first
    expect(sounded).to_contain_text(re.compile(r"[1-9]\d* / \d+"))
    assert fits(editor)

    editor.goto("/bao-cao?ky=hom-nay")
    figure = editor.locator(".figure-first .figure-value")
    expect(figure).to_contain_text(re.compile(r"[1-9]\d* / \d+"))
    assert fits(editor)
    with editor.expect_download() as download:
        editor.locator('a[download][href*="tep.xlsx"]').click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    assert editor_saw.complaints == []
    assert approver_saw.complaints == []
    for page in (editor, approver):
        page.context.close()


def write(page: Page, title: str) -> str:
    """From a template to a submitted bulletin; what will be said is seen while typing. The bulletin's code."""
    page.goto("/ban-tin/moi")
    page.locator('a[href*="mau=bluezone"]').click()
    expect(page.locator("#f-script")).to_have_value(re.compile("Kính thưa"))
    expect(page.locator("#cau-1 .said-spoken")).to_contain_text("Kính thưa")
    page.locator("#f-title").fill(title)
    page.locator("#f-script").fill("Kính thưa bà con!\n\nMời bà con họp thôn lúc 19h30 ngày 02/9. Xin cảm ơn!")
    said = page.locator("#said")
    expect(said).to_contain_text("mười chín giờ ba mươi phút ngày mùng hai tháng chín")
    assert fits(page)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page).to_have_url(re.compile(r"/ban-tin/[\w-]+/sua$"))
    code = page.url.split("/")[-2]
    # The page asks for the sound by itself.
    expect(page.locator("#sound audio")).to_be_attached(timeout=90_000)
    assert page.evaluate("document.querySelector('#sound audio').error") is None
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page).to_have_url(re.compile(rf"/ban-tin/{code}$"))
    expect(page.locator("main")).to_contain_text("chờ duyệt")
    return code


def approve(page: Page, code: str) -> None:
    """A second person: told that nothing was heard, asked once more, approves."""
    page.goto(f"/duyet/{code}")
    assert fits(page)
    page.get_by_role("button", name="Duyệt cho phát").click()
    expect(page.locator("main")).to_contain_text("Bạn chưa nghe giây nào")
    page.get_by_role("button", name="Vẫn duyệt").click()
    expect(page.locator(".note-good")).to_contain_text("Đã duyệt")


def order(page: Page, title: str) -> None:
    """A rule for the bench, with its week beside it before it is saved."""
    page.goto("/lich-phat/moi")
    page.get_by_label(title).check()
    page.locator('input[name="targets"][value="unit:TK-BT"]').check()
    page.locator("#f-times").fill(wall(coming_minutes(1, ahead_s=60)[0]))
    expect(page.locator("#preview")).to_contain_text("lượt sẽ phát")
    assert fits(page)
    page.get_by_role("button", name="Lưu lịch phát").click()
    expect(page.locator(".note-good")).to_contain_text("Đã lưu lịch phát")
    expect(page.locator("main")).to_contain_text(title)


def kind_of(address: str) -> str:
    """Addresses that differ only in the thing they show are one kind of page."""
    parts = urlsplit(address)
    path = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/*", parts.path)
    path = re.sub(
        r"/(?:BT|LP|TK)[\w-]*|/\d+(?=/|$)|/(?:hanh|phuc|thao|duc|quantri|bluezone|dich-vu-cong|bao)(?=/|$)", "/*", path
    )
    return f"{path}?{'&'.join(sorted(name for name, _ in parse_qsl(parts.query)))}"


@pytest.mark.parametrize("role", ["editor", "approver", "operator", "supervisor", "administrator"])
def test_every_page_that_a_role_reaches_is_quiet_vietnamese_and_no_wider_than_a_phone(
    browser: Browser, url: str, role: str
) -> None:
    page, watch = entered(browser, url, role)
    waiting, seen = ["/"], Counter[str]()
    wide: list[str] = []
    english: dict[str, list[str]] = {}
    while waiting and seen.total() < PAGES_A_ROLE:
        address = waiting.pop(0)
        if seen[kind_of(address)]:
            continue
        seen[kind_of(address)] += 1
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, (address, answer.status)
        expect(page.locator("h1")).to_have_count(1)
        if found := english_on(page):
            english[address] = found
        for size in (PHONE, OFFICE):
            page.set_viewport_size(size)
            if not fits(page):
                wide.append(f"{address} at {size['width']}")
        links = page.eval_on_selector_all(
            "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += [link for link in links if is_page(link)]
    assert seen.total() >= 15
    assert watch.complaints == []
    assert wide == []
    assert english == {}
    page.context.close()


def is_page(link: str) -> bool:
    """Sounds and files are no pages."""
    is_sound = urlsplit(link).path.endswith((".wav", ".mp3"))
    return (
        link.startswith("/")
        and not is_sound
        and not re.match(r"/(?:static|am-thanh|bao-cao/tep|bao-cao/bieu-do)", link)
    )


def test_the_board_shows_what_sounded_what_waits_and_the_next_deadline(browser: Browser, url: str) -> None:
    """Last of all, when there is something to see: a dispatch was dropped in, its draft waits to be approved."""
    editor, saw = entered(browser, url, "editor")
    editor.goto("/cong-van/moi")
    editor.locator("#f-file").set_input_files(DISPATCH)
    editor.get_by_role("button", name="Đọc công văn").click()
    expect(editor.locator(".note-good")).to_contain_text("Đã nhận công văn")
    editor.get_by_role("button", name="Soạn bản tin từ công văn").click()
    expect(editor.locator("#f-script")).to_have_value(re.compile("Kính thưa"))
    expect(editor.locator("#sound audio")).to_be_attached(timeout=120_000)
    editor.get_by_role("button", name="Gửi duyệt").click()
    expect(editor.locator("main")).to_contain_text("chờ duyệt")
    assert saw.complaints == []
    editor.context.close()

    page, saw = entered(browser, url, "approver")
    expect(page.locator(".figures")).to_contain_text("1bản tin chờ duyệt")
    expect(page.locator(".figures")).to_contain_text("hạn báo cáo")
    expect(page.locator(".troubles")).to_contain_text("chờ")
    # The airings of the coming minutes have sounded by now, or do while one looks: the board refreshes itself.
    done = page.locator(".lanes .mark-complete")
    expect(done.first).to_be_visible(timeout=360_000)
    page.wait_for_load_state("networkidle")
    assert saw.complaints == []
    if os.environ.get("BROADCAST_TEST_SCREENSHOTS") == "1" or not PICTURE.exists():
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.set_viewport_size({"width": OFFICE["width"], "height": 840})  # every lane of the district
        page.screenshot(path=PICTURE)
    page.context.close()
