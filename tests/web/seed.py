"""A small invented district for the tests of the screens, and the figures they may rely on.

Sunday 22 November 2026, 10:00. District H1 with communes X1 and X2, a foreign district H9 with commune X9. One person a
role, each named by its role; `ngoai` edits in the foreign district, `cu` has an account and no role any more.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Bulletin, BulletinClass
from broadcast.clock import local_day
from broadcast.db import Database
from broadcast.deciding import approve, send_back, submit
from broadcast.dispatch import Dispatch
from broadcast.lexicon_entry import LexiconEntry
from broadcast.log_entry import LogEntry
from broadcast.obligation import Obligation
from broadcast.person import Person, Role, assign
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Enrolment, Station, StationStatus, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.writing import revise

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PASSWORD = "mật khẩu để thử 2026"
SOUND = "ab" * 32

DAILY = {"who": [], "cadence": "daily", "time": "15:00", "weekday": None, "on": None, "text": "trước 15 giờ hằng ngày"}

# login → (name, role, unit)
PEOPLE: dict[str, tuple[str, Role, str]] = {
    "editor": ("Lê Thị Biên", Role.EDITOR, "H1"),
    "approver": ("Trần Văn Duyệt", Role.APPROVER, "H1"),
    "operator": ("Nguyễn Thị Trạm", Role.OPERATOR, "X1"),
    "supervisor": ("Phạm Văn Giám", Role.SUPERVISOR, "H1"),
    "administrator": ("Hoàng Thị Trị", Role.ADMINISTRATOR, "H1"),
    "ngoai": ("Đỗ Văn Ngoài", Role.EDITOR, "H9"),
}
UNITS = (
    ("H1", "Huyện Sông Lam", "huyện", None),
    ("X1", "Xã An Bình", "xã", "H1"),
    ("X2", "Xã Bình Minh", "xã", "H1"),
    ("H9", "Huyện Núi Xa", "huyện", None),
    ("X9", "Xã Khe Sâu", "xã", "H9"),
)
STATIONS = (("S1", "Trạm An Bình", "X1"), ("S2", "Trạm Bình Minh", "X2"), ("S9", "Trạm Khe Sâu", "X9"))


@dataclass
class Handles:
    """What is in the district, by code: ids, so that a test may read the rows in a session of its own."""

    people: dict[str, int]
    units: dict[str, int]
    stations: dict[str, int]
    airings: dict[str, str]
    """complete, missed, unknown, planned (17:15 today) at S1; foreign at S9."""
    policy: int
    foreign_policy: int
    dispatch: int
    foreign_dispatch: int
    foreign_entry: int
    lexicon: int
    foreign_lexicon: int
    obligation: int
    """Of H1; it ended before today, so no page of the day speaks of it."""
    foreign_obligation: int


def seed(database: Database) -> Handles:
    with database.writing() as session:
        return _District(session).build()


def password_hash() -> str:
    """Argon2 is slow on purpose; one hash serves every account of the tests."""
    person = Person(login="x", name="x", created_at=NOW)
    person.set_password(PASSWORD)
    assert person.password_hash is not None
    return person.password_hash


class _District:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Person] = {}
        self.stations: dict[str, Station] = {}
        self.enrolments: dict[str, Enrolment] = {}
        self.bulletins: dict[str, Bulletin] = {}
        self.airings: dict[str, str] = {}
        self.seq = 0

    def build(self) -> Handles:
        self._places()
        self._people()
        self._stations()
        self._bulletins()
        self._rules()
        self._soundings()
        policies = [
            Policy(
                unit=self.units[code], curfew=["22:00", "05:00"], created_at=NOW, source="Quyết định về giờ phát thanh"
            )
            for code in ("H1", "H9")
        ]
        dispatches = [
            Dispatch(
                unit=self.units[code], filename="cong-van.txt", text="V/v vệ sinh nguồn nước", sha256=code * 32,
                parsed={"subject": "V/v vệ sinh nguồn nước", "deadlines": [DAILY]},
                number=f"12/UBND-{code}", subject="V/v vệ sinh nguồn nước", received_at=NOW - timedelta(days=2),
            )
            for code in ("H1", "H9")
        ]  # fmt: skip
        readings = [
            LexiconEntry(
                unit_id=self.units[code].id, written=f"QXZ{code}", spoken="quy xích", kind="term",
                created_at=NOW - timedelta(days=5), created_by_id=self.people[login].id,
            )
            for code, login in (("H1", "editor"), ("H9", "ngoai"))
        ]  # fmt: skip
        obligations = [
            Obligation(
                bulletin_id=self.bulletins[bulletin].id, unit_id=self.units[code].id, unit_codes=[code], at_least=1,
                from_on=local_day(NOW) - timedelta(days=3), until_on=local_day(NOW) - timedelta(days=2), created_at=NOW,
            )
            for code, bulletin in (("H1", "BT1"), ("H9", "BT9"))
        ]  # fmt: skip
        self.session.add_all([*policies, *dispatches, *readings, *obligations])
        self.session.flush()
        return Handles(
            {login: person.id for login, person in self.people.items()},
            {code: unit.id for code, unit in self.units.items()},
            {code: station.id for code, station in self.stations.items()},
            self.airings,
            policies[0].id,
            policies[1].id,
            dispatches[0].id,
            dispatches[1].id,
            self.foreign_entry,
            readings[0].id,
            readings[1].id,
            obligations[0].id,
            obligations[1].id,
        )

    def _places(self) -> None:
        for code, name, kind, parent in UNITS:
            self.units[code] = Unit(code=code, name=name, kind=kind, created_at=NOW)
            self.session.add(self.units[code])
            if parent:
                self.session.add(UnitParent(unit=self.units[code], parent=self.units[parent]))
        self.session.flush()

    def _people(self) -> None:
        hashed = password_hash()
        for login, (name, role, unit) in PEOPLE.items():
            self.people[login] = Person(login=login, name=name, password_hash=hashed, session_epoch=1, created_at=NOW)
            self.session.add(self.people[login])
            assign(self.session, self.people[login], role, self.units[unit])
        gone = Person(login="cu", name="Vũ Thị Cũ", password_hash=hashed, session_epoch=1, created_at=NOW)
        self.session.add(gone)
        day = local_day(NOW)
        assign(self.session, gone, Role.EDITOR, self.units["H1"], None, day - timedelta(days=1))
        self.people["cu"] = gone

    def _stations(self) -> None:
        for code, name, unit in STATIONS:
            station = self.stations[code] = Station(code=code, name=name, created_at=NOW)
            self.session.add(station)
            self.session.add(StationUnit(station=station, unit=self.units[unit]))
            self.enrolments[code] = Enrolment(
                id=str(uuid.uuid4()),
                station=station,
                token_hash=uuid.uuid4().hex,
                public_key="A" * 43 + "=",
                enrolled_at=NOW - timedelta(days=30),
            )
            self.session.add(self.enrolments[code])
        self.session.flush()
        # S1 speaks, S2 has been silent for two hours.
        for code, seen in (("S1", NOW - timedelta(seconds=40)), ("S2", NOW - timedelta(hours=2))):
            self.session.add(
                StationStatus(
                    station_id=self.stations[code].id,
                    seen_at=seen,
                    settled_until=seen,
                    clock_offset_ms=120,
                    clock_source="server",
                    volume=80,
                    version="0.1",
                    audio_held=3,
                    audio_missing=0,
                    outbox=0,
                    silent_since=seen if code == "S2" else None,
                )
            )

    def _bulletins(self) -> None:
        """BT1 approved, BT2 waits for approval, BT3 draft, BT4 sent back, BT9 of the foreign district."""
        self.session.add(
            AudioAsset(
                sha256=SOUND, bytes=480_000, duration_ms=60_000, lufs=-16.1, true_peak_db=-2.0,
                media_type="audio/mpeg", voice="tone", created_at=NOW,
            )
        )  # fmt: skip
        self._bulletin("BT1", "Giữ vệ sinh nguồn nước", "editor", "H1", state="approved")
        self._bulletin("BT2", "Tiêm phòng cho đàn trâu bò", "editor", "H1", state="submitted")
        self._bulletin("BT3", "Lịch cắt điện tuần tới", "operator", "X1", state="draft")
        self._bulletin("BT4", "Họp thôn cuối tháng", "operator", "X1", state="returned")
        self._bulletin("BT9", "Tin của huyện khác", "ngoai", "H9", state="draft")

    def _bulletin(self, code: str, title: str, author: str, unit: str, state: str) -> None:
        writer, approver = self.people[author], self.people["approver"]
        bulletin = self.bulletins[code] = Bulletin(
            code=code, unit=self.units[unit], title=title, created_at=NOW, created_by_id=writer.id,
            bulletin_class=BulletinClass.NORMAL.value, field="Đời sống", language="vi",
        )  # fmt: skip
        self.session.add(bulletin)
        before = NOW - timedelta(days=3)
        revision = revise(self.session, bulletin, writer, before, title=title, script=f"Kính thưa bà con. {title}.")
        rendering = revision.renderings[-1]
        rendering.state, rendering.audio_sha256, rendering.finished_at = "ready", SOUND, before
        rendering.audio = self.session.get_one(AudioAsset, SOUND)
        if state == "draft":
            return
        submit(self.session, bulletin, writer, before)
        if state == "approved":
            approve(self.session, bulletin, approver, before, revision_number=1, audio_sha256=SOUND, heard_ms=60_000)
        elif state == "returned":
            send_back(self.session, bulletin, approver, before, "Thiếu giờ họp và địa điểm.")
        self.session.flush()

    def _rules(self) -> None:
        """LP1 at 05:45, 08:00, 09:00 and 17:15 in all of H1; LP9 in the foreign district."""
        self.rules: dict[str, Rule] = {}
        for code, bulletin, unit in (("LP1", "BT1", "H1"), ("LP9", "BT9", "H9")):
            rule = self.rules[code] = Rule(
                code=code, unit_id=self.units[unit].id, times=["05:45", "08:00", "09:00", "17:15"], created_at=NOW
            )
            rule.bulletins.append(RuleBulletin(bulletin_id=self.bulletins[bulletin].id, position=0))
            rule.targets.append(RuleTarget(unit_id=self.units[unit].id))
            self.session.add(rule)
        self.session.flush()

    def _soundings(self) -> None:
        at = {"complete": -255, "missed": -120, "unknown": -1, "planned": 435}
        for outcome, minutes in at.items():
            self.airings[outcome] = self._airing("LP1", "BT1", "S1", "X1", NOW + timedelta(minutes=minutes))
        self.airings["silent"] = self._airing("LP1", "BT1", "S2", "X2", NOW - timedelta(minutes=60))
        self.airings["foreign"] = self._airing("LP9", "BT9", "S9", "X9", NOW - timedelta(minutes=60))
        complete = NOW + timedelta(minutes=at["complete"])
        self._log("S1", "X1", self.airings["complete"], "started", complete, started=complete)
        self._log(
            "S1", "X1", self.airings["complete"], "finished", complete + timedelta(minutes=1),
            started=complete, ended=complete + timedelta(minutes=1), sounded_ms=60_000,
        )  # fmt: skip
        self._log(
            "S1", "X1", self.airings["missed"], "missed", NOW + timedelta(minutes=at["missed"]), reason="no_audio"
        )
        self.foreign_entry = self._log(
            "S9", "X9", self.airings["foreign"], "missed", NOW - timedelta(minutes=60), reason="no_audio"
        )
        self.session.add(
            Refusal(
                id=str(uuid.uuid4()), station_id=self.stations["S1"].id, rule_id=self.rules["LP1"].id,
                bulletin_id=self.bulletins["BT1"].id, local_date=local_day(NOW), slot_key="22:30",
                asked_at=NOW + timedelta(hours=12, minutes=30), code="curfew",
                reason="22:30 nằm trong giờ cấm phát 22:00–05:00.", noted_at=NOW,
            )
        )  # fmt: skip

    def _airing(self, rule: str, bulletin: str, station: str, unit: str, at: datetime) -> str:
        airing = Airing(
            id=str(uuid.uuid4()), station_id=self.stations[station].id, unit_id=self.units[unit].id,
            rule_id=self.rules[rule].id, bulletin_id=self.bulletins[bulletin].id,
            revision_id=self.bulletins[bulletin].latest.id, local_date=local_day(at), slot_key=f"{at:%H:%M}",
            asked_at=at, starts_at=at, ends_at=at + timedelta(minutes=1), latest_start_at=at + timedelta(minutes=2),
            duration_ms=60_000, repeats=1, gap_ms=2000, audio_sha256=SOUND, bulletin_class="normal",
            approved_by_name="Trần Văn Duyệt",
        )  # fmt: skip
        self.session.add(airing)
        self.session.flush()
        return airing.id

    def _log(
        self, station: str, unit: str, airing: str, kind: str, at: datetime, *, reason: str | None = None,
        started: datetime | None = None, ended: datetime | None = None, sounded_ms: int | None = None,
    ) -> int:  # fmt: skip
        self.seq += 1
        entry = LogEntry(
                enrolment_id=self.enrolments[station].id, seq=self.seq,
                entry=json.dumps({"seq": self.seq, "kind": kind, "audio": SOUND}), hash=f"{self.seq:064x}",
                station_id=self.stations[station].id, airing_id=airing, kind=kind, reason=reason, at=at,
                started_at=started, ended_at=ended, sounded_ms=sounded_ms, manifest_sequence=1, received_at=at,
                station_code=station, station_name=self.stations[station].name, unit_code=unit,
                unit_name=self.units[unit].name, bulletin_code="BT1", bulletin_title="Giữ vệ sinh nguồn nước",
                receipt_hash=f"{self.seq:064x}",
            )  # fmt: skip
        self.session.add(entry)
        self.session.flush()
        return entry.id
