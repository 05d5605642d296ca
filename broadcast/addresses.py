"""Which addresses the server may ask: those with verified TLS, or this machine itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_safe(address: str, *, start: str | None = None) -> bool:
    """https anywhere; plain http to loopback only, and only where `start`, the first address, was loopback too."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme != "http" or not _is_loopback(host):
        return False
    return start is None or _is_loopback(urlsplit(start).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
