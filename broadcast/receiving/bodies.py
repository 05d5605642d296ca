"""Who is spoken to: official bodies and people at the beginning of a sentence, and where their name ends.

Vietnamese has no ending that marks a subject, so a subject is recognised from both sides: the word that opens the name
of a body, and the verb that official style uses after it. Where either is missing, nothing is claimed.
"""

from __future__ import annotations

import re

from broadcast.receiving.lines import UPPER

LONGEST_NAME_WORDS = 60

_SINGLE = (
    r"Thủ trưởng|Người đứng đầu|(?:Phó )?Chủ tịch|(?:Phó )?Bí thư|(?:Phó )?Giám đốc|(?:Phó )?Hiệu trưởng|"
    r"(?:Phó )?Chánh [Vv]ăn phòng|(?:Phó )?[Tt]rưởng (?:các )?(?:[Pp]hòng|[Bb]an|[Tt]hôn|[Ấấ]p|"
    r"[Tt]rạm|[Đđ]ài|[Kk]hu|[Tt]ổ|xóm|bản|[Cc]ông an)|"
    r"Tổ trưởng|Thành viên|Ủy viên|Uỷ viên|Lãnh đạo(?= (?:các|UBND|Ủy|cơ|đơn|phòng))|Đồng chí|"
    r"Ủy ban|Uỷ ban|UBND|UBMTTQ|HĐND|MTTQ|Mặt trận|Hội đồng|Hội(?! (?:nghị|họp|thi|thảo|trường|"
    r"ý|tụ|nhập|viên))|"
    r"Đoàn(?! (?:kết|viên))|(?:Huyện|Xã|Thành|Tỉnh|Thị|Quận) đoàn|(?:Huyện|Tỉnh|Thành|Thị|Quận|"
    r"Đảng) (?:ủy|uỷ)|"
    r"Đảng bộ|Chi bộ|Chi đoàn|Chi hội|Liên đoàn|Phòng(?!,? (?:chống|ngừa|tránh|bệnh|hộ|dịch))|"
    r"Ban(?! (?:hành|đầu|đêm|ngày|bố))|Sở(?! (?:hữu|thích|dĩ))|Bộ(?= (?:phận|Y|Thông|Văn|Công|"
    r"Nội|Quốc|Giáo|Tài|Nông|Khoa|Chỉ|Tư))|"
    r"Cục|Chi cục|Tổng cục|Văn phòng|Trung tâm|Trạm|Đài|Cơ quan|Đơn vị|Công an|Quân sự|Cảnh sát|"
    r"Bộ đội|BCH|BCĐ|Tiểu ban|"
    r"Viễn thông|Viễn Thông|VNPT|Viettel|MobiFone|Mobifone|Vinaphone|Bưu điện|Bưu chính|"
    r"Điện lực|Kho bạc|Bảo hiểm xã hội|"
    r"BHXH|Ngân hàng|Bệnh viện|Nhà trường|Nhà văn hóa|Trường(?! hợp)|Công ty|Tập đoàn|"
    r"Doanh nghiệp|Hợp tác xã|HTX|"
    r"Tổ (?=công|dân|Công|COVID|Covid|phòng|tự|hợp)|Tổ chức (?=chính|tôn|đoàn|Chính)|Đội (?!mũ)|Hạt|"
    r"Xã|Phường|Thị trấn|Quận|Huyện|Thành phố|Thôn|Ấp|Khu phố|Khu dân cư|Tổ dân phố|Cấp ủy|Địa phương|"
    r"Cán bộ|Công chức|Viên chức|Báo (?=[A-ZĐ])|Cổng (?=[Tt]hông tin)|Tòa án|Viện kiểm sát|"
    r"Viện Kiểm sát|Thanh tra|"
    r"[Nn]gười dân|[Nn]hân dân|[Bb]à con|Hộ gia đình|Hộ dân|Chủ (?:nuôi|nhà|hộ|cơ sở|cửa hàng|doanh nghiệp|"
    r"phương tiện|tàu|trọ|đầu tư)|Mọi người|Mỗi (?:gia đình|người|hộ)"
)
_MANY = (
    r"(?:[Cc]ác|[Nn]hững|[Tt]oàn thể|[Tt]ất cả|[Mm]ọi) (?:các )?(?:cơ quan|đơn vị|"
    r"[Pp]hòng(?! chống)|[Bb]an|[Nn]gành|[Tt]ổ chức|đoàn thể|hội|"
    r"xã|phường|thị trấn|địa phương|trường|doanh nghiệp|cấp|thôn|ấp|khu|cụm|trạm|đài|tổ|hộ|"
    r"cửa hàng|nhà mạng|cơ sở|[Ss]ở|"
    r"[Tt]rung tâm|ông|Ông|thành viên|cán bộ|công chức|đồng chí|huyện|quận|công ty|chợ|lực lượng|"
    r"bộ phận|chi (?:bộ|hội|đoàn)|người dân|"
    r"gia đình|hộ gia đình|hộ dân|chủ |UBND|Ủy ban|thủ trưởng|nhà trường|tập đoàn|thầy cô|"
    r"phụ huynh|Văn phòng|Chi cục|Cục)"
)
BODY = re.compile(rf"(?:{_MANY}|{_SINGLE})(?!\w)|(?:{_MANY}|{_SINGLE})(?<=\s)")
_ASKED = re.compile(
    r"(?:(?:Trân trọng |Kính )?[Đđ]ề nghị|Yêu cầu|yêu cầu|Giao|giao|Phân công|Đối với|"
    r"Riêng(?: đối với)?|Ủy quyền cho)\s*:?\s+"
)
# After "Đối với" any name may stand, but not a matter.
_NAMED = re.compile(
    r"(?!(?:các |những )?(?:trường hợp|nội dung|việc|công tác|vấn đề|nhiệm vụ|hoạt động|hồ sơ|thủ tục|bệnh|dịch))"
    r"[^:.;\n]{3,200}:(?=\s|$)",
    re.IGNORECASE,
)
# The heading of a section for one body: "II. ĐỐI VỚI UBND CÁC XÃ".
_CAPITAL_HEADING = re.compile(r"ĐỐI VỚI\s+(?P<name>[^:.;\n]{3,160})(?:[:.]\s*|$)")
_VERBS = re.compile(
    r"(?<=\s)(?:chỉ đạo|tổ chức|tăng cường|đẩy mạnh|chủ động|chủ trì|phối hợp|tiếp tục|"
    r"thực hiện|triển khai|theo dõi|nêu cao|"
    r"hướng dẫn|tuyên truyền|xây dựng|định kỳ|gửi|tổng hợp(?=,| (?:báo|tình|kết|số|thông|chung|"
    r"danh|và|các|ý))|báo cáo|căn cứ|có trách nhiệm|chịu trách nhiệm|có kế hoạch|"
    r"kịp thời|nghiêm túc|khẩn trương|bố trí|đăng tải|đăng ký|đăng|phát|tiếp sóng|tiếp âm|"
    r"phân công|rà soát|quan tâm|cập nhật|"
    r"tham mưu|huy động|vận động|phổ biến|niêm yết|thường xuyên|duy trì|lập|thông báo|thông tin|"
    r"yêu cầu|đề nghị|cử|xử lý|kiểm tra|"
    r"giám sát|đôn đốc|cung cấp|quán triệt|khuyến khích|khuyến cáo|khuyến nghị|tập trung|"
    r"đảm bảo|bảo đảm|hỗ trợ|vào cuộc|sử dụng|"
    r"treo|biên tập|biên soạn|đưa tin|viết|ưu tiên|dành|mở|ban hành|chuẩn bị|thành lập|"
    r"nghiên cứu|phát huy|gương mẫu|lồng ghép|"
    r"chia sẻ|giới thiệu|cài đặt|tích cực|nâng cao|tạo điều kiện|không|cần|phải|nên|đưa|làm|"
    r"tham gia|hoàn thành|nộp|kê khai|"
    r"khai báo|chấp hành|dọn|vệ sinh|mang|giữ|hạn chế|liên hệ|thống kê|in|cấp phát|tiếp nhận|ký|"
    r"đi|xem xét|sẵn sàng|nắm|đánh giá|"
    r"quản lý|giao|hợp đồng|nhắc|trả lời|thu|tra cứu|truy cập|tự giác|tự|hãy|nghiêm cấm|"
    r"điều động|kiện toàn|rút|gia cố|theo|khắc phục|tăng|giảm|bám sát|tuyệt đối|nhanh chóng|"
    r"trình|kết hợp|khai thác|điều chỉnh|bổ sung|lựa chọn|xác định|lãnh đạo|truyền đạt|"
    r"truyền tải|trích|dựng|sửa chữa|khẩn cấp|linh hoạt|trực tiếp|"
    r"vận hành|tạm dừng|tạm ngừng|dừng|ngừng|nhắn tin|quyên góp|ủng hộ|kêu gọi|thực hành|phun|tuần tra|"
    r"sơ tán|di dời|trực(?= (?:24|ban|cứu))|tổng kết|sơ kết|khoanh vùng|truy vết|lấy mẫu|tiêm(?! chủng)|"
    r"phát động|phát sóng|phát thanh|nhân rộng|biểu dương|phê bình|khen thưởng|ngăn chặn|phát hiện|dự trù|cân đối|"
    r"thẩm định|phê duyệt|công khai|công bố|hoàn thiện|thí điểm|khảo sát|nghiệm thu|bàn giao|đấu tranh|"
    r"thay đổi|chuyển(?! đổi)|nhận|đón|dọn dẹp|thu gom|đổi mới|đa dạng|bảo quản|bảo trì|tắt|bật|thử|"
    r"đối chiếu|in ấn|sắp xếp|lắp đặt|khôi phục|quyết liệt|kiên quyết|ký cam kết|cam kết|"
    r"hằng ngày|hàng ngày|hằng tuần|hàng tuần|định hướng|đồng loạt|phân loại|trang bị)(?!\w)"
)
# The same words are nouns after these: "Ban chỉ đạo", "các tổ chức", "công tác tuyên truyền".
_NOUN_BEFORE = re.compile(
    r"(?:[,;&(–-]|\b(?:[Bb]an|[Cc]ác|[Mm]ọi|của|và|với|công tác|[Đđ]ội|[Tt]ổ|[Bb]ộ phận|"
    r"[Pp]hòng|việc|về|để|cho|hệ thống|"
    r"có thể|do|kinh doanh|[Cc]ụm))$"
)
# And these only after the doer, not after a kind of doer: "đơn vị sử dụng lao động", "cán bộ quản lý".
_WEAK = frozenset(
    (
        "quản lý",
        "sử dụng",
        "cung cấp",
        "thông tin",
        "làm",
        "giao",
        "thu",
        "theo",
        "tiếp nhận",
        "xử lý",
        "kiểm tra",
        "in",
        "phát",
        "hợp đồng",
        "nắm",
        "tham gia",
        "mở",
        "tự",
        "đăng ký",
        "vận hành",
        "thu gom",
        "lắp đặt",
        "phân loại",
        "thẩm định",
        "bảo trì",
        "phát sóng",
        "phát thanh",
        "bảo quản",
    )
)
_DOER_BEFORE = re.compile(
    r"\b(?:cơ quan|đơn vị|(?<!thanh )(?<!tin )cơ sở|điểm|nơi|doanh nghiệp|lực lượng|"
    r"cán bộ|công chức|người|hộ|trạm|đài)$",
    re.IGNORECASE,
)
_PART = re.compile(r"\s*;\s*|\s*,\s*(?:và\s+)?|\s+và\s+")


