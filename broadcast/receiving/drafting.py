"""From a dispatch to the draft of a bulletin: what residents are asked to do, never the letter to the offices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from broadcast.receiving.dates import date_or_none
from broadcast.receiving.naming import in_small_letters, spoken_unit
from broadcast.receiving.shapes import DispatchText, Task
from broadcast.receiving.templates import BulletinClass, Template, fill, gap, gaps_in, list_templates

_LONGEST_REQUEST_WORDS = 45
_MOST_REQUESTS = 5
_ORDINALS = ("nhất", "hai", "ba", "tư", "năm")

_UNTIL = re.compile(
    r"(?:đến|hết|đến hết|tới)\s+(?:hết\s+)?ngày\s+(?P<d>\d{1,2})\s?(?:/|-|"
    r"\s+tháng\s+)\s?(?P<m>\d{1,2})(?:\s?(?:/|-|\s+năm\s+)\s?(?P<y>\d{4}))?|"
    r"(?:trong|hết|đến hết)\s+tháng\s+(?P<m2>\d{1,2})(?:\s?/\s?|\s+năm\s+)(?P<y2>\d{4})",
    re.IGNORECASE,
)
_OFFICIALESE = re.compile(
    r"(?:(?:tiếp tục|tăng cường|đẩy mạnh|triển khai|tổ chức|phối hợp|chủ động|thực hiện|chỉ đạo|"
    r"hỗ trợ|quán triệt)(?:\s+và|,)?\s+)*"
    r"(?:(?:các\s+)?(?:công tác|việc|hoạt động|biện pháp|nội dung|đợt)\s+)?(?:thực hiện\s+)?"
    r"(?:(?:thông tin|tuyên truyền|phổ biến|vận động|hướng dẫn|truyền thông|khuyến nghị|"
    r"khuyến cáo|quảng bá)(?:\s*,\s*|\s+và\s+|\s+|$))*"
    r"(?:(?:về\s+)?(?:việc\s+)?)(?:(?:đến|tới|cho)?\s*(?:người dân|nhân dân|bà con)(?:\s+trên địa bàn)?\s+)?",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:(?:tất cả|toàn thể|mọi|đông đảo|các tầng lớp|100%)\s+)?(?:quần chúng nhân dân|"
    r"người dân|nhân dân|bà con|các hộ gia đình|hộ gia đình|các hộ dân|hộ dân|các hộ|mọi người)"
)
# A part of the residents: what it is asked is said with its name.
_SOME_PEOPLE = re.compile(
    r"(?:(?:các|mọi|mỗi) )?(?:chủ (?:nuôi|hộ|nhà|trọ|cơ sở|cửa hàng|phương tiện|tàu|xe|vườn)|hộ kinh doanh|"
    r"cử tri|phụ huynh|cha mẹ|tiểu thương|ngư dân|nông dân|người (?:nuôi|thuê|cao tuổi|từ|về|đi|có|mắc|bán|mua))"
    r"(?!\w)[^;:.]{0,80}",
    re.IGNORECASE,
)
# What a notice tells rather than asks: "1. Thời gian: từ 7 giờ 30 …".
_FACT = re.compile(r"(?m)^(?:[-+]\s*|[a-z]\)\s*)?(?P<what>Thời gian|Địa điểm|Đối tượng)\s*:\s*(?P<said>[^\n]{3,300})$")
_MANNER = re.compile(r"(?:Thời gian|Địa điểm|Hình thức|Nội dung|Đối tượng)(?!\w)")
_STORM = re.compile(r"(?:cơn )?(?:bão|áp thấp nhiệt đới)(?:\s+(?:số\s+\d+|[A-ZĐ]\w+))?")
# A subject that names a thing and no doing: "về nghị định …", not "về việc nghị định …".
_THING = re.compile(
    r"(?:nghị định|nghị quyết|luật|chỉ thị|quyết định|thông tư|kế hoạch|lịch|kết luận|giá trị|kết quả|"
    r"tình hình|danh sách|quy định|quy chế|chương trình|chính sách|mức|thời gian|giờ|ngày|"
    r"cuộc thi|ứng dụng|dịch vụ)(?!\w)",
    re.IGNORECASE,
)
_ASKS = (
    r"tuyên truyền|hướng dẫn|vận động|khuyến nghị|khuyến cáo|khuyến khích|đề nghị|yêu cầu|"
    r"nhắc nhở|nhắc|kêu gọi|hỗ trợ|cho|để|đến|tới|giúp"
)
_DOING = (
    r"dùng|cài đặt|cài|sử dụng|truy cập|đăng ký|khai báo|kê khai|thực hiện|chấp hành|tham gia|"
    r"hạn chế|không|đeo|rửa|giữ|dọn|vệ sinh|diệt|nộp|"
    r"chủ động|tích cực|nâng cao|tăng cường|tự giác|tự|thường xuyên|kịp thời|báo|phản ánh|mang|"
    r"đưa|đến|đi|tiêm|treo|phân loại|thu gom|"
    r"tiết kiệm|cảnh giác|đề cao|ủng hộ|hưởng ứng|theo dõi|tìm hiểu|cập nhật|liên hệ|gọi|làm|"
    r"xây dựng|trồng|chăm sóc|chuẩn bị|gia cố|"
    r"chằng chống|di dời|sơ tán|tải|quét|xem|nghe|nghiêm túc|nghiêm chỉnh|yên tâm|phòng|"
    r"phối hợp|hoàn thành|tuân thủ|bảo vệ|hiểu"
)
_TO_PEOPLE = re.compile(
    rf"(?:^|(?<!\w)(?:{_ASKS})\s+(?:sâu rộng\s+)?(?:đến\s+|cho\s+|"
    rf"để\s+)?){_PEOPLE}(?P<which>(?:\s+[^\s,;.:]+){{0,9}}?)\s+(?P<what>(?:{_DOING})(?!\w)[^;.\n]*(?:\.[a-z0-9][^\s;]*)*)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"(?:cài đặt|khai báo|đeo khẩu trang|rửa tay|hạn chế|không chia sẻ|không đăng tải|"
    r"không tụ tập|(?:thực hiện )?tự theo dõi|kịp thời báo|"
    r"giữ gìn|phân loại rác|tải ứng dụng|nộp|mang theo|chấp hành|đăng ký)(?!\w)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r";\s*|\.\s+|\n[-+]?\s*|\.$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A bulletin as first proposed; an editor finishes it."""

    title: str
    script: str
    bulletin_class: BulletinClass
    field: str
    template: str | None  # the template's code; None where none fitted
    valid_from: date
    valid_until: date | None  # last day, included; only where the dispatch names one that is not past
    source: str  # the dispatch, as it is cited
    gaps: tuple[str, ...]  # what is still marked in the script


