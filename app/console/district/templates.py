"""Reply templates: which there are, new ones, changes, and a set to begin with."""

from typing import Any

from flask import Response, redirect, request

from app.auth import Access, access, kit
from app.console.admin.menu import admin_page
from app.console.pages import pages, work
from app.errors import status_of
from app.services import admin_log, reply_template
from app.services.reply_template import ACTIONS, LONGEST, LONGEST_NAME, PLACEHOLDERS
from models.errors import Conflict, DomainError, InvalidInput, NotFound
from models.status import ACTION_LABELS

LIST = "/console/district/templates"
SAMPLE = {"category": "暴露垃圾", "address": "解放路 12 号门前", "unit": "洁净环卫公司"}
DONE = {"added": "已添加模板", "saved": "已保存", "retired": "已停用", "starters": "已添加常用模板"}


@pages.get("/district/templates")
@access(Access.ADMIN)
def district_templates() -> Response:
    return _page(200)


@pages.post("/district/templates")
@access(Access.ADMIN)
def add_template() -> Response:
    """A new template; sent twice it is one."""
    given = request.form
    action, name, body = given.get("action", ""), given.get("name", ""), given.get("body", "")
    try:
        with work(kit().engine) as here:
            before = len(reply_template.in_use(here.db))
            reply_template.add(here.db, action, name, body)
            if len(reply_template.in_use(here.db)) > before:
                admin_log.record(here.db, here.actor, "template.add", name.strip(), action=action)
    except InvalidInput as error:
        return _page(422, error)
    return redirect(f"{LIST}?done=added", 303)  # type: ignore[return-value]


@pages.post("/district/templates/starters")
@access(Access.ADMIN)
def add_starters() -> Response:
    with work(kit().engine) as here:
        added = reply_template.add_starters(here.db)
        if added:
            admin_log.record(here.db, here.actor, "template.add", "常用模板", added=added)
    return redirect(f"{LIST}?done=starters", 303)  # type: ignore[return-value]


@pages.post("/district/templates/<int:template>")
@access(Access.ADMIN)
def change_template(template: int) -> Response:
    given = request.form
    seen = (given.get("seen_name", ""), given.get("seen_body", "").replace("\r\n", "\n"))
    name, body = given.get("name", ""), given.get("body", "")
    try:
        with work(kit().engine) as here:
            changed = reply_template.change(here.db, template, seen, name, body)
            if changed:
                admin_log.record(here.db, here.actor, "template.change", name.strip())
    except NotFound:
        raise
    except DomainError as error:
        return _page(status_of(error), error, template)
    return redirect(f"{LIST}?done=saved", 303)  # type: ignore[return-value]


@pages.post("/district/templates/<int:template>/retire")
@access(Access.ADMIN)
def retire_template(template: int) -> Response:
    with work(kit().engine) as here:
        known = reply_template.retire(here.db, template)
        if known is not None:
            admin_log.record(here.db, here.actor, "template.retire", known.name)
    return redirect(f"{LIST}?done=retired", 303)  # type: ignore[return-value]


def _page(status: int, error: DomainError | None = None, template: int | None = None) -> Response:
    with work(kit().autocommit) as here:
        rows = reply_template.in_use(here.db)
    shown: list[dict[str, Any]] = [
        {
            "label": ACTION_LABELS[action],
            "action": action.value,
            "rows": [
                row._asdict() | {"sample": reply_template.filled(row.body, SAMPLE)}
                for row in rows
                if row.action == action
            ],
        }
        for action in ACTIONS
    ]
    return admin_page(
        "district/templates.html",
        status,
        here.actor,
        groups=shown,
        some=bool(rows),
        placeholders=PLACEHOLDERS,
        longest=LONGEST,
        longest_name=LONGEST_NAME,
        done=DONE.get(request.args.get("done", "")),
        failed=template if error else None,
        new_failed=error is not None and template is None,
        message=error.detail
        if isinstance(error, Conflict)
        else (error and "没有保存，请改正后再试"),
        faults={fault.pointer[1:]: fault.message for fault in error.faults} if error else {},
        typed=request.form.to_dict() if error else {},
    )
