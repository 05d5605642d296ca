"""Numbers as words. Official Vietnamese writes `1.250.000` and `2,5`; zeros in front are padding (`05 hộ`)."""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.letters import DIGIT_NAMES, say_digits

BILLION = 10**9
LONGEST_INTEGER = 18
"""More digits than this are not a quantity: they are said one by one."""

NUMBER = re.compile(
    r"(?:\d{1,3}(?:\.\d{3}){1,6}(?![\d])(?:,\d{1,12}(?!\d))?"  # 1.250.000  1.250,5
    r"|\d{1,3}(?:,\d{3}){2,6}(?!\d)"  # 1,250,000 as English writes it
    r"|\d{1,3}(?:[ \u00a0]000){1,4}(?![\d.,]\d|\d)"  # 1 000 000
    r"|\d{1,40}(?:,\d{1,12}(?!\d)(?!,\d))?)"  # 1250  2,5
)


def _under_hundred(n: int, *, after_hundred: bool) -> str:
    tens, unit = divmod(n, 10)
    if tens == 0:
        return (f"linh {DIGIT_NAMES[unit]}" if after_hundred else DIGIT_NAMES[unit]) if unit else ""
    if tens == 1:
        return "mười" + ("" if unit == 0 else " lăm" if unit == 5 else f" {DIGIT_NAMES[unit]}")
    last = {0: "", 1: " mốt", 4: " tư", 5: " lăm"}.get(unit, f" {DIGIT_NAMES[unit]}")
    return f"{DIGIT_NAMES[tens]} mươi{last}"


def _under_thousand(n: int, *, full: bool) -> str:
    """`full` says the hundreds even where they are zero: the group stands behind a greater one."""
    hundreds, rest = divmod(n, 100)
    words = []
    if hundreds or full:
        words.append(f"{DIGIT_NAMES[hundreds]} trăm")
    tail = _under_hundred(rest, after_hundred=bool(words))
    if tail:
        words.append(tail)
    return " ".join(words)


def _under_billion(n: int, *, full: bool) -> str:
    words: list[str] = []
    for size, name in ((10**6, " triệu"), (10**3, " nghìn"), (1, "")):
        group, n = divmod(n, size)
        if group:
            words.append(_under_thousand(group, full=full or bool(words)) + name)
    return " ".join(words)


@lru_cache(maxsize=4096)
def say_integer(n: int) -> str:
    """n ≥ 0 in words, `1005` -> `một nghìn không trăm linh năm`; thousands of billions are `nghìn tỷ`."""
    if n == 0:
        return "không"
    high, low = divmod(n, BILLION)
    words = [f"{say_integer(high)} tỷ"] if high else []
    if low:
        words.append(_under_billion(low, full=bool(high)))
    return " ".join(words)


def say_whole(digits: str) -> str:
    """Digits of a count: padding zeros fall away, too many digits are said one by one."""
    if len(digits) > LONGEST_INTEGER or (len(digits) >= 4 and digits[0] == "0"):
        return say_digits(digits)
    return say_integer(int(digits))


def say_code_number(digits: str) -> str:
    """The number of a document: its zero in front is said (`05` -> `không năm`)."""
    if digits.startswith("0") and digits.strip("0"):
        zeros = len(digits) - len(digits.lstrip("0"))
        return "không " * zeros + say_whole(digits[zeros:])
    return say_whole(digits)


def say_fraction_digits(digits: str) -> str:
    """What stands behind the comma: up to three digits as a number, unless a zero leads."""
    if digits.startswith("0") or len(digits) > 3:
        return say_digits(digits)
    return say_integer(int(digits))


def _ungrouped(written: str) -> str:
    """Without what parts the thousands: dots and spaces, and commas where there are several."""
    body = written.replace("\u00a0", "").replace(" ", "").replace(".", "")
    return body.replace(",", "") if body.count(",") > 1 else body


def say_number(written: str) -> str:
    """One written number (a match of NUMBER) in words."""
    body = _ungrouped(written)
    whole, _, fraction = body.partition(",")
    spoken = say_whole(whole)
    return f"{spoken} phẩy {say_fraction_digits(fraction)}" if fraction else spoken


def value_of(written: str) -> float:
    """The number as a value, for comparing the two ends of a range."""
    body = _ungrouped(written)
    return float(body.replace(",", ".")[:300])
