"""The form of a rule, “phát bản tin tại nơi vào giờ các ngày…”: parsed into a Rule, each mistake at its field."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.bulletin import Bulletin, BulletinClass, Revision
from broadcast.errors import BroadcastError
from broadcast.rights import Act
from broadcast.rule import Rule, RuleBulletin
from schedules.recurrence import parse_wall_time
from web.bulletins.acting import day_text
from web.rules.days import parse_days_span
from web.rules.places import read_places, value_of
from web.rules.words import span_words
from web.shell.access import current_rights, now, today
from web.shell.formats import WEEKDAY_CODES, vn_date
from web.shell.forms import Form

DAY_KINDS = [("daily", "hằng ngày"), ("weekdays", "các thứ trong tuần"), ("dates", "những ngày đã chọn")]
TIME_KINDS = [("times", "vào các giờ"), ("every", "cứ ít phút một lần")]
MOST_DATES = 366
_LIST = re.compile(r"[,;\n]+")
_NEXT_TIME = re.compile(r"\s+(?:và\s+)?(?=\d{1,2}\s*(?:[:.hg]|giờ))", re.IGNORECASE)


def defaults(rule: Rule | None) -> dict[str, Any]:
    """What the form shows before anything was typed."""
    if rule is None:
        return {
            "days": "daily",
            "time_kind": "times",
            "times": "05:45, 17:15",
            "every_minutes": 90,
            "between_from": "06:00",
            "between_until": "20:00",
            "from_on": day_text(today()),
            "repeats": 1,
            "gap_seconds": 2,
            "on_collision": "after",
            "shift_minutes": 10,
        }
    shown = {
        "name": rule.name,
        "bulletins": [link.bulletin.code for link in rule.bulletins],
        "targets": [value_of(target) for target in rule.targets],
        "days": "weekdays" if rule.weekdays else "dates" if rule.dates else "daily",
        "weekdays": rule.weekdays or [],
        "dates": _dates_text(rule.dates or []),
        "time_kind": "every" if rule.every_minutes else "times",
        "times": ", ".join(rule.times),
        "every_minutes": rule.every_minutes or 90,
        "between_from": (rule.between or ["06:00", "20:00"])[0],
        "between_until": (rule.between or ["06:00", "20:00"])[1],
        "except_on": _dates_text(rule.except_on),
        "version": rule.version,
    }
    shown["from_on"], shown["until_on"] = day_text(rule.from_on), day_text(rule.until_on)
    for name in ("repeats", "gap_seconds", "on_collision", "shift_minutes", "source"):
        shown[name] = getattr(rule, name)
    return shown


def _dates_text(days: list[str]) -> str:
    return ", ".join(span_words(days))


def offered(session: Session, keep: Rule | None) -> list[Bulletin]:
    """Bulletins that a rule may air: one's own, not withdrawn, not expired and no emergencies (those are started by
    hand); and what the rule airs already."""
    units = current_rights().units(Act.WRITE)
    rows = session.scalars(
        select(Bulletin)
        .where(Bulletin.unit_id.in_(units), Bulletin.withdrawn_at.is_(None))
        .where(Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today()))
        .where(Bulletin.bulletin_class != BulletinClass.EMERGENCY.value)
        .options(joinedload(Bulletin.unit), selectinload(Bulletin.revisions).selectinload(Revision.approvals))
        .order_by(Bulletin.created_at.desc(), Bulletin.id.desc())
        .limit(300)
    )
    found = {bulletin.id: bulletin for bulletin in rows}
    for link in keep.bulletins if keep is not None else ():
        found.setdefault(link.bulletin.id, link.bulletin)
    # What is approved can air at once, so it comes first.
    return sorted(found.values(), key=lambda bulletin: bulletin.airing_revision is None)


def read_rule(session: Session, form: Form, keep: Rule | None) -> Rule:
    """A Rule of no session with what was typed; what the form does not ask is as in `keep`. Mistakes are on `form`."""
    rule = Rule(
        code=keep.code if keep is not None else "mới",
        name=form.text("name", "tên lịch", required=False),
        source=form.text("source", "căn cứ", longest=1000, required=False),
        created_at=keep.created_at if keep is not None else now(),
        sessions=list(keep.sessions) if keep is not None else [],
        latest_start_s=keep.latest_start_s if keep is not None else 120,
        stopped_at=keep.stopped_at if keep is not None else None,
    )
    _read_bulletins(session, form, rule, keep)
    rule.targets.extend(read_places(session, form, current_rights().units(Act.WRITE), keep))
    _read_days(form, rule, keep)
    _read_times(form, rule, keep)
    rule.from_on = form.day("from_on", "ngày bắt đầu")
    rule.until_on = form.day("until_on", "ngày kết thúc")
    if rule.from_on and rule.until_on and rule.until_on < rule.from_on:
        form.fail("until_on", f"Ngày kết thúc {vn_date(rule.until_on)} trước ngày bắt đầu {vn_date(rule.from_on)}.")
    rule.except_on = _read_dates(form, "except_on", "ngày loại trừ")
    rule.repeats = form.whole("repeats", "số lần đọc mỗi lượt", 1, 50)
    rule.gap_seconds = form.whole("gap_seconds", "số giây nghỉ giữa hai lần đọc", 0, 60)
    rule.on_collision = form.choice("on_collision", "cách xử lý khi trùng giờ", {"after", "refuse"}) or "after"
    rule.shift_minutes = form.whole("shift_minutes", "số phút được lùi", 0, 120) if rule.on_collision == "after" else 10
    return rule


def emergency_of(session: Session, code: str) -> Bulletin | None:
    """The bulletin with this code where it is one's own and an emergency."""
    return session.scalar(
        select(Bulletin).where(
            Bulletin.code == code,
            Bulletin.bulletin_class == BulletinClass.EMERGENCY.value,
            Bulletin.unit_id.in_(current_rights().units(Act.WRITE)),
        )
    )


