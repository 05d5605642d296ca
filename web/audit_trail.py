"""Vết thao tác: who did what to which, when, from where. Read only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, or_, select

from broadcast.audit_event import AuditEvent
from broadcast.clock import day_span
from broadcast.person import Assignment
from broadcast.rights import Act
from web.services import services
from web.shell.access import current_rights, db_reading, needs
from web.shell.forms import Form

blueprint = Blueprint("audit_trail", __name__)

A_PAGE = 100

ACTS = {
    "sign_in": "đăng nhập",
    "sign_in_failed": "gõ sai mật khẩu",
    "sign_out": "đăng xuất",
    "set_password": "đặt mật khẩu",
    "add": "thêm",
    "change": "sửa",
    "move": "chuyển đơn vị",
    "retire": "ngừng",
    "bring_back": "cho hoạt động lại",
    "set_volume": "đặt âm lượng",
    "enrolment_code": "cấp mã ghi danh",
    "enrolled": "ghi danh",
    "station_silent": "thấy im lặng",
    "log_set_aside": "để riêng mục nhật ký",
    "assign": "phân công",
    "end_assignment": "kết thúc phân công",
    "invite": "cấp đường dẫn đặt mật khẩu",
    "deactivate": "khoá",
    "reactivate": "mở lại",
    "end": "kết thúc",
    "load": "nạp tệp thiết lập",
    "write": "soạn",
    "save": "lưu",
    "receive": "nhận",
    "render_again": "dựng lại âm thanh",
    "resume": "cho phát tiếp",
    "start_emergency": "phát khẩn cấp",
    "stop_emergency": "dừng phát khẩn cấp",
    "revise": "sửa",
    "submit": "gửi duyệt",
    "take_back": "rút lại",
    "approve": "phê duyệt",
    "send_back": "trả lại",
    "withdraw": "thu hồi",
    "start": "phát khẩn cấp",
    "stop": "dừng",
}
NOUNS = {
    "person": "tài khoản",
    "station": "trạm",
    "unit": "đơn vị",
    "policy": "quy định",
    "bulletin": "bản tin",
    "rule": "lịch phát",
    "dispatch": "công văn",
    "manifest": "chương trình",
    "report": "báo cáo",
    "set-up": "tệp thiết lập",
}
DETAILS = {
    "role": "vai trò",
    "unit": "đơn vị",
    "from_on": "từ ngày",
    "until_on": "đến ngày",
    "to": "thành",
    "from": "từ",
    "reason": "lý do",
    "before": "trước đó",
    "name": "tên",
    "kind": "cấp",
    "curfew": "giờ không phát",
    "sessions": "khung giờ",
    "source": "căn cứ",
    "enrolment": "mã máy",
    "heard_ms": "đã nghe (mili giây)",
    "revision": "bản sửa",
    "number": "bản số",
    "audio": "âm thanh",
    "added": "đã thêm",
    "changed": "đã sửa",
    "variables": "thông tin riêng",
    "version": "phiên bản",
    "code": "mã",
    "rule": "lịch phát",
    "title": "tiêu đề",
}


@blueprint.get("/vet")
@needs(Act.ADMINISTER)
def index() -> ResponseReturnValue:
    form = Form(request.args)
    asked = select(AuditEvent).where(_in_charge()).order_by(AuditEvent.id.desc())
    if words := request.args.get("tim", "").strip()[:100]:
        like = f"%{words.replace('%', '').replace('_', '')}%"
        asked = asked.where(or_(AuditEvent.actor_name.ilike(like), AuditEvent.noun_name.ilike(like)))
    if (noun := request.args.get("loai", "")) in NOUNS:
        asked = asked.where(AuditEvent.noun == noun)
    if day := form.day("ngay", "ngày"):
        begins, ends = day_span(day, services().zone)
        asked = asked.where(AuditEvent.at >= begins, AuditEvent.at < ends)
    # By the last one shown instead of by page numbers: the trail grows while one reads.
    if before := request.args.get("truoc", type=int):
        asked = asked.where(AuditEvent.id < before)
    events = list(db_reading().scalars(asked.limit(A_PAGE + 1)))
    return render_template(
        "audit/list.html",
        events=events[:A_PAGE],
        older=events[A_PAGE - 1].id if len(events) > A_PAGE else None,
        acts=ACTS,
        nouns=NOUNS,
        in_words=in_words,
    )


def _in_charge() -> ColumnElement[bool]:
    """Events of units in one's charge, and of people with a role there; of the system for whoever has a whole tree."""
    rights = current_rights()
    administered = rights.units(Act.ADMINISTER)
    people = select(Assignment.person_id).where(Assignment.unit_id.in_(administered))
    seen = or_(
        AuditEvent.unit_id.in_(administered), and_(AuditEvent.unit_id.is_(None), AuditEvent.actor_id.in_(people))
    )
    if set(rights.tree.roots()) <= administered:
        seen = or_(seen, and_(AuditEvent.unit_id.is_(None), AuditEvent.actor_id.is_(None)))
    return seen


def in_words(detail: dict[str, Any]) -> str:
    """`{"role": "editor", "unit": "TC"}` as `vai trò: editor; đơn vị: TC`."""
    return "; ".join(f"{_name(name)}: {_value(value)}" for name, value in detail.items() if value != "")


def _name(name: str) -> str:
    return DETAILS.get(name) or NOUNS.get(name, name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{_name(name)}: {_value(each)}" for name, each in value.items()) + ")"
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value) or "không có"
    return "không nói" if value is None else str(value)
