"""The Vietnamese words of reports, one place for screen and files. States are called what every screen calls them."""

from __future__ import annotations

from broadcast.outcome import OutcomeKind

COUNTS = {
    "planned": "Lượt đến giờ",
    "complete": "Đã phát",
    "partial": "Phát thiếu",
    "late": "Phát trễ",
    "missed": "Không phát",
    "cancelled": "Đã huỷ",
    "unknown": "Chưa rõ",
    "minutes_planned": "Số phút theo lịch",
    "minutes_sounded": "Số phút đã phát",
}

# Why an airing was missed or partial: what stations log, and `no_record`, which the server concludes.
LOGGED = {
    "no_audio": "trạm chưa tải được âm thanh",
    "too_late": "đã quá giờ bắt đầu muộn nhất",
    "clock": "đồng hồ của trạm chưa tin được",
    "curfew": "chạm giờ cấm phát",
    "signature": "chương trình hoặc âm thanh không đúng chữ ký",
    "output": "loa hoặc đường ra âm thanh hỏng",
    "emergency": "nhường cho tin khẩn cấp",
    "interrupted": "bị ngắt giữa chừng",
    "cancelled": "bị huỷ khi đang phát",
    "power": "mất điện",
    "error": "máy ở trạm gặp lỗi",
    "no_record": "trạm đã gửi hết nhật ký mà không nói gì về lượt này",
}

# Why an airing was cancelled: the codes of the plan.
CANCELLED = {
    "withdrawn": "bản tin đã thu hồi",
    "expired": "bản tin ngoài thời hạn",
    "not_approved": "bản tin chưa được duyệt",
    "no_audio": "chưa có âm thanh",
    "curfew": "chạm giờ cấm phát",
    "policy": "ngoài khung giờ phát",
    "day": "ngày không được phát",
    "cap": "đã đủ số lần phát trong ngày",
    "session_full": "khung giờ đã kín",
    "collision": "trùng giờ với lượt khác",
    "emergency": "nhường cho tin khẩn cấp",
    "stopped": "tin khẩn cấp đã dừng",
    "not_asked": "không còn lịch nào yêu cầu",
}

ENDED = {
    OutcomeKind.MISSED: "Không phát",
    OutcomeKind.PARTIAL: "Phát thiếu",
    OutcomeKind.CANCELLED: "Đã huỷ",
}


def reason_in_words(kind: OutcomeKind, code: str) -> str:
    """What people read; a code nobody knows is shown as it is rather than hidden."""
    words = CANCELLED if kind is OutcomeKind.CANCELLED else LOGGED
    return words.get(code, code) or "không ghi lý do"
