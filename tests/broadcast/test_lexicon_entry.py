"""Entries of the lexicon: where each holds, which one wins, that rows about the past stay as they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from broadcast.clock import local_day
from broadcast.db import Database
from broadcast.errors import Conflict, Invalid
from broadcast.lexicon_entry import EVERYWHERE, Kind, LexiconEntry, Place
from broadcast.lexicon_readings import entries_for, list_entries
from broadcast.lexicon_writing import add_entry, bring_back, change_entry, end_entry
from broadcast.person import Person
from broadcast.unit import UnitTree
from tests.district import District


@dataclass
class Desk:
    """One writer's hand on the lexicon of a small district."""

    session: Session
    now: datetime
    district: District

    def add(self, written: str, spoken: str, place: Place = EVERYWHERE, kind: Kind = Kind.TERM) -> LexiconEntry:
        return add_entry(
            self.session, self.district.author, self.now, written=written, spoken=spoken, kind=kind, place=place
        )

    def read_in(self, unit_id: int, bulletin_id: int | None = None) -> dict[str, str]:
        tree = UnitTree.on(self.session, local_day(self.now))
        return {written: spoken for written, spoken, _ in entries_for(self.session, tree, unit_id, bulletin_id)}


@pytest.fixture
def desk(session: Session, now: datetime) -> Desk:
    return Desk(session, now, District(session, now))


def test_the_bulletin_s_own_entry_wins_over_the_unit_s_and_that_over_the_one_of_everywhere(desk: Desk) -> None:
    district = desk.district
    bulletin = district.bulletin("B1")
    desk.add("VNEN", "khắp nơi")
    assert desk.read_in(district.commune.id, bulletin.id) == {"VNEN": "khắp nơi"}
    desk.add("VNEN", "của huyện", Place(district.top.id))
    assert desk.read_in(district.commune.id) == {"VNEN": "của huyện"}
    desk.add("VNEN", "của xã", Place(district.commune.id))
    assert desk.read_in(district.commune.id) == {"VNEN": "của xã"}
    assert desk.read_in(district.top.id) == {"VNEN": "của huyện"}
    desk.add("VNEN", "của bản tin", Place(bulletin_id=bulletin.id))
    assert desk.read_in(district.commune.id, bulletin.id) == {"VNEN": "của bản tin"}
    assert desk.read_in(district.commune.id) == {"VNEN": "của xã"}


def test_an_entry_of_one_unit_says_nothing_elsewhere(desk: Desk) -> None:
    other = desk.district.unit("Y")
    desk.add("VNEN", "của xã", Place(desk.district.commune.id))
    assert desk.read_in(other.id) == {}
    assert desk.read_in(desk.district.top.id) == {}


def test_a_word_in_any_case_hides_what_lies_farther_off_in_whatever_case(desk: Desk) -> None:
    desk.add("WIFI", "quai phai")
    desk.add("WiFi", "uy phi", kind=Kind.FOREIGN)
    assert desk.read_in(desk.district.top.id) == {"WIFI": "quai phai", "WiFi": "uy phi"}
    desk.add("wifi", "oai phai", Place(desk.district.top.id), Kind.FOREIGN)
    assert desk.read_in(desk.district.top.id) == {"wifi": "oai phai"}


@pytest.mark.parametrize(
    ("written", "kind", "is_refused"),
    [
        ("Wifi", Kind.FOREIGN, True),
        ("WIFI", Kind.NAME, True),
        ("wifi", Kind.TERM, True),
        ("WIFI", Kind.TERM, False),
        ("wifi free", Kind.FOREIGN, False),
    ],
)
def test_two_entries_for_one_form_at_one_place_are_refused_with_what_is_there(
    desk: Desk, written: str, kind: Kind, is_refused: bool
) -> None:
    desk.add("wifi", "oai phai", kind=Kind.FOREIGN)
    if not is_refused:
        desk.add(written, "uy phi", kind=kind)
        return
    with pytest.raises(Conflict) as refused:
        desk.add(written, "uy phi", kind=kind)
    assert "“wifi” đã có cách đọc “oai phai” do Một đặt" in refused.value.message_vi
    assert refused.value.field == "written"
    desk.add(written, "uy phi", Place(desk.district.top.id), kind)


