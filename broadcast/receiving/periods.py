"""From when until when: "từ nay đến hết ngày 31/8", "từ 24 đến 31/8/2020", "trong tháng 8", as two days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from broadcast.receiving.dates import date_or_none

_YEAR = r"(?:\s*(?:/|-|\.|,?\s+năm)\s*(?P<{0}y>\d{{4}}))?"
_DAY = (
    r"(?P<{0}d>\d{{1,2}})(?:\s?/\s?|\s?\.\s?(?=\d{{1,2}}\s?\.\s?\d{{4}})|\s?-\s?(?=\d{{1,2}}\s?-\s?\d{{4}})|\s+tháng\s+)"
    r"(?P<{0}m>\d{{1,2}})" + _YEAR + r"(?![\d/])"
)
_NOT_OURS = r"(?<!diễn ra )(?<!tổ chức )(?<!tiêm )(?<!xảy ra )"
_FROM = re.compile(
    r"(?<!\w)" + _NOT_OURS + r"(?:(?:kể\s+)?từ|bắt đầu)(?:\s+từ)?(?:\s+ngày)?\s+" + _DAY.format("f"), re.IGNORECASE
)
_NOW = re.compile(
    r"(?<!\w)(?:kể\s+)?từ\s+(?:nay|hôm nay|ngày\s+(?:ký|ban hành|nhận được (?:công văn|văn bản)))(?!\w)", re.IGNORECASE
)
_UNTIL = re.compile(
    r"(?<!\w)(?:(?:cho\s+)?(?:đến|tới)(?:\s+hết)?|hết)(?:\s+ngày)?\s+" + _DAY.format("u"), re.IGNORECASE
)
_UNTIL_MONTH = re.compile(
    r"(?<!\w)(?:đến|tới|hết)(?:\s+hết)?(?:\s+cuối)?\s+tháng\s+(?P<um>\d{1,2})" + _YEAR.format("u") + r"(?![\d/])",
    re.IGNORECASE,
)
# "từ ngày 24 đến hết ngày 31/8/2020": the first day has the month of the last.
_DAYS_OF_A_MONTH = re.compile(
    r"(?<!\w)"
    + _NOT_OURS
    + r"(?:từ|trong các|các)(?:\s+ngày)?\s+(?P<first>\d{1,2})\s*(?:đến|tới|-|–)(?:\s*hết)?(?:\s*ngày)?\s*"
    + _DAY.format("u"),
    re.IGNORECASE,
)
_IN_MONTH = re.compile(
    r"(?<!\w)trong(?:\s+(?:cả|suốt))?\s+tháng\s+(?P<um>\d{1,2})" + _YEAR.format("u") + r"(?![\d/])", re.IGNORECASE
)
_IN_YEAR = re.compile(r"(?<!\w)trong(?:\s+(?:cả|suốt))?\s+năm\s+(?P<y>\d{4})(?!\d)", re.IGNORECASE)
_LONG_AGO_DAYS = 180


def period_in(sentence: str, *, issued_on: date | None) -> tuple[date | None, date | None]:
    """The first and the last day that the sentence names, each None where it does not.

    A day without a year lies in the year of `issued_on`, or in the next where it would be long past by then.
    """
    if found := _DAYS_OF_A_MONTH.search(sentence):
        until_on = _day(found["ud"], found["um"], found["uy"], issued_on)
        first = until_on and date_or_none(str(until_on.year), str(until_on.month), found["first"])
        if until_on and first and first <= until_on:
            return first, until_on
    if found := _IN_MONTH.search(sentence):
        first = _day("1", found["um"], found["uy"], issued_on)
        return (first, _end_of(first)) if first else (None, None)
    if found := _IN_YEAR.search(sentence):
        year = int(found["y"])
        return (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
    until_on = _until(sentence, issued_on)
    begins = _FROM.search(sentence)
    if begins is None:
        return (issued_on if _NOW.search(sentence) else None), until_on
    if begins["fy"] is None and until_on is not None:
        same = date_or_none(str(until_on.year), begins["fm"], begins["fd"])
        # "từ 20/12 đến 10/01/2021": it began the year before.
        return (same if same is None or same <= until_on else _years_before(same)), until_on
    return _day(begins["fd"], begins["fm"], begins["fy"], issued_on), until_on


def _until(sentence: str, issued_on: date | None) -> date | None:
    if found := _UNTIL.search(sentence):
        return _day(found["ud"], found["um"], found["uy"], issued_on)
    if found := _UNTIL_MONTH.search(sentence):
        first = _day("1", found["um"], found["uy"], issued_on)
        return _end_of(first) if first else None
    return None


def _day(day: str, month: str, year: str | None, issued_on: date | None) -> date | None:
    if year is not None:
        return date_or_none(year, month, day)
    if issued_on is None:
        return None
    on = date_or_none(str(issued_on.year), month, day)
    if on is not None and (issued_on - on).days > _LONG_AGO_DAYS:
        return date_or_none(str(issued_on.year + 1), month, day)
    return on


def _end_of(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _years_before(day: date) -> date | None:
    return date_or_none(str(day.year - 1), str(day.month), str(day.day))
