"""Rows that the API cannot easily make, one factory per model."""

import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from app.services import search
from models.canonical import GENESIS
from models.case import Case
from models.geo import Point
from models.ledger import LedgerText
from models.report import Report
from models.routing import Atlas
from tests.drive import CENTRE

_serials = itertools.count(1)


def make_case(
    db: Connection,
    atlas: Atlas,
    *,
    at: Point = CENTRE,
    description: str = "旧案卷",
    submitted_at: datetime | None = None,
    **columns: Any,
) -> str:
    """A case as it stood at some time, with its words and one report; no ledger entries.

    Returns the number. `columns` are any of the case table.
    """
    case_id = db.execute(text("SELECT nextval('case_number')")).scalar_one()
    placement = atlas.locate(at, 50)
    assert placement is not None
    moment = submitted_at or datetime.now(UTC)
    number = f"OLD{case_id}X{next(_serials)}"
    row: dict[str, Any] = {
        "id": case_id, "number": number, "version": 1, "round": 1, "status": "submitted",
        "holder": "desk", "source": "resident", "category": "flyers", "emergency": False,
        "public": True, "longitude": at.longitude, "latitude": at.latitude,
        "raw_longitude": at.longitude, "raw_latitude": at.latitude, "coord_type": "wgs84",
        "district": placement.district, "street": placement.street,
        "community": placement.community, "grid": placement.grid, "overlay": placement.overlay,
        "placed": placement.how, "revision": atlas.revision, "flags": {}, "reports": 1,
        "head_seq": 0, "head_hash": GENESIS, "changed_at": moment, "submitted_at": moment,
    }  # fmt: skip
    unit = columns.get("unit")
    if unit is not None:
        row["unit_1"], row["unit_2"], row["unit_3"] = atlas.unit_path(unit)
        row["holder"] = f"unit:{unit}"
    db.execute(insert(Case).values(**(row | columns)))
    db.execute(
        insert(LedgerText).values(case_id=case_id, seq=1, field="description", content=description)
    )
    make_report(db, case_id, at=at, description=description, submitted_at=moment)
    return number


def make_report(
    db: Connection, case_id: int, *, at: Point, description: str, submitted_at: datetime
) -> None:
    """The first report of a case, by nobody with an account."""
    made = db.execute(
        insert(Report)
        .values(
            case_id=case_id, ordinal=1, entry_case_id=case_id, entry_seq=1, source="phone",
            anonymous=False, by_staff=False, limited=False, flags={}, longitude=at.longitude,
            latitude=at.latitude, receipt=GENESIS, submitted_at=submitted_at,
        )
        .returning(Report.id)
    ).scalar_one()  # fmt: skip
    search.index(db, made)
