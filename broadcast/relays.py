"""Tiếp sóng: which addresses of a stream a station may be told to relay."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from broadcast.errors import Invalid
from broadcast.signs import is_hidden

LONGEST_ADDRESS = 2000
MOST_MINUTES = 240
_NUMBERS = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_INSIDE = (".local", ".localhost", ".internal", ".lan", ".home", ".intranet")


def stream_address(typed: str, *, private: bool = False, field: str = "relay_url") -> str:
    """The address of a stream as a station is told it. Raises Invalid, saying why, for what is no http(s) address, has
    a name and password in it (everybody who sees the bulletin would read them), or lies inside some network: each
    station would ask its own. `private` lets the latter pass, where the province has a relay in its own network.

    The name is not looked up: what it leads to is the station's to refuse.
    """
    address = typed.strip()
    if not address:
        raise Invalid("Hãy điền địa chỉ luồng phát.", field=field)
    if len(address) > LONGEST_ADDRESS or is_hidden(address) or any(sign.isspace() for sign in address):
        raise Invalid("Địa chỉ luồng phát quá dài, hoặc có dấu cách hay ký tự không đọc được.", field=field)
    try:
        parts = urlsplit(address)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Invalid(f"“{address[:80]}” không phải là một địa chỉ. {_LIKE}", field=field) from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise Invalid(f"Địa chỉ luồng phát phải bắt đầu bằng http:// hoặc https://. {_LIKE}", field=field)
    if "@" in parts.netloc:
        raise Invalid("Địa chỉ không được kèm tên đăng nhập và mật khẩu: ai xem bản tin cũng đọc được.", field=field)
    _check_host(host, private, field)
    return address


_LIKE = "Hãy viết như https://dai.example.vn/truc-tiep.mp3."


def _check_host(host: str, private: bool, field: str) -> None:
    is_inside = Invalid(
        f"“{host[:80]}” là địa chỉ trong máy hoặc trong mạng nội bộ: mỗi trạm sẽ gọi vào mạng của chính nó. Hãy dùng "
        "địa chỉ công khai của đài, hoặc nhờ người vận hành máy chủ cho phép (BROADCAST_RELAY_PRIVATE).",
        field=field,
    )
    number = _number(host)
    if number is None and _NUMBERS.fullmatch(host):
        # 2130706433 and 0x7f.1 are 127.0.0.1 to many a program
        raise Invalid(f"“{host[:80]}” không phải là một địa chỉ máy viết đủ bốn số, như 203.0.113.7.", field=field)
    if number is not None:
        if number.is_unspecified or number.is_multicast or (not number.is_global and not private):
            raise is_inside
        return
    name = _ascii(host)
    if name is None or not _NAME.fullmatch(name):
        raise Invalid(f"Tên máy “{host[:80]}” không đúng dạng. {_LIKE}", field=field)
    if not private and ("." not in name or name.endswith(_INSIDE)):
        raise is_inside


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _ascii(host: str) -> str | None:
    try:
        return host.encode("idna").decode("ascii").lower() if host else None
    except UnicodeError:
        return None
