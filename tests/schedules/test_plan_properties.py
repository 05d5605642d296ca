"""What holds for any rules, policies and stations; and the sentences of DESIGN §4 that are the plan's to keep."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcast.clock import VIETNAM, day_span, local_day
from schedules.facts import (
    BulletinFact,
    ExistingAiring,
    Plan,
    PolicyFact,
    RuleFact,
    SessionFact,
    SlotChange,
    StationFact,
    WallSpan,
)
from schedules.placing.policies import PolicyBook
from schedules.placing.territory import Territory, linked_unit
from schedules.plan import Planner, plan
from schedules.recurrence import WallSlot, asks_on, day_slots
from tests.schedules.world import SUNDAY, UNITS, A, B, alarm, at, bulletin, codes, local, planned, rule, sound, standing

DAYS = 3
NOW = at("10:07")
WINDOW = [SUNDAY + timedelta(days=offset) for offset in range(DAYS)]
STATIONS = (A, B, StationFact("tram-huyen", (replace(A.units[0], unit_id="huyen"),)))

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# times close together, so that there is something to collide with, around curfew edges and midnight
walls = st.builds(
    time, st.sampled_from([0, 4, 5, 10, 17, 21, 22, 23]), st.sampled_from([0, 1, 3, 5, 10, 30, 55, 58, 59])
)
some_days = st.none() | st.frozensets(st.integers(1, 7), min_size=1)
some_date = st.none() | st.sampled_from(WINDOW)


@st.composite
def bulletins(draw: st.DrawFn) -> BulletinFact:
    key = draw(st.sampled_from("abcd"))
    # what a bulletin is follows from its name: one bulletin cannot be two things in one plan
    made = bulletin(key, minutes=(len(key) + ord(key) % 4) * 2.5, bulletin_class="priority" if key == "b" else "normal")
    return replace(made, audios=(sound(3, approver=None),)) if key == "d" else made


@st.composite
def slot_changes(draw: st.DrawFn) -> tuple[SlotChange, ...]:
    changes = {}
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        day, key = draw(st.sampled_from(WINDOW)), draw(st.sampled_from(["10:30", "17:00", "05:30", "sáng#1", "*#1"]))
        station_id = draw(st.sampled_from([None, "tram-a"]))
        changes[day, key, station_id] = SlotChange(
            day,
            key,
            station_id,
            is_skipped=draw(st.booleans()),
            to_time=draw(st.none() | walls),
            bulletin=draw(st.none() | bulletins()),
        )
    return tuple(changes.values())


@st.composite
def rules(draw: st.DrawFn) -> list[RuleFact]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        in_session = draw(st.integers(0, 4)) == 0
        made.append(
            RuleFact(
                id=f"r{number}",
                code=f"R{number}",
                unit_id=draw(st.sampled_from(["tinh", "huyen", "xa-a"])),
                created_at=datetime(2026, 11, draw(st.integers(1, 3)), tzinfo=UTC),
                bulletins=tuple(draw(st.lists(bulletins(), min_size=1, max_size=2))),
                targets=frozenset(draw(st.sets(st.sampled_from(["huyen", "xa-a", "tram-b"]), min_size=1))),
                weekdays=draw(some_days),
                times=() if in_session else tuple(draw(st.lists(walls, min_size=1, max_size=4))),
                sessions=("sáng", "đêm") if in_session else (),
                per_day=draw(st.none() | st.integers(1, 4)) if in_session else None,
                place=draw(st.sampled_from(["any", "any", "opening"])) if in_session else "any",
                lunar_days=draw(st.sampled_from([None, None, frozenset({14, 15})])),
                holidays=draw(st.sampled_from(["any", "any", "skip", "only"])),
                changes=draw(slot_changes()),
                from_on=draw(some_date),
                except_on=frozenset(draw(st.sets(st.sampled_from(WINDOW), max_size=1))),
                repeats=draw(st.integers(1, 3)),
                gap_ms=draw(st.sampled_from([0, 20_000])),
                on_collision=draw(st.sampled_from(["after", "after", "refuse"])),
            )
        )
    return made


@st.composite
def policies(draw: st.DrawFn) -> list[PolicyFact]:
    made = []
    for number, unit in enumerate(draw(st.lists(st.sampled_from(["tinh", "huyen", "xa-a", "xa-b"]), max_size=4))):
        sessions = (SessionFact("sáng", time(4, 30), time(5, 30)), SessionFact("tối", time(17), time(17, 30)))
        made.append(
            PolicyFact(
                id=f"p{number}",
                unit_id=unit,
                from_on=draw(some_date),
                until_on=draw(some_date),
                curfew=draw(
                    st.none() | st.just(()) | st.lists(st.builds(WallSpan, walls, walls), max_size=2).map(tuple)
                ),
                sessions=draw(st.sampled_from([None, None, (), sessions])),
                longest_session_minutes=draw(st.none() | st.integers(5, 30)),
                sessions_a_day=draw(st.none() | st.just(1)),
                weekdays=draw(some_days),
                same_text_a_day=draw(st.none() | st.integers(1, 3)),
                no_repeat_before=draw(st.sampled_from([None, None, time(0), time(6), time(11)])),
            )
        )
    return made


def made(
    some_rules: list[RuleFact],
    some_policies: list[PolicyFact],
    existing: list[ExistingAiring] | None = None,
    now: datetime = NOW,
    days: int = DAYS,
) -> Plan:
    return plan(some_rules, STATIONS, UNITS, some_policies, existing or [], now, window_days=days)


def overlaps(rows: list[ExistingAiring]) -> list[tuple[ExistingAiring, ExistingAiring]]:
    by_station = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.starts_at):
        if row.state == "planned":
            by_station[row.station_id].append(row)
    return [
        (one, two) for airings in by_station.values() for one, two in pairwise(airings) if two.starts_at < one.ends_at
    ]


def in_curfew(row: ExistingAiring, some_policies: list[PolicyFact]) -> bool:
    """Looks at one moment after another, ten seconds apart: slow, and nothing like the plan's way."""
    station = next(each for each in STATIONS if each.id == row.station_id)
    territory, book = Territory(UNITS), PolicyBook(some_policies)
    instant = row.starts_at
    while instant < row.ends_at:
        day = local_day(instant)
        policy = book.effective(territory.chain(linked_unit(station.units, day) or "", day), day)
        wall = instant.astimezone(VIETNAM).time()
        for span in policy.curfew:
            start, end = span.from_time, span.until_time
            inside = start <= wall < end if start < end else (start == end or wall >= start or wall < end)
            if inside:
                return True
        instant += timedelta(seconds=10)
    return False


