"""Before a unit answers for a case: accepting, rejecting, asking, verifying, correcting."""

from sqlalchemy import select

from app.services import area, evidence, merging, timer
from app.services.assignment import (
    accept_round,
    give_to,
    known_category,
    known_unit,
    place,
    point_of,
    propose_unit,
    release,
    staff_account,
)
from app.services.case import Handler, Turn, placement
from models.account import Role
from models.errors import InvalidInput
from models.report import Report
from models.status import Action, Status
from models.timer import Clock


def accept(turn: Turn) -> Status:
    case, wanted = turn.case, turn.fields
    if wanted.category:
        _set_category(turn, wanted.category)
    if case.category is None:
        raise InvalidInput.at("/category", "请选择类别后再立案")
    unit = wanted.unit or case.routed_unit
    unit = unit or propose_unit(turn.atlas, placement(case), case.category, turn.now)
    if unit is None:
        raise InvalidInput.at("/unit", "权责清单没有对应的责任单位，请选择责任单位")
    give_to(turn.draft, known_unit(turn.atlas, unit))
    accept_round(turn.draft)
    if wanted.worker:
        worker = staff_account(turn.db, wanted.worker, Role.UNIT_STAFF)
        if worker.unit not in turn.atlas.unit_subtree(unit):
            raise InvalidInput.at("/worker", "经办人不属于责任单位")
        case.assignee_id = worker.id
    if wanted.paraphrase:
        case.paraphrase = turn.texts["paraphrase"] = wanted.paraphrase
    turn.payload |= {"category": case.category, "unit": unit, "routed_unit": case.routed_unit}
    return Status.ASSIGNED


def _set_category(turn: Turn, code: str) -> None:
    """The category and what follows from it; a running handling clock is counted anew from the
    same first acceptance."""
    case = turn.case
    category = known_category(turn.atlas, code)
    case.category, case.emergency, case.public = code, category.emergency, category.public
    case.routed_unit = propose_unit(turn.atlas, placement(case), code, turn.now)
    if case.status == Status.ASSIGNED:
        stage = timer.stage_deadline(turn.atlas, case, Clock.START, case.assigned_at)
        turn.draft.start(Clock.START, stage.at, stage.calendar, since=case.assigned_at)
    if case.accepted_at is not None and case.due_at is not None:
        case.due_at = timer.handling_due(turn.atlas, case, case.accepted_at, turn.facts)
        timer.start_handling(turn.draft)
        control = timer.control_deadline(turn.atlas, case, case.accepted_at)
        if control is not None:
            since = case.accepted_at
            turn.draft.start(Clock.CONTROL, control.at, control.calendar, since=since)
        else:
            turn.draft.clear(Clock.CONTROL)


def reject(turn: Turn) -> Status:
    turn.payload["reason"] = turn.fields.reason
    turn.texts["reply"] = turn.fields.reply
    return Status.REJECTED


def ask_reporter(turn: Turn) -> Status:
    asked = select(Report.id).where(
        Report.case_id == turn.case.id,
        Report.account_id.is_not(None),
        Report.withdrawn_at.is_(None),
        Report.recorded_by.is_(None),
    )
    if turn.db.execute(asked.limit(1)).one_or_none() is None:
        raise InvalidInput.at("/question", "上报人没有小程序账号，请电话联系后用“批注”记录")
    turn.texts["question"] = turn.fields.question
    turn.holder = "reporter"
    return Status.SUBMITTED


def stop_waiting(turn: Turn) -> None:
    turn.holder = "desk"


def ask_verification(turn: Turn) -> Status:
    if turn.fields.worker:
        worker = staff_account(turn.db, turn.fields.worker, Role.GRID_WORKER).id
    else:
        worker = turn.atlas.on_duty(placement(turn.case), turn.now).worker
        if worker is None:
            raise InvalidInput.at("/worker", "该网格现在无人值班，请指定网格员")
    turn.holder = f"worker:{worker}"
    turn.payload["worker"] = worker
    return Status.VERIFYING


