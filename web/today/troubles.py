"""Cần xử lý: what needs a hand, each as one sentence with one button. The gravest first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from broadcast.airing import Refusal
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.log_entry import SetAside
from broadcast.person import Person
from broadcast.rights import Act
from broadcast.rule import Rule
from broadcast.station import Enrolment, Station
from web.airings import Shown
from web.bulletins.communes import with_newcomers
from web.lexicon.outdated import flagged, is_being_mended, outdated_sounds
from web.shell.access import current_person, current_rights, now, scope, scope_units, today
from web.shell.formats import vn_ago, vn_number, vn_time
from web.shell.words import plan_reason_word, station_trouble
from web.stations.health import SPEAKING, health
from web.today.dead_ends import nobody_may_approve, rules_without_bulletins
from web.today.emergency import emergencies
from web.today.falling_short import falling_short
from web.today.soon import soon_in_danger
from web.today.trouble import Trouble

MOST_OF_A_KIND = 3  # the rest of a kind is one sentence with their number
LOOK_AHEAD = timedelta(days=7)
_GRACE = timedelta(minutes=2)  # a slot that was just refused may be granted by the next tick


def troubles(session: Session, stations: list[Station], airings: list[Shown]) -> list[Trouble]:
    """Everything in the unit one looks at that one can see, and can do something about."""
    return [
        *emergencies(session, stations),
        *soon_in_danger(session),
        *_first_of(_silent(stations, airings), "trạm im lặng khác", "Xem các trạm", "/tram?tinh-trang=silent"),
        *_first_of(_missed(airings), "nhóm lượt không phát khác", "Xem tất cả", _behind(**{"ket-qua": "missed"})),
        *_first_of(_ailing(stations), "trạm khác cần xem", "Xem các trạm", "/tram"),
        *_set_aside(session, stations),
        *_first_of(falling_short(session), "chỉ tiêu khác còn thiếu", "Xem các chỉ tiêu", "/chi-tieu"),
        *_first_of(rules_without_bulletins(session), "lịch khác hết bản tin", "Xem lịch phát", "/lich-phat"),
        *_first_of(
            nobody_may_approve(session, latest_in(session, State.SUBMITTED, scope_units())),
            "bản tin khác chưa ai duyệt được",
            "Xem tất cả",
            "/ban-tin?trang-thai=submitted",
        ),
        *_first_of(_waiting(session), "bản tin khác chờ duyệt", "Xem tất cả", "/duyet"),
        *_first_of(_own_work(session), "bản tin khác cần sửa", "Xem tất cả", "/ban-tin"),
        *_first_of(_outdated(session), "bản tin khác còn theo cách đọc cũ", "Xem tất cả", "/tu-dien/doc-cu"),
        *_first_of(_refused(session, stations), "nhóm lượt khác chưa xếp được", "Xem lịch phát", "/lich-phat"),
        *_first_of(_awaited(stations), "trạm khác chờ kết nối", "Xem các trạm", "/tram?tinh-trang=awaited"),
    ]


def _first_of(found: Iterator[Trouble], others: str, button: str, href: str) -> Iterator[Trouble]:
    all_of_them = list(found)
    # One more sentence than the limit is as short as a sentence about it.
    if len(all_of_them) <= MOST_OF_A_KIND + 1:
        yield from all_of_them
        return
    yield from all_of_them[:MOST_OF_A_KIND]
    left = len(all_of_them) - MOST_OF_A_KIND
    yield Trouble(f"Và {vn_number(left)} {others}.", button, href, all_of_them[0].grave)


def _silent(stations: list[Station], airings: list[Shown]) -> Iterator[Trouble]:
    unknown = Counter(one.airing.station_id for one in airings if one.kind == "unknown")
    for station in stations:
        if health(station) != "silent" or station.status is None:
            continue
        told = f"{station.name} im lặng từ {vn_time(station.status.seen_at)} ({vn_ago(station.status.seen_at, now())})"
        if count := unknown[station.id]:
            told += f", {count} lượt phát hôm nay chưa rõ kết quả"
        yield Trouble(f"{told}.", "Xem trạm", f"/tram/{station.code}", grave=True)


def _missed(airings: list[Shown]) -> Iterator[Trouble]:
    """Grouped by bulletin and reason: a district-wide failure is one sentence."""
    groups: defaultdict[tuple[int, str], list[Shown]] = defaultdict(list)
    for one in airings:
        if one.kind == "missed":
            groups[one.airing.bulletin_id, one.outcome.reason or ""].append(one)
    for (_, code), group in sorted(groups.items(), key=lambda each: -len(each[1])):
        first, reason = group[0].airing, group[0].reason
        if len(group) == 1:
            told = f"{first.station.name} không phát “{first.bulletin.title}” lúc {vn_time(first.starts_at)}: {reason}."
            yield Trouble(told, "Xem lượt phát", f"/luot-phat/{first.id}", grave=True)
            continue
        places = len({one.airing.station_id for one in group})
        where = f"ở {places} trạm" if places > 1 else f"ở {first.station.name}"
        told = f"“{first.bulletin.title}” có {len(group)} lượt không phát {where}: {reason}."
        behind = _behind(**{"ket-qua": "missed", "ban-tin": first.bulletin.code, "ly-do": code})
        yield Trouble(told, "Xem các lượt", behind, grave=True)


def _behind(**narrowed: str) -> str:
    """The list of exactly the airings that a sentence counts."""
    day = today().isoformat()
    args: dict[str, Any] = {"don-vi": scope().code, "tu": day, "den": day, **narrowed}
    return url_for("reports.airings", **args)


def _ailing(stations: list[Station]) -> Iterator[Trouble]:
    for station in stations:
        status = station.status
        if status is None or health(station) not in SPEAKING:
            continue
        href = f"/tram/{station.code}"
        if status.clock_source == "none":
            told = f"{station.name} chưa biết giờ đúng nên không phát. Hãy kiểm tra mạng của trạm."
            yield Trouble(told, "Xem trạm", href, grave=True)
        if status.errors:
            yield Trouble(f"{station.name} báo lỗi: {station_trouble(status.errors[0])}.", "Xem trạm", href, grave=True)
        if status.audio_missing:
            told = f"{station.name} còn thiếu {status.audio_missing} tệp âm thanh cho các lượt sắp tới."
            yield Trouble(told, "Xem trạm", href)


def _set_aside(session: Session, stations: list[Station]) -> Iterator[Trouble]:
    rows = session.execute(
        select(Enrolment.station_id, func.count())
        .select_from(SetAside)
        .join(Enrolment, Enrolment.id == SetAside.enrolment_id)
        .where(SetAside.explained_at.is_(None))
        .group_by(Enrolment.station_id)
    )
    counts: dict[int, int] = dict(rows.all())
    for station in stations:
        if count := counts.get(station.id):
            told = f"Nhật ký của {station.name} có {count} mục không khớp chuỗi, đã để riêng để kiểm tra."
            yield Trouble(told, "Xem nhật ký", f"/nhat-ky?tram={station.code}", grave=True)


def _waiting(session: Session) -> Iterator[Trouble]:
    """For those who may decide and did not write it."""
    rights, me = current_rights(), current_person()
    units = rights.units(Act.DECIDE) & scope_units()
    for bulletin, revision in latest_in(session, State.SUBMITTED, units):
        if me.id not in bulletin.author_ids:
            sender = session.get_one(Person, revision.submitted_by_id or revision.author_id)
            told = f"“{bulletin.title}” chờ duyệt: {sender.name} gửi {vn_ago(revision.submitted_at, now())}."
            yield Trouble(told, "Nghe và duyệt", f"/duyet/{bulletin.code}")
    for bulletin in with_newcomers(session):
        on_air = bulletin.airing_revision
        if on_air is not None and me.id not in bulletin.authors_up_to(on_air):
            names = ", ".join(each.unit.name for each in on_air.unapproved_sounds if each.unit is not None)
            told = f"“{bulletin.title}” chưa phát ở {names}: bản riêng của nơi này chờ duyệt."
            yield Trouble(told, "Nghe và duyệt", f"/duyet/{bulletin.code}/xa-moi")


def _own_work(session: Session) -> Iterator[Trouble]:
    """What was sent back to oneself, or could not be made to sound."""
    me, units = current_person().id, current_rights().units(Act.WRITE) & scope_units()
    for bulletin, revision in latest_in(session, State.RETURNED, units):
        if revision.author_id == me:
            told = f"“{bulletin.title}” bị trả lại: {revision.returned_reason}"
            yield Trouble(told, "Sửa bản tin", f"/ban-tin/{bulletin.code}")
    for bulletin, revision in latest_in(session, State.DRAFT, units):
        rendering = revision.rendering
        if revision.author_id == me and rendering is not None and rendering.state == "failed":
            told = f"Chưa dựng được âm thanh cho “{bulletin.title}”: {rendering.message_vi or 'không rõ lý do'}"
            yield Trouble(told, "Sửa bản tin", f"/ban-tin/{bulletin.code}")


def _outdated(session: Session) -> Iterator[Trouble]:
    """On air as approved, though they are said otherwise by now; for those who may make them sound anew."""
    for bulletin in flagged(session, current_rights().units(Act.WRITE) & scope_units()):
        if not is_being_mended(bulletin):
            since = vn_ago(outdated_sounds(bulletin)[0].outdated_at, now())
            told = f"“{bulletin.title}” còn âm thanh theo cách đọc cũ: từ điển hoặc thông tin đơn vị đã đổi {since}."
            yield Trouble(told, "Dựng lại để duyệt", f"/tu-dien/doc-cu/{bulletin.code}")


def latest_in(session: Session, state: State, units: set[int]) -> list[tuple[Bulletin, Revision]]:
    """Bulletins of these units whose newest revision stands there, the oldest first."""
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.bulletin_id == Bulletin.id).scalar_subquery()
    rows = session.execute(
        select(Bulletin, Revision)
        .join(Revision, Revision.bulletin_id == Bulletin.id)
        .where(
            Revision.number == newest,
            Revision.state == state.value,
            Bulletin.unit_id.in_(units),
            Bulletin.withdrawn_at.is_(None),
        )
        .order_by(Revision.submitted_at, Revision.created_at)
    )
    return [(bulletin, revision) for bulletin, revision in rows if bulletin.state_on(today()) == state]


def _refused(session: Session, stations: list[Station]) -> Iterator[Trouble]:
    """Slots of the coming days that nobody will hear, by rule and reason. What was ended on purpose is no trouble."""
    rows = session.execute(
        select(Rule, Refusal.code, func.count())
        .select_from(Refusal)
        .join(Rule, Rule.id == Refusal.rule_id)
        .where(
            Refusal.station_id.in_([station.id for station in stations]),
            Refusal.asked_at >= now(),
            Refusal.asked_at < now() + LOOK_AHEAD,
            Refusal.noted_at < now() - _GRACE,
            Refusal.code.not_in(["withdrawn", "expired"]),
            Refusal.facts["declined_by"].as_string().is_(None),
        )
        .group_by(Rule.id, Refusal.code)
        .order_by(func.count().desc(), Rule.id)
    )
    readable = current_rights().units(Act.READ)
    for rule, code, count in rows:
        name = rule.name or (rule.bulletins[0].bulletin.title if rule.bulletins else "không tên")
        told = f"{vn_number(count)} lượt của lịch “{name}” trong 7 ngày tới không xếp được: {plan_reason_word(code)}."
        if rule.unit_id in readable:
            yield Trouble(told, "Xem lịch phát", f"/lich-phat/{rule.code}")


def _awaited(stations: list[Station]) -> Iterator[Trouble]:
    tended = current_rights().units(Act.TEND_STATION)
    for station in stations:
        if health(station) == "awaited" and any(link.unit_id in tended for link in station.units):
            told = f"{station.name} chưa kết nối lần nào."
            yield Trouble(told, "Ghi danh trạm", f"/tram/{station.code}/ghi-danh")