def asked_count(some_rules: list[RuleFact], some_policies: list[PolicyFact]) -> int:
    """Slots at or after NOW, counted rule by rule, station by station, day by day."""
    territory, book, count = Territory(UNITS), PolicyBook(some_policies), 0
    for station in STATIONS:
        for each in some_rules:
            for day in WINDOW:
                chain = territory.chain(station.units[0].unit_id, day)
                if not asks_on(each, day) or not each.targets & {station.id, *chain}:
                    continue
                sessions = {session.name: session for session in book.effective(chain, day).sessions}
                for slot in day_slots(each):
                    wall = asked_wall(each, slot, day, station.id, sessions)
                    count += wall is not None and datetime.combine(day, wall, VIETNAM) >= NOW
    return count


def asked_wall(
    each: RuleFact, slot: WallSlot, day: date, station_id: str, sessions: dict[str, SessionFact]
) -> time | None:
    """When the slot is asked, None where it is taken out: the station's own change before that for everybody."""
    changes = {
        change.station_id: change for change in each.changes if (change.local_on, change.slot_key) == (day, slot.key)
    }
    change = changes.get(station_id) or changes.get(None)
    if change is not None and (change.is_skipped or change.to_time is not None):
        return None if change.is_skipped else change.to_time
    if slot.wall_time is not None:
        return slot.wall_time
    if each.per_day is None:
        assert slot.session is not None
        return sessions[slot.session].from_time if slot.session in sessions else time()
    named = sorted(
        (session for session in sessions.values() if session.name in each.sessions),
        key=lambda session: session.from_time,
    )
    if not named:
        return time()
    of = [(number * len(named)) // each.per_day for number in range(each.per_day)]
    session = named[of[slot.place - 1]]
    fellows, turn = of.count(of[slot.place - 1]), of[: slot.place - 1].count(of[slot.place - 1])
    minutes = (session.until_time.hour - session.from_time.hour) * 60
    minutes += session.until_time.minute - session.from_time.minute
    begins = session.from_time.hour * 60 + session.from_time.minute + minutes * turn // fellows
    return time(*divmod(begins, 60))


@quick
@given(rules(), policies())
def test_no_two_airings_of_a_station_overlap(some_rules: list[RuleFact], some_policies: list[PolicyFact]) -> None:
    assert overlaps(standing(made(some_rules, some_policies))) == []


@quick
@given(rules(), policies())
def test_nothing_airs_inside_a_curfew_except_an_emergency_whose_approver_is_named_nor_so_much_as_touches_one(
    some_rules: list[RuleFact], some_policies: list[PolicyFact]
) -> None:
    storm = alarm(begins_at=NOW)
    rows = standing(made([*some_rules, storm], some_policies))
    touching = [row for row in rows if in_curfew(row, some_policies)]
    assert {row.rule_id for row in touching} <= {storm.id}
    assert all(row.approved_by for row in rows)


@quick
@given(rules(), policies())
def test_planning_twice_changes_nothing(some_rules: list[RuleFact], some_policies: list[PolicyFact]) -> None:
    first = made(some_rules, some_policies)
    again = made(some_rules, some_policies, standing(first))
    assert (again.add, again.change, again.cancel) == ((), (), ())
    assert again.unchanged == len(first.add)
    assert again.refused == first.refused


@quick
@given(st.data(), rules(), policies())
def test_any_order_of_the_input_gives_the_same_plan(
    data: st.DataObject, some_rules: list[RuleFact], some_policies: list[PolicyFact]
) -> None:
    rows = standing(made(some_rules[1:], some_policies))
    expected = made(some_rules, some_policies, rows)
    shuffled = plan(
        data.draw(st.permutations(some_rules)),
        data.draw(st.permutations(STATIONS)),
        data.draw(st.permutations(UNITS)),
        data.draw(st.permutations(some_policies)),
        data.draw(st.permutations(rows)),
        NOW,
        window_days=DAYS,
    )
    assert shuffled == expected


@quick
@given(rules(), policies())
def test_every_slot_that_a_rule_asked_for_and_the_plan_did_not_grant_has_a_reason_that_a_person_can_read(
    some_rules: list[RuleFact], some_policies: list[PolicyFact]
) -> None:
    result = made(some_rules, some_policies)
    assert len(result.add) + len(result.refused) == asked_count(some_rules, some_policies)
    keys = [airing.id for airing in result.add] + [refused.key for refused in result.refused]
    assert len(set(keys)) == len(keys)
    for refused in result.refused:
        assert len(refused.reason) > 20
        assert refused.reason.endswith(".")


@quick
@given(rules(), rules(), policies(), st.integers(0, 30 * 60))
def test_nothing_that_began_before_now_is_added_moved_or_cancelled(
    before: list[RuleFact], after: list[RuleFact], some_policies: list[PolicyFact], minutes: int
) -> None:
    rows = standing(made(before, some_policies))
    later = NOW + timedelta(minutes=minutes)
    result = made(after, some_policies, rows, later)
    past = {row.id for row in rows if row.starts_at < later}
    assert all(airing.starts_at >= later for airing in (*result.add, *result.change))
    assert past.isdisjoint(change.id for change in (*result.add, *result.change, *result.cancel))
    assert overlaps(standing(result, rows)) == []


@quick
@given(rules(), policies(), st.integers(1, 30 * 60))
def test_time_alone_moves_nothing_that_is_planned(
    some_rules: list[RuleFact], some_policies: list[PolicyFact], minutes: int
) -> None:
    rows = standing(made(some_rules, some_policies))
    result = made(some_rules, some_policies, rows, NOW + timedelta(minutes=minutes))
    assert result.cancel == ()
    assert result.change == ()


@quick
@given(
    rules(),
    policies(),
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["wait", "start", "stop", "withdraw"])), max_size=6),
)
def test_through_emergencies_the_past_stays_and_planning_again_changes_nothing(
    some_rules: list[RuleFact], some_policies: list[PolicyFact], events: list[tuple[int, str]]
) -> None:
    rows: list[ExistingAiring] = []
    now, current = NOW, list(some_rules)
    for minutes, event in [(0, "wait"), *events]:
        now += timedelta(minutes=minutes, seconds=7)
        if event == "start":
            current.append(alarm(f"bao-{now:%d-%H%M%S}", begins_at=now))
        elif event == "stop":
            current = [replace(each, ends_at=each.ends_at or now) if each.begins_at else each for each in current]
        elif event == "withdraw":
            gone = tuple(replace(each, withdrawn_at=now) for each in current[0].bulletins)
            current = [replace(current[0], bulletins=gone), *current[1:]]
        result = made(current, some_policies, rows, now)
        past = {row.id for row in rows if row.starts_at < now and row.ends_at <= now and row.repeats is not None}
        assert past.isdisjoint(change.id for change in (*result.add, *result.change, *result.cancel))
        rows = standing(result, rows)
        again = made(current, some_policies, rows, now)
        assert (again.add, again.change, again.cancel) == ((), (), ())
        for one, two in overlaps(rows):
            assert "emergency" in (one.bulletin_class, two.bulletin_class)
            assert one.starts_at < now


