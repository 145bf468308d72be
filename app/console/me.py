"""One's own account: password, second factor, and where one is signed in."""

import hashlib
from typing import Any

import segno
from flask import Response, redirect, request

from app.auth import Access, Work, access, bearer, kit
from app.console.pages import pages, render, work
from app.errors import status_of
from app.services import grants, own_account, totp
from app.sign_in import failures_bounded
from models.errors import DomainError, InvalidInput, SignedOut, SignInRefused

HERE = "/console/me"
DONE = {
    "password": "密码已修改，其他设备上的登录已失效",
    "on": "两步验证已开启，下次登录时还要输入验证码",
    "off": "两步验证已关闭",
    "ended": "已结束那台设备上的登录",
    "others": "已结束其他设备上的全部登录",
}


@pages.get("/me")
@access(Access.STAFF)
def me() -> Response:
    return _page()


def _page(status: int = 200, **failed: Any) -> Response:
    with work(kit().autocommit) as here:
        account = own_account.look(here.db, here.actor)
        waiting = totp.pending(here.db, here.kit.safe, account.row.id)
        shown = {
            "account": account.row,
            "unit_name": here.atlas.unit_name(account.row.unit),
            "held": grants.in_words(here.atlas, here.actor.grants),
            "sessions": [_session(row) for row in account.sessions],
            "waiting": {"secret": _grouped(waiting[0]), "picture": _picture(waiting[1])}
            if waiting
            else None,
        }
    shown |= {"done": DONE.get(request.args.get("done", "")), "faults": {}} | failed
    return render("me.html", status, here.actor, **shown)


def _session(row: Any) -> dict[str, Any]:
    own = hashlib.sha256(bearer().encode()).digest()
    return {
        "id": row.token_hash.hex()[:16],
        "created_at": row.created_at,
        "used_at": row.used_at,
        "this": row.token_hash == own,
    }


def _grouped(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def _picture(address: str) -> str:
    """The address as a QR code, SVG."""
    code = segno.make(address, error="m")
    return str(code.svg_inline(scale=5, border=2, dark="#14262b", light="#fff", title="二维码"))


def _done(what: str) -> Response:
    return redirect(f"{HERE}?done={what}")  # type: ignore[return-value]


def _refused(error: DomainError, form: str) -> Response:
    faults = {fault.pointer[1:]: fault.message for fault in error.faults}
    return _page(status_of(error), message=error.detail, form=form, faults=faults)


@pages.post("/me/password")
@access(Access.STAFF)
def change_own_password() -> Response:
    given = request.form
    new = given.get("new_password", "")
    if new != given.get("new_password_again", ""):
        return _refused(InvalidInput.at("/new_password_again", "两次输入的新密码不同"), "password")

    def change(here: Work) -> None:
        own_account.change_password(here.db, here.actor, _password(), new, bearer())

    return _bounded("own-password", change, "password", "password")


def _password() -> str:
    return request.form.get("old_password", "")


def _bounded(what: str, act: Any, form: str, done: str) -> Response:
    """Does what takes a password or a code; guessing is bounded as at the sign-in."""
    here = kit()
    with work(here.autocommit) as now:
        name = str(now.actor.id)
    try:
        with failures_bounded(here, what, name, request.remote_addr), work(here.engine) as now:
            act(now)
    except SignedOut:
        raise
    except SignInRefused as error:
        field = "/old_password" if what == "own-password" else "/otp"
        return _refused(InvalidInput.at(field, error.detail), form)
    except DomainError as error:
        return _refused(error, form)
    return _done(done) if done else redirect(HERE)  # type: ignore[return-value]


@pages.post("/me/totp/begin")
@access(Access.STAFF)
def begin_totp() -> Response:
    def begin(here: Work) -> None:
        own_account.check_own(here.db, here.actor, _password())
        totp.start(here.db, here.kit.safe, own_account.id_of(here.actor))

    return _bounded("own-password", begin, "begin", "")


@pages.post("/me/totp/confirm")
@access(Access.STAFF)
def confirm_totp() -> Response:
    def confirm(here: Work) -> None:
        totp.confirm(here.db, here.kit.safe, here.actor, request.form.get("otp", ""))

    return _bounded("sign-in-code", confirm, "confirm", "on")


@pages.post("/me/totp/off")
@access(Access.STAFF)
def turn_off_totp() -> Response:
    def turn_off(here: Work) -> None:
        totp.turn_off(here.db, here.kit.safe, here.actor, request.form.get("otp", ""))

    return _bounded("sign-in-code", turn_off, "off", "off")


@pages.post("/me/sessions")
@access(Access.STAFF)
def end_own_session() -> Response:
    """Ends the session that is named, or all but this one."""
    with work(kit().engine) as here:
        wanted = request.form.get("session")
        own_account.end_sessions(here.db, here.actor, bearer(), wanted)
    return _done("ended" if wanted else "others")
