"""The codes of the plan, the log and the proof, in the words of the screens."""

from __future__ import annotations

import re

from broadcast.reports.words import CANCELLED, LOGGED

LOG_KINDS = {
    "fetched": "đã tải âm thanh về trạm",
    "ready": "đã nhận chương trình",
    "started": "bắt đầu phát",
    "finished": "đã phát",
    "missed": "không phát",
    "stopped": "dừng phát",
    "alarm": "cảnh báo",
}

CLOCK_SOURCES = {
    "server": "theo máy chủ",
    "kernel": "theo hệ điều hành của trạm",
    "battery": "theo đồng hồ có pin",
    "none": "chưa tin được, trạm không phát",
}

# Letters that only Vietnamese has: a line without any is the machine's own English.
_VIETNAMESE = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ]|[ằ-ặấ-ậế-ệố-ộờ-ợứ-ự]", re.IGNORECASE)


def reason_word(code: str | None) -> str:
    """A reason in words; a code nobody knows is shown as it is rather than hidden."""
    if not code:
        return ""
    return LOGGED.get(code) or CANCELLED.get(code) or code


def plan_reason_word(code: str | None) -> str:
    return CANCELLED.get(code, code) if code else ""


def station_trouble(line: str) -> str:
    """What a station says is wrong, without what its machine said in English behind the colon: `Không mở được thiết bị
    âm thanh: failed to init device.` as `không mở được thiết bị âm thanh`."""
    told = line.strip()
    head, colon, tail = told.partition(": ")
    if colon and not _VIETNAMESE.search(tail):
        told = head
    if not _VIETNAMESE.search(told):
        return "máy ở trạm gặp lỗi"
    return told[:1].lower() + told[1:].rstrip(".")