def draft(dispatch: DispatchText, *, unit_name: str, today: date) -> Draft:
    """The draft that `dispatch` asks for, spoken to the residents of `unit_name` ("Xã Tân Hội").

    The template that fits the subject is filled with the dispatch's address and days; where none fits, the script says
    what the tasks ask of residents, and a marked gap says what a person must add.
    """
    until = _valid_until(dispatch, today)
    place = spoken_unit(unit_name)
    chosen = next((one for one in list_templates() if one.fits(dispatch.subject or "")), None)
    script = _filled(chosen, dispatch, place, until) if chosen else _written(dispatch, place, until)
    return Draft(
        title=chosen.title if chosen else _title(dispatch),
        script=script,
        bulletin_class=chosen.bulletin_class if chosen else "normal",
        field=chosen.field if chosen else "Thông báo chung",
        template=chosen.code if chosen else None,
        valid_from=max(today, dispatch.issued_on or today),
        valid_until=until,
        source=_source(dispatch),
        gaps=gaps_in(script),
    )


def _filled(chosen: Template, dispatch: DispatchText, place: str, until: date | None) -> str:
    address = next((link for part in chosen.links for link in dispatch.links if part in link.lower()), "")
    values = {
        "xã": place,
        "địa chỉ": _spoken_link(address),
        "cổng dịch vụ công": _spoken_link(address),
        "thời hạn": _spoken_day(until) if until else "",
        "văn bản": _cited_aloud(dispatch),
        "hiện tượng": f"{storm[0]} {gap('thời gian ảnh hưởng')}"
        if (storm := _STORM.search(dispatch.subject or ""))
        else "",
    }
    return fill(chosen, {name: value for name, value in values.items() if name in chosen.variables})


