"""`GET /openapi.json`: the protocol as OpenAPI 3.1, made from the models of `broadcast.wire`."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response
from pydantic.json_schema import models_json_schema

from broadcast import __version__
from broadcast.wire import (
    WAIT_MAX_S,
    EnrolAnswer,
    EnrolRequest,
    LogAnswer,
    LogBatch,
    Manifest,
    Problem,
    StatusAnswer,
    StatusReport,
    canonical_json,
)
from web.api.blueprint import PREFIX, blueprint
from web.api.problems import MEDIA_TYPE


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return Response(_text(), mimetype="application/json")


@cache
def _text() -> str:
    return canonical_json(openapi_document())


def openapi_document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    _, schemas = models_json_schema(
        [
            *((shape, "validation") for shape in (EnrolRequest, LogBatch, StatusReport)),
            *((shape, "serialization") for shape in (EnrolAnswer, Manifest, LogAnswer, StatusAnswer, Problem)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Giao thức trạm truyền thanh",
            "version": __version__,
            "description": "Trạm lấy chương trình đã ký và âm thanh, gửi nhật ký phát đã ký. Bản 1.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict[str, Any]:
    integer = {"type": "integer", "minimum": 0, "maximum": WAIT_MAX_S}
    return {
        "/station/enrol": {
            "post": _call(
                "Ghi danh bằng mã dùng một lần",
                {"201": _json("Máy này là trạm từ bây giờ", EnrolAnswer)},
                (400, 401, 409, 413, 415, 422, 429),
                body=EnrolRequest,
            )
            | {"security": []}
        },
        "/station/manifest": {
            "get": _call(
                "Chương trình đã ký của trạm",
                {
                    "200": _json("Chương trình", Manifest)
                    | {"headers": {"ETag": _header(), "Manifest-Signature": _header()}},
                    "304": {"description": "Chương trình không đổi"},
                },
                (401, 409, 422),
            )
            | {
                "parameters": [
                    {"name": "wait", "in": "query", "required": False, "schema": integer},
                    {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}},
                ]
            }
        },
        "/audio/{sha256}": {
            "get": _call(
                "Âm thanh theo mã băm",
                {
                    "200": {"description": "Cả tệp", "content": {"audio/mpeg": {}}},
                    "206": {"description": "Một đoạn", "content": {"audio/mpeg": {}}},
                    "304": {"description": "Trạm đã có tệp này"},
                },
                (401, 404, 416),
            )
            | {
                "parameters": [
                    {
                        "name": "sha256",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                    },
                    {"name": "Range", "in": "header", "required": False, "schema": {"type": "string"}},
                ]
            }
        },
        "/station/log": {
            "post": _call(
                "Một lô nhật ký đã ký",
                {"200": _json("Đã ghi nhận", LogAnswer)},
                (400, 401, 403, 413, 415, 422),
                body=LogBatch,
            )
        },
        "/station/status": {
            "post": _call(
                "Tình trạng của trạm",
                {"200": _json("Giờ máy chủ và mục nhật ký cuối đang giữ", StatusAnswer)},
                (400, 401, 413, 415, 422),
                body=StatusReport,
            )
        },
    }


def _call(
    summary: str, answers: dict[str, Any], failures: tuple[int, ...], *, body: type | None = None
) -> dict[str, Any]:
    failed = {
        str(status): {"description": "Tài liệu lỗi RFC 9457", "content": {MEDIA_TYPE: {"schema": _ref(Problem)}}}
        for status in (*failures, 500)
    }
    call: dict[str, Any] = {"summary": summary, "responses": answers | failed}
    if body is not None:
        call["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return call


def _json(description: str, shape: type) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref(shape)}}}


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _header() -> dict[str, Any]:
    return {"required": True, "schema": {"type": "string"}}
