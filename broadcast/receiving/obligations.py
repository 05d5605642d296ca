"""How often something has to be aired: "phát tối thiểu 2 lần/ngày đến hết ngày 31/8", "60 lượt trong tháng 8".

A figure counts where airing governs it ("phát", "tuyên truyền", "… trên loa"); what is measured, reported or swallowed
so many times a day does not, nor an upper limit, nor what was aired already. Weekly figures have no place in the shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Literal

from broadcast.receiving.periods import period_in
from broadcast.receiving.shapes import Owed

_WORDS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(_WORDS)})"
_FIGURE = (
    rf"(?<![\w/.,-])(?P<count>{_NUMBER})(?:\s*\([^()]{{1,15}}\))?(?:\s*(?:đến|-|–)\s*{_NUMBER})?\s+"
    r"(?:lần|lượt)(?!\w)(?!\s+(?:thứ|tiêm|khám|đo|đọc|uống))(?:\s+phát(?:\s+(?:sóng|thanh))?(?!\w))?"
)
_A_DAY = r"(?:\s*/\s*(?:0?1\s+|một\s+)?|\s+(?:trên|mỗi|một|hằng|hàng|trong(?:\s+(?:một|mỗi|0?1))?)\s+)ngày(?!\w)"
_LEAST = r"(?:tối thiểu|ít nhất|không dưới|không ít hơn|từ|phát|đủ|là)"
_OFTEN = re.compile(
    rf"(?:(?P<each>(?:mỗi|hằng|hàng|từng|một)\s+ngày(?!\w)(?:[^\d,;.:()]{{0,80}}?\s|[\s,:]+)|ngày\s+)"
    rf"(?:{_LEAST}\s+)?)?{_FIGURE}(?P<day>{_A_DAY})?"
    r"(?P<other>\s*(?:/|mỗi|một|hằng|hàng)\s*(?:tuần|tháng|quý|năm|buổi|giờ|bài|tin)(?!\w))?",
    re.IGNORECASE,
)
_MANY = re.compile(rf"(?<!\w)nhiều\s+(?:lần|lượt)(?:\s+phát)?{_A_DAY}", re.IGNORECASE)
_AT_LEAST = re.compile(r"(?:tối thiểu|ít nhất|không dưới|không ít hơn)(?:\s+(?:là|từ|đạt))?\s*$", re.IGNORECASE)
_AT_MOST = re.compile(
    r"(?<!\w)(?:không quá|không vượt quá|tối đa|nhiều nhất|không nhiều hơn|(?<!không )dưới|chỉ|giảm|mới)"
    r"(?:\s+(?:là|từ|còn|xuống|phát|được|đạt)){0,2}\s*$",
    re.IGNORECASE,
)
_ALREADY = re.compile(r"(?<!\w)(?:đã|từng|vừa)\s+(?:được\s+)?$", re.IGNORECASE)

_AIRED = (
    r"phát(?!\s+(?:hành|triển|hiện|tờ|quà|động|sinh|huy|tài|khẩu|thuốc|miễn|card|phiếu|cho|biểu|ngôn|đơn))|"
    r"tuyên truyền|tiếp sóng|tiếp âm|truyền thanh|truyền thông|mở loa|"
    r"đọc trên loa|thông báo (?:trên|qua|bằng) (?:loa|hệ thống)|"
    r"đưa tin|thời lượng|tần suất phát|trên loa"
)
_DONE_OTHERWISE = (
    r"báo cáo|tiêm|uống|đo|khử trùng|khử khuẩn|phun|rửa|lau|kiểm tra|giám sát|(?<!phát )(?<!bản )thông báo|khai báo|"
    r"họp|giao ban|học|dạy|cập nhật|quan trắc|lấy mẫu|xét nghiệm|tưới|bón|ăn|tập|trực|tuần tra|gửi|cài đặt|cài|thu gom|"
    r"quét|đăng tải|đăng|nộp|tổng hợp|súc|xịt|khám|thay|nhắc lại|phản ánh|vệ sinh|tắm|xả|bơm|vận hành|nhắn tin|"
    r"cho trẻ|sơ kết"
)
_VERB = re.compile(rf"(?<!\w)(?:(?P<aired>{_AIRED})|{_DONE_OTHERWISE})(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”]{0,300}”|\"[^\"]{0,300}\"")
_ASIDE = re.compile(r"\([^()]{0,200}\)")
_ON_AIR = re.compile(r"[^.;]{0,40}?(?<!\w)(?:trên|qua)\s+(?:các\s+|hệ thống\s+|cụm\s+)*(?:loa|đài|truyền thanh)(?!\w)")
_PERIOD_FOLLOWS = re.compile(r"(?:-\s*)?(?:Thời gian|Thời điểm|Thời hạn|Bắt đầu|Từ nay|Từ ngày)(?!\w)")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n")
_LONGEST = 600  # signs of a sentence that are quoted
_MOST_IN_A_SENTENCE = 20


def obligations_in(texts: Sequence[str], *, issued_on: date | None) -> tuple[Owed, ...]:
    """What the paragraphs `texts` order to be aired so often, in their order; each with the sentence that says so.

    A day without a year lies in the year of `issued_on`, or in the next one. What is not said is None.
    """
    found: dict[Owed, None] = {}
    airs: bool | None = None  # what the last verb spoke of
    for text in texts:
        sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()]
        for place, sentence in enumerate(sentences):
            following = sentences[place + 1] if place + 1 < len(sentences) else ""
            for at_least, is_daily in _figures(sentence, airs):
                found.setdefault(_owed(sentence, following, at_least, is_daily, issued_on))
            airs = _last_verb(sentence, airs)
    return tuple(found)


def _figures(sentence: str, airs: bool | None) -> Iterator[tuple[int | None, bool]]:
    """(how many, whether a day) of each figure that airing governs."""
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), sentence)
    for often in islice(_OFTEN.finditer(bare), _MOST_IN_A_SENTENCE):
        start = often.start("count")
        if often["other"] or _AT_MOST.search(bare[max(0, start - 40) : start]) or not _governed(bare, often, airs):
            continue
        is_daily = bool(often["each"] or often["day"])
        if is_daily or _AT_LEAST.search(bare[max(0, start - 30) : start]) or _names_a_period(bare):
            yield _whole(often["count"]), is_daily
    for many in islice(_MANY.finditer(bare), _MOST_IN_A_SENTENCE):
        if _governed(bare, many, airs):
            yield None, True


def _governed(sentence: str, figure: re.Match[str], airs: bool | None) -> bool:
    """Whether the figure says how often something is aired: by the verb before it, or “trên loa” behind it."""
    before = _ASIDE.sub(lambda aside: " " * len(aside[0]), sentence[: figure.start()])
    verbs = list(_VERB.finditer(before + sentence[figure.start() : figure.end()]))
    if verbs and _ALREADY.search(before, 0, verbs[-1].start()):
        return False
    if _ON_AIR.match(sentence, figure.end()):
        return True
    if verbs:
        return verbs[-1]["aired"] is not None
    if airs is None:
        return not sentence[: figure.start()].strip(" -–+:") or bool(
            _AT_LEAST.fullmatch(sentence[: figure.start()].strip(" -–+:"))
        )
    return airs


def _last_verb(sentence: str, before: bool | None) -> bool | None:
    verbs = list(_VERB.finditer(_QUOTED.sub(" ", sentence)))
    return verbs[-1]["aired"] is not None if verbs else before


def _names_a_period(sentence: str) -> bool:
    from_on, until_on = period_in(sentence, issued_on=date(2000, 6, 30))
    return bool(from_on or until_on)


def _owed(sentence: str, following: str, at_least: int | None, is_daily: bool, issued_on: date | None) -> Owed:
    from_on, until_on = period_in(sentence, issued_on=issued_on)
    if from_on is None and until_on is None and _PERIOD_FOLLOWS.match(following):
        from_on, until_on = period_in(following, issued_on=issued_on)
    per: Literal["day", "total"] | None = "day" if is_daily else "total" if from_on or until_on else None
    text = re.sub(r"\s*[./;]+\s*$", "", sentence.lstrip("-–+ "))[:_LONGEST]
    return Owed(at_least=at_least, per=per, from_on=from_on, until_on=until_on, text=text)


def _whole(written: str) -> int:
    return _WORDS.get(written.lower()) or int(written)
