"""What is wrong with stations shortly before their airings: a table of what is known and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schedules.foresight.preflight import Due, Finding, Ready, Said, look_over

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=5)
SOUND, OTHER = "ab" * 32, "cd" * 32

SOON = Due("a", NOW + timedelta(minutes=10), SOUND, is_held=True)
LATER = Due("b", NOW + timedelta(minutes=20), OTHER, is_held=True)
RELAY = Due("r", NOW + timedelta(minutes=5), None, is_held=True)
FINE = Said(
    seen_at=NOW - timedelta(seconds=30), clock_source="server", clock_offset_ms=120, volume=80, holds_programme=True,
    audio_held=3, audio_missing=0,
)  # fmt: skip
STATION = Ready(1, True, (SOON, LATER), FINE, 80)


def codes(station: Ready) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(each.code, each.airings, each.is_grave) for each in look_over([station], NOW, PATIENCE).found]


def says(**values: object) -> Ready:
    return replace(STATION, said=replace(FINE, **values))  # type: ignore[arg-type]


BOTH = ("a", "b")

TABLE = [
    (STATION, [], "everything is there"),
    (replace(STATION, is_enrolled=False), [("not_enrolled", BOTH, True)], "no machine: the rest says nothing more"),
    (replace(STATION, said=Said()), [("awaited", BOTH, True)], "a machine that never spoke"),
    (says(seen_at=NOW - PATIENCE), [], "exactly at the patience it is not silent yet"),
    (
        says(seen_at=NOW - PATIENCE - timedelta(seconds=1)),
        [("silent", BOTH, False)],
        "silent, but it holds its programme and plays by itself",
    ),
    (says(clock_source="none"), [("clock_none", BOTH, True)], "without the time it plays nothing"),
    (says(clock_source="none", clock_offset_ms=90_000), [("clock_none", BOTH, True)], "told once"),
    (says(clock_offset_ms=2000), [], "at the limit"),
    (says(clock_offset_ms=-2001), [("clock_off", BOTH, False)], "over it, to either side; it is known and allowed for"),
    (says(clock_offset_ms=None), [], "nothing measured yet is nothing wrong"),
    (says(errors=("Không mở được thiết bị âm thanh",)), [("errors", BOTH, True)], "the station says so itself"),
    (says(volume=0), [("muted", BOTH, True)], "turned down at the station"),
    (replace(STATION, volume=0), [("muted", BOTH, True)], "turned down by us"),
    (says(volume=None), [], "an unknown volume is no silence"),
    (says(holds_programme=False), [("no_programme", BOTH, True)], "holds no programme of ours"),
    (
        replace(STATION, due=(SOON, replace(LATER, is_held=False))),
        [("behind", ("b",), True)],
        "its programme is older than one airing",
    ),
    (
        says(audio_missing=1),
        [("audio", BOTH, True)],
        "one is missing, it does not say which, and the log knows of neither",
    ),
    (
        says(audio_missing=1, fetched={SOUND: NOW}),
        [("audio", ("b",), True), ("audio_fetched", ("a",), False)],
        "the log says that one of the two was fetched",
    ),
    (
        says(audio_missing=1, fetched={SOUND: NOW, OTHER: NOW}),
        [("audio_fetched", BOTH, False)],
        "both were fetched: what is missing is for another day",
    ),
    (
        says(audio_missing=3, audio_held=0, fetched={SOUND: NOW, OTHER: NOW}),
        [("audio", BOTH, True)],
        "it holds none at all: whatever was fetched is gone",
    ),
    (replace(says(audio_missing=2), due=(RELAY,)), [], "a relay needs no file"),
    (
        replace(says(audio_missing=1), due=(replace(SOON, is_held=False),)),
        [("behind", ("a",), True)],
        "what its programme does not name it cannot be said to lack",
    ),
    (replace(STATION, due=()), [], "nothing begins there: nothing is said"),
    (replace(STATION, due=(), is_enrolled=False), [], "nor of a machine that is not there"),
]


@pytest.mark.parametrize(("station", "expected", "why"), TABLE, ids=[why for _, _, why in TABLE])
def test_what_is_known_of_a_station_leads_to_these_findings(station, expected, why):
    assert codes(station) == expected


def test_a_station_may_have_several_things_wrong_at_once_the_grave_first():
    station = says(seen_at=NOW - timedelta(hours=1), clock_offset_ms=5000, volume=0)
    assert [code for code, _, _ in codes(station)] == ["muted", "silent", "clock_off"]


def test_findings_stand_by_gravity_then_by_the_earliest_airing_then_by_station():
    late = Ready(1, False, (LATER,), Said(), 80)
    early = Ready(2, False, (replace(SOON, id="x"),), Said(), 80)
    silent = Ready(3, True, (replace(RELAY, id="y"),), replace(FINE, seen_at=NOW - timedelta(hours=1)), 80)
    found = look_over([late, early, silent], NOW, PATIENCE).found
    assert [each.station_id for each in found] == [2, 1, 3]


def test_each_airing_is_either_in_danger_or_safe():
    broken = Ready(2, False, (replace(SOON, id="x"),), Said(), 80)
    silent = Ready(3, True, (replace(SOON, id="y"),), replace(FINE, seen_at=NOW - timedelta(hours=1)), 80)
    findings = look_over([STATION, broken, silent], NOW, PATIENCE)
    assert findings.in_danger == {"x"}
    assert findings.safe == {"a", "b", "y"}
    assert findings.by_station() == {
        2: [Finding(2, "not_enrolled", ("x",), True)],
        3: [Finding(3, "silent", ("y",), False)],
    }


def test_the_order_of_the_rows_changes_nothing():
    rows = [STATION, Ready(2, False, (replace(SOON, id="x"),), Said(), 80), Ready(3, True, (RELAY,), Said(), 80)]
    assert look_over(rows, NOW, PATIENCE) == look_over(reversed(rows), NOW, PATIENCE)
