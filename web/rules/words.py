"""A rule in words: what, where, at which times, on which days, from when until when, how often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.bulletin import Bulletin
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from schedules.days.lunar import LunarDate
from web.shell.access import today
from web.shell.formats import WEEKDAY_CODES, WEEKDAYS, vn_date, vn_datetime


@dataclass(frozen=True)
class RuleWords:
    """The parts of the sentence; `state` is one of coming, running, ended, stopped, emergency."""

    rule: Rule
    places: str
    times: str
    days: str
    span: str
    repeats: str
    state: str

    @property
    def state_word(self) -> str:
        return {
            "coming": "sắp bắt đầu",
            "running": "đang chạy",
            "ended": "đã hết hạn",
            "stopped": "đã dừng",
            "emergency": "đang phát khẩn cấp",
        }[self.state]

    @property
    def titles(self) -> list[str]:
        return [link.bulletin.title for link in self.rule.bulletins]

    @property
    def name(self) -> str:
        """The rule's own name, else its sentence in short: what, when, where."""
        if self.rule.name or not self.titles:
            return self.rule.name or self.rule.code
        more = len(self.titles) - 1
        what = f"{self.titles[0]} và {more} bản tin khác" if more else self.titles[0]
        if self.rule.starts_at is not None:
            return what
        return f"{what}, {self.times}, {self.days}, tại {self.places}"

    @property
    def is_live(self) -> bool:
        return self.state in {"coming", "running", "emergency"}


EAGER = (
    selectinload(Rule.bulletins).joinedload(RuleBulletin.bulletin).selectinload(Bulletin.revisions),
    selectinload(Rule.targets).joinedload(RuleTarget.unit),
    selectinload(Rule.targets).joinedload(RuleTarget.station),
    joinedload(Rule.unit),
)


def words_of(rule: Rule, now: datetime) -> RuleWords:
    return RuleWords(
        rule=rule,
        places=_places(rule),
        times=_times(rule),
        days=_days(rule),
        span=_whole_span(rule) if rule.starts_at is None else "",
        repeats=_repeats(rule),
        state=state_of(rule, now, today()),
    )


def parts_of(rule: Rule) -> dict[str, str]:
    """Each part of the form in words, by its Vietnamese name: what two people who edit at once compare."""
    collision = f"phát nối sau, muộn nhất {rule.shift_minutes} phút" if rule.on_collision == "after" else "bỏ lượt"
    return {
        "Bản tin": ", ".join(link.bulletin.title for link in rule.bulletins),
        "Nơi phát": ", ".join(_place_names(rule)),
        "Giờ phát": _times(rule),
        "Các ngày": _days(rule, all_days=True),
        "Thời hạn": _whole_span(rule),
        "Mỗi lượt": _repeats(rule) or "đọc một lần",
        "Khi trùng giờ": collision,
        "Tên lịch": rule.name or "không đặt",
        "Căn cứ": rule.source or "không ghi",
    }


def state_of(rule: Rule, now: datetime, day: date) -> str:
    if rule.stopped_at is not None and rule.stopped_at <= now:
        return "stopped"
    if rule.starts_at is not None:
        return "emergency"
    if rule.until_on is not None and rule.until_on < day:
        return "ended"
    return "coming" if rule.from_on is not None and rule.from_on > day else "running"


def rules_of_bulletin(session: Session, bulletin: Bulletin, now: datetime) -> list[RuleWords]:
    """Rules that air it and have not ended, the oldest first."""
    rules = session.scalars(
        select(Rule)
        .join(RuleBulletin, RuleBulletin.rule_id == Rule.id)
        .where(RuleBulletin.bulletin_id == bulletin.id, or_(Rule.until_on.is_(None), Rule.until_on >= today()))
        .options(*EAGER)
        .order_by(Rule.created_at)
    )
    return [words for rule in rules if (words := words_of(rule, now)).is_live]


def _place_names(rule: Rule) -> list[str]:
    names = [target.unit.name for target in rule.targets if target.unit is not None]
    return names + [target.station.name for target in rule.targets if target.station is not None]