def _written(dispatch: DispatchText, place: str, until: date | None) -> str:
    """The script where no template fits."""
    where = place or gap("tên xã, phường")
    requests = list(_requests(dispatch))
    topic = _topic(dispatch.subject)
    lines = [
        f"Kính thưa toàn thể nhân dân {where}!",
        "",
        f"Ủy ban nhân dân {where} xin thông báo tới bà con {topic}."
        if topic
        else f"Ủy ban nhân dân {where} xin thông báo: {gap('nội dung cần thông báo')}.",
        "",
    ]
    lines += [f"{what} là {said}." for what, said in _facts(dispatch)]
    if requests:
        lines.append("Đề nghị bà con thực hiện những việc sau.")
        lines += [f"Thứ {_ORDINALS[i]}, {request}." for i, request in enumerate(requests)]
    lines.append(gap("những việc cụ thể bà con cần làm, nói bằng lời dễ nghe"))
    if until:
        lines.append(f"Thời gian thực hiện đến hết {_spoken_day(until)}.")
    addresses = [_spoken_link(link) for link in dispatch.links[:1]]
    if addresses and not any(_spoken_link(link) in request for link in dispatch.links for request in requests):
        lines.append(f"Địa chỉ trên mạng để xem thêm là {addresses[0]}. Xin nhắc lại, địa chỉ là {addresses[0]}.")
    lines += [
        "",
        f"Mọi thắc mắc, bà con liên hệ trưởng thôn, tổ trưởng nơi mình ở hoặc trụ sở Ủy ban nhân dân {where}.",
    ]
    if cited := _cited_aloud(dispatch):
        lines.append(f"Bản tin này dựa theo {cited}.")
    lines += ["", "Xin trân trọng cảm ơn!"]
    return "\n".join(lines)


def _facts(dispatch: DispatchText) -> Iterator[tuple[str, str]]:
    """When, where and for whom, as a notice says it, each once; what several offices are told of is none."""
    said: set[str] = set()
    for task in dispatch.tasks:
        for found in _FACT.finditer(task.text) if task.addressee is None else ():
            text = _short(found["said"])
            if text and found["what"] not in said:
                said.add(found["what"])
                yield found["what"], text if text[:2].isupper() else text[0].lower() + text[1:]


def _requests(dispatch: DispatchText) -> Iterator[str]:
    """What the tasks ask of residents, each once, in words for them."""
    said: set[str] = set()
    for task in dispatch.tasks:
        for request in _asked_of_people(task):
            key = request.lower()
            if key not in said and len(said) < _MOST_REQUESTS:
                said.add(key)
                yield request


def _asked_of_people(task: Task) -> Iterator[str]:
    to_people = bool(task.addressee and re.fullmatch(rf"{_PEOPLE}.{{0,40}}", task.addressee, re.IGNORECASE))
    some = bool(task.addressee and _SOME_PEOPLE.fullmatch(task.addressee))
    for clause in _CLAUSE.split(re.sub(r"\([^()]{0,400}\)", "", task.text)):
        found = _TO_PEOPLE.search(clause.strip())
        if found and not re.search(r"(?:báo cáo|kiến nghị|thắc mắc)", found["which"]):
            request = f"{_which(found['which'])}{found['what']}"
        elif _MANNER.match(clause.strip()):
            continue
        elif some and task.addressee:
            request = f"{task.addressee} {clause.strip()}" if clause.strip() else ""
        elif to_people or (task.addressee is None and _PERSONAL.match(clause.strip())):
            request = clause.strip()
        else:
            continue
        short = _short(request)
        if short:
            yield short[0].lower() + short[1:] if not short[:2].isupper() else short


