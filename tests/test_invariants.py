"""What must always hold: each of the twelve sentences of the design is the name of a test.

Those that need both halves stand here, on both databases and with a real station; the others beside the part that keeps
them. The list at the end says that none is missing.
"""

from __future__ import annotations

import ast
import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast import wire
from broadcast.airing import Airing, Refusal
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.clock import VIETNAM
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.deciding import approve, submit
from broadcast.errors import Conflict, Forbidden
from broadcast.keys import SigningKeys
from broadcast.log_entry import LogEntry
from broadcast.outcome import OutcomeKind, outcomes_of
from broadcast.reports.figures import report
from broadcast.station import Manifest, StationStatus, StationUnit
from broadcast.status import record_status
from broadcast.unit import Succession, UnitParent
from broadcast.writing import revise
from schedules.manifest import manifest_for
from station.cache import AlteredAudio
from station.errors import Refused
from tests.district import District
from tests.on_air import Box, FromStore, machine, on_air
from tests.schedules.world import at
from web.serving.ticks import Ticks

SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)


# 1


@pytest.mark.parametrize("changed", ["nothing", "title", "script", "audio"])
def test_nothing_airs_that_a_second_person_did_not_approve_approval_covers_the_exact_text_and_the_exact_audio_a_relay_its_address_minutes_and_fallback(  # noqa: E501
    session: Session, settings: Settings, now: datetime, changed: str
) -> None:
    with on_air(session, settings, now) as air:
        bulletin = air.waiting("TIN")
        air.district.rule("r", bulletin, ["17:15"])
        sound = bulletin.latest.audio
        assert sound is not None
        seen: dict[str, Any] = {"revision_number": 1, "audio_sha256": sound.sha256}

        with pytest.raises(Forbidden):
            approve(session, bulletin, air.district.author, now, **seen)
        with pytest.raises(Conflict):
            approve(session, bulletin, air.district.approver, now, revision_number=1, audio_sha256="ab" * 32)
        air.plan()
        assert air.airings() == []
        assert {refusal.code for refusal in air.refusals()} == {"not_approved"}
        assert air.hand_over().airings == []

        approve(session, bulletin, air.district.approver, now, **seen)
        air.plan()
        assert len(air.hand_over().airings) == 15

        # Somebody changes a row behind the program's back.
        if changed == "audio":
            session.execute(update(Airing).values(audio_sha256=air.sound("lén lút").sha256))
        elif changed != "nothing":
            session.execute(update(Revision).values({changed: "Lời mà không ai duyệt."}))
        assert len(air.hand_over(now + timedelta(minutes=1)).airings) == (15 if changed == "nothing" else 0)
        air.box.pass_until(at("18:00"))
        assert bool(air.box.started()) is (changed == "nothing")


@pytest.mark.parametrize("changed", [None, "relay_url", "relay_minutes", "relay_fallback_sha256"])
def test_the_approval_of_a_relay_binds_its_address_its_minutes_and_its_fallback(
    session: Session, settings: Settings, now: datetime, changed: str | None
) -> None:
    with on_air(session, settings, now) as air:
        relay = Bulletin(code="TS", unit_id=air.district.top.id, title="Tiếp sóng", created_at=now,
                         created_by_id=air.district.author.id)  # fmt: skip
        session.add(relay)
        session.flush()
        fallback, other = air.sound("nhạc chờ", 60), air.sound("nhạc khác", 60)
        revise(session, relay, air.district.author, now, title="Tiếp sóng", content="relay",
               relay_url="https://dai.example.vn/thoi-su.mp3", relay_minutes=1,
               relay_fallback_sha256=fallback.sha256)  # fmt: skip
        submit(session, relay, air.district.author, now)
        air.district.rule("r", relay, ["17:15"])
        approve(session, relay, air.district.approver, now, revision_number=1, audio_sha256=None)
        air.plan()
        assert len(air.hand_over().airings) == 15
        other_values = {
            "relay_url": "https://la.example/khac.mp3",
            "relay_minutes": 2,
            "relay_fallback_sha256": other.sha256,
        }
        if changed is not None:
            session.execute(update(Revision).values({changed: other_values[changed]}))
        assert len(air.hand_over(now + timedelta(minutes=1)).airings) == (15 if changed is None else 0)


