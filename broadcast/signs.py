"""Which signs a code and a name may have: what people can say and see, and what an address can hold."""

from __future__ import annotations

import re
import unicodedata

LONGEST_CODE = 64

# Where a code stands in an address these open pages of their own: /tram/them, /lich-phat/moi.
TAKEN = {
    "unit": frozenset({"them"}),
    "person": frozenset({"them"}),
    "station": frozenset({"them"}),
    "bulletin": frozenset({"moi", "soan", "doc-thu", "thu-am", "tiep-song"}),
    "rule": frozenset({"moi", "xem-thu", "xem-truoc"}),
}
_CODE = re.compile(r"[^\W_][\w.\-]{0,63}")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# They turn the order of what stands behind them: "txt.exe" reads as "exe.txt".
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def code_fault(code: str, noun: str = "", *, plain: bool = False) -> str | None:
    """What is wrong with `code` for a `noun` (a key of TAKEN), as the end of a sentence.

    `plain` allows letters without marks only.
    """
    if code in TAKEN.get(noun, ()):
        return f"“{code}” là tên một trang của hệ thống, hãy chọn mã khác"
    if not (_PLAIN_CODE if plain else _CODE).fullmatch(code):
        letters = "chữ cái không dấu" if plain else "chữ cái"
        return (
            f"mã chỉ gồm {letters}, chữ số, dấu chấm, gạch ngang và gạch dưới, bắt đầu bằng chữ hoặc số, "
            f"tối đa {LONGEST_CODE} ký tự; ví dụ: AN-BINH-1"
        )
    return None


def has_control_signs(text: str) -> bool:
    """U+0000, a bell, an escape; line ends and tabs are none of these."""
    return any(unicodedata.category(sign) == "Cc" and sign not in "\r\n\t" for sign in text)


def is_hidden(name: str) -> bool:
    """Whether a name of one line holds signs that nobody sees: control signs, line ends, turned writing."""
    return has_control_signs(name) or bool(_TURNING.search(name)) or any(sign in "\r\n\t\u2028\u2029" for sign in name)
