"""Takes the pictures of docs/huong-dan.md from a running demonstration: `.venv/bin/python docs/images/chup.py URL`.

It works in the demonstration as its people do (a dispatch becomes a bulletin that waits for approval), so run it on
one of its own, some minutes old: `BROADCAST_DATA_DIR=/tmp/chup .venv/bin/broadcast serve --demo --port 8201`. A picture
over 200 KB is a failure. It needs the development tools and a Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
LARGEST = 200_000  # bytes
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 780}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

DISPATCH = """\
ỦY BAN NHÂN DÂN
HUYỆN THUẬN KHÊ
Số: 214/UBND-VHTT
V/v tuyên truyền nộp hồ sơ qua mạng
Thuận Khê, ngày 16 tháng 11 năm 2026

Kính gửi:
- Ủy ban nhân dân các xã, thị trấn;
- Trung tâm Văn hóa, Thông tin huyện.

Để bà con bớt đi lại, Ủy ban nhân dân huyện đề nghị các đơn vị:
1. Đài truyền thanh các xã, thị trấn phát bản tin hướng dẫn nộp hồ sơ qua Cổng dịch vụ công, mỗi ngày ít nhất 02 lần.
2. Báo cáo kết quả về Phòng Văn hóa và Thông tin trước 15 giờ 00 thứ sáu hằng tuần.

Nơi nhận:
- Như trên;
- Lưu: VT.
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH
Hoàng Văn Thuận
"""


def signed_in(browser: Browser, url: str, role: str, viewport: dict[str, int]) -> Page:
    """A page of somebody with that role, by the demonstration's one click."""
    page = browser.new_context(viewport=viewport, locale="vi-VN").new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/dang-nhap")
    page.locator("button.role-button", has_text=role).click()
    page.wait_for_url(f"{url}/")
    return page


def keep(page: Page, name: str) -> None:
    """The visible part, as a PNG that is not too large."""
    path = HERE / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size
    if size > LARGEST:
        path.unlink()
        raise SystemExit(f"{path.name}: {size} bytes, more than {LARGEST}")


def take(browser: Browser, url: str) -> None:
    """All pictures, in the order of the guide."""
    editor = signed_in(browser, url, "Biên tập", DESK)
    editor.goto(f"{url}/cong-van/moi")
    editor.fill("[name=text]", DISPATCH)
    editor.click("text=Đọc công văn")
    keep(editor, "cong-van")
    editor.click("button:has-text('Soạn bản tin từ công văn')")
    editor.wait_for_selector("audio.player", timeout=120_000)
    editor.wait_for_selector(".said li")
    keep(editor, "soan-ban-tin")
    script = re.sub(r"\[điền:[^\]]*\]", "dichvucong.thuankhe.vn", editor.input_value("[name=script]"))
    editor.fill("[name=script]", script)
    editor.wait_for_selector("#said [name=as_is]")
    while left := editor.locator(unanswered := "#said .has-doubt [name=as_is]:not(:checked)").count():
        editor.locator(unanswered).first.click()
        editor.wait_for_function(f"() => document.querySelectorAll('{unanswered}').length < {left}")
    editor.click("button:has-text('Lưu')")
    editor.wait_for_selector("audio.player", timeout=120_000)
    editor.click("button:has-text('Gửi duyệt')")
    editor.wait_for_selector("text=Đã gửi duyệt")

    approver = signed_in(browser, url, "Phê duyệt", DESK)
    approver.goto(f"{url}/duyet")
    approver.wait_for_selector("#heard-player")
    keep(approver, "duyet")

    editor.goto(f"{url}/lich-phat/dvc-thu-bay/sua")
    editor.wait_for_selector(".week-row")
    keep(editor, "lich-phat")

    phone = signed_in(browser, url, "Vận hành", PHONE)
    phone.wait_for_selector(".figures")
    keep(phone, "dien-thoai")


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("chup.py URL")
    path = os.environ.get("BROADCAST_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        take(browser, sys.argv[1].rstrip("/"))
        browser.close()


if __name__ == "__main__":
    main()