# 2


def test_nothing_airs_inside_a_curfew_except_an_emergency_whose_approver_is_named_no_airing_may_so_much_as_touch_one_the_server_refuses_to_plan_it_and_the_station_refuses_to_play_it(  # noqa: E501
    session: Session, settings: Settings, now: datetime
) -> None:
    with on_air(session, settings, now) as air:
        # Without any policy the curfew is 22:00–05:00. A minute that ends at 22:00 sharp touches nothing.
        minute, a_little_more = air.approved("PHUT", 60), air.approved("HON", 60.001)
        air.district.rule("kip", minute, ["21:59"])
        air.district.rule("dung", a_little_more, ["21:59"], on_collision="refuse")
        air.district.rule("trong", minute, ["02:00"])
        air.plan()
        assert {(a.rule.code, a.slot_key) for a in air.airings()} == {("kip", "21:59")}
        assert {(r.rule.code, r.code) for r in air.refusals()} == {("dung", "curfew"), ("trong", "curfew")}

        storm = air.approved("BAO", 20, "emergency")
        at_night = at("23:00")
        alarm = air.district.rule("bao", storm, [], starts_at=at_night)
        air.box.pass_until(at_night)
        assert air.box.told() == []
        air.plan(at_night)
        told = air.hand_over(at_night)
        air.box.pass_time(minutes=1)
        (emergency,) = [airing for airing in air.airings() if airing.rule_id == alarm.id]
        assert air.box.told(emergency) == [("started", None)]
        assert {airing.approved_by for airing in told.airings if airing.class_ == "emergency"} == {"Hai"}
        alarm.stopped_at = at_night + timedelta(minutes=1)
        air.plan(alarm.stopped_at)
        held = air.hand_over(alarm.stopped_at)
        air.box.pass_time(seconds=10)
        assert air.box.told(emergency)[-1] == ("stopped", "cancelled")

        # A server that errs, with the right key: the station does not follow it into the curfew.
        ordered = json.loads(held.model_dump_json(by_alias=True))
        plain = ordered["airings"][0]
        nameless = {"class": "emergency", "repeats": None, "approved_by": " "}
        for number, starts_at, change in (
            (1, at("23:30"), {}),
            (2, at("00:30", MONDAY), nameless),
            (3, at("04:59:59", MONDAY), {}),
        ):
            airing_id = str(UUID(int=number))
            instants = {
                "starts_at": wire.instant_text(starts_at),
                "latest_start_at": wire.instant_text(starts_at + timedelta(milliseconds=500)),
            }
            ordered["sequence"] = air.box.station.programme.sequence() + 1
            ordered["airings"] = [plain | {"id": airing_id} | instants | change]
            body = json.dumps(ordered).encode()
            assert air.box.station.programme.offer(body, air.keys.sign(body), None)
            air.box.pass_until(starts_at + timedelta(minutes=5))
            entries = [entry for entry in air.box.entries() if entry.get("airing") == airing_id]
            assert [(entry["kind"], entry.get("reason")) for entry in entries] == [("missed", "curfew")]


# 3


def test_a_station_plays_only_what_a_signed_manifest_orders_foreign_or_altered_audio_is_never_played(
    session: Session, settings: Settings, now: datetime
) -> None:
    with on_air(session, settings, now) as air:
        air.district.rule("r", air.approved("TIN"), ["10:05", "10:10"])
        air.plan()
        manifest = air.manifest()
        programme, body = air.box.station.programme, manifest.body.encode()
        altered = body.replace(b"Hai", b"Ba ")
        assert altered != body
        stranger = SigningKeys(settings.data_dir / "stranger")
        for other, signature in (
            (body, None),
            (body, stranger.sign(body)),
            (altered, manifest.signature),
            (body + b" ", manifest.signature),
        ):
            with pytest.raises(Refused):
                programme.offer(other, signature, None)
        assert programme.manifest is None

        # Altered on the way: not accepted into the cache.
        with pytest.raises(AlteredAudio):
            air.box.take(manifest, FromStore(air.store, spoil=True))
        assert list((settings.data_dir / "box" / "audio").iterdir()) == []
        # Altered in the cache, and a foreign file beside it: found before it sounds.
        assert not air.box.take(manifest, FromStore(air.store))
        (file,) = air.box.station.programme.manifest.audio  # type: ignore[union-attr]
        path = air.box.station.cache.path(file.sha256)
        path.write_bytes(path.read_bytes()[:-2] + b"\x01\x01")
        path.with_name("ab" * 32).write_bytes(b"foreign")
        air.box.pass_until(at("10:08"))
        first, second = air.airings()[:2]
        assert air.box.told(first) == [("missed", "no_audio")]
        # The file that was ordered: heard.
        air.box.take(manifest, FromStore(air.store))
        air.box.pass_until(at("10:12"))
        assert air.box.told(second)[-2:] == [("started", None), ("finished", None)]
        heard = [entry["audio"] for entry in air.box.entries() if entry["kind"] == "started"]
        assert heard == [file.sha256]


