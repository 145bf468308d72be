"""What WeChat pushes: kept at once, worked on later, each event once."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.clients.wechat import Verdict
from app.clients.wechat_push import Pushed
from app.services import consent, content, message, outbox
from app.services.outbox import PutOff
from models.account import Account
from models.errors import Forbidden
from models.push import Push

KEPT_FOR = timedelta(days=3)
EARLY_FOR = timedelta(minutes=10)
"""A verdict may come before the answer to our question was noted; so long it is waited for."""


def keep(db: Connection, pushed: Pushed) -> None:
    """Keeps a push to be worked on; one that came before changes nothing.

    Raises:
        Forbidden: its signature came before, with another body.
    """
    row = {
        "key": pushed.event.key,
        "proof": pushed.proof,
        "body_sha256": pushed.body_sha256,
        "event": asdict(pushed.event),
    }
    made = insert(Push).values(row).on_conflict_do_nothing().returning(Push.id)
    push_id = db.execute(made).scalar_one_or_none()
    if push_id is not None:
        outbox.post(db, "push.work", {"push_id": push_id})
        return
    same = select(Push.body_sha256).where(Push.proof == pushed.proof)
    known = db.execute(same).scalar_one_or_none()
    if known is not None and known != pushed.body_sha256:
        raise Forbidden("这个签名已经用过")


def work(db: Connection, push_id: int) -> None:
    """Does what an event says; again changes nothing.

    Raises:
        PutOff: a verdict on a question that is not noted yet.
    """
    row = db.execute(
        update(Push)
        .where(Push.id == push_id, Push.done_at.is_(None))
        .values(done_at=datetime.now(UTC))
        .returning(Push.event, Push.received_at)
    ).one_or_none()
    if row is None:
        return
    if row.event["trace_id"] is not None:
        _verdict(db, row)
        return
    account_id = db.execute(
        select(Account.id).where(Account.openid == row.event["openid"])
    ).scalar_one_or_none()
    for item in row.event["items"] if account_id is not None else ():
        _subscription(db, account_id, item)


def _verdict(db: Connection, row: Any) -> None:
    told = row.event["verdict"]
    found = content.answer(db, row.event["trace_id"], told and Verdict(**told))
    if not found and datetime.now(UTC) < row.received_at + EARLY_FOR:
        raise PutOff("nobody asked for this verdict yet")


def _subscription(db: Connection, account_id: Any, item: dict[str, Any]) -> None:
    template_id = item["template_id"]
    if item["errcode"] is not None:
        message.confirm(db, account_id, template_id, item["errcode"])
    elif item["said"] == "accept":
        consent.agreed(db, account_id, template_id, "push")
    elif item["said"] is not None:
        consent.declined(db, account_id, template_id, "push")


def sweep(db: Connection) -> int:
    """Forgets what is too old to be repeated."""
    old = Push.received_at < datetime.now(UTC) - KEPT_FOR
    return db.execute(delete(Push).where(old, Push.done_at.is_not(None))).rowcount
