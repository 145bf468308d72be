"""What reporters do with their own reports: join, supplement, answer, urge, withdraw, feedback,
appeal."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from app.services import area, checking, photo, screening
from app.services.assignment import known_category
from app.services.case import Turn, gather, lock, perform
from app.services.draft import Draft, reporter
from app.services.report import add_report, by_staff, staff_mark, words_of
from models import extra_fields
from models.account import Actor, Role
from models.case import Case
from models.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from models.facts import unit_path
from models.fields import Answer, GiveFeedback, Reason, Supplement
from models.geo import Point, distance_m
from models.phone import SealedPhone
from models.report import URGE_EVERY, Feedback, Report
from models.routing import Atlas
from models.status import OPEN_STATUSES, STATUS_LABELS, Action, Status
from models.submission import Source, Submission
from models.workflow import MOVES, obstacle

NO_REPORT = "没有这个上报"


def own(db: Connection, actor: Actor, report_id: str) -> Row[Any]:
    """The actor's own report, else NotFound."""
    row = None
    if report_id.isdecimal() and len(report_id) < 19:
        row = db.execute(
            select(Report.__table__).where(
                Report.id == int(report_id), Report.account_id == actor.id
            )
        ).one_or_none()
    if row is None:
        raise NotFound(NO_REPORT)
    return row


def turn_of(
    db: Connection, atlas: Atlas, actor: Actor, report: Any, action: Action, fields: Any
) -> Turn:
    """Locks the case of a report and checks that the reporter's move is possible now."""
    row = lock(db, report.case_id)
    draft = Draft.of(atlas, row)
    turn = Turn(
        db,
        draft,
        actor,
        Role.CITIZEN,
        gather(db, row),
        fields,
        by=reporter(report.ordinal),
    )
    reason = obstacle(MOVES[action], draft.case, turn.facts, Actor(actor.id, ""), draft.now)
    if report.withdrawn_at is not None:
        reason = "这个上报已撤回"
    if reason:
        label = STATUS_LABELS[Status(row.status)]
        raise IllegalMove(f"{reason}（当前状态：{label}）", case_status=row.status, allowed=[])
    return turn


def finish(turn: Turn, action: Action, handler: Callable[[Turn], Status | None]) -> bytes:
    own_hash = perform(turn, MOVES[action], handler)
    turn.draft.save(turn.db)
    return own_hash


def join(
    db: Connection,
    atlas: Atlas,
    actor: Actor,
    given: Submission,
    phone: SealedPhone | None = None,
) -> dict[str, Any]:
    """我也遇到: adds a report to a public open case of the same category within reach.

    Raises:
        InvalidInput: no such case, another category, or too far.
        Forbidden: staff of the case's unit.
    """
    found = db.execute(
        select(Case.id, Case.category, Case.public, Case.status).where(
            Case.number == given.join_case
        )
    ).one_or_none()
    if found is None or not found.public or found.status not in OPEN_STATUSES:
        raise InvalidInput.at("/join_case", "没有这个可以加入的案卷，请直接上报")
    if given.category is not None:
        known_category(atlas, given.category)
    if given.category not in (None, found.category):
        raise InvalidInput.at("/join_case", "该案卷是其他类别，请直接上报")
    fields = known_category(atlas, found.category).fields
    answers = extra_fields.fitting(fields, given.attributes, complete=False)
    place = area.locate(atlas, given.location)
    around = screening.look(db, atlas, actor, place.point, None, phone, given.photo_ids)
    row = lock(db, found.id)
    draft = Draft.of(atlas, row)
    ordinal = row.reports + 1
    turn = Turn(db, draft, actor, Role.CITIZEN, gather(db, row), given, by=reporter(ordinal))
    _may_join(turn, place.point)
    turn.payload = {
        "photos": draft.attach(around.photos, "report", actor, report_id=around.report_id),
        "anonymous": given.anonymous,
        "location": area.e7(place.point),
        **staff_mark(by_staff(actor, around, Source.RESIDENT)),
    }
    turn.texts = words_of(given, answers)
    draft.case.reports = ordinal
    receipt = perform(turn, MOVES[Action.JOIN], lambda _: None)
    add_report(turn, around, Source.RESIDENT, receipt, ordinal=ordinal, phone=phone)
    draft.save(db)
    return {
        "id": str(around.report_id),
        "case_number": row.number,
        "status": draft.case.status,
        "receipt": receipt.hex(),
    }


def _may_join(turn: Turn, where: Point) -> None:
    case, actor = turn.case, turn.actor
    reason = obstacle(MOVES[Action.JOIN], case, turn.facts, actor, turn.now)
    if reason:
        raise InvalidInput.at("/join_case", "该案卷已办结，请直接上报")
    if distance_m(where, Point(case.longitude, case.latitude)) > turn.atlas.policy.near_m:
        raise InvalidInput.at("/join_case", "该案卷离您选的位置太远，请直接上报")
    if actor.unit is not None and actor.unit in unit_path(case):
        raise Forbidden("责任单位人员不能加入本单位的案卷")
    if actor.id in turn.facts.reporters:
        raise InvalidInput.at("/join_case", "您已上报过这个案卷，可以补充或催办")


