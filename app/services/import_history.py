"""When which file changed the set-up, and who sent it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, cast, func, select

from models.account import Account, RoleGrant
from models.admin_log import AdminEntry
from models.area import ImportBatch


def recent(db: Connection, kinds: Sequence[str], limit: int) -> Sequence[Any]:
    """The newest imports of the kinds (id, kind, file_name, rows, at, who); `who` is None where it
    was done by a command."""
    named = and_(
        AdminEntry.what == func.concat(ImportBatch.kind, ".import"),
        cast(AdminEntry.facts["revision"].astext, BigInteger) == ImportBatch.id,
    )
    columns = (
        ImportBatch.id,
        ImportBatch.kind,
        ImportBatch.file_name,
        ImportBatch.rows,
        ImportBatch.at,
        Account.display_name.label("who"),
    )
    newest = select(ImportBatch.id).where(ImportBatch.kind.in_(kinds))
    newest = newest.order_by(ImportBatch.id.desc()).limit(limit)
    found = (
        select(*columns)
        .outerjoin(AdminEntry, named)
        .outerjoin(Account, Account.id == AdminEntry.account_id)
        .where(ImportBatch.id.in_(newest))
    )
    return db.execute(found.order_by(ImportBatch.id.desc())).all()


def last_of_each(db: Connection) -> dict[str, tuple[int, datetime]]:
    """By kind, the revision and the moment of its last import."""
    ids = select(func.max(ImportBatch.id)).group_by(ImportBatch.kind)
    newest = select(ImportBatch.kind, ImportBatch.id, ImportBatch.at).where(ImportBatch.id.in_(ids))
    return {row.kind: (row.id, row.at) for row in db.execute(newest)}


def people_by_role(db: Connection) -> dict[str, int]:
    """How many enabled accounts hold each role."""
    counted = (
        select(RoleGrant.role, func.count(RoleGrant.account_id.distinct()))
        .join(Account, Account.id == RoleGrant.account_id)
        .where(Account.enabled)
        .group_by(RoleGrant.role)
    )
    return {role: int(count) for role, count in db.execute(counted)}
