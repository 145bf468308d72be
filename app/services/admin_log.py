"""Who changed what in the set-up of the district and its accounts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from models.account import Account, Actor
from models.admin_log import AdminEntry


def record(db: Connection, actor: Actor, what: str, subject: str, **facts: Any) -> None:
    """Adds an entry in the transaction of the change: `what` as `account.disable`, `subject` as a
    user name or a file's name; `facts` are JSON, without secrets and residents' data."""
    values = {"account_id": actor.id, "what": what, "subject": subject, "facts": facts}
    db.execute(insert(AdminEntry).values(values))


def entries(db: Connection, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """The newest entries (id, at, who, what, subject, facts), one more than `limit` where there
    are more; `before` is the id of the last one seen."""
    columns = select(
        AdminEntry.id,
        AdminEntry.at,
        Account.display_name.label("who"),
        AdminEntry.what,
        AdminEntry.subject,
        AdminEntry.facts,
    ).join(Account, Account.id == AdminEntry.account_id)
    if before is not None:
        columns = columns.where(AdminEntry.id < before)
    return db.execute(columns.order_by(AdminEntry.id.desc()).limit(limit + 1)).all()