def supplement(db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: Supplement) -> None:
    if fields.text is None and not fields.photo_ids:
        raise InvalidInput.at("/text", "请填写补充说明或添加照片")
    turn = turn_of(db, atlas, actor, report, Action.SUPPLEMENT, fields)
    add_words(turn, report, "supplement")
    finish(turn, Action.SUPPLEMENT, lambda _: None)


def add_words(turn: Turn, report: Any, role: str) -> None:
    photos = photo.load(turn.db, turn.actor, turn.fields.photo_ids, "/photo_ids")
    turn.payload["photos"] = turn.draft.attach(photos, role, turn.actor, report_id=report.id)
    turn.texts["text"] = turn.fields.text


def answer(db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: Answer) -> None:
    turn = turn_of(db, atlas, actor, report, Action.ANSWER, fields)
    add_words(turn, report, "supplement")

    def back_to_desk(turn: Turn) -> None:
        turn.holder = "desk"

    finish(turn, Action.ANSWER, back_to_desk)


def urge(db: Connection, atlas: Atlas, actor: Actor, report: Any) -> None:
    turn = turn_of(db, atlas, actor, report, Action.URGE, None)
    urged = db.execute(select(Report.urged_at).where(Report.id == report.id)).scalar_one()
    if urged is not None and turn.now - urged < URGE_EVERY:
        raise IllegalMove("每天可以催办一次，请明天再试", case_status=turn.case.status, allowed=[])
    db.execute(update(Report).where(Report.id == report.id).values(urged_at=turn.now))
    finish(turn, Action.URGE, lambda _: None)


def withdraw(db: Connection, atlas: Atlas, actor: Actor, report: Any) -> None:
    """Takes one's own report back; before acceptance the case goes with the last of them."""
    turn = turn_of(db, atlas, actor, report, Action.WITHDRAW, None)
    db.execute(update(Report).where(Report.id == report.id).values(withdrawn_at=turn.now))
    left = db.execute(
        select(func.count()).where(Report.case_id == report.case_id, Report.withdrawn_at.is_(None))
    ).scalar_one()
    waiting = turn.case.accepted_at is None and turn.case.status in (
        Status.SUBMITTED,
        Status.VERIFYING,
    )
    target = Status.WITHDRAWN if left == 0 and waiting else None

    def leave(turn: Turn) -> Status | None:
        if target is None and turn.case.holder == "reporter":
            turn.holder = "desk"
        return target

    finish(turn, Action.WITHDRAW, leave)


def feedback(
    db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: GiveFeedback
) -> dict[str, str]:
    """A reporter's word on the result; "not solved" reopens the case while it may be reopened, and
    else the returned `notice` tells why not and what helps."""
    turn = turn_of(db, atlas, actor, report, Action.FEEDBACK, fields)
    given = select(Feedback.at).where(
        Feedback.report_id == report.id, Feedback.round == turn.case.round
    )
    if db.execute(given).one_or_none() is not None:
        raise IllegalMove("本次办理您已评价过", case_status=turn.case.status, allowed=[])
    db.execute(
        insert(Feedback).values(
            report_id=report.id,
            round=turn.case.round,
            solved=fields.solved,
            rating=fields.rating,
            by_staff=report.by_staff,
            at=turn.now,
        )
    )
    photos = photo.load(db, actor, fields.photo_ids, "/photo_ids")
    turn.payload = {
        "solved": fields.solved,
        "rating": fields.rating,
        **staff_mark(report.by_staff),
        "photos": turn.draft.attach(photos, "supplement", actor, report_id=report.id),
    }
    turn.texts = {"comment": fields.comment}
    perform(turn, MOVES[Action.FEEDBACK], lambda _: None)
    refused = None if fields.solved else _may_reopen(turn)
    if not fields.solved and refused is None:
        _reopen(turn, "市民反馈未解决")
    turn.draft.save(db)
    return {"notice": refused} if refused else {}


def _may_reopen(turn: Turn) -> str | None:
    nobody = Actor(turn.actor.id, "")
    return obstacle(MOVES[Action.REOPEN], turn.case, turn.facts, nobody, turn.now)


def _reopen(turn: Turn, reason: str) -> None:
    turn.payload, turn.texts = {"reason_code": "reporter"}, {"reason": reason}
    perform(turn, MOVES[Action.REOPEN], checking.begin_round)


def appeal(db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: Reason) -> None:
    """Against a rejection: the case goes to a supervisor."""
    turn = turn_of(db, atlas, actor, report, Action.REOPEN, fields)
    if turn.case.status != Status.REJECTED:
        message = "只有不予立案的上报可以申诉；已结案的请用评价反馈未解决"
        raise IllegalMove(message, case_status=turn.case.status, allowed=[])
    _reopen(turn, fields.reason)
    turn.draft.save(db)


def reopen(db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: Reason) -> None:
    """Takes a closed or rejected case up again, while that may be."""
    turn = turn_of(db, atlas, actor, report, Action.REOPEN, fields)
    _reopen(turn, fields.reason)
    turn.draft.save(db)
