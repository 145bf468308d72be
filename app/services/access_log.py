"""Reading the two logs: looks at identities and original photos, and administrators' changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from models.account import AccessLog, Account
from models.admin_log import AdminEntry
from models.case import Case

Seen = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Period:
    """`person` is a user name; from `since` on, before `until`."""

    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def looks(
    db: Connection, period: Period, before: Seen | None, limit: int | None
) -> Iterable[Row[Any]]:
    """Looks (id, at, who, username, what, reason, case_number), the newest first; `before` are
    time and id of the last one seen, `limit` None: all."""
    columns = (
        *_common(AccessLog),
        AccessLog.reason,
        Case.number.label("case_number"),
    )
    found = select(*columns).join(Account, Account.id == AccessLog.account_id)
    found = found.outerjoin(Case, Case.id == AccessLog.case_id)
    return db.execute(_narrowed(found, AccessLog, period, before).limit(limit))


def changes(
    db: Connection, period: Period, before: Seen | None, limit: int | None
) -> Iterable[Row[Any]]:
    """Changes (id, at, who, username, what, subject, facts), as `looks`."""
    columns = (*_common(AdminEntry), AdminEntry.subject, AdminEntry.facts)
    found = select(*columns).join(Account, Account.id == AdminEntry.account_id)
    return db.execute(_narrowed(found, AdminEntry, period, before).limit(limit))


def _common(table: Any) -> tuple[Any, ...]:
    return (table.id, table.at, Account.display_name.label("who"), Account.username, table.what)


def _narrowed(found: Any, table: Any, period: Period, before: Seen | None) -> Any:
    if period.person is not None:
        named = select(Account.id).where(Account.username == period.person).scalar_subquery()
        found = found.where(table.account_id == named)
    if period.since is not None:
        found = found.where(table.at >= period.since)
    if period.until is not None:
        found = found.where(table.at < period.until)
    if before is not None:
        found = found.where(tuple_(table.at, table.id) < before)
    return found.order_by(table.at.desc(), table.id.desc())
