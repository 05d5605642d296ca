"""What would mend a shortage: free times that the plan would grant, or its reason why there is none."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy.orm import Session

from broadcast.clock import VIETNAM
from broadcast.obligation import Obligation
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from schedules.obligations.mending import Mending, mend, needs_of
from schedules.obligations.standing import State, standing
from tests.schedules.obliged import Obliged
from tests.schedules.planned import replanned

TODAY = date(2026, 11, 22)  # a Sunday, 10:00
DAY = timedelta(days=1)
SESSIONS = [{"name": "sáng", "from": "05:30", "until": "06:00"}, {"name": "chiều", "from": "17:00", "until": "17:30"}]


@pytest.fixture
def obliged(session: Session, now) -> Obliged:
    made = Obliged(session, now)
    made.rule.from_on = made.rule.until_on = None  # 17:15 every day
    session.flush()
    return made


def mended(obliged: Obliged, order: Obligation) -> Mending:
    replanned(obliged.session, obliged.now)
    return mend(obliged.session, standing(obliged.session, order, obliged.now, VIETNAM), obliged.now, VIETNAM)


def take(obliged: Obliged, mending: Mending) -> None:
    """What a click does."""
    for number, offer in enumerate(mending.offers):
        rule = Rule(
            code=f"bu{number}", unit_id=obliged.district.top.id, created_at=obliged.now,
            dates=[day.isoformat() for day in offer.days], times=[f"{wall:%H:%M}" for wall in offer.times],
        )  # fmt: skip
        rule.bulletins.append(RuleBulletin(bulletin_id=obliged.bulletin.id, position=0))
        stations = obliged.session.query(Station).where(Station.code.in_(offer.stations))
        rule.targets.extend(RuleTarget(station_id=station.id) for station in stations)
        obliged.session.add(rule)
    obliged.session.flush()
    replanned(obliged.session, obliged.now)


def test_stations_alike_share_one_offer_and_taking_it_mends_them(obliged: Obliged) -> None:
    for number in range(5):
        obliged.station(f"S{number}")
    order = obliged.order(3, TODAY, TODAY + 3 * DAY)
    mending = mended(obliged, order)
    assert mending.hopeless == []
    assert sum(offer.airings for offer in mending.offers) == 5 * 4 * 2
    assert {len(offer.stations) for offer in mending.offers} == {5}
    assert all(len(offer.times) == 2 and time(17, 15) not in offer.times for offer in mending.offers)
    assert {day for offer in mending.offers for day in offer.days} == {TODAY + n * DAY for n in range(4)}
    today = next(offer for offer in mending.offers if TODAY in offer.days)
    assert min(today.times) > time(10)
    take(obliged, mending)
    after = standing(obliged.session, order, obliged.now, VIETNAM)
    assert (after.state, after.short) == (State.COMING, 0)


def test_nothing_is_offered_beyond_the_cap_of_the_same_text(obliged: Obliged) -> None:
    obliged.station()
    obliged.district.policy(obliged.district.top, same_text_a_day=2, source="Quyết định 12")
    order = obliged.order(4, TODAY + DAY, TODAY + DAY)
    mending = mended(obliged, order)
    [offer] = mending.offers
    assert (len(offer.times), offer.days) == (1, (TODAY + DAY,))
    [hopeless] = mending.hopeless
    assert (hopeless.airings, hopeless.stations) == (2, ("S1",))
    assert "Quyết định 12" in hopeless.reason
    take(obliged, mending)
    after = standing(obliged.session, order, obliged.now, VIETNAM)
    assert (after.short, after.stations[0].count.to_come) == (2, 2)


def test_a_full_session_is_told_with_the_plans_reason(obliged: Obliged) -> None:
    obliged.station()
    obliged.district.policy(obliged.district.top, sessions=SESSIONS, longest_session_minutes=1)
    obliged.rule.times = ["05:30", "17:00"]
    order = obliged.order(3, TODAY + DAY, TODAY + DAY)
    mending = mended(obliged, order)
    assert mending.offers == []
    [hopeless] = mending.hopeless
    assert hopeless.airings == 1
    assert "khung giờ" in hopeless.reason.lower()


def test_today_at_night_nothing_is_left(obliged: Obliged) -> None:
    obliged.station()
    obliged.now += timedelta(hours=11, minutes=30)  # 21:30; the curfew begins at 22:00
    [hopeless] = mended(obliged, obliged.order(2, TODAY, TODAY)).hopeless
    assert hopeless.days == (TODAY,)
    assert hopeless.reason


def test_a_bulletin_nobody_approved_cannot_mend_anything(obliged: Obliged) -> None:
    obliged.station()
    draft = obliged.district.draft("N")
    mending = mended(obliged, obliged.order(1, TODAY + DAY, TODAY + DAY, bulletin_id=draft.id))
    assert mending.offers == []
    assert "chưa được phê duyệt" in mending.hopeless[0].reason


def test_what_a_whole_range_is_short_of_is_spread_over_the_days_left(obliged: Obliged) -> None:
    station = obliged.station()
    replanned(obliged.session, obliged.now)
    order = obliged.order(9, TODAY, TODAY + 3 * DAY, "total")
    made = standing(obliged.session, order, obliged.now, VIETNAM)
    assert needs_of(made) == {station.id: ((TODAY, 2), (TODAY + DAY, 1), (TODAY + 2 * DAY, 1), (TODAY + 3 * DAY, 1))}
    take(obliged, mended(obliged, order))
    assert standing(obliged.session, order, obliged.now, VIETNAM).state is State.COMING


def test_where_nothing_is_short_nothing_is_offered(obliged: Obliged) -> None:
    obliged.station()
    assert mended(obliged, obliged.order(1, TODAY, TODAY + DAY)) == Mending()


def test_the_same_offer_has_the_same_key(obliged: Obliged) -> None:
    obliged.station()
    order = obliged.order(2, TODAY, TODAY)
    first, second = mended(obliged, order), mended(obliged, order)
    assert [offer.key for offer in first.offers] == [offer.key for offer in second.offers] != []