@quick
@given(rules(), policies())
def test_batches_of_stations_give_the_same_plan_as_all_at_once(
    some_rules: list[RuleFact], some_policies: list[PolicyFact]
) -> None:
    planner = Planner(some_rules, UNITS, some_policies, NOW, window_days=DAYS)
    parts = [planner.plan([station], []) for station in STATIONS]
    whole = made(some_rules, some_policies)
    assert [airing for part in parts for airing in part.add] == list(whole.add)
    assert [refused for part in parts for refused in part.refused] == list(whole.refused)


@quick
@given(rules(), policies())
def test_the_same_text_cap_holds(some_rules: list[RuleFact], some_policies: list[PolicyFact]) -> None:
    territory, book = Territory(UNITS), PolicyBook(some_policies)
    counts: dict[tuple[str, date, str], int] = defaultdict(int)
    for row in standing(made(some_rules, some_policies)):
        counts[row.station_id, row.local_on, row.bulletin_id] += 1
    for (station_id, day, _), count in counts.items():
        station = next(each for each in STATIONS if each.id == station_id)
        most = book.effective(territory.chain(station.units[0].unit_id, day), day).same_text_a_day
        assert most is None or count <= most


@quick
@given(rules(), policies())
def test_no_text_of_last_evening_airs_at_dawn(some_rules: list[RuleFact], some_policies: list[PolicyFact]) -> None:
    territory, book = Territory(UNITS), PolicyBook(some_policies)
    rows = standing(made(some_rules, some_policies))
    evenings = set()
    for row in rows:
        begins = row.starts_at.astimezone(VIETNAM)
        if begins.time() >= time(16):
            evenings.add((row.station_id, row.bulletin_id, begins.date()))
    for row in rows:
        begins = row.starts_at.astimezone(VIETNAM)
        station = next(each for each in STATIONS if each.id == row.station_id)
        chain = territory.chain(station.units[0].unit_id, begins.date())
        before = book.effective(chain, begins.date()).no_repeat_before
        if before is not None and begins.time() < before:
            assert (row.station_id, row.bulletin_id, begins.date() - timedelta(days=1)) not in evenings


