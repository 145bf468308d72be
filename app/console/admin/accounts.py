"""Staff accounts: the list, one of them, and the table of all of them."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.auth import Access, Work, access, download, kit
from app.console import forms
from app.console.admin.menu import admin_page
from app.console.admin.people import ROLES, places, role_rows
from app.console.pages import pages, work
from app.services import staff, staff_list
from app.services.account_import import LABELS
from app.services.grants import in_words, written
from app.services.sheet import Sheet
from app.services.staff_list import StaffAccount, Wanted
from models.account import GRANTABLE, Role
from models.calendar import LOCAL
from models.fields import storable
from models.routing import Atlas

LIST = "/console/admin/accounts"
STATES = [{"value": "yes", "label": "在用"}, {"value": "no", "label": "已停用"}]
FILTERS = ("q", "role", "unit", "enabled")
DONE = {
    "made": "账号已创建",
    "changed": "已保存",
    "disabled": "已停用，原有登录已失效",
    "enabled": "已重新启用",
    "unbound": "已解除微信绑定，原有登录已失效",
    "ended": "已结束这个账号的全部登录",
    "totp": "已关闭两步验证，下次登录只需密码",
}


@pages.get("/admin/accounts")
@access(Access.ADMIN)
def accounts() -> Response:
    """A page of the list, in order of the user names."""
    given = {k: v.strip() for k, v in request.args.items() if v.strip() and storable(v)}
    with work(kit().autocommit) as here:
        found, more = staff_list.page(here.db, _wanted(here.atlas, given))
    chosen = {name: given[name] for name in FILTERS if name in given}
    last = found[-1].row.username if more else None
    return admin_page(
        "admin/accounts.html",
        200,
        here.actor,
        rows=[shown(here.atlas, one) for one in found],
        given=chosen,
        options={"role": ROLES, "unit": forms.units(here.atlas), "enabled": STATES},
        next_page=_url(chosen | {"after": last}) if last else None,
        first_page=_url(chosen) if "after" in given else None,
    )


def _wanted(atlas: Atlas, given: dict[str, str]) -> Wanted:
    role, unit = given.get("role"), given.get("unit")
    return Wanted(
        text=given.get("q", "")[:100],
        role=Role(role) if role in GRANTABLE else None,
        units=_subtree(atlas, unit) if unit else None,
        enabled={"yes": True, "no": False}.get(given.get("enabled", "")),
        after=given.get("after", ""),
    )


def _subtree(atlas: Atlas, unit: str) -> set[str]:
    """The unit and those below it."""
    found, count = {unit}, 0
    while len(found) > count:
        count = len(found)
        found |= {one.code for one in atlas.units.values() if one.parent in found}
    return found


def _url(query: dict[str, Any]) -> str:
    return f"{LIST}?{urlencode(query)}" if query else LIST


def shown(atlas: Atlas, account: StaffAccount) -> dict[str, Any]:
    row = account.row
    return {
        "username": row.username,
        "name": row.display_name,
        "unit": row.unit,
        "unit_name": atlas.unit_name(row.unit),
        "is_head": row.is_head,
        "roles": in_words(atlas, account.grants),
        "enabled": row.enabled,
        "has_password": row.password_hash is not None,
        "password_generated": row.password_generated,
        "wechat": row.openid is not None,
        "totp_since": row.totp_since,
        "sessions": account.sessions,
        "used_at": account.used_at,
        "created_at": row.created_at,
    }


@pages.get("/admin/accounts/of/<username>")
@access(Access.ADMIN)
def one_account(username: str) -> Response:
    with work(kit().autocommit) as here:
        page = account_page(here, username)
    return admin_page("admin/account.html", 200, here.actor, **page)


def account_page(here: Work, username: str, **failed: Any) -> dict[str, Any]:
    """What the page of an account shows; `failed` is a form that was refused.

    Raises:
        NotFound.
    """
    account = staff_list.one(here.db, username)
    row = account.row
    return {
        "account": shown(here.atlas, account),
        "own": row.id == here.actor.id,
        "duties": staff_list.duties(here.db, row.id),
        "version_seen": staff.version_of(row, account.grants),
        "key_seen": staff.key_version_of(row),
        "typed": {"name": row.display_name, "unit": row.unit, "head": row.is_head},
        "rows": role_rows(here.atlas, account.grants),
        "done": DONE.get(request.args.get("done", "")),
        **form_options(here.atlas, row.unit),
    } | failed


def form_options(atlas: Atlas, unit: str | None = None) -> dict[str, Any]:
    units = forms.units(atlas)
    if unit is not None and all(one["value"] != unit for one in units):
        units.append({"value": unit, "label": f"{atlas.unit_name(unit)}（已停用）"})
    return {"roles_known": ROLES, "units": units, "places": list(places(atlas)), "faults": {}}


@pages.get("/admin/accounts.xlsx")
@access(Access.ADMIN)
def accounts_sheet() -> Response:
    """All accounts in the form of the import: changed in a spreadsheet, they can be taken back."""

    def made(here: Work) -> Sheet:
        when = f"{datetime.now(LOCAL):%Y-%m-%d %H:%M}"
        notes = [("导出时间", when), ("用法", "修改“数据”表后，可在“导入名册”里上传")]
        rows = (_line(account) for account in staff_list.every(here.db))
        return Sheet("工作人员名册", notes, list(LABELS.items()), rows)

    return download("xlsx", made)


def _line(account: StaffAccount) -> dict[str, Any]:
    row = account.row
    return {
        "username": row.username,
        "display_name": row.display_name,
        "unit": row.unit or "",
        "roles": "；".join(written(one) for one in account.grants),
        "head": "是" if row.is_head else "",
    }
