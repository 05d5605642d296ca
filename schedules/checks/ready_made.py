"""Ready-made limits on broadcasting, to begin a policy of one's own with.

What is here is what reports of these documents say; nobody has compared it with the documents themselves. So every
value may be changed before it is saved, and `source` asks for the number and day of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """`code` is its name in a set-up file, `slug` the one in an address. `columns` are those of the Policy model that
    it fills; the others are inherited. `note` is what it comes to, and what is not sure of it."""

    code: str
    slug: str
    name: str
    columns: Mapping[str, Any]
    note: str


READY_MADE = (
    ReadyMade(
        "hanoi-2021-inner",
        "ha-noi-noi-thanh",
        "Hà Nội 2021, nội thành",
        {
            "sessions_a_day": 2,
            "longest_session_minutes": 15,
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "source": "Quy định năm 2021 của Hà Nội về giờ phát ở các quận nội thành",
        },
        "Nhiều nhất 2 buổi một ngày, mỗi buổi 15 phút, 5 ngày một tuần. Chưa rõ là 5 ngày nào: ở đây tạm lấy thứ hai "
        "đến thứ sáu. Giờ của từng buổi do đơn vị đặt.",
    ),
    ReadyMade(
        "hanoi-2021-rural",
        "ha-noi-ngoai-thanh",
        "Hà Nội 2021, ngoại thành",
        {
            "longest_session_minutes": 45,
            "source": "Quy định năm 2021 của Hà Nội về giờ phát ở các huyện ngoại thành",
        },
        "Mỗi buổi nhiều nhất 45 phút, tính cả tiếp sóng. Giờ của từng buổi do đơn vị đặt.",
    ),
    ReadyMade(
        "two-sessions-of-60",
        "hai-buoi-60-phut",
        "Hai buổi 60 phút, 05:30 và 17:00",
        {
            "sessions": [
                {"name": "sáng", "from": "05:30", "until": "06:30"},
                {"name": "chiều", "from": "17:00", "until": "18:00"},
            ],
            "longest_session_minutes": 60,
            "sessions_a_day": 2,
            "source": "Nghị định 49/2024, theo cách một phường ở Đà Nẵng áp dụng",
        },
        "Mỗi ngày hai buổi, mỗi buổi 60 phút, bắt đầu 05:30 và 17:00, như một phường ở Đà Nẵng đang làm.",
    ),
)
BY_CODE = {each.code: each for each in READY_MADE}
BY_SLUG = {each.slug: each for each in READY_MADE}
CHECK_FIRST = "Hãy đối chiếu với văn bản, ghi số và ngày của văn bản vào phần căn cứ; mọi mục đều sửa được."
