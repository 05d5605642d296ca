"""Lines and paragraphs of an official text, freed of what typesetting left behind.

Text arrives hard-wrapped or not, with bold marks, tables flattened into tabs, bullets of every kind. What leaves here
are `Line`s (the head and the tail are read line by line) and `Block`s (the body is read paragraph by paragraph).
Everything is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from broadcast.receiving.decoding import normalized

UPPER = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\ud800-\udfff\x00-\x08\x0e-\x1f\x7f]")
_BREAKS = re.compile("\r\n|[\r\f\v\x85\u2028\u2029]")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300})\*(?!\w)")
_TAGS = re.compile(r"</?(?:b|i|u|em|strong|p|br|div|span)(?:\s[^<>\n]{0,80})?/?>", re.IGNORECASE)
_ESCAPES = re.compile(r"\\([-*_.#>+()\[\]!&<|])")
_ADDRESS_BRACKETS = re.compile(r"<((?:https?://|www\.)[^<>\s]{1,500})>", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(
    r"\[([^\[\]\n]{0,300})\]\(\s*<?((?:https?://|mailto:)[^()<>\s]{1,500})>?\s*\)", re.IGNORECASE
)
# Two bold runs side by side are two lines of a table cell: "**UBND TỈNH** **SỞ Y TẾ**".
_TWO_RUNS = re.compile(r"\*\*[ \t]+\*\*")
_RULE = re.compile(r"[-–—_=*.~…\s|:]{3,}")
_PAGE = re.compile(r"(?:trang\s*)?\d{1,2}(?:\s*/\s*\d{1,2})?|-\s*\d{1,2}\s*-", re.IGNORECASE)

# Blanks of a form ("ngày      tháng 02", "Số:        /UBND") are no gap between columns.
_FORM_GAP = re.compile(r"(?<!\w)(ngày|tháng|năm|Số\s?:?)[ \t]{2,}(?=tháng|năm|/|\d)", re.IGNORECASE)

BULLET = re.compile(r"(?P<sign>[-–—−‐‑•·●○▪■□◦➢✓✔]|\+|\*(?=\s)|o(?=\s+[A-ZĐ]))\s*(?=[^\s\d]|\d)")
_ROMAN = re.compile(r"(?P<n>X{0,2}(?:IX|IV|V?I{1,3}|V|X))\s*(?:[.)]|/(?=\s))\s*(?=\D)")
_ARABIC = re.compile(
    r"\(?(?P<n>\d{1,2})\s*(?:[.)]|/\.?(?=\s)|[-–](?=\s))(?:\s*(?=[^\d\s])|\s+(?=\d{1,3}(?:%| [^\W\d])))"
)
_ORDINAL = re.compile(
    r"(?P<said>(?P<n>Một|Hai|Ba|Bốn|Năm|Sáu|Bảy|Tám|Chín|Mười) là|"
    r"Thứ (?P<th>nhất|hai|ba|tư|năm|sáu|bảy|tám|chín|mười))\s*[,:]\s*(?=\S)"
)
_ORDINALS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
_POINT = re.compile(r"(?P<n>\d{1,2}(?:\.\d{1,2}){1,3})\s*[.)]?\s+(?=[^\d\s])")
_LETTER = re.compile(r"(?P<n>[a-hđ])\s*[).]\s*(?=[^\W\d])")
_ARTICLE = re.compile(r"(?P<n>Điều\s+\d{1,2})\s*[.:]?\s+(?=\S)")
_STARTS_PARAGRAPH = re.compile(
    r"(?:Căn cứ|Thực hiện|Theo|Xét|Hiện nay|Để|Đề nghị|Yêu cầu|Nhận được|Trên đây|"
    r"Trong quá trình|Kính gửi|Nơi nhận|"
    r"Tài liệu|Kết quả|Địa chỉ|Số điện thoại|Nguồn tin|Thời gian tuyên truyền|"
    r"Trân trọng|Rất mong|Vậy|Mọi|(?:Chỉ thị|Công văn|Kế hoạch|Quyết định|Văn bản) này)\b"
)

Kind = Literal["roman", "article", "arabic", "point", "letter", "bullet", "plain"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `text` has single blanks; `cells` are its columns, where wide gaps or tabs set some apart."""

    text: str
    cells: tuple[str, ...]
    after_blank: bool


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, its wrapped lines joined. `mark` is the number or the bullet it began with, "" for plain."""

    kind: Kind
    mark: str
    text: str


def clean(text: str) -> str:
    """`text` in NFC with plain blanks and line ends, without emphasis marks and invisible signs."""
    text = _INVISIBLE.sub("", _BREAKS.sub("\n", normalized(text)))
    text = _BLANKS.sub(" ", text).replace("&nbsp;", " ").replace("&amp;", "&")
    text = _MARKDOWN_LINK.sub(_address_of, _TWO_RUNS.sub("   ", _TAGS.sub(" ", text)))
    text = text.replace("**", "").replace("`", "")
    text = _EMPHASIS.sub(r"\1", _ESCAPES.sub(r"\1", text))
    return _ADDRESS_BRACKETS.sub(r"\1", text)


def _address_of(link: re.Match[str]) -> str:
    """A markdown link as text: the address alone where the text only repeats it."""
    said, address = link[1].strip(), link[2]
    if address.lower().startswith("mailto:"):
        return said or address[len("mailto:") :]
    bare = re.sub(r"^https?://|/$", "", said.lower())
    return address if not bare or bare in address.lower() else f"{said} ({address})"


def lines_of(text: str) -> list[Line]:
    """The lines of cleaned `text` that say something; rules and page numbers only leave a gap behind."""
    lines: list[Line] = []
    gap = 1
    gaps: list[int] = []
    for written in text.split("\n"):
        raw = written.strip().lstrip("#>").strip()
        if raw.startswith("|") or raw.count("|") > 1:
            raw = raw.replace("|", "\t").strip()
        if not raw or _RULE.fullmatch(raw) or (gap and _PAGE.fullmatch(raw)):
            gap += 1
            continue
        raw = _FORM_GAP.sub(r"\1 ", raw)
        cells = tuple(" ".join(cell.split()) for cell in re.split(r"\t+| {3,}", raw) if cell.strip())
        lines.append(Line(" ".join(raw.split()), cells, gap > 0))
        gaps.append(gap)
        gap = 0
    if len(lines) > 8 and sum(gap > 0 for gap in gaps) > 0.95 * len(lines):
        # Set in double spacing: one empty line means nothing there, two are a gap.
        return [replace(line, after_blank=gap > 1) for line, gap in zip(lines, gaps, strict=True)]
    return lines


def without_bullet(text: str) -> tuple[str, str]:
    """The bullet sign ("" where there is none) and what follows it."""
    found = BULLET.match(text)
    return (found["sign"], text[found.end() :]) if found else ("", text)


def joined(pieces: Iterable[str]) -> str:
    """The pieces of a wrapped line as one; an address that was cut at its dot or slash is made whole."""
    parts: list[str] = []
    for piece in pieces:
        last = parts[-1].rsplit(" ", 1)[-1] if parts else ""
        cut = last.lower().startswith(("http://", "https://", "www.")) and last[-1] in "./-?=&"
        if parts and not (cut and piece[:1].isalnum()):
            parts.append(" ")
        parts.append(piece)
    return "".join(parts)


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The paragraphs of `lines`: a marked line begins one, an unmarked one mostly goes on with the one before."""
    begun: list[tuple[Kind, str, list[str]]] = []
    width = _wrap_width(lines)
    counters = {"arabic": 0, "article": 0}
    previous: Line | None = None
    for line in lines:
        kind, mark, text = _marked(line.text, counters)
        if kind == "plain" and begun and previous and not _begins(line, previous, begun[-1], width):
            begun[-1][2].append(text)
        else:
            begun.append((kind, mark, [text]))
        previous = line
    return [Block(kind, mark, joined(pieces)) for kind, mark, pieces in begun]


