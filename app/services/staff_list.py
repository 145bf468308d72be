"""Staff accounts as administrators see them: a page of many, and one whole."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, false, func, or_, select

from models.account import Account, Grant, LoginSession, Role, RoleGrant, Scope
from models.calendar import LOCAL
from models.duty import Duty
from models.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` is part of a name or user name; `units` the codes of a subtree; `enabled` None is
    both; `after` the last user name seen."""

    text: str = ""
    role: Role | None = None
    units: Collection[str] | None = None
    enabled: bool | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """`row` has the account's columns; `used_at` is when it was last signed in to, as far as
    sessions still tell."""

    row: Row[Any]
    grants: tuple[Grant, ...]
    sessions: int
    used_at: datetime | None


def _columns() -> Any:
    grants = (
        select(
            func.json_agg(func.json_build_array(RoleGrant.role, RoleGrant.scope, RoleGrant.code))
        )
        .where(RoleGrant.account_id == Account.id)
        .scalar_subquery()
    )
    own = LoginSession.account_id == Account.id
    now = datetime.now(UTC)
    open_still = own & (LoginSession.expires_at > now) & (LoginSession.idle_until > now)
    return select(
        Account.__table__,
        grants.label("grants"),
        select(func.count()).where(open_still).scalar_subquery().label("sessions"),
        select(func.max(LoginSession.used_at)).where(own).scalar_subquery().label("used_at"),
    ).where(Account.username.is_not(None))


def _account(row: Row[Any]) -> StaffAccount:
    held = (Grant(Role(role), Scope(scope), code) for role, scope, code in row.grants or ())
    grants = tuple(sorted(held, key=lambda one: (one.role, str(one))))
    return StaffAccount(row, grants, row.sessions, row.used_at)


def page(db: Connection, wanted: Wanted) -> tuple[list[StaffAccount], bool]:
    """At most PAGE accounts in order of their user names, and whether there are more."""
    statement = _columns().where(*_conditions(wanted)).order_by(Account.username)
    found = [_account(row) for row in db.execute(statement.limit(PAGE + 1))]
    return found[:PAGE], len(found) > PAGE


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.after:
        found.append(Account.username > wanted.after)
    if wanted.text:
        names = (Account.username, Account.display_name)
        found.append(or_(*(name.icontains(wanted.text, autoescape=True) for name in names)))
    if wanted.role is not None:
        holders = select(RoleGrant.account_id).where(RoleGrant.role == wanted.role)
        found.append(Account.id.in_(holders))
    if wanted.units is not None:
        found.append(Account.unit.in_(wanted.units) if wanted.units else false())
    if wanted.enabled is not None:
        found.append(Account.enabled == wanted.enabled)
    return found


def every(db: Connection) -> Iterator[StaffAccount]:
    """All accounts in order of their user names."""
    for row in db.execute(_columns().order_by(Account.username)):
        yield _account(row)


def one(db: Connection, username: str) -> StaffAccount:
    """Raises NotFound."""
    row = db.execute(_columns().where(Account.username == username)).one_or_none()
    if row is None:
        raise NotFound(f"没有账号“{username}”")
    return _account(row)


def duties(db: Connection, account_id: int) -> int:
    """How many duties, now or later, name the person."""
    today = datetime.now(LOCAL).date()
    named = (Duty.worker_id == account_id) | (Duty.backup_id == account_id)
    valid = Duty.valid_to.is_(None) | (Duty.valid_to >= today)
    return db.execute(select(func.count()).select_from(Duty).where(named, valid)).scalar_one()
