"""Limits on reporters: a supervisor sets one for a while, its reporter may appeal, it is lifted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from app.services import scope
from app.services.case import scoped
from models.account import Actor, Grant, ReporterLimit, Role
from models.errors import Forbidden, InvalidInput, NotFound
from models.report import Report
from models.routing import Atlas
from models.workflow import roles_on

NO_LIMIT = "没有这条限制，或已解除，或不在您的范围内"
MOST = 200
SUPERVISORS = frozenset({Role.SUPERVISOR})
_CASE = f"""
    reporter_limit l LEFT JOIN "case" c ON c.id = l.case_id
    WHERE l.lifted_at IS NULL AND {scope.WITHIN}"""
"""Limits that are not lifted, set at cases in a scope; those of no known case are for whoever
supervises all districts."""
_LIFT = text(
    f"""
    UPDATE reporter_limit SET lifted_at = now()
    WHERE id = :id AND lifted_at IS NULL AND id IN (SELECT l.id FROM {_CASE})
    """  # noqa: S608
)
_IN_FORCE = text(
    f"""
    SELECT l.id, l.reason, l.created_at, l.expires_at, l.appeal, l.appealed_at,
           (SELECT display_name FROM account WHERE id = l.set_by) AS set_by, c.number
    FROM {_CASE} AND l.expires_at > now()
    ORDER BY l.appealed_at NULLS LAST, l.id LIMIT :most
    """  # noqa: S608
)


def limit(
    db: Connection, actor: Actor, number: str, report_id: int, reason: str, expires_at: datetime
) -> int:
    """From now on the reports of a case's reporter go to the desk; returns the limit's id.

    Raises:
        NotFound: no such case in scope. Forbidden: no supervisor there.
        InvalidInput: no such report in the case, nobody behind it, or a moment that is past.
    """
    case = scoped(db, actor, number)
    if Role.SUPERVISOR not in roles_on(actor, case):
        raise Forbidden("只有督查员可以限制上报人")
    own = select(Report.account_id).where(Report.id == report_id, Report.case_id == case.id)
    account_id = db.execute(own).scalar_one_or_none()
    if account_id is None:
        raise InvalidInput.at("/report_id", "本案没有这个上报，或上报人没有账号")
    if expires_at <= datetime.now(UTC):
        raise InvalidInput.at("/expires_at", "到期时间须晚于现在")
    values = {
        "account_id": account_id,
        "case_id": case.id,
        "set_by": actor.id,
        "reason": reason,
        "expires_at": expires_at,
    }
    made = db.execute(insert(ReporterLimit).values(values).returning(ReporterLimit.id))
    return int(made.scalar_one())


def lift(db: Connection, atlas: Atlas, actor: Actor, limit_id: str) -> None:
    """Ends a limit that was set at a case in the supervisor's scope.

    Raises:
        Forbidden: no supervisor. NotFound: no such limit there, or it is lifted.
    """
    grants = scope.held(actor, SUPERVISORS, "只有督查员可以解除限制")
    if not limit_id.isdecimal() or len(limit_id) > 18:
        raise NotFound(NO_LIMIT)
    done = db.execute(_LIFT, _within(atlas, grants) | {"id": int(limit_id)})
    if done.rowcount == 0:
        raise NotFound(NO_LIMIT)


def of(db: Connection, account_id: int | None) -> Any:
    """The limit in force on a reporter, or None."""
    own = select(ReporterLimit.__table__).where(
        ReporterLimit.account_id == account_id, _in_force(datetime.now(UTC))
    )
    return db.execute(own.order_by(ReporterLimit.id.desc()).limit(1)).one_or_none()


def appeal(db: Connection, actor: Actor, reason: str) -> None:
    """Raises NotFound where the person is not limited."""
    found = of(db, actor.id)
    if found is None:
        raise NotFound("您现在没有被限制")
    db.execute(
        update(ReporterLimit)
        .where(ReporterLimit.id == found.id)
        .values(appeal=reason, appealed_at=datetime.now(UTC))
    )


def in_force(
    db: Connection, atlas: Atlas, actor: Actor
) -> Sequence[Row[int, str, datetime, datetime, str | None, datetime | None, str, str | None]]:
    """Limits in force that were set at cases in the supervisor's scope (id, reason, created_at,
    expires_at, appeal, appealed_at, set_by, number), those with an appeal first; the reporters are
    not named.

    Raises:
        Forbidden: no supervisor.
    """
    grants = scope.held(actor, SUPERVISORS, "只有督查员可以查看对上报人的限制")
    return db.execute(_IN_FORCE, _within(atlas, grants) | {"most": MOST}).all()


def _within(atlas: Atlas, grants: Sequence[Grant]) -> dict[str, Any]:
    return scope.values(grants) | {"everywhere": scope.everywhere(atlas, grants)}


def _in_force(now: datetime) -> Any:
    return ReporterLimit.lifted_at.is_(None) & (ReporterLimit.expires_at > now)
