"""The Vietnamese words of reports, one place for screen and files."""

from __future__ import annotations

COUNTS = {
    "planned": "Đã lên lịch",
    "complete": "Phát đủ",
    "partial": "Phát thiếu",
    "late": "Phát trễ",
    "missed": "Không phát",
    "cancelled": "Đã huỷ",
    "unknown": "Chưa rõ",
    "minutes_planned": "Phút theo lịch",
    "minutes_sounded": "Phút đã phát",
}

REASONS = {
    # from stations
    "no_audio": "chưa có âm thanh tại trạm",
    "too_late": "quá giờ cho phép bắt đầu",
    "clock": "trạm không biết giờ chính xác",
    "curfew": "nằm trong giờ cấm phát",
    "signature": "chương trình không có chữ ký hợp lệ",
    "output": "lỗi thiết bị phát",
    "emergency": "nhường cho bản tin khẩn cấp",
    "interrupted": "bị ngắt giữa chừng",
    "cancelled": "bị huỷ khi đang phát",
    "power": "mất điện",
    "error": "lỗi tại trạm",
    # from the server
    "no_record": "trạm không ghi nhận lượt phát này",
    "withdrawn": "bản tin bị thu hồi",
    "expired": "bản tin hết hạn",
    "not_approved": "bản tin chưa được duyệt",
    "policy": "ngoài khung giờ phát",
    "day": "ngày không được phát",
    "cap": "quá số lần cho phép trong ngày",
    "session_full": "khung giờ đã kín",
    "collision": "trùng giờ với lượt phát khác",
    "stopped": "lịch phát đã dừng",
    "not_asked": "lịch phát đã thay đổi",
}


def reason_in_words(code: str | None) -> str:
    """What people read for a reason; an unknown one is shown as it is."""
    return REASONS.get(code, code) if code else ""
