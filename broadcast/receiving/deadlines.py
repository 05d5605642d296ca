"""By when who owes what: "trước 15 giờ hàng ngày", "chậm nhất 16h30 ngày 5/9", "hằng tuần vào thứ sáu".

A moment counts as a deadline where the text limits it (trước, chậm nhất, hạn …), or where a regular moment stands
beside reporting. Monthly and rarer duties have no place in INTERFACES §3 and are left to the text of their task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from typing import Literal

from broadcast.receiving.bodies import bodies_in, subject_of
from broadcast.receiving.dates import date_or_none
from broadcast.receiving.shapes import Deadline

_WEEKDAYS = {
    "2": 1, "hai": 1, "3": 2, "ba": 2, "4": 3, "tư": 3, "bốn": 3, "5": 4, "năm": 4,
    "6": 5, "sáu": 5, "7": 6, "bảy": 6, "bẩy": 6,
}  # fmt: skip
_PIECE = re.compile(
    r"(?<![\w/])(?:"
    r"(?P<hour>[01]?\d|2[0-4])\s*(?:(?:giờ|h|g)(?!\w)(?:\s*(?P<minute>[0-5]\d)(?!\d)(?:\s*phút)?)?|(?:h|g)(?P<minute2>[0-5]\d)(?!\d)|:(?P<minute3>[0-5]\d)(?!\d))(?:\s*(?P<half>chiều|tối)(?!\w))?"
    r"|(?P<weekday>(?:thứ\s+(?:hai|ba|tư|bốn|năm|sáu|bảy|bẩy|[2-7])|chủ\s+nhật)(?!\w))"
    r"|(?P<daily>(?:(?:hàng|hằng|mỗi|từng)\s+ngày|các\s+ngày\s+trong\s+tuần)(?!\w)|(?<=\d)/ngày)"
    r"|(?P<weekly>(?:hàng|hằng|mỗi|từng)\s+tuần(?!\w))"
    r"|(?P<rarer>(?:hàng|hằng|mỗi|từng)\s+(?:tháng|quý|năm)(?!\w))"
    r"|(?P<d>\d{1,2})\s?/\s?(?P<m>\d{1,2})(?:\s?/\s?(?P<y>\d{4}))?(?![\w/])"
    r"|(?P<d3>\d{1,2})[-.](?P<m3>\d{1,2})[-.](?P<y3>\d{4})(?!\w)"
    r"|(?P<d2>\d{1,2})\s+tháng\s+(?P<m2>\d{1,2})(?:(?:\s+năm\s+|/)(?P<y2>\d{4}))?(?!\w)"
    r")",
    re.IGNORECASE,
)
# Two pieces are one moment where only these words stand between them.
_LINK = re.compile(
    r"(?:[\s,()]|ngày|vào|của|các|lúc|là|định kỳ|trước|trong|sáng|chiều|tối|đầu giờ|cuối giờ|buổi|và|cùng){0,8}",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"(?:trước|chậm nhất|muộn nhất|trễ nhất|hạn (?:cuối|chót|nộp|gửi|báo cáo)|thời hạn|"
    r"thời gian (?:gửi|nộp|báo cáo)|không quá|xong|đến hết|hết)"
    r"(?:\s+(?:là|vào|lúc|ngày|trước|đến|hết|khi|thời điểm|cuối|giờ làm việc)|\s*[:,(])*\s*$",
    re.IGNORECASE,
)
# A day on which something is due, where the sentence speaks of reporting: "gửi báo cáo vào ngày 21/11".
_WITHIN = re.compile(r"(?<!\w)(?:vào|cuối|chiều|sáng|trong)(?:\s+(?:cuối|chiều|sáng))?(?:\s+ngày)?\s*$", re.IGNORECASE)
_WEEKLY_REPORT = re.compile(r"(?<!\w)(?:báo cáo tuần|theo tuần|(?:hàng|hằng|mỗi|từng|một) tuần)(?!\w)", re.IGNORECASE)
_AND = re.compile(r"(?:[\s,;]|và|vào|ngày|thứ|hoặc|trước){1,6}", re.IGNORECASE)
_REPORTS = re.compile(r"(?<!\w)(?:báo cáo|gửi|nộp|tổng hợp|đăng ký|hoàn thành|phản hồi|trả lời)(?!\w)", re.IGNORECASE)
_LEADING_MOMENT = re.compile(
    r"(?:(?:Định kỳ|H[ằà]ng (?:ngày|tuần)|Mỗi (?:ngày|tuần)|Trước|Chậm nhất|Muộn nhất|Vào|vào|"
    r"trước|chậm nhất)[^,;:.]{0,60},\s+)+"
)
_LABEL = re.compile(r"(?:Về )?(?:chế độ|thời gian|thời hạn|công tác)[^:.]{0,40}:\s+", re.IGNORECASE)
_ASKS = re.compile(r"(?<!theo )(?<!Theo )(?<!sự )(?<!\w)(?:đề nghị|yêu cầu)\s+")
_UNTIL = re.compile(r"(?:đến|hết)(?:\s+(?:ngày|hết))*\s*$", re.IGNORECASE)
_AIRED = re.compile(
    r"(?<!\w)(?:phát|phát sóng|phát thanh|tiếp âm|tiếp sóng|mở loa|từ)(?!\w)[^,;]{0,50}$", re.IGNORECASE
)
_MOST_IN_A_SENTENCE = 50  # each repeats its whole sentence
_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[^\W\d_a-z])|\n")


@dataclass(frozen=True, slots=True)
class Saying:
    """A paragraph that may set a deadline, and whom the text has named for it so far."""

    text: str
    addressee: str | None
    asked: str | None = None  # whom the text asked for everything that follows ("… đề nghị UBND các xã:")


def deadlines_in(sayings: Sequence[Saying], *, issued_on: date | None, year: int | None) -> tuple[Deadline, ...]:
    """The deadlines of `sayings`, in order. A day without a year lies in the `year` of the text, or in the next one."""
    found: dict[Deadline, None] = {}
    for saying in sayings:
        spoken = saying.addressee
        for sentence in _sentences(saying.text):
            bare = sentence.lstrip("-–+ ")
            bare = bare[label.end() :] if (label := _LABEL.match(bare)) else bare
            moments = list(islice(_moments(sentence, issued_on, year), _MOST_IN_A_SENTENCE))
            if not moments:
                continue
            named, _ = subject_of(_LEADING_MOMENT.sub("", bare, count=1))
            who = bodies_in(named or spoken or _asked_in(sentence) or saying.asked or "")
            text = re.sub(r"\s*\./\.?$", ".", sentence.strip().lstrip("-–+ "))
            for cadence, time, weekday, on in moments:
                found.setdefault(Deadline(who=who, cadence=cadence, time=time, weekday=weekday, on=on, text=text))
    return tuple(found)


def _asked_in(sentence: str) -> str | None:
    """Whom a sentence asks further on: "Nhận được văn bản này, yêu cầu các đơn vị …"."""
    found = _ASKS.search(sentence)
    return subject_of(sentence[found.end() :])[0] if found else None


def _sentences(text: str) -> Iterator[str]:
    """The sentences of `text`; what stands in brackets stays together."""
    held = ""
    for part in _SENTENCE.split(text):
        sentence = f"{held} {part}" if held else part
        if sentence.count("(") > sentence.count(")") and len(sentence) < 600:
            held = sentence
        else:
            held = ""
            yield sentence
    if held:
        yield held


_Moment = tuple[Literal["daily", "weekly", "once"], str | None, int | None, date | None]


def _moments(sentence: str, issued_on: date | None, year: int | None) -> Iterator[_Moment]:
    reports = bool(_REPORTS.search(sentence))
    weekly = bool(_WEEKLY_REPORT.search(sentence))
    limit_ends = 0
    for group in _completed(list(_groups(sentence))):
        before = sentence[max(0, group[0].start() - 60) : group[0].start()]
        limited = (
            bool(_LIMIT.search(before))
            or any(_LIMIT.search(sentence[left.end() : right.start()].lower()) for left, right in pairwise(group))
            or bool(reports and _WITHIN.search(before) and _sort(group[0]) == "date")
            or bool(limit_ends and _AND.fullmatch(sentence, limit_ends, group[0].start()))
        )
        limit_ends = group[-1].end() if limited else 0
        if (_UNTIL.search(before) and not reports) or (not limited and _AIRED.search(before)):
            continue  # how long something goes on, or when it is aired: nothing that is owed by then
        moment = _moment(group, issued_on, year, reports=reports, limited=limited, weekly=weekly)
        if moment:
            yield moment


def _groups(sentence: str) -> Iterator[list[re.Match[str]]]:
    group: list[re.Match[str]] = []
    for piece in _PIECE.finditer(sentence):
        if group and not _joins(sentence[group[-1].end() : piece.start()], group, piece):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _completed(groups: list[list[re.Match[str]]]) -> Iterator[list[re.Match[str]]]:
    """A bare hour shares the days said elsewhere in its sentence: "trước 7h00 và trước 15h00 hằng ngày"."""
    if len(groups) > 20:
        yield from groups  # a timetable, not a sentence
        return
    groups = _weekdays_shared(groups)
    dayless = [group for group in groups if {_sort(piece) for piece in group} == {"hour"}]
    timeless = [
        group for group in groups if all(_sort(piece) != "hour" for piece in group) and _sort(group[0]) != "date"
    ]
    whole = [group for group in groups if group not in dayless and group not in timeless]
    for group in groups:
        if group in dayless and timeless:
            yield sorted(group + timeless[0], key=lambda piece: piece.start())
        elif group in dayless and (after := next((one for one in whole if one[0].start() > group[0].start()), None)):
            yield group + [piece for piece in after if _sort(piece) != "hour"]
        elif group in dayless or (group in timeless and dayless):
            continue
        else:
            yield group


def _weekdays_shared(groups: list[list[re.Match[str]]]) -> list[list[re.Match[str]]]:
    """ "15 giờ thứ ba và thứ sáu hằng tuần": each weekday has the hour and the week of the other."""
    shared: list[list[re.Match[str]]] = []
    for group in reversed(groups):
        after = shared[-1] if shared else []
        sorts, sorts_after = {_sort(one) for one in group}, {_sort(one) for one in after}
        text = group[-1].string
        if (
            "weekday" in sorts
            and {"weekday", "weekly"} <= sorts_after
            and sorts <= {"weekday", "hour"}
            and _AND.fullmatch(text, group[-1].end(), after[0].start())
        ):
            if "hour" in sorts and "hour" not in sorts_after:
                shared[-1] = after + [one for one in group if _sort(one) == "hour"]
            shared.append(group + [one for one in after if _sort(one) in {"weekly", "hour"} - sorts])
        else:
            shared.append(group)
    return shared[::-1]


def _joins(between: str, group: Sequence[re.Match[str]], piece: re.Match[str]) -> bool:
    if len(between) > 40 or not _LINK.fullmatch(between):
        return False
    return not any(_sort(piece) == _sort(other) for other in group)


def _sort(piece: re.Match[str]) -> str:
    for name in ("hour", "weekday", "daily", "weekly", "rarer"):
        if piece[name]:
            return name
    return "date"


def _moment(
    group: Sequence[re.Match[str]],
    issued_on: date | None,
    year: int | None,
    *,
    reports: bool,
    limited: bool,
    weekly: bool,
) -> _Moment | None:
    pieces = {_sort(piece): piece for piece in group}
    if "rarer" in pieces or not (limited or reports):
        return None
    time = _time(pieces["hour"]) if "hour" in pieces else None
    weekday = _weekday(pieces["weekday"]["weekday"]) if "weekday" in pieces else None
    if "date" in pieces:
        on = _day(pieces["date"], issued_on, year)
        return ("once", time, weekday, on) if limited else None
    if "weekly" in pieces or (weekday and weekly):
        return "weekly", time, weekday, None
    if "daily" in pieces:
        return "daily", time, None, None
    return None


def _time(piece: re.Match[str]) -> str | None:
    hour = int(piece["hour"])
    minute = int(piece["minute"] or piece["minute2"] or piece["minute3"] or 0)
    if piece["half"] and hour < 12:
        hour += 12
    return f"{hour:02}:{minute:02}" if hour < 24 else None


def _weekday(written: str) -> int:
    return _WEEKDAYS.get(written.lower().split()[-1], 7)


def _day(piece: re.Match[str], issued_on: date | None, year: int | None) -> date | None:
    day, month = piece["d"] or piece["d2"] or piece["d3"], piece["m"] or piece["m2"] or piece["m3"]
    if written := piece["y"] or piece["y2"] or piece["y3"]:
        return date_or_none(written, month, day)
    if year is None:
        return None
    on = date_or_none(str(year), month, day)
    # A letter of December that asks for "05/01" means the next January.
    if on and issued_on and (issued_on - on).days > 180:
        return date_or_none(str(year + 1), month, day)
    return on