def subject_of(text: str) -> tuple[str | None, str]:
    """Who is told to do something at the beginning of `text`, and the rest of it.

    The name stands before a colon or before the verb; without either (None, text) comes back, unchanged.
    """
    if heading := _CAPITAL_HEADING.match(text):
        name = _tidy(heading["name"])
        known = BODY.match(name) or BODY.match(name.capitalize())
        return (name, text[heading.end() :].strip()) if known and is_capitals(name) else (None, text)
    asked = _ASKED.match(text)
    begin = asked.end() if asked else 0
    named = asked and asked[0].startswith(("Đối với", "Riêng")) and _NAMED.match(text, begin)
    if not (BODY.match(text, begin) or named):
        return None, text
    window = text[begin : begin + 600]
    colon = re.search(r":(?!//)(?=\s|$)", window)
    verb = _verb(window)
    if verb and (not colon or verb < colon.start()):
        name, rest = window[:verb], text[begin + verb :]
    elif colon:
        name, rest = window[: colon.start()], text[begin + colon.end() :]
    elif asked is not None or (len(text) < 120 and not text.endswith(".")):
        return _name_only(text[begin:], text)
    else:
        return None, text
    name = _tidy(name)
    if not name or len(name.split()) > LONGEST_NAME_WORDS:
        return None, text
    return name, rest.strip()


