"""What is asked for in figures: "tối thiểu 50% …", "1.000 Card …", "ít nhất 02 lần/ngày"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcast.receiving.shapes import Target

_NUMBER = r"\d{1,3}(?:\.\d{3})+|\d{1,6}"
_LEAST = r"(?:tối thiểu|ít nhất|không dưới|trên|đạt|phấn đấu|từ|hơn|khoảng|đạt tỷ lệ|tỷ lệ)"
_PERCENT = re.compile(
    rf"(?:(?P<least>{_LEAST})\s+)?(?:từ\s+)?(?<![\w,./])(?P<percent>\d{{1,3}}(?:,\d{{1,2}})?)\s*(?:%|phần trăm)"
    r"(?P<up>\s*trở lên)?",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"(?:tối thiểu|ít nhất|không dưới|phấn đấu)", re.IGNORECASE)
_OFTEN = re.compile(r"(?:lần|lượt|buổi)\s?(?:/|mỗi|một|trong)\s?(?:ngày|tuần|tháng|buổi)(?!\w)", re.IGNORECASE)
_COUNTED = re.compile(
    rf"(?P<least>(?:tối thiểu|ít nhất|không dưới|không ít hơn)\s+(?:là\s+)?)?(?P<each>(?:mỗi|"
    rf"một) (?:ngày|tuần|tháng|buổi)\s+|ngày\s+(?=\d{{1,2}} lần))?(?<![\w,./:-])(?P<count>{_NUMBER})(?![\w%,./:])\s*"
    r"(?:(?:đến|-|–)\s*\d{1,4}\s+)?(?P<thing>[^\W\d_][^,;.:()\n]{0,120})"
)
_COUNTED_NOUN = re.compile(
    r"(?:card|tờ rơi|tờ gấp|tờ|áp phích|pano|pa nô|băng rôn|băng zôn|khẩu hiệu|bản tin|tin, bài|"
    r"tin bài|tin|bài|cuốn|quyển|bộ|suất|lượt|lần|"
    r"chiếc|cái|cụm loa|loa|máy|điểm|buổi|lớp|cuộc|đợt|người|hộ|thẻ|mũi|liều|tài liệu|poster|"
    r"banner|video|clip|tổ|đội|thùng|cây|hội nghị|"
    r"thành viên|tình nguyện viên|cán bộ|đoàn viên|hội viên|học sinh|tài khoản|hồ sơ|mô hình|"
    r"thuê bao|khẩu trang|áo phao|phần quà|gói|"
    r"phóng sự|chuyên mục|chương trình|sản phẩm|"
    r"bảng|biển|tranh|phiếu|lá|con|kg|tấn|chai|hộp|cặp|nhà|công trình)(?!\w)",
    re.IGNORECASE,
)
# What "at least" measures, rather than counts: "tối thiểu 2 mét", "ít nhất 20 giây".
_UNIT = re.compile(
    r"(?:mét|m2|m|cm|mm|km|ha|ngày|giờ|phút|giây|h|tháng|năm|tuần|quý|tuổi|độ|đồng|nghìn|ngàn|triệu|tỷ|tỉ|lít|ml)(?!\w)",
    re.IGNORECASE,
)
_ASKED_BEFORE = re.compile(
    r"(?:nhận|cấp|cấp phát|phát|treo|in|in ấn|lắp|lắp đặt|xây dựng|đạt|đảm bảo|bảo đảm|phấn đấu|"
    r"có|tổ chức|viết|đăng|đăng tải|phát sóng|phát hành|"
    r"mỗi \S+(?: \S+)?|bố trí|cử|huy động|thành lập|trồng|vận động|trưng bày|dán|mở|biên soạn|"
    r"sản xuất|thực hiện|chuẩn bị|sử dụng|với|"
    r"tuyên truyền|nhắc lại|phát lại|thông báo|miễn phí|"
    r"hỗ trợ|tặng|trao|đủ|thêm|gửi|duy trì)\s+(?:được\s+|ngay\s+|thêm\s+|từ\s+)?$",
    re.IGNORECASE,
)
_NOT_ASKED = re.compile(
    r"(?:mới|chỉ|hiện|hiện nay|đã|giảm|miễn|không quá|dưới|tối đa|cồn|độ|chiếm|tăng|thuế|"
    r"lãi suất|phạt|hơn)\s+(?:đạt\s+|được\s+|nay\s+|đạt được\s+|có\s+)?$",
    re.IGNORECASE,
)
# A comma inside what is counted ("chợ, bến xe") does not end it; one before another duty or figure does.
_CLAUSE_END = re.compile(
    r",\s(?=mỗi |trong đó|đồng thời|bắt đầu|phấn đấu|gửi |báo cáo|triển khai|tổ chức |thực hiện|để |nhằm |hướng dẫn|"
    r"tham mưu|phát |treo |bảo đảm|đảm bảo|hoàn thành|từ |trước |chậm nhất|tối thiểu|ít nhất|\d)|"
    r"\s(?:và (?=tham mưu|triển khai|tổ chức|báo cáo|gửi|thực hiện)|để |nhằm |trước ngày|từ ngày|đến ngày)"
)
_MOST_IN_A_TEXT = 200  # of each sort; a paragraph with more figures is a table of them
_AFTER = re.compile(r"(?:[^;.\n:]|:(?=//)|(?<=\w)\.(?=\w)){0,200}")


def targets_in(texts: Sequence[str], openings: Sequence[str]) -> tuple[Target, ...]:
    """Targets in the `texts` of tasks; the `openings` count only where they say "tối thiểu" or the like."""
    found: dict[Target, None] = {}
    for text in texts:
        for target in _targets(text, least_only=False):
            found.setdefault(target)
    for text in openings:
        for target in _targets(text, least_only=True):
            found.setdefault(target)
    return tuple(found)


def _targets(text: str, *, least_only: bool) -> list[Target]:
    found: list[tuple[int, Target]] = []
    for share in _PERCENT.finditer(text):
        if _refused(text, share.start()) or text[share.end() : share.end() + 5].lstrip().startswith("cồn"):
            continue
        if not least_only or share["up"] or _AT_LEAST.match(share["least"] or ""):
            percent = float(share["percent"].replace(",", "."))
            whole = int(percent) if percent.is_integer() else percent
            found.append((share.start(), Target(percent=whole, text=_phrase(text, share.start(), share.end()))))
            if len(found) == _MOST_IN_A_TEXT:
                break
    shares = len(found)
    for counted in _COUNTED.finditer(text):
        asked = (
            counted["least"]
            or counted["each"]
            or (not least_only and _OFTEN.match(text, counted.start("thing")))
            or (not least_only and _ASKED_BEFORE.search(text[max(0, counted.start() - 30) : counted.start()]))
        )
        counts = _COUNTED_NOUN.match(counted["thing"]) or (counted["least"] and not _UNIT.match(counted["thing"]))
        if asked and counts and not _refused(text, counted.start()):
            count = int(counted["count"].replace(".", ""))
            end = counted.start("thing")
            found.append((counted.start(), Target(count=count, text=_phrase(text, counted.start(), end))))
            if len(found) - shares == _MOST_IN_A_TEXT:
                break
    return [target for _, target in sorted(found, key=lambda pair: pair[0])]


def _refused(text: str, at: int) -> bool:
    return bool(_NOT_ASKED.search(text[max(0, at - 24) : at]))


def _phrase(text: str, start: int, figure_end: int) -> str:
    """The figure with what is counted, up to the next clause."""
    rest = _AFTER.match(text, figure_end)
    tail = rest[0] if rest else ""
    cut = _CLAUSE_END.search(tail)
    return (text[start:figure_end] + (tail[: cut.start()] if cut else tail)).strip(" ,")
