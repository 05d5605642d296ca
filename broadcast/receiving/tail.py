"""The end of a dispatch: who gets a copy, in which capacity it is signed, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from broadcast.receiving.bodies import is_capitals
from broadcast.receiving.lines import Line, joined, without_bullet
from broadcast.receiving.shapes import Copy, Signer

_COPIES = re.compile(r"N[ơƠ][iI] N[hH][ậẬ][nN]\s*:?\s*|Nơi nhận\s*:?\s*|NƠI NHẬN\s*:?\s*|Nơi gửi\s*:\s*")
_CAPACITY = re.compile(
    r"(?:T/?M|K/?T|T/?L|TUQ|T/?UQ|Q|Q\.\s?K/?T)\s?\.\s?[^\W\d]|(?:T[/.]M|K[/.]T|T[/.]L)\.?\s[^\W\d]|(?:PHÓ |"
    r"QUYỀN |P\.\s?|Q\.\s?)?(?:CHỦ TỊCH|GIÁM ĐỐC|TỔNG GIÁM ĐỐC|TRƯỞNG|CHÁNH|BÍ THƯ|HIỆU TRƯỞNG|"
    r"CHỦ NHIỆM|TRẠM TRƯỞNG|ĐỘI TRƯỞNG|CỤC TRƯỞNG|CHI CỤC TRƯỞNG|BỘ TRƯỞNG|THỨ TRƯỞNG|HIỆU PHÓ|"
    r"CHỈ HUY|VIỆN TRƯỞNG|ỦY VIÊN|THỦ TRƯỞNG|"
    r"CỤC PHÓ|TỔ TRƯỞNG)(?!\w)"
)
_CAPACITY_TITLE = re.compile(
    r"(?:TM|KT|TL|TUQ|T/M|K/T|T/L)\s?\.\s?[^\W\d]|(?:Phó |Quyền )?(?:Chủ tịch|Giám đốc|"
    r"Trưởng (?:phòng|ban|trạm|đài|công an)|Chánh [Vv]ăn phòng|Bí thư)"
    r"(?:\s+(?:UBND|Ủy ban)[^.;:]{0,40})?$"
)
_SIGNED = re.compile(
    r"[(\[]?\s*(?:đã ký|ký tên|ký, |ký bởi|chữ ký|ký, đóng dấu|đã ký và|ấn ký)[^)\]]{0,60}[)\]]?", re.IGNORECASE
)
_NAME_WORD = r"(?:[A-ZĐÀ-Ỹ][\wÀ-ỹ.']*)"
_NAME = re.compile(
    rf"(?:(?:ThS|TS|BS|CN|KS|PGS|GS|CKI{{1,2}}|Ths|Bs|Ts|(?:Thiếu|Trung|Thượng|Đại) (?:tá|úy|uý|"
    rf"tướng))\.?\s*[.,]?\s*)*{_NAME_WORD}(?:\s+{_NAME_WORD}){{1,5}}"
)
_REPORT = re.compile(
    r"\(\s*(?:để\s+)?(?:b/c|báo cáo)\s*\)|(?:(?<=\s)|(?<=,))(?:để\s+)?(?:b/c|"
    r"báo cáo)(?=\s*[;.,]?\s*$)",
    re.IGNORECASE,
)
# "Bản điện tử:" says how the bodies below get their copy, and is none itself.
_SORT_OF_COPY = re.compile(
    r"\W*(?:(?:Gửi )?[Bb]ản (?:điện tử|giấy|chính)|Gửi qua [^:;]{2,40}|Đồng gửi)\s*:", re.IGNORECASE
)
_NOT_A_NAME = re.compile(
    r"(?:Phụ lục|Nơi nhận|Nơi gửi|Như trên|Lưu|Mẫu|Biểu|Danh sách|Sở|Phòng|UBND|Ủy ban|Các|Ngày|Trang)(?!\w)",
    re.IGNORECASE,
)
_LONGEST_COPY = 600
_STRIP = " ;.,/{}"


@dataclass(frozen=True, slots=True)
class Tail:
    """What the end says, and at which line it begins."""

    begins_at: int
    copies_to: tuple[Copy, ...]
    signer: Signer


def read_tail(lines: Sequence[Line], body_at: int) -> Tail:
    """The tail of the document in `lines`, searched behind `body_at`."""
    lines = [*lines[:body_at], *(_apart(line) for line in lines[body_at:])]
    copies_at = next((i for i in range(len(lines) - 1, body_at - 1, -1) if _copies_cell(lines[i]) is not None), None)
    signed_at = _signed_at(lines, body_at, copies_at)
    begins = min((at for at in (copies_at, signed_at) if at is not None), default=len(lines))
    cells = [cell for line in lines[begins:] for cell in _cells(line)]
    return Tail(begins, _copies(lines, copies_at) if copies_at is not None else (), _signer(cells))


def _apart(line: Line) -> Line:
    """A line that holds a member of "Nơi nhận" and, one blank further, a line of the signature: two cells."""
    cells: list[str] = []
    for cell in line.cells:
        cut = None
        if len(cell) < 240 and (without_bullet(cell)[0] or _COPIES.match(cell)):
            ends = re.finditer(r"(?<=[;:.,)])\s+(?=[^\W\d_])", cell)
            cut = next((end for end in ends if _is_signature(cell[: end.start()], cell[end.end() :])), None)
        for part in (cell[: cut.start()], cell[cut.end() :]) if cut else (cell,):
            cells += _name_apart(part)
    return replace(line, cells=tuple(cells))


def _is_signature(copy: str, rest: str) -> bool:
    last = re.match(r"\W*Lưu\b.*\.$", copy)
    return _is_capacity(rest) or bool(last and _person(rest))


def _name_apart(cell: str) -> list[str]:
    """ "CHỦ TỊCH Nguyễn Văn A" on one line: the capacity and the name."""
    words = cell.split()
    begins = next((i for i, word in enumerate(words) if word[1:].islower()), 0)
    capacity, name = " ".join(words[:begins]), " ".join(words[begins:])
    if _is_capacity(capacity) and is_capitals(capacity) and _person(name):
        return [capacity, name]
    return [cell]


def _copies_cell(line: Line) -> int | None:
    return next((i for i, cell in enumerate(line.cells) if _COPIES.match(cell)), None)


def _is_capacity(cell: str) -> bool:
    if len(cell) > 90 or without_bullet(cell)[0]:
        return False
    return bool(_CAPACITY.match(cell) and is_capitals(cell.replace("Ký", ""))) or bool(_CAPACITY_TITLE.match(cell))


def _signed_at(lines: Sequence[Line], body_at: int, copies_at: int | None) -> int | None:
    """The first line of the signature: below Nơi nhận, else just above it, else the last one there is."""
    places = [i for i in range(body_at, len(lines)) if any(_is_capacity(cell) for cell in _cells(lines[i]))]
    if copies_at is not None:
        below = [i for i in places if i >= copies_at]
        beside = [i for i in places if copies_at - 3 <= i < copies_at]
        if below:
            return (beside or below)[0]
        places = [i for i in places if i >= copies_at - 12]
    if not places:
        return None
    first = places[-1]
    for i in reversed(places[:-1]):
        if first - i > 2:
            break
        first = i
    return first


def _cells(line: Line) -> Iterator[str]:
    """The columns of a line, and where one signature line holds two capacities, each of them."""
    for cell in line.cells:
        if _CAPACITY.match(cell) and is_capitals(cell):
            yield from (
                part for part in re.split(r"\s+/\s+|(?<=\w)\s+(?=(?:KT|TL|TUQ)\.)|(?<=[^.])\s+(?=PHÓ )", cell) if part
            )
        else:
            yield cell


def _signer(cells: Sequence[str]) -> Signer:
    start = next((i for i, cell in enumerate(cells) if _is_capacity(cell)), None)
    if start is None:
        return Signer()
    capacity: list[str] = []
    for i in range(start, len(cells)):
        cell = cells[i]
        if _is_capacity(cell):
            capacity.append(cell.strip(" ,;"))
        elif _is_continued_capacity(cell, capacity):
            capacity[-1] = f"{capacity[-1]} {cell.strip(' ,;')}"
        elif (name := _person(cell)) is not None:
            return Signer(capacity=tuple(capacity), name=name)
        elif cell.lower().startswith(("phụ lục", "danh sách", "biểu mẫu")):
            break
    return Signer(capacity=tuple(capacity))


def _is_continued_capacity(cell: str, capacity: Sequence[str]) -> bool:
    """ "TM. ỦY BAN NHÂN DÂN" / "XÃ TÂN HỘI": capitals that open no capacity and are no person's name."""
    return (
        is_capitals(cell)
        and bool(
            re.match(r"(?:HUYỆN|XÃ|PHƯỜNG|TỈNH|THÀNH PHỐ|THỊ|QUẬN|VÀ|NHÂN DÂN|PHÒNG|VĂN|KIÊM|THƯỜNG TRỰC)(?!\w)", cell)
        )
        and bool(capacity)
    )


