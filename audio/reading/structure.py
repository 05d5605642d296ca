"""The shape of a script: which lines belong together, which are heading, list, frame.

A whole document is one with the motto of the state or a *Nơi nhận*; of it motto, place-and-date line, recipients and
signature are left out. A line on its own is read, whatever it is. Wrapped lines are put together again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from audio.reading.model import Skipped

_MOTTO = re.compile(
    r"[\s*_#]*(?:CỘNG HÒA|CỘNG HOÀ|Cộng hòa|Cộng hoà)\s+(?:XÃ HỘI|xã hội)\s+(?:CHỦ NGHĨA"
    r"|chủ nghĩa)\s+(?:VIỆT NAM|Việt Nam)[\s*_.]*$"
)
_PARTY_MOTTO = re.compile(r"[\s*_#]*ĐẢNG CỘNG SẢN VIỆT NAM[\s*_.]*$")
_FREEDOM = re.compile(r"[\s*_]*Độc lập\s*[-–—]\s*Tự do\s*[-–—]\s*Hạnh phúc[\s*_.]*$", re.IGNORECASE)
_RIGHT_COLUMN = re.compile(
    r"(?P<left>[^\n]{2,70}?)(?P<gap>\s{2,}|\t|\s?\|)[\s*_|]*"
    r"(?:CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM|CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM|ĐẢNG CỘNG SẢN VIỆT NAM"
    r"|Độc lập\s*[-–—]\s*Tự do\s*[-–—]\s*Hạnh phúc"
    r"|[^\W\d_][^,\d\n]{1,40},\s*ngày\s*[\d.…_ ]{0,12}\s*tháng\s*[\d.…_ ]{0,12}\s*năm\s*[\d.…_ ]{0,12})[\s*_.|]*$"
)
"""A head in two columns that were copied as one: office and number on the left, motto and date on the right."""
_PLACE_DATE = re.compile(
    r"[\s*_(]*[^\W\d_][^,\n]{1,40},\s*ngày\s*[\d.…_ ]{0,12}\s*tháng\s*[\d.…_ ]{0,12}\s*năm\s*[\d.…_ ]{0,12}[\s*_).]*$",
    re.IGNORECASE,
)
_RECIPIENTS = re.compile(r"[\s*_|]*Nơi\s+nhận\s*:?", re.IGNORECASE)
_ADDENDUM = re.compile(r"[\s*_]*(?:PHỤ LỤC|DANH SÁCH|LỊCH|KẾ HOẠCH|MẪU|BÀI TUYÊN TRUYỀN|NỘI DUNG)\b")
_SIGNER = re.compile(
    r"[\s*_]*(?:(?:TM|KT|TL|TUQ|Q)\s?\.|(?:PHÓ\s+)?(?:CHỦ TỊCH|TRƯỞNG|GIÁM ĐỐC|CHÁNH|TỔNG|HIỆU TRƯỞNG|BÍ THƯ"
    r"|TRẠM TRƯỞNG|CHỈ HUY)"
    r"|THỦ TRƯỞNG|NGƯỜI)[\sA-ZĐÀ-Ỹ.,-]{0,80}[\s*_]*$"
)
_RULE = re.compile(r"[\s*_=~.\-–—+]{3,}$")
_LIST = re.compile(
    r"\s*(?:[-–—+•●▪■□○◦*►▶➢➤✓✔☑👉✅🔹🔸📌📣·o][ \t]+|[-–—+•●▪►➢✓✔](?=[^\s\d\-–—+•*])"
    r"|(?:\*\*|__)?(?:\d{1,2}(?:\.\d{1,2}){0,3}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}|[a-zđ]\)|[a-zđ]\.(?=\s)|\(\d{1,2}\)"
    r"|\([a-zđ]\)|[IVX]{1,5}[.)]|\d{1,2}/|[a-zđ]/)(?:\*\*|__)?[ \t]+"
    r"|\*\s?(?=[^\s*]))"
)
_LABELLED = re.compile(
    r"[\s*_]*(?:V/v|Số\s*:|Số\s+\d|Kính gửi|Kính thưa|Điều\s+\d|Chương\s|Mục\s|Phần\s|Căn cứ|Xét|Theo đề nghị"
    r"|Lưu ý|Chú ý"
    r"|Thời gian|Địa điểm|Nội dung|Thành phần|Bước\s+\d)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.;:!?…][\s*_\"”')>]*$")
_GOES_ON = re.compile(
    r"(?:,|\b(?:và|của|các|những|tại|từ|đến|là|cho|với|về|trong|trên|theo|ngày|tháng|năm|số|huyện|xã|tỉnh"
    r"|phường|quận|thành phố"
    r"|thị trấn|thị xã|ủy ban|sở|phòng|bộ|ban|việc|để|do|bởi|hoặc|như|đồng chí|ông|bà|hay|được|không|phải|cần"
    r"|bị|có))\s*$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"[\s*_]*V\s?/\s?v", re.IGNORECASE)
_LOWER = re.compile(r"[\s*_\"“(]*[a-zà-ỹđ]")
_HEAD_LINES = 25
_LONG_LINE = 55


class Block(NamedTuple):
    """A stretch of the clean text that is read in one breath of layout: a paragraph, a heading, an item."""

    start: int
    end: int


class Line(NamedTuple):
    """One physical line, without its line break."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Nothing on it?"""
        return not self.text.strip()


