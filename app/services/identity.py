"""Who reported a case: shown to the desk on request, and every look is logged."""

from typing import Any

from sqlalchemy import Connection, select

from app.services import account
from app.services.case import scoped
from app.services.case_view import DESK_ROLES, reporter_name
from app.services.safe import Safe
from models.account import Account, Actor, Role
from models.errors import InvalidInput, NotFound
from models.fields import storable
from models.report import Report
from models.workflow import roles_on


def reporters(
    db: Connection, safe: Safe, actor: Actor, number: str, reason: str | None
) -> list[dict[str, Any]]:
    """Who reported a case, for the desk; each look is logged. Anonymous reporters are shown to
    a supervisor who gives a reason, only.

    Raises:
        NotFound: no such case in scope, or a role that may not look.
        InvalidInput: an anonymous reporter and no reason, or one that cannot be kept.
    """
    row = scoped(db, actor, number)
    roles = roles_on(actor, row)
    if not roles & DESK_ROLES:
        raise NotFound("没有可查看的内容")
    people = db.execute(
        select(
            Report.id,
            Report.ordinal,
            Report.anonymous,
            Report.account_id,
            Report.reporter_name,
            Report.contact_phone,
            Account.display_name,
            Account.phone,
            Account.openid,
        )
        .outerjoin(Account, Account.id == Report.account_id)
        .where(Report.case_id == row.id)
        .order_by(Report.ordinal)
    ).all()
    if reason is not None and not storable(reason):
        raise InvalidInput.at("/reason", "含有无法保存的字符")
    unveils = Role.SUPERVISOR in roles
    if unveils and reason is None and any(person.anonymous for person in people):
        raise InvalidInput.at("/reason", "查看匿名上报人须填写理由")
    account.log_access(db, actor, row.id, "reporters", reason)
    return [_person(safe, person, unveiled=unveils or not person.anonymous) for person in people]


def _person(safe: Safe, person: Any, *, unveiled: bool) -> dict[str, Any]:
    shown = {
        "id": str(person.id),
        "reporter": reporter_name(person.ordinal),
        "anonymous": person.anonymous,
    }
    if unveiled:
        phone = person.contact_phone or person.phone
        shown |= {
            "account": str(person.account_id) if person.account_id else None,
            "name": person.reporter_name or person.display_name,
            "phone": safe.number(phone),
            "openid": person.openid,
        }
    return shown
