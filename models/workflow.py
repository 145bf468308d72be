"""The moves of a case: one table, from which everything else is derived.

The API, the buttons offered to a user, the documentation and its diagram read MOVES; the ledger
records them; nothing else decides what may happen to a case.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models import facts as f
from models import fields
from models.account import Actor, Grant, Role, Scope
from models.facts import Facts, Guard
from models.spot_check import Found
from models.status import ACTION_LABELS, FINAL, OPEN_STATUSES, Action, Status

S = Status
WAITING = (S.SUBMITTED, S.VERIFYING)
WORKING = (S.ASSIGNED, S.IN_PROGRESS)
ALL = tuple(Status)
OPEN = tuple(status for status in Status if status in OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Move:
    """An action: where it starts, where it may lead (empty: the status stays), who may take it
    (the first role that the actor holds is recorded), what it needs, and under which guards.

    `offered` moves are those that staff send to a case; the others come from a reporter's own
    calls, from creation, from the pages for spot checks and moderation, or from the system.
    """

    action: Action
    sources: tuple[Status, ...]
    targets: tuple[Status, ...]
    roles: tuple[Role, ...]
    needs: type[fields.Fields] = fields.NoFields
    guards: tuple[Guard, ...] = ()
    offered: bool = True

    @property
    def label(self) -> str:
        return ACTION_LABELS[self.action]


C, W, U, D, V, SYS = (
    Role.CITIZEN,
    Role.GRID_WORKER,
    Role.UNIT_STAFF,
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.SYSTEM,
)
A = Action


def _own(
    action: Action,
    sources: tuple[Status, ...],
    targets: tuple[Status, ...],
    roles: tuple[Role, ...],
    needs: type[fields.Fields] = fields.NoFields,
    *guards: Guard,
) -> Move:
    """A move that is not offered."""
    return Move(action, sources, targets, roles, needs, guards, offered=False)


_TABLE = (
    _own(A.SUBMIT, (), (S.SUBMITTED,), (C, W, D, V, SYS)),
    _own(A.SELF_HANDLE, (S.SUBMITTED,), (S.CLOSED,), (W,)),
    _own(A.SCREEN, (S.SUBMITTED,), (S.ASSIGNED, S.VERIFYING, S.SUBMITTED), (SYS,)),
    _own(A.JOIN, OPEN, (), (C,)),
    Move(A.ACCEPT, WAITING, (S.ASSIGNED,), (D, V), fields.Accept, (f.desk_or_arbiter,)),
    Move(A.REJECT, WAITING, (S.REJECTED,), (D, V), fields.Reject, (f.desk_or_arbiter,)),
    Move(
        A.ASK_REPORTER,
        (S.SUBMITTED,),
        (S.SUBMITTED,),
        (D,),
        fields.AskReporter,
        (f.not_arbitrated, f.has_reporter),
    ),
    _own(A.ANSWER, (S.SUBMITTED,), (), (C,), fields.Answer, f.waits_for_reporter),
    _own(A.STOP_WAITING, (S.SUBMITTED,), (), (SYS,), fields.NoFields, f.waits_for_reporter),
    Move(
        A.ASK_VERIFICATION,
        (S.SUBMITTED,),
        (S.VERIFYING,),
        (D,),
        fields.AskVerification,
        (f.not_arbitrated,),
    ),
    Move(
        A.VERIFY, (S.VERIFYING,), (S.SUBMITTED, S.ASSIGNED), (W,), fields.Verify, (f.is_verifier,)
    ),
    _own(A.HAND_OVER, (S.VERIFYING, S.RESOLVED), (), (SYS,)),
    Move(
        A.START,
        (S.ASSIGNED,),
        (S.IN_PROGRESS,),
        (U, W),
        fields.NoFields,
        (f.of_holding_unit,),
    ),
    Move(A.DELEGATE, WORKING, (), (U,), fields.Delegate),
    Move(
        A.HAND_BACK,
        (S.ASSIGNED,),
        (S.SUBMITTED,),
        (U,),
        fields.Reason,
        (f.not_arbitrated, f.within_start_limit),
    ),
    Move(A.REASSIGN, WORKING, (S.ASSIGNED,), (D, V), fields.Reassign),
    Move(A.RECATEGORISE, WAITING + WORKING, (), (D,), fields.Recategorise),
    Move(A.RELOCATE, WAITING + WORKING, (), (D, W), fields.Relocate),
    _own(A.UNPLACE, WAITING + WORKING, (S.SUBMITTED,), (SYS,)),
    Move(A.CONTROL, WORKING, (S.IN_PROGRESS,), (U, W), fields.Control, (f.is_emergency,)),
    Move(A.ASK_EXTENSION, (S.IN_PROGRESS,), (), (U,), fields.AskExtension, (f.extension_possible,)),
    Move(A.GRANT_EXTENSION, (S.IN_PROGRESS,), (), (V,), fields.AskExtension, (f.extension_asked,)),
    Move(A.REFUSE_EXTENSION, (S.IN_PROGRESS,), (), (V,), fields.Reason, (f.extension_asked,)),
    Move(
        A.ASK_SUSPENSION,
        (S.IN_PROGRESS,),
        (),
        (U,),
        fields.AskSuspension,
        (f.suspension_possible,),
    ),
    Move(
        A.GRANT_SUSPENSION,
        (S.IN_PROGRESS,),
        (S.SUSPENDED,),
        (V,),
        fields.GrantSuspension,
        (f.may_suspend,),
    ),
    Move(A.REFUSE_SUSPENSION, (S.IN_PROGRESS,), (), (V,), fields.Reason, (f.suspension_asked,)),
    Move(A.RESUME, (S.SUSPENDED,), (S.IN_PROGRESS,), (U, V, SYS)),
    Move(A.TRANSFER_OUT, WORKING, (S.TRANSFERRED,), (D, V), fields.TransferOut),
    Move(A.TRANSFER_BACK, (S.TRANSFERRED,), (S.SUBMITTED, S.CLOSED), (D, V), fields.TransferBack),
    Move(A.RESOLVE, (S.IN_PROGRESS,), (S.RESOLVED,), (U, W), fields.Resolve, (f.of_holding_unit,)),
    Move(A.PASS, (S.RESOLVED,), (S.CLOSED,), (W, D, V), fields.Pass, (f.uninvolved_checker,)),
    Move(
        A.REWORK,
        (S.RESOLVED,),
        (S.IN_PROGRESS,),
        (W, D, V),
        fields.Reason,
        (f.uninvolved_checker,),
    ),
    _own(A.FEEDBACK, (S.CLOSED,), (), (C,), fields.GiveFeedback),
    Move(A.CALL_BACK, (S.CLOSED,), (), (D, V), fields.CallBack),
    _own(A.INSPECT, ALL, (), (V,), Found, f.uninvolved_inspector),
    Move(A.APPEAL, ALL, (), (U,), fields.Reason, (f.appealable,)),
    Move(A.UPHOLD, ALL, (), (V,), fields.Reason, (f.judges_appeal,)),
    Move(A.DISMISS, ALL, (), (V,), fields.Reason, (f.judges_appeal,)),
    Move(
        A.REOPEN,
        (S.CLOSED, S.REJECTED),
        (S.ASSIGNED, S.SUBMITTED),
        (V, C),
        fields.Reason,
        (f.reopenable,),
    ),
    Move(A.MERGE, WAITING + WORKING, (S.MERGED,), (D,), fields.Merge),
    _own(A.TAKE_IN, OPEN, (), (D,)),
    _own(A.WITHDRAW, tuple(s for s in Status if s not in FINAL), (S.WITHDRAWN,), (C,)),
    _own(A.URGE, OPEN, (), (C,)),
    _own(A.SUPPLEMENT, OPEN, (), (C,), fields.Supplement),
    Move(A.PARAPHRASE, OPEN, (), (D,), fields.Paraphrase),
    Move(A.REMARK, ALL, (), (U, W, D, V), fields.Remark),
    Move(A.SUPERVISE, OPEN, (), (V,), fields.Supervise, (f.no_order_open,)),
    Move(A.ANSWER_ORDER, (*OPEN, S.CLOSED), (), (U, D), fields.AnswerOrder, (f.owes_answer,)),
    _own(A.RELEASE_CONTENT, ALL, (), (D, V)),
    _own(A.REFUSE_CONTENT, ALL, (), (D, V), fields.Reason),
)
MOVES: dict[Action, Move] = {move.action: move for move in _TABLE}


SCOPE_COLUMNS = (
    "district",
    "street",
    "community",
    "grid",
    "overlay",
    "unit_1",
    "unit_2",
    "unit_3",
    "holder",
)
"""Columns of a case that decide who may see it."""


def covers(grant: Grant, case: Any) -> bool:
    """Whether a grant's scope holds the case, by the codes the case was routed with."""
    if grant.scope is Scope.ALL:
        return True
    if grant.scope is Scope.AREA:
        return grant.code in (case.district, case.street, case.community, case.grid, case.overlay)
    return grant.code in (case.unit_1, case.unit_2, case.unit_3)


