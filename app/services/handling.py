"""While a unit answers for a case: start, delegate, control, time requests, transfer, resolve."""

from datetime import datetime, timedelta

from app.services import evidence, timer
from app.services.assignment import known_unit, release, staff_account
from app.services.case import Handler, Turn
from models.account import Role
from models.errors import EvidenceRefused, FieldFault, InvalidInput
from models.moment import rfc3339
from models.status import Action, Status
from models.timer import Clock


def start(turn: Turn) -> Status:
    if turn.case.assignee_id is None:
        turn.case.assignee_id = turn.actor.id
    return begin(turn)


def begin(turn: Turn) -> Status:
    turn.case.started_at = turn.now
    return Status.IN_PROGRESS


def delegate(turn: Turn) -> None:
    """To a sub-unit or person of the holder's own subtree; no clock changes."""
    fields, case = turn.fields, turn.case
    if (fields.unit is None) == (fields.worker is None):
        raise InvalidInput.at("/unit", "请选择下级单位或经办人之一")
    below = turn.atlas.unit_subtree(case.unit)
    if fields.unit:
        unit = known_unit(turn.atlas, fields.unit)
        if unit not in below or unit == case.unit:
            raise InvalidInput.at("/unit", "只能派给本单位的下级单位")
        turn.payload |= {"from_unit": case.unit, "unit": unit}
        case.unit = unit
        case.unit_1, case.unit_2, case.unit_3 = turn.atlas.unit_path(unit)
        case.assignee_id = None
        return
    person = staff_account(turn.db, fields.worker, Role.UNIT_STAFF)
    if person.unit not in below:
        raise InvalidInput.at("/worker", "只能派给本单位及下级单位的人员")
    case.assignee_id = person.id
    turn.payload["worker"] = person.id


def control(turn: Turn) -> Status:
    fields = turn.fields
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    if not photos and len(fields.comment) < evidence.NOTE_LENGTH:
        raise EvidenceRefused(
            "先期处置证据不足",
            [FieldFault("/comment", "请附现场照片，或写明至少 20 字的处置措施")],
        )
    turn.texts["comment"] = fields.comment
    turn.payload["photos"] = turn.draft.attach(photos, "control", turn.actor)
    turn.draft.meet(Clock.CONTROL)
    if turn.case.started_at is None:
        turn.case.started_at = turn.now
    return Status.IN_PROGRESS


def _future(value: datetime, pointer: str, now: datetime, latest: datetime | None = None) -> None:
    if value <= now:
        raise InvalidInput.at(pointer, "时间须晚于现在")
    if latest is not None and value > latest:
        raise InvalidInput.at(pointer, "复查日期须在九十天以内")


def ask_extension(turn: Turn) -> None:
    _later_than_due(turn)
    turn.payload["due_at"] = rfc3339(turn.fields.due_at)
    turn.texts["reason"] = turn.fields.reason


def _later_than_due(turn: Turn) -> None:
    _future(turn.fields.due_at, "/due_at", turn.now)
    if turn.case.due_at is not None and turn.fields.due_at <= turn.case.due_at:
        raise InvalidInput.at("/due_at", "新的期限须晚于现在的期限")


def grant_extension(turn: Turn) -> None:
    _later_than_due(turn)
    turn.payload |= {
        "from_due_at": rfc3339(turn.case.due_at),
        "due_at": rfc3339(turn.fields.due_at),
    }
    turn.texts["reason"] = turn.fields.reason
    turn.case.due_at = turn.fields.due_at
    timer.start_handling(turn.draft)


def refuse(turn: Turn) -> None:
    turn.texts["reason"] = turn.fields.reason


def _suspension(turn: Turn) -> None:
    fields = turn.fields
    latest = turn.now + timedelta(days=turn.atlas.policy.suspension_days)
    _future(fields.review_at, "/review_at", turn.now, latest)
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    turn.payload |= {
        "reason": fields.reason,
        "review_at": rfc3339(fields.review_at),
        "photos": turn.draft.attach(photos, "interim", turn.actor),
    }


def ask_suspension(turn: Turn) -> None:
    _suspension(turn)


def grant_suspension(turn: Turn) -> Status:
    if not turn.facts.suspension_asked and not turn.fields.photo_ids:
        raise InvalidInput.at("/photo_ids", "请附临时安全措施照片")
    _suspension(turn)
    turn.case.review_at, turn.case.suspended_at = turn.fields.review_at, turn.now
    return Status.SUSPENDED


def resume(turn: Turn) -> Status:
    """The clock goes on where it stood: the due time moves by the working time suspended."""
    case = turn.case
    if case.due_at is not None:
        calendar = timer.handling_calendar(turn.atlas, case)
        stood = calendar.working_time_between(case.suspended_at, turn.now)
        case.due_at = calendar.add(case.due_at, stood)
        turn.payload["due_at"] = rfc3339(case.due_at)
    turn.case.review_at = turn.case.suspended_at = None
    return Status.IN_PROGRESS


def transfer_out(turn: Turn) -> Status:
    fields = turn.fields
    _future(fields.review_at, "/review_at", turn.now)
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    turn.payload |= {
        "external_number": fields.external_number,
        "review_at": rfc3339(fields.review_at),
        "photos": turn.draft.attach(photos, "transfer", turn.actor),
    }
    turn.texts |= {"to": fields.to, "reason": fields.reason, "reply": fields.reply}
    turn.case.review_at = fields.review_at
    return Status.TRANSFERRED


def transfer_back(turn: Turn) -> Status:
    fields = turn.fields
    turn.payload["outcome"] = fields.outcome
    turn.texts |= {"comment": fields.comment, "reply": fields.reply}
    turn.case.review_at = None
    if fields.outcome == "returned":
        release(turn.draft)
        return Status.SUBMITTED
    if fields.reply is None:
        raise InvalidInput.at("/reply", "请写明给市民的答复")
    turn.case.closed_at = turn.now
    return Status.CLOSED


def resolve(turn: Turn) -> Status:
    fields, case = turn.fields, turn.case
    category = turn.atlas.categories[case.category]
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    unproven = evidence.require(
        turn.db, category.evidence, photos, fields.comment, case, turn.actor
    )
    turn.payload |= {
        "outcome": fields.outcome,
        "unproven": unproven,
        "photos": turn.draft.attach(photos, "after", turn.actor),
        "late": case.due_at is not None and turn.now > case.due_at,
    }
    turn.texts["comment"] = fields.comment
    case.resolved_at = turn.now
    return Status.RESOLVED


HANDLERS: dict[Action, Handler] = {
    Action.START: start,
    Action.DELEGATE: delegate,
    Action.CONTROL: control,
    Action.ASK_EXTENSION: ask_extension,
    Action.GRANT_EXTENSION: grant_extension,
    Action.REFUSE_EXTENSION: refuse,
    Action.ASK_SUSPENSION: ask_suspension,
    Action.GRANT_SUSPENSION: grant_suspension,
    Action.REFUSE_SUSPENSION: refuse,
    Action.RESUME: resume,
    Action.TRANSFER_OUT: transfer_out,
    Action.TRANSFER_BACK: transfer_back,
    Action.RESOLVE: resolve,
}
