"""Checks of content before it may be published: asking WeChat, and what a person decides.

Dispatch waits for none of it. What is not cleared is seen by its reporter and by staff only.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.clients.wechat import Verdict, WeChat
from app.clients.wechat_errors import WeChatInactive, WeChatRefused, WeChatRisky
from app.services import scope
from app.services.case import Turn, lock, perform
from app.services.case_view import reporter_name
from app.services.draft import Draft
from app.services.safe import Safe
from models.account import Account, Actor, Role
from models.case import Case
from models.content import (
    ANSWER_WITHIN,
    ASKED_WITHIN,
    Because,
    ContentCheck,
    ContentState,
    ruling,
)
from models.errors import Conflict, Forbidden, NotFound
from models.facts import Facts
from models.fields import Reason
from models.ledger import LedgerText
from models.photo import Photo
from models.routing import Atlas
from models.status import Action
from models.workflow import MOVES, SCOPE_COLUMNS, acting_role, roles_on

State = ContentState
PHOTO_PURPOSE, PHOTO_SECONDS = "wechat-photo", 600
"""WeChat fetches a photo at once; the address of one is good for ten minutes."""
MODERATORS = frozenset({Role.DISPATCHER, Role.SUPERVISOR})


def unasked(db: Connection, case_id: int, seqs: Sequence[int]) -> Sequence[Row[Any]]:
    """What WeChat was not asked about yet, words before photos, with the author's openid, the
    words (None: erased, or a photo) and when the photo's rendition was made."""
    words = (
        select(
            func.string_agg(
                LedgerText.content, aggregate_order_by(literal("\n"), LedgerText.field.desc())
            )
        )
        .where(LedgerText.case_id == ContentCheck.case_id, LedgerText.seq == ContentCheck.seq)
        .correlate(ContentCheck)
        .scalar_subquery()
    )
    return db.execute(
        select(ContentCheck.__table__, Account.openid, words.label("words"), Photo.rendered_at)
        .outerjoin(Account, Account.id == ContentCheck.account_id)
        .outerjoin(Photo, Photo.id == ContentCheck.photo_id)
        .where(
            ContentCheck.case_id == case_id,
            ContentCheck.seq.in_(seqs),
            ContentCheck.state.in_([State.WAITING, State.HELD]),
            ContentCheck.answered_at.is_(None),
            ContentCheck.asked_at.is_(None),
            ContentCheck.created_at > func.now() - ASKED_WITHIN,
        )
        .order_by(ContentCheck.photo_id.is_not(None), ContentCheck.id)
    ).all()


def ask(wechat: WeChat, safe: Safe, public_url: str, item: Any) -> dict[str, Any]:
    """Asks WeChat about one thing; the columns that say what came of it.

    Raises:
        WeChatBusy, WeChatMisconfigured: ask again later.
    """
    if item.photo_id is None and item.words is None:
        return _ruled(State.REFUSED, Because.ERASED)
    if item.openid is None:
        return _ruled(State.HELD, Because.NO_IDENTITY)
    try:
        if item.photo_id is None:
            return judged(wechat.check_text(item.openid, item.words))
        token = safe.sign(PHOTO_PURPOSE, str(item.photo_id))
        address = f"{public_url.rstrip('/')}/wechat/photos/{token}.jpg"
        return {"trace_id": wechat.check_image(item.openid, address)}
    except WeChatRefused as refusal:
        because = _REFUSALS.get(type(refusal), Because.FAILED)
        return _ruled(State.HELD, because) | {"suggest": "risky" if because == "risky" else None}


_REFUSALS = {WeChatInactive: Because.INACTIVE, WeChatRisky: Because.RISKY}


def _ruled(state: State, because: Because) -> dict[str, Any]:
    return {"state": state, "because": because, "answered_at": func.clock_timestamp()}


def judged(verdict: Verdict) -> dict[str, Any]:
    """The columns that a verdict sets: only `pass` clears, everything else is a person's."""
    told = {"suggest": verdict.suggest, "label": verdict.label}
    if verdict.suggest == "pass":
        return told | {"state": State.PASSED, "answered_at": func.clock_timestamp()}
    return told | _ruled(State.HELD, Because(verdict.suggest))


def note(db: Connection, check_id: int, found: dict[str, Any]) -> None:
    """Keeps what came of asking. What a person has by now stays theirs, with the verdict beside
    it."""
    _settle(db, ContentCheck.id == check_id, found | {"asked_at": func.clock_timestamp()})


def answer(db: Connection, trace_id: str, verdict: Verdict | None) -> bool:
    """Takes the pushed verdict on a photo, None: the check failed. False: no such check is known
    (yet)."""
    found = judged(verdict) if verdict else _ruled(State.HELD, Because.FAILED)
    return _settle(db, ContentCheck.trace_id == trace_id, found)


def _settle(db: Connection, which: Any, found: dict[str, Any]) -> bool:
    ruling = {name: found.pop(name) for name in ("state", "because") if name in found}
    known = db.execute(
        update(ContentCheck).where(which, ContentCheck.answered_at.is_(None)).values(found)
    )
    if ruling:
        waiting = ContentCheck.state == State.WAITING
        db.execute(update(ContentCheck).where(which, waiting).values(ruling))
    return known.rowcount > 0 or bool(db.execute(select(ContentCheck.id).where(which)).first())