def grants_on(actor: Actor, case: Any) -> tuple[Grant, ...]:
    """What the actor holds on this case; a grid worker whom it waits for by name sees it wherever
    it lies."""
    named = case.holder == f"worker:{actor.id}"
    return tuple(
        grant
        for grant in actor.grants
        if covers(grant, case) or (named and grant.role is Role.GRID_WORKER)
    )


def roles_on(actor: Actor, case: Any) -> frozenset[Role]:
    """Roles that the actor holds on this case; none means that it does not exist for them."""
    return frozenset(grant.role for grant in grants_on(actor, case))


def acting_role(move: Move, roles: Iterable[Role]) -> Role | None:
    return next((role for role in move.roles if role in roles), None)


def obstacle(move: Move, case: Any, facts: Facts, actor: Actor, now: datetime) -> str | None:
    """Why the move is impossible now, or None."""
    if case.status not in move.sources:
        return f"现在不能{move.label}"
    here = replace(actor, grants=grants_on(actor, case))  # what is held elsewhere counts nothing
    for guard in move.guards:
        reason = guard(case, facts, here, now)
        if reason:
            return reason
    return None


def allowed(
    case: Any, facts: Facts, actor: Actor, roles: Iterable[Role], now: datetime
) -> list[Move]:
    """The moves that this actor may send to this case now, in the table's order."""
    held = frozenset(roles)
    return [
        move
        for move in MOVES.values()
        if move.offered
        and acting_role(move, held)
        and obstacle(move, case, facts, actor, now) is None
    ]
