"""Passwords: what is refused besides what is too short."""

from __future__ import annotations

import pytest

from broadcast.errors import Invalid
from broadcast.person import Person, weakness


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1234567890", "chỉ gồm chữ số"),
        ("0912 345 678", "chỉ gồm chữ số"),
        ("aaaaaaaaaaaa", "dãy lặp lại"),
        ("qwertyuiop", "dãy lặp lại hoặc liền nhau"),
        ("abcdefghij1234", "dãy lặp lại hoặc liền nhau"),
        ("0987654321qwerty", "dãy lặp lại hoặc liền nhau"),
        ("Mật khẩu 2026!", "quá phổ biến"),
        ("matkhaumatkhau1", "quá phổ biến"),
        ("password2026", "quá phổ biến"),
        ("Truyền thanh 1", "quá phổ biến"),
        ("lan.nguyen 1980", "tên đăng nhập"),
        ("Chi Lan.Nguyen day", "tên đăng nhập"),
    ],
)
def test_what_anybody_would_try_first_is_no_password(password, why):
    person = Person(login="lan.nguyen", name="Lan")
    with pytest.raises(Invalid, match=why):
        person.set_password(password)
    assert person.password_hash is None


@pytest.mark.parametrize(
    ("password", "login"),
    [
        ("một mật khẩu tốt", "mot"),
        ("con trâu ăn cỏ đồng làng", "lan"),
        ("mưa tháng 6 ngập cầu", "approver"),
        ("tT9-kq!2vLm0", "duyet"),
        ("bảy con gà 1234", "van"),
    ],
)
def test_a_short_sentence_is_a_good_password(password, login):
    assert weakness(password, login) is None