# 4


def test_every_planned_airing_ends_in_exactly_one_outcome_complete_partial_late_missed_with_reason_cancelled_or_not_yet_known_while_its_station_is_silent(  # noqa: E501
    session: Session, settings: Settings, now: datetime
) -> None:
    """A real station makes them all; nothing is written by hand but the acts of people."""
    with on_air(session, settings, now) as air:
        times = ["11:00", "11:10", "11:20", "11:30", "11:40", "11:50"]
        air.district.rule("r", air.approved("TIN", 8), times, latest_start_s=60)
        late = air.approved("MUON", 3)
        air.plan()
        air.hand_over()
        box, cache = air.box, air.box.station.cache
        (file,) = box.station.programme.manifest.audio  # type: ignore[union-attr]
        path, aside = cache.path(file.sha256), settings.data_dir / "aside"

        box.pass_until(at("11:09"))  # 11:00 whole
        path.rename(aside)
        box.pass_until(at("11:10") + timedelta(seconds=20))
        aside.rename(path)  # 11:10 late
        box.pass_until(at("11:20") + timedelta(seconds=4))
        storm = air.approved("BAO", 3, "emergency")
        alarm = air.district.rule("bao", storm, [], starts_at=at("11:20") + timedelta(seconds=4))
        air.plan(at("11:20") + timedelta(seconds=4))
        air.hand_over(at("11:20") + timedelta(seconds=4))  # 11:20 interrupted
        box.pass_time(seconds=30)
        alarm.stopped_at = at("11:21")
        air.plan(at("11:21"))
        air.hand_over(at("11:21"))
        box.pass_until(at("11:29"))
        path.unlink()
        box.pass_until(at("11:32"))  # 11:30 missed
        rule = air.district.rule("khac", late, ["11:45"])
        air.plan(at("11:32"))
        rule.stopped_at = at("11:33")
        air.plan(at("11:33"))  # 11:45 cancelled
        air.box.take(air.manifest(at("11:33")), FromStore(air.store))
        box.pass_until(at("11:39"))
        air.bring_log(at("11:39"))
        # Its line is dead from here on.
        as_of = at("12:00")
        rows = list(session.scalars(select(Airing).where(Airing.asked_at < as_of).order_by(Airing.asked_at)))
        found = outcomes_of(session, rows, as_of)
        told = {
            row.slot_key: (found[row.id].kind.value, found[row.id].reason) for row in rows if row.rule_id != alarm.id
        }
        assert told == {
            "11:00": ("complete", None),
            "11:10": ("late", None),
            "11:20": ("partial", "emergency"),
            "11:30": ("missed", "no_audio"),
            "11:40": ("unknown", None),
            "11:45": ("cancelled", "not_asked"),
            "11:50": ("unknown", None),
        }
        counts = report(session, air.district.top, SUNDAY, SUNDAY, as_of=as_of).totals
        kinds = [counts.of(kind) for kind in OutcomeKind if kind is not OutcomeKind.CANCELLED]
        assert counts.planned == sum(kinds) == len(rows) - 1
        # The line is mended: what the station tells now decides what was not known.
        box.pass_until(as_of)
        air.bring_log(as_of)
        status = wire.StatusReport(
            sent_ms=wire.milliseconds(as_of), clock_offset_ms=0, clock_source="kernel", volume=80, disk_free_bytes=1,
            version="1", manifest_sequence=1, audio_held=1, audio_missing=0, playing=None, outbox=0, errors=[],
        )  # fmt: skip
        record_status(session, air.row, status, as_of)
        after = outcomes_of(session, rows, as_of)
        assert {after[row.id].kind for row in rows if row.slot_key in {"11:40", "11:50"}} == {OutcomeKind.COMPLETE}


