"""The head of a dispatch: who wrote it, its number, place and day, what it is about, whom it addresses.

Heads are two columns side by side; copied out, they arrive in any order, sometimes with both columns on one line. So
each cell is recognised by what it says, never by where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from broadcast.receiving.bodies import is_capitals
from broadcast.receiving.dates import HOLE, SYMBOL, date_or_none, tight_number
from broadcast.receiving.lines import BULLET, Line, joined, without_bullet

_FARTHEST_HEAD_LINE = 60
_LONGEST_RECIPIENT = 400
_MOST_RECIPIENT_LINES = 200

_MOTTO = re.compile(
    r"CỘNG\s+H(?:ÒA|OÀ)\s+XÃ\s+HỘI\s+CHỦ\s+NGHĨA\s+VIỆT\s+NAM|ĐẢNG\s+CỘNG\s+SẢN\s+VIỆT\s+NAM|"
    r"Độc\s+lập\s*[-–—]\s*Tự\s+do\s*[-–—]\s*Hạnh\s+ph(?:úc|ức)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"Số\s*(?::|\.|(?=[\d/…]))\s*(?:(?P<n>\d{{1,5}}[a-z]?)|"
    rf"[.…_]+)?\s*[.…_]*(?P<rest>(?:\s*[-–/]\s*(?:\d{{4}}|{SYMBOL}))*)\s*/?",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"ngày{HOLE}(?P<d>\d{{1,2}})?{HOLE}tháng{HOLE}(?P<m>\d{{1,2}})?{HOLE}năm{HOLE}(?P<y>\d{{4}}|"
    rf"\d{{2}}(?=[.…]))?{HOLE}$|"
    r"ngày\s*(?P<d2>\d{1,2})\s*[/.-]\s*(?P<m2>\d{1,2})\s*[/.-]\s*(?P<y2>\d{4})\s*\.?$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[^\W\d][^,:;/]{1,50}")
_ABOUT = re.compile(r"[(\"“]?\s*(?:V\s?/\s?v|Về việc|V\.v|Vv)(?!\w)\s*[:.]?\s*", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:QUYẾT ĐỊNH|CHỈ THỊ|KẾ HOẠCH|THÔNG BÁO|BÁO CÁO|TỜ TRÌNH|HƯỚNG DẪN|CÔNG ĐIỆN|NGHỊ QUYẾT|"
    r"CHƯƠNG TRÌNH|PHƯƠNG ÁN|"
    r"GIẤY MỜI|THƯ NGỎ|LỜI KÊU GỌI|CÔNG VĂN|ĐỀ ÁN|KẾT LUẬN|THÔNG CÁO|ĐỀ CƯƠNG|"
    r"BẢN TIN)(?!\w)(?: (?:KHẨN|HỎA TỐC))?\s*:?\s*"
)
_TO = re.compile(r"Kính gửi\s*:?\s*", re.IGNORECASE)
_TELEGRAM = re.compile(r"(?:[^:;\n]{0,120}\s)?(?:điện|ĐIỆN|Điện)\s*:\s*")
_STAMP = re.compile(
    r"(?:HỎA TỐC|HOẢ TỐC|THƯỢNG KHẨN|KHẨN|MẬT|TỐI MẬT|DỰ THẢO|BẢN SAO|SAO Y|SAO LỤC|PHỤ LỤC|MẪU|"
    r"CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG)(?!\w)"
)
_BODY_NAME = re.compile(
    r"(?:[ỦU][ỶY] BAN|UỶ BAN|UBND|UBMTTQ|HỘI ĐỒNG(?! NHÂN DÂN -)|HĐND|SỞ|BỘ|PHÒNG(?!,? CHỐNG)|"
    r"TRUNG TÂM|BAN(?! HÀNH)|VĂN PHÒNG|ĐẢNG (?:ỦY|UỶ|BỘ)|"
    r"(?:HUYỆN|TỈNH|THÀNH|QUẬN|THỊ|XÃ) (?:ỦY|UỶ|ĐOÀN)|CÔNG AN|CÔNG TY|HỘI|ĐOÀN|LIÊN ĐOÀN|"
    r"MẶT TRẬN|CHI CỤC|CỤC|TỔNG CỤC|TRẠM|ĐÀI|"
    r"BỆNH VIỆN|TRƯỜNG|ĐIỆN LỰC|VIỄN THÔNG|BƯU ĐIỆN|BẢO HIỂM|NGÂN HÀNG|KHO BẠC|THANH TRA|TÒA ÁN|"
    r"VIỆN|BCH|BCĐ|TỔNG CÔNG TY|"
    r"BAN CHẤP HÀNH|THƯỜNG TRỰC|HẠT|ĐỘI|TỔ CÔNG TÁC|TRẠM Y TẾ|CHI NHÁNH|HỢP TÁC XÃ)(?!\w)",
    re.IGNORECASE,
)
_SUPERIOR = re.compile(
    r"(?:UBND|[ỦU][ỶY] BAN NHÂN DÂN|UỶ BAN NHÂN DÂN)\s.{2,60}?"
    r""
    r"(?<!XÃ)(?<!PHƯỜNG)(?<!HUYỆN)(?<!PHỐ)(?<!TRẤN)(?<!TỈNH)(?<!QUẬN)"
    r"\s+(?=(?:SỞ|PHÒNG|VĂN PHÒNG|TRUNG TÂM|BAN QUẢN LÝ|TRƯỜNG|TRẠM Y TẾ|ĐÀI TRUYỀN|CHI CỤC)\s)"
)
_GROUND_LINE = re.compile(
    r"[-–+*]?\s*(?:Căn cứ|Thực hiện|Theo|Xét|Tiếp theo|Thi hành|Hiện nay|Để|Nhằm|Triển khai|"
    r"Trong thời gian|Thời gian|Vừa qua|Ngày \d{1,2})(?!\w)"
)
_NUMBERED = re.compile(r"(?:[IVX]{1,4}|\d{1,2}|[a-z])[.)]\s|Điều \d")


@dataclass(slots=True)
class Head:
    """What the head says, and at which line the body begins."""

    issuer: str | None = None
    number: str | None = None
    place: str | None = None
    issued_on: date | None = None
    issued_year: int | None = None
    subject: str | None = None
    recipients: tuple[str, ...] = ()
    body_at: int = 0
    consumed: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Reading:
    head: Head
    names: list[str] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)
    open_subject: bool = False
    from_title: bool = False
    dated: bool = False
    numbered: bool = False
    in_capitals: bool = False


def read_head(lines: Sequence[Line]) -> Head:
    """The head of the document in `lines` (all of it: heads whose columns were torn apart go on below)."""
    head = Head()
    to = _addressed_at(lines)
    end = to if to is not None else _head_end(lines)
    reading = _Reading(head)
    for line in lines[:end]:
        _read_line(line, reading)
    head.body_at = end
    for i in range(end, len(lines)):
        if (cell := lines[i].text) and len(cell) < 120 and _torn_off(cell, reading):
            head.consumed.add(i)
    if to is not None:
        head.recipients, head.body_at = _recipients(lines, to, head.consumed)
    head.issuer = _issuer(reading.names)
    head.subject = _tidy_subject(joined(reading.subject))
    return head


def _addressed_at(lines: Sequence[Line]) -> int | None:
    """The line "Kính gửi: …", or in a telegram "CHỦ TỊCH … điện: …"."""
    telegram = False
    for i, line in enumerate(lines[:_FARTHEST_HEAD_LINE]):
        telegram = telegram or line.text.startswith(("CÔNG ĐIỆN", "ĐIỆN KHẨN"))
        if _TO.match(line.text) or (telegram and _TELEGRAM.match(line.text)):
            return i
        if telegram and (_GROUND_LINE.match(line.text) or _NUMBERED.match(line.text)):
            return next((j for j in range(i, len(lines[:_FARTHEST_HEAD_LINE])) if _TO.match(lines[j].text)), None)
    return None


def _head_end(lines: Sequence[Line]) -> int:
    """Where the head ends when nobody is addressed: before grounds, a numbered point or a whole sentence."""
    floor = 0  # the body cannot begin before this line
    for i, line in enumerate(lines[:_FARTHEST_HEAD_LINE]):
        text = line.text
        if _NUMBERED.match(text) or (BULLET.match(text) and len(text) > 3):
            return i
        if _GROUND_LINE.match(text):
            broken = i > floor > 0 and len(lines[i - 1].text) > 50 and lines[i - 1].text[-1:] not in ".;:,"
            return _paragraph_start(lines, i, floor) if broken and not line.after_blank else i
        if titled := _TITLE.match(text):
            floor = i + (1 if titled.end() < len(text) else 2)
            continue
        numbered = _NUMBER.match(text) and not text[0].islower()
        is_head = _ABOUT.match(text) or numbered or _MOTTO.search(text) or _DAY.search(text)
        if is_head:
            floor = max(floor, i + 1) if floor or _ABOUT.match(text) else 0
        elif text.endswith((".", ":", ";")) and (len(text) > 60 or not is_capitals(text)) and i:
            return _paragraph_start(lines, i, floor) if floor else i
        elif len(text) > 200:
            return i
    return min(len(lines), _FARTHEST_HEAD_LINE)


def _paragraph_start(lines: Sequence[Line], at: int, floor: int) -> int:
    """Where the paragraph around line `at` begins, `floor` or later; without a gap, where a sentence may begin."""
    start = at
    while start > floor and not lines[start].after_blank:
        start -= 1
    if lines[start].after_blank:
        return start
    begins = (i for i in range(floor, at) if lines[i].text[:1].isupper() and not is_capitals(lines[i].text))
    return next(begins, at)


def _read_line(line: Line, reading: _Reading) -> None:
    if line.after_blank and reading.subject and not line.text[:1].islower():
        reading.open_subject = False
    for cell in line.cells:
        _read_cell(cell, reading)


def _read_cell(written: str, reading: _Reading) -> None:
    """Takes from one cell the motto, the number, the day, the subject and the name of the issuer, in this order."""
    bare = _MOTTO.sub(" ", written)
    cell = _take_number(_take_day(bare.strip(" *" if bare == written else " -–*"), reading), reading)
    if not cell:
        return
    if found := _ABOUT.match(cell):
        if not reading.subject or reading.from_title:
            about = cell[found.end() :]
            reading.subject = [_unwrapped(about, cell[0])]
            reading.open_subject, reading.from_title = True, False
        return
    if found := _TITLE.match(cell):
        if not reading.subject:
            rest = cell[found.end() :]
            reading.subject = [rest] if rest else []
            reading.open_subject = reading.from_title = True
        return
    if reading.open_subject and not _STAMP.match(cell):
        begun = bool(reading.subject) and not is_capitals(reading.subject[-1])
        if begun and is_capitals(cell) and _BODY_NAME.match(cell):
            reading.open_subject = False  # the body that decides, below the title of its decision
        else:
            reading.subject.append(cell)
        return
    if reading.subject or _STAMP.match(cell) or len(cell) > 120:
        return
    if _BODY_NAME.match(cell) or (
        reading.names and (is_capitals(cell) or not cell.endswith(".")) and not reading.numbered
    ):
        reading.names.append(cell)


def _unwrapped(about: str, opened: str) -> str:
    """The subject without the bracket or quotation mark that closes what opened before "V/v"."""
    about = about.rstrip(" .;")
    if opened == "(":
        return about[:-1] if about.endswith(")") and about.count(")") > about.count("(") else about
    return about[:-1] if opened in '"“' and about.endswith(('"', "”")) else about


def _take_number(cell: str, reading: _Reading) -> str:
    found = _NUMBER.match(cell)
    if not found or not (found["n"] or found["rest"]):
        return "" if found and found.end() == len(cell) and ":" in cell else cell
    if not reading.numbered:
        reading.numbered = True
        if found["n"]:
            reading.head.number = tight_number(found["n"] + found["rest"])
    return cell[found.end() :].strip(" ,;")


def _take_day(cell: str, reading: _Reading) -> str:
    found = _DAY.search(cell)
    if not found or reading.dated:
        told = reading.open_subject and bool(found and found.start()) and cell[:1].islower()
        return "" if found and found.start() < 60 and not _ABOUT.match(cell) and not told else cell
    before = cell[: found.start()].rstrip(" ,.…_")
    rest, place = _split_place(before)
    if place and not (_PLACE.fullmatch(place) and place[0].isupper()):
        return cell
    reading.dated = True
    reading.head.place = place or None
    year = found["y"] or found["y2"]
    reading.head.issued_on = date_or_none(year, found["m"] or found["m2"], found["d"] or found["d2"])
    reading.head.issued_year = int(year) if year and len(year) == 4 else None
    return rest


def _split_place(before: str) -> tuple[str, str]:
    """What stands before the place on the same line (a number, a name in capitals), and the place."""
    if found := _NUMBER.match(before):
        return before[: found.end()], before[found.end() :].strip(" ,")
    if is_capitals(before):
        return before, ""
    words = before.split()
    capitals = next((i for i, word in enumerate(words) if word.upper() != word), len(words))
    if capitals > 1 and is_capitals(" ".join(words[:capitals])):
        return " ".join(words[:capitals]), " ".join(words[capitals:])
    return "", before


def _torn_off(cell: str, reading: _Reading) -> bool:
    """A line below that is nothing but motto, number or day belongs to the head."""
    if _MOTTO.sub("", cell).strip(" -–*") == "":
        return True
    if not reading.dated and (found := _DAY.search(cell)):
        place = cell[: found.start()].rstrip(" ,")
        if (not place or (_PLACE.fullmatch(place) and place[0].isupper() and len(place.split()) < 7)) and cell[
            : found.start()
        ].rstrip().endswith(",") != (not place):
            return _take_day(cell, reading) == ""
    if not reading.numbered and (found := _NUMBER.fullmatch(cell)) and found["rest"]:
        return _take_number(cell, reading) == ""
    return False


def _issuer(names: Sequence[str]) -> str | None:
    """The last body that the head names; a line that opens no name goes on with the one before."""
    bodies: list[str] = []
    for name in names:
        if not bodies or (_BODY_NAME.match(name) and not bodies[-1].endswith((",", " VÀ", " và", "-", "–"))):
            bodies.append(name)
        else:
            bodies[-1] = f"{bodies[-1]} {name}"
    return _below_superior(bodies[-1].strip(" ,;.:-–")) or None if bodies else None


def _below_superior(name: str) -> str:
    """The issuer of a cell that holds its superior too: "UBND TỈNH KON TUM SỞ Y TẾ" is SỞ Y TẾ."""
    inner = _SUPERIOR.match(name)
    return name[inner.end() :] if inner and is_capitals(name) else name


def _tidy_subject(subject: str) -> str | None:
    about = _ABOUT.match(subject)
    bare = (subject[about.end() :] if about else subject).strip().rstrip(" ;:.,-–/")
    bare = re.sub(r"^[Vv]ề (?:việc )?", "", bare)
    if subject.startswith("(") and bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1]
    return bare or None


def _recipients(lines: Sequence[Line], to: int, consumed: set[int]) -> tuple[tuple[str, ...], int]:
    """The addressees from line `to` on, and the line at which the body begins."""
    names: list[str] = []
    opened = _TO.match(lines[to].text) or _TELEGRAM.match(lines[to].text)
    first = lines[to].text[opened.end() if opened else 0 :]
    bulleted = False
    if first:
        sign, rest = without_bullet(first)
        bulleted = bool(sign)
        names.append(rest)
    at = to + 1
    while at < min(len(lines), to + _MOST_RECIPIENT_LINES):
        line = lines[at]
        if at in consumed:
            at += 1
            continue
        sign, rest = without_bullet(line.text)
        closed = bool(names) and names[-1].endswith((".", "./."))
        if _ends_recipients(line, bool(sign), closed, bulleted, bool(names)):
            break
        if sign or not names or (names[-1].endswith((";", ".")) and not line.text[:1].islower()):
            bulleted = bulleted or bool(sign)
            names.append(rest)
        else:
            names[-1] = joined((names[-1], rest))
        at += 1
    names = [name for i, name in enumerate(names) if not (name.endswith(":") and i + 1 < len(names))]
    parts = [piece for name in names for piece in (_inline(name) if not bulleted or len(names) == 1 else [name])]
    return tuple(name for name in (part.strip().rstrip(" ;.,/") for part in parts) if name), at


def _ends_recipients(line: Line, bullet: bool, closed: bool, bulleted: bool, any_name: bool) -> bool:
    text = without_bullet(line.text)[1]
    if len(line.text) > _LONGEST_RECIPIENT:
        return True
    if _GROUND_LINE.match(text) or _NUMBERED.match(line.text) or _ABOUT.match(line.text) or _TITLE.match(line.text):
        return True
    if bullet:
        return any_name and not bulleted and line.after_blank
    if not any_name:
        return False
    if line.after_blank:
        return not line.text[:1].islower() or closed
    sentences = line.text[:1].isupper() and re.search(r"\w\.\s+[^\W\d_a-z]|:$", line.text)
    return closed or len(line.text) > 250 or (not bulleted and bool(sentences))


def _inline(name: str) -> list[str]:
    """Several recipients on one line: "A; B; C" or "- A; - B"."""
    return [without_bullet(piece.strip())[1] for piece in re.split(r";\s+|\s+[-–+]\s+(?=Các |UBND|Ủy ban)", name)]