def _name_only(rest: str, text: str) -> tuple[str | None, str]:
    """A heading that is nothing but a name ("Đối với các trường học")."""
    if "." in rest[:-1] or len(rest) > 120:
        return None, text
    return _tidy(rest), ""


def _verb(window: str) -> int | None:
    """Where the first verb of official style begins that is not part of the name before it."""
    for found in _VERBS.finditer(window):
        before = window[: found.start()].rstrip()
        tail = before[-16:]
        if _NOUN_BEFORE.search(tail) or before.rfind("(") > before.rfind(")"):
            continue
        if found[0].strip() in _WEAK and _DOER_BEFORE.search(tail):
            continue
        return found.start()
    return None


def _tidy(name: str) -> str:
    return re.sub(r"\s+(?:cần|phải|sẽ|đã)$", "", name.strip(" ,;:.-–")).strip()


def bodies_in(names: str) -> tuple[str, ...]:
    """A list of bodies taken apart: "UBND các xã, thị trấn, Huyện đoàn" are two, since "thị trấn" opens no name."""
    parts: list[str] = []
    end = 0
    for gap in _PART.finditer(names):
        new = BODY.match(names, gap.end()) and (names[gap.end()].isupper() or ";" in gap[0] or _many(names, gap.end()))
        if new and (names[end : gap.start()].strip()):
            parts.append(names[end : gap.start()])
            end = gap.end()
    parts.append(names[end:])
    return tuple(part for part in (_tidy(part) for part in parts) if part)


def _many(names: str, at: int) -> bool:
    return re.match(_MANY, names[at:]) is not None


def is_capitals(text: str) -> bool:
    """Letters all in capitals, and at least two of them."""
    return len(re.findall(f"[{UPPER}]", text)) >= 2 and text.upper() == text