def _person(cell: str) -> str | None:
    """The name of the one who signed, where `cell` is one."""
    bare = _SIGNED.sub("", cell).strip(" :;,.")
    if not bare or len(bare) > 60 or _NOT_A_NAME.match(bare) or without_bullet(bare)[0] or cell.rstrip().endswith(";"):
        return None
    return bare if _NAME.fullmatch(bare) and not re.search(r"\d", bare) else None


def _copies(lines: Sequence[Line], at: int) -> tuple[Copy, ...]:
    """One member a line. In a flattened table the other column holds the signature and is left out."""
    entries: list[str] = []
    marked = False
    column = _copies_cell(lines[at]) or 0
    for line in lines[at:]:
        first = line is lines[at]
        cell = _own_cell(line, column, first)
        if cell is None:
            continue
        if first:
            cell = _COPIES.sub("", cell, count=1)
            pieces = [piece for piece in re.split(r"(?<=[;.])\s+(?=[-–+]\s?\S)", cell) if piece]
        else:
            pieces = [cell]
        for piece in pieces:
            if not _add(piece, line, entries, marked):
                return _finished(entries)
            marked = marked or bool(without_bullet(piece)[0])
    return _finished(entries)


def _own_cell(line: Line, column: int, first: bool) -> str | None:
    cells = [cell for cell in line.cells if not _is_capacity(cell) and not _SIGNED.fullmatch(cell)]
    if first:
        return line.cells[column]
    if len(line.cells) > 1 and cells:
        return next(
            (cell for cell in cells if without_bullet(cell)[0]), cells[0] if _person(cells[0]) is None else None
        )
    return cells[0] if cells else None


