"""The set-up file: all of it or nothing, again only what changed, and mistakes named by line and field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from audio.store import AudioStore
from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import BroadcastError, Invalid, TooLarge
from broadcast.inviting import accept_invitation
from broadcast.obligation import Obligation
from broadcast.person import Person, person_by_login
from broadcast.policy import Policy
from broadcast.rule import Rule
from broadcast.station import Station
from broadcast.unit import Unit, UnitTree
from web.load import Loaded
from web.load.fields import Moment
from web.load.setup_file import parse

WHOLE = """
[[unit]]
code = "H"
name = "huyện Hạ"
kind = "huyện"

[[unit]]
code = "X"
name = "xã Xuân"
kind = "xã"
parent = "H"

[[person]]
login = "mot"
name = "Một"
assignments = [{ role = "editor", unit = "H" }]

[[person]]
login = "hai"
name = "Hai"
password = "mật khẩu dài đủ"
assignments = [{ role = "approver", unit = "H", from = 2026-01-01 }]

[[station]]
code = "S"
name = "Trạm Xuân"
unit = "X"
volume = 70

[[policy]]
unit = "H"
curfew = ["21:00", "05:00"]
sessions = [{ name = "sáng", from = "5h30", until = "06:30" }]
source = "Quy chế"

[[bulletin]]
code = "M"
title = "Họp dân"
class = "normal"
script = "Mời bà con đi họp."
author = "mot"
approver = "hai"

[[rule]]
code = "r"
bulletin = "M"
targets = ["X", "S"]
days = ["mon", "sun"]
times = ["17g15"]
from = 2026-11-01
until = 2026-12-31
except = [2026-11-30]

