"""Units' own Open311 systems: connected, listed, let go."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from app.services.import_batch import Import
from app.services.safe import Safe
from models.account import Account, Role, RoleGrant, Scope
from models.errors import Conflict, FieldFault, InvalidInput, NotFound
from models.exchange import Endpoint, Forwarded
from models.routing import Atlas

ANY = "*"
ACTIVE = Endpoint.ended_at.is_(None)


def connect(
    db: Connection,
    atlas: Atlas,
    safe: Safe,
    *,
    unit: str,
    url: str,
    jurisdiction: str | None,
    api_key: str | None,
    services: Mapping[str, str],
) -> None:
    """From now on the unit's cases are forwarded. `services` maps categories, or `*` for any
    other, to the system's service codes; `url` ends where `/requests.xml` begins.

    Raises:
        InvalidInput: names every fault. Conflict: the unit is connected already.
    """
    faults = _faults(atlas, unit, url, services)
    if faults:
        raise InvalidInput(faults[0].message, faults)
    if db.execute(select(Endpoint.id).where(ACTIVE, Endpoint.unit == unit)).first() is not None:
        raise Conflict(f"单位 {unit} 已连接外部系统，请先断开")
    name = f"{atlas.unit_name(unit)}外部系统"
    account = insert(Account).values(display_name=name, unit=unit).returning(Account.id)
    account_id = db.execute(account).scalar_one()
    grant = {"role": Role.UNIT_STAFF.value, "scope": Scope.UNIT.value, "code": unit}
    db.execute(insert(RoleGrant).values(account_id=account_id, **grant))
    db.execute(
        insert(Endpoint).values(
            unit=unit,
            url=url.rstrip("/"),
            jurisdiction=jurisdiction,
            api_key=safe.seal(api_key) if api_key else None,
            services=dict(services),
            account_id=account_id,
        )
    )
    _note(db, f"connect {unit}")


def _faults(atlas: Atlas, unit: str, url: str, services: Mapping[str, str]) -> list[FieldFault]:
    faults = []
    if unit not in atlas.units or atlas.units[unit].retired:
        faults.append(FieldFault("/unit", f"没有单位“{unit}”，或已停用"))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        faults.append(FieldFault("/url", "应为 https:// 开头、到 /requests.xml 之前的地址"))
    if not services:
        faults.append(FieldFault("/services", "请至少给出一个类别的对应，如 *=001"))
    for ours, theirs in services.items():
        if ours != ANY and ours not in atlas.categories:
            faults.append(FieldFault("/services", f"没有类别“{ours}”"))
        if not theirs:
            faults.append(FieldFault("/services", f"“{ours}”没有对应的 service_code"))
    return faults


def disconnect(db: Connection, unit: str) -> None:
    """No further case is forwarded, no update is fetched. Raises NotFound."""
    active = ACTIVE & (Endpoint.unit == unit)
    ended = update(Endpoint).where(active).values(ended_at=datetime.now(UTC), api_key=None)
    account_id = db.execute(ended.returning(Endpoint.account_id)).scalar_one_or_none()
    if account_id is None:
        raise NotFound(f"单位 {unit} 没有连接外部系统")
    db.execute(update(Account).where(Account.id == account_id).values(enabled=False))
    _note(db, f"disconnect {unit}")


def _note(db: Connection, what: str) -> None:
    """A new revision, so that every process learns of it."""
    at = datetime.now(UTC).isoformat()
    Import(db, "endpoint", what, hashlib.sha256(f"{what} {at}".encode()).digest()).accept(1)


def listed(db: Connection) -> Sequence[Row[Any]]:
    """Active endpoints, with how many cases were sent and how many have not arrived yet."""
    sent = (
        select(
            func.count().label("sent"),
            func.count().filter(Forwarded.number.is_(None)).label("under_way"),
        )
        .where(Forwarded.endpoint_id == Endpoint.id)
        .lateral()
    )
    columns = select(Endpoint.__table__, sent.c.sent, sent.c.under_way)
    return db.execute(columns.where(ACTIVE).order_by(Endpoint.unit)).all()