@quick
@given(rules(), policies())
def test_sessions_are_no_longer_and_no_more_than_the_policy_says(
    some_rules: list[RuleFact], some_policies: list[PolicyFact]
) -> None:
    territory, book = Territory(UNITS), PolicyBook(some_policies)
    by_day = defaultdict(list)
    for row in standing(made(some_rules, some_policies)):
        by_day[row.station_id, row.local_on].append(row)
    for (station_id, day), rows in by_day.items():
        station = next(each for each in STATIONS if each.id == station_id)
        policy = book.effective(territory.chain(station.units[0].unit_id, day), day)
        longest = policy.longest_session_minutes
        if policy.sessions:
            spoken = defaultdict(timedelta)
            for row in rows:
                wall = row.starts_at.astimezone(VIETNAM).time()
                (name,) = [each.name for each in policy.sessions if each.from_time <= wall < each.until_time]
                spoken[name] += row.ends_at - row.starts_at
            assert policy.sessions_a_day is None or len(spoken) <= policy.sessions_a_day
            assert longest is None or max(spoken.values()) <= timedelta(minutes=longest)
        elif longest is not None:
            runs: list[list[datetime]] = []  # what airs without a break of ten minutes
            for row in sorted(rows, key=lambda row: row.starts_at):
                if runs and row.starts_at - runs[-1][1] < timedelta(minutes=10):
                    runs[-1][1] = row.ends_at
                else:
                    runs.append([row.starts_at, row.ends_at])
            assert all(end - start <= timedelta(minutes=longest) for start, end in runs)


