"""What members of staff do to their own account."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from app.services import account, admin_log
from app.services.staff import SHORTEST_PASSWORD
from models.account import Account, Actor, LoginSession
from models.errors import InvalidInput, NotFound, SignInRefused
from models.fields import storable

WRONG = "现在的密码不正确"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """`sessions` are those still open, the latest used first."""

    row: Row[Any]
    sessions: Sequence[Row[Any]]


def id_of(actor: Actor) -> int:
    if actor.id is None:
        raise NotFound("没有这个账号")
    return actor.id


def look(db: Connection, actor: Actor) -> OwnAccount:
    columns = (
        Account.id,
        Account.username,
        Account.display_name,
        Account.unit,
        Account.is_head,
        Account.openid,
        Account.totp_since,
    )
    row: Any = db.execute(select(*columns).where(Account.id == actor.id)).one()
    now = datetime.now(UTC)
    open_still = (
        LoginSession.account_id == actor.id,
        LoginSession.expires_at > now,
        LoginSession.idle_until > now,
    )
    sessions = select(LoginSession.__table__).where(*open_still)
    found = db.execute(sessions.order_by(LoginSession.used_at.desc()).limit(50)).all()
    return OwnAccount(row, found)


def check_own(db: Connection, actor: Actor, password: str) -> None:
    """Raises SignInRefused where it is not the person's password."""
    own = select(Account.username).where(Account.id == id_of(actor))
    try:
        account.check_password(db, db.execute(own).scalar_one() or "", password)
    except SignInRefused:
        raise SignInRefused(WRONG) from None


def change_password(db: Connection, actor: Actor, old: str, new: str, token: str) -> None:
    """Sets a new password; sessions other than that of the token end.

    Raises:
        SignInRefused: the old one is wrong. InvalidInput: the new one is too short, or the same.
    """
    check_own(db, actor, old)
    if len(new) < SHORTEST_PASSWORD:
        raise InvalidInput.at("/new_password", f"密码至少 {SHORTEST_PASSWORD} 个字符")
    if new == old:
        raise InvalidInput.at("/new_password", "新密码不能与现在的相同")
    changed = update(Account).where(Account.id == id_of(actor))
    own = {"password_hash": account.hash_password(new), "password_generated": False}
    changed = changed.values(own)
    username = db.execute(changed.returning(Account.username)).scalar_one()
    end_sessions(db, actor, token, None)
    admin_log.record(db, actor, "account.own_password", username or "")


def end_sessions(db: Connection, actor: Actor, token: str, wanted: str | None) -> None:
    """Ends the own session whose hash begins so in hexadecimal, or all but that of the token."""
    own = LoginSession.account_id == id_of(actor)
    which = LoginSession.token_hash != hashlib.sha256(token.encode()).digest()
    if wanted is not None and not storable(wanted):
        return  # no hash begins so
    if wanted is not None:
        which = func.left(func.encode(LoginSession.token_hash, "hex"), 16) == wanted
    db.execute(delete(LoginSession).where(own, which))
