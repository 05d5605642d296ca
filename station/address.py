"""Which server a station talks to: its address, and the one certificate that it has to show."""

from __future__ import annotations

import ipaddress
import ssl
from typing import Any
from urllib.parse import urlsplit

from broadcast.wire import fingerprint
from station.errors import StationError


class PinnedContext(ssl.SSLContext):
    """TLS to exactly one certificate: the name and the issuer do not matter, its bytes do."""

    pin: str

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """Shake hands, then compare before a single byte of ours is sent."""
        sock = super().wrap_socket(*args, **kwargs)
        certificate = sock.getpeercert(binary_form=True)
        if certificate is None or fingerprint(certificate) != self.pin:
            sock.close()
            raise ssl.SSLCertVerificationError("the certificate is not the pinned one")
        return sock


def pinned_context(pin: str) -> ssl.SSLContext:
    """A client context that accepts only the certificate with this fingerprint."""
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.pin = pin
    return context


def checked_url(text: str) -> str:
    """The server's address without a trailing slash. Raises StationError; plain HTTP is for loopback only."""
    try:
        url = urlsplit(text.strip())
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise StationError(f"Địa chỉ máy chủ “{text}” không đúng.") from error
    if url.scheme not in ("http", "https") or not host or url.query or url.fragment or url.username:
        raise StationError(f"Địa chỉ máy chủ “{text}” không đúng; cần dạng https://máy-chủ[:cổng].")
    if url.scheme == "http" and not is_loopback(host):
        raise StationError(
            "Trạm chỉ nối với máy chủ qua https; http chỉ dùng được khi máy chủ ở ngay trên máy này (127.0.0.1)."
        )
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine without asking anyone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
