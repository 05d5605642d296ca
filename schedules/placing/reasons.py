"""The sentence a person reads for each slot that was not granted, and the facts behind it.

One function a code (two where a code has two cases). Times in the sentences are local.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.facts import BulletinFact, PolicyFact, RefusalCode, SessionFact, WallSpan
from schedules.recurrence import ANY_SESSION

WEEKDAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Reason(NamedTuple):
    """Why not: the code, the sentence, the facts (JSON values)."""

    code: RefusalCode
    sentence: str
    facts: Mapping[str, str | int]


class Writer:
    """Writes reasons for one zone, knowing the names of units."""

    def __init__(self, zone: ZoneInfo, unit_names: Mapping[str, str]) -> None:
        self._zone = zone
        self._unit_names = unit_names

    def withdrawn(self, bulletin: BulletinFact, withdrawn_at: datetime) -> Reason:
        return Reason(
            "withdrawn",
            f"Bản tin “{bulletin.title}” đã được thu hồi lúc {self.moment(withdrawn_at)}.",
            {"withdrawn_at": self.iso(withdrawn_at)},
        )

    def expired(self, bulletin: BulletinFact, valid_until: datetime) -> Reason:
        return Reason(
            "expired",
            f"Bản tin “{bulletin.title}” hết hiệu lực từ {self.moment(valid_until)}.",
            {"valid_until": self.iso(valid_until)},
        )

    def not_yet_valid(self, bulletin: BulletinFact, valid_from: datetime) -> Reason:
        return Reason(
            "expired",
            f"Bản tin “{bulletin.title}” đến {self.moment(valid_from)} mới có hiệu lực.",
            {"valid_from": self.iso(valid_from)},
        )

    def not_approved(self, bulletin: BulletinFact, variant_unit: str | None) -> Reason:
        if variant_unit is None:
            return Reason("not_approved", f"Bản tin “{bulletin.title}” chưa được phê duyệt.", {})
        name = self.unit(variant_unit)
        return Reason(
            "not_approved",
            f"Âm thanh bản tin “{bulletin.title}” dành riêng cho {name} chưa được phê duyệt.",
            {"unit": variant_unit},
        )

    def no_audio(self, bulletin: BulletinFact, lacking_unit: str | None = None) -> Reason:
        if lacking_unit is not None:
            name = self.unit(lacking_unit)
            return Reason(
                "no_audio",
                f"Bản tin “{bulletin.title}” có bản riêng cho từng nơi, nhưng {name} chưa có âm thanh của mình.",
                {"unit": lacking_unit},
            )
        return Reason(
            "no_audio",
            f"Bản tin “{bulletin.title}” đã được phê duyệt nhưng chưa có âm thanh để phát tại trạm này.",
            {},
        )

    def curfew(self, start: datetime, end: datetime, span: WallSpan, by: PolicyFact | None) -> Reason:
        hours = f"{clock(span.from_time)}–{clock(span.until_time)}"
        whose = self._whose(by, default="mặc định, vì chưa đơn vị nào quy định khác")
        return Reason(
            "curfew",
            f"Lượt phát {self.span(start, end)} chạm vào giờ cấm phát {hours} ({whose}).",
            {"from": clock(span.from_time), "until": clock(span.until_time), **self._by(by)},
        )

    def outside_sessions(self, asked: datetime, sessions: tuple[SessionFact, ...], by: PolicyFact | None) -> Reason:
        hours = self._hours(sessions)
        return Reason(
            "policy",
            f"{self.time(asked)} nằm ngoài các khung giờ phát: {hours} ({self._whose(by)}).",
            {"sessions": hours, **self._by(by)},
        )

    def no_such_session(self, name: str, sessions: tuple[SessionFact, ...], by: PolicyFact | None) -> Reason:
        if name == ANY_SESSION:
            sentence = (
                "Trạm không có khung giờ phát nào để chia các lượt: hãy đặt khung giờ trong quy định, hoặc cho giờ."
            )
        elif not sessions:
            sentence = f"Trạm không có khung giờ “{name}”: đơn vị của trạm chưa đặt khung giờ phát nào."
        else:
            sentence = f"Trạm không có khung giờ “{name}”, chỉ có: {self._hours(sessions)} ({self._whose(by)})."
        return Reason("policy", sentence, {"session": name, **self._by(by)})

    def declined(self, bulletin: BulletinFact, unit_id: str, why: str) -> Reason:
        words = f" (lý do: {why.rstrip('.')})" if why else ""
        return Reason(
            "policy",
            f"{self.unit(unit_id)} chọn không phát bản tin thông thường “{bulletin.title}”{words}.",
            {"declined_by": unit_id},
        )

    def day(self, day: date, weekdays: frozenset[int], by: PolicyFact | None) -> Reason:
        allowed = ", ".join(WEEKDAYS_VI[each - 1] for each in sorted(weekdays)) or "không ngày nào"
        name = WEEKDAYS_VI[day.weekday()]
        return Reason(
            "day",
            f"{name[:1].upper()}{name[1:]} {day:%d/%m/%Y} không phải ngày được phát; các ngày được phát: {allowed} "
            f"({self._whose(by)}).",
            {"day": day.isoformat(), **self._by(by)},
        )

    def same_text(self, bulletin: BulletinFact, day: date, most: int, by: PolicyFact | None) -> Reason:
        return Reason(
            "cap",
            f"Ngày {day:%d/%m/%Y} bản tin “{bulletin.title}” đã đủ {most} lượt, mức tối đa cho một nội dung "
            f"({self._whose(by)}).",
            {"same_text_a_day": most, **self._by(by)},
        )

    def last_evening(self, bulletin: BulletinFact, day: date, before: time, by: PolicyFact | None) -> Reason:
        return Reason(
            "cap",
            f"Bản tin “{bulletin.title}” đã phát tối hôm trước, nên trước {clock(before)} ngày {day:%d/%m/%Y} "
            f"không phát lại ({self._whose(by)}).",
            {"no_repeat_before": clock(before), **self._by(by)},
        )

    def next_dawn(self, bulletin: BulletinFact, day: date, before: time, by: PolicyFact | None) -> Reason:
        return Reason(
            "cap",
            f"Trước {clock(before)} ngày {day:%d/%m/%Y} đã có một lượt của bản tin “{bulletin.title}”, "
            f"nên tối hôm trước không phát nội dung này ({self._whose(by)}).",
            {"no_repeat_before": clock(before), **self._by(by)},
        )

    def sessions_used(self, day: date, most: int, by: PolicyFact | None) -> Reason:
        return Reason(
            "cap",
            f"Ngày {day:%d/%m/%Y} trạm đã dùng đủ {most} buổi phát, mức tối đa trong ngày ({self._whose(by)}).",
            {"sessions_a_day": most, **self._by(by)},
        )

    def session_full(self, session: SessionFact, length: timedelta) -> Reason:
        hours = f"{clock(session.from_time)}–{clock(session.until_time)}"
        return Reason(
            "session_full",
            f"Khung giờ “{session.name}” {hours} không còn đủ chỗ cho lượt phát dài {spoken_length(length)}.",
            {"session": session.name, "length_ms": length // timedelta(milliseconds=1)},
        )

    def session_too_short(self, session: SessionFact, whole: timedelta, length: timedelta) -> Reason:
        hours = f"{clock(session.from_time)}–{clock(session.until_time)}"
        return Reason(
            "session_full",
            f"Khung giờ “{session.name}” {hours} chỉ dài {spoken_length(whole)}, ngắn hơn lượt phát dài "
            f"{spoken_length(length)}.",
            {"session": session.name, "length_ms": length // timedelta(milliseconds=1)},
        )

    def unnamed_minutes(self, length: timedelta, longest: timedelta, by: PolicyFact | None) -> Reason:
        return Reason(
            "session_full",
            f"Thêm lượt phát dài {spoken_length(length)} vào đây thì buổi phát dài quá {spoken_length(longest)}, "
            f"mức tối đa của một buổi phát ({self._whose(by)}).",
            {"longest_session_ms": longest // timedelta(milliseconds=1), **self._by(by)},
        )

    def session_minutes(self, session: SessionFact, length: timedelta, most: int, by: PolicyFact | None) -> Reason:
        return Reason(
            "session_full",
            f"Thêm lượt phát dài {spoken_length(length)} thì khung giờ “{session.name}” vượt {most} phút, "
            f"mức tối đa của một buổi phát ({self._whose(by)}).",
            {"session": session.name, "longest_session_minutes": most, **self._by(by)},
        )

    def collision(
        self, title: str, rule_code: str, start: datetime, end: datetime | None, why_not_after: str
    ) -> Reason:
        """`end` None: an emergency that goes on until it is stopped."""
        if end is None:
            sentence = (
                f"Từ {self.moment(start)} trạm phát bản tin khẩn cấp “{title}” cho đến khi có lệnh dừng; "
                f"các lượt khác trở lại sau lệnh dừng."
            )
            return Reason("collision", sentence, {"with_rule": rule_code, "from": self.iso(start)})
        return Reason(
            "collision",
            f"Trùng với bản tin “{title}” phát {self.span(start, end)} (lịch {rule_code}); {why_not_after}.",
            {"with_rule": rule_code, "from": self.iso(start), "until": self.iso(end)},
        )

    def unit(self, unit_id: str) -> str:
        return self._unit_names.get(unit_id, unit_id)

    def iso(self, instant: datetime) -> str:
        return instant.astimezone(self._zone).isoformat(timespec="seconds")

    def time(self, instant: datetime) -> str:
        return clock(instant.astimezone(self._zone).time())

    def moment(self, instant: datetime) -> str:
        return f"{self.time(instant)} ngày {instant.astimezone(self._zone):%d/%m/%Y}"

    def span(self, start: datetime, end: datetime) -> str:
        return f"{self.time(start)}–{self.time(end)}"

    def _hours(self, sessions: tuple[SessionFact, ...]) -> str:
        return ", ".join(
            f"{session.name} {clock(session.from_time)}–{clock(session.until_time)}" for session in sessions
        )

    def _whose(self, by: PolicyFact | None, default: str = "mặc định") -> str:
        if by is None:
            return default
        return f"quy định của {self.unit(by.unit_id)}" + (f", theo {by.source}" if by.source else "")

    def _by(self, by: PolicyFact | None) -> dict[str, str | int]:
        if by is None:
            return {}
        return {"policy": by.id, "unit": by.unit_id, **({"source": by.source} if by.source else {})}


def clock(wall: time) -> str:
    """`17:15`, with seconds only where there are any."""
    return wall.strftime("%H:%M:%S" if wall.second else "%H:%M")


def spoken_length(length: timedelta) -> str:
    """`2 phút 10 giây`, rounded up to a whole second."""
    minutes, seconds = divmod(-(-length // timedelta(seconds=1)), 60)
    parts = [f"{minutes} phút"] * bool(minutes) + [f"{seconds} giây"] * bool(seconds or not minutes)
    return " ".join(parts)
