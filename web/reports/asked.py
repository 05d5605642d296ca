"""What a report is asked about, as in the address: the unit, and a period with a name or with two days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from broadcast.errors import Invalid
from broadcast.reports.counted import check_period
from broadcast.unit import Unit
from web.shell import lookups
from web.shell.access import scope
from web.shell.forms import Form

PERIODS = {
    "hom-nay": "Hôm nay",
    "tuan-nay": "Tuần này",
    "thang-nay": "Tháng này",
    "thang-truoc": "Tháng trước",
}
_FIELDS = {"from": "tu", "until": "den"}  # the report's names → those of the address


@dataclass(frozen=True)
class Asked:
    """Both days included. `named` is a key of PERIODS, or empty where the days were chosen."""

    unit: Unit
    from_on: date
    until_on: date
    named: str = ""

    @property
    def args(self) -> dict[str, str]:
        """For addresses: with both days written out, so that a link says tomorrow what it said today."""
        return {"don-vi": self.unit.code, "tu": self.from_on.isoformat(), "den": self.until_on.isoformat()}

    @property
    def one_day(self) -> bool:
        return self.from_on == self.until_on


def asked(session: Session, args: MultiDict[str, str], today: date) -> tuple[Asked | None, Form]:
    """The question and its form; None where the days cannot be used, said in the form.

    Raises NotFound for a unit outside one's own. Without `don-vi` it is the unit that one looks at.
    """
    unit = lookups.unit(session, args["don-vi"]) if args.get("don-vi") else scope()
    if not args.get("tu") and not args.get("den"):
        named = args.get("ky", "")
        named = named if named in PERIODS else "hom-nay"
        first, last = named_period(named, today)
        return Asked(unit, first, last, named), Form(tu=first, den=last)
    form = Form(args)
    from_on, until_on = form.day("tu", "ngày đầu"), form.day("den", "ngày cuối")
    if form.errors:
        return None, form
    from_on, until_on = from_on or until_on or today, until_on or max(from_on or today, today)
    try:
        check_period(from_on, until_on)
    except Invalid as error:
        form.fail(_FIELDS.get(error.field or "", "den"), error.message_vi)
        return None, form
    return Asked(unit, from_on, until_on), Form(tu=from_on, den=until_on)


def named_period(named: str, today: date) -> tuple[date, date]:
    """First and last day. What is not over ends today: days to come have nothing to report."""
    if named == "tuan-nay":
        return today - timedelta(days=today.weekday()), today
    if named == "thang-nay":
        return today.replace(day=1), today
    if named == "thang-truoc":
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return today, today
