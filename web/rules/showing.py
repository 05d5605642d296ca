"""The page of the form: what is offered, what was typed, what it would bring, what somebody else changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from broadcast.rights import Act
from broadcast.rule import Rule
from schedules.days.holidays import holiday_on
from schedules.days.lunar import lunar_date
from web.rules.choosing import offered
from web.rules.days import DAY_KINDS, HOLIDAYS, USUAL_LUNAR, lunar_days_in
from web.rules.hours import PLACES, sessions_offered
from web.rules.places import places_in, read_places, units_reached
from web.rules.preview import Preview, preview
from web.rules.words import lunar_name, parts_of, words_of
from web.shell.access import current_rights, db_reading, now, today
from web.shell.formats import WEEKDAY_CODES, WEEKDAYS, vn_date
from web.shell.forms import Form

_LONGEST_SEEN = 6000
_COMING = 4


@dataclass(frozen=True)
class Changed:
    """What somebody else made of one part of the rule since the form was opened."""

    part: str
    was: str
    now: str


def form_page(
    form: Form,
    rule: Rule | None,
    typed: Rule | None = None,
    *,
    following: date | None = None,
    is_conflict: bool = False,
    is_hopeless: bool = False,
    shown: Preview | None = None,
) -> ResponseReturnValue:
    """`typed`: what the form says, where nothing of it is wrong; `following`: the day from which a rule is to be
    otherwise; `shown`: the preview where it is known already."""
    session = db_reading()
    if shown is None:
        shown = preview_of(form, rule, typed, following)
    places = places_in(session, current_rights().units(Act.WRITE))
    page = render_template(
        "rules/form.html",
        form=form,
        rule=rule,
        following=following,
        other=words_of(rule, now()) if is_conflict and rule is not None else None,
        changed=changed_since(form, rule) if is_conflict and rule is not None else [],
        seen=json.dumps(parts_of(rule), ensure_ascii=False) if rule is not None else "",
        is_hopeless=is_hopeless,
        offers=offered(session, rule),
        places=places,
        preview=shown,
        units={unit.code: unit.name for unit in current_rights().tree.units.values()},
        day_kinds=DAY_KINDS,
        weekdays=list(zip(WEEKDAY_CODES, WEEKDAYS, strict=True)),
        **fields_of(form, rule),
    )
    return page, 409 if is_conflict else form.status


def fields_of(form: Form, rule: Rule | None) -> dict[str, Any]:
    """What stands under single fields and depends on what is typed: both the page and its preview show it."""
    session = db_reading()
    targets = read_places(session, Form(form.source, **form.defaults), current_rights().units(Act.WRITE), rule)
    lunar = lunar_days_in(Form(form.source, **form.defaults))
    return {
        "sessions": sessions_offered(session, units_reached(session, targets), rule.sessions if rule else ()),
        "session_places": PLACES,
        "holiday_choices": HOLIDAYS,
        "lunar_coming": coming_lunar(lunar or list(USUAL_LUNAR), today()),
        "holidays_coming": coming_holidays(today()),
    }


def preview_of(form: Form, rule: Rule | None, typed: Rule | None, following: date | None) -> Preview | None:
    """Of what was typed, or of the rule that is there before anything was; None while something is wrong."""
    session = db_reading()
    if typed is not None and not form.errors:
        return preview(session, typed, now(), keep=rule, first=form.values("first"), offers=True, following=following)
    if rule is not None and not form.submitted:
        return preview(session, rule, now(), keep=rule, offers=True)
    return None


def changed_since(form: Form, rule: Rule) -> list[Changed]:
    """The parts of the rule that are no longer as the form showed them when it was opened."""
    try:
        seen = json.loads(form.value("seen")[:_LONGEST_SEEN])
    except ValueError:
        return []
    if not isinstance(seen, Mapping):
        return []
    return [
        Changed(part, str(seen[part]), words)
        for part, words in parts_of(rule).items()
        if part in seen and seen[part] != words
    ]


def coming_lunar(days: list[int], since: date) -> list[tuple[date, str]]:
    """The next of these days of the lunar month, with their names."""
    found = []
    for ahead in range(70):
        day = since + timedelta(days=ahead)
        if lunar_date(day).day in days:
            found.append((day, lunar_name(lunar_date(day))))
        if len(found) == _COMING:
            break
    return found


def coming_holidays(since: date) -> list[str]:
    """The next public holidays: `01/01/2027 (Tết Dương lịch)`, days in a row together."""
    found: list[tuple[date, date, str]] = []
    for ahead in range(400):
        day = since + timedelta(days=ahead)
        name = holiday_on(day)
        if name is None:
            continue
        if found and found[-1][1] == day - timedelta(days=1):
            found[-1] = (found[-1][0], day, min(found[-1][2], name, key=_as_its_feast))
        elif len(found) == _COMING - 1:
            break
        else:
            found.append((day, day, name))
    return [f"{vn_date(first)}{f' - {vn_date(last)}' if last > first else ''} ({name})" for first, last, name in found]


def _as_its_feast(name: str) -> tuple[bool, int]:
    """Of the names of days in a row, that of the feast itself comes first."""
    return "Nguyên Đán" not in name, len(name)
