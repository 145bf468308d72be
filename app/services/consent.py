"""Consents to subscribe messages: one consent, one message, every change on record."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from models.message import Consent, ConsentEntry, MessageTemplate

SAME_TAP = timedelta(minutes=2)
"""WeChat and the mini program both tell of the same tap; within so long it counts once."""
_OTHER = {"push": "phone", "phone": "push"}


def agreed(db: Connection, account_id: int, template_id: str, source: str) -> None:
    """The person agreed to one more message; `source` is who says so, push or phone."""
    remaining = _lock(db, account_id, template_id)
    told = _taps(db, account_id, template_id, source)
    told_by_other = _taps(db, account_id, template_id, _OTHER[source])
    change = 0 if told < told_by_other else 1
    _write(db, account_id, template_id, source, "accept", remaining, remaining + change)


def declined(db: Connection, account_id: int, template_id: str, source: str) -> None:
    """The person wants no more of them."""
    remaining = _lock(db, account_id, template_id)
    _write(db, account_id, template_id, source, "reject", remaining, 0)


def spent(db: Connection, account_id: int, template_id: str) -> None:
    """A message was sent. Where nothing was ever told there is nothing to take off."""
    if _remaining(db, account_id, template_id) is None:
        return
    remaining = _lock(db, account_id, template_id)
    _write(db, account_id, template_id, "send", "sent", remaining, max(0, remaining - 1))


def refused(db: Connection, account_id: int, template_id: str) -> None:
    """WeChat says that there is none left."""
    remaining = _lock(db, account_id, template_id)
    _write(db, account_id, template_id, "send", "refused", remaining, 0)


def known_to_be_used_up(db: Connection, account_id: int, template_id: str) -> bool:
    """Whether sending is in vain. Where nothing was ever told, WeChat may know more than we do."""
    return _remaining(db, account_id, template_id) == 0


def _remaining(db: Connection, account_id: int, template_id: str) -> int | None:
    told = select(Consent.remaining).where(
        Consent.account_id == account_id, Consent.template_id == template_id
    )
    return db.execute(told).scalar_one_or_none()


def listed(db: Connection, account_id: int) -> list[dict[str, Any]]:
    """Every template that is in use, for what, and how many messages the person agreed to (None:
    never asked)."""
    events = func.array_agg(MessageTemplate.event)
    rows = db.execute(
        select(MessageTemplate.template_id, events.label("events"), Consent.remaining)
        .outerjoin(
            Consent,
            (Consent.template_id == MessageTemplate.template_id)
            & (Consent.account_id == account_id),
        )
        .group_by(MessageTemplate.template_id, Consent.remaining)
        .order_by(MessageTemplate.template_id)
    )
    return [
        {"template_id": r.template_id, "events": sorted(r.events), "remaining": r.remaining}
        for r in rows
    ]


def in_use(db: Connection, template_ids: Sequence[str]) -> set[str]:
    """Those of them that the table of messages names."""
    known = select(MessageTemplate.template_id).where(MessageTemplate.template_id.in_(template_ids))
    return set(db.execute(known).scalars())


def _lock(db: Connection, account_id: int, template_id: str) -> int:
    """How many are left; nobody else changes it before the transaction ends."""
    statement = upsert(Consent).values(account_id=account_id, template_id=template_id, remaining=0)
    same = {"remaining": Consent.remaining}
    return db.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "template_id"], set_=same
        ).returning(Consent.remaining)
    ).scalar_one()


def _taps(db: Connection, account_id: int, template_id: str, source: str) -> int:
    return db.execute(
        select(func.count()).where(
            ConsentEntry.account_id == account_id,
            ConsentEntry.template_id == template_id,
            ConsentEntry.source == source,
            ConsentEntry.said == "accept",
            ConsentEntry.at > func.clock_timestamp() - SAME_TAP,
        )
    ).scalar_one()


def _write(
    db: Connection,
    account_id: int,
    template_id: str,
    source: str,
    said: str,
    before: int,
    after: int,
) -> None:
    named = {"account_id": account_id, "template_id": template_id}
    db.execute(
        upsert(Consent)
        .values(named | {"remaining": after})
        .on_conflict_do_update(
            index_elements=["account_id", "template_id"], set_={"remaining": after}
        )
    )
    entry = {"source": source, "said": said, "change": after - before, "remaining": after}
    db.execute(insert(ConsentEntry).values(named | entry))
