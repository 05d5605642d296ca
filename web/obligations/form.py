"""The form of an obligation: each mistake is told at its field, and so is what cannot be met."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.bulletin import Bulletin, BulletinClass, Revision
from broadcast.dispatch import Dispatch
from broadcast.obligation import DAY, Obligation
from broadcast.receiving import Owed
from broadcast.rights import Act
from schedules.checks.rule_checks import LONGEST_RANGE_YEARS
from schedules.obligations.limits import Limit, limits
from schedules.obligations.owing import Span
from web.bulletins.acting import day_text
from web.obligations.finding import keeper_of, units_of
from web.obligations.words import PERS
from web.services import services
from web.shell.access import current_rights, now, today
from web.shell.formats import vn_date, vn_number
from web.shell.forms import Form

MOST_A_DAY, MOST_IN_ALL = 100, 10_000
_OFFERED = 300


@dataclass
class Typed:
    """What the form said, as an obligation of no session; `warnings` are saved only by those who confirm them."""

    obligation: Obligation
    warnings: list[str] = field(default_factory=list)


def defaults(kept: Obligation | None) -> dict[str, Any]:
    """What the form shows before anything was typed."""
    if kept is None:
        return {"at_least": 2, "per": DAY, "from_on": day_text(today())}
    return {
        "bulletin": kept.bulletin.code,
        "units": [unit.code for unit in units_of(kept)],
        "at_least": kept.at_least,
        "per": kept.per,
        "from_on": day_text(kept.from_on),
        "until_on": day_text(kept.until_on),
        "source": kept.source,
        "version": kept.version,
    }


def defaults_from(session: Session, dispatch: Dispatch, owed: Owed) -> dict[str, Any]:
    """The form filled in with what a dispatch says; what it does not say stays open."""
    bulletin = session.scalars(
        select(Bulletin)
        .where(Bulletin.dispatch_id == dispatch.id, Bulletin.withdrawn_at.is_(None))
        .order_by(Bulletin.id)
    ).first()
    return {
        "bulletin": bulletin.code if bulletin is not None else "",
        "units": [dispatch.unit.code],
        "at_least": owed.at_least or "",
        "per": owed.per or DAY,
        "from_on": day_text(owed.from_on or today()),
        "until_on": day_text(owed.until_on),
        "source": f"{dispatch.name}: “{owed.text}”"[:1000],
        "dispatch": dispatch.id,
    }


def offered(session: Session, keep: Obligation | None) -> list[Bulletin]:
    """Bulletins of units in which one may oblige, neither withdrawn nor expired nor emergencies, those that can air
    first; and that of `keep`."""
    rows = session.scalars(
        select(Bulletin)
        .where(Bulletin.unit_id.in_(current_rights().units(Act.OBLIGE)), Bulletin.withdrawn_at.is_(None))
        .where(Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today()))
        .where(Bulletin.bulletin_class != BulletinClass.EMERGENCY.value)
        .options(joinedload(Bulletin.unit), selectinload(Bulletin.revisions).selectinload(Revision.approvals))
        .order_by(Bulletin.created_at.desc(), Bulletin.id.desc())
        .limit(_OFFERED)
    )
    found = {bulletin.id: bulletin for bulletin in rows}
    if keep is not None:
        found.setdefault(keep.bulletin.id, keep.bulletin)
    return sorted(found.values(), key=lambda bulletin: bulletin.airing_revision is None)


def read_obligation(session: Session, form: Form, keep: Obligation | None) -> Typed:
    """What was typed. Mistakes are on the form."""
    bulletin = _bulletin(session, form, keep)
    codes = _units(form, keep)
    per = form.choice("per", "mỗi ngày hay trong cả đợt", {value for value, _ in PERS}) or DAY
    at_least = form.whole("at_least", "số lần ít nhất", 1, MOST_A_DAY if per == DAY else MOST_IN_ALL)
    from_on = form.day("from_on", "ngày bắt đầu", required=True)
    until_on = form.day("until_on", "ngày cuối", required=True)
    source = form.text("source", "căn cứ", longest=1000, required=False)
    typed = Typed(
        Obligation(
            unit_codes=codes, at_least=at_least, per=per, from_on=from_on, until_on=until_on, source=source,
            created_at=keep.created_at if keep is not None else now(),
        )
    )  # fmt: skip
    if from_on and until_on:
        _check_span(form, from_on, until_on, keep)
    if bulletin is not None:
        typed.obligation.bulletin_id = bulletin.id
        typed.obligation.unit_id = keeper_of(keep) if keep is not None else bulletin.unit_id
    if bulletin is not None and from_on and until_on and not form.errors:
        _check_bulletin(form, typed, bulletin, from_on, until_on)
        _check_limits(session, form, typed, bulletin)
    return typed


def _bulletin(session: Session, form: Form, keep: Obligation | None) -> Bulletin | None:
    code = form.value("bulletin")
    found = next((bulletin for bulletin in offered(session, keep) if bulletin.code == code), None)
    if not code:
        form.fail("bulletin", "Hãy chọn bản tin phải phát.")
    elif found is None:
        form.fail("bulletin", "Bản tin này đã thu hồi, hết hạn, là tin khẩn cấp, hoặc nằm ngoài đơn vị của bạn.")
    elif found.withdrawn_at is not None:
        form.fail("bulletin", f"“{found.title}” đã bị thu hồi nên không phát được nữa. Hãy chọn bản tin khác.")
    return found


def _units(form: Form, keep: Obligation | None) -> list[str]:
    """The ticked units. What `keep` asks of units that one may not oblige stays: an edit drops nothing unseen."""
    rights = current_rights()
    mine = {rights.tree.units[number].code for number in rights.units(Act.OBLIGE)}
    codes = list(dict.fromkeys(form.values("units")))
    if not set(codes) <= mine:
        form.fail("units", "Có đơn vị nằm ngoài phạm vi của bạn. Hãy chọn lại.")
    codes = [code for code in codes if code in mine]
    if keep is not None:
        codes += [code for code in keep.unit_codes if code not in mine]
    if not codes:
        form.fail("units", "Hãy chọn ít nhất một đơn vị phải thực hiện.")
    return codes


def _check_span(form: Form, from_on: date, until_on: date, keep: Obligation | None) -> None:
    if until_on < from_on:
        form.fail("until_on", f"Ngày cuối {vn_date(until_on)} đứng trước ngày bắt đầu {vn_date(from_on)}.")
    elif until_on < today() and (keep is None or keep.until_on != until_on):
        form.fail("until_on", f"Ngày cuối {vn_date(until_on)} đã qua nên không còn phát bù được. Hãy xem lại ngày.")
    elif until_on.year - from_on.year > LONGEST_RANGE_YEARS:
        form.fail("until_on", f"Chỉ tiêu dài quá {LONGEST_RANGE_YEARS} năm; hãy kiểm tra lại năm.")


def _check_bulletin(form: Form, typed: Typed, bulletin: Bulletin, from_on: date, until_on: date) -> None:
    last, first = bulletin.valid_until, bulletin.valid_from
    if last is not None and last < max(from_on, today()):
        form.fail("bulletin", f"“{bulletin.title}” hết hiệu lực từ sau ngày {vn_date(last)}, trước ngày phải phát.")
    elif last is not None and last < until_on:
        typed.warnings.append(
            f"“{bulletin.title}” chỉ có hiệu lực đến hết ngày {vn_date(last)}; sau ngày ấy không phát được nữa."
        )
    if first is not None and first > from_on:
        if first > until_on:
            form.fail("bulletin", f"“{bulletin.title}” đến ngày {vn_date(first)} mới có hiệu lực.")
        else:
            typed.warnings.append(f"“{bulletin.title}” đến ngày {vn_date(first)} mới có hiệu lực.")


def _check_limits(session: Session, form: Form, typed: Typed, bulletin: Bulletin) -> None:
    made = typed.obligation
    span = Span(max(made.from_on, today()), made.until_on)
    if span.from_on > span.until_on:
        return
    for limit in limits(session, bulletin, made.unit_codes, made.at_least, made.per, span, services().zone):
        if limit.is_total:
            form.fail(limit.field, limit.message_vi)
        else:
            typed.warnings.append(_of_some(limit))


def _of_some(limit: Limit) -> str:
    told = limit.message_vi[:1].lower() + limit.message_vi[1:]
    return f"Ở {vn_number(limit.stations)} trong {vn_number(limit.of_all)} trạm: {told}"
