"""A case as its readers see it: whole for staff, and what each role may not see left out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.services import account
from app.services.case import scoped
from models import facts as rules
from models import fields
from models.account import Account, Actor, Role
from models.case import Case
from models.errors import InvalidInput, NotFound
from models.facts import Facts
from models.geo import wgs84_to_gcj02
from models.ledger import LedgerEntry, LedgerText
from models.photo import Attachment
from models.report import Feedback, Report
from models.routing import Atlas
from models.status import ACTION_LABELS, STATUS_LABELS, Action, Status
from models.submission import SOURCE_LABELS, Source
from models.timer import CLOCK_LABELS, Clock, Timer
from models.workflow import Move, allowed, roles_on

STEMS = "甲乙丙丁戊己庚辛壬癸"
DESK_ROLES = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})


def reporter_name(ordinal: int) -> str:
    """How anyone but the desk reads a reporter: 市民甲, 市民乙, … 市民11."""
    return f"市民{STEMS[ordinal - 1] if ordinal <= len(STEMS) else ordinal}"


def place_of(row: Any) -> dict[str, Any]:
    """Both pairs: a WeChat map takes gcj02."""
    shifted = wgs84_to_gcj02(row.longitude, row.latitude)
    return {
        "wgs84": {"longitude": row.longitude, "latitude": row.latitude},
        "gcj02": {
            "longitude": round(shifted.longitude, 7),
            "latitude": round(shifted.latitude, 7),
        },
    }


def brief(atlas: Atlas, row: Any, now: datetime) -> dict[str, Any]:
    """A case in a list."""
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "round": row.round,
        "holder": row.holder,
        "source": row.source,
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "emergency": row.emergency,
        "location": place_of(row),
        "address": row.address,
        "description": row.paraphrase or row.description,
        "street": row.street,
        "community": row.community,
        "grid": row.grid,
        "grid_name": atlas.area_name(row.grid),
        "unit": row.unit,
        "unit_name": atlas.unit_name(row.unit),
        "reports": row.reports,
        "flags": row.flags,
        "submitted_at": row.submitted_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "overdue": row.due_at is not None and row.closed_at is None and row.due_at < now,
    }


def detail(db: Connection, atlas: Atlas, actor: Actor, number: str) -> dict[str, Any]:
    """Everything the actor may see of a case, and what they may do now; five statements.

    Raises:
        NotFound: no such case in the actor's scope.
    """
    return _whole(db, atlas, actor, scoped(db, actor, number))


def after_action(db: Connection, atlas: Atlas, actor: Actor, number: str) -> dict[str, Any]:
    """The case as the one who just acted may see it: an action may take it out of their scope,
    and then only its number, version and status are told."""
    row = db.execute(select(Case.__table__).where(Case.number == number)).one()
    if roles_on(actor, row):
        return _whole(db, atlas, actor, row)
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "actions": [],
    }


def _whole(db: Connection, atlas: Atlas, actor: Actor, row: Any) -> dict[str, Any]:
    roles = roles_on(actor, row)
    entries = db.execute(_entries(row.id)).all()
    reports = db.execute(_reports(row.id)).all()
    photos = db.execute(
        select(
            Attachment.photo_id,
            Attachment.seq,
            Attachment.role,
            Attachment.unproven,
            Attachment.report_id,
        )
        .where(Attachment.case_id == row.id)
        .order_by(Attachment.seq, Attachment.position)
    ).all()
    timers = db.execute(
        select(Timer.__table__).where(Timer.case_id == row.id).order_by(Timer.id)
    ).all()
    now = datetime.now(UTC)
    facts = _facts(row, entries, reports, timers)
    return _shape(atlas, row, now) | {
        "reports_received": [_report(row, report, photos, roles) for report in reports],
        "timeline": [_event(row, entry, photos, roles) for entry in entries],
        "clocks": [_clock(timer) for timer in timers],
        "on_site_check": facts.on_site or None,
        "actions": [
            action_form(move)
            for move in allowed(row, facts, actor, roles, max(now, row.changed_at))
        ],
    }


def _entries(case_id: int) -> Any:
    texts = (
        select(func.json_object_agg(LedgerText.field, LedgerText.content))
        .where(
            LedgerText.case_id == LedgerEntry.case_id,
            LedgerText.seq == LedgerEntry.seq,
        )
        .correlate(LedgerEntry)
        .scalar_subquery()
    )
    return (
        select(LedgerEntry.__table__, texts.label("texts"), Account.display_name.label("who"))
        .outerjoin(Account, Account.id == LedgerEntry.actor["account"].as_integer())
        .where(LedgerEntry.case_id == case_id)
        .order_by(LedgerEntry.seq)
    )


def _reports(case_id: int) -> Any:
    words = (
        select(func.json_object_agg(LedgerText.field, LedgerText.content))
        .where(
            LedgerText.case_id == Report.entry_case_id,
            LedgerText.seq == Report.entry_seq,
        )
        .correlate(Report)
        .scalar_subquery()
    )
    ratings = (
        select(
            func.json_agg(
                func.json_build_object(
                    "round",
                    Feedback.round,
                    "solved",
                    Feedback.solved,
                    "rating",
                    Feedback.rating,
                    "by_staff",
                    Feedback.by_staff,
                )
            )
        )
        .where(Feedback.report_id == Report.id)
        .correlate(Report)
        .scalar_subquery()
    )
    return (
        select(Report.__table__, words.label("words"), ratings.label("ratings"))
        .where(Report.case_id == case_id)
        .order_by(Report.ordinal)
    )


def _facts(
    row: Any, entries: Sequence[Any], reports: Sequence[Any], timers: Sequence[Any]
) -> Facts:
    start = next(
        (
            t.due_at
            for t in timers
            if t.clock == Clock.START and t.met_at is None and t.cleared_at is None
        ),
        None,
    )
    people = frozenset(report.account_id for report in reports if report.account_id)
    return rules.gather(entries, row.round, people, start)


def _shape(atlas: Atlas, row: Any, now: datetime) -> dict[str, Any]:
    category = atlas.categories.get(row.category)
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "round": row.round,
        "holder": row.holder,
        "source": row.source,
        "source_label": SOURCE_LABELS[Source(row.source)],
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "accept_when": category.accept_when if category is not None else None,
        "close_when": category.close_when if category is not None else None,
        "evidence": category.evidence if category is not None else None,
        "emergency": row.emergency,
        "public": row.public,
        "location": place_of(row)
        | {
            "raw": {
                "longitude": row.raw_longitude,
                "latitude": row.raw_latitude,
                "coord_type": row.coord_type,
                "accuracy_m": row.accuracy_m,
            },
            "placed": row.placed,
        },
        "areas": {
            level: {"code": code, "name": atlas.area_name(code)} if code else None
            for level, code in (
                ("district", row.district),
                ("street", row.street),
                ("community", row.community),
                ("grid", row.grid),
                ("overlay", row.overlay),
            )
        },
        "grid": row.grid,
        "routed_unit": row.routed_unit,
        "unit": row.unit,
        "unit_name": atlas.unit_name(row.unit),
        "assignee": str(row.assignee_id) if row.assignee_id else None,
        "arbitrated": row.arbitrated,
        "paraphrase": row.paraphrase,
        "flags": row.flags,
        "reports": row.reports,
        "submitted_at": row.submitted_at,
        "accepted_at": row.accepted_at,
        "assigned_at": row.assigned_at,
        "started_at": row.started_at,
        "resolved_at": row.resolved_at,
        "closed_at": row.closed_at,
        "due_at": row.due_at,
        "review_at": row.review_at,
        "overdue": row.due_at is not None and row.closed_at is None and row.due_at < now,
        "revision": row.revision,
    }


def _photo(photo: Any) -> dict[str, Any]:
    return {"id": photo.photo_id, "role": photo.role, "unproven": photo.unproven}


def _report(
    case: Any, report: Any, photos: Sequence[Any], roles: frozenset[Role]
) -> dict[str, Any]:
    words = report.words or {}
    description = words.get("description")
    if _hides_words(case, report, roles):
        description = None
    return {
        "id": str(report.id),
        "reporter": reporter_name(report.ordinal),
        "ordinal": report.ordinal,
        "anonymous": report.anonymous,
        "source": report.source,
        "external_number": report.external_number,
        "external_due_at": report.external_due_at,
        "description": description,
        "address": words.get("address") if description is not None else None,
        "photos": [_photo(p) for p in photos if p.report_id == report.id],
        "flags": report.flags,
        "by_staff": report.by_staff,
        "limited": report.limited,
        "submitted_at": report.submitted_at,
        "withdrawn_at": report.withdrawn_at,
        "feedback": report.ratings or [],
        "receipt": report.receipt.hex(),
    }


def _hides_words(case: Any, report: Any, roles: frozenset[Role]) -> bool:
    """The people reported on read the desk's paraphrase of an anonymous report."""
    return report.anonymous and case.paraphrase is not None and not roles & DESK_ROLES


