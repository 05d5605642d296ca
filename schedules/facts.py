"""What the plan is told and what it answers: small frozen values, no rows, no session.

Ids are opaque strings (UUIDs in the database). Instants (`_at`) are aware UTC datetimes, dates (`_on`) and wall times
(`_time`) are local. Ranges of dates include both ends and None means always; spans of instants are half-open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, NamedTuple

BulletinClass = Literal["normal", "priority", "emergency"]
OnCollision = Literal["after", "refuse"]
Place = Literal["any", "opening"]
Holidays = Literal["any", "skip", "only"]
RefusalCode = Literal[
    "withdrawn",
    "expired",
    "not_approved",
    "no_audio",
    "curfew",
    "policy",
    "day",
    "cap",
    "session_full",
    "collision",
]
# A cancelled airing carries the code that refuses its slot now, or one of: an emergency takes the time, an emergency
# was stopped, nothing asks for the slot any more.
CancelReason = RefusalCode | Literal["emergency", "stopped", "not_asked"]
AiringState = Literal["planned", "cancelled"]

DEFAULT_LATEST_START_S = 120
# An emergency that repeats until stopped is still worth beginning on a station that comes back days later.
OPEN_LATEST_START_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DatedLink:
    """A station's or a unit's membership in unit `unit_id` from `from_on` to `until_on`, both included."""

    unit_id: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChoiceFact:
    """What a unit chose about rule `rule_id` on its stations: its place among the rules of one class (the lower goes
    first, those with a place before those without), or not to air it, which only normal bulletins heed."""

    rule_id: str
    place: int | None = None
    is_declined: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A unit and, by date, the unit above it; on a date that no link covers it is a root. Its choices hold below it,
    those of the nearest unit that chose about a rule."""

    id: str
    name: str
    parents: tuple[DatedLink, ...] = ()
    choices: tuple[ChoiceFact, ...] = ()


@dataclass(frozen=True, slots=True)
class StationFact:
    """A station and, by date, its unit. On a date that no link covers nothing is asked of it.

    `met`: (rule, day) for which a rule that ends when its obligation is met asks nothing more; None for every day.
    """

    id: str
    units: tuple[DatedLink, ...]
    met: frozenset[tuple[str, date | None]] = frozenset()


