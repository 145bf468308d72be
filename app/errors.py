"""Domain errors to RFC 9457 problem+json: the one table of HTTP numbers and problem names."""

import logging
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask, Response, g, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from models import errors as e
from models.errors import DomainError, FieldFault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    name: str
    title: str


PROBLEMS: dict[type[DomainError], Problem] = {
    e.InvalidInput: Problem(422, "invalid-input", "填写有误"),
    e.ImportRefused: Problem(422, "import-refused", "导入有误"),
    e.EvidenceRefused: Problem(422, "evidence-refused", "证据不符合要求"),
    e.OutsideServiceArea: Problem(422, "outside-service-area", "不在服务范围内"),
    e.ImageNotAccepted: Problem(422, "image-not-accepted", "照片无法使用"),
    e.PhotoUnusable: Problem(422, "photo-unusable", "照片不能使用"),
    e.IdempotencyConflict: Problem(422, "idempotency-conflict", "请求标识重复使用"),
    e.SignedOut: Problem(401, "signed-out", "请先登录"),
    e.SignInRefused: Problem(401, "sign-in-refused", "登录失败"),
    e.Forbidden: Problem(403, "forbidden", "没有权限"),
    e.OwnPasswordRequired: Problem(403, "own-password-required", "请先设置自己的密码"),
    e.NotFound: Problem(404, "not-found", "没有找到"),
    e.StaleCase: Problem(409, "stale-case", "案卷已更新"),
    e.IllegalMove: Problem(409, "illegal-move", "现在不能这样操作"),
    e.Conflict: Problem(409, "conflict", "内容冲突"),
    e.TooMany: Problem(429, "too-many-requests", "操作太频繁"),
    e.NotReady: Problem(503, "not-ready", "正在处理"),
    e.WeChatUnavailable: Problem(503, "wechat-unavailable", "微信暂时没有响应"),
    e.WeChatNotConfigured: Problem(503, "wechat-not-configured", "微信登录尚未配置"),
    e.GeocoderUnavailable: Problem(503, "geocoder-unavailable", "暂时查不到地址"),
    e.StorageUnavailable: Problem(503, "storage-unavailable", "照片暂时无法保存"),
}
HTTP_PROBLEMS: dict[int, Problem] = {
    400: Problem(400, "bad-request", "请求无法读取"),
    404: Problem(404, "not-found", "没有找到"),
    405: Problem(405, "method-not-allowed", "不支持的请求方法"),
    413: Problem(413, "body-too-large", "内容太大"),
    415: Problem(415, "unsupported-media-type", "不支持的内容类型"),
    500: Problem(500, "internal-error", "系统出错"),
    503: Problem(503, "unavailable", "服务暂时不可用"),
}

_SAID: dict[str, str] = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_too_short": "不能为空",
    "string_too_long": "最多 {max_length} 个字",
    "too_long": "最多 {max_length} 个",
    "too_short": "至少 {min_length} 个",
    "string_type": "应为文字",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "finite_number": "应为有限的数字",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "list_type": "应为列表",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
    "string_pattern_mismatch": "格式不对",
    "timezone_aware": "时间须带时区",
    "datetime_type": "应为 RFC 3339 时间",
    "datetime_parsing": "应为 RFC 3339 时间",
    "datetime_from_date_parsing": "应为 RFC 3339 时间",
    "model_type": "应为 JSON 对象",
    "model_attributes_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
}


def faults_of(error: ValidationError) -> list[FieldFault]:
    """Pydantic's faults as JSON pointers and Chinese words."""
    faults = []
    for one in error.errors(include_url=False, include_input=False):
        context = one.get("ctx", {})
        if one["type"] == "value_error":
            message = str(context["error"])
        else:
            message = _SAID.get(one["type"], "格式不对").format(**context)
            message = message.replace(" or ", "、").replace(", ", "、").replace("'", "")
        pointer = "".join(f"/{part}" for part in one["loc"])
        faults.append(FieldFault(pointer, message))
    return faults


def problem(
    kind: Problem,
    detail: str,
    *,
    faults: tuple[FieldFault, ...] | list[FieldFault] = (),
    extra: dict[str, Any] | None = None,
    retry_after: int | None = None,
) -> Response:
    """One shape for every refusal."""
    body = {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "errors": [{"pointer": f.pointer, "message": f.message} for f in faults],
        "request_id": g.get("request_id", ""),
    } | (extra or {})
    response = Response(orjson.dumps(body), kind.status, mimetype="application/problem+json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _kind_of(error: DomainError) -> Problem:
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def status_of(error: DomainError) -> int:
    return _kind_of(error).status


def domain_problem(error: DomainError) -> Response:
    kind = _kind_of(error)
    return problem(
        kind,
        error.detail,
        faults=error.faults,
        extra=error.extra,
        retry_after=getattr(error, "retry_after", None),
    )


def invalid(error: ValidationError) -> Response:
    faults = faults_of(error)
    first = faults[0]
    detail = f"{first.pointer[1:]}：{first.message}" if first.pointer else first.message
    return problem(PROBLEMS[e.InvalidInput], detail, faults=faults)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    kind = HTTP_PROBLEMS.get(status) or Problem(status, "bad-request", "请求无法处理")
    words = {
        400: "请求内容不是有效的 JSON 或表单",
        404: "没有这个地址",
        405: "这个地址不支持该方法",
        413: "内容超过上限",
    }
    return problem(kind, words.get(status, kind.title))


def database_away(error: Exception) -> Response:
    log.error("database away in %s %s", request.method, request.path, exc_info=error)
    return problem(HTTP_PROBLEMS[503], "数据库暂时不可用，请稍后重试", retry_after=5)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
    return problem(HTTP_PROBLEMS[500], "系统出错，请稍后重试，或把 request_id 告诉管理员")


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_problem)
    app.register_error_handler(ValidationError, invalid)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(PoolTimeout, database_away)
    app.register_error_handler(Exception, _unexpected)
