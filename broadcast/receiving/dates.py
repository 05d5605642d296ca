"""Dates and document numbers as official texts write them."""

from __future__ import annotations

import re
from datetime import date

# Blanks of forms: "ngày …… tháng 02", "Số: ___/UBND". Possessive: two in a row never share out the same dots anew.
HOLE = r"[\s.…_]*+"
DATE = (
    r"(?P<d>\d{1,2})\s?(?:/|-|\.)\s?(?P<m>\d{1,2})\s?(?:/|-|\.)\s?(?P<y>\d{4})|"
    r"(?P<d2>\d{1,2})\s+tháng\s+(?P<m2>\d{1,2})\s+năm\s+(?P<y2>\d{4})"
)
SYMBOL = r"[A-ZĐƯ][A-Za-zĐđƯư&]*\d?"
NUMBER = rf"\d{{1,5}}[a-z]?(?:\s*/\s*\d{{4}})?(?:\s*[-–/]\s*{SYMBOL})+"

_DATE = re.compile(DATE)


def date_or_none(year: str | None, month: str | None, day: str | None) -> date | None:
    """The calendar day of three written parts; None where one lacks or the day does not exist."""
    try:
        return date(int(year or ""), int(month or ""), int(day or ""))
    except ValueError:
        return None


def first_date(text: str) -> date | None:
    """The first whole date written in `text`."""
    found = _DATE.search(text)
    return _of(found) if found else None


def _of(found: re.Match[str]) -> date | None:
    return date_or_none(found["y"] or found["y2"], found["m"] or found["m2"], found["d"] or found["d2"])


def tight_number(written: str) -> str:
    """A document number without the blanks that typing leaves in it: "953/UBND - VP" is 953/UBND-VP."""
    return re.sub(r"\s*([-–/])\s*", lambda sign: "/" if sign[1] == "/" else "-", written.strip()).rstrip(".-/ ")