def verify(turn: Turn) -> Status:
    fields = turn.fields
    photos = evidence.own_photos(turn.db, turn.actor, fields.photo_ids)
    if fields.finding != "unable" and not photos:
        raise InvalidInput.at("/photo_ids", "核实结果为属实或不存在时，请附现场照片")
    turn.payload["finding"] = fields.finding
    turn.texts["comment"] = fields.comment
    turn.payload["photos"] = turn.draft.attach(photos, "verify", turn.actor)
    case = turn.case
    category = turn.atlas.categories.get(case.category)
    goes_out = category is not None and category.intake == "verify"
    if fields.finding == "exists" and goes_out and case.routed_unit:
        give_to(turn.draft, case.routed_unit)
        accept_round(turn.draft)
        turn.payload["unit"] = case.routed_unit
        return Status.ASSIGNED
    return Status.SUBMITTED


def hand_back(turn: Turn) -> Status:
    turn.texts["reason"] = turn.fields.reason
    turn.payload["unit"] = turn.case.unit
    turn.case.arbitrated = turn.facts.hand_backs >= 1
    release(turn.draft)
    return Status.SUBMITTED


def reassign(turn: Turn) -> Status:
    unit = known_unit(turn.atlas, turn.fields.unit)
    if unit == turn.case.unit:
        raise InvalidInput.at("/unit", "案卷已在该责任单位")
    turn.payload |= {"from_unit": turn.case.unit, "unit": unit}
    turn.texts["reason"] = turn.fields.reason
    restarts = turn.case.status == Status.ASSIGNED
    give_to(turn.draft, unit)
    turn.case.started_at = None
    if restarts:
        timer.start(turn.draft, Clock.START)
    return Status.ASSIGNED


def recategorise(turn: Turn) -> None:
    case, code = turn.case, turn.fields.category
    if code == case.category:
        raise InvalidInput.at("/category", "类别没有变化")
    turn.payload |= {"from_category": case.category, "category": code}
    turn.texts["reason"] = turn.fields.reason
    _set_category(turn, code)
    _reroute(turn)


def relocate(turn: Turn) -> None:
    case, location = turn.case, turn.fields.location
    found = area.locate(turn.atlas, location)
    before = point_of(case)
    case.longitude, case.latitude = found.point
    case.raw_longitude, case.raw_latitude = location.longitude, location.latitude
    case.coord_type, case.accuracy_m = location.coord_type.value, location.accuracy_m
    place(case, found.placement, turn.atlas)
    case.routed_unit = propose_unit(turn.atlas, found.placement, case.category, turn.now)
    turn.payload |= {
        "from": area.e7(before),
        "to": area.e7(found.point),
        "grid": found.placement.grid,
    }
    turn.texts["reason"] = turn.fields.reason
    _reroute(turn)


def _reroute(turn: Turn) -> None:
    """A case that is out goes to the unit that the rules now name."""
    case = turn.case
    if case.unit is not None and case.routed_unit not in (None, case.unit):
        turn.payload |= {"from_unit": case.unit, "unit": case.routed_unit}
        give_to(turn.draft, case.routed_unit)
        if case.status == Status.ASSIGNED:
            timer.start(turn.draft, Clock.START)


def unplace(turn: Turn) -> Status:
    """The grid is gone from the map: placed anew where the map allows it, and to the desk."""
    case = turn.case
    found = turn.atlas.locate(point_of(case), turn.atlas.policy.tolerance_m)
    turn.payload |= {"from_grid": case.grid, "unit": case.unit}
    if found is not None:
        place(case, found, turn.atlas)
        case.routed_unit = propose_unit(turn.atlas, found, case.category, turn.now)
        turn.payload["grid"] = case.grid
    release(turn.draft)
    return Status.SUBMITTED


def paraphrase(turn: Turn) -> None:
    turn.case.paraphrase = turn.texts["paraphrase"] = turn.fields.paraphrase


HANDLERS: dict[Action, Handler] = {
    Action.ACCEPT: accept,
    Action.REJECT: reject,
    Action.ASK_REPORTER: ask_reporter,
    Action.ASK_VERIFICATION: ask_verification,
    Action.VERIFY: verify,
    Action.HAND_BACK: hand_back,
    Action.REASSIGN: reassign,
    Action.RECATEGORISE: recategorise,
    Action.RELOCATE: relocate,
    Action.PARAPHRASE: paraphrase,
    Action.MERGE: merging.merge,
}
