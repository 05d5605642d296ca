"""Nhật ký thao tác in words: each act as a sentence, each detail with a Vietnamese name and value. No code, hash or
English word reaches the page; what only machines compare stays in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from broadcast.audit_event import AuditEvent
from broadcast.bulletin import BulletinClass
from broadcast.person import Role
from broadcast.reports.words import COUNTS
from web.shell.formats import vn_date, vn_datetime, vn_length, vn_number, vn_weekday_code
from web.shell.words import reason_word

NOUNS = {
    "person": "tài khoản",
    "station": "trạm",
    "unit": "đơn vị",
    "policy": "quy định",
    "bulletin": "bản tin",
    "rule": "lịch phát",
    "dispatch": "công văn",
    "obligation": "chỉ tiêu phát",
    "set-up": "tệp thiết lập",
    "day": "ngày phát",
    "lexicon": "cách đọc",
    "voice": "giọng đọc",
    "chime": "nhạc hiệu",
    "feed": "đường dẫn lịch",
}

# What was done; “{}” is the thing with its name. An act that is said otherwise of one noun stands below.
ACTS = {
    "sign_in": "đăng nhập",
    "sign_in_failed": "gõ sai mật khẩu khi đăng nhập",
    "sign_out": "đăng xuất",
    "set_password": "đặt mật khẩu mới cho {}",
    "add": "thêm {}",
    "change": "sửa {}",
    "put_first": "cho {} phát trước",
    "set_values": "đặt thông tin điền vào bản tin của {}",
    "move": "chuyển {} sang đơn vị khác",
    "retire": "ngừng {}",
    "bring_back": "cho {} hoạt động lại",
    "set_volume": "đặt âm lượng của {}",
    "enrolment_code": "cấp mã ghi danh cho {}",
    "enrolled": "ghi danh {} bằng mã đã cấp",
    "station_silent": "thấy {} im lặng",
    "log_set_aside": "để riêng những dòng nhật ký không khớp của {}",
    "airings_left_out": "giữ lại những lượt không đủ điều kiện, chưa giao cho {}",
    "assign": "phân công {}",
    "end_assignment": "kết thúc phân công của {}",
    "invite": "cấp đường dẫn đặt mật khẩu cho {}",
    "deactivate": "khoá {}",
    "reactivate": "mở lại {}",
    "end": "kết thúc {}",
    "load": "nạp {}",
    "write": "soạn {}",
    "save": "lưu {}",
    "receive": "nhận {}",
    "remove": "gỡ {}",
    "render_again": "cho dựng lại âm thanh của {}",
    "reread": "làm đổi cách đọc nên dựng lại âm thanh của {}",
    "stop_rendering": "dừng dựng âm thanh của {}",
    "resume": "mở lại {}",
    "start_emergency": "phát khẩn cấp theo {}",
    "stop_emergency": "dừng phát khẩn cấp theo {}",
    "stop_emergency_here": "dừng phát khẩn cấp tại trạm của mình theo {}",
    "submit": "gửi duyệt {}",
    "take_back": "rút {} về để sửa",
    "approve": "phê duyệt {}",
    "approve_added": "phê duyệt bản riêng của xã mới cho {}",
    "send_back": "trả lại {}",
    "withdraw": "thu hồi {}",
    "discard": "bỏ bản nháp của {}",
    "stop": "dừng {}",
    "change_slot": "đổi một lượt của {}",
    "restore_slot": "bỏ thay đổi một lượt của {}",
    "split_rule": "sửa {} từ một ngày trở đi",
    "close_day": "chốt số liệu của {}",
    "install_voice": "đưa vào dùng {}",
    "remove_voice": "xoá tệp của {}",
    "order_voices": "đổi thứ tự giọng đọc",
    "order_rules": "đổi thứ tự các lịch phát ở {}",
    "default_order": "trả các lịch phát ở {} về thứ tự mặc định",
    "decline": "chọn không phát {} ở đơn vị mình",
    "accept": "phát lại {} ở đơn vị mình",
    "accept_abroad": "chấp nhận gửi lời bản tin ra nước ngoài để đọc bằng giọng trực tuyến",
}
_SAID_OF = {
    ("add", "policy"): "thêm {}",
    ("move", "unit"): "chuyển {} sang cấp trên khác",
    ("write", "rule"): "lập {}",
    ("load", "set-up"): "nạp tệp thiết lập",
    ("end", "lexicon"): "thôi dùng {}",
    ("add", "obligation"): "đặt {}",
    ("end", "obligation"): "thôi {}",
    ("bring_back", "lexicon"): "dùng lại {}",
    ("add", "feed"): "tạo {}",
    ("end", "feed"): "thu hồi {}",
    ("close_day", "day"): "chốt số liệu của {}",
}

DETAILS = {
    "role": "vai trò",
    "unit": "đơn vị",
    "from_on": "từ ngày",
    "until_on": "đến hết ngày",
    "to": "thành",
    "from": "từ",
    "reason": "lý do",
    "reasons": "vì",
    "before": "trước đó",
    "name": "tên",
    "kind": "cấp",
    "class": "loại tin",
    "curfew": "giờ cấm phát",
    "sessions": "khung giờ phát",
    "longest_session_minutes": "mỗi buổi nhiều nhất (phút)",
    "sessions_a_day": "số buổi một ngày nhiều nhất",
    "days": "ngày được phát",
    "same_text_a_day": "số lượt một ngày của một nội dung nhiều nhất",
    "no_repeat_before": "giờ sáng mới được phát lại tin tối hôm trước",
    "source": "căn cứ",
    "heard_ms": "đã nghe",
    "sounds": "số bản âm thanh",
    "communes": "của",
    "revision": "bản soạn thứ",
    "replaced": "thay bản của",
    "read_as_is": "đọc nguyên văn những chỗ",
    "added": "thêm",
    "changed": "sửa",
    "variables": "thông tin riêng",
    "values": "đổi",
    "version": "lần sửa thứ",
    "title": "tiêu đề",
    "file": "tệp",
    "bulletin": "bản tin",
    "dispatch": "theo",
    "owed": "phải phát",
    "airings": "số lượt phát bị huỷ",
    "stations": "số trạm",
    "places": "tại",
    "first": "phát trước ở",
    "stream": "luồng",
    "left": "số trạm vẫn phát",
    "rule": "lịch phát",
    "written": "chữ viết",
    "spoken": "đọc là",
    "reading_kind": "loại chữ",
    "holds": "áp dụng cho",
    "word": "vì chữ",
    "sounding_anew": "số bản tin dựng lại âm thanh",
    "flagged": "số bản tin đang phát bị đánh dấu",
    "unflagged": "số bản tin hết bị đánh dấu",
    "seqs": "dòng số",
    "slot": "lượt",
    "otherwise": "thành",
    "author": "người soạn",
    "order": "thứ tự",
    "approver": "người duyệt",
    **{name: words.lower() for name, words in COUNTS.items()},
}
_MACHINES = {
    "broadcast load": "lệnh nạp tệp thiết lập",
    "broadcast station add": "lệnh thêm trạm",
    "broadcast voice install": "lệnh cài giọng đọc",
    "broadcast voice add": "lệnh nhận giọng đọc",
}
# What only machines compare: it stays in the database.
UNSAID = frozenset(
    {"sha256", "text_sha256", "audio_sha256", "sounds_sha256", "audio", "enrolment", "code", "message", "via"}
)
_SET_ASIDE = {
    "fork": "hai dòng khác nhau cùng số",
    "unreadable": "dòng không đọc được",
    "hash": "nội dung không khớp dấu kiểm của nó",
    "chain": "không nối tiếp dòng trước",
    "station": "không thuộc trạm này",
    "approval": "phê duyệt không còn khớp nội dung",
    "shape": "nội dung không giao được cho trạm",
}
_LABELS = {
    "role": {one.value: one.label for one in Role},
    "class": {one.value: one.label for one in BulletinClass},
}


def actor_in_words(event: AuditEvent) -> str:
    """The person, the station, or what the machine did by itself."""
    return _MACHINES.get(event.actor_name, event.actor_name)


def act_in_words(event: AuditEvent) -> str:
    """`phê duyệt bản tin “Giữ vệ sinh nguồn nước”`."""
    sentence = _SAID_OF.get((event.act, event.noun)) or ACTS.get(event.act, "làm một việc với {}")
    noun = NOUNS.get(event.noun, "")
    if event.noun == "day":
        return sentence.format(event.noun_name)
    own = "của mình" if event.noun == "person" else ""
    name = own if event.noun_name == event.actor_name else f"“{event.noun_name}”"
    return sentence.format(f"{noun} {name}".strip())


def detail_in_words(event: AuditEvent, names: Mapping[str, str]) -> list[str]:
    """One `tên: giá trị` for each thing noted with the act. `names`: code → name of units and bulletins."""
    detail = {name: value for name, value in event.detail.items() if _is_said(name, value)}
    if event.act == "set_volume" and {"from", "to"} <= detail.keys():
        return [f"từ {detail['from']} thành {detail['to']}"]
    if event.act == "airings_left_out":
        detail["airings"] = len(detail.get("airings", ()))
        return [f"{vn_number(detail['airings'])} lượt", *_parts({"reasons": detail.get("reasons", {})}, names)]
    if event.act == "move" and "to" in detail:
        detail = {"unit": detail.pop("to"), **detail}
    return _parts(detail, names)


def _is_said(name: str, value: Any) -> bool:
    return name in DETAILS and name not in UNSAID and value not in ("", None, [], {})


def _parts(detail: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    parts = []
    for name, value in detail.items():
        if name in ("added", "changed") and isinstance(value, dict):
            counts = ", ".join(
                f"{vn_number(len(codes))} {NOUNS.get(noun, 'mục khác')}" for noun, codes in value.items()
            )
            parts.append(f"{DETAILS[name]} {counts}")
        elif name == "before" and isinstance(value, dict):
            parts.append("trước đó " + ", ".join(_parts(_said(value), names)) if _said(value) else "")
        else:
            parts.append(f"{DETAILS[name]}: {_value(name, value, names)}")
    return [part for part in parts if part]


def _said(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if _is_said(name, value)}


def _value(name: str, value: Any, names: Mapping[str, str]) -> str:
    if name in _LABELS:
        return _LABELS[name].get(value, str(value))
    written = _WRITTEN.get(name)
    if written is not None and isinstance(value, written[0]):
        return written[1](value)
    return _plain(value, names)


_WRITTEN: dict[str, tuple[type, Callable[[Any], str]]] = {
    "heard_ms": (int, vn_length),
    "curfew": (list, lambda walls: ", ".join("–".join(walls[at : at + 2]) for at in range(0, len(walls), 2))),
    "days": (list, lambda all_: ", ".join(vn_weekday_code(day).lower() for day in all_)),
    "sessions": (list, lambda all_: ", ".join(f"{one['name']} {one['from']}–{one['until']}" for one in all_)),
    "variables": (dict, lambda all_: ", ".join(f"{name}: {value}" for name, value in all_.items())),
    "values": (list, lambda all_: "; ".join(f"{name}: {_held(was)} → {_held(after)}" for name, was, after in all_)),
    "reasons": (
        dict,
        lambda all_: ", ".join(f"{_SET_ASIDE.get(code) or reason_word(code)} ({n})" for code, n in all_.items()),
    ),
}
"""How a detail of that type is written."""


def _held(value: str) -> str:
    """A value of a unit; "" is none of its own."""
    return f"“{value}”" if value else "theo cấp trên"


def _plain(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each, names) for each in value)
    if isinstance(value, str):
        return names.get(value) or _day_or_time(value) or value
    return vn_number(value) if isinstance(value, int | float) else str(value)


def _day_or_time(text: str) -> str | None:
    """An ISO date or instant as people write it, local."""
    try:
        return vn_date(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return vn_datetime(at, seconds=True) if at.tzinfo is not None else None