def _add(piece: str, line: Line, entries: list[str], marked: bool) -> bool:
    """Takes a line into `entries`; False where the list is over."""
    sign, rest = without_bullet(piece)
    if sign:
        entries.append(rest)
        return True
    if entries and _REPORT.fullmatch(piece.strip(_STRIP)):
        entries[-1] = f"{entries[-1].rstrip(_STRIP)} (b/c)"
        return True
    if _SORT_OF_COPY.fullmatch(piece):
        return True
    last = entries[-1] if entries else ""
    over = len(last) > _LONGEST_COPY or last.rstrip().endswith((".", "./.")) or (line.after_blank and marked)
    if (
        over
        or (entries and _person(piece) is not None and (marked or line.after_blank))
        or piece.lower().startswith("phụ lục")
    ):
        return False
    if marked or (last and not last.endswith((";", ".", ",")) and piece[:1].islower()):
        entries[-1] = joined((last, piece))
    else:
        entries.append(piece)
    return True


def _finished(entries: Sequence[str]) -> tuple[Copy, ...]:
    copies = []
    for entry in entries:
        name, reported = _REPORT.subn("", entry.rstrip(_STRIP))
        name = " ".join(name.split()).rstrip(_STRIP)
        if name:
            copies.append(Copy(name=re.sub(r"\s+([;,.])", r"\1", name), report_to=bool(reported)))
    return tuple(copies)
