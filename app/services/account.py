"""Signing in and out, who is asking, limits on reporters, erasure."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, delete, insert, select, text, update

from app.services import idempotency
from app.services.idempotency import Answer, Attempt
from models.account import (
    AccessLog,
    Account,
    Actor,
    Grant,
    LoginSession,
    ReporterLimit,
    Role,
    RoleGrant,
    Scope,
)
from models.content import Because, ContentCheck, ContentState
from models.errors import InvalidInput, NotFound, SignedOut, SignInRefused
from models.fields import storable
from models.ledger import LedgerText
from models.message import Consent, ConsentEntry
from models.notice import Notice
from models.outbox import Idempotency, Outbox
from models.phone import SealedPhone
from models.photo import Photo
from models.report import Report, ReportWords

_HASHER = PasswordHasher()
_QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=1 << 13, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe())
TOUCH_EVERY = timedelta(minutes=5)
WRONG = "用户名或密码不正确"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts: after its last use, and at most."""

    idle: timedelta
    absolute: timedelta


RESIDENT = Lifetimes(idle=timedelta(days=30), absolute=timedelta(days=90))
STAFF = Lifetimes(idle=timedelta(hours=12), absolute=timedelta(days=7))


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    expires_at: datetime
    actor: Actor


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def hash_generated(password: str) -> str:
    """For a password that was drawn at random: nobody guesses it, so that a quick hash is enough,
    and a thousand of them take seconds."""
    return _QUICK_HASHER.hash(password)


def check_password(db: Connection, username: str, password: str) -> int:
    """The account id, or SignInRefused. Takes as long for an unknown name as for a known one."""
    known = username if storable(username) else ""  # nobody is called so
    row = db.execute(
        select(Account.id, Account.password_hash, Account.enabled).where(Account.username == known)
    ).one_or_none()
    stored = row.password_hash if row is not None and row.password_hash else _NOBODY
    if _HASHER.check_needs_rehash(stored):  # a quick hash must not tell that the name is known
        with suppress(VerifyMismatchError, InvalidHashError):
            _HASHER.verify(_NOBODY, password)
    try:
        _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        raise SignInRefused(WRONG) from None
    if row is None or not row.enabled:
        raise SignInRefused(WRONG)
    return int(row.id)


def account_of_openid(db: Connection, openid: str, display_name: str = "市民") -> int:
    """The account of a WeChat identity, made on first sight."""
    found = db.execute(
        select(Account.id, Account.enabled).where(Account.openid == openid)
    ).one_or_none()
    if found is not None:
        if not found.enabled:
            raise SignInRefused("账号已停用，请联系管理员")
        return int(found.id)
    db.execute(
        text(
            "INSERT INTO account (display_name, openid) VALUES (:name, :openid)"
            " ON CONFLICT (openid) DO NOTHING"
        ),
        {"name": display_name, "openid": openid},
    )
    return int(db.execute(select(Account.id).where(Account.openid == openid)).scalar_one())