# 7 stands with the plan (tests/schedules/test_plan_properties.py); here the day of the report and of the programme.


def test_days_are_local_days_05_30_belongs_to_that_morning_though_it_is_the_day_before_in_utc(
    session: Session, settings: Settings, now: datetime
) -> None:
    with on_air(session, settings, now) as air:
        air.district.rule("r", air.approved("TIN"), ["05:30"], from_on=MONDAY, until_on=MONDAY)
        air.plan()
        (airing,) = air.airings()
        assert (airing.local_date, airing.starts_at.date()) == (MONDAY, SUNDAY)
        air.hand_over()
        air.box.pass_until(at("05:31", MONDAY))
        assert air.box.started() == [at("05:30", MONDAY)]
        air.bring_log(at("05:31", MONDAY))
        as_of = at("06:00", MONDAY)
        assert report(session, air.district.top, SUNDAY, SUNDAY, as_of=as_of).totals.planned == 0
        assert report(session, air.district.top, MONDAY, MONDAY, as_of=as_of).totals.complete == 1


# 8


def test_a_station_that_knows_the_time_plays_its_next_fourteen_days_on_the_second_without_network_and_server_one_that_cannot_know_it_is_silent_and_logs_why(  # noqa: E501
    session: Session, settings: Settings, now: datetime
) -> None:
    with on_air(session, settings, now) as air:
        air.district.rule("r", air.approved("TIN"), ["05:30", "17:15"])
        air.plan()
        held = air.hand_over()
        ordered = sorted(airing.starts_at for airing in held.airings)
        assert len(ordered) == 29  # this evening and fourteen whole days
        air.box.pass_time(days=15)
        assert air.box.started() == ordered
        assert sum(kind == "finished" for kind, _ in air.box.told()) == len(ordered)

        own = machine(session, air.row, air.keys, now)
        session.flush()
        lost = Box(settings.data_dir / "other", own, now, knows_time=False)
        try:
            lost.take(air.manifest(), FromStore(air.store))
            lost.pass_time(days=1)
            assert set(lost.told()) == {("alarm", "clock")}
            assert lost.entries()[0]["clock_source"] == "none"
            lost.station.time.measure(lost.clock.monotonic, lost.clock.system, lost.clock.system, lost.clock.monotonic)
            lost.pass_time(seconds=1)
            assert [entry for entry in lost.told() if entry[0] == "missed"] == [("missed", "clock")] * 2
        finally:
            lost.station.close()


# 10