def not_by_rule(bulletin: Bulletin) -> str:
    """Why an emergency is in no ordinary rule: it would sound in curfew, every day, with nobody deciding so."""
    return (
        f"“{bulletin.title}” là bản tin khẩn cấp nên không xếp vào lịch phát thường được. Khi cần, người phê duyệt mở "
        "bản tin và bấm “Phát khẩn cấp ngay”."
    )


def _read_bulletins(session: Session, form: Form, rule: Rule, keep: Rule | None) -> None:
    offers = {bulletin.code: bulletin for bulletin in offered(session, keep)}
    for position, code in enumerate(dict.fromkeys(form.values("bulletins"))):
        bulletin = offers.get(code)
        urgent = bulletin or emergency_of(session, code)
        if urgent is not None and urgent.bulletin_class == BulletinClass.EMERGENCY.value:
            form.fail("bulletins", not_by_rule(urgent))
        if bulletin is None:
            form.fail("bulletins", "Có bản tin không còn dùng được hoặc nằm ngoài đơn vị của bạn. Hãy chọn lại.")
            continue
        rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=position))
        if position == 0:
            rule.unit_id = keep.unit_id if keep is not None else bulletin.unit_id
    if not rule.bulletins:
        form.fail("bulletins", "Hãy chọn bản tin để phát.")


def _read_days(form: Form, rule: Rule, keep: Rule | None) -> None:
    kind = form.choice("days", "các ngày phát", {value for value, _ in DAY_KINDS})
    if kind == "weekdays":
        rule.weekdays = [day for day in WEEKDAY_CODES if day in form.values("weekdays")]
        if keep is not None and keep.weekdays and keep.dates:  # both, from a set-up file
            rule.dates = list(keep.dates)
        if not rule.weekdays:
            form.fail("weekdays", "Hãy chọn ít nhất một thứ trong tuần.")
    elif kind == "dates":
        rule.dates = _read_dates(form, "dates", "ngày phát")
        if not rule.dates:
            form.fail("dates", "Hãy ghi ít nhất một ngày phát, ví dụ 22/11/2026.")


def _read_times(form: Form, rule: Rule, keep: Rule | None) -> None:
    rule.times = []
    kind = form.choice("time_kind", "cách chọn giờ phát", {value for value, _ in TIME_KINDS})
    if kind == "every":
        rule.every_minutes = form.whole("every_minutes", "số phút giữa hai lượt", 5, 1440)
        if keep is not None and keep.every_minutes:  # exact times beside it, from a set-up file
            rule.times = list(keep.times)
        first, last = _time(form, "between_from", "giờ đầu"), _time(form, "between_until", "giờ cuối")
        if first and last:
            rule.between = [first, last]
            if last < first:
                form.fail("between_until", f"Giờ cuối ({last}) đứng trước giờ đầu ({first}).")
        return
    wrong = []
    for typed in _LIST.split(form.value("times")):
        try:
            rule.times += [_wall(wall) for wall in _walls(typed)]
        except BroadcastError as error:
            wrong.append(error.message_vi)
    if wrong:
        form.fail("times", " ".join(wrong))
    rule.times = sorted(set(rule.times))
    if not rule.times and not rule.sessions:
        form.fail("times", "Hãy ghi ít nhất một giờ phát, ví dụ 5h30, 17:15.")


def _walls(typed: str) -> list[time]:
    """The times in one piece of the list; people put a space, or “và”, where a comma was asked."""
    if not typed.strip():
        return []
    try:
        return [parse_wall_time(typed)]
    except BroadcastError:
        parts = [part for part in _NEXT_TIME.split(typed.strip()) if part]
        if len(parts) < 2:
            raise
    return [parse_wall_time(part) for part in parts]


def _time(form: Form, name: str, label: str) -> str:
    if not form.value(name).strip():
        form.fail(name, f"Hãy điền {label}.")
        return ""
    try:
        return _wall(parse_wall_time(form.value(name)))
    except BroadcastError as error:
        form.fail(name, error.message_vi)
        return ""


def _wall(wall: time) -> str:
    return wall.isoformat("seconds" if wall.second else "minutes")


def _read_dates(form: Form, name: str, label: str) -> list[str]:
    """`22/11/2026, 25/11, 28/1/2027 - 3/2/2027` as ISO texts; a day without its year is the next such day."""
    found, wrong = set[str](), list[str]()
    for typed in map(str.strip, _LIST.split(form.value(name))):
        if not typed:
            continue
        span = parse_days_span(typed, now())
        if span is None:
            wrong.append(
                f"Trong {label}, “{typed[:40]}” không phải là một ngày có thật. "
                "Hãy ghi như 22/11/2026, hoặc một khoảng như 28/1/2027 - 3/2/2027."
            )
            continue
        first, last = span
        if last < first:
            wrong.append(f"Trong {label}, khoảng “{typed[:40]}” có ngày cuối đứng trước ngày đầu.")
        elif (last - first).days >= MOST_DATES:
            wrong.append(f"Trong {label}, khoảng “{typed[:40]}” dài quá {MOST_DATES} ngày.")
        else:
            found |= {(first + timedelta(days=later)).isoformat() for later in range((last - first).days + 1)}
    if len(found) > MOST_DATES:
        wrong.append(f"Có quá nhiều ngày; nhiều nhất là {MOST_DATES} ngày.")
    if wrong:
        form.fail(name, " ".join(wrong))
    return sorted(found)
