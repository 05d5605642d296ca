"""The three founding dispatches, where the shared folder lies beside the project."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from broadcast.receiving import Copy, DispatchText, Ground, Signer, Task, draft, receive

SHARED = Path(__file__).parents[4] / "shared" / "dispatches"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared dispatches are not here")


def read(prefix: str) -> tuple[str, DispatchText]:
    text = next(SHARED.glob(f"{prefix}_*.txt")).read_text(encoding="utf-8")
    return text, receive(text)


def flat(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isalnum())


def assert_tasks_are_quoted(text: str, tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        assert flat(task.text) in flat(text)


def test_the_letter_on_online_services_is_read_whole() -> None:
    text, read_as = read("000")
    assert (read_as.issuer, read_as.number) == ("ỦY BAN NHÂN DÂN HUYỆN CHÂU THÀNH", "227/UBND")
    assert (read_as.place, read_as.issued_on) == ("Châu Thành", date(2020, 2, 20))
    assert read_as.subject is not None
    assert read_as.subject.startswith("tuyên truyền khuyến nghị người dân")
    assert read_as.subject.endswith("nơi đông người")
    assert [name.split()[0] for name in read_as.recipients] == ["Thủ", "Chủ"]
    assert read_as.grounds == (
        Ground(
            kind="Công văn",
            number="172/STTTT-TTBCXB",
            issued_on=date(2020, 2, 12),
            issuer="Sở Thông tin và Truyền thông tỉnh Tây Ninh",
        ),
    )
    assert [task.number for task in read_as.tasks] == [None, None, None]
    assert read_as.tasks[0].addressee is None
    assert (read_as.tasks[1].addressee or "").startswith("Phòng Văn hóa và Thông tin; Trung tâm")
    assert read_as.tasks[2].addressee == "UBND các xã, thị trấn"
    assert_tasks_are_quoted(text, read_as.tasks)
    assert (read_as.deadlines, read_as.targets) == ((), ())
    assert read_as.links == ("https://dichvucong.tayninh.gov.vn",)
    assert [copy.name for copy in read_as.copies_to][::5] == ["Sở TT&TT", "Lưu: VT"]
    assert len(read_as.copies_to) == 6
    assert read_as.signer == Signer(capacity=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), name="Nguyễn Trí Cường")


def test_the_letter_without_a_head_claims_no_issuer() -> None:
    text, read_as = read("002")
    assert (read_as.issuer, read_as.number, read_as.place) == (None, "87/VHTT", "Đồng Hỷ")
    assert read_as.issued_on == date(2020, 8, 3)
    assert read_as.subject == "tăng cường công tác tuyên truyền Phòng, chống dịch bệnh Covid-19"
    assert len(read_as.recipients) == 2
    assert [(ground.kind, ground.number, ground.issued_on, ground.issuer) for ground in read_as.grounds] == [
        ("văn bản", "869/STTTT-TTBCXB", date(2020, 7, 27), "Sở Thông tin – Truyền thông"),
        ("văn bản", "908/STTTT-TTBCXB", date(2020, 8, 3), "Sở Thông tin và Truyền thông"),
        ("văn bản", "953/UBND-VP", date(2020, 7, 28), "UBND huyện"),
    ]
    assert [(task.number, task.addressee) for task in read_as.tasks] == [(str(n), None) for n in range(1, 6)]
    assert_tasks_are_quoted(text, read_as.tasks)
    assert (read_as.deadlines, read_as.targets) == ((), ())
    assert read_as.links == (
        "http://dichvucong.thainguyen.gov.vn",
        "http://suckhoetoandan.vn/",
        "http://khaibaoyte.vn/",
        "https://www.bluezone.gov.vn/",
        "sotttt.thainguyen.gov.vn",
    )
    assert [copy.name for copy in read_as.copies_to] == ["Như trên", "Lãnh đạo UBND huyện", "Lưu: VHTT"]
    assert read_as.signer == Signer(capacity=("KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG"), name="Trần Thị Phương Thảo")


def test_the_bluezone_letter_gives_its_eleven_duties_and_three_deadlines() -> None:
    text, read_as = read("004")
    assert (read_as.issuer, read_as.number, read_as.place) == (None, None, "Tân Châu")
    assert read_as.issued_on == date(2020, 8, 27)
    assert read_as.subject == "tăng cường việc cài đặt ứng dụng Bluezone"
    assert len(read_as.recipients) == 6
    assert read_as.recipients[-1] == "Trung tâm Viettel Tân Châu"
    assert [(ground.number, ground.issuer) for ground in read_as.grounds] == [
        ("1989/UBND-VHXH", "Ủy ban nhân dân tỉnh Tây Ninh"),
        ("1376/STTTT-TTBCXB", "Sở Thông tin và Truyền thông tỉnh"),
    ]
    assert [(task.number, task.addressee) for task in read_as.tasks] == [
        ("1", "Chủ tịch Ủy ban nhân dân các xã, thị trấn"),
        ("2", "Trung tâm Y tế huyện"),
        ("3", "Phòng Giáo dục và Đào tạo"),
        ("4", "Phòng Kinh tế và Hạ tầng, Phòng Văn hóa và Thông tin huyện"),
        ("5", "Phòng Nội vụ"),
        ("6", "Phòng Văn hóa và Thông tin"),
        ("7", "Trung tâm Văn hóa - Thể thao và truyền thanh huyện"),
        ("8", "Ủy ban Mặt trận Tổ quốc Việt Nam huyện và các Tổ chức Chính trị - xã hội huyện"),
        ("9", "Thành viên Ban Chỉ đạo phòng, chống dịch bệnh COVID-19 huyện"),
        ("10", "Viễn thông Tân Châu, Trung tâm Viettel Tân Châu"),
        ("11", None),
    ]
    assert_tasks_are_quoted(text, read_as.tasks)
    assert [(one.who, one.cadence, one.time, one.weekday, one.on) for one in read_as.deadlines] == [
        (("UBND các xã, thị trấn", "Trung tâm Y tế", "Huyện đoàn"), "daily", "15:00", None, None),
        (("Các cơ quan, đơn vị",), "weekly", "10:00", 5, None),
        (("Văn phòng HĐND-UBND huyện",), "daily", None, None, None),
    ]
    assert [(one.percent, one.count) for one in read_as.targets] == [(50, None), (None, 1000)]
    assert read_as.targets[1].text.startswith("1.000 Card hướng dẫn")
    assert read_as.links == ()
    assert read_as.copies_to[2:] == (Copy(name="LĐVP; CVVP"), Copy(name="Lưu: VP HĐND-UBND huyện"))
    assert read_as.signer == Signer(capacity=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"))


@pytest.mark.parametrize(
    ("prefix", "code", "said"),
    [
        ("000", "dich-vu-cong", "dichvucong.tayninh.gov.vn"),
        ("002", None, "dichvucong.thainguyen.gov.vn"),
        ("004", "bluezone", "Tân Châu"),
    ],
)
def test_its_draft_speaks_to_residents_and_is_not_the_letter(prefix: str, code: str | None, said: str) -> None:
    text, read_as = read(prefix)
    made = draft(read_as, unit_name="Xã Tân Hội", today=date(2026, 11, 23))
    assert made.template == code
    assert said in made.script
    assert made.script.startswith("Kính thưa toàn thể nhân dân xã Tân Hội!")
    assert made.script.endswith("Xin trân trọng cảm ơn!")
    assert bool(made.gaps) is (code is None)
    letter = [flat(part) for part in text.replace("\n", " ").split(". ") if len(part.split()) > 45]
    assert letter
    assert not any(part in flat(made.script) for part in letter)
