"""Templates, and drafts made from them or without them."""

from __future__ import annotations

import re
from datetime import date

import pytest

from broadcast.errors import Invalid, NotFound
from broadcast.receiving import GAP_PATTERN, DispatchText, Task, draft, fill, gaps_in, list_templates, receive, template
from broadcast.receiving.templates import Template

TODAY = date(2026, 11, 23)
CODES = [one.code for one in list_templates()]


def test_the_templates_that_a_commune_needs_are_there() -> None:
    assert CODES == [
        "bluezone", "dich-vu-cong", "bao", "cat-dien", "tiem-chung", "sot-xuat-huyet", "thue-phi", "cu-tru",
        "thong-bao-chung",
    ]  # fmt: skip
    assert template("bao").bulletin_class == "emergency"


@pytest.mark.parametrize("one", list_templates(), ids=CODES)
def test_a_template_is_one_and_a_half_to_three_minutes_of_speech_to_residents(one: Template) -> None:
    script = fill(one, dict.fromkeys(one.variables, "ba từ ngắn"))
    assert script.startswith("Kính thưa toàn thể nhân dân")
    assert script.endswith("Xin trân trọng cảm ơn!")
    assert 230 <= len(re.findall(r"\w+", script)) <= 500
    assert gaps_in(script) == ()
    assert not re.search(r"[{}\[\]]", script)
    assert all(len(sentence.split()) <= 45 for sentence in re.split(r"[.!]\s", script))


@pytest.mark.parametrize("one", list_templates(), ids=CODES)
def test_an_unfilled_template_is_marked_as_unfinished(one: Template) -> None:
    script = fill(one, {})
    assert gaps_in(script)
    assert "{" not in script
    assert not re.search(r"(?m)^\?", script)


def test_a_value_is_taken_as_it_is_and_an_unknown_name_is_refused() -> None:
    assert "nhân dân xã {điện thoại}!" in fill(template("bluezone"), {"xã": "xã {điện thoại}"})
    with pytest.raises(Invalid, match="không có chỗ điền “mật khẩu”"):
        fill(template("bluezone"), {"mật khẩu": "1"})
    with pytest.raises(NotFound, match="khong-co"):
        template("khong-co")


@pytest.mark.parametrize("written", ["[điền: số điện thoại]", "[Điền : …]", "[ điền: ]"])
def test_a_gap_is_found_however_it_was_typed(written: str) -> None:
    assert GAP_PATTERN.search(f"gọi số {written} nhé")


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("tăng cường cài đặt ứng dụng Blue Zone", "bluezone"),
        ("đẩy mạnh sử dụng dịch vụ công mức độ 4", "dich-vu-cong"),
        ("ứng phó khẩn cấp với bão số 9", "bao"),
        ("khắc phục hậu quả mưa lũ", None),
        ("ngừng cung cấp điện để sửa chữa", "cat-dien"),
        ("tiết kiệm điện mùa nắng nóng", None),
        ("tiêm vắc xin phòng Covid-19 cho trẻ em", "tiem-chung"),
        ("tiêm phòng cho đàn chó, mèo", None),
        ("ra quân diệt lăng quăng", "sot-xuat-huyet"),
        ("thu thuế sử dụng đất phi nông nghiệp", "thue-phi"),
        ("khai báo tạm trú dịp cuối năm", "cu-tru"),
        ("phân loại rác tại nhà", None),
        (None, None),
    ],
)
def test_the_subject_chooses_the_template(subject: str | None, code: str | None) -> None:
    assert draft(DispatchText(subject=subject), unit_name="Xã A", today=TODAY).template == code


def test_link_place_and_validity_of_the_dispatch_are_filled_in() -> None:
    read = receive(
        "UBND HUYỆN LÂM HẠ\nSố: 9/UBND\nLâm Hạ, ngày 1 tháng 11 năm 2026\n"
        "V/v dùng dịch vụ công trực tuyến\n\nKính gửi: UBND các xã.\n\n"
        "1. UBND các xã hướng dẫn người dân truy cập https://dichvucong.lamha.gov.vn/ đến hết ngày 31/12/2026.\n"
    )
    made = draft(read, unit_name="UBND XÃ TÂN HỘI", today=TODAY)
    assert made.gaps == ()
    assert made.script.count("dichvucong.lamha.gov.vn") == 2
    assert "https" not in made.script
    assert "Ủy ban nhân dân huyện Lâm Hạ" in made.script
    assert "chậm nhất là ngày 31 tháng 12 năm 2026" in made.script
    assert "nhân dân xã Tân Hội!" in made.script
    assert (made.valid_from, made.valid_until) == (TODAY, date(2026, 12, 31))
    assert (
        made.source
        == "Văn bản số 9/UBND ngày 01/11/2026 của Ủy ban nhân dân huyện Lâm Hạ về việc dùng dịch vụ công trực tuyến"
    )


