"""Who looked at whose identity, and what administrators changed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.auth import Access, Work, access, download, kit
from app.console import words
from app.console.admin.menu import admin_page
from app.console.pages import pages, work
from app.schemas.page import decode_cursor, encode_cursor
from app.services import access_log
from app.services.access_log import Period, Seen
from app.services.grants import SCOPE_LABELS
from app.services.import_headings import KIND_LABELS
from app.services.sheet import Sheet
from models.account import GRANTABLE, ROLE_LABELS, Role, Scope
from models.errors import InvalidInput
from models.fields import storable

LOGS = "/console/admin/logs"
PAGE = 50
FILTERS = ("person", "first", "last")
LOOKS, CHANGES = "looks", "changes"
VIEWS = {CHANGES: "管理变更", LOOKS: "身份和原图查看"}
WHAT = {
    "account.create": "新建账号",
    "account.change": "修改账号",
    "account.password": "重置密码",
    "account.own_password": "修改自己的密码",
    "account.disable": "停用账号",
    "account.enable": "重新启用账号",
    "account.unbind": "解除微信绑定",
    "account.sessions": "结束全部登录",
    "account.totp_on": "开启两步验证",
    "account.totp_off": "关闭两步验证",
    "account.totp_reset": "重置两步验证",
    "key.create": "创建接口密钥",
    "key.revoke": "吊销接口密钥",
    "jobs.retry": "重试任务",
    "template.add": "新增回复模板",
    "template.change": "修改回复模板",
    "template.retire": "停用回复模板",
} | {f"{kind}.import": f"导入{label}" for kind, label in KIND_LABELS.items()}
FACTS = {
    "name": "姓名",
    "unit": "单位",
    "head": "负责人",
    "roles": "角色",
    "rows": "行数",
    "added": "新增",
    "ended": "停用",
    "revision": "版本",
    "count": "个数",
    "rights": "权限",
    "services": "类别",
    "areas": "区域",
    "per_hour": "每小时",
    "action": "操作",
}


@pages.get("/admin/logs")
@access(Access.ADMIN)
def logs() -> Response:
    """A page of one of the two logs, the newest first."""
    given = {k: v.strip() for k, v in request.args.items() if v.strip() and storable(v)}
    view = given.get("view") if given.get("view") in VIEWS else CHANGES
    chosen = {name: given[name] for name in FILTERS if name in given}
    fault, period, before = None, Period(), None
    try:
        period, before = _period(chosen), _seen(given.get("cursor"))
    except InvalidInput as error:
        fault = error.detail
    with work(kit().autocommit) as here:
        rows = _rows(here, str(view), period, before)
    shown = rows[:PAGE]
    more = encode_cursor(shown[-1].at, shown[-1].id) if len(rows) > PAGE else None
    tidy = chosen | {"view": view}
    return admin_page(
        "admin/logs.html",
        422 if fault else 200,
        here.actor,
        view=view,
        views=[(name, label, _url({"view": name} | chosen)) for name, label in VIEWS.items()],
        rows=[_shown(str(view), row) for row in shown],
        given=chosen,
        fault=fault,
        next_page=_url(tidy | {"cursor": more}) if more else None,
        first_page=_url(tidy) if "cursor" in given else None,
        export=f"{LOGS}.xlsx?{urlencode(tidy)}",
        bare=_url({"view": view}),
    )


def _url(query: dict[str, Any]) -> str:
    return f"{LOGS}?{urlencode(query)}"


def _period(given: dict[str, str]) -> Period:
    """Raises InvalidInput for what is no day."""
    try:
        first, last = (
            date.fromisoformat(given[name]) if name in given else None for name in ("first", "last")
        )
    except ValueError:
        raise InvalidInput("日期应如 2026-01-31，已忽略筛选条件") from None
    if any(day is not None and not 2000 <= day.year < 2100 for day in (first, last)):
        raise InvalidInput("日期应在 2000 至 2099 年之间，已忽略筛选条件")
    return Period(
        given.get("person"),
        words.midnight(first) if first else None,
        words.midnight(last + timedelta(days=1)) if last else None,
    )


def _seen(cursor: str | None) -> Seen | None:
    """Where a page ended. Raises InvalidInput."""
    values = decode_cursor(cursor, 2)
    if values is None:
        return None
    try:
        at, last = datetime.fromisoformat(values[0]), values[1]
    except (TypeError, ValueError):
        at, last = None, None
    if at is None or at.tzinfo is None or type(last) is not int or not 0 <= last < 2**63:
        raise InvalidInput("翻页标识不对，请从第一页开始")
    return at, last


def _rows(here: Work, view: str, period: Period, before: Seen | None) -> list[Any]:
    read = access_log.looks if view == LOOKS else access_log.changes
    return list(read(here.db, period, before, PAGE + 1))


def _shown(view: str, row: Any) -> dict[str, Any]:
    who = {"at": row.at, "who": row.who, "username": row.username}
    if view == LOOKS:
        return who | {"case": row.case_number, "what": look_in_words(row.what), "why": row.reason}
    facts = [(FACTS.get(name, name), _fact(row.what, value)) for name, value in row.facts.items()]
    return who | {"what": WHAT.get(row.what, row.what), "subject": row.subject, "facts": facts}


def look_in_words(what: str) -> str:
    return "照片原图" if what.startswith("photo:") else "上报人身份"


def _fact(what: str, value: Any) -> str:
    """A fact; those of a change are what was before and after."""
    if what == "account.change" and isinstance(value, list) and len(value) == 2:
        return f"{_plain(value[0])} → {_plain(value[1])}"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_plain(one) for one in value) or "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if value in (None, ""):
        return "（空）"
    return _role(str(value))


def _role(text: str) -> str:
    """A role as grants are written, `unit_staff@unit:U-HW`, in Chinese; any other text as it is."""
    role, _, place = text.partition("@")
    scope, colon, code = place.partition(":")
    if role not in GRANTABLE or scope not in list(Scope):
        return text
    return f"{ROLE_LABELS[Role(role)]}@{SCOPE_LABELS[Scope(scope)]}{colon}{code}"


@pages.get("/admin/logs.xlsx")
@access(Access.ADMIN)
def logs_sheet() -> Response:
    """The same log as a table, whole."""
    given = {k: v.strip() for k, v in request.args.items() if v.strip() and storable(v)}
    view = LOOKS if given.get("view") == LOOKS else CHANGES
    period = _period(given)
    middle = (
        [("case", "案卷"), ("what", "看了什么"), ("why", "理由")]
        if view == LOOKS
        else [("what", "做了什么"), ("subject", "对象"), ("facts", "内容")]
    )
    columns = [("at", "时间"), ("who", "谁"), ("username", "用户名"), *middle]

    def sheet(here: Work) -> Sheet:
        asked = [("人员", given.get("person", "全部"))]
        asked += [("起止", f"{given.get('first', '')} 至 {given.get('last', '')}")]
        return Sheet(VIEWS[view], asked, columns, _lines(here, view, period))

    return download("xlsx", sheet)


def _lines(here: Work, view: str, period: Period) -> Iterator[dict[str, Any]]:
    read = access_log.looks if view == LOOKS else access_log.changes
    for row in read(here.db, period, None, None):
        line = _shown(view, row)
        if "facts" in line:
            line["facts"] = "；".join(f"{name}：{value}" for name, value in line["facts"])
        yield line
