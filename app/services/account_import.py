"""Staff accounts from a table: all of them or none, every fault named."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from app.services.account import hash_password
from app.services.grants import USERNAME, USERNAME_SHAPE, Codes, give
from app.services.import_batch import YES_NO, Import, Summary, TableRow
from app.services.staff import an_administrator_left
from models.account import Account, Grant, Role, RoleGrant, Scope

LABELS = {
    "username": "用户名",
    "display_name": "姓名",
    "unit": "单位编码",
    "roles": "角色",
    "head": "负责人",
}
COLUMNS = tuple(LABELS)
HEADINGS = {label: column for column, label in LABELS.items()}
_BETWEEN = re.compile("[;；\n]")
_YES_NO = {"是": "yes", "否": "no"}


@dataclass(frozen=True, slots=True)
class _Person:
    """What a row of the table says of somebody."""

    display_name: str
    unit: str | None
    is_head: bool
    grants: frozenset[Grant]

    def fields(self) -> dict[str, object]:
        return {"display_name": self.display_name, "unit": self.unit, "is_head": self.is_head}


def import_accounts(
    db: Connection,
    data: bytes,
    file_name: str,
    password: str | None = None,
    hashes: Mapping[str, str] | None = None,
) -> Summary:
    """Makes or changes the staff accounts of a CSV file with `COLUMNS`; others stay.

    `roles` are `role@all`, `role@area:CODE` or `role@unit:CODE`, separated by `;`, and replace
    those held before; `head` is yes for the head of the unit. A new account has the password
    whose hash is given by its username, which was generated and must be changed first; else the
    one password for all, or none: nobody can sign in to it until one is set.

    Raises:
        ImportRefused: names every fault. Conflict: nobody would administer the installation.
    """
    upload = Import(db, "accounts", file_name, data)
    same = upload.unchanged()
    rows = upload.table(data, COLUMNS)
    upload.unique(rows, "username")
    codes = Codes.read(db)
    wanted = {row["username"]: _check(upload, row, codes) for row in rows}
    upload.refuse()
    ids, present = _present(db, list(wanted))
    new = {name: one for name, one in wanted.items() if name not in present}
    changed = {name: one for name, one in wanted.items() if present.get(name, one) != one}
    if same is not None and not new and not changed:
        return same
    revision = upload.accept(len(rows))
    with an_administrator_left(db):
        for name, one in changed.items():
            _change(db, ids[name], one)
        # One hash for all: at 50 ms each, a demo of 30 accounts would start two seconds later.
        common = hash_password(password) if password and new else None
        _make(db, new, hashes or {}, common)
    names = tuple(new)
    return Summary("accounts", revision, rows=len(rows), added=len(new), new_names=names)


def _check(upload: Import, row: TableRow, codes: Codes) -> _Person:
    upload.required(row, "display_name", "roles")
    if not USERNAME.fullmatch(row["username"]):
        upload.fault(row.pointer("username"), USERNAME_SHAPE)
    if row["unit"] and row["unit"] not in codes.units:
        upload.fault(row.pointer("unit"), f"没有单位“{row['unit']}”，或已停用")
    row.cells["head"] = _YES_NO.get(row["head"], row["head"])
    if row["head"]:
        upload.one_of(row, "head", YES_NO)
        if row["head"] == "yes" and not row["unit"]:
            upload.fault(row.pointer("head"), "负责人须有所属单位")
    texts = filter(None, (part.strip() for part in _BETWEEN.split(row["roles"])))
    grants, wrong = codes.grants(texts)
    for message in wrong:
        upload.fault(row.pointer("roles"), message)
    is_head = YES_NO.get(row["head"], False)
    return _Person(row["display_name"], row["unit"] or None, is_head, frozenset(grants))


def _present(db: Connection, usernames: Sequence[str]) -> tuple[dict[str, int], dict[str, _Person]]:
    """The accounts that are there already, locked, so that nobody's change is lost: their ids and
    what they are."""
    columns = (
        Account.username,
        Account.id,
        Account.display_name,
        Account.unit,
        Account.is_head,
    )
    named = select(*columns).where(Account.username.in_(usernames)).order_by(Account.id)
    rows = db.execute(named.with_for_update()).all()
    ids = {str(row.username): int(row.id) for row in rows}
    grants: dict[int, set[Grant]] = {account_id: set() for account_id in ids.values()}
    held = select(RoleGrant.account_id, RoleGrant.role, RoleGrant.scope, RoleGrant.code)
    for one in db.execute(held.where(RoleGrant.account_id.in_(grants))):
        grants[one.account_id].add(Grant(Role(one.role), Scope(one.scope), one.code))
    people = {
        str(row.username): _Person(
            row.display_name, row.unit, row.is_head, frozenset(grants[row.id])
        )
        for row in rows
    }
    return ids, people


def _change(db: Connection, account_id: int, person: _Person) -> None:
    db.execute(update(Account).where(Account.id == account_id).values(person.fields()))
    db.execute(delete(RoleGrant).where(RoleGrant.account_id == account_id))
    give(db, {account_id: _sorted(person)})


def _make(
    db: Connection, people: Mapping[str, _Person], generated: Mapping[str, str], common: str | None
) -> None:
    if not people:
        return
    values = [
        one.fields()
        | {
            "username": name,
            "password_hash": generated.get(name, common),
            "password_generated": name in generated,
        }
        for name, one in people.items()
    ]
    made = db.execute(insert(Account).returning(Account.username, Account.id), values)
    give(db, {account_id: _sorted(people[str(name)]) for name, account_id in made})


def _sorted(person: _Person) -> list[Grant]:
    return sorted(person.grants, key=lambda one: (one.role, str(one)))