def lines_of(text: str) -> list[Line]:
    """All physical lines with their offsets."""
    out = []
    at = 0
    for raw in text.split("\n"):
        out.append(Line(at, at + len(raw), raw))
        at += len(raw) + 1
    return out


def blocks_of(text: str, *, whole_frame: bool = False) -> tuple[list[Block], list[Skipped]]:
    """The blocks to read, in order, and the spans of the frame that are left out."""
    lines = lines_of(text)
    skipped = [] if whole_frame or len(lines) < 3 else _frame(lines)
    cuts = [span.start for span in skipped]
    return _join([_without(line, cuts) for line in lines] if cuts else lines), _merge(skipped)


def _without(line: Line, cuts: list[int]) -> Line:
    """`line` up to where a skipped span begins in it."""
    cut = next((cut for cut in cuts if line.start <= cut < line.end), None)
    return line if cut is None else Line(line.start, cut, line.text[: cut - line.start])


def _frame(lines: list[Line]) -> list[Skipped]:
    """Lines of head, recipients and signature; empty unless this is a whole document."""
    full = [line for line in lines if not line.blank]
    head = full[:_HEAD_LINES]
    motto = any(
        _right_column(line.text)
        or _MOTTO.match(line.text)
        or _PARTY_MOTTO.match(line.text)
        or _FREEDOM.match(line.text)
        for line in head
    )
    recipients = next((i for i, line in enumerate(lines) if _RECIPIENTS.match(line.text)), None)
    if not motto and recipients is None:
        return []
    if len(full) < 4:
        return []
    out = []
    for at, line in enumerate(head):
        column = _right_column(line.text)
        if column:
            out.append(Skipped(line.start + column, line.end, "head"))
        elif (
            _MOTTO.match(line.text)
            or _PARTY_MOTTO.match(line.text)
            or _FREEDOM.match(line.text)
            or _PLACE_DATE.match(line.text)
            or (_RULE.match(line.text) and at < 10)
        ):
            out.append(Skipped(line.start, line.end, "head"))
    out.extend(_foot(lines, recipients))
    return out


def _right_column(text: str) -> int:
    """Where the right one of two columns begins, 0 where there is none: left is an office in capitals or a number."""
    if "  " not in text and "\t" not in text and "|" not in text:
        return 0
    found = _RIGHT_COLUMN.match(text)
    return found.start("gap") if found and (found["left"].isupper() or _NUMBER.match(found["left"])) else 0


_NUMBER = re.compile(r"\W*số\s?[:\d]", re.IGNORECASE)


def _foot(lines: list[Line], recipients: int | None) -> list[Skipped]:
    """Recipients and signature: from *Nơi nhận* on, or from the signer's office near the end."""
    first = recipients if recipients is not None else _signature(lines)
    if first is None:
        return []
    out = []
    # The signer may stand above the recipients where a table was unfolded.
    above = first - 1
    while above > 0 and first - above < 8 and (lines[above].blank or _SIGNER.match(lines[above].text)):
        above -= 1
    why = "recipients" if recipients is not None else "signature"
    for line in lines[above + 1 :]:
        if line.start > lines[first].start and _ADDENDUM.match(line.text) and line.text.strip("*_ ").isupper():
            break
        if _SIGNER.match(line.text):
            why = "signature"
        if not line.blank:
            out.append(Skipped(line.start, line.end, why))
    return out


def _signature(lines: list[Line]) -> int | None:
    full = [i for i, line in enumerate(lines) if not line.blank]
    for at in full[-8:]:
        if _SIGNER.match(lines[at].text) and lines[at].text.strip("*_ ").isupper():
            return at
    return None


def _merge(spans: list[Skipped]) -> list[Skipped]:
    out: list[Skipped] = []
    for span in sorted(spans):
        if out and out[-1].why == span.why and span.start - out[-1].end <= 3:
            out[-1] = Skipped(out[-1].start, span.end, span.why)
        else:
            out.append(span)
    return out


def _join(lines: list[Line]) -> list[Block]:
    out: list[Block] = []
    open_at: Line | None = None
    last: Line | None = None
    subject = False
    for line in lines:
        if line.blank or _RULE.fullmatch(line.text):
            if open_at and last:
                out.append(Block(open_at.start, last.end))
            open_at = last = None
            continue
        if open_at is None or last is None:
            open_at, subject = line, bool(_SUBJECT.match(line.text))
        elif last.end + 1 < line.start or not _continues(last, line, subject=subject):
            out.append(Block(open_at.start, last.end))
            open_at, subject = line, bool(_SUBJECT.match(line.text))
        last = line
    if open_at and last:
        out.append(Block(open_at.start, last.end))
    return out


def _continues(last: Line, line: Line, *, subject: bool) -> bool:
    """Is `line` the rest of what `last` began?"""
    if _LIST.match(line.text):
        return False
    small = bool(_LOWER.match(line.text))
    if _ENDS.search(last.text):
        return small and not last.text.rstrip().endswith((":", "."))
    if small or _LABELLED.match(line.text):
        return small
    bare, following = last.text.strip(" *_"), line.text.strip(" *_")
    if subject or _GOES_ON.search(last.text) or (bare.isupper() and following.isupper()):
        return True
    return len(last.text) >= _LONG_LINE and not bare.isupper()


def marker_end(text: str, start: int, end: int) -> int:
    """Where the list marker ends that a block begins with, bullets included; `start` where there is none."""
    found = _LIST.match(text, start, end)
    return found.end() if found else start