def test_a_validity_that_is_past_is_left_open() -> None:
    read = DispatchText(subject="Bluezone", tasks=(Task(text="Cài xong trong tháng 8/2020."),))
    assert draft(read, unit_name="Xã A", today=TODAY).valid_until is None
    assert draft(read, unit_name="Xã A", today=date(2020, 8, 27)).valid_until == date(2020, 8, 31)


def test_without_a_template_residents_hear_what_they_are_asked_and_a_gap_is_marked() -> None:
    read = DispatchText(
        subject="tăng cường tuyên truyền phân loại rác tại nhà",
        tasks=(
            Task(
                addressee="UBND các xã",
                text="tuyên truyền, hướng dẫn người dân trên địa bàn phân loại rác thành ba nhóm.",
            ),
            Task(addressee="Phòng Nội vụ", text="chủ trì tham mưu kế hoạch kiểm tra, đánh giá cán bộ."),
            Task(
                addressee="Hội Nông dân",
                text="vận động người dân có vườn ủ rác làm phân bón; báo cáo kết quả hàng tuần.",
            ),
        ),
    )
    made = draft(read, unit_name="Xã Tân Hội", today=TODAY)
    assert made.template is None
    assert "về việc phân loại rác tại nhà" in made.script
    assert "Thứ nhất, phân loại rác thành ba nhóm." in made.script
    assert "tham mưu" not in made.script
    assert "báo cáo" not in made.script
    assert len(made.gaps) == 1


def test_a_notice_tells_when_and_where_and_what_a_part_of_the_residents_is_asked() -> None:
    read = receive(
        "UBND PHƯỜNG AN HẢI\nSố: 8/TB-UBND\nAn Hải, ngày 3 tháng 11 năm 2026\n\nTHÔNG BÁO\n"
        "V/v tiêm phòng dại cho chó, mèo\n\nỦy ban nhân dân phường thông báo:\n\n"
        "1. Thời gian: từ 7 giờ 30 ngày 28/11/2026.\n\n2. Địa điểm: Nhà sinh hoạt các tổ dân phố.\n\n"
        "3. Chủ nuôi chó, mèo có trách nhiệm đưa vật nuôi đến tiêm.\n\nNơi nhận:\n- Lưu: VT.\n"
    )
    script = draft(read, unit_name="Phường An Hải", today=TODAY).script
    assert "Thời gian là từ 7 giờ 30 ngày 28/11/2026." in script
    assert "Địa điểm là nhà sinh hoạt các tổ dân phố." in script
    assert "Thứ nhất, chủ nuôi chó, mèo có trách nhiệm đưa vật nuôi đến tiêm." in script


def test_the_storm_that_the_subject_names_is_said_and_its_time_stays_a_gap() -> None:
    made = draft(DispatchText(subject="ứng phó bão số 5"), unit_name="Xã A", today=TODAY)
    assert "Sắp tới, bão số 5 [điền: thời gian ảnh hưởng]" in made.script
    assert "[điền: thời gian ảnh hưởng]" in made.gaps


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("tuyên truyền Nghị định 15/2020/NĐ-CP", "về Nghị định 15/2020/NĐ-CP"),
        ("lịch tiếp công dân quý IV", "về lịch tiếp công dân quý IV"),
        ("Tăng cường công tác phòng cháy", "về việc phòng cháy"),
    ],
)
def test_a_thing_is_announced_as_a_thing_and_a_doing_as_a_doing(subject: str, said: str) -> None:
    script = draft(DispatchText(subject=subject), unit_name="Xã A", today=TODAY).script
    assert f"xin thông báo tới bà con {said}." in script


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        ("UBND HUYỆN YÊN SƠN", "Ủy ban nhân dân huyện Yên Sơn"),
        ("UỶ BAN NHÂN DÂN XÃ MỸ A", "Uỷ ban nhân dân xã Mỹ A"),
        ("ỦY BAN MẶT TRẬN TỔ QUỐC VIỆT NAM XÃ", "Ủy ban Mặt trận Tổ quốc Việt Nam xã"),
        ("BAN CHỈ ĐẠO PHÒNG, CHỐNG DỊCH COVID-19 TỈNH", "Ban Chỉ đạo phòng, chống dịch Covid-19 tỉnh"),
    ],
)
def test_a_name_in_capitals_is_written_as_a_sentence_writes_it(issuer: str, said: str) -> None:
    assert draft(DispatchText(issuer=issuer), unit_name="Xã A", today=TODAY).source == f"Văn bản của {said}"
