"""The web edge: one application, one blueprint a noun, screens in Vietnamese."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from importlib import import_module

from flask import Flask, Response, redirect, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from broadcast.config import secret_key
from broadcast.errors import Forbidden
from web.services import EXTENSION, Services

# One module a noun, each with its `blueprint`. `api` speaks to machines: tokens instead of sessions, no CSRF.
NOUNS = (
    "today", "airings", "bulletins", "rules", "stations", "programmes", "programmes.day", "preflight", "ordering",
    "log", "reports", "listening.pages", "people.sessions", "people.accounts", "people", "units", "policies",
    "lexicon", "audit_trail", "voices.pages", "uploads", "obligations", "api",
)  # fmt: skip

# A script of 2 MB is to be answered with words about scripts. Only a station's log may be larger; its call says so.
LARGEST_BODY = 4 * 1024 * 1024
MOST_FIELDS = 2_000

CONTENT_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",  # what one has just recorded, heard before it is sent
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

limiter = Limiter(get_remote_address, storage_uri="memory://")
csrf = CSRFProtect()


class _Sessions(SecureCookieSessionInterface):
    """Over TLS the cookie never leaves it again; plain HTTP exists on loopback only (`_only_tls_beyond_loopback`)."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def is_loopback(host: str | None) -> bool:
    """`host` as in an address or a Host header without its port."""
    if not host:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def create_app(services: Services) -> Flask:
    """The application over `services`. It opens nothing by itself but the key that signs sessions."""
    settings = services.settings
    app = Flask(__name__)
    app.extensions[EXTENSION] = services
    app.config.update(
        SECRET_KEY=secret_key(settings),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=MOST_FIELDS,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        SESSION_COOKIE_NAME="truyen_thanh",
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        # A form lives as long as its session; an hour is short for someone who writes a bulletin.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
    )
    app.session_interface = _Sessions()
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.before_request(_only_tls_beyond_loopback)
    if services.demo:
        app.before_request(_demo_on_loopback_only)
    from web.uploads import arriving

    arriving.register(app)  # before anybody looks at a form
    app.before_request(_few_fields)
    app.after_request(_never_from_a_cache)
    Bootstrap5(app)
    Babel(app)
    limiter.init_app(app)
    csrf.init_app(app)
    Talisman(
        app,
        force_https=False,  # decided by _only_tls_beyond_loopback, which knows the client's address
        session_cookie_secure=False,  # decided by _Sessions
        content_security_policy=CONTENT_POLICY,
        frame_options="DENY",
        # A commune's site shares its domain with pages that are not ours.
        strict_transport_security_include_subdomains=False,
        referrer_policy="same-origin",
    )
    from web.shell import access, assets, error_pages, formats, refusals

    for part in (access, assets, error_pages, formats, refusals):
        part.register(app)
    for noun in NOUNS:
        module = import_module(f"web.{noun}")
        app.register_blueprint(module.blueprint)
        if noun == "api":
            csrf.exempt(module.blueprint)
    return app


def _only_tls_beyond_loopback() -> ResponseReturnValue | None:
    if request.is_secure or is_loopback(request.remote_addr):
        return None
    return redirect(request.url.replace("http://", "https://", 1), 308)


def _demo_on_loopback_only() -> None:
    if not is_loopback(re.sub(r":\d*$", "", request.host)) or not is_loopback(request.remote_addr):
        raise Forbidden("Huyện trình diễn chỉ mở được trên chính máy đang chạy nó.")


def _few_fields() -> None:
    """MAX_FORM_PARTS counts those of multipart bodies only; this, before anybody reads the form, the usual ones."""
    is_form = request.mimetype == "application/x-www-form-urlencoded" and not request.path.startswith("/api/")
    if is_form and request.get_data().count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge


def _never_from_a_cache(response: Response) -> Response:
    """Office machines are shared: after signing out, no page comes back without asking the server."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if request.headers.get("X-Fragment") == "1" and response.status_code == 200:
            # Parts are asked for every few seconds; unchanged ones cost a line instead of a page.
            response.add_etag()
            response.make_conditional(request)
    return response
