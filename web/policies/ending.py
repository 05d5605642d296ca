"""Ending a policy: from tomorrow on, or before it ever began."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import record
from broadcast.errors import Conflict
from broadcast.policy import Policy
from broadcast.replanning import units_changed
from broadcast.rights import Act
from web.policies.effect import effect
from web.policies.form import COLUMNS, fact_of, has_begun
from web.policies.outlook import OVER, REPLANNED, detail, show
from web.policies.words import says
from web.shell import lookups
from web.shell.access import actor, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_date


def add_to(blueprint: Blueprint) -> None:
    path = "/chinh-sach/<int:policy_id>/ket-thuc"
    blueprint.add_url_rule(path, "end", end, methods=["GET"])
    blueprint.add_url_rule(path, "end_submit", end_submit, methods=["POST"])


@needs(Act.ADMINISTER)
def end(policy_id: int) -> ResponseReturnValue:
    policy = _endable(db_reading(), policy_id)
    begun = has_begun(policy)
    first = today() + timedelta(days=1) if begun or policy.from_on is None else policy.from_on
    return show(
        effect(db_reading(), policy.unit, now(), first, ended={str(policy.id): today() if begun else None}),
        heading=f"Kết thúc quy định của {policy.unit.name}?" if begun else f"Bỏ quy định của {policy.unit.name}?",
        sentences=[
            "Hết hôm nay quy định này không còn hiệu lực; từ ngày mai áp dụng quy định khác của đơn vị hoặc cấp trên."
            if begun
            else f"Quy định này lẽ ra có hiệu lực từ {vn_date(policy.from_on)}, sẽ không được áp dụng nữa.",
            *_left_behind(policy),
            "Nếu không còn quy định nào, giờ cấm phát là 22:00–05:00.",
        ],
        says=says(fact_of({name: getattr(policy, name) for name in COLUMNS})),
        fields=[],
        button="Kết thúc quy định" if begun else "Bỏ quy định",
        back=url_for("policies.index"),
    )


def _left_behind(policy: Policy) -> list[str]:
    """What ended because of a policy that never began does not come back by itself."""
    if has_begun(policy) or policy.from_on is None:
        return []
    before = policy.from_on - timedelta(days=1)
    wanted = select(Policy.id).where(Policy.unit_id == policy.unit_id, Policy.until_on == before)
    if db_reading().scalar(wanted) is None:
        return []
    ended = f"Quy định trước của đơn vị kết thúc hết ngày {vn_date(before)} và không tự trở lại"
    return [f"{ended}: muốn giữ thì hãy sửa quy định này cho giống trước, thay vì bỏ."]


@needs(Act.ADMINISTER)
def end_submit(policy_id: int) -> ResponseReturnValue:
    with db_writing() as session:
        policy = _endable(session, policy_id)
        number, unit_id, name, told = policy.id, policy.unit_id, policy.unit.name, detail(policy)
        if has_begun(policy):
            policy.until_on = today()
        else:
            session.delete(policy)  # it has not begun: the past is untouched
        record(
            session, actor(), "end", "policy", number, f"Quy định của {name}", now=now(), unit_id=unit_id, detail=told
        )
        session.flush()
        units_changed(session, [unit_id], today())
    flash(f"Đã kết thúc quy định. {REPLANNED}", "good")
    return redirect(url_for("policies.index"))


def _endable(session: Session, policy_id: int) -> Policy:
    policy = lookups.policy(session, policy_id, Act.ADMINISTER)
    if policy.until_on is not None and policy.until_on <= today():
        raise Conflict(OVER)
    return policy