def test_one_bad_item_a_script_no_voice_can_read_a_dead_station_a_broken_file_never_stops_the_others(
    database: Database, settings: Settings, now: datetime
) -> None:
    settings = settings.model_copy(update={"voice": "tone"})
    ticks = Ticks(database, settings, lambda: now)
    store = AudioStore(settings.audio_dir)
    keys = SigningKeys(settings.keys_dir)
    with database.writing() as session:
        district = District(session, now)
        unreadable = district.draft("LA", "这是一个通知，请大家注意。")
        good = district.draft("TOT", "Mời bà con đi họp lúc bảy giờ tối nay.")
        gone = district.bulletin("MAT")  # approved; its file is nowhere
        spoilt = district.draft("HONG", "Mời bà con tiêm phòng cho gia súc.")
        dead, alive = district.station("CHET"), district.station("SONG")
        own = {row.code: machine(session, row, keys, now) for row in (dead, alive)}
        for row, seen_at in ((dead, now - timedelta(days=2)), (alive, now)):
            session.add(StationStatus(station_id=row.id, seen_at=seen_at, errors=[]))
    ticks.make_sound()
    with database.writing() as session:
        states = dict(session.execute(select(Revision.bulletin_id, Rendering.state).join(Rendering)).all())
        assert states[unreadable.id] != "ready"
        assert states[good.id] == states[spoilt.id] == "ready"
        told = session.scalar(select(Rendering.message_vi).join(Revision).where(Revision.bulletin_id == unreadable.id))
        assert told
        for code in ("TOT", "HONG"):
            bulletin = session.scalars(select(Bulletin).where(Bulletin.code == code)).one()
            submit(session, bulletin, district.author, now)
            sound = bulletin.latest.audio
            assert sound is not None
            approve(
                session, bulletin, session.merge(district.approver), now, revision_number=1, audio_sha256=sound.sha256
            )
        for code, bulletin, slot in (
            ("a", unreadable, "10:10"), ("b", gone, "10:20"), ("c", good, "10:30"), ("d", spoilt, "10:40")
        ):  # fmt: skip
            district.session = session
            district.rule(code, bulletin, [slot], unit=district.top, from_on=SUNDAY, until_on=SUNDAY)
    ticks.plan_now()
    ticks.mark_silent()
    ticks.close()
    with database.writing() as session:
        planned = session.scalars(select(Airing).order_by(Airing.station_id, Airing.starts_at)).all()
        assert [row.slot_key for row in planned] == ["10:30", "10:40"] * 2
        assert set(session.execute(select(Refusal.slot_key, Refusal.code)).all()) == {
            ("10:10", "not_approved"),
            ("10:20", "no_audio"),
        }
        silent = dict(session.execute(select(StationStatus.station_id, StationStatus.silent_since)).all())
        assert silent[dead.id] is not None
        assert silent[alive.id] is None
        manifest = manifest_for(session, session.merge(alive), keys, now, VIETNAM)
        # The file of 10:40 is spoilt on the card; what comes after it and before it sounds.
        box = Box(settings.data_dir / "box", own["SONG"], now)
        try:
            box.take(manifest, FromStore(store))
            spoilt_file = planned[-1].audio_sha256
            assert spoilt_file is not None
            box.station.cache.path(spoilt_file).write_bytes(b"noise")
            box.pass_until(at("10:45"))
            mine = [row for row in planned if row.station_id == alive.id]
            assert [box.told(row)[-1] for row in mine] == [("finished", None), ("missed", "no_audio")]
        finally:
            box.station.close()


# 11