def _places(rule: Rule) -> str:
    names = _place_names(rule)
    shown = ", ".join(names[:4])
    return f"{shown} và {len(names) - 4} nơi khác" if len(names) > 4 else shown


def _times(rule: Rule) -> str:
    if rule.starts_at is not None:
        return f"từ {vn_datetime(rule.starts_at)} cho tới khi có lệnh dừng"
    parts = [", ".join(rule.times)] if rule.times else []
    if rule.every_minutes and rule.between:
        parts.append(f"cứ {rule.every_minutes} phút một lần từ {rule.between[0]} đến {rule.between[1]}")
    if rule.per_day:
        which = f" {', '.join(rule.sessions)}" if rule.sessions else ""
        parts.append(f"{rule.per_day} lượt một ngày chia đều các khung giờ{which}{_opening(rule)}")
    elif rule.sessions:
        parts.append(f"trong khung giờ {', '.join(rule.sessions)}{_opening(rule)}")
    return "; ".join(parts)


def _opening(rule: Rule) -> str:
    return ", mở đầu khung" if rule.place == "opening" else ""


def _days(rule: Rule, *, all_days: bool = False) -> str:
    few = ", ".join if all_days else _first_five
    if rule.starts_at is not None:
        return ""
    parts = []
    if rule.weekdays:
        parts.append(
            ", ".join(
                WEEKDAYS[WEEKDAY_CODES.index(day)].lower() for day in sorted(rule.weekdays, key=WEEKDAY_CODES.index)
            )
        )
    if rule.dates:
        parts.append(few(span_words(rule.dates)))
    if rule.lunar_days:
        parts.append(f"{lunar_days_words(rule.lunar_days)} âm lịch")
    told = " và ".join(parts) or "hằng ngày"
    told += {"skip": ", không phát ngày lễ", "only": ", chỉ khi là ngày lễ"}.get(rule.holidays, "")
    if rule.except_on:
        told += f", trừ {few(span_words(rule.except_on))}"
    return told


def lunar_days_words(days: Iterable[int]) -> str:
    """`mùng một và rằm`, `mùng 2, ngày 14 và rằm`."""
    names = [lunar_day_word(day) for day in sorted(days)]
    return " và ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def lunar_day_word(day: int) -> str:
    if day == 15:
        return "rằm"
    return "mùng một" if day == 1 else f"mùng {day}" if day <= 10 else f"ngày {day}"


def lunar_name(on: LunarDate) -> str:
    """`rằm tháng 6 nhuận`, `mùng một tháng Giêng`."""
    month = {1: "Giêng", 12: "Chạp"}.get(on.month, str(on.month))
    return f"{lunar_day_word(on.day)} tháng {month}{' nhuận' if on.is_leap else ''}"


def _first_five(words: list[str]) -> str:
    return ", ".join(words[:5]) + (f" và {len(words) - 5} khoảng ngày khác" if len(words) > 5 else "")


def span_words(days: list[str]) -> list[str]:
    """ISO days as people read them, three and more in a row as `28/01/2027 - 03/02/2027`."""
    spans: list[list[date]] = []
    for day in sorted({date.fromisoformat(each) for each in days}):
        if spans and day == spans[-1][-1] + timedelta(days=1):
            spans[-1].append(day)
        else:
            spans.append([day])
    words = []
    for span in spans:
        words += [f"{vn_date(span[0])} - {vn_date(span[-1])}"] if len(span) > 2 else [vn_date(day) for day in span]
    return words


def _whole_span(rule: Rule) -> str:
    return _span(rule.from_on, rule.until_on) + (", hoặc sớm hơn khi đạt chỉ tiêu" if rule.ends_when_met else "")


def _span(from_on: date | None, until_on: date | None) -> str:
    if from_on and until_on:
        return f"từ {vn_date(from_on)} đến hết {vn_date(until_on)}"
    if from_on:
        return f"từ {vn_date(from_on)}, không hạn"
    return f"đến hết {vn_date(until_on)}" if until_on else "không hạn"


def _repeats(rule: Rule) -> str:
    if rule.starts_at is not None:
        return "đọc lặp lại"
    return "" if rule.repeats == 1 else f"mỗi lượt đọc {rule.repeats} lần, cách nhau {rule.gap_seconds} giây"
