"""Findings as sentences, one card a station: what is wrong, what of it follows, whom to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from broadcast.airing import Airing
from broadcast.rights import Act
from broadcast.station import Station, StationStatus
from broadcast.unit import Unit
from broadcast.wire import ClockSource
from schedules.foresight.preflight import Finding, FindingCode
from web.preflight.loading import Soon
from web.shell.access import current_rights, now, today
from web.shell.formats import vn_ago, vn_number, vn_time
from web.shell.lookups import unit_of_station
from web.shell.words import station_trouble

TELEPHONE = "điện thoại"
"""The value of a unit under which its telephone stands."""


@dataclass(frozen=True)
class Card:
    """A station with what is wrong there. `sentences` are (grave or not, words)."""

    station: Station
    unit: Unit | None
    airings: tuple[Airing, ...]
    sentences: tuple[tuple[bool, str], ...]
    telephone: str
    may_tend: bool

    @property
    def is_grave(self) -> bool:
        return any(grave for grave, _ in self.sentences)

    @property
    def is_to_enrol(self) -> bool:
        return self.may_tend and (self.station.status is None or self.station.status.seen_at is None)


def cards(soon: Soon) -> list[Card]:
    """In the order of the findings: the grave first, then what begins first."""
    rights, by_id = current_rights(), {airing.id: airing for airing in soon.airings}
    tended = rights.units(Act.TEND_STATION)
    found = []
    for number, findings in soon.findings.by_station().items():
        station = soon.stations[number]
        unit_id = unit_of_station(station, today())
        unit = rights.tree.units.get(unit_id or 0)
        sentences = [(each.is_grave, _sentence(each, station, by_id)) for each in findings]
        found.append(
            Card(
                station,
                unit,
                tuple(each for each in soon.airings if each.station_id == number),
                tuple(sentences),
                _telephone(unit),
                unit_id in tended,
            )
        )
    return found


def _telephone(unit: Unit | None) -> str:
    value: Any = unit.variables.get(TELEPHONE, "") if unit is not None else ""
    return value if isinstance(value, str) else ""


def _sentence(finding: Finding, station: Station, by_id: dict[str, Airing]) -> str:
    status = station.status or StationStatus(errors=[])
    return _SENTENCES[finding.code](status, _which([by_id[each] for each in finding.airings]))


def _silent(status: StationStatus, _which: str) -> str:
    since = f"Im lặng từ {vn_time(status.seen_at)} ({vn_ago(status.seen_at, now())})."
    return f"{since} Nếu máy còn điện, trạm vẫn tự phát theo chương trình đã nhận; chưa ai biết chắc."


def _clock_off(status: StationStatus, _which: str) -> str:
    off = vn_number(abs(status.clock_offset_ms or 0) / 1000)
    if status.clock_source == ClockSource.SERVER:
        return f"Đồng hồ máy lệch {off} giây; trạm đã biết và tự bù khi phát, nhưng nên chỉnh lại."
    return f"Đồng hồ máy lệch {off} giây so với máy chủ: lượt phát có thể sớm hoặc trễ chừng ấy."


def _audio(status: StationStatus, which: str) -> str:
    missing = vn_number(status.audio_missing)
    if not status.audio_held:
        return f"Trạm chưa có tệp âm thanh nào, thiếu {missing} tệp: không phát được {which}."
    return f"Còn thiếu {missing} tệp âm thanh. Trạm không nói rõ tệp nào, và nhật ký chưa ghi đã tải tệp của {which}."


_SENTENCES: dict[FindingCode, Callable[[StationStatus, str], str]] = {
    "not_enrolled": lambda *_: "Chưa ghi danh máy nào, nên không có máy để phát.",
    "awaited": lambda *_: "Máy của trạm chưa liên lạc lần nào, nên chưa có chương trình để phát.",
    "silent": _silent,
    "clock_none": lambda *_: "Chưa biết giờ đúng nên không phát. Hãy kiểm tra mạng của trạm.",
    "clock_off": _clock_off,
    "errors": lambda status, _: f"Trạm báo lỗi: {station_trouble(status.errors[0])}.",
    "muted": lambda *_: "Âm lượng đang là 0: máy phát mà không ai nghe thấy.",
    "no_programme": lambda *_: "Trạm chưa báo là đã nhận chương trình.",
    "behind": lambda _, which: (
        f"Chương trình trạm đang giữ cũ hơn, chưa có {which}. Trạm nhận bản mới trong vài giây khi có mạng."
    ),
    "audio": _audio,
    "audio_fetched": lambda status, which: (
        f"Còn thiếu {vn_number(status.audio_missing)} tệp âm thanh, nhưng tệp của {which} thì đã tải về."
    ),
}


def _which(airings: list[Airing]) -> str:
    """`lượt 10:15 “Giữ vệ sinh”`; of several the first and the number of the others."""
    first = airings[0]
    told = f"lượt {vn_time(first.starts_at)} “{first.bulletin.title}”"
    return told if len(airings) == 1 else f"{told} và {len(airings) - 1} lượt sau đó"