def frozen(session: Session, before: datetime) -> dict[str, list[dict[str, Any]]]:
    """Every column of everything about the time before `before`."""
    chosen: dict[str, Any] = {
        "airings": select(Airing).where(Airing.starts_at < before).order_by(Airing.id),
        "refusals": select(Refusal).where(Refusal.asked_at < before).order_by(Refusal.id),
        "log": select(LogEntry).order_by(LogEntry.id),
        "manifests": select(Manifest).where(Manifest.made_at < before).order_by(Manifest.id),
    }
    session.flush()
    session.expire_all()
    return {
        name: [
            {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
            for row in session.scalars(query)
        ]
        for name, query in chosen.items()
    }


def test_rows_about_the_past_never_change_rules_names_units_and_merges_act_from_a_date_on(
    session: Session, settings: Settings, now: datetime
) -> None:
    with on_air(session, settings, now) as air:
        bulletin = air.approved("TIN")
        rule = air.district.rule("r", bulletin, ["11:00", "23:00"])
        air.plan()
        air.hand_over()
        tomorrow = at("10:00", MONDAY)
        air.box.pass_until(tomorrow)
        air.bring_log(tomorrow)
        past = frozen(session, tomorrow)
        assert {name: len(rows) for name, rows in past.items()} == {
            "airings": 1, "refusals": 1, "log": 2, "manifests": 1
        }  # fmt: skip
        of_sunday = report(session, air.district.top, SUNDAY, SUNDAY, as_of=tomorrow).as_json()
        of_commune = report(session, air.district.commune, SUNDAY, SUNDAY, as_of=tomorrow).as_json()

        # On Monday everything changes: the rule, the curfew, the names, the unit of the station, the map.
        rule.times, rule.version = ["12:00"], 2
        bulletin.title = "Tên khác"
        air.row.name = "Trạm đổi tên"
        air.district.policy(air.district.top, MONDAY, curfew=["10:30", "11:30"])
        merged = air.district.unit("XM")
        merged.valid_from = MONDAY
        merged.parents.append(UnitParent(parent=air.district.top, from_on=MONDAY))
        session.add(Succession(old_id=air.district.commune.id, new_id=merged.id, extent="whole", on_date=MONDAY))
        air.district.commune.valid_until = SUNDAY
        air.row.units[0].until_on = SUNDAY
        air.row.units.append(StationUnit(unit_id=merged.id, from_on=MONDAY))
        air.plan(tomorrow)
        air.hand_over(tomorrow)

        assert frozen(session, tomorrow) == past
        again = report(session, air.district.top, SUNDAY, SUNDAY, as_of=tomorrow).as_json()
        assert again["totals"] == of_sunday["totals"]
        assert (
            report(session, air.district.commune, SUNDAY, SUNDAY, as_of=tomorrow).as_json()["totals"]
            == of_commune["totals"]
        )
        assert report(session, merged, SUNDAY, SUNDAY, as_of=tomorrow).totals.planned == 0
        after = [airing for airing in air.airings() if airing.starts_at >= tomorrow]
        assert {(airing.slot_key, airing.unit_id) for airing in after} == {("12:00", merged.id)}
        air.box.pass_until(at("13:00", MONDAY))
        air.bring_log(at("13:00", MONDAY))
        assert [(row.station_name, row.unit_code) for row in air.log() if row.kind == "started"] == [
            ("Trạm S1", "X"),
            ("Trạm đổi tên", "XM"),
        ]


# The list

SENTENCES = [
    sentence
    for sentence in """
nothing_airs_that_a_second_person_did_not_approve_approval_covers_the_exact_text_and_the_exact_audio_a_relay_its_address_minutes_and_fallback
nothing_airs_inside_a_curfew_except_an_emergency_whose_approver_is_named_no_airing_may_so_much_as_touch_one_the_server_refuses_to_plan_it_and_the_station_refuses_to_play_it
a_station_plays_only_what_a_signed_manifest_orders_foreign_or_altered_audio_is_never_played
every_planned_airing_ends_in_exactly_one_outcome_complete_partial_late_missed_with_reason_cancelled_or_not_yet_known_while_its_station_is_silent
a_log_entry_is_stored_exactly_once_whatever_is_lost_repeated_reordered_or_killed_on_the_way
every_slot_that_a_rule_asked_for_and_the_plan_did_not_grant_has_a_reason_that_a_person_can_read
days_are_local_days_05_30_belongs_to_that_morning_though_it_is_the_day_before_in_utc
a_station_that_knows_the_time_plays_its_next_fourteen_days_on_the_second_without_network_and_server_one_that_cannot_know_it_is_silent_and_logs_why
a_file_at_its_final_name_is_whole_and_has_the_hash_in_its_name
one_bad_item_a_script_no_voice_can_read_a_dead_station_a_broken_file_never_stops_the_others
rows_about_the_past_never_change_rules_names_units_and_merges_act_from_a_date_on
a_person_sees_and_changes_only_what_lies_below_the_unit_of_an_assignment_that_is_valid_today_a_station_sees_only_itself
""".splitlines()
    if sentence
]


def names_of_tests() -> set[str]:
    """Of every test in the folder, read and not run."""
    return {
        node.name
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_that_must_always_hold_is_the_name_of_a_test(sentence: str) -> None:
    assert f"test_{sentence}" in names_of_tests()


def test_the_list_is_that_of_the_design() -> None:
    """Where the design lies beside the project, no sentence of its list is missing here."""
    design = Path(__file__).parents[2] / "shared" / "DESIGN.md"
    if not design.exists():
        pytest.skip("the design is not beside the project")
    chapter = design.read_text("utf-8").partition("## 4.")[2].partition("\n## ")[0]
    written = re.split(r"^\d+\. ", chapter, flags=re.MULTILINE)[1:]
    slugs = [re.sub(r"[^a-z0-9]+", "_", re.sub(r"\(After.*", "", one).lower()).strip("_") for one in written]
    assert slugs == SENTENCES
