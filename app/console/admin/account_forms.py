"""What administrators do to staff accounts: each a form."""

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request

from app.auth import Access, Work, access, kit
from app.console.admin.accounts import LIST, account_page, form_options
from app.console.admin.menu import admin_page
from app.console.admin.people import role_rows, roles_typed, typed_rows
from app.console.pages import pages, work
from app.errors import status_of
from app.services import admin_log, staff, totp
from app.services.staff import Person
from models.errors import Conflict, DomainError, FieldFault, InvalidInput, NotFound
from models.fields import storable
from models.routing import Atlas

ACTIONS: dict[str, tuple[str, Callable[[Work, str], Any]]] = {
    "disable": ("disabled", lambda here, name: staff.disable(here.db, name, here.actor)),
    "enable": ("enabled", lambda here, name: staff.enable(here.db, here.actor, name)),
    "unbind": ("unbound", lambda here, name: staff.unbind(here.db, here.actor, name)),
    "sessions": ("ended", lambda here, name: staff.end_sessions(here.db, here.actor, name)),
    "totp": ("totp", lambda here, name: totp.reset(here.db, here.actor, name)),
}
"""What is done by a button alone, and how it is told afterwards."""


@pages.get("/admin/accounts/new")
@access(Access.ADMIN)
def new_account() -> Response:
    with work(kit().autocommit) as here:
        return _new_page(here)


def _new_page(here: Work, status: int = 200, **failed: Any) -> Response:
    page = {"typed": {}, "rows": role_rows(here.atlas, []), "username": ""}
    page |= form_options(here.atlas) | failed
    return admin_page("admin/account_new.html", status, here.actor, **page)


@pages.post("/admin/accounts/new")
@access(Access.ADMIN)
def make_account() -> Response:
    """Makes the account; its password is on the page that answers, and nowhere else."""
    username = request.form.get("account", "").strip()
    try:
        with work(kit().engine) as here:
            person = _person(here.atlas)
            password = staff.generated_password()
            staff.make(here.db, username, person, password, generated=True)
            facts = {"name": person.name, "unit": person.unit, "roles": list(person.roles)}
            admin_log.record(here.db, here.actor, "account.create", username, **facts)
    except (InvalidInput, Conflict) as error:
        with work(kit().autocommit) as here:
            kept = {"username": username, "faults": _told(error), **_typed()}
            return _new_page(here, status_of(error), **kept)
    return _password_page(here, username, password, made=True)


def _person(atlas: Atlas) -> Person:
    """The form, with the faults of reading it."""
    roles, faults = roles_typed(atlas, typed_rows(request.form))
    name = request.form.get("name", "").strip()
    if not storable(name):
        faults.append(FieldFault("/name", "含有无法保存的字符"))
    unit = request.form.get("unit", "").strip() or None
    return Person(name[:100], unit, bool(request.form.get("head")), roles, tuple(faults))


def _typed() -> dict[str, Any]:
    given = request.form
    fields = {
        "name": given.get("name", ""),
        "unit": given.get("unit", ""),
        "head": bool(given.get("head")),
    }
    return {"typed": fields, "rows": typed_rows(given)}


def _told(error: DomainError) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in error.faults:
        name = fault.pointer[1:]
        found[name] = f"{found[name]}；{fault.message}" if name in found else fault.message
    return found


def _password_page(here: Work, username: str, password: str, *, made: bool) -> Response:
    shown = {"username": username, "password": password, "made": made}
    return admin_page("admin/account_password.html", 200, here.actor, **shown)


@pages.post("/admin/accounts/of/<username>")
@access(Access.ADMIN)
def change_account(username: str) -> Response:
    try:
        with work(kit().engine) as here:
            seen = request.form.get("seen", "")
            staff.change(here.db, here.actor, username, seen, _person(here.atlas))
    except NotFound:
        raise
    except DomainError as error:
        return _refused(username, error, **_typed(), faults=_told(error))
    return _back(username, "changed")


def _refused(username: str, error: DomainError, **kept: Any) -> Response:
    """The account as it is now, with what was typed, and why not."""
    with work(kit().autocommit) as here:
        page = account_page(here, username, message=error.detail, **kept)
    return admin_page("admin/account.html", status_of(error), here.actor, **page)


def _back(username: str, done: str) -> Response:
    return redirect(f"{LIST}/of/{username}?done={done}")  # type: ignore[return-value]


@pages.post("/admin/accounts/of/<username>/password")
@access(Access.ADMIN)
def reset_password(username: str) -> Response:
    try:
        with work(kit().engine) as here:
            seen = request.form.get("seen", "")
            password = staff.reset_password(here.db, here.actor, username, seen)
    except Conflict as error:
        return _refused(username, error)
    return _password_page(here, username, password, made=False)


@pages.post("/admin/accounts/of/<username>/<any(disable, enable, unbind, sessions, totp):what>")
@access(Access.ADMIN)
def act_on_account(username: str, what: str) -> Response:
    done, act = ACTIONS[what]
    try:
        with work(kit().engine) as here:
            act(here, username)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(username, error)
    return _back(username, done)
