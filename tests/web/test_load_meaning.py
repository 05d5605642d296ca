"""A rule or a policy of a set-up file that cannot be meant is refused at its line and field; ready-made sets; hours as
people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from broadcast.clock import VIETNAM
from broadcast.db import Database
from broadcast.errors import Invalid
from broadcast.policy import Policy
from broadcast.rule import Rule
from broadcast.unit import Unit
from web.demonstration.district import FILE
from web.load import Loaded
from web.load.fields import Moment
from web.load.setup_file import PolicyTable, parse

PLACES = """
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
"""
TEXT = """
[[bulletin]]
code = "M"
title = "Họp dân"
class = "normal"
script = "Mời bà con đi họp."
author = "mot"

[[rule]]
code = "r"
bulletin = "M"
targets = ["X"]
"""

POLICY = """
[[policy]]
unit = "H"
sessions = [{{ name = "sáng", from = "05:30", until = "{until}" }}]
"""


def policy_with(line: str) -> str:
    return f'{PLACES}\n[[policy]]\nunit = "H"\n{line}\n'


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def table_of(text: str) -> PolicyTable:
    setup, _ = parse(f'[[policy]]\nunit = "H"\n{text}\n'.encode())
    return setup.policy[0]


@pytest.mark.parametrize(
    ("line", "field", "said"),
    [
        ('curfew = ["05:00", "5h"]', "curfew", "cấm cả ngày"),
        ('curfew = ["22:00", "11:00", "11:00", "22:00"]', "curfew", "cấm cả ngày"),
        ('curfew = ["22:00"]', "curfew", "từng cặp giờ"),
        ('curfew = ["22:00", "25:61"]', "curfew", "Không có giờ “25:61”"),
        ("days = []", "days", "không cho phát ngày nào"),
        ("sessions_a_day = 0", "sessions_a_day", "0 buổi thì không phát được gì"),
        ("same_text_a_day = 0", "same_text_a_day", "từ 1 trở lên"),
        ("longest_session_minutes = 0", "longest_session_minutes", "từ 1 trở lên"),
        ('no_repeat_before = "sáu giờ"', "no_repeat_before", "Không hiểu giờ “sáu giờ”"),
        ('no_repeat_before = "06:00:30"', "no_repeat_before", "chỉ ghi đến phút"),
        ('sessions = [{ name = "*", from = "5h30", until = "6h30" }]', "sessions", "tên bằng chữ"),
        ('sessions = [{ name = "sáng", from = "6h30", until = "5h30" }]', "sessions", "kết thúc sau khi bắt đầu"),
        ('set = "hanoi-1999"', "set", "phải là một trong"),
        ('set = "two-sessions-of-60"\ncurfew = ["16:00", "07:00"]', "sessions", "nằm trọn trong giờ cấm phát"),
    ],
)
def test_a_policy_that_forbids_everything_or_means_nothing_is_told_at_its_line(
    loaded: Callable[..., Loaded], sqlite_database: Database, line: str, field: str, said: str
) -> None:
    text = policy_with(line)
    with pytest.raises(Invalid) as refused:
        loaded(text)
    told = refused.value.message_vi
    assert said in told
    assert f"[[policy]] {field}" in told
    written = line.startswith(field)  # what comes from a ready-made set stands nowhere in the file
    assert told.startswith(f"dòng {line_of(text, field if written else '[[policy]]')}, ")
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count(Unit.id))) == 0


@pytest.mark.parametrize(
    ("lines", "field", "said"),
    [
        ('times = ["25:61"]', "times", "Không có giờ “25:61”"),
        ('times = ["5h3"]', "times", "hai cách"),
        ('times = ["05:30"]\ndays = ["mon"]\nfrom = 2026-11-24\nuntil = 2026-11-29', "days", "không rơi vào khoảng"),
        ('times = ["05:30"]\nlunar_days = [1]\nfrom = 2026-11-24\nuntil = 2026-11-29', "lunar_days", "không rơi vào"),
        ('times = ["05:30"]\nholidays = "only"\nfrom = 2026-11-01\nuntil = 2026-11-09', "holidays", "ngày lễ nào"),
        ('times = ["05:30"]\nfrom = 2026-01-01\nuntil = 2056-01-01', "until", "kiểm tra lại năm"),
        ("", "times", "Chưa có giờ phát"),
        ("times = ['05:30']\ndays = []", "days", "bỏ trường này để phát hằng ngày"),
        ('times = ["05:30"]\nplace = "opening"', "place", "khung giờ"),
        ("every_minutes = 90", "every_minutes", "khoảng giờ"),
        ('every_minutes = 90\nbetween = ["20:00", "06:00"]', "between", "trước khi bắt đầu"),
        ('every_minutes = 1\nbetween = ["06:00", "20:00"]', "times", "288"),
    ],
)
def test_a_rule_that_never_airs_is_told_at_its_line_and_before_anything_is_spoken(
    loaded: Callable[..., Loaded], sqlite_database: Database, lines: str, field: str, said: str
) -> None:
    spoken: list[str] = []
    with pytest.raises(Invalid) as refused:
        loaded(f"{PLACES}{TEXT}{lines}\n", tell=spoken.append)
    assert said in refused.value.message_vi
    assert f"[[rule]] {field}" in refused.value.message_vi
    assert refused.value.message_vi.startswith("dòng ")
    assert spoken == []
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count(Rule.id))) == 0


def test_an_emergency_is_in_no_ordinary_rule_of_a_file(loaded: Callable[..., Loaded]) -> None:
    text = f"{PLACES}{TEXT}times = ['05:30']\n".replace('"normal"', '"emergency"')
    with pytest.raises(Invalid, match=r"\[\[rule\]\] bulletin: “Họp dân” là bản tin khẩn cấp"):
        loaded(text)
    bulletin, rule = text.index("[[bulletin]]"), text.index("[[rule]]")
    loaded(text[:rule])
    with pytest.raises(Invalid, match="Phát khẩn cấp ngay"):
        loaded(text[:bulletin] + text[rule:])  # the bulletin is in the database by now


def test_hours_are_understood_as_people_write_them(loaded: Callable[..., Loaded], sqlite_database: Database) -> None:
    loaded(
        policy_with(
            'curfew = ["22h", "5g", "11h30", "13h30"]\nno_repeat_before = "6 giờ"\n'
            'sessions = [{ name = "sáng", from = "5h30", until = "06:30" },'
            ' { name = "đêm", from = "20g15", until = "24:00" }]'
        )
        + TEXT
        + 'times = ["5h30", "05:45", "17g15", "7 giờ tối", 18:00:00]\n'
    )
    with sqlite_database.reading() as session:
        policy = session.scalars(select(Policy)).one()
        assert policy.curfew == ["22:00", "05:00", "11:30", "13:30"]
        assert policy.no_repeat_before == "06:00"
        assert policy.sessions == [
            {"name": "sáng", "from": "05:30", "until": "06:30"},
            {"name": "đêm", "from": "20:15", "until": "00:00"},
        ]
        assert session.scalars(select(Rule)).one().times == ["05:30", "05:45", "17:15", "19:00", "18:00"]


def test_a_ready_made_set_fills_what_the_file_does_not_say() -> None:
    whole = table_of('set = "two-sessions-of-60"')
    assert [(each.name, each.from_time) for each in whole.sessions or ()] == [("sáng", "05:30"), ("chiều", "17:00")]
    assert "49/2024" in whole.source
    own = table_of('set = "hanoi-2021-inner"\nlongest_session_minutes = 20\nsource = "Quyết định 5"')
    assert (own.longest_session_minutes, own.sessions_a_day, own.source) == (20, 2, "Quyết định 5")
    assert own.days == ["mon", "tue", "wed", "thu", "fri"]


def test_what_may_surprise_is_told_and_loaded_all_the_same(
    loaded: Callable[..., Loaded], sqlite_database: Database
) -> None:
    heard: list[str] = []
    text = policy_with('sessions = [{ name = "sớm", from = "4h", until = "5h30" }]') + TEXT
    loaded(text + 'times = ["05:30"]\nlunar_days = [30]\n', tell=heard.append)
    assert [line for line in heard if line.startswith("Lưu ý: dòng ")] == heard[-2:]
    assert "[[rule]] lunar_days" in heard[-2]
    assert "chạm giờ cấm phát mặc định 22:00–05:00" in heard[-1]
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count(Rule.id))) == 1


def test_a_session_shorter_than_its_opening_is_told_at_the_rule_that_opens_it(loaded: Callable[..., Loaded]) -> None:
    second = '[[person]]\nlogin = "hai"\nname = "Hai"\nassignments = [{ role = "approver", unit = "H" }]\n'
    spoken = TEXT.replace('author = "mot"', 'author = "mot"\napprover = "hai"\nreadings = 5\nreading_gap_seconds = 30')
    text = f"{PLACES}{second}{spoken}sessions = ['sáng']\nplace = 'opening'\n"
    heard: list[str] = []
    loaded(text + POLICY.format(until="05:31"), tell=heard.append)
    (noticed,) = [line for line in heard if line.startswith("Lưu ý")]
    assert "[[rule]] sessions: Khung giờ “sáng” 05:30–05:31 chỉ được phát 1 phút" in noticed
    heard.clear()
    loaded(text + POLICY.format(until="06:30"), tell=heard.append)
    assert [line for line in heard if line.startswith("Lưu ý")] == []


def test_the_demonstration_is_such_a_file(now: datetime) -> None:
    setup, _ = parse(FILE.read_bytes(), Moment(now, VIETNAM))
    assert setup.policy
