"""What a unit's own Open311 system says of the cases that it was sent.

The system is a member of the unit's staff: what its updates say is done by its account, under the
rules that hold for everybody. A result without the evidence of the category is only noted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from app.clients.open311 import Peer, PeerUpdate
from app.services import actions, handling, outbox
from app.services.case import act
from app.services.endpoint import ACTIVE
from app.services.forwarding import BEFORE, peer_of
from app.services.safe import Safe
from models.account import Account, Actor, Grant, Role, RoleGrant, Scope
from models.case import Case
from models.errors import EvidenceRefused
from models.exchange import Endpoint, ExternalUpdate, Forwarded
from models.outbox import Outbox
from models.routing import Atlas
from models.status import Action, Status

LONGEST_LOOK = timedelta(days=89)
BEGUN = frozenset({"in_progress", "investigating", "action_scheduled", "planned"})
DONE = frozenset({"fixed", "closed"})
STATUS_WORDS = {
    "open": "已收到",
    "in_progress": "处理中",
    "investigating": "核实中",
    "action_scheduled": "已列入计划",
    "planned": "已列入计划",
    "fixed": "已解决",
    "closed": "已办结",
    "duplicate": "重复问题",
    "no_further_action": "不再处理",
    "not_councils_responsibility": "不属其职责",
    "internal_referral": "已内部转派",
    "reopen": "重新打开",
}


def post_fetching(db: Connection) -> int:
    """Posts a job for each endpoint where cases are and none is under way; returns how many."""
    waiting = select(Outbox.args["endpoint_id"].as_integer()).where(
        Outbox.job == "forwarding.fetch", Outbox.failed_at.is_(None)
    )
    there = select(Forwarded.endpoint_id).where(Forwarded.number.is_not(None))
    due = db.execute(
        select(Endpoint.id).where(ACTIVE, Endpoint.id.in_(there), Endpoint.id.not_in(waiting))
    ).scalars()
    ids = list(due)
    for one in ids:
        outbox.post(db, "forwarding.fetch", {"endpoint_id": one})
    return len(ids)


@dataclass(frozen=True, slots=True)
class Fetching:
    """What to ask an endpoint for, and for whom its account acts."""

    endpoint: Row[Any]
    peer: Peer
    actor: Actor
    since: datetime
    numbers: Sequence[str]


def to_fetch(db: Connection, safe: Safe, endpoint_id: int, now: datetime) -> Fetching | None:
    endpoint = db.execute(
        select(Endpoint.__table__).where(ACTIVE, Endpoint.id == endpoint_id)
    ).one_or_none()
    if endpoint is None:
        return None
    open_there = (
        select(Forwarded.number)
        .join(Case, (Case.id == Forwarded.case_id) & (Case.round == Forwarded.round))
        .where(
            Forwarded.endpoint_id == endpoint_id,
            Forwarded.number.is_not(None),
            Case.status.in_([Status.ASSIGNED, Status.IN_PROGRESS, Status.SUSPENDED]),
        )
        .order_by(Forwarded.arrived_at.desc())
    )
    known = endpoint.fetched_until or endpoint.created_at
    return Fetching(
        endpoint=endpoint,
        peer=peer_of(safe, endpoint),
        actor=_actor(db, endpoint.account_id),
        since=max(known - BEFORE, now - LONGEST_LOOK),
        numbers=[number for number in db.execute(open_there).scalars() if number],
    )


def _actor(db: Connection, account_id: int) -> Actor:
    row = db.execute(
        select(Account.display_name, Account.unit).where(Account.id == account_id)
    ).one()
    held = db.execute(
        select(RoleGrant.role, RoleGrant.scope, RoleGrant.code).where(
            RoleGrant.account_id == account_id
        )
    )
    grants = tuple(Grant(Role(role), Scope(scope), code) for role, scope, code in held)
    return Actor(account_id, row.display_name, grants, row.unit)


def news(db: Connection, fetching: Fetching, updates: Sequence[PeerUpdate]) -> list[PeerUpdate]:
    """Those of the updates that are about our cases and were not taken yet, the oldest first."""
    numbers = {one.number for one in updates}
    ours = set(
        db.execute(
            select(Forwarded.number).where(
                Forwarded.endpoint_id == fetching.endpoint.id, Forwarded.number.in_(numbers)
            )
        ).scalars()
    )
    ids = {one.update_id for one in updates}
    taken = set(
        db.execute(
            select(ExternalUpdate.update_id).where(
                ExternalUpdate.account_id == fetching.actor.id, ExternalUpdate.update_id.in_(ids)
            )
        ).scalars()
    )
    fresh = [one for one in updates if one.number in ours and one.update_id not in taken]
    return sorted(fresh, key=lambda one: one.at)


def fetched(db: Connection, endpoint_id: int, until: datetime | None, error: str | None) -> None:
    """Notes how far the updates are known, or why they are not."""
    values: dict[str, Any] = {"error": error}
    if until is not None:
        values["fetched_until"] = until
    db.execute(update(Endpoint).where(Endpoint.id == endpoint_id).values(values))


def take(
    db: Connection,
    atlas: Atlas,
    fetching: Fetching,
    said: PeerUpdate,
    photo_ids: Sequence[str],
    refused: EvidenceRefused | None = None,
) -> None:
    """Takes an update once: its words as a remark, "begun" as a start, "done" as a result with the
    photos. `refused` is why an attempt with this result was undone: then it is only noted.

    Raises:
        EvidenceRefused: the photos do not prove it. StaleCase: somebody acted at the same time.
    """
    sent = db.execute(
        select(Forwarded.__table__, Case.number.label("case_number"), Case.head_seq)
        .join(Case, Case.id == Forwarded.case_id)
        .where(Forwarded.endpoint_id == fetching.endpoint.id, Forwarded.number == said.number)
        .with_for_update()
    ).one()
    once = insert(ExternalUpdate).on_conflict_do_nothing().returning(ExternalUpdate.id)
    taken = once.values(
        account_id=fetching.actor.id,
        update_id=said.update_id,
        case_id=sent.case_id,
        seq=sent.head_seq,
    )
    if db.execute(taken).first() is None:
        return
    case = _Theirs(db, atlas, fetching, sent)
    if said.words or said.status != sent.status:
        case.act(Action.REMARK, comment=_remark(said))
    if said.status in BEGUN | DONE and case.is_theirs(Status.ASSIGNED):
        case.act(Action.START)
    if said.status in DONE and case.is_theirs(Status.IN_PROGRESS):
        if refused is None:
            comment = said.words[:500] or f"外部系统 {STATUS_WORDS[said.status]}"
            case.act(Action.RESOLVE, outcome="fixed", comment=comment, photo_ids=list(photo_ids))
        else:
            case.act(Action.REMARK, comment=_missing(refused))
    known = (Forwarded.case_id == sent.case_id) & (Forwarded.round == sent.round)
    here = known & (Forwarded.endpoint_id == fetching.endpoint.id)
    db.execute(update(Forwarded).where(here).values(status=said.status))


def _remark(said: PeerUpdate) -> str:
    label = STATUS_WORDS.get(said.status, said.status[:40])
    return f"对方系统（{label}）：{said.words}".rstrip("：")[:500]


def _missing(refused: EvidenceRefused) -> str:
    reasons = "；".join(dict.fromkeys(fault.message for fault in refused.faults))
    return f"对方系统报告已办结，但证据不足，请补充后再提交处置结果：{reasons}"[:500]


_HANDLERS = actions.HANDLERS | {Action.START: handling.begin}
"""Unlike a person, the system does not become the assignee: all of the unit goes on hearing."""


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A case as its unit's system works on it."""

    db: Connection
    atlas: Atlas
    fetching: Fetching
    sent: Any

    def act(self, action: Action, **fields: Any) -> None:
        number = self.sent.case_number
        version = self.db.execute(select(Case.version).where(Case.number == number)).scalar_one()
        act(
            self.db,
            self.atlas,
            self.fetching.actor,
            number,
            action,
            version,
            lambda needs: needs(**fields),
            _HANDLERS,
        )

    def is_theirs(self, status: Status) -> bool:
        """Whether the round that was sent is still the unit's, in this status."""
        row = self.db.execute(
            select(Case.status, Case.round, Case.unit).where(Case.id == self.sent.case_id)
        ).one()
        here = (row.round, row.unit) == (self.sent.round, self.fetching.endpoint.unit)
        return here and row.status == status
