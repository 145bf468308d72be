"""Binding a staff account to a WeChat identity: once, by a code, until an admin unbinds it."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.services.account import close_sessions_of
from models.account import Account, Binding, BindingCode
from models.errors import Conflict, Forbidden, NotFound, SignInRefused

CODE_FOR = timedelta(minutes=10)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8
BOUND = "该账号已绑定微信；换微信请先由管理员解绑"


def staff_account(db: Connection, username: str) -> int:
    """The account of that name. Raises NotFound."""
    found = db.execute(select(Account.id).where(Account.username == username)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"没有账号“{username}”")
    return int(found)


def issue(db: Connection, account_id: int) -> tuple[str, datetime]:
    """A fresh code for a staff account, and until when it is good; an older one is dead.

    Raises:
        Forbidden: no member of staff. Conflict: bound already.
    """
    row = db.execute(
        select(Account.username, Account.enabled, Account.openid).where(Account.id == account_id)
    ).one()
    if row.username is None or not row.enabled:
        raise Forbidden("只有在用的工作人员账号可以绑定微信")
    if row.openid is not None:
        raise Conflict(BOUND)
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    expires_at = datetime.now(UTC) + CODE_FOR
    values = {"code_hash": _digest(code), "expires_at": expires_at}
    db.execute(
        upsert(BindingCode)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    return code, expires_at


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.strip().upper().encode()).digest()


def bind(db: Connection, code: str, openid: str) -> int:
    """Binds the identity to the account that the code was made for, and uses the code up; returns
    the account. What the person reported as a resident stays with the resident's account, which
    gets its identity back when the staff account is unbound.

    Raises:
        SignInRefused: no such code, or too old. Conflict: one of the two is bound already.
    """
    row = db.execute(
        select(Account.id, Account.enabled, Account.openid)
        .join(BindingCode, BindingCode.account_id == Account.id)
        .where(BindingCode.code_hash == _digest(code), BindingCode.expires_at > datetime.now(UTC))
        .with_for_update()
    ).one_or_none()
    if row is None or not row.enabled:
        raise SignInRefused("绑定码不正确或已过期，请重新获取")
    if row.openid is not None:
        raise Conflict(BOUND)
    resident_id = _free(db, openid)
    db.execute(update(Account).where(Account.id == row.id).values(openid=openid))
    db.execute(delete(BindingCode).where(BindingCode.account_id == row.id))
    now = datetime.now(UTC)
    db.execute(insert(Binding).values(account_id=row.id, resident_id=resident_id, bound_at=now))
    return int(row.id)


def _free(db: Connection, openid: str) -> int | None:
    """Takes the identity from the resident that has it; returns whose it was."""
    row = db.execute(
        select(Account.id, Account.username, Account.enabled)
        .where(Account.openid == openid)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    if row.username is not None:
        raise Conflict("该微信已绑定另一个工作人员账号，请先由管理员解绑")
    if not row.enabled:
        raise SignInRefused("账号已停用，请联系管理员")
    db.execute(update(Account).where(Account.id == row.id).values(openid=None))
    close_sessions_of(db, row.id)
    return int(row.id)


def unbind(db: Connection, account_id: int, by: int | None) -> bool:
    """Takes the identity off a staff account and ends its sessions, as for a lost phone; tells
    whether there was one. `by` is the admin, None: a command."""
    row: Any = db.execute(
        select(Account.openid).where(Account.id == account_id).with_for_update()
    ).one()
    close_sessions_of(db, account_id)
    db.execute(delete(BindingCode).where(BindingCode.account_id == account_id))
    if row.openid is None:
        return False
    db.execute(update(Account).where(Account.id == account_id).values(openid=None))
    resident_id = db.execute(
        update(Binding)
        .where(Binding.account_id == account_id, Binding.unbound_at.is_(None))
        .values(unbound_at=datetime.now(UTC), unbound_by=by)
        .returning(Binding.resident_id)
    ).scalar_one_or_none()
    if resident_id is not None:
        theirs = (Account.id == resident_id) & Account.erased_at.is_(None)
        db.execute(update(Account).where(theirs).values(openid=row.openid))
    return True


def sweep(db: Connection) -> int:
    """Removes codes that are too old."""
    old = BindingCode.expires_at < datetime.now(UTC)
    return db.execute(delete(BindingCode).where(old)).rowcount
