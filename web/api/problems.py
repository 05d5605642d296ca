"""Failures as problem documents (RFC 9457), in Vietnamese, with the headers that belong to them."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from broadcast.errors import BroadcastError, TooLarge
from broadcast.wire import Problem, WireError, first_problem

MEDIA_TYPE = "application/problem+json"

_SAID = {
    400: ("Yêu cầu không đọc được", "Nội dung gửi lên không phải JSON hợp lệ."),
    401: ("Chưa được nhận diện", "Thiếu mã truy cập của trạm, hoặc mã không còn hiệu lực. Hãy ghi danh lại trạm."),
    403: ("Không được phép", "Trạm không được phép làm việc này."),
    404: ("Không tìm thấy", "Địa chỉ này không có trong giao thức của trạm."),
    405: ("Sai phương thức", "Địa chỉ này không nhận phương thức vừa gửi."),
    409: ("Trạng thái đã thay đổi", "Việc này không còn thực hiện được nữa."),
    413: ("Nội dung quá lớn", "Nội dung gửi lên lớn hơn mức cho phép; hãy gửi ít mục hơn."),
    415: ("Sai kiểu nội dung", "Nội dung phải được gửi với Content-Type: application/json."),
    416: ("Không có đoạn này", "Đoạn byte được yêu cầu nằm ngoài tệp."),
    422: ("Nội dung chưa đúng", "Có trường thiếu hoặc sai."),
    429: ("Thử quá nhiều lần", "Đã thử quá nhiều lần; hãy đợi rồi thử lại."),
    500: ("Hệ thống gặp sự cố", "Máy chủ chưa thực hiện được và chưa có gì bị ghi dở. Trạm sẽ tự thử lại."),
    503: ("Máy chủ đang bận", "Máy chủ đang có quá nhiều việc cùng lúc; hãy thử lại sau ít giây."),
}


def problem(status: int, detail: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """The answer to a failure; without `detail` the usual sentence of its status."""
    usual = (HTTPStatus(status).phrase, "Yêu cầu không thực hiện được.")
    title, sentence = _SAID.get(status, usual)
    body = Problem(title=title, status=status, detail=detail or sentence)
    answer = Response(body.model_dump_json(), status=status, mimetype=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer


def of_expected(error: BroadcastError) -> Response:
    """Its own sentence, but for inner failures of the machine, whose details are for the log."""
    retry_after_s = getattr(error, "retry_after_s", None)
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
    return problem(error.status, error.message_vi if error.status < 500 else None, headers)


def of_http(error: HTTPException) -> Response:
    """What Flask and Werkzeug raise by themselves."""
    kept = {"Allow", "Content-Range", "Retry-After"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    return problem(error.code or 500, None, headers)


def of_shape(error: ValidationError) -> BroadcastError:
    """What was received has not the shape of the protocol: what to raise for it."""
    fault = error.errors(include_url=False, include_input=False)[0]
    if fault["type"] == "too_long" and fault["loc"] == ("entries",):
        return TooLarge("Một lô nhật ký có tối đa 500 mục; hãy gửi ít mục hơn.")
    return WireError(f"Nội dung chưa đúng khuôn dạng: {first_problem(error)}")