def _event(case: Any, entry: Any, photos: Sequence[Any], roles: frozenset[Role]) -> dict[str, Any]:
    actor = entry.actor
    who = reporter_name(actor["reporter"]) if "reporter" in actor else entry.who or "系统"
    texts = dict(entry.texts or {})
    if case.paraphrase is not None and not roles & DESK_ROLES:
        texts.pop("description", None)
        texts.pop("address", None)
    return {
        "seq": entry.seq,
        "at": entry.at,
        "round": entry.round,
        "action": entry.action,
        "label": ACTION_LABELS[Action(entry.action)],
        "who": who,
        "role": actor.get("role"),
        "unit": actor.get("unit"),
        "from": entry.from_status,
        "to": entry.to_status,
        "holder": entry.holder,
        "facts": {k: v for k, v in entry.payload.items() if k not in texts and k != "photos"},
        "texts": texts,
        "photos": [_photo(p) for p in photos if p.seq == entry.seq],
    }


def _clock(timer: Any) -> dict[str, Any]:
    return {
        "clock": timer.clock,
        "label": CLOCK_LABELS[Clock(timer.clock)],
        "round": timer.round,
        "started_at": timer.started_at,
        "due_at": timer.due_at,
        "met_at": timer.met_at,
        "cleared_at": timer.cleared_at,
        "step": timer.step,
    }


