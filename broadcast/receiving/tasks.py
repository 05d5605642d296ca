"""The body of a dispatch: its grounds, its duties one by one, and what closes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from broadcast.receiving.bodies import BODY, is_capitals, subject_of
from broadcast.receiving.grounds import is_ground
from broadcast.receiving.lines import Block, Kind
from broadcast.receiving.shapes import Task

_CLOSING = re.compile(
    r"(?:Nhận được|Trên đây|Trong quá trình|Yêu cầu|Đề nghị|Kính đề nghị|UBND|Ủy ban nhân dân|"
    r"Uỷ ban nhân dân|Phòng|Sở|Trung tâm|"
    r"Văn phòng|Các (?:cơ quan|đơn vị|xã|phòng|ban)|Căn cứ (?:nội dung|công văn|kế hoạch|vào)|"
    r"Rất mong|Trân trọng|Xin trân trọng|"
    r"(?:Công văn|Chỉ thị|Quyết định|Kế hoạch|Văn bản|Thông báo) này|Giao|Thủ trưởng|"
    r"Chánh Văn phòng|Kết quả|Mọi (?:thông tin|thắc mắc|vướng mắc)|"
    r"Vậy|Với (?:nội dung|tinh thần)|Nếu có|Thông tin chi tiết|Chi tiết|Ban Giám|Rất)(?!\w)"
)
_REQUEST = re.compile(r"(?<!\w)(?:đề nghị|yêu cầu|giao|Đề nghị|Yêu cầu|Giao|kêu gọi|khuyến cáo|kính mời|phân công)\s+")
_NOT_DUTIES = re.compile(
    r"(?:MỤC ĐÍCH|YÊU CẦU|CĂN CỨ|SỰ CẦN THIẾT|TÌNH HÌNH|ĐẶC ĐIỂM|KINH PHÍ|KẾT QUẢ ĐẠT|ĐÁNH GIÁ|"
    r"CƠ SỞ|ĐẶT VẤN ĐỀ|THỰC TRẠNG|CHỈ TIÊU|MỤC TIÊU|CÁC CHỈ TIÊU|ĐỐI TƯỢNG|PHẠM VI|QUAN ĐIỂM|"
    r"Mục đích|Căn cứ|Chỉ tiêu|Mục tiêu)(?!\w)"
)
_GOALS = re.compile(r"(?:CÁC )?(?:CHỈ TIÊU|MỤC TIÊU)|MỤC ĐÍCH|Chỉ tiêu|Mục tiêu")
# Behind the last item these still say how its work is done.
_GOES_ON = re.compile(r"(?:Thời gian|Địa điểm|Hình thức|Nội dung|Đối tượng)(?!\w)")
_LEVELS: tuple[Kind, ...] = ("article", "arabic", "roman", "letter", "bullet")


@dataclass(slots=True)
class Duty:
    """A task on its way: the block it began with and the blocks below it."""

    number: str | None
    addressee: str | None
    first: str
    below: list[Block] = field(default_factory=list)

    def task(self) -> Task:
        """The finished task: what follows its addressee, points below on lines of their own."""
        parts = [self.first] if self.first else []
        parts += [_pointed(block) for block in self.below]
        return Task(number=self.number, addressee=self.addressee, text=_ended("\n".join(parts)))


@dataclass(slots=True)
class Body:
    """The paragraphs of a body, sorted by what they do."""

    opening: list[Block] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    closing: list[Block] = field(default_factory=list)
    goals: list[Block] = field(default_factory=list)  # what stands below a heading "Chỉ tiêu", part of the opening

    def asked(self) -> str | None:
        """Whom the opening asks for all that follows: "… Sở đề nghị UBND các xã thực hiện:"."""
        lead = self.opening[-1].text if self.opening else ""
        if not lead.endswith(":"):
            return None
        found = _request(lead, last=True)
        return subject_of(lead[found.end() :])[0] if found else None


def read_body(blocks: Sequence[Block]) -> Body:
    """Sorts `blocks` into what opens the text, its duties (see `_level`) and what closes it."""
    level = _level(blocks)
    if level is None:
        return _unmarked(blocks)
    body = Body()
    last_marked = max(i for i, block in enumerate(blocks) if block.kind != "plain")
    first_marked = min(i for i, block in enumerate(blocks) if block.kind == level and not is_ground(block))
    # Where no item so far went on in a paragraph of its own, one behind the last, finished item is about the whole.
    tight = (
        level != "article"
        and blocks[last_marked].text.endswith((".", ";", "!"))
        and all(block.kind != "plain" for block in blocks[first_marked:last_marked])
    )
    section: Block | None = None
    skipped = False
    for i, block in enumerate(blocks):
        if body.closing or (
            i > last_marked and (_closes(block, blocks, i) or (tight and not _GOES_ON.match(block.text)))
        ):
            body.closing.append(block)
        elif block.kind == "roman" and level != "roman":
            section, skipped = block, bool(_NOT_DUTIES.match(block.text))
            if not skipped and not _has_items(blocks, i, level):
                body.duties.append(_duty(block, None, None))
        elif skipped or (level == "roman" and block.kind == "roman" and _NOT_DUTIES.match(block.text)):
            skipped = level != "roman" or block.kind == "roman" or skipped
            body.opening.append(block)
            if section is not None and _GOALS.match(section.text):
                body.goals.append(block)
        elif (
            block.kind == level
            and not (is_ground(block) and not body.duties)
            and _same_sign(block, body, blocks, level)
        ):
            body.duties.append(_duty(block, section, level))
        elif body.duties and not (section and section.text == block.text):
            body.duties[-1].below.append(block)
        else:
            body.opening.append(block)
        if level == "roman" and block.kind == "roman" and not _NOT_DUTIES.match(block.text):
            skipped = False
    return body


def _level(blocks: Sequence[Block]) -> Kind | None:
    """What numbers the duties: articles, else arabic numbers, else roman ones, letters, bullets; None: nothing."""
    kinds = {block.kind for block in blocks if not is_ground(block)}
    return next((level for level in _LEVELS if level in kinds), None)


def _has_items(blocks: Sequence[Block], at: int, level: Kind) -> bool:
    for block in blocks[at + 1 : at + 400]:
        if block.kind == "roman":
            return False
        if block.kind == level:
            return True
    return False


def _same_sign(block: Block, body: Body, blocks: Sequence[Block], level: Kind) -> bool:
    """Bullets of another sign lie below those that came first."""
    if level != "bullet" or not body.duties:
        return True
    first = next(other for other in blocks if other.kind == "bullet" and not is_ground(other))
    return (block.mark in "-–—−‐‑") == (first.mark in "-–—−‐‑") and (block.mark == first.mark or first.mark in "-–—−‐‑")


def _duty(block: Block, section: Block | None, level: Kind | None) -> Duty:
    number = None if level == "bullet" else block.mark
    if section is not None:
        number = f"{section.mark}.{block.mark}"
    addressee, rest = subject_of(block.text)
    if addressee is None and section is not None:
        inherited, remainder = subject_of(section.text)
        if (
            inherited is not None
            and remainder.strip(" .:") == ""
            and (not is_capitals(section.text) or section.text.startswith("ĐỐI VỚI"))
        ):
            addressee = inherited
    return Duty(number, addressee, rest)


def _closes(block: Block, blocks: Sequence[Block], at: int) -> bool:
    """An unmarked paragraph behind the last item that speaks of the whole text again."""
    if not _CLOSING.match(block.text):
        return False
    following = at and blocks[at - 1].kind in ("arabic", "roman", "article") and blocks[at - 1].text.endswith(":")
    return not following


def _unmarked(blocks: Sequence[Block]) -> Body:
    """A letter without items: each paragraph that asks somebody for something is a duty."""
    body = Body()
    for i, block in enumerate(blocks):
        request = None if is_ground(block) else _request(block.text)
        last = i == len(blocks) - 1
        if request and not (last and body.duties):
            addressee, rest = subject_of(block.text[request.end() :])
            body.duties.append(Duty(None, addressee, block.text if addressee is None else rest))
            body.opening.append(block)
        elif body.duties:
            body.closing.append(block)
        else:
            body.opening.append(block)
    return body


def _request(text: str, *, last: bool = False) -> re.Match[str] | None:
    """The first (or last) request in a paragraph that is followed by whom it goes to; "theo đề nghị của" is none."""
    requests = list(_REQUEST.finditer(text))
    for found in reversed(requests) if last else requests:
        if BODY.match(text, found.end()) and not text[: found.start()].endswith(
            ("Theo ", "theo ", "Xét ", "sự ", "được ")
        ):
            return found
    return None


def _pointed(block: Block) -> str:
    if block.kind == "plain":
        return block.text
    if block.kind == "bullet":
        return f"{'+' if block.mark == '+' else '-'} {block.text}"
    return f"{block.mark}{')' if block.kind == 'letter' else '.'} {block.text}"


def _ended(text: str) -> str:
    return re.sub(r"\s*\./\.?\s*$", ".", text).strip()
