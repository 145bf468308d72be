"""Where a place lies, and the snapshot of areas, units, rules and duties in memory."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import shapely.geometry
from sqlalchemy import Connection, Engine, func, select

from models.account import Account
from models.area import Area, CalendarException, ImportBatch, Level, Responsibility, Unit
from models.calendar import CALENDARS, Hours, WorkingCalendar, parse_hours
from models.catalogue import Category
from models.db import transaction
from models.duty import Duty, Leave
from models.errors import OutsideServiceArea
from models.exchange import Endpoint
from models.fields import Location
from models.geo import Point, to_wgs84
from models.policy import Policy
from models.routing import Absence, AreaShape, Atlas, DutyHours, Placement, Rule, UnitInfo


@dataclass(frozen=True, slots=True)
class Place:
    """A located point: WGS-84 and where it lies."""

    point: Point
    placement: Placement


def locate(atlas: Atlas, location: Location) -> Place:
    """The grid of a place.

    Raises:
        OutsideServiceArea: no grid within the tolerance; names the area served.
    """
    point = to_wgs84(location.longitude, location.latitude, location.coord_type)
    placement = atlas.locate(point, atlas.policy.tolerance_m)
    if placement is None:
        served = atlas.served or "（尚未导入区域）"
        raise OutsideServiceArea(f"该位置不在服务范围内，本平台服务：{served}", served=served)
    return Place(point, placement)


def e7(point: Point) -> dict[str, int]:
    """A point in the ledger's form: ten-millionths of a degree, WGS-84."""
    return {
        "longitude_e7": round(point.longitude * 1e7),
        "latitude_e7": round(point.latitude * 1e7),
    }


def revision(db: Connection) -> int:
    return db.execute(select(func.coalesce(func.max(ImportBatch.id), 0))).scalar_one()


def load(db: Connection, policy: Policy) -> Atlas:
    """Reads the whole set-up at its newest revision."""
    current = revision(db)
    version = db.execute(
        select(func.coalesce(func.max(ImportBatch.id), 0)).where(ImportBatch.kind == "areas")
    ).scalar_one()
    duties = db.execute(select(Duty.__table__).order_by(Duty.id)).all()
    people = {d.worker_id for d in duties} | {d.backup_id for d in duties}
    workers = db.execute(select(Account.id, Account.unit).where(Account.id.in_(people - {None})))
    return Atlas(
        revision=current,
        area_version=version,
        areas={row.code: _shape(row) for row in _all(db, Area, Area.version == version)},
        units={
            row.code: UnitInfo(
                row.code, row.name, row.parent, row.kind, bool(row.retired_at), row.calendar
            )
            for row in _all(db, Unit)
        },
        # As plain objects: a row of SQLAlchemy takes 10 µs for each look at a column.
        categories={
            row["code"]: SimpleNamespace(**row) for row in db.execute(_in_order()).mappings()
        },
        rules=[_rule(row) for row in db.execute(select(Responsibility.__table__))],
        duties=[_hours(row) for row in duties],
        absences=[
            Absence(row.worker_id, row.starts_at, row.ends_at)
            for row in _all(db, Leave, Leave.ends_at > datetime.now(UTC))
        ],
        worker_units={row.id: row.unit for row in workers},
        policy=policy,
        calendars=_calendars(db),
        forwarded=frozenset(
            db.execute(select(Endpoint.unit).where(Endpoint.ended_at.is_(None))).scalars()
        ),
    )


def _calendars(db: Connection) -> dict[str, WorkingCalendar]:
    found: dict[str, list[tuple[date, Hours]]] = {name: [] for name in CALENDARS}
    for row in _all(db, CalendarException):
        found[row.calendar].append((row.day, parse_hours(row.hours)))
    return {name: WorkingCalendar(name, tuple(days)) for name, days in found.items()}


def _all(db: Connection, table: Any, *where: Any) -> Any:
    return db.execute(select(table.__table__).where(*where))


def _in_order() -> Any:
    return select(Category.__table__).order_by(Category.position)


def _shape(row: Any) -> AreaShape:
    boundary = shapely.geometry.shape(row.boundary)
    return AreaShape(row.code, row.name, Level(row.level), row.parent, row.priority, boundary)


def _rule(row: Any) -> Rule:
    return Rule(row.area, row.category, row.category_group, row.unit, row.valid_from, row.valid_to)


def _hours(row: Any) -> DutyHours:
    return DutyHours(
        area=row.area,
        worker=row.worker_id,
        weekdays=frozenset(row.weekdays),
        starts=row.starts,
        ends=row.ends,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        backup=row.backup_id,
        unit=row.duty_unit,
    )


class CurrentAtlas:
    """The newest atlas, shared by the threads of a process.

    The database is asked for its revision at most every `seconds`; a new one is loaded then.
    """

    def __init__(self, engine: Engine, policy: Policy, seconds: float = 2.0) -> None:
        self._engine, self._policy, self._seconds = engine, policy, seconds
        self._lock = threading.Lock()
        self._atlas: Atlas | None = None
        self._checked = 0.0

    def __call__(self) -> Atlas:
        if self._atlas is not None and time.monotonic() - self._checked < self._seconds:
            return self._atlas
        with self._lock:
            if self._atlas is None or time.monotonic() - self._checked >= self._seconds:
                with transaction(self._engine) as db:
                    if self._atlas is None or revision(db) != self._atlas.revision:
                        self._atlas = load(db, self._policy)
                self._checked = time.monotonic()
            return self._atlas

    def at_least(self, wanted: int) -> Atlas:
        """An atlas of this revision or newer."""
        if self().revision < wanted:
            self._checked = 0.0
        return self()
