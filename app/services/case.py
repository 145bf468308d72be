"""Acting on a case: the order of checks, the one writer of its status, and reading it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from app.services import timer
from app.services.draft import SYSTEM, Draft, staff
from models import facts as rules
from models.account import Actor, Role
from models.calendar import OFFICE
from models.case import Case
from models.errors import Forbidden, IllegalMove, NotFound, StaleCase
from models.facts import Facts
from models.fields import Fields
from models.ledger import LedgerEntry
from models.moment import rfc3339
from models.report import Report
from models.routing import Atlas, OnDuty, Placement
from models.status import STATUS_LABELS, Action, Status
from models.timer import Clock, Timer
from models.workflow import MOVES, Move, acting_role, allowed, obstacle, roles_on

SYSTEM_ACTOR = Actor(id=None, display_name="系统")
NO_CASE = "没有这个案卷，或不在您的范围内"


@dataclass
class Turn:
    """One action on one locked case, handed to the function that knows the action.

    The function may set columns of `draft.case`, fill `payload` and `texts`, and returns the
    status to go to (None: stay). A `holder` set here overrides the one the status implies.
    """

    db: Connection
    draft: Draft
    actor: Actor
    role: Role
    facts: Facts
    fields: Any
    payload: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)
    holder: str | None = None
    by: Mapping[str, Any] | None = None

    @property
    def case(self) -> Any:
        return self.draft.case

    @property
    def atlas(self) -> Atlas:
        return self.draft.atlas

    @property
    def now(self) -> datetime:
        return self.draft.now


Handler = Callable[[Turn], Status | None]


def act(
    db: Connection,
    atlas: Atlas,
    actor: Actor,
    number: str,
    action: Action,
    version: int,
    read_fields: Callable[[type[Fields]], Fields],
    handlers: Mapping[Action, Handler],
    *,
    and_lock: str | None = None,
) -> None:
    """A member of staff takes an action on a case.

    Checks in this order: scope (NotFound), a role that may never do this (Forbidden), lock,
    version (StaleCase), move (IllegalMove), then fields and evidence, which `read_fields` and
    the handler raise. `and_lock` numbers a second case that the action will need: both are
    locked in id order, so that two merges never wait for each other.
    """
    move = MOVES[action]
    seen = scoped(db, actor, number)
    roles = roles_on(actor, seen)
    role = acting_role(move, roles)
    if role is None or not move.offered:
        raise Forbidden(f"您的角色不能执行“{move.label}”")
    if and_lock is not None:
        both = Case.number.in_([number, and_lock])
        db.execute(select(Case.id).where(both).order_by(Case.id).with_for_update())
    row = lock(db, seen.id)
    if row.version != version:
        raise StaleCase(
            "案卷已被他人更新，请刷新后再操作", case_version=row.version, case_status=row.status
        )
    facts = situated(atlas, row, gather(db, row))
    draft = Draft.of(atlas, row)
    _check_move(move, draft, facts, actor, roles_on(actor, row))
    turn = Turn(db, draft, actor, role, facts, read_fields(move.needs))
    perform(turn, move, handlers[action])
    draft.save(db)


def act_as_system(
    db: Connection, atlas: Atlas, case_id: int, action: Action, handler: Handler
) -> bool:
    """The system takes an action if it is still possible; tells whether it did."""
    row = lock(db, case_id)
    facts = gather(db, row)
    draft = Draft.of(atlas, row)
    move = MOVES[action]
    if obstacle(move, draft.case, facts, SYSTEM_ACTOR, draft.now):
        return False
    turn = Turn(db, draft, SYSTEM_ACTOR, Role.SYSTEM, facts, move.needs(), by=SYSTEM)
    perform(turn, move, handler)
    draft.save(db)
    return True


def _check_move(
    move: Move, draft: Draft, facts: Facts, actor: Actor, roles: frozenset[Role]
) -> None:
    reason = obstacle(move, draft.case, facts, actor, draft.now)
    if reason is None:
        return
    possible = allowed(draft.case, facts, actor, roles, draft.now)
    label = STATUS_LABELS[Status(draft.case.status)]
    raise IllegalMove(
        f"{reason}（当前状态：{label}）",
        case_status=draft.case.status,
        allowed=[m.action.value for m in possible],
    )


def perform(turn: Turn, move: Move, handler: Handler) -> bytes:
    """Runs the action's function, moves the case, and records it; returns the entry's hash."""
    before, clocks = turn.case.status, timer.running(turn.case)
    turn.holder = None
    target = handler(turn)
    if target is not None and target not in move.targets:
        raise AssertionError(f"{move.action} may not lead to {target}")
    turn.case.status = target or before
    turn.case.holder = turn.holder or _holder(turn, moved=target is not None)
    timer.follow(turn.draft, clocks)
    news = turn.draft.news()
    if "due_at" in news:
        news["close_due_at"] = timer.close_due(turn.atlas, turn.case)
    told = {n: rfc3339(v) if isinstance(v, datetime) else v for n, v in news.items()}
    return turn.draft.record(
        move.action,
        turn.by or staff(turn.actor, turn.role),
        came_from=before if move.sources else None,
        payload=turn.payload | ({"set": told} if told else {}),
        texts=turn.texts,
        author=turn.actor.id,
    )


def _holder(turn: Turn, *, moved: bool) -> str:
    case = turn.case
    status = Status(case.status)
    if status in (Status.ASSIGNED, Status.IN_PROGRESS):
        return f"unit:{case.unit}"
    if not moved:
        return str(case.holder)
    if status is Status.SUBMITTED:
        return "supervisor" if case.arbitrated else "desk"
    if status in (Status.VERIFYING, Status.RESOLVED):
        involved = turn.facts.handlers | turn.facts.reporters | {turn.actor.id}
        return checker(turn.atlas, case, involved, turn.now).holder
    return "outside" if status is Status.TRANSFERRED else "none"


def placement(case: Any) -> Placement:
    """Where the case lies, as it was routed."""
    overlays = (case.overlay,) if case.overlay else ()
    return Placement(case.district, case.street, case.community, case.grid, overlays, case.placed)


def checker(atlas: Atlas, case: Any, involved: Collection[int | None], now: datetime) -> OnDuty:
    """Who is to verify or check: the worker on duty, or the desk where that worker may not."""
    found = atlas.on_duty(placement(case), now)
    if case.status == Status.VERIFYING:
        return found
    unit = atlas.worker_units.get(found.worker) if found.worker is not None else found.unit
    theirs = {*rules.unit_path(case), *atlas.contractors(case.unit)}
    if unit in theirs or (found.worker is not None and found.worker in involved):
        return OnDuty()
    return found


def situated(atlas: Atlas, row: Any, facts: Facts) -> Facts:
    """The facts with what the set-up adds: contractors and the office calendar."""
    contractors, office = atlas.contractors(row.unit), atlas.calendars[OFFICE]
    return replace(facts, contractors=contractors, office=office)


def scoped(db: Connection, actor: Actor, number: str) -> Row[Any]:
    """The case if it exists in the actor's scope, else NotFound."""
    row = db.execute(select(Case.__table__).where(Case.number == number)).one_or_none()
    if row is None or not roles_on(actor, row):
        raise NotFound(NO_CASE)
    return row


def lock(db: Connection, case_id: int) -> Row[Any]:
    statement = select(Case.__table__).where(Case.id == case_id).with_for_update()
    return db.execute(statement).one()


def gather(db: Connection, row: Any) -> Facts:
    """The facts of the case's present round, from its ledger, reporters and start clock."""
    entries = db.execute(
        select(
            LedgerEntry.action,
            LedgerEntry.actor,
            LedgerEntry.round,
            LedgerEntry.at,
            LedgerEntry.payload,
            LedgerEntry.hash,
        )
        .where(LedgerEntry.case_id == row.id)
        .order_by(LedgerEntry.seq)
    ).all()
    start_due = (
        select(Timer.due_at)
        .where(
            Timer.case_id == row.id,
            Timer.clock == Clock.START,
            Timer.met_at.is_(None),
            Timer.cleared_at.is_(None),
        )
        .scalar_subquery()
    )
    people = db.execute(
        select(Report.account_id, start_due.label("start_due_at")).where(Report.case_id == row.id)
    ).all()
    reporters = frozenset(person.account_id for person in people if person.account_id)
    start_due_at = people[0].start_due_at if people else None
    return rules.gather(entries, row.round, reporters, start_due_at)
