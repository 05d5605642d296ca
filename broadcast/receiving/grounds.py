"""The documents that a dispatch rests on: "Căn cứ …", "Thực hiện …", "Theo đề nghị …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcast.receiving.bodies import BODY
from broadcast.receiving.dates import DATE, NUMBER, SYMBOL, first_date, tight_number
from broadcast.receiving.lines import Block
from broadcast.receiving.shapes import Ground

_KIND = (
    r"[Cc]ông văn|[Cc]hỉ thị|[Kk]ế hoạch|[Nn]ghị định|[Nn]ghị quyết|[Tt]hông báo(?: kết luận)?|"
    r"[Tt]hông tư(?: liên tịch)?|"
    r"[Qq]uyết định|[Vv]ăn bản|[Cc]ông điện|[Hh]ướng dẫn|[Kk]ết luận|[Tt]ờ trình|"
    r"[Cc]hương trình|[Bb]ản tin(?: dự báo)?|[Qq]uy chế|[Ll]ời kêu gọi|[Pp]háp lệnh|[Bb]áo cáo|"
    r"[Đđ]ề án|[Pp]hương án|[Bb]iên bản|[Gg]iấy mời|[Đđ]iện|[Tt]hông tri|[Pp]hiếu chuyển|"
    r"[Cc]ông thư|CV|QĐ|KH|CT|NĐ"
)
_TRIGGER = re.compile(
    r"(?<!\w)(?:Căn cứ|căn cứ|Thực hiện|thực hiện|Theo|theo|Tiếp theo|Xét|Thi hành|thi hành|"
    r"Triển khai|triển khai|Tiếp tục|"
    r"Tiếp nhận|Nhận được|nhận được|Trên cơ sở|Phúc đáp|Trả lời)(?!\w)"
)
_NO_NUMBER = rf"[.…_\s]*(?:/\s*{SYMBOL}(?:\s*[-–/]\s*{SYMBOL})*)"
_MENTION = re.compile(
    rf"(?<!\w)(?P<kind>{_KIND})\s+(?:(?:hỏa tốc|hoả tốc|khẩn|liên ngành|liên tịch|mật)\s+)?"
    rf"(?:(?:số\s*:?\s*)?(?P<number>{NUMBER})|số\s*:?\s*(?P<bare>\d{{1,5}})|"
    rf"số\s*:?\s*(?P<none>{_NO_NUMBER})|(?=ngày\s))"
    rf"\s*,?\s*(?:(?:ban hành|ký)\s+)?(?:ngày\s+(?P<on>{DATE}|[.…_\s]*tháng[^,;.]{{0,20}}))?"
)
_LAW = re.compile(
    rf"(?<!\w)(?P<kind>(?:Bộ luật|Bộ Luật|Luật)\s+[^;.\n]{{3,160}}?)(?=\s*(?:số\s+\d|"
    rf",?\s*ngày\s+\d|;|\.\s|\.?$|năm\s+\d{{4}}))"
    rf"\s*(?:số\s*(?P<number>\d{{1,4}}/\d{{4}}/QH\d{{1,2}}))?,?\s*(?:ngày\s+(?P<on>{DATE}))?"
)
_OF = re.compile(r"\s*,?\s*(?:của|do)\s+")
_PROPOSED = re.compile(r"(?:Theo|Xét|theo|xét)\s+(?:đề nghị|tham mưu|đề xuất)\s+của\s+")
_BEFORE = re.compile(
    r"^.*(?<!\w)(?:của|do)\s+([^;.:]{3,150}?)(?:\s+(?:tại|ban hành|trong)\s+(?:các\s+)?|\s*\()$", re.DOTALL
)
_ISSUED_BY = re.compile(
    r"ngày\s+(?P<on>\d{1,2}/\d{1,2}/\d{4}),?\s+(?P<issuer>[^;.:]{3,120}?)\s+(?:đã\s+)?(?:ban hành|có)\s+$",
    re.IGNORECASE,
)
_ISSUER_END = re.compile(
    r"[;.:()\n]|,|\s(?:về|V/v|v/v|hướng dẫn|quy định|ban hành|yêu cầu|chỉ đạo|triển khai|"
    r"tăng cường|đề nghị|thông báo|phê duyệt|tại|"
    rf"nhằm|để|trong|và(?=\s+(?:{_KIND}|ý kiến|chỉ đạo|đề nghị)(?!\w))|"
    r"sửa đổi|công bố|ngày|số|đã|có)(?!\w)"
)


def grounds_in(blocks: Sequence[Block]) -> tuple[Ground, ...]:
    """The grounds named in `blocks`, the paragraphs before the first task, in the order of the text."""
    return tuple(ground for block in blocks for ground in _grounds_of(block.text))


def is_ground(block: Block) -> bool:
    """A paragraph that is nothing but grounds."""
    return bool(re.match(r"(?:Căn cứ|Xét|Theo đề nghị)(?!\w)", block.text)) or (
        block.kind == "bullet" and _is_listed(block.text)
    )


def _is_listed(text: str) -> bool:
    """A member of a list of grounds: a document with its number at the very beginning."""
    named = _MENTION.match(text)
    return bool(named and named["number"])


def _grounds_of(text: str) -> list[Ground]:
    listed = _is_listed(text)
    trigger = _TRIGGER.search(text)
    found: list[tuple[int, Ground]] = []
    for mention in _MENTION.finditer(text):
        issued = _ISSUED_BY.search(text[max(0, mention.start() - 200) : mention.start()])
        if issued:
            day = first_date(issued["on"])
            number = tight_number(mention["number"]) if mention["number"] else None
            found.append(
                (mention.start(), Ground(kind=mention["kind"], number=number, issued_on=day, issuer=issued["issuer"]))
            )
        elif listed or (trigger and trigger.start() < mention.start()):
            found.append((mention.start(), _ground(text, mention)))
    if trigger:
        found += [(law.start(), _law(text, law)) for law in _LAW.finditer(text, trigger.end()) if _is_law(text, law)]
        found += [
            (proposal.start(), _proposal(text, proposal))
            for proposal in _PROPOSED.finditer(text)
            if not _cites(text, proposal)
        ]
    return [ground for _, ground in sorted(found, key=lambda pair: pair[0])]


def _ground(text: str, mention: re.Match[str]) -> Ground:
    written = mention["number"] or mention["bare"]
    before = _BEFORE.search(text[max(0, mention.start() - 180) : mention.start()])
    return Ground(
        kind=mention["kind"],
        number=tight_number(written) if written else None,
        issued_on=first_date(mention["on"]) if mention["on"] else None,
        issuer=_issuer_after(text, mention.end()) or (before[1].strip() if before and BODY.match(before[1]) else None),
    )


def _is_law(text: str, law: re.Match[str]) -> bool:
    return not re.search(r"(?:theo|của|Điều \d+)\s+$", text[max(0, law.start() - 12) : law.start()])


def _law(text: str, law: re.Match[str]) -> Ground:
    return Ground(
        kind=law["kind"].strip(" ,"),
        number=law["number"],
        issued_on=first_date(law["on"]) if law["on"] else None,
        issuer=_issuer_after(text, law.end()),
    )


def _cites(text: str, proposal: re.Match[str]) -> bool:
    """A proposal made in a document that is itself named ("… tại Tờ trình số 12/TTr-VHTT") is that document."""
    named = _MENTION.search(text, proposal.end(), proposal.end() + 250)
    if not named:
        return False
    return " tại " in text[proposal.end() : proposal.end() + 200] or text[: named.start()].endswith("(")


def _proposal(text: str, proposal: re.Match[str]) -> Ground:
    issuer = _name_at(text, proposal.end())
    return Ground(kind="đề nghị", issuer=issuer)


def _issuer_after(text: str, at: int) -> str | None:
    of = _OF.match(text, at)
    return _name_at(text, of.end()) if of else None


def _name_at(text: str, at: int) -> str | None:
    """The name that begins at `at`; a comma inside a name ("Văn hóa, Thể thao và Du lịch") does not end it."""
    window = text[at : at + 240]
    for end in _ISSUER_END.finditer(window):
        if end[0] != "," or not _goes_on(window, end.end()):
            return window[: end.start()].strip(" ,") or None
    return window.strip(" ,.;") or None


def _goes_on(window: str, at: int) -> bool:
    rest = window[at:].lstrip()
    if rest.startswith(("chống ", "thị trấn", "thị xã", "phường", "đoàn thể", "ngành")):
        return True
    if not rest[:1].isupper() or BODY.match(rest):
        return False
    return bool(re.match(r"(?:\S+ ){1,5}và [^\W\d]", rest)) and "," not in rest.split(" và ")[0]