def test_a_change_ends_the_old_row_and_adds_a_new_one(desk: Desk) -> None:
    old = desk.add("VNEN", "vê en e en")
    later, other = desk.now + timedelta(hours=1), desk.district.approver
    new = change_entry(
        desk.session, old, other, later, written="VNEN", spoken="vê nen", kind=Kind.TERM, place=EVERYWHERE
    )
    assert new.id != old.id
    assert (old.spoken, old.ended_at, old.ended_by) == ("vê en e en", later, other)
    assert (new.spoken, new.created_at, new.created_by, new.ended_at) == ("vê nen", later, other, None)
    assert desk.read_in(desk.district.top.id) == {"VNEN": "vê nen"}


def test_a_change_that_changes_nothing_adds_no_row(desk: Desk) -> None:
    entry = desk.add("VNEN", "vê nen")
    same = change_entry(
        desk.session, entry, desk.district.author, desk.now,
        written="VNEN", spoken="vê nen", kind=Kind.TERM, place=EVERYWHERE,
    )  # fmt: skip
    assert same is entry
    assert entry.ended_at is None


def test_whoever_comes_second_with_a_change_is_told_who_was_first(desk: Desk) -> None:
    entry = desk.add("VNEN", "vê en e en")
    end_entry(desk.session, entry, desk.district.approver, desk.now)
    with pytest.raises(Conflict, match="Hai vừa sửa hoặc thôi dùng mục “VNEN”"):
        end_entry(desk.session, entry, desk.district.author, desk.now)
    with pytest.raises(Conflict, match="Hai vừa sửa"):
        change_entry(
            desk.session, entry, desk.district.author, desk.now,
            written="VNEN", spoken="vê nen", kind=Kind.TERM, place=EVERYWHERE,
        )  # fmt: skip
    assert desk.read_in(desk.district.top.id) == {}


def test_what_was_ended_comes_back_as_a_new_row_unless_something_else_is_there(desk: Desk) -> None:
    entry = desk.add("VNEN", "vê nen")
    with pytest.raises(Conflict, match="đang được dùng"):
        bring_back(desk.session, entry, desk.district.author, desk.now)
    end_entry(desk.session, entry, desk.district.author, desk.now)
    back = bring_back(desk.session, entry, desk.district.approver, desk.now)
    assert back.id != entry.id
    assert back.held.spoken == "vê nen"
    assert back.created_by is desk.district.approver
    with pytest.raises(Conflict, match="đã có cách đọc"):
        bring_back(desk.session, entry, desk.district.author, desk.now)


def test_the_list_shows_places_that_are_asked_for_and_no_others(desk: Desk) -> None:
    district = desk.district
    own, foreign = district.draft("B1"), district.unit("Z")
    desk.add("A1", "một")
    desk.add("A2", "hai", Place(district.commune.id))
    desk.add("A3", "ba", Place(foreign.id))
    desk.add("A4", "bốn", Place(bulletin_id=own.id))
    gone = desk.add("A5", "năm", Place(district.top.id))
    end_entry(desk.session, gone, district.author, desk.now)

    def written(units: set[int], bulletins_of: set[int], *, ended: bool = False) -> set[str]:
        return {entry.written for entry in list_entries(desk.session, units, bulletins_of, ended=ended)}

    ours = {district.top.id, district.commune.id}
    assert written(ours, ours) == {"A1", "A2", "A4"}
    assert written({foreign.id}, {foreign.id}) == {"A1", "A3"}
    assert written(ours, ours, ended=True) == {"A5"}
    assert written({foreign.id}, set(), ended=True) == set()


@pytest.mark.parametrize(
    ("written", "spoken", "field"), [("", "một", "written"), ("A" * 101, "một", "written"), ("A", "", "spoken")]
)
def test_what_no_column_holds_is_refused(desk: Desk, written: str, spoken: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.add(written, spoken)
    assert refused.value.field == field


def somebody_waits(database: Database) -> bool:
    """On PostgreSQL: until another transaction waits for a lock. SQLite's writers queue before they begin."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with database.engine.connect() as connection:
        return database.is_sqlite or any(connection.scalar(waiting) for _ in range(5_000))


def test_of_two_people_who_add_the_same_form_at_once_the_second_sees_the_first_one_s(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        person_id = District(session, now).author.id

    def add(session: Session, spoken: str) -> None:
        person = session.get_one(Person, person_id)
        add_entry(session, person, now, written="VNEN", spoken=spoken, kind=Kind.TERM, place=EVERYWHERE)

    def second() -> None:
        with database.writing() as session:
            add(session, "hai")

    with ThreadPoolExecutor(1) as elsewhere:
        with database.writing() as session:
            add(session, "một")
            late = elsewhere.submit(second)
            assert somebody_waits(database)
        with pytest.raises(Conflict, match="đã có cách đọc “một”"):
            late.result()
