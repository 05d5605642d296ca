"""Policies: added, changed before they begin, followed by another from a day on. The past stays as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.audit_event import record
from broadcast.errors import Conflict
from broadcast.policy import Policy
from broadcast.replanning import units_changed
from broadcast.rights import Act
from broadcast.unit import Unit
from schedules.checks.ready_made import BY_SLUG, CHECK_FIRST, READY_MADE
from schedules.facts_of import unit_key
from web.policies import ending, listing
from web.policies.effect import effect
from web.policies.form import (
    COLUMNS,
    curfew_rows,
    defaults,
    fact_of,
    fingerprint,
    has_begun,
    is_over,
    read_policy,
    session_rows,
)
from web.policies.outlook import OVER, REPLANNED, detail, show
from web.policies.words import says
from web.shell import lookups
from web.shell.access import actor, db_reading, db_writing, needs, now, scope, today, unit_choices
from web.shell.formats import WEEKDAY_CODES, WEEKDAYS, vn_date
from web.shell.forms import Form

blueprint = Blueprint("policies", __name__)
listing.add_to(blueprint)
ending.add_to(blueprint)


@blueprint.get("/chinh-sach/them")
@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    codes = dict(unit_choices(Act.ADMINISTER))
    asked = request.args.get("don-vi", scope().code)
    ready = BY_SLUG.get(request.args.get("bo", ""))
    return _form(Form(None, **defaults(asked if asked in codes else next(iter(codes)), None, ready)), None)


@blueprint.post("/chinh-sach/them")
@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    return _submit(None)


@blueprint.get("/chinh-sach/<int:policy_id>/sua")
@needs(Act.ADMINISTER)
def edit(policy_id: int) -> ResponseReturnValue:
    policy = _changeable(db_reading(), policy_id)
    return _form(Form(None, **defaults(policy.unit.code, policy, None)), policy)


@blueprint.post("/chinh-sach/<int:policy_id>/sua")
@needs(Act.ADMINISTER)
def edit_submit(policy_id: int) -> ResponseReturnValue:
    return _submit(_changeable(db_reading(), policy_id))


def _changeable(session: Session, policy_id: int) -> Policy:
    policy = lookups.policy(session, policy_id, Act.ADMINISTER)
    if is_over(policy):
        raise Conflict(OVER)
    return policy


def _form(form: Form, keep: Policy | None, *, more: bool = False) -> ResponseReturnValue:
    ready = BY_SLUG.get(request.args.get("bo", "")) if not form.submitted else None
    page = render_template(
        "policies/form.html",
        form=form,
        keep=keep,
        begun=keep is not None and has_begun(keep),
        seen=""
        if keep is None
        else form.value("seen")
        if form.submitted and "" not in form.errors
        else fingerprint(keep),
        units=unit_choices(Act.ADMINISTER) if keep is None else [(keep.unit.code, keep.unit.name)],
        curfews=curfew_rows(form, more),
        sessions=session_rows(form, more),
        weekdays=list(zip(WEEKDAY_CODES, WEEKDAYS, strict=True)),
        sets=READY_MADE,
        ready=ready,
        check_first=CHECK_FIRST,
    )
    return page, form.status


def _seen(form: Form, keep: Policy | None) -> str:
    """What the person at the form has before them: as it was opened, until they are told of another's change."""
    if keep is None:
        return ""
    return form.value("seen") if form.submitted and "" not in form.errors else fingerprint(keep)


def _submit(keep: Policy | None) -> ResponseReturnValue:
    """`act` of the form: more rows, back from the outlook, the outlook (what any other button asks for), save."""
    form = Form(request.form)
    act = form.value("act")
    if act in {"more", "back"}:
        return _form(form, keep, more=act == "more")
    unit_code, columns = read_policy(form, keep)
    if keep is not None:
        if form.value("seen") != fingerprint(keep):
            form.fail("", "Trong lúc bạn sửa, quy định này đã được người khác đổi. Hãy xem lại rồi gửi một lần nữa.")
        if unit_code and unit_code != keep.unit.code:
            form.fail("unit", "Không chuyển quy định sang đơn vị khác được; hãy thêm quy định cho đơn vị ấy.")
    if form.errors:
        return _form(form, keep)
    if act == "save":
        return _save(unit_code, columns, keep, form.value("seen"))
    unit = lookups.unit(db_reading(), unit_code, Act.ADMINISTER)
    new = fact_of(columns, unit_key(unit.code))
    return show(
        effect(db_reading(), unit, now(), _acts_from(columns, keep), new=new, ended=_ended(columns, keep)),
        heading=f"{'Sửa' if keep is not None else 'Thêm'} quy định của {unit.name}?",
        sentences=_told(unit, columns, keep),
        says=says(new),
        fields=[(name, value) for name, value in request.form.items(multi=True) if name not in {"act", "csrf_token"}],
        button="Lưu quy định",
        back=None,
    )


def _acts_from(columns: dict[str, Any], keep: Policy | None) -> date:
    """The first day on which anything changes: also that on which what is put off would have begun."""
    begins: date = columns["from_on"]
    if keep is None or has_begun(keep) or keep.from_on is None:
        return begins
    return min(begins, keep.from_on)


def _ended(columns: dict[str, Any], keep: Policy | None) -> dict[str, date | None]:
    if keep is None:
        return {}
    return {str(keep.id): columns["from_on"] - timedelta(days=1) if has_begun(keep) else None}


def _told(unit: Unit, columns: dict[str, Any], keep: Policy | None) -> list[str]:
    until = f" đến hết {vn_date(columns['until_on'])}" if columns["until_on"] else ""
    sentences = [f"Áp dụng cho {unit.name} và mọi cấp dưới, từ {vn_date(columns['from_on'])}{until}."]
    if keep is not None and has_begun(keep):
        last = columns["from_on"] - timedelta(days=1)
        sentences.append(f"Quy định đang áp dụng kết thúc hết ngày {vn_date(last)}; những ngày trước đó giữ nguyên.")
    return sentences


def _save(unit_code: str, columns: dict[str, Any], keep: Policy | None, seen: str) -> ResponseReturnValue:
    with db_writing() as session:
        unit = lookups.unit(session, unit_code, Act.ADMINISTER)
        before: dict[str, Any] = {}
        if keep is not None:
            keep = _unchanged(session, keep.id, seen)
            before = {"before": detail(keep)}
        if keep is not None and not has_begun(keep):
            policy = keep
            for name in COLUMNS:
                setattr(policy, name, columns[name])
        else:
            if keep is not None:
                keep.until_on = columns["from_on"] - timedelta(days=1)
            policy = Policy(unit_id=unit.id, created_at=now(), **columns)
            session.add(policy)
        session.flush()
        record(
            session, actor(), "change" if keep is not None else "add", "policy", policy.id, f"Quy định của {unit.name}",
            now=now(), unit_id=unit.id, detail={**detail(policy), **before},
        )  # fmt: skip
        units_changed(session, [unit.id], today())
    flash(f"Đã {'sửa' if keep is not None else 'thêm'} quy định. {REPLANNED}", "good")
    return redirect(url_for("policies.index"))


def _unchanged(session: Session, policy_id: int, seen: str) -> Policy:
    """Locked until the end of the transaction."""
    policy = _changeable(session, policy_id)
    session.refresh(policy, with_for_update=True)
    if fingerprint(policy) != seen:
        raise Conflict("Quy định này vừa được người khác đổi, nên chưa lưu gì. Hãy mở lại trang để xem bản mới.")
    return policy
