"""Every failure as a page in the same voice, with a way on; as a problem document (RFC 9457) under /api.

A session that has ended is told by `web.people.sessions`, which knows how one signs in again.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException

from broadcast.errors import BroadcastError, Busy, StorageError
from web.shell.access import ask_no_more

_SAID = {
    400: ("Yêu cầu không đọc được", "Địa chỉ hoặc nội dung gửi lên không đúng dạng. Hãy quay lại và thử lần nữa."),
    401: ("Cần đăng nhập", "Phiên làm việc đã hết hạn. Hãy đăng nhập lại để tiếp tục."),
    403: ("Không có quyền", "Vai trò của bạn không có quyền làm việc này."),
    404: ("Không tìm thấy", "Trang này không có, hoặc đã được chuyển đi nơi khác."),
    405: ("Thao tác không đúng chỗ", "Trang này không nhận thao tác vừa gửi. Hãy quay lại và dùng nút trên trang."),
    409: ("Dữ liệu đã thay đổi", "Nội dung đã thay đổi sau khi bạn mở trang. Hãy tải lại để xem bản mới nhất."),
    413: ("Nội dung quá lớn", "Tệp hoặc văn bản gửi lên lớn hơn mức cho phép. Hãy chọn tệp nhỏ hơn hoặc rút ngắn."),
    422: ("Cần sửa lại", "Có thông tin chưa đúng. Hãy quay lại và sửa."),
    429: ("Thử quá nhiều lần", "Bạn đã thử quá nhiều lần trong thời gian ngắn. Hãy đợi ít phút rồi thử lại."),
    500: (
        "Hệ thống gặp sự cố",
        "Việc vừa rồi chưa thực hiện được, chưa có gì bị ghi dở. Hãy thử lại sau ít phút hoặc báo người quản trị.",
    ),
    503: ("Máy chủ đang bận", "Máy chủ đang có quá nhiều việc cùng lúc. Hãy thử lại sau ít giây."),
}


def is_api() -> bool:
    return request.path.startswith("/api/")


def is_fragment() -> bool:
    """Asked by app.js for a part of a page."""
    return request.headers.get("X-Fragment") == "1"


def safe_path(target: str | None) -> str:
    """`target` where it is a path of this site, else the first page: a sign-in never leads elsewhere."""
    if not target or not target.startswith("/") or any(ord(sign) <= 32 or sign == "\\" for sign in target):
        return "/"
    parts = urlsplit(target)
    # "//host" is an address of another site.
    return "/" if target.startswith("//") or parts.scheme or parts.netloc else target


def referring_path() -> str:
    """The page of this site from which the request came, as a path."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return "/"
    return safe_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def told(status: int, detail: str | None = None, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """The answer to a failure: problem document, bare status or page."""
    title, usual = _SAID.get(status, (HTTPStatus(status).phrase, _SAID[500][1]))
    detail = detail or usual
    answer: Any
    if is_api():
        answer = current_app.json.response(type="about:blank", title=title, status=status, detail=detail)
        answer.mimetype = "application/problem+json"
    elif is_fragment():
        answer = Response(status=status)
    else:
        answer = current_app.make_response(
            render_template("error.html", status=status, title=title, detail=detail, back=referring_path())
        )
    answer.status_code = status
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer  # type: ignore[no-any-return]


def _expected(error: BroadcastError) -> ResponseReturnValue:
    if isinstance(error, StorageError):
        current_app.logger.error("%s %s: %s", request.method, request.path, error.message_vi)
    if isinstance(error, StorageError | Busy):
        ask_no_more()
    retry_after_s = getattr(error, "retry_after_s", None)
    return told(error.status, error.message_vi, {"Retry-After": str(retry_after_s)} if retry_after_s else None)


def _too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    seconds = error.limit.limit.get_expiry() if error.limit is not None else 60
    minutes = max(1, round(seconds / 60))
    return told(
        429,
        f"Bạn đã thử quá nhiều lần. Hãy đợi {minutes} phút rồi thử lại; "
        "nếu quên mật khẩu, hãy xin người quản trị một đường dẫn mới.",
        {"Retry-After": str(seconds)},
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    allow = ", ".join(getattr(error, "valid_methods", None) or ())
    return told(error.code, headers={"Allow": allow} if allow else None)


def _no_connection_free(_error: NoConnectionFree) -> ResponseReturnValue:
    ask_no_more()
    return told(503, headers={"Retry-After": str(Busy.retry_after_s)})


def _database(error: SQLAlchemyError) -> ResponseReturnValue:
    current_app.logger.exception("%s %s", request.method, request.path, exc_info=error)
    ask_no_more()
    return told(500)


def register(app: Flask) -> None:
    app.register_error_handler(BroadcastError, _expected)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(NoConnectionFree, _no_connection_free)