def open_session(db: Connection, account_id: int, *, by_password: bool = False) -> SignedIn:
    """A new bearer token; only its SHA-256 is kept."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    staff = select(RoleGrant.id).where(RoleGrant.account_id == account_id).limit(1)
    lives = STAFF if db.execute(staff).one_or_none() else RESIDENT
    expires_at = now + lives.absolute
    db.execute(
        insert(LoginSession).values(
            token_hash=_digest(token),
            account_id=account_id,
            created_at=now,
            used_at=now,
            idle_until=now + lives.idle,
            expires_at=expires_at,
            by_password=by_password,
        )
    )
    return SignedIn(token, expires_at, who(db, token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_PERSON = """
    SELECT a.id, a.display_name, a.unit, a.phone_blind, s.used_at,
           a.password_generated AND s.by_password AS owes_password,
           (SELECT json_agg(json_build_array(g.role, g.scope, g.code) ORDER BY g.id)
            FROM role_grant g WHERE g.account_id = a.id) AS grants"""
_SESSION = """
    FROM login_session s JOIN account a ON a.id = s.account_id"""
_VALID = """
    WHERE s.token_hash = %(digest)s AND a.enabled
      AND s.expires_at > now() AND s.idle_until > now()
    """


_WHO = _PERSON + _SESSION + _VALID
_WHO_TRIES = (
    f"{_PERSON}, kept.body_sha256, kept.created_at, kept.status, kept.answer"
    f"{_SESSION}{idempotency.KNOWN}{_VALID}"
)


def who(db: Connection, token: str) -> Actor:
    """The person behind a token, in one statement (two when the idle time is pushed on).

    Raises:
        SignedOut: unknown, expired or revoked.
    """
    return _actor(db, token, db.exec_driver_sql(_WHO, {"digest": _digest(token)}).one_or_none())


def who_tries(db: Connection, token: str, attempt: Attempt) -> tuple[Actor, Answer | None]:
    """The person behind a token, and what they were answered when they tried this before.

    Raises:
        SignedOut: unknown, expired or revoked.
        IdempotencyConflict: the key was used with another body.
    """
    values = {"digest": _digest(token), "route": attempt.route, "key": attempt.key}
    found = db.exec_driver_sql(_WHO_TRIES, values).one_or_none()
    actor = _actor(db, token, found)
    return actor, idempotency.answered(db, attempt, found)


def _actor(db: Connection, token: str, row: Any) -> Actor:
    if row is None:
        raise SignedOut("登录已失效，请重新登录")
    grants = tuple(Grant(Role(r), Scope(s), c) for r, s, c in row.grants or ())
    now = datetime.now(UTC)
    if now - row.used_at > TOUCH_EVERY:
        idle = (STAFF if grants else RESIDENT).idle
        db.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == _digest(token))
            .values(used_at=now, idle_until=now + idle)
        )
    return Actor(row.id, row.display_name, grants, row.unit, row.phone_blind, row.owes_password)


def close_session(db: Connection, token: str) -> None:
    db.execute(delete(LoginSession).where(LoginSession.token_hash == _digest(token)))


def close_sessions_of(db: Connection, account_id: int) -> None:
    db.execute(delete(LoginSession).where(LoginSession.account_id == account_id))


def sweep_sessions(db: Connection) -> int:
    """Removes sessions that can no longer be used."""
    now = datetime.now(UTC)
    over = (LoginSession.expires_at < now) | (LoginSession.idle_until < now)
    return db.execute(delete(LoginSession).where(over)).rowcount


def contact(db: Connection, actor: Actor) -> Any:
    """How the person can be reached: `phone` (encrypted) and `openid`."""
    own = select(Account.phone, Account.openid).where(Account.id == actor.id)
    return db.execute(own).one()


def set_phone(db: Connection, actor: Actor, phone: SealedPhone | None) -> None:
    """Sets the person's number, None: removes it."""
    sealed, blind = (phone.sealed, phone.blind) if phone else (None, None)
    own = update(Account).where(Account.id == actor.id)
    db.execute(own.values(phone=sealed, phone_blind=blind))


def log_access(
    db: Connection, actor: Actor, case_id: int | None, what: str, reason: str | None = None
) -> None:
    db.execute(
        insert(AccessLog).values(account_id=actor.id, case_id=case_id, what=what, reason=reason)
    )


def erase(db: Connection, account_id: int) -> None:
    """Erases a resident's personal data; every ledger chain stays whole.

    Texts and their salts, name, phone, WeChat identity, sessions, inbox, messages, consents and
    kept answers go at once; the originals of the photos go by job. Renditions without metadata
    stay: they show a place. So does which privacy agreement was consented to, the proof that what
    was done before was allowed; it names nobody.

    Raises:
        NotFound: no such resident. InvalidInput: a member of staff.
    """
    row = db.execute(
        select(Account.id, Account.username).where(Account.id == account_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"没有账号 {account_id}")
    if row.username is not None:
        raise InvalidInput.at("/account", "工作人员的办理记录依法留存，不能注销")
    now = datetime.now(UTC)
    db.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            display_name="已注销",
            openid=None,
            phone=None,
            phone_blind=None,
            enabled=False,
            erased_at=now,
        )
    )
    db.execute(
        update(LedgerText)
        .where(LedgerText.account_id == account_id)
        .values(salt=None, content=None)
    )
    db.execute(
        update(Report)
        .where(Report.account_id == account_id)
        .values(reporter_name=None, contact_phone=None)
    )
    own = select(Report.id).where(Report.account_id == account_id)
    db.execute(delete(ReportWords).where(ReportWords.report_id.in_(own)))
    db.execute(
        update(ReporterLimit).where(ReporterLimit.account_id == account_id).values(appeal=None)
    )
    words = (ContentCheck.account_id == account_id) & ContentCheck.photo_id.is_(None)
    erased = {"state": ContentState.REFUSED, "because": Because.ERASED}
    db.execute(update(ContentCheck).where(words).values(erased))
    for table in (LoginSession, Notice, Idempotency, Consent, ConsentEntry):
        db.execute(delete(table).where(table.account_id == account_id))
    for (photo_id,) in db.execute(select(Photo.id).where(Photo.uploader_id == account_id)):
        db.execute(
            insert(Outbox).values(
                job="photo.erase", args={"photo_id": photo_id}, created_at=now, due_at=now
            )
        )