def _which(qualifier: str) -> str:
    """The part of the people who are meant ("có điện thoại thông minh"), where it says more than "here"."""
    bare = re.sub(
        r"trên địa bàn(?: (?:huyện|xã|tỉnh|phường))?|tại địa phương|trong (?:huyện|xã)|biết|cần|phải|nên|hãy",
        "",
        qualifier,
        flags=re.IGNORECASE,
    )
    bare = " ".join(bare.split())
    return f"bà con {bare} hãy " if bare.startswith(("có ", "ở ", "sống ", "thuộc ", "đi ", "từ ")) else ""


def _short(request: str) -> str:
    """`request` without what a listener cannot follow; "" where even its first clauses are too long."""
    text = re.sub(r"https?://", "", " ".join(request.split())).strip(" ,.:;-/")
    text = re.sub(r"người dân|nhân dân", "bà con", text)
    while len(text.split()) > _LONGEST_REQUEST_WORDS:
        head, comma, _ = text.rpartition(",")
        if not comma:
            return ""
        text = head
    return text if len(text.split()) >= 3 else ""


def _valid_until(dispatch: DispatchText, today: date) -> date | None:
    """The last day that the tasks name as an end ("đến hết ngày …", "trong tháng 8/2020"), if it is not past."""
    days = []
    for text in (dispatch.subject or "", *(task.text for task in dispatch.tasks)):
        for found in _UNTIL.finditer(text):
            year = found["y"] or found["y2"] or (str(dispatch.issued_on.year) if dispatch.issued_on else None)
            day = date_or_none(year, found["m"], found["d"]) if found["d"] else _last_of_month(year, found["m2"])
            if day and day >= today:
                days.append(day)
    return max(days, default=None)


def _last_of_month(year: str | None, month: str | None) -> date | None:
    first = date_or_none(year, month, "1")
    if first is None or first.year > 9000:
        return None
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _topic(subject: str | None) -> str:
    """What the subject is about, without the offices' verbs in front of it: "về việc …", "về lịch …"."""
    if not subject:
        return ""
    rest = _OFFICIALESE.sub("", subject, count=1).strip(" ,.:;")
    topic = rest if len(rest.split()) >= 2 else subject
    if _THING.match(topic):
        return f"về {topic}"
    topic = _begun_small(topic)
    return f"về {topic}" if topic.startswith(("việc ", "công tác ")) else f"về việc {topic}"


def _begun_small(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _title(dispatch: DispatchText) -> str:
    topic = _topic(dispatch.subject).removeprefix("về ").removeprefix("việc ")
    return (topic[:1].upper() + topic[1:])[:160] if topic else "Thông báo tới nhân dân"


def _source(dispatch: DispatchText) -> str:
    parts = ["Văn bản"]
    if dispatch.number:
        parts.append(f"số {dispatch.number}")
    if dispatch.issued_on:
        parts.append(f"ngày {dispatch.issued_on:%d/%m/%Y}")
    if dispatch.issuer:
        parts.append(f"của {in_small_letters(dispatch.issuer)}")
    elif dispatch.place:
        parts.append(f"ban hành tại {dispatch.place}")
    text = " ".join(parts)
    if not dispatch.subject:
        return text
    return f"{text} về{'' if _THING.match(dispatch.subject) else ' việc'} {_begun_small(dispatch.subject)}"


def _cited_aloud(dispatch: DispatchText) -> str:
    """The dispatch as an announcer names it, by issuer or place and by day; "" where it says neither."""
    issuer = in_small_letters(dispatch.issuer) if dispatch.issuer else ""
    if not issuer and not dispatch.place:
        return ""
    origin = f"của {issuer}" if issuer else f"ban hành tại {dispatch.place}"
    if issuer and dispatch.place and dispatch.place.lower() not in issuer.lower():
        origin += f" ban hành tại {dispatch.place}"
    return f"văn bản {origin}" + (f", {_spoken_day(dispatch.issued_on)}" if dispatch.issued_on else "")


def _spoken_day(day: date) -> str:
    return f"ngày {day.day} tháng {day.month} năm {day.year}"


def _spoken_link(link: str) -> str:
    return re.sub(r"^https?://", "", link).rstrip("/")