def hold_unanswered(db: Connection, now: datetime) -> int:
    """What has no verdict in time goes to a person; returns how many."""
    overdue = (ContentCheck.state == State.WAITING) & (
        ContentCheck.created_at <= now - ANSWER_WITHIN
    )
    held = {"state": State.HELD, "because": Because.NO_ANSWER}
    return db.execute(update(ContentCheck).where(overdue).values(held)).rowcount


_QUEUE = text(
    f"""
    SELECT k.*, c.number, c.category, c.status, e.action, e.actor,
           (SELECT string_agg(t.content, E'\\n' ORDER BY t.field DESC) FROM ledger_text t
            WHERE t.case_id = k.case_id AND t.seq = k.seq AND k.photo_id IS NULL) AS words
    FROM content_check k
    JOIN "case" c ON c.id = k.case_id
    JOIN ledger_entry e ON e.case_id = k.case_id AND e.seq = k.seq
    WHERE k.state = :state AND k.id > :after
      AND {scope.WITHIN}
    ORDER BY k.id LIMIT :most
    """  # noqa: S608
)


def queue(
    db: Connection, actor: Actor, state: ContentState, after: int, limit: int
) -> Sequence[Row[Any]]:
    """What is in that state, oldest first, of the cases that the actor moderates; one more than
    `limit` where there is more.

    Raises:
        Forbidden: no dispatcher and no supervisor.
    """
    grants = scope.held(actor, MODERATORS, "只有受理派遣员和督查员可以审核内容")
    found = {"state": state, "after": after, "most": limit + 1}
    return db.execute(_QUEUE, found | scope.values(grants)).all()


def shape(atlas: Atlas, row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "case_number": row.number,
        "category_name": atlas.category_name(row.category),
        "kind": "words" if row.photo_id is None else "photo",
        "words": row.words,
        "photo_id": row.photo_id and str(row.photo_id),
        "by": reporter_name(row.actor["reporter"]) if "reporter" in row.actor else "工作人员",
        "created_at": row.created_at,
    } | ruling(row)


def decide(
    db: Connection, atlas: Atlas, actor: Actor, ids: Sequence[int], action: Action, reason: str
) -> None:
    """Releases or refuses, all of them or none; each case's ledger says who and why.

    Raises:
        NotFound: one does not exist in the actor's scope. Forbidden: a role that may not.
        Conflict: another decided already, or it was erased.
    """
    columns = [ContentCheck.id, ContentCheck.case_id, *_scope_columns()]
    rows = db.execute(
        select(*columns).join(Case, Case.id == ContentCheck.case_id).where(ContentCheck.id.in_(ids))
    ).all()
    visible = {row.id: row.case_id for row in rows if roles_on(actor, row)}
    for check_id in ids:
        if check_id not in visible:
            raise NotFound(f"没有待审核的内容 {check_id}，或不在您的范围内")
    for case_id in sorted(set(visible.values())):
        _decide(
            db, atlas, actor, case_id, [i for i in ids if visible[i] == case_id], action, reason
        )


def _scope_columns() -> list[Any]:
    return [getattr(Case, name) for name in SCOPE_COLUMNS]


_AFTER = {Action.RELEASE_CONTENT: State.RELEASED, Action.REFUSE_CONTENT: State.REFUSED}
_SETTLED = {
    Action.RELEASE_CONTENT: (State.RELEASED, State.PASSED),
    Action.REFUSE_CONTENT: (State.REFUSED,),
}


def _decide(
    db: Connection,
    atlas: Atlas,
    actor: Actor,
    case_id: int,
    ids: Sequence[int],
    action: Action,
    reason: str,
) -> None:
    row = lock(db, case_id)
    move = MOVES[action]
    role = acting_role(move, roles_on(actor, row))
    if role is None:
        raise Forbidden("只有受理派遣员和督查员可以审核内容")
    draft = Draft.of(atlas, row)
    open_yet = ContentCheck.state.not_in(_SETTLED[action]) & (
        func.coalesce(ContentCheck.because, "") != Because.ERASED
    )
    decided = db.execute(
        update(ContentCheck)
        .where(ContentCheck.id.in_(ids), open_yet)
        .values(state=_AFTER[action], decided_by=actor.id, decided_at=draft.now)
        .returning(ContentCheck.seq, ContentCheck.photo_id)
    ).all()
    if len(decided) != len(set(ids)):
        raise Conflict("其中有内容已由他人处理，请刷新后再审核")
    turn = Turn(db, draft, actor, role, Facts(), Reason(reason=reason))
    turn.payload["checked"] = [
        {"seq": one.seq} | ({"photo": str(one.photo_id)} if one.photo_id else {})
        for one in sorted(decided, key=lambda one: (one.seq, str(one.photo_id)))
    ]
    turn.texts["reason"] = reason
    perform(turn, move, lambda _: None)
    draft.save(db)
