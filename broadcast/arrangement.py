"""Cách dàn dựng: what stands around the body of a bulletin and how often the body is read."""

from __future__ import annotations

from dataclasses import dataclass

from broadcast.errors import Invalid
from broadcast.variables import variables_in

USUAL_CHIME = "gong"
NO_CHIME = "none"
MOST_READINGS = 5
LONGEST_GAP_S = 60


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`chime`: the name of one made by code, "none", or the sha256 of an uploaded one. `closing` is said once, after
    the last reading. `profile` None is the one of the settings.
    """

    chime: str = USUAL_CHIME
    readings: int = 1
    gap_s: int = 2
    closing: str = ""
    profile: str | None = None

    def __post_init__(self) -> None:
        """Raises Invalid, naming the field."""
        if not 1 <= self.readings <= MOST_READINGS:
            raise Invalid(f"Số lần đọc phải từ 1 đến {MOST_READINGS}.", field="readings")
        if not 0 <= self.gap_s <= LONGEST_GAP_S:
            raise Invalid(f"Khoảng nghỉ giữa hai lần đọc phải từ 0 đến {LONGEST_GAP_S} giây.", field="gap_s")
        if len(self.closing) > 500:
            raise Invalid("Lời kết dài quá 500 ký tự.", field="closing")


def usual_arrangement(content: str) -> Arrangement:
    """What a bulletin of that content begins with. Many recordings have a chime of their own in them."""
    return Arrangement(chime=NO_CHIME) if content == "recording" else Arrangement()


def closing_fault(closing: str) -> str | None:
    """Why `closing` cannot be said at the end; None where it can, or where there is none."""
    if closing.strip() and not any(sign.isalnum() for sign in closing):
        return "lời kết chỉ có dấu câu hoặc ký hiệu, không có chữ nào để đọc; hãy viết lời hoặc để trống"
    return None


def recording_closing_fault(closing: str) -> str | None:
    """Why `closing` cannot be said after a recording; None where it can, or where there is none."""
    if names := variables_in(closing):
        told = ", ".join(f"{{{name}}}" for name in names)
        return (
            f"lời kết của bản thu âm không dùng được {told}: bản thu là một âm thanh chung cho mọi nơi; "
            "hãy viết thẳng tên hay số vào đó"
        )
    return closing_fault(closing)
