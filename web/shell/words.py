"""The codes of the plan, the log and the proof, in the words of the screens."""

from __future__ import annotations

from broadcast.reports.words import CANCELLED, LOGGED

LOG_KINDS = {
    "fetched": "đã tải âm thanh",
    "ready": "đã sẵn sàng",
    "started": "bắt đầu phát",
    "finished": "phát xong",
    "missed": "không phát",
    "stopped": "dừng giữa chừng",
    "alarm": "cảnh báo",
}

CLOCK_SOURCES = {
    "server": "theo máy chủ",
    "kernel": "theo hệ điều hành của trạm",
    "battery": "theo đồng hồ có pin",
    "none": "chưa tin được, trạm không phát",
}


def reason_word(code: str | None) -> str:
    """A reason in words; a code nobody knows is shown as it is rather than hidden."""
    if not code:
        return ""
    return LOGGED.get(code) or CANCELLED.get(code) or code


def plan_reason_word(code: str | None) -> str:
    return CANCELLED.get(code, code) if code else ""