[[obligation]]
bulletin = "M"
units = ["X"]
at_least = 2
per = "day"
from = 2026-11-01
until = 2026-11-30
"""


def test_one_file_sets_up_everything(
    loaded: Callable[..., Loaded], sqlite_database: Database, fast: Settings, now: datetime
) -> None:
    done = loaded(WHOLE)
    assert {noun: len(codes) for noun, codes in done.added.items()} == {
        "unit": 2, "person": 2, "station": 1, "policy": 1, "bulletin": 1, "rule": 1, "obligation": 1,
    }  # fmt: skip
    assert not done.changed
    with sqlite_database.reading() as session:
        tree = UnitTree.on(session, date(2026, 11, 22))
        names = {unit.id: unit.code for unit in tree.units.values()}
        assert [names[unit] for unit in tree.path(next(u.id for u in tree.units.values() if u.code == "X"))] == [
            "X",
            "H",
        ]
        bulletin = session.scalars(select(Bulletin)).one()
        (approval,) = bulletin.latest.approvals
        assert (approval.approved_by_name, approval.via, approval.holds) == ("Hai", "load", True)
        assert AudioStore(fast.audio_dir).verify(approval.audio_sha256 or "")
        assert bulletin.unit.code == "H"
        rule = session.scalars(select(Rule)).one()
        assert (rule.times, rule.weekdays, rule.except_on) == (["17:15"], ["mon", "sun"], ["2026-11-30"])
        assert [(t.unit_id is not None, t.station_id is not None) for t in rule.targets] == [
            (True, False),
            (False, True),
        ]
        policy = session.scalars(select(Policy)).one()
        assert policy.sessions == [{"name": "sáng", "from": "05:30", "until": "06:30"}]
        assert session.scalars(select(Obligation)).one().at_least == 2
        hai = person_by_login(session, "hai")
        assert hai is not None
        assert hai.has_password("mật khẩu dài đủ")


def test_again_changes_nothing(loaded: Callable[..., Loaded]) -> None:
    first = loaded(WHOLE)
    again = loaded(WHOLE)
    assert again.nothing
    assert [login for login, _ in first.invitations] == ["mot"]
    assert again.invitations == []


def test_an_account_without_a_password_gets_a_link_that_works_once_and_for_seven_days(
    loaded: Callable[..., Loaded], sqlite_database: Database, now: datetime
) -> None:
    ((_, token),) = loaded(WHOLE).invitations
    with pytest.raises(BroadcastError, match="hết hạn"), sqlite_database.writing() as session:
        accept_invitation(session, token, "một mật khẩu tốt", now + timedelta(days=7))
    with sqlite_database.writing() as session:
        accept_invitation(session, token, "một mật khẩu tốt", now + timedelta(days=6))
    with pytest.raises(BroadcastError, match="đã dùng"), sqlite_database.writing() as session:
        accept_invitation(session, token, "một mật khẩu khác", now + timedelta(days=6))
    with sqlite_database.reading() as session:
        mot = person_by_login(session, "mot")
        assert mot is not None
        assert mot.has_password("một mật khẩu tốt")


def test_a_changed_script_is_a_new_revision_with_new_sound_and_a_new_approval(
    loaded: Callable[..., Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    done = loaded(WHOLE.replace("Mời bà con đi họp.", "Mời bà con đi họp lúc bảy giờ."))
    assert done.changed == {"bulletin": ["M"]}
    with sqlite_database.reading() as session:
        first, second = session.scalars(select(Bulletin)).one().revisions
        assert first.approvals[0].audio_sha256 != second.approvals[0].audio_sha256


def test_a_station_that_changes_its_unit_moves_today_and_keeps_its_past(
    loaded: Callable[..., Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    done = loaded(WHOLE.replace('unit = "X"\nvolume', 'unit = "H"\nvolume'))
    assert done.changed == {"station": ["S"]}
    with sqlite_database.reading() as session:
        links = session.scalars(select(Station)).one().units
        assert [(link.unit.code, link.from_on, link.until_on) for link in links] == [
            ("X", None, date(2026, 11, 21)),
            ("H", date(2026, 11, 22), None),
        ]


def test_a_changed_policy_acts_from_today_and_the_old_one_stays_for_the_past(
    loaded: Callable[..., Loaded], sqlite_database: Database
) -> None:
    loaded(WHOLE)
    assert loaded(WHOLE.replace('"21:00", "05:00"', '"22:30", "04:30"')).changed == {"policy": ["H"]}
    assert loaded(WHOLE.replace('"21:00", "05:00"', '"22:30", "04:30"')).nothing
    with sqlite_database.reading() as session:
        old, new = session.scalars(select(Policy).order_by(Policy.id))
        assert (old.curfew, old.until_on) == (["21:00", "05:00"], date(2026, 11, 21))
        assert (new.curfew, new.from_on) == (["22:30", "04:30"], date(2026, 11, 22))


MISTAKES = [
    ('code = "X"\nname = "xã Xuân"', 'code = "X"\nnam = "xã Xuân"', ["[[unit]]", "nam", "không có trường", "dòng 9"]),
    ('kind = "xã"\nparent = "H"', 'kind = "xã"\nparent = "Z"', ["dòng 11", "[[unit]] parent", "“Z”"]),
    ('role = "editor"', 'role = "boss"', ["dòng 16", "[[person]] assignments", "editor"]),
    ("volume = 70", "volume = 170", ["dòng 28", "[[station]] volume", "100"]),
    ('curfew = ["21:00", "05:00"]', 'curfew = ["25:61", "05:00"]', ["[[policy]] curfew", "25:61"]),
    ('approver = "hai"', 'approver = "mot"', ["[[bulletin]]", "người khác"]),
    ('author = "mot"\napprover = "hai"', 'author = "hai"\napprover = "mot"', ["approver", "không có vai trò"]),
    ('times = ["17g15"]', 'times = ["17:75"]', ["[[rule]] times", "17:75"]),
    ("until = 2026-12-31", "until = 2026-10-31", ["[[rule]]", "until", "from"]),
    ('targets = ["X", "S"]', 'targets = ["X", "T9"]', ["[[rule]] targets", "“T9”"]),
    ("except = [2026-11-30]", 'except = ["2026-02-30"]', ["[[rule]] except", "2026-02-30"]),
    ("from = 2026-11-01\nuntil = 2026-12-31", "from = 2026-02-30\nuntil = 2026-12-31", ["dòng"]),
    ('script = "Mời bà con đi họp."', 'script = "Mời bà con đi họp ngày … tháng 3."', ["[[bulletin]] script", "dòng"]),
    ('code = "S"\n', 'code = "S"\nunknown = [\n', ["dòng", "TOML"]),
    ("from = 2026-01-01 }", 'from = "today" }', ["[[person]] assignments", "today"]),
    ("from = 2026-01-01 }", "from = 9999-12-31 }", ["[[person]] assignments", "2200"]),
    ('code = "S"\n', 'code = ".."\n', ["[[station]] code", "dòng"]),
    ('code = "S"\n', 'code = "."\n', ["[[station]] code", "dòng"]),
    ('code = "S"\n', 'code = "them"\n', ["[[station]] code", "tên một trang"]),
    ('login = "mot"', 'login = "them"', ["[[person]] login", "tên một trang"]),
    ('name = "Trạm Xuân"', 'name = "Trạm\\u0000Xuân"', ["[[station]] name", "U+0000"]),
    ('name = "Trạm Xuân"', 'name = "Trạm\\u0007Xuân"', ["[[station]] name", "điều khiển"]),
    ('name = "Trạm Xuân"', 'name = "Trạm\\u202EXuân"', ["[[station]] name", "không nhìn thấy"]),
    ('script = "Mời bà con đi họp."', 'script = "Mời\\u0000 bà con."', ["[[bulletin]] script", "U+0000"]),
    ('times = ["17g15"]', 'times = ["17\\u0000"]', ["[[rule]] times", "U+0000"]),
    ("volume = 70", f"volume = {'9' * 5000}", ["con số", "giới hạn"]),
    ("volume = 70", f"volume = 70\na = {'[' * 100_000}", ["ngoặc"]),
    ("volume = 70", f"volume = {'{a=' * 5_000}", ["ngoặc"]),
]


@pytest.mark.parametrize(("right", "wrong", "told"), MISTAKES)
def test_a_mistake_names_its_line_its_field_and_what_would_be_right(
    loaded: Callable[..., Loaded], sqlite_database: Database, right: str, wrong: str, told: list[str]
) -> None:
    assert right in WHOLE
    with pytest.raises(Invalid) as raised:
        loaded(WHOLE.replace(right, wrong))
    for words in told:
        assert words in raised.value.message_vi
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("doubt", ["XQZT", "{xã", "{{xã}}"])
def test_open_questions_are_listed_unless_the_file_says_read_as_is(loaded: Callable[..., Loaded], doubt: str) -> None:
    doubtful = WHOLE.replace("Mời bà con đi họp.", f"Mời bà con đến {doubt} họp.")
    with pytest.raises(Invalid, match=f"“{doubt}”"):
        loaded(doubtful)
    assert loaded(doubtful.replace('author = "mot"', 'author = "mot"\nread_as_is = true')).added["bulletin"] == ["M"]


def test_a_huge_file_and_a_binary_one_are_refused() -> None:
    with pytest.raises(TooLarge):
        parse(b"#" * (5 * 1024 * 1024))
    with pytest.raises(Invalid, match="UTF-8"):
        parse(b"\xff\xfe\x00\x01")


def test_relative_days_and_times_are_filled_in_for_the_demonstration_only() -> None:
    text = WHOLE.replace("from = 2026-11-01\nuntil = 2026-12-31", 'from = "today"\nuntil = "today+1"').replace(
        "17g15", '+1", "+2'
    )
    with pytest.raises(Invalid, match="không phải"):
        parse(text.encode())
    # 23:58:45 in Vietnam: the first whole minute that is at least 20 s ahead is midnight, so today is tomorrow.
    late = datetime(2026, 11, 22, 16, 58, 45, tzinfo=UTC)
    setup, _ = parse(text.encode(), Moment(late, VIETNAM))
    assert setup.rule[0].times == ["00:00", "00:01"]
    assert (setup.rule[0].from_on, setup.rule[0].until_on) == (date(2026, 11, 23), date(2026, 11, 24))
    early = datetime(2026, 11, 22, 16, 58, 40, tzinfo=UTC)
    setup, _ = parse(text.encode(), Moment(early, VIETNAM))
    assert setup.rule[0].times == ["23:59", "00:00"]
