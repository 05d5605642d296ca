"""Quy định phát thanh: dated curfews and sessions of a unit, each with the document it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from broadcast.audit_event import record
from broadcast.errors import Conflict
from broadcast.policy import Policy
from broadcast.rights import Act
from broadcast.tally import plan_is_stale
from schedules.facts import PolicyFact
from schedules.facts_of import curfew_facts, session_facts
from schedules.policy_checks import problems_of_policy
from web.shell import lookups
from web.shell.access import actor, current_rights, db_reading, db_writing, needs, now, scope, today, unit_choices
from web.shell.forms import Form

blueprint = Blueprint("policies", __name__)

_WALL = re.compile(r"([01]?\d|2[0-4])[:hg]([0-5]\d)?")
_SESSION = re.compile(r"(.*?)\s*[,:]?\s*(\S+)\s*(?:-|–|đến)\s*(\S+)")


@dataclass(frozen=True)
class Typed:
    """A policy as the form gave it; None in a field: it says nothing about it."""

    unit_code: str
    from_on: date | None
    until_on: date | None
    curfew: list[str] | None
    sessions: list[dict[str, Any]] | None
    source: str


@blueprint.get("/chinh-sach")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    """What holds in the unit one looks at and below, and what comes down to it from above."""
    rights = current_rights()
    above = set(rights.tree.path(scope().id))
    shown = (rights.tree.below([scope().id]) & rights.units(Act.READ)) | above
    found = db_reading().scalars(select(Policy).where(Policy.unit_id.in_(shown)).order_by(Policy.id))
    ordered = sorted(
        found,
        key=lambda each: (
            each.until_on is not None and each.until_on < today(),
            len(rights.tree.path(each.unit_id)),
            each.unit.name,
            each.from_on or date.min,
        ),
    )
    return render_template(
        "policies/list.html", policies=ordered, administered=rights.units(Act.ADMINISTER), sessions_of=_in_words
    )


def _in_words(policy: Policy) -> list[str]:
    return [f"{one['name']}: {one['from']}–{one['until']}" for one in policy.sessions or ()]


@blueprint.get("/chinh-sach/them")
@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    defaults: dict[str, Any] = {
        "unit": scope().code, "from": today() + timedelta(days=1), "curfew": "set",
        "curfew_from": "22:00", "curfew_until": "05:00",
    }  # fmt: skip
    return render_template("policies/new.html", form=Form(None, **defaults), units=unit_choices(Act.ADMINISTER))


@blueprint.post("/chinh-sach/them")
@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = _typed(form)
    if not form.errors:
        for problem in problems_of_policy(_fact(typed)):
            form.fail({"curfew": "curfew_from"}.get(problem.field, problem.field), problem.message_vi)
    if form.errors:
        return render_template("policies/new.html", form=form, units=unit_choices(Act.ADMINISTER)), form.status
    with db_writing() as session:
        unit = lookups.unit(session, typed.unit_code, Act.ADMINISTER)
        policy = Policy(
            unit_id=unit.id, from_on=typed.from_on, until_on=typed.until_on, curfew=typed.curfew,
            sessions=typed.sessions, source=typed.source, created_at=now(),
        )  # fmt: skip
        session.add(policy)
        session.flush()
        record(
            session, actor(), "add", "policy", policy.id, f"Quy định của {unit.name}", now=now(), unit_id=unit.id,
            detail={"curfew": typed.curfew, "sessions": typed.sessions, "source": typed.source},
        )  # fmt: skip
        plan_is_stale(session)
    flash("Đã thêm quy định. Lịch phát sẽ được xếp lại trong giây lát.", "good")
    return redirect(url_for("policies.index"))


def _typed(form: Form) -> Typed:
    unit_code = form.choice("unit", "đơn vị", dict(unit_choices(Act.ADMINISTER)))
    from_on, until_on = form.day("from", "ngày bắt đầu", required=True), form.day("until", "ngày kết thúc")
    if from_on is not None and from_on < today():
        form.fail("from", "Quy định chỉ có hiệu lực từ hôm nay trở đi: những ngày đã qua không thay đổi.")
    if from_on and until_on and until_on < from_on:
        form.fail("until", "Ngày kết thúc phải từ ngày bắt đầu trở đi.")
    kind = form.choice("curfew", "cách đặt giờ cấm phát", {"set", "none", "silent"})
    curfew: list[str] | None = None
    if kind == "none":
        curfew = []
    elif kind == "set":
        ends = [_wall(form, name) for name in ("curfew_from", "curfew_until")]
        curfew = [end for end in ends if end]
    sessions = _sessions(form)
    if kind == "silent" and sessions is None:
        form.fail("curfew", "Quy định này chưa nói gì: hãy đặt giờ cấm phát hoặc khung giờ phát.")
    source = form.text("source", "văn bản làm căn cứ", longest=500)
    return Typed(unit_code, from_on, until_on, curfew, sessions, source)


def _wall(form: Form, name: str) -> str:
    wall = wall_time(form.value(name))
    if wall is None:
        form.fail(name, "Hãy điền giờ dạng 22:00.")
        return ""
    return wall


def wall_time(text: str) -> str | None:
    """`5h30`, `05:30` and `22h` as `05:30`, `22:00`; midnight at the end of a day may be written 24:00."""
    found = _WALL.fullmatch(text.strip().lower())
    if found is None or (found[1] == "24" and found[2] not in {None, "00"}):
        return None
    return f"{int(found[1]) % 24:02}:{found[2] or '00'}"


def _sessions(form: Form) -> list[dict[str, Any]] | None:
    """One a line: `sáng 05:30-06:30`. None where nothing was typed."""
    lines = [line.strip() for line in form.text("sessions", "khung giờ", longest=1000, required=False).splitlines()]
    sessions: list[dict[str, Any]] = []
    for line in filter(None, lines):
        found = _SESSION.fullmatch(line)
        begins, ends = (wall_time(found[2]), wall_time(found[3])) if found else (None, None)
        if found is None or not found[1] or begins is None or ends is None:
            form.fail("sessions", f"Dòng “{line[:60]}” cần có dạng: sáng 05:30-06:30.")
            continue
        sessions.append({"name": found[1], "from": begins, "until": ends})
    return sessions or None


def _fact(typed: Typed) -> PolicyFact:
    """What the checks of the planner look at."""
    curfew, sessions = curfew_facts(typed.curfew), session_facts(typed.sessions)
    return PolicyFact("new", typed.unit_code, typed.from_on, typed.until_on, curfew, sessions)


@blueprint.get("/chinh-sach/<int:policy_id>/ket-thuc")
@needs(Act.ADMINISTER)
def end(policy_id: int) -> ResponseReturnValue:
    policy = lookups.policy(db_reading(), policy_id, Act.ADMINISTER)
    return render_template(
        "confirm.html",
        title=f"Kết thúc quy định của {policy.unit.name}?",
        sentences=[
            "Hết hôm nay quy định này không còn hiệu lực; từ ngày mai áp dụng quy định khác của đơn vị hoặc cấp trên.",
            "Nếu không còn quy định nào, giờ cấm phát là 22:00–05:00.",
        ],
        action=url_for("policies.end_submit", policy_id=policy_id),
        button="Kết thúc quy định",
        back=url_for("policies.index"),
    )


@blueprint.post("/chinh-sach/<int:policy_id>/ket-thuc")
@needs(Act.ADMINISTER)
def end_submit(policy_id: int) -> ResponseReturnValue:
    with db_writing() as session:
        policy = lookups.policy(session, policy_id, Act.ADMINISTER)
        if policy.until_on is not None and policy.until_on <= today():
            raise Conflict("Quy định này đã kết thúc từ trước.")
        if policy.from_on is not None and policy.from_on > today():
            session.delete(policy)  # it has not begun: the past is untouched
        else:
            policy.until_on = today()
        record(
            session, actor(), "end", "policy", policy.id, f"Quy định của {policy.unit.name}", now=now(),
            unit_id=policy.unit_id, detail={"curfew": policy.curfew, "sessions": policy.sessions},
        )  # fmt: skip
        plan_is_stale(session)
    flash("Đã kết thúc quy định.", "good")
    return redirect(url_for("policies.index"))