def _wrap_width(lines: Sequence[Line]) -> int:
    """The width at which a text was hard-wrapped; 0 where its paragraphs are whole lines."""
    lengths = sorted(len(line.text) for line in lines)
    return lengths[-1] if lengths and lengths[-1] <= 130 else 0


def _begins(line: Line, previous: Line, block: tuple[Kind, str, list[str]], width: int) -> bool:
    kind, _, pieces = block
    ended = previous.text.endswith((".", ";", ":", "!", "?"))
    if line.after_blank:
        return ended or not line.text[:1].islower()
    if (len(pieces) == 1 and _is_heading(pieces[0])) or (_is_heading(line.text) and not _is_heading(previous.text)):
        return True
    if not ended:
        # An item that is only a heading: "III. Chế độ báo cáo", and its text on the next line.
        heading = kind in ("roman", "arabic") and len(pieces) == 1 and len(previous.text) < (0.6 * width or 100)
        return heading and line.text[:1].isupper() and not previous.text.endswith((",", "-", "–"))
    short = len(previous.text) < 0.7 * width
    return width == 0 or short or bool(_STARTS_PARAGRAPH.match(line.text))


def _is_heading(text: str) -> bool:
    return len(text) > 3 and text.isupper() and len(text) < 160


def _marked(text: str, counters: dict[str, int]) -> tuple[Kind, str, str]:
    """Kind, mark and rest of a line. Arabic numbers count only in order, so that a wrapped "15. …" is no item."""
    if found := _ROMAN.match(text) or _ARTICLE.match(text):
        counters["arabic"] = 0
        return ("roman" if found.re is _ROMAN else "article"), " ".join(found["n"].split()), text[found.end() :]
    if found := _POINT.match(text):
        return "point", found["n"], text[found.end() :]
    if found := _ARABIC.match(text):
        number = int(found["n"])
        if number == 1 or counters["arabic"] <= number <= counters["arabic"] + 2:
            counters["arabic"] = number
            return "arabic", str(number), text[found.end() :]
    if found := _LETTER.match(text):
        return "letter", found["n"], text[found.end() :]
    if (found := _ORDINAL.match(text)) and (ordinal := _ordinal(found, counters)):
        return "arabic", ordinal, text[found.end() :]
    sign, rest = without_bullet(text)
    return ("bullet", sign, rest) if sign else ("plain", "", text)


def _ordinal(found: re.Match[str], counters: dict[str, int]) -> str:
    """The number said in words. "Thứ hai" is a second point only behind a first: alone it is a Monday."""
    word = (found["n"] or found["th"]).lower()
    number = _ORDINALS.index({"nhất": "một", "tư": "bốn"}.get(word, word)) + 1
    if number != 1 and counters["arabic"] != number - 1:
        return ""
    counters["arabic"] = number
    return str(number)
