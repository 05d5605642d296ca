"""The rules and obligations of a set-up file: what is to air where, when and how often."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from broadcast.bulletin import Bulletin
from broadcast.obligation import Obligation
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from broadcast.unit import Unit
from web.load.setup_file import ObligationTable, RuleTable
from web.load.writing import Writing


def write_rule(to: Writing, table: RuleTable) -> None:
    bulletins = [to.by_code(Bulletin, code) for code in ([table.bulletin] if table.bulletin else table.bulletins)]
    unit = to.by_code(Unit, table.unit) if table.unit else bulletins[0].unit
    values = {
        "unit_id": unit.id,
        "name": table.name,
        "weekdays": table.days if isinstance(table.days, list) else None,
        "dates": [day.isoformat() for day in table.dates] if table.dates is not None else None,
        "lunar_days": sorted(set(table.lunar_days)) if table.lunar_days is not None else None,
        "holidays": table.holidays,
        "times": table.times,
        "sessions": table.sessions,
        "every_minutes": table.every_minutes,
        "between": table.between,
        "per_day": table.per_day,
        "place": table.place,
        "ends_when_met": table.ends_when_met,
        "from_on": table.from_on,
        "until_on": table.until_on,
        "repeats": table.repeats,
        "gap_seconds": table.gap_seconds,
        "on_collision": table.on_collision,
        "except_on": [day.isoformat() for day in table.except_on],
        "source": table.source,
    }
    if table.shift_minutes is not None:
        values["shift_minutes"] = table.shift_minutes
    rule = to.by_code(Rule, table.code)
    if rule is None:
        rule = Rule(code=table.code, created_at=to.now, **values)
        to.session.add(rule)
        to.note("rule", table.code, added=True)
        changed = False
    else:
        changed = to.set(rule, "rule", table.code, **values)
    changed |= _links(to, rule, table, bulletins)
    if changed:
        rule.version += 1
        rule.updated_at = to.now
    to.session.flush()


def _links(to: Writing, rule: Rule, table: RuleTable, bulletins: list[Bulletin]) -> bool:
    """What it airs and where; True where an existing rule had others."""
    known = rule.id is not None
    different = False
    if [link.bulletin_id for link in rule.bulletins] != [bulletin.id for bulletin in bulletins]:
        rule.bulletins = [
            RuleBulletin(bulletin_id=bulletin.id, position=place) for place, bulletin in enumerate(bulletins)
        ]
        different = known
    wanted: list[tuple[int | None, int | None]] = []
    for code in table.targets:
        unit = to.by_code(Unit, code)
        wanted.append((unit.id, None) if unit is not None else (None, to.by_code(Station, code).id))
    if [(target.unit_id, target.station_id) for target in rule.targets] != wanted:
        rule.targets = [RuleTarget(unit_id=unit_id, station_id=station_id) for unit_id, station_id in wanted]
        different = known
    if different:
        to.note("rule", table.code, added=False)
    return different


def write_obligation(to: Writing, table: ObligationTable) -> None:
    bulletin = to.by_code(Bulletin, table.bulletin)
    values: dict[str, Any] = {"at_least": table.at_least, "per": table.per, "until_on": table.until_on}
    row = to.session.scalar(
        select(Obligation).where(Obligation.bulletin_id == bulletin.id, Obligation.from_on == table.from_on)
    )
    if row is None:
        to.session.add(
            Obligation(
                bulletin_id=bulletin.id, unit_codes=table.units, from_on=table.from_on, source=table.source,
                created_at=to.now, **values,
            )
        )  # fmt: skip
        to.note("obligation", table.bulletin, added=True)
    else:
        to.set(row, "obligation", table.bulletin, unit_codes=table.units, source=table.source, **values)
