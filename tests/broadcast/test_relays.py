"""A station is told to relay public addresses only, and nobody's password is read by everybody."""

from __future__ import annotations

import pytest

from broadcast.errors import Invalid
from broadcast.relays import stream_address


@pytest.mark.parametrize(
    "typed",
    [
        "https://dai.example.vn/truc-tiep.mp3",
        "http://stream.example.vn:8000/live?quality=high",
        "  https://dai.example.vn/x  ",
        "https://đài.example.vn/x",
        "https://8.8.8.8/live",
        "https://[2606:4700::1111]/live",
        "HTTPS://DAI.EXAMPLE.VN/LIVE",
    ],
)
def test_a_public_address_is_taken_as_it_is(typed):
    assert stream_address(typed) == typed.strip()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Hãy điền địa chỉ"),
        ("ftp://dai.example.vn/x", "http:// hoặc https://"),
        ("file:///etc/passwd", "http:// hoặc https://"),
        ("dai.example.vn/x", "http:// hoặc https://"),
        ("javascript:alert(1)", "http:// hoặc https://"),
        ("https://", "không đúng dạng"),
        ("https://dai.example.vn:99999/x", "không phải là một địa chỉ"),
        ("https://[::1/x", "không phải là một địa chỉ"),
        ("https://ten:mat-khau@dai.example.vn/x", "tên đăng nhập và mật khẩu"),
        ("https://@dai.example.vn/x", "tên đăng nhập và mật khẩu"),
        ("https://dai.example.vn/a b", "dấu cách"),
        ("https://dai.example.vn/\u202ea", "không đọc được"),
        ("https://dai.example.vn/" + "x" * 2000, "quá dài"),
        ("https://dai..vn/x", "không đúng dạng"),
        ("https://-dai.vn/x", "không đúng dạng"),
        ("http://2130706433/x", "viết đủ bốn số"),
        ("http://127.1/x", "viết đủ bốn số"),
        ("http://0x7f.0.0.1/x", "viết đủ bốn số"),
        ("http://0177.0.0.1/x", "viết đủ bốn số"),
    ],
)
def test_what_is_no_address_of_a_stream_says_why(typed, told):
    with pytest.raises(Invalid, match=told) as caught:
        stream_address(typed)
    assert caught.value.field == "relay_url"


INSIDE = [
    "http://127.0.0.1:8000/x", "http://localhost/x", "http://LOCALHOST./x", "http://10.1.2.3/x", "http://192.168.1.1/x",
    "http://172.16.0.9/x", "http://169.254.169.254/latest", "http://[::1]/x", "http://[fe80::1]/x", "http://[fd00::1]/x",
    "http://[::ffff:127.0.0.1]/x", "http://may-chu/x", "http://dai.local/x", "http://100.64.0.1/x",
]  # fmt: skip


@pytest.mark.parametrize("typed", INSIDE)
def test_an_address_inside_a_network_is_refused_unless_the_operator_lets_it(typed):
    with pytest.raises(Invalid, match="mạng nội bộ"):
        stream_address(typed)
    assert stream_address(typed, private=True) == typed


@pytest.mark.parametrize("typed", ["http://0.0.0.0/x", "http://[::]/x", "http://239.1.2.3/x"])
def test_what_is_no_machine_is_never_taken(typed):
    with pytest.raises(Invalid):
        stream_address(typed, private=True)
