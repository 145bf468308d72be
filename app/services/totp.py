"""The second factor of staff: codes of an authenticator (RFC 6238, 30 seconds, six digits)."""

from typing import Any

import pyotp
from sqlalchemy import Connection, select, update

from app.services import admin_log
from app.services.safe import Safe
from models import moment
from models.account import Account, Actor
from models.errors import Conflict, InvalidInput, NotFound, SignInRefused

ISSUER = "随手拍"
STEP_S = 30
AROUND = (0, -1, 1)
"""Steps that are tried: a phone's clock may be one off."""
WRONG = "两步验证码不正确，或已用过；请等下一个验证码再试"
LOST = "两步验证暂时无法核对，请联系管理员重置"
_NOTHING: dict[str, Any] = {"totp_secret": None, "totp_since": None, "totp_step": None}


def is_on(db: Connection, account_id: int) -> bool:
    since = select(Account.totp_since).where(Account.id == account_id)
    return db.execute(since).scalar_one() is not None


def start(db: Connection, safe: Safe, account_id: int) -> None:
    """Makes a secret, which counts when a code of it was confirmed.

    Raises:
        Conflict: it is on already.
    """
    row = _locked(db, account_id)
    if row.totp_since is not None:
        raise Conflict("两步验证已经开启")
    secret = safe.seal(pyotp.random_base32())
    db.execute(
        update(Account).where(Account.id == account_id).values(_NOTHING | {"totp_secret": secret})
    )


def pending(db: Connection, safe: Safe, account_id: int) -> tuple[str, str] | None:
    """The secret that waits for its first code, and its address for an authenticator."""
    columns = (Account.username, Account.totp_secret, Account.totp_since)
    row = db.execute(select(*columns).where(Account.id == account_id)).one()
    if row.totp_secret is None or row.totp_since is not None:
        return None
    try:
        secret = safe.open(row.totp_secret)
    except ValueError:
        return None
    return secret, pyotp.TOTP(secret).provisioning_uri(name=row.username, issuer_name=ISSUER)


def confirm(db: Connection, safe: Safe, actor: Actor, code: str) -> None:
    """From now on signing in takes a code.

    Raises:
        InvalidInput: wrong code. Conflict: there is no secret to confirm, or it is on already.
    """
    row = _locked(db, _id(actor))
    if row.totp_secret is None or row.totp_since is not None:
        raise Conflict("请先点“开始设置”")
    try:
        _take(db, safe, row, code)
    except SignInRefused as error:
        raise InvalidInput.at("/code", error.detail) from None
    db.execute(update(Account).where(Account.id == row.id).values(totp_since=moment.now()))
    admin_log.record(db, actor, "account.totp_on", row.username)


def check(db: Connection, safe: Safe, account_id: int, code: str) -> None:
    """Takes a code, once.

    Raises:
        SignInRefused: wrong, or taken before.
    """
    row = _locked(db, account_id)
    if row.totp_since is None:
        raise SignInRefused("这个账号没有开启两步验证")
    _take(db, safe, row, code)


def turn_off(db: Connection, safe: Safe, actor: Actor, code: str) -> None:
    """By the person, with a code. Raises SignInRefused."""
    check(db, safe, _id(actor), code)
    row = _locked(db, _id(actor))
    db.execute(update(Account).where(Account.id == row.id).values(_NOTHING))
    admin_log.record(db, actor, "account.totp_off", row.username)


def reset(db: Connection, actor: Actor | None, username: str) -> bool:
    """Turns it off for somebody who lost the phone; whether it was on. Without an actor it is a
    command's doing. Raises NotFound."""
    own = Account.username == username
    row = db.execute(select(Account.id, Account.totp_since).where(own)).one_or_none()
    if row is None:
        raise NotFound(f"没有账号“{username}”")
    db.execute(update(Account).where(Account.id == row.id).values(_NOTHING))
    if actor is not None and row.totp_since is not None:
        admin_log.record(db, actor, "account.totp_reset", username)
    return row.totp_since is not None


def _take(db: Connection, safe: Safe, row: Any, code: str) -> None:
    try:
        codes = pyotp.TOTP(safe.open(row.totp_secret))
    except ValueError:
        raise SignInRefused(LOST) from None
    typed = code.replace(" ", "")
    now = int(moment.now().timestamp()) // STEP_S
    last = -1 if row.totp_step is None else row.totp_step
    for step in (now + by for by in AROUND):
        if step > last and pyotp.utils.strings_equal(codes.generate_otp(step), typed):
            db.execute(update(Account).where(Account.id == row.id).values(totp_step=step))
            return
    raise SignInRefused(WRONG)


def _locked(db: Connection, account_id: int) -> Any:
    columns = (
        Account.id,
        Account.username,
        Account.totp_secret,
        Account.totp_since,
        Account.totp_step,
    )
    return db.execute(select(*columns).where(Account.id == account_id).with_for_update()).one()


def _id(actor: Actor) -> int:
    if actor.id is None:
        raise NotFound("没有这个账号")
    return actor.id