CHOICES: dict[tuple[Action, str], dict[str, str]] = {
    (Action.REJECT, "reason"): fields.REJECT_REASONS,
    (Action.ASK_SUSPENSION, "reason"): fields.SUSPENSION_REASONS,
    (Action.GRANT_SUSPENSION, "reason"): fields.SUSPENSION_REASONS,
    (Action.RESOLVE, "outcome"): fields.OUTCOMES,
    (Action.VERIFY, "finding"): fields.FINDINGS,
    (Action.CALL_BACK, "outcome"): fields.CALL_BACK_OUTCOMES,
    (Action.PASS, "method"): {"on_site": "现场核查", "desk": "资料核查"},
    (Action.TRANSFER_BACK, "outcome"): {"answered": "对方已办结答复", "returned": "对方退回"},
}


def action_form(move: Move) -> dict[str, Any]:
    """An action as a button and its form, read off the move's fields."""
    form = []
    for name, field in move.needs.model_fields.items():
        entry: dict[str, Any] = {
            "name": name,
            "label": field.title,
            "required": field.is_required(),
        }
        choices = CHOICES.get((move.action, name))
        if choices:
            entry["choices"] = [{"value": v, "label": label} for v, label in choices.items()]
        form.append(entry)
    return {"action": move.action.value, "label": move.label, "fields": form}


def reporters(
    db: Connection, actor: Actor, number: str, reason: str | None
) -> list[dict[str, Any]]:
    """Who reported a case, for the desk; each look is logged. Anonymous reporters are shown to
    a supervisor who gives a reason, only.

    Raises:
        NotFound: no such case in scope, or a role that may not look.
        InvalidInput: an anonymous reporter and no reason.
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
    unveils = Role.SUPERVISOR in roles
    if unveils and reason is None and any(person.anonymous for person in people):
        raise InvalidInput.at("/reason", "查看匿名上报人须填写理由")
    account.log_access(db, actor, row.id, "reporters", reason)
    return [_person(person, unveiled=unveils or not person.anonymous) for person in people]


def _person(person: Any, *, unveiled: bool) -> dict[str, Any]:
    shown = {
        "id": str(person.id),
        "reporter": reporter_name(person.ordinal),
        "anonymous": person.anonymous,
    }
    if unveiled:
        shown |= {
            "account": str(person.account_id) if person.account_id else None,
            "name": person.reporter_name or person.display_name,
            "phone": person.contact_phone or person.phone,
            "openid": person.openid,
        }
    return shown
