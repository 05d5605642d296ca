"""Before airings begin: what of them is in danger, and why. Rows in, findings out; asks no clock and no database.

What the server knows of a station is what it last said: the sequence of the programme it holds, how many sounds it
holds and lacks (not which), its clock, its volume; and from its log, which sounds it ever fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

FindingCode = Literal[
    "not_enrolled",
    "awaited",
    "clock_none",
    "errors",
    "muted",
    "no_programme",
    "behind",
    "audio",
    "silent",
    "clock_off",
    "audio_fetched",
]

GRAVE: frozenset[FindingCode] = frozenset(
    {"not_enrolled", "awaited", "clock_none", "errors", "muted", "no_programme", "behind", "audio"}
)
"""Nothing will be heard, or most likely nothing. A silent station that holds its programme still plays by itself."""

CLOCK_IS_OFF = timedelta(seconds=2)
"""Further apart than this, a station's clock and the server's differ by more than the way between them."""


@dataclass(frozen=True, slots=True)
class Due:
    """An airing that begins soon. `audio` is the sound it plays, None for a relay; `is_held`: whether the programme
    that the station says it holds names it exactly as it is planned now."""

    id: str
    starts_at: datetime
    audio: str | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a station last said of itself, None where it never did. `holds_programme`: it named a programme that we
    gave it. `fetched`: sound → when its log says that it was fetched, asked only where sounds are missing."""

    seen_at: datetime | None = None
    clock_source: str | None = None
    clock_offset_ms: int | None = None
    volume: int | None = None
    holds_programme: bool = False
    audio_held: int | None = None
    audio_missing: int | None = None
    errors: tuple[str, ...] = ()
    fetched: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """A station with what begins there soon."""

    station_id: int
    is_enrolled: bool
    due: tuple[Due, ...]
    said: Said
    volume: int
    """What it is told to play at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong at a station. `airings` are those in danger by it; `is_grave`: they will not be heard."""

    station_id: int
    code: FindingCode
    airings: tuple[str, ...]
    is_grave: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """`in_danger` are the airings of grave findings, `safe` all the others that begin soon."""

    found: tuple[Finding, ...]
    in_danger: frozenset[str]
    safe: frozenset[str]

    def by_station(self) -> dict[int, list[Finding]]:
        grouped: defaultdict[int, list[Finding]] = defaultdict(list)
        for finding in self.found:
            grouped[finding.station_id].append(finding)
        return dict(grouped)


def look_over(stations: Iterable[Ready], now: datetime, silent_after: timedelta) -> Findings:
    """Everything that is wrong at stations where something begins soon, the grave first, then the earliest."""
    begins: dict[str, datetime] = {}
    found: list[Finding] = []
    for station in stations:
        if station.due:
            begins |= {due.id: due.starts_at for due in station.due}
            found += _of(station, now, silent_after)
    found.sort(key=lambda each: (not each.is_grave, min(begins[one] for one in each.airings), each.station_id))
    in_danger = frozenset(one for each in found if each.is_grave for one in each.airings)
    return Findings(tuple(found), in_danger, frozenset(begins) - in_danger)


def _of(station: Ready, now: datetime, silent_after: timedelta) -> list[Finding]:
    said, due = station.said, station.due
    if not station.is_enrolled:
        return [_finding(station, "not_enrolled", due)]
    if said.seen_at is None:
        return [_finding(station, "awaited", due)]
    found = []
    if now - said.seen_at > silent_after:
        found.append(_finding(station, "silent", due))
    if said.clock_source == "none":
        found.append(_finding(station, "clock_none", due))
    elif said.clock_offset_ms is not None and abs(said.clock_offset_ms) > CLOCK_IS_OFF / timedelta(milliseconds=1):
        found.append(_finding(station, "clock_off", due))
    if said.errors:
        found.append(_finding(station, "errors", due))
    if station.volume == 0 or said.volume == 0:
        found.append(_finding(station, "muted", due))
    return found + _programme(station)


def _programme(station: Ready) -> list[Finding]:
    """Whether it knows what to play, and has it."""
    said, due = station.said, station.due
    if not said.holds_programme:
        return [_finding(station, "no_programme", due)]
    found = []
    if unknown := [each for each in due if not each.is_held]:
        found.append(_finding(station, "behind", unknown))
    # What it lacks is counted over the programme it holds; of what that does not name it can lack nothing yet.
    if said.audio_missing:
        files = [each for each in due if each.is_held and each.audio is not None]
        lacking = [each for each in files if not said.audio_held or each.audio not in said.fetched]
        if lacking:
            found.append(_finding(station, "audio", lacking))
        if there := [each for each in files if each not in lacking]:
            found.append(_finding(station, "audio_fetched", there))
    return found


def _finding(station: Ready, code: FindingCode, due: Sequence[Due]) -> Finding:
    return Finding(station.station_id, code, tuple(each.id for each in due), code in GRAVE)
