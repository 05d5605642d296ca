"""What the rules and policies of a set-up file would mean: each that cannot be meant is told at its line and field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from schedules.checks.policy_checks import clashes, openings_cut, problems_of_policy
from schedules.checks.rule_checks import hints_of, opening_problems, problems_of
from schedules.facts import BulletinFact, PolicyFact, RuleFact
from schedules.facts_of import WEEKDAYS, curfew_facts, session_facts, unit_key
from schedules.loading import District, load_district
from schedules.placing.policies import PolicyBook
from schedules.placing.territory import Territory
from web.load.setup_file import PolicyTable, RuleTable, SetUpFile
from web.load.source import Source
from web.load.writing import Writing

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the age of a rule is of no matter to what it means


def check_policies(setup: SetUpFile, source: Source) -> None:
    """Raises Invalid at the first policy that cannot be meant."""
    for index, table in enumerate(setup.policy):
        for problem in problems_of_policy(policy_of(table)):
            raise source.mistake("policy", index, problem.field, problem.message_vi)


def check_rules(session: Session, setup: SetUpFile, source: Source) -> None:
    """Raises Invalid at the first rule that cannot be meant, or that would air an emergency by the calendar."""
    told: dict[str, tuple[str, str]] = {table.code: (table.title, table.bulletin_class) for table in setup.bulletin}
    named = {code for rule in setup.rule for code in bulletins_of(rule)} - told.keys()
    for bulletin in session.scalars(select(Bulletin).where(Bulletin.code.in_(named))):
        told[bulletin.code] = (bulletin.title, bulletin.bulletin_class)
    for index, table in enumerate(setup.rule):
        for code in bulletins_of(table):
            title, bulletin_class = told[code]
            if bulletin_class == "emergency":
                raise source.mistake(
                    "rule",
                    index,
                    "bulletin" if table.bulletin else "bulletins",
                    f"“{title}” là bản tin khẩn cấp nên không xếp vào lịch phát thường được; khi cần, người phê duyệt "
                    "mở bản tin và bấm “Phát khẩn cấp ngay”",
                )
        for problem in problems_of(rule_of(table, told)):
            raise source.mistake("rule", index, problem.field, problem.message_vi)


def warnings(to: Writing) -> Iterator[str]:
    """What may be meant but will surprise somebody, once everything is written: one line each."""
    for index, rule in enumerate(to.setup.rule):
        for hint in hints_of(rule_of(rule, {})):
            yield to.source.mistake("rule", index, hint.field, hint.message_vi).message_vi
    if not to.setup.policy and all(table.place != "opening" for table in to.setup.rule):
        return
    district = load_district(to.session, to.now, to.settings.zone)
    territory, held = Territory(district.units), district.policies
    for index, table in enumerate(to.setup.policy):
        own = next((each for each in reversed(held) if _is_of(each, table, to.today)), None)
        if own is None:
            continue
        others = [each for each in held if each is not own]
        typed = {rule.code for rule in to.setup.rule}
        cut = openings_cut(own, territory, others, [rule for rule in district.rules if rule.code not in typed])
        for problem in (*clashes(own, territory, others), *cut):
            yield to.source.mistake("policy", index, problem.field, problem.message_vi).message_vi
    yield from _openings_too_long(to, district, territory)


def _openings_too_long(to: Writing, district: District, territory: Territory) -> Iterator[str]:
    """Rules of the file that open sessions too short for them, where they name units."""
    book, rules = PolicyBook(district.policies), {rule.code: rule for rule in district.rules}
    for index, table in enumerate(to.setup.rule):
        if (rule := rules.get(table.code)) is None:
            continue
        day = max(to.today, table.from_on or to.today)
        told: dict[str, None] = {}
        for target in sorted(rule.targets & territory.units.keys()):
            held = book.effective(territory.chain(target, day), day)
            problems = opening_problems(rule, held.sessions, held.longest_session_minutes)
            told |= dict.fromkeys(problem.message_vi for problem in problems)
        for message in told:
            yield to.source.mistake("rule", index, "sessions", message).message_vi


def _is_of(fact: PolicyFact, table: PolicyTable, today: date) -> bool:
    """Whether `fact` is what stands in the table of the file, which may have begun later than it says."""
    typed = policy_of(table)
    same = ("curfew", "sessions", "longest_session_minutes", "sessions_a_day", "weekdays", "until_on")
    return (
        fact.unit_id == typed.unit_id
        and all(getattr(fact, name) == getattr(typed, name) for name in same)
        and (fact.until_on is None or fact.until_on >= today)
    )


def policy_of(table: PolicyTable) -> PolicyFact:
    sessions = table.sessions
    return PolicyFact(
        id="",
        unit_id=unit_key(table.unit),
        from_on=table.from_on,
        until_on=table.until_on,
        curfew=curfew_facts(table.curfew),
        sessions=None if sessions is None else session_facts(
            [{"name": each.name, "from": each.from_time, "until": each.until_time} for each in sessions]
        ),
        longest_session_minutes=table.longest_session_minutes,
        sessions_a_day=table.sessions_a_day,
        weekdays=None if table.days is None else frozenset(WEEKDAYS[day] for day in table.days),
        same_text_a_day=table.same_text_a_day,
        no_repeat_before=None if table.no_repeat_before is None else time.fromisoformat(table.no_repeat_before),
        source=table.source or None,
    )  # fmt: skip


def rule_of(table: RuleTable, told: dict[str, tuple[str, str]]) -> RuleFact:
    """`told`: code → title and class of bulletins."""
    between = None if table.between is None else [time.fromisoformat(wall) for wall in table.between]
    return RuleFact(
        id=table.code,
        code=table.code,
        unit_id="",
        created_at=_NEVER,
        bulletins=tuple(BulletinFact(code, told.get(code, ("", ""))[0]) for code in bulletins_of(table)),
        targets=frozenset(table.targets),
        weekdays=frozenset(WEEKDAYS[day] for day in table.days) if isinstance(table.days, list) else None,
        dates=None if table.dates is None else frozenset(table.dates),
        lunar_days=None if table.lunar_days is None else frozenset(table.lunar_days),
        holidays=table.holidays,
        times=tuple(map(time.fromisoformat, table.times)),
        sessions=tuple(table.sessions),
        every_minutes=table.every_minutes,
        between=(between[0], between[1]) if between else None,
        per_day=table.per_day,
        place=table.place,
        from_on=table.from_on,
        until_on=table.until_on,
        except_on=frozenset(table.except_on),
        repeats=table.repeats,
        gap_ms=table.gap_seconds * 1000,
        shift_minutes=10 if table.shift_minutes is None else table.shift_minutes,
    )


def bulletins_of(table: RuleTable) -> list[str]:
    return [table.bulletin] if table.bulletin else table.bulletins
