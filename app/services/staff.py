"""Staff accounts one by one: creation, changes, passwords, disabling."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from app.services import admin_log, binding
from app.services.account import close_sessions_of, hash_password
from app.services.grants import USERNAME, USERNAME_SHAPE, Codes, give
from app.services.import_batch import Import
from models.account import Account, Actor, Grant, Role, RoleGrant, Scope
from models.errors import Conflict, FieldFault, Forbidden, InvalidInput, NotFound

SHORTEST_PASSWORD = 10
NO_ROLE = "至少要有一个角色"
_ADMINISTRATORS_LOCK = 0x61646D69
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Person:
    """What is said of somebody on a form; `roles` as in the import. `faults` are those of reading
    the form: they are told with all others."""

    name: str
    unit: str | None
    is_head: bool
    roles: Sequence[str]
    faults: tuple[FieldFault, ...] = ()


def generated_password() -> str:
    """A password for one person to read to another: twelve legible signs, 59 bits."""
    signs = [secrets.choice(_LEGIBLE) for _ in range(12)]
    return "-".join("".join(signs[i : i + 4]) for i in (0, 4, 8))


@contextmanager
def an_administrator_left(db: Connection) -> Iterator[None]:
    """Refuses a change after which nobody who can sign in administers the installation; of two
    such changes at once one waits for the other.

    Raises:
        Conflict.
    """
    db.execute(select(func.pg_advisory_xact_lock(_ADMINISTRATORS_LOCK)))
    before = _administrators(db)
    yield
    if before and not _administrators(db):
        raise Conflict("系统至少要有一位能登录的全局管理员，请先设置另一位")


def _administrators(db: Connection) -> int:
    able = Account.enabled & (Account.password_hash.is_not(None) | Account.openid.is_not(None))
    grants = (RoleGrant.role == Role.ADMIN) & (RoleGrant.scope == Scope.ALL)
    holders = select(RoleGrant.account_id).where(grants)
    return db.execute(
        select(func.count()).select_from(Account).where(Account.id.in_(holders), able)
    ).scalar_one()


def create(
    db: Connection, username: str, name: str, unit: str | None, roles: Sequence[str], password: str
) -> int:
    """One account with its roles, written as in the import; returns its id.

    Raises:
        InvalidInput: names every fault. Conflict: the username is taken.
    """
    return make(db, username, Person(name, unit, is_head=False, roles=roles), password)


def make(
    db: Connection, username: str, person: Person, password: str, *, generated: bool = False
) -> int:
    """As `create`, of a whole form; a password that was `generated` must be changed first."""
    name_faults = _username_faults(db, username)
    grants, faults = _checked(db, person, NO_ROLE)
    faults += _password_faults(password)
    if name_faults == [_taken(username)] and not faults:
        raise Conflict(name_faults[0].message, name_faults)
    if name_faults or faults:
        raise InvalidInput("账号未创建", [*name_faults, *faults])
    values = _values(person) | {
        "username": username,
        "password_hash": hash_password(password),
        "password_generated": generated,
    }
    statement = insert(Account).values(values).returning(Account.id)
    account_id = int(db.execute(statement).scalar_one())
    give(db, {account_id: grants})
    return account_id


def _taken(username: str) -> FieldFault:
    return FieldFault("/username", f"用户名 {username} 已被使用")


def _username_faults(db: Connection, username: str) -> list[FieldFault]:
    if not USERNAME.fullmatch(username):
        return [FieldFault("/username", USERNAME_SHAPE)]
    known = db.execute(select(Account.id).where(Account.username == username)).first()
    return [_taken(username)] if known is not None else []


def _checked(
    db: Connection, person: Person, no_role: str, unit_before: str | None = None
) -> tuple[list[Grant], list[FieldFault]]:
    """The grants, and every fault; `no_role` is said where there is no role at all."""
    codes, faults = Codes.read(db), list(person.faults)
    if not person.name.strip():
        faults.append(FieldFault("/name", "必填"))
    if person.unit is not None and person.unit not in codes.units | {unit_before}:
        faults.append(FieldFault("/unit", f"没有单位“{person.unit}”，或已停用"))
    if person.is_head and person.unit is None:
        faults.append(FieldFault("/head", "负责人须有所属单位"))
    grants, wrong = codes.grants(person.roles)
    faults += [FieldFault("/roles", message) for message in wrong]
    if not grants and all(fault.pointer != "/roles" for fault in faults):
        faults.append(FieldFault("/roles", no_role))
    return grants, faults


def _values(person: Person) -> dict[str, Any]:
    return {
        "display_name": person.name.strip(),
        "unit": person.unit,
        "is_head": person.is_head,
    }


def version_of(row: Any, grants: Sequence[Grant]) -> str:
    """Changes with whatever a form of the account shows."""
    shown = [row.display_name, row.unit, row.is_head, sorted(f"{g.role}@{g}" for g in grants)]
    return hashlib.sha256(orjson.dumps(shown)).hexdigest()[:16]


def key_version_of(row: Any) -> str:
    """Changes with the password, and when the account is disabled."""
    key = f"{row.id} {row.enabled} {row.password_hash}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def key_version(db: Connection, account_id: int) -> str:
    columns = (Account.id, Account.enabled, Account.password_hash)
    return key_version_of(db.execute(select(*columns).where(Account.id == account_id)).one())


def grants_of(db: Connection, account_id: int) -> list[Grant]:
    held = select(RoleGrant.role, RoleGrant.scope, RoleGrant.code)
    rows = db.execute(held.where(RoleGrant.account_id == account_id).order_by(RoleGrant.id))
    return [Grant(Role(row.role), Scope(row.scope), row.code) for row in rows]


def change(db: Connection, actor: Actor, username: str, seen: str, person: Person) -> None:
    """Changes what the form says; `seen` is the version that it showed.

    Raises:
        NotFound. InvalidInput: names every fault. Conflict: another was quicker, or nobody would
        administer the installation. Forbidden: one's own administration.
    """
    with an_administrator_left(db):
        row = _locked(db, username)
        held = grants_of(db, row.id)
        if version_of(row, held) != seen:
            raise Conflict("这个账号刚刚被他人修改，请核对后再保存")
        grants, faults = _checked(db, person, f"{NO_ROLE}；不再使用的账号请停用", row.unit)
        if faults:
            raise InvalidInput("账号未修改", faults)
        ruling = Grant(Role.ADMIN, Scope.ALL)
        if row.id == actor.id and ruling in held and ruling not in grants:
            raise Forbidden("不能取消自己的管理员角色，请由另一位管理员操作")
        db.execute(update(Account).where(Account.id == row.id).values(_values(person)))
        db.execute(delete(RoleGrant).where(RoleGrant.account_id == row.id))
        give(db, {row.id: grants})
    facts = _differences(row, held, person, grants)
    if "unit" in facts:  # servers keep the units of those on duty in memory
        Import(db, "accounts", username, f"{username} {facts['unit']}".encode()).accept(1)
    if facts:
        admin_log.record(db, actor, "account.change", username, **facts)


def _differences(
    row: Any, held: Sequence[Grant], person: Person, grants: Sequence[Grant]
) -> dict[str, list[Any]]:
    """What changes, before and after."""
    before, after = ([f"{one.role}@{one}" for one in found] for found in (held, grants))
    pairs = {
        "name": [row.display_name, person.name.strip()],
        "unit": [row.unit, person.unit],
        "head": [row.is_head, person.is_head],
        "roles": [sorted(before), sorted(after)],
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _locked(db: Connection, username: str) -> Row[Any]:
    own = select(Account.__table__).where(Account.username == username).with_for_update()
    row = db.execute(own).one_or_none()
    if row is None:
        raise NotFound(f"没有账号“{username}”")
    return row


def set_password(db: Connection, username: str, password: str, *, generated: bool = False) -> None:
    """Sets a new password and ends the account's sessions; one that was `generated` must be changed
    first.

    Raises:
        InvalidInput: too short. NotFound: no such account.
    """
    faults = _password_faults(password)
    if faults:
        raise InvalidInput(faults[0].message, faults)
    _update(db, username, password_hash=hash_password(password), password_generated=generated)


def reset_password(db: Connection, actor: Actor, username: str, seen: str) -> str:
    """A new password, told once; the account's sessions end. `seen` is the version of the old
    one, so that a form that is sent twice resets once.

    Raises:
        NotFound. Conflict: the password is another by now.
    """
    if key_version_of(_locked(db, username)) != seen:
        raise Conflict("密码刚刚已被重置。没有记下新密码的话，请再重置一次")
    password = generated_password()
    set_password(db, username, password, generated=True)
    admin_log.record(db, actor, "account.password", username)
    return password


def disable(db: Connection, username: str, actor: Actor | None = None) -> None:
    """Nobody can sign in to the account any more: its sessions end, and its WeChat identity is
    free again. Without an actor it is a command's doing.

    Raises:
        NotFound: no such account. Conflict: nobody would administer the installation.
        Forbidden: one's own account.
    """
    with an_administrator_left(db):
        row = _locked(db, username)
        if actor is not None and row.id == actor.id:
            raise Forbidden("不能停用自己的账号，请由另一位管理员操作")
        _update(db, username, enabled=False)
        binding.unbind(db, row.id, actor.id if actor else None)
    if actor is not None and row.enabled:
        admin_log.record(db, actor, "account.disable", username)


def enable(db: Connection, actor: Actor, username: str) -> None:
    """The account may be signed in to again, with the password that it had. Raises NotFound."""
    row = _locked(db, username)
    if not row.enabled:
        db.execute(update(Account).where(Account.id == row.id).values(enabled=True))
        admin_log.record(db, actor, "account.enable", username)


def unbind(db: Connection, actor: Actor, username: str) -> None:
    """Takes the WeChat identity off the account. Raises NotFound."""
    if binding.unbind(db, binding.staff_account(db, username), actor.id):
        admin_log.record(db, actor, "account.unbind", username)


def end_sessions(db: Connection, actor: Actor, username: str) -> None:
    """Signs the account out everywhere. Raises NotFound."""
    close_sessions_of(db, binding.staff_account(db, username))
    admin_log.record(db, actor, "account.sessions", username)


def _password_faults(password: str) -> list[FieldFault]:
    if len(password) >= SHORTEST_PASSWORD:
        return []
    return [FieldFault("/password", f"密码至少 {SHORTEST_PASSWORD} 个字符")]


def _update(db: Connection, username: str, **values: object) -> None:
    changed = update(Account).where(Account.username == username).values(values)
    account_id = db.execute(changed.returning(Account.id)).scalar_one_or_none()
    if account_id is None:
        raise NotFound(f"没有账号“{username}”")
    close_sessions_of(db, account_id)


def holding(db: Connection, role: Role) -> Sequence[Row[int, str, str | None]]:
    """Enabled accounts that hold the role anywhere: id, display name, unit."""
    columns = select(Account.id, Account.display_name, Account.unit).distinct()
    joined = columns.join(RoleGrant, RoleGrant.account_id == Account.id)
    wanted = joined.where(Account.enabled, RoleGrant.role == role)
    return db.execute(wanted.order_by(Account.display_name, Account.id)).all()
