"""After the work: check, rework, call back, appeals, reopening, and words on the record."""

from app.services import evidence
from app.services.assignment import accept_round, give_to
from app.services.case import Handler, Turn
from models.errors import EvidenceRefused, FieldFault, IllegalMove, InvalidInput
from models.moment import rfc3339
from models.status import Action, Status
from models.timer import Clock


def pass_(turn: Turn) -> Status:
    fields, case = turn.fields, turn.case
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    if fields.method == "desk" and turn.facts.on_site:
        raise EvidenceRefused(turn.facts.on_site, [FieldFault("/method", turn.facts.on_site)])
    if fields.method == "on_site":
        evidence.require_after_photo(turn.db, photos, case, turn.actor, since=case.resolved_at)
    turn.payload |= {
        "method": fields.method,
        "photos": turn.draft.attach(photos, "check", turn.actor),
    }
    turn.texts |= {"reply": fields.reply, "reason": fields.reason}
    case.closed_at = turn.now
    return Status.CLOSED


def rework(turn: Turn) -> Status:
    """Back to the unit; the due time stays, evidence counts anew."""
    turn.texts["reason"] = turn.fields.reason
    turn.case.evidence_since = turn.now
    turn.case.resolved_at = None
    return Status.IN_PROGRESS


def call_back(turn: Turn) -> None:
    turn.payload["outcome"] = turn.fields.outcome
    turn.texts["comment"] = turn.fields.comment


def on_record(turn: Turn) -> None:
    turn.texts["reason"] = turn.fields.reason


def remark(turn: Turn) -> None:
    turn.texts["comment"] = turn.fields.comment


def supervise(turn: Turn) -> None:
    if turn.fields.due_at <= turn.now:
        raise InvalidInput.at("/due_at", "督办期限须晚于现在")
    turn.payload["due_at"] = rfc3339(turn.fields.due_at)
    turn.texts["comment"] = turn.fields.comment
    calendar = turn.atlas.calendar_of(turn.case.category, turn.case.unit)
    turn.draft.start(Clock.SUPERVISE, turn.fields.due_at, calendar.name)


def answer_order(turn: Turn) -> None:
    photos = evidence.own_photos(turn.db, turn.actor, turn.fields.photo_ids)
    turn.payload["photos"] = turn.draft.attach(photos, "order", turn.actor)
    turn.texts["comment"] = turn.fields.comment
    turn.draft.meet(Clock.SUPERVISE)


def reopen(turn: Turn) -> Status:
    turn.texts["reason"] = turn.fields.reason
    return begin_round(turn)


def begin_round(turn: Turn) -> Status:
    """A closed case goes back to its unit in a new round; a rejected one to a supervisor."""
    case = turn.case
    case.closed_at = None
    if case.status == Status.REJECTED:
        case.arbitrated = True
        return Status.SUBMITTED
    if case.category is None or (case.unit is None and case.routed_unit is None):
        raise IllegalMove(
            "本案由网格员自办，没有责任单位，请重新上报", case_status=case.status, allowed=[]
        )
    case.round += 1
    case.arbitrated = False
    case.accepted_at = case.started_at = case.resolved_at = case.due_at = None
    give_to(turn.draft, case.unit or case.routed_unit)
    accept_round(turn.draft)
    return Status.ASSIGNED


HANDLERS: dict[Action, Handler] = {
    Action.PASS: pass_,
    Action.REWORK: rework,
    Action.CALL_BACK: call_back,
    Action.APPEAL: on_record,
    Action.UPHOLD: on_record,
    Action.DISMISS: on_record,
    Action.REOPEN: reopen,
    Action.REMARK: remark,
    Action.SUPERVISE: supervise,
    Action.ANSWER_ORDER: answer_order,
}
