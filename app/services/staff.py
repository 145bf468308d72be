"""Staff accounts: import, creation, passwords, disabling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.services.account import close_sessions_of, hash_password
from app.services.import_batch import YES_NO, Import, Summary, TableRow, newest_areas
from models.account import GRANTABLE, Account, Grant, Role, RoleGrant, Scope
from models.area import Unit
from models.errors import Conflict, FieldFault, InvalidInput, NotFound

COLUMNS = ("username", "display_name", "unit", "roles", "head")
SHORTEST_PASSWORD = 10
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def import_accounts(
    db: Connection, data: bytes, file_name: str, password: str | None = None
) -> Summary:
    """Makes or changes the staff accounts of a CSV file with `COLUMNS`; others stay.

    `roles` are `role@all`, `role@area:CODE` or `role@unit:CODE`, separated by `;`, and replace
    those held before; `head` is yes for the head of the unit. New accounts have the password,
    or none: they cannot sign in until one is set.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "accounts", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    upload.unique(rows, "username")
    codes = _Codes.read(db)
    grants = {row["username"]: _check(upload, row, codes) for row in rows}
    revision = upload.accept(len(rows))
    known = {
        row.username: row.id
        for row in db.execute(
            select(Account.username, Account.id).where(Account.username.in_(grants))
        )
    }
    _change(db, [row for row in rows if row["username"] in known], known)
    new = [row for row in rows if row["username"] not in known]
    # One hash for all: at 50 ms each, a demo of 30 accounts would start two seconds later.
    known |= _make(db, new, hash_password(password) if password and new else None)
    _grant(db, {known[name]: held for name, held in grants.items()})
    return Summary(
        "accounts",
        revision,
        rows=len(rows),
        added=len(new),
        new_names=tuple(row["username"] for row in new),
    )


@dataclass(frozen=True, slots=True)
class _Codes:
    areas: frozenset[str]
    units: frozenset[str]

    @classmethod
    def read(cls, db: Connection) -> "_Codes":
        units = db.execute(select(Unit.code).where(Unit.retired_at.is_(None))).scalars()
        return cls(frozenset(newest_areas(db)), frozenset(units))

    def grant(self, text: str) -> Grant:
        """`role@scope:code` as a grant; ValueError says in Chinese what is wrong."""
        role, _, place = text.partition("@")
        scope, colon, code = place.partition(":")
        if role not in GRANTABLE:
            raise ValueError(f"“{text}”的角色应为：{'、'.join(sorted(GRANTABLE))}")
        if scope not in list(Scope) or (scope == Scope.ALL) == bool(colon):
            raise ValueError(f"“{text}”的范围应为 all、area:编码 或 unit:编码")
        if scope == Scope.AREA and code not in self.areas:
            raise ValueError(f"当前地图中没有区域“{code}”")
        if scope == Scope.UNIT and code not in self.units:
            raise ValueError(f"没有单位“{code}”，或已停用")
        return Grant(Role(role), Scope(scope), code)


def _check(upload: Import, row: TableRow, codes: _Codes) -> list[Grant]:
    upload.required(row, "display_name", "roles")
    if not _USERNAME.fullmatch(row["username"]):
        upload.fault(row.pointer("username"), "应为字母、数字和 . _ -，最多 64 个")
    if row["unit"] and row["unit"] not in codes.units:
        upload.fault(row.pointer("unit"), f"没有单位“{row['unit']}”，或已停用")
    if row["head"]:
        upload.one_of(row, "head", YES_NO)
        if row["head"] == "yes" and not row["unit"]:
            upload.fault(row.pointer("head"), "负责人须有所属单位")
    grants: list[Grant] = []
    for part in filter(None, (part.strip() for part in row["roles"].split(";"))):
        try:
            grants.append(codes.grant(part))
        except ValueError as error:
            upload.fault(row.pointer("roles"), str(error))
    return list(dict.fromkeys(grants))


def _fields(row: TableRow) -> dict[str, object]:
    return {
        "display_name": row["display_name"],
        "unit": row["unit"] or None,
        "is_head": YES_NO.get(row["head"], False),
    }


def _change(db: Connection, rows: Sequence[TableRow], known: dict[str, int]) -> None:
    for row in rows:
        account_id = known[row["username"]]
        db.execute(update(Account).where(Account.id == account_id).values(_fields(row)))
        db.execute(delete(RoleGrant).where(RoleGrant.account_id == account_id))


def _make(db: Connection, rows: Sequence[TableRow], password_hash: str | None) -> dict[str, int]:
    if not rows:
        return {}
    values = [
        _fields(row) | {"username": row["username"], "password_hash": password_hash} for row in rows
    ]
    made = db.execute(insert(Account).returning(Account.username, Account.id), values)
    return {str(name): account_id for name, account_id in made}


def _grant(db: Connection, grants: dict[int, list[Grant]]) -> None:
    values = [
        {
            "account_id": account_id,
            "role": one.role.value,
            "scope": one.scope.value,
            "code": one.code,
        }
        for account_id, held in grants.items()
        for one in held
    ]
    if values:
        db.execute(insert(RoleGrant), values)


def create(
    db: Connection, username: str, name: str, unit: str | None, roles: Sequence[str], password: str
) -> int:
    """One account with its roles, written as in the import; returns its id.

    Raises:
        InvalidInput: names every fault. Conflict: the username is taken.
    """
    codes, faults = _Codes.read(db), []
    if not _USERNAME.fullmatch(username):
        faults.append(FieldFault("/username", "应为字母、数字和 . _ -，最多 64 个"))
    if not name.strip():
        faults.append(FieldFault("/name", "必填"))
    if unit is not None and unit not in codes.units:
        faults.append(FieldFault("/unit", f"没有单位“{unit}”，或已停用"))
    grants: list[Grant] = []
    for role in roles:
        try:
            grants.append(codes.grant(role))
        except ValueError as error:
            faults.append(FieldFault("/roles", str(error)))
    faults += _password_faults(password)
    if faults:
        raise InvalidInput("账号未创建", faults)
    if db.execute(select(Account.id).where(Account.username == username)).first() is not None:
        raise Conflict(f"用户名 {username} 已被使用")
    statement = insert(Account).values(
        username=username,
        display_name=name.strip(),
        unit=unit,
        password_hash=hash_password(password),
    )
    account_id = int(db.execute(statement.returning(Account.id)).scalar_one())
    _grant(db, {account_id: list(dict.fromkeys(grants))})
    return account_id


def set_password(db: Connection, username: str, password: str) -> None:
    """Sets a new password and ends the account's sessions.

    Raises:
        InvalidInput: too short. NotFound: no such account.
    """
    faults = _password_faults(password)
    if faults:
        raise InvalidInput(faults[0].message, faults)
    _update(db, username, password_hash=hash_password(password))


def disable(db: Connection, username: str) -> None:
    """Nobody can sign in to the account any more, and its sessions end.

    Raises:
        NotFound: no such account.
    """
    _update(db, username, enabled=False)


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
