"""Keys of other systems: made, listed, revoked, and asked for."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from models.account import Account, Actor
from models.api_key import ApiKey
from models.errors import Conflict, FieldFault, Forbidden, InvalidInput, NotFound
from models.routing import Atlas, Placement


class Right(StrEnum):
    READ = "read"
    WRITE = "write"


def make(
    db: Connection,
    atlas: Atlas,
    name: str,
    services: Sequence[str],
    areas: Sequence[str],
    per_hour: int,
    rights: Collection[Right] = tuple(Right),
) -> str:
    """A new key, told once. Empty `services` or `areas` mean all.

    Raises:
        InvalidInput: names every fault. Conflict: the name is taken.
    """
    faults = [FieldFault("/name", "必填")] if not name.strip() else []
    faults += [
        FieldFault("/services", f"没有类别“{code}”")
        for code in services
        if code not in atlas.categories
    ]
    faults += [
        FieldFault("/areas", f"没有区域“{code}”") for code in areas if code not in atlas.areas
    ]
    if per_hour < 1:
        faults.append(FieldFault("/per_hour", "至少为 1"))
    if faults:
        raise InvalidInput(faults[0].message, faults)
    if db.execute(select(ApiKey.id).where(ApiKey.name == name)).first() is not None:
        raise Conflict(f"名称“{name}”已被使用")
    account = insert(Account).values(display_name=f"外部系统 {name}").returning(Account.id)
    key = secrets.token_urlsafe(32)
    db.execute(
        insert(ApiKey).values(
            name=name,
            key_hash=_digest(key),
            account_id=db.execute(account).scalar_one(),
            rights=sorted(rights),
            services=list(services) or None,
            areas=list(areas) or None,
            per_hour=per_hour,
        )
    )
    return key


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def listed(db: Connection) -> Sequence[Row[Any]]:
    return db.execute(select(ApiKey.__table__).order_by(ApiKey.name)).all()


def revoke(db: Connection, name: str) -> None:
    """The key is dead at once. Raises NotFound."""
    alive = (ApiKey.name == name) & ApiKey.revoked_at.is_(None)
    done = db.execute(update(ApiKey).where(alive).values(revoked_at=datetime.now(UTC)))
    if done.rowcount == 0:
        raise NotFound(f"没有有效的密钥“{name}”")


def holder(db: Connection, key: str | None) -> Row[Any]:
    """Whose key it is. Raises Forbidden for none, an unknown or a revoked one."""
    row = None
    if key:
        alive = (ApiKey.key_hash == _digest(key)) & ApiKey.revoked_at.is_(None)
        row = db.execute(select(ApiKey.__table__).where(alive)).one_or_none()
    if row is None:
        raise Forbidden("api_key 缺失或无效，请向管理员申请")
    return row


def actor(row: Any) -> Actor:
    return Actor(id=row.account_id, display_name=row.name)


def require_right(row: Any, right: Right) -> None:
    """Raises Forbidden for a key that may not read, or not write."""
    if right not in row.rights:
        raise Forbidden(f"这个 api_key 不能{'查询' if right is Right.READ else '上报'}")


def require_scope(row: Any, service: str, placement: Placement) -> None:
    """Raises Forbidden for a service or a place that the key is not for."""
    if row.services is not None and service not in row.services:
        raise Forbidden(f"这个 api_key 不能上报 {service}")
    if row.areas is not None and not set(row.areas) & set(placement.levels_up()):
        raise Forbidden("这个 api_key 不能上报该区域")
