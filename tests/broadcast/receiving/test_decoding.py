"""What an uploaded file may be, and what is said about the others."""

from __future__ import annotations

import unicodedata

import pytest

from broadcast.errors import Invalid, TooLarge
from broadcast.receiving import LARGEST_BYTES, MOST_LINES, decode_dispatch

TEXT = "Ủy ban nhân dân xã đề nghị bà con dọn vệ sinh đường làng, ngõ xóm vào sáng chủ nhật.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read(encoding: str) -> None:
    assert decode_dispatch(TEXT.encode(encoding), "van-ban.txt") == TEXT


def test_decomposed_letters_are_composed() -> None:
    assert decode_dispatch(unicodedata.normalize("NFD", TEXT).encode(), "a.txt") == TEXT


@pytest.mark.parametrize(
    ("data", "filename", "said"),
    [
        (b"", "a.txt", "trống"),
        (b" \r\n\t", "a.txt", "trống"),
        (b"\xef\xbb\xbf\n", "a.txt", "trống"),
        (b"PK\x03\x04" + b"\x00" * 40, "cong-van.docx", ".docx"),
        (b"PK\x03\x04 renamed", "cong-van.txt", ".docx"),
        (b"%PDF-1.7 ...", "cong-van.pdf", ".pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "cu.doc", ".doc"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "anh.txt", "nhị phân"),
        (b"\x01\x02\x03 abc", "a.txt", "nhị phân"),
        (TEXT.encode("utf-16-le"), "a.txt", "nhị phân"),
        (b"\xff\xfe\x00", "a.txt", "UTF-16"),
        (b"dong mot\nU\xfb ban nh\xa9n d\xa9n", "a.txt", "Dòng 2"),
        (("Uû ban nh©n d©n huyÖn, phßng v¨n hãa th«ng tin, ®Ò nghÞ c¸c x·, thÞ trÊn " * 3).encode(), "a.txt", "TCVN3"),
        (("UÛY BAN NHAÂN DAÂN huyeän, phoøng vaên hoùa thoâng tin ñeà nghò caùc xaõ " * 3).encode(), "a.txt", "VNI"),
        (TEXT.encode().decode("latin-1").replace("\xad", "").encode(), "a.txt", "Unicode"),
        (b"The committee asks everybody to keep the streets clean on Sunday morning. " * 5, "a.txt", "tiếng Việt"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, filename: str, said: str) -> None:
    with pytest.raises(Invalid, match=r".+") as refused:
        decode_dispatch(data, filename)
    assert said in refused.value.message_vi


def test_a_text_over_four_hundred_kilobytes_is_refused() -> None:
    with pytest.raises(TooLarge, match="400 KB"):
        decode_dispatch(b"a" * (LARGEST_BYTES + 1), "a.txt")


def test_a_text_of_too_many_lines_is_refused() -> None:
    with pytest.raises(TooLarge, match=r"12\.000 dòng"):
        decode_dispatch("- ủy\n".encode() * (MOST_LINES + 1), "a.txt")


def test_a_large_document_of_another_kind_is_told_its_kind_and_not_its_size() -> None:
    with pytest.raises(Invalid, match="PDF"):
        decode_dispatch(b"%PDF-1.7" + b"a" * LARGEST_BYTES, "cong-van.pdf")


def test_a_long_run_of_marks_does_not_hold_anybody_up() -> None:
    marks = "e" + "\u0301\u0323" * 90_000
    assert decode_dispatch(("ủy ban " + marks).encode(), "a.txt").startswith("ủy ban")
