"""The form of a rule, “phát bản tin tại nơi vào giờ các ngày…”: parsed into a Rule, each mistake at its field."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from broadcast.rights import Act
from broadcast.rule import Rule
from web.bulletins.acting import day_text
from web.rules.choosing import read_bulletins, read_end_when_met
from web.rules.days import defaults_of_days, read_days
from web.rules.hours import defaults_of_hours, read_hours, sessions_offered
from web.rules.places import first_in, read_places, units_reached, value_of
from web.shell.access import current_rights, now, today
from web.shell.formats import vn_date
from web.shell.forms import Form

# What the form writes into a rule that is there.
COPIED = (
    "name", "source", "weekdays", "dates", "lunar_days", "holidays", "times", "sessions", "per_day", "place",
    "every_minutes", "between", "except_on", "repeats", "gap_seconds", "on_collision", "shift_minutes", "from_on",
    "until_on", "ends_when_met",
)  # fmt: skip


def defaults(session: Session, rule: Rule | None) -> dict[str, Any]:
    """What the form shows before anything was typed."""
    shown = defaults_of_days(rule) | defaults_of_hours(rule)
    if rule is None:
        return shown | {
            "from_on": day_text(today()), "repeats": 1, "gap_seconds": 2, "on_collision": "after", "shift_minutes": 10,
        }  # fmt: skip
    codes = [link.bulletin.code for link in rule.bulletins]
    shown |= {
        "name": rule.name,
        "bulletins": codes,
        "turns": ",".join(codes),
        "targets": [value_of(target) for target in rule.targets],
        "first": first_in(session, rule),
        "version": rule.version,
        "from_on": day_text(rule.from_on),
        "until_on": day_text(rule.until_on),
    }
    for name in ("repeats", "gap_seconds", "on_collision", "shift_minutes", "source", "ends_when_met"):
        shown[name] = getattr(rule, name)
    return shown


def read_rule(session: Session, form: Form, keep: Rule | None) -> Rule:
    """A Rule of no session with what was typed; what the form does not ask is as in `keep`. Mistakes are on `form`."""
    rule = Rule(
        code=keep.code if keep is not None else "mới",
        name=form.text("name", "tên lịch", required=False),
        source=form.text("source", "căn cứ", longest=1000, required=False),
        created_at=keep.created_at if keep is not None else now(),
        latest_start_s=keep.latest_start_s if keep is not None else 120,
        stopped_at=keep.stopped_at if keep is not None else None,
    )
    read_bulletins(session, form, rule, keep)
    rule.targets.extend(read_places(session, form, current_rights().units(Act.WRITE), keep))
    read_days(form, rule)
    sessions = sessions_offered(session, units_reached(session, rule.targets), keep.sessions if keep else ())
    read_hours(form, rule, [offer.name for offer in sessions])
    rule.from_on = form.day("from_on", "ngày bắt đầu")
    rule.until_on = form.day("until_on", "ngày kết thúc")
    if rule.from_on and rule.until_on and rule.until_on < rule.from_on:
        form.fail("until_on", f"Ngày kết thúc {vn_date(rule.until_on)} trước ngày bắt đầu {vn_date(rule.from_on)}.")
    read_end_when_met(session, form, rule)
    rule.repeats = form.whole("repeats", "số lần đọc mỗi lượt", 1, 50)
    rule.gap_seconds = form.whole("gap_seconds", "số giây nghỉ giữa hai lần đọc", 0, 60)
    rule.on_collision = form.choice("on_collision", "cách xử lý khi trùng giờ", {"after", "refuse"}) or "after"
    rule.shift_minutes = form.whole("shift_minutes", "số phút được lùi", 0, 120) if rule.on_collision == "after" else 10
    return rule
