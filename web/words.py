"""The codes of the plan, the log and the proof, in the words of the screens."""

from __future__ import annotations

# Why an airing was missed, cut short or is an alarm (wire.EntryReason), and the one reason that the server makes.
LOG_REASONS = {
    "no_audio": "trạm chưa tải được âm thanh",
    "too_late": "đã quá giờ bắt đầu muộn nhất",
    "clock": "đồng hồ của trạm chưa tin được",
    "curfew": "rơi vào giờ không phát",
    "signature": "chương trình hoặc âm thanh không đúng chữ ký",
    "output": "loa hoặc đường ra âm thanh hỏng",
    "emergency": "nhường cho tin khẩn cấp",
    "interrupted": "bị ngắt giữa chừng",
    "cancelled": "bị huỷ khi đang phát",
    "power": "mất điện",
    "error": "lỗi của máy ở trạm",
    "no_record": "trạm đã báo cáo nhưng không có dòng nhật ký nào",
}

# Why a slot was refused or an airing was cancelled (DESIGN §5.1).
PLAN_REASONS = {
    "withdrawn": "bản tin đã thu hồi",
    "expired": "bản tin ngoài thời hạn",
    "not_approved": "bản tin chưa được duyệt",
    "no_audio": "chưa có âm thanh",
    "curfew": "rơi vào giờ không phát",
    "policy": "ngoài khung giờ phát",
    "day": "ngày không được phát",
    "cap": "đã đủ số lần phát trong ngày",
    "session_full": "khung giờ đã kín",
    "collision": "trùng giờ với lượt khác",
    "emergency": "nhường cho tin khẩn cấp",
    "stopped": "tin khẩn cấp đã dừng",
    "not_asked": "không còn lịch nào yêu cầu",
}

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
    return LOG_REASONS.get(code) or PLAN_REASONS.get(code) or code


def plan_reason_word(code: str | None) -> str:
    return PLAN_REASONS.get(code, code) if code else ""
