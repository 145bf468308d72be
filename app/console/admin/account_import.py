"""A table of accounts on its way in: uploaded, looked at, confirmed; new passwords told once."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from flask import Response, redirect, request

from app.auth import Access, Work, access, download, kit
from app.console.admin.accounts import LIST
from app.console.admin.menu import admin_page
from app.console.pages import pages, work
from app.errors import status_of
from app.services import account_preview, import_draft, sheet_reader
from app.services.account_import import HEADINGS, LABELS
from app.services.account_preview import KIND, Preview
from app.services.sheet import Sheet
from models.errors import Conflict, DomainError, FieldFault, ImportRefused, InvalidInput, NotFound

IMPORT = f"{LIST}/import"
MOST_BYTES = 1 << 20
MOST_SHOWN = 300
_POINTER = re.compile(r"/rows/(\d+)(?:/(\w+))?")
EXAMPLES = (
    ("zhangsan", "张三", "U-ZB", "受理派遣员@全部", ""),
    ("lisi", "李四", "U-JD1", "网格员@区域:430400001001；网格员@区域:430400001002", ""),
    ("wangwu", "王五", "U-HW", "经办人@单位:U-HW", "是"),
)
NOTES = (
    ("怎么填", "在“数据”表里每人一行；示例行请删掉"),
    ("用户名", "登录用：字母、数字和 . _ -；已有的用户名会被更新，没有的会新建"),
    ("单位编码", "见“单位”页；没有单位的留空"),
    ("角色", "角色@范围，多个用分号隔开。角色：受理派遣员、督查员、网格员、经办人、管理员"),
    ("范围", "全部；区域:区域编码；单位:单位编码"),
    ("负责人", "单位负责人填“是”，其他人留空"),
)


@pages.get("/admin/accounts/import")
@access(Access.ADMIN)
def account_import() -> Response:
    with work(kit().autocommit) as here:
        return _page(here, 200)


def _page(here: Work, status: int, **shown: Any) -> Response:
    page = {"labels": LABELS, "problems": [], "preview": None, "draft": None} | shown
    return admin_page("admin/account_import.html", status, here.actor, **page)


@pages.post("/admin/accounts/import")
@access(Access.ADMIN)
def account_upload() -> Response:
    """Keeps the table as the person's draft, and goes on to its preview."""
    with work(kit().engine) as here:
        name, data = _sent()
        try:
            content = _read(data, name)
        except (InvalidInput, ImportRefused) as error:
            return _page(here, 422, message=error.detail)
        import_draft.keep(here.db, here.actor, KIND, name, content, None)
    return redirect(f"{IMPORT}/preview", 303)  # type: ignore[return-value]


def _sent() -> tuple[str, bytes]:
    """The file's name, and a byte more than it may have, if it has."""
    file = request.files.get("file")
    if file is None:
        return "", b""
    with closing(file):
        return import_draft.shown_name(file.filename or ""), file.stream.read(MOST_BYTES + 1)


def _read(data: bytes, name: str) -> bytes:
    """The table as CSV. Raises InvalidInput, ImportRefused."""
    if not data or len(data) > MOST_BYTES:
        raise InvalidInput(
            "文件超过 1 MB，请分成几个文件" if data else "请选择一个文件；选过的文件是空的"
        )
    return sheet_reader.table(data, name, HEADINGS)


@pages.get("/admin/accounts/import/preview")
@access(Access.ADMIN)
def account_preview_page() -> Response:
    with work(kit().engine) as here:
        return _preview(here, 200)


def _preview(here: Work, status: int, message: str | None = None) -> Response:
    """What the person's draft would change now, or every fault of it."""
    draft = import_draft.find(here.db, here.actor, KIND)
    if draft is None:
        raise NotFound("没有待确认的名册，请重新上传")
    found: Preview | None
    problems: list[dict[str, str]] = []
    try:
        found = account_preview.look(here.db, here.atlas, draft)
    except ImportRefused as refused:
        status, problems = 422, _problems(refused.faults, draft.content)
        found = account_preview.look_at_the_rest(here.db, here.atlas, draft, refused.faults)
    except Conflict as error:
        return _page(here, 409, message=error.detail)
    shown = {"draft": draft, "preview": found, "problems": problems, "most": MOST_SHOWN}
    return _page(here, status, message=message, **shown)


def _problems(faults: Sequence[FieldFault], content: bytes) -> list[dict[str, str]]:
    """Row, column, what stands there, and what is wrong."""
    lines = list(csv.reader(io.StringIO(content.decode())))
    heading = [HEADINGS.get(name, name) for name in lines[0]] if lines else []
    found = []
    for fault in faults:
        match = _POINTER.fullmatch(fault.pointer)
        row, column = (match[1], match[2] or "") if match else ("", "")
        cell = ""
        if row and column in heading and int(row) <= len(lines):
            line = lines[int(row) - 1]
            cell = line[heading.index(column)] if len(line) > heading.index(column) else ""
        label = LABELS.get(column, column)
        found.append({"row": row, "column": label, "cell": cell, "message": fault.message})
    return found


@pages.post("/admin/accounts/import/confirm")
@access(Access.ADMIN)
def confirm_accounts() -> Response:
    """Imports what was looked at, and leads to the passwords of who is new."""
    token, base = request.form.get("token", ""), request.form.get("base", "")
    try:
        with work(kit().engine) as here:
            account_preview.confirm(here.db, here.atlas, here.kit.safe, here.actor, token, base)
    except NotFound:
        raise
    except DomainError as error:
        with work(kit().engine) as here:
            return _preview(here, status_of(error), error.detail)
    return redirect(f"{IMPORT}/done", 303)  # type: ignore[return-value]


@pages.get("/admin/accounts/import/done")
@access(Access.ADMIN)
def accounts_made() -> Response:
    with work(kit().autocommit) as here:
        found = account_preview.made(here.db, here.kit.safe, here.actor)
    return admin_page("admin/accounts_made.html", 200, here.actor, made=found)


@pages.get("/admin/accounts/import/passwords.xlsx")
@access(Access.ADMIN)
def password_sheet() -> Response:
    def sheet(here: Work) -> Sheet:
        found = account_preview.made(here.db, here.kit.safe, here.actor)
        if found is None:
            raise NotFound("初始密码已不能再查看；没有记下的，请在账号页重置")
        columns = [("0", "用户名"), ("1", "姓名"), ("2", "单位"), ("3", "初始密码")]
        rows = ({str(i): cell for i, cell in enumerate(line)} for line in found.accounts)
        notes = [("说明", "请逐个交给本人，并提醒登录后修改；用完请删除本文件")]
        return Sheet("新账号初始密码", notes, columns, rows)

    return download("xlsx", sheet)


@pages.post("/admin/accounts/import/forget")
@access(Access.ADMIN)
def forget_passwords() -> Response:
    with work(kit().engine) as here:
        account_preview.forget(here.db, here.actor)
    return redirect(LIST)  # type: ignore[return-value]


@pages.get("/admin/accounts/import/template.xlsx")
@access(Access.ADMIN)
def account_template() -> Response:
    """An empty table with examples."""
    rows = (dict(zip(LABELS, example, strict=True)) for example in EXAMPLES)
    return download("xlsx", lambda _: Sheet("账号名册模板", NOTES, list(LABELS.items()), rows))