def test_days_are_local_days_0530_belongs_to_that_morning_though_it_is_the_day_before_in_utc() -> None:
    told = rule("r", "05:30", weekdays=frozenset({7}), from_on=SUNDAY, until_on=SUNDAY)
    saturday_evening = at("20:00", SUNDAY - timedelta(days=1))
    (airing,) = planned(told, now=saturday_evening, window_days=2).add
    assert airing.starts_at == datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert airing.starts_at.date() == date(2026, 11, 21)
    assert airing.local_on == SUNDAY
    assert day_span(SUNDAY)[0] <= airing.starts_at < day_span(SUNDAY)[1]
    assert local(airing.starts_at) == "22/11 05:30"


def test_the_29th_of_february_and_tet_are_days_like_any_other() -> None:
    leap = date(2028, 2, 29)
    result = planned(rule("r", "05:30"), now=at("00:00", leap), window_days=2)
    assert [airing.local_on for airing in result.add] == [leap, date(2028, 3, 1)]
    tet = date(2027, 2, 6)
    result = planned(rule("r", "05:30", dates=frozenset({tet})), now=at("00:00", date(2027, 2, 1)), window_days=15)
    assert [airing.local_on for airing in result.add] == [tet]


def test_a_zone_with_summer_time_asks_each_day_once() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        now = day_span(day, berlin)[0]
        policy = PolicyFact("p", "huyen", curfew=(WallSpan(time(23), time(1)),))
        told = rule("r", "00:30", "02:30", "22:30")
        result = plan([told], [A], UNITS, [policy], [], now, window_days=2, zone=berlin)
        assert [airing.slot_key for airing in result.add] == ["02:30", "22:30"] * 2
        assert [refused.code for refused in result.refused] == ["curfew"] * 2
        assert result.add[1].starts_at.astimezone(berlin).time() == time(22, 30)


def test_one_bulletin_that_cannot_air_stops_no_other() -> None:
    result = planned(
        rule("hong", "05:30", of=bulletin("hỏng", audios=()), age=9), rule("lanh", "05:30", of=bulletin("lành"))
    )
    assert codes(result) == [("hong", "22/11 05:30", "not_approved")]
    assert [(airing.rule_id, local(airing.starts_at)) for airing in result.add] == [("lanh", "22/11 05:30")]
