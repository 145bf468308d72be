"""Cases of a unit on their way to the unit's own Open311 system, each round once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.clients.open311 import Peer
from app.services.endpoint import ACTIVE, ANY
from app.services.safe import Safe
from models.case import Case
from models.exchange import Endpoint, Forwarded
from models.routing import Atlas
from models.status import Status
from models.submission import Source

BEFORE = timedelta(minutes=10)
"""How far two systems' clocks may differ."""
MOST_PHOTOS = 9
MARKED = "随手拍案卷"
_MARK = re.compile(rf"{MARKED} (\w+)")


@dataclass(frozen=True, slots=True)
class Sending:
    """A round of a case on its way. `again`: an earlier attempt may have arrived."""

    peer: Peer
    case_id: int
    round: int
    endpoint_id: int
    number: str
    fields: dict[str, str]
    photos: Sequence[str]
    rendered: bool
    attempted_at: datetime
    token: str | None
    again: bool

    @property
    def mark(self) -> str:
        """What tells the case from others in the other system's list."""
        return self.number if self.round == 1 else f"{self.number}-{self.round}"


_CASE = text(
    """
    SELECT c.id, c.number, c.source, c.round, c.status, c.unit, c.category, c.longitude, c.latitude,
           coalesce(c.paraphrase, words.description) AS description,
           CASE WHEN c.paraphrase IS NULL THEN words.address END AS address, shown.photos,
           shown.rendered
    FROM "case" c
    LEFT JOIN LATERAL (
        SELECT max(t.content) FILTER (WHERE t.field = 'description') AS description,
               max(t.content) FILTER (WHERE t.field = 'address') AS address
        FROM report r
        JOIN ledger_text t ON t.case_id = r.entry_case_id AND t.seq = r.entry_seq
        WHERE r.case_id = c.id AND r.ordinal = 1) words ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(CAST(a.photo_id AS text) ORDER BY a.seq, a.position) AS photos,
               bool_and(p.rendered_at IS NOT NULL) AS rendered
        FROM attachment a JOIN photo p ON p.id = a.photo_id
        WHERE a.case_id = c.id AND a.role IN ('report', 'supplement')) shown ON true
    WHERE c.id = :case
    """
)


def take_up(
    db: Connection, atlas: Atlas, safe: Safe, case_id: int, round_: int, now: datetime
) -> Sending | None:
    """What is to be sent, noted as attempted; None: it is there, or no longer the unit's, or its
    category has no service there."""
    case = db.execute(_CASE, {"case": case_id}).one()
    endpoint = db.execute(
        select(Endpoint.__table__).where(ACTIVE, Endpoint.unit == case.unit)
    ).one_or_none()
    working = case.status in (Status.ASSIGNED, Status.IN_PROGRESS)
    if endpoint is None or case.round != round_ or not working or _came_from_here(db, case):
        return None
    service = endpoint.services.get(case.category) or endpoint.services.get(ANY)
    if service is None:
        return None
    known = {"case_id": case_id, "round": round_, "endpoint_id": endpoint.id}
    fresh = insert(Forwarded).values(known | {"attempted_at": now}).on_conflict_do_nothing()
    first = db.execute(fresh.returning(Forwarded.case_id)).first() is not None
    row = db.execute(select(Forwarded.__table__).filter_by(**known)).one()
    if row.number is not None:
        return None
    return Sending(
        peer=peer_of(safe, endpoint),
        case_id=case_id,
        round=round_,
        endpoint_id=endpoint.id,
        number=case.number,
        fields=_fields(atlas, case, service),
        photos=(case.photos or [])[:MOST_PHOTOS],
        rendered=case.rendered is not False,
        attempted_at=row.attempted_at,
        token=row.token,
        again=not first,
    )


def _came_from_here(db: Connection, case: Any) -> bool:
    """Whether it is a case of ours that another system sent on: it would go round for ever."""
    if case.source != Source.OPEN311:
        return False
    marks = _MARK.findall(case.description or "")
    known = select(Case.id).where(Case.number.in_(marks), Case.id != case.id)
    return bool(marks) and db.execute(known).first() is not None


def peer_of(safe: Safe, endpoint: Any) -> Peer:
    key = safe.open(endpoint.api_key) if endpoint.api_key is not None else None
    return Peer(endpoint.url, key, endpoint.jurisdiction)


def _fields(atlas: Atlas, case: Any, service: str) -> dict[str, str]:
    mark = case.number if case.round == 1 else f"{case.number}-{case.round}"
    head = f"{atlas.category_name(case.category)}{'（重新办理）' if case.round > 1 else ''}"
    words = (case.description or "")[:3500]
    fields = {
        "service_code": service,
        "lat": f"{case.latitude:.7f}",
        "long": f"{case.longitude:.7f}",
        "description": f"{head}：{words}\n（{MARKED} {mark}）",
        "attribute[external_id]": mark,
    }
    return fields | ({"address_string": case.address} if case.address else {})


def deliver(sending: Sending, photos: Sequence[tuple[str, bytes]]) -> tuple[str | None, str | None]:
    """Sends it, unless an earlier attempt turns out to have arrived; the number it has there, or a
    token to ask again with.

    Raises:
        PeerAway, PeerRefused.
    """
    if sending.token is not None:
        return sending.peer.number_of(sending.token), sending.token
    if sending.again:
        since = sending.attempted_at - BEFORE
        found = sending.peer.find(sending.fields["service_code"], since, sending.mark)
        if found is not None:
            return found, None
    return sending.peer.send(sending.fields, photos)


def arrived(db: Connection, sending: Sending, number: str | None, token: str | None) -> None:
    db.execute(
        update(Forwarded)
        .where(
            Forwarded.case_id == sending.case_id,
            Forwarded.round == sending.round,
            Forwarded.endpoint_id == sending.endpoint_id,
        )
        .values(number=number, token=token, arrived_at=func.now() if number else None)
    )