@dataclass(frozen=True, slots=True)
class WallSpan:
    """Wall times, half-open. `until_time` not after `from_time` reaches over midnight; equal ends are a whole day."""

    from_time: time
    until_time: time


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A named session (khung giờ phát) inside one local day."""

    name: str
    from_time: time
    until_time: time


@dataclass(frozen=True, slots=True)
class PolicyFact:
    """Dated rules of a unit, inherited below it. None in a field: this policy says nothing about it.

    `curfew=()` and `sessions=()` are "none", and hide what units above say. `weekdays` are ISO days (Monday 1) on
    which anything may air. `no_repeat_before`: earlier than that nothing airs that aired the evening before (from
    16:00 on); midnight is "none". `source` is the document it comes from, shown in refusals.
    """

    id: str
    unit_id: str
    from_on: date | None = None
    until_on: date | None = None
    curfew: tuple[WallSpan, ...] | None = None
    sessions: tuple[SessionFact, ...] | None = None
    longest_session_minutes: int | None = None
    sessions_a_day: int | None = None
    weekdays: frozenset[int] | None = None
    same_text_a_day: int | None = None
    no_repeat_before: time | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class AudioFact:
    """One sound as an approval names it: a file by hash, or a relay by address.

    `unit_id`: the unit whose variant it is, None for everybody's. `approved_by`: the approver's name, None while
    nobody approved this very sound. `available=False`: approved, but its file is not there.
    """

    sha256: str | None
    duration_ms: int
    approved_by: str | None
    approved_at: datetime | None = None
    unit_id: str | None = None
    relay: str | None = None
    available: bool = True


@dataclass(frozen=True, slots=True)
class BulletinFact:
    """A bulletin as the plan needs it. Valid in the half-open span `valid_from`–`valid_until` (instants, None: open).

    `audios` are the sounds of the revision that is to air: the newest approved one, or where there is none the newest
    of all. A station gets the variant of its own unit, else the one with no unit.
    """

    id: str
    title: str
    bulletin_class: BulletinClass = "normal"
    audios: tuple[AudioFact, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SlotChange:
    """One slot of a rule on one day, changed: on `station_id` alone, or (None) on all stations. It is not asked
    (`is_skipped`), or asked at `to_time` of the same day, or with another `bulletin`. It stays the slot it was."""

    local_on: date
    slot_key: str
    station_id: str | None = None
    is_skipped: bool = False
    to_time: time | None = None
    bulletin: BulletinFact | None = None


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A rule: bulletins × targets × days × times, in wall time.

    `unit_id` owns the rule; `targets` are ids of units (their whole subtree, as it is on each date) and of stations.
    Days: every day, unless `weekdays` (ISO, Monday 1), `dates` or `lunar_days` (days of the Vietnamese lunar month,
    leap months too) is given, then the days of any of them; never `except_on`. `holidays` (public ones): like any day,
    none of them, or only they.
    Slots of a day: `times`, and every `every_minutes` from the first to the last time of `between` (both included),
    and `per_session` places in each of `sessions` (names as the station's policy has them), or where `per_day` is
    given that many places spread over these sessions, over all of the station's where none is named.
    `place` in a session: "opening" goes before all else. `changes`: single slots that are otherwise.
    An emergency that begins at an instant has `begins_at` instead of all these, and `repeats=None`: until `ends_at`,
    which the one who stops it sets. `ends_at` ends any rule at that instant.
    `shift_minutes`: how much later than asked it may begin when something is there before it.
    """

    id: str
    code: str
    unit_id: str
    created_at: datetime
    bulletins: tuple[BulletinFact, ...]
    targets: frozenset[str]
    weekdays: frozenset[int] | None = None
    dates: frozenset[date] | None = None
    times: tuple[time, ...] = ()
    every_minutes: int | None = None
    between: tuple[time, time] | None = None
    sessions: tuple[str, ...] = ()
    per_session: int = 1
    per_day: int | None = None
    place: Place = "any"
    lunar_days: frozenset[int] | None = None
    holidays: Holidays = "any"
    from_on: date | None = None
    until_on: date | None = None
    except_on: frozenset[date] = frozenset()
    changes: tuple[SlotChange, ...] = ()
    ends_when_met: bool = False
    repeats: int | None = 1
    gap_ms: int = 0
    on_collision: OnCollision = "after"
    shift_minutes: int = 10
    latest_start_s: int | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None


class PlannedAiring(NamedTuple):
    """One airing as it is to stand in the table. `duration_ms` is one reading; `ends_at` follows the last of
    `repeats` readings with `gap_ms` between them (`repeats=None`: the first, DESIGN §5.7)."""

    id: str
    station_id: str
    rule_id: str
    bulletin_id: str
    local_on: date
    slot_key: str
    asked_at: datetime
    starts_at: datetime
    ends_at: datetime
    latest_start_at: datetime
    bulletin_class: BulletinClass
    audio: str | None
    relay: str | None
    duration_ms: int
    repeats: int | None
    gap_ms: int
    approved_by: str


class ExistingAiring(NamedTuple):
    """A row that is there already: the fields of PlannedAiring in the same order, and whether it is cancelled."""

    id: str
    station_id: str
    rule_id: str
    bulletin_id: str
    local_on: date
    slot_key: str
    asked_at: datetime
    starts_at: datetime
    ends_at: datetime
    latest_start_at: datetime
    bulletin_class: BulletinClass
    audio: str | None
    relay: str | None
    duration_ms: int
    repeats: int | None
    gap_ms: int
    approved_by: str
    state: AiringState = "planned"


class CancelledAiring(NamedTuple):
    """An airing to cancel."""

    id: str
    station_id: str
    reason: CancelReason


class Refused(NamedTuple):
    """An asked slot that was not granted. `key` is the id its airing would have; `reason` a Vietnamese sentence;
    `facts` what the sentence rests on, JSON values only."""

    key: str
    station_id: str
    rule_id: str
    bulletin_id: str
    local_on: date
    slot_key: str
    asked_at: datetime
    code: RefusalCode
    reason: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `replan` has to do. `change` are whole airings for ids that exist (a cancelled one among them comes back).

    `unchanged` counts airings in the window that stand as they are; asked slots = add + change + unchanged + refused.
    """

    add: tuple[PlannedAiring, ...] = ()
    change: tuple[PlannedAiring, ...] = ()
    cancel: tuple[CancelledAiring, ...] = ()
    refused: tuple[Refused, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a rule as it was typed: the field, and a Vietnamese sentence saying what would be right."""

    field: str
    message_vi: str
