"""Areas in versions, units, and who answers for what where."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class Level(StrEnum):
    """Levels of the tree from wide to narrow; overlays lie outside the tree."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    OVERLAY = "overlay"


TREE = (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID)
LEVEL_LABELS = {
    Level.DISTRICT: "区",
    Level.STREET: "街道",
    Level.COMMUNITY: "社区",
    Level.GRID: "网格",
    Level.OVERLAY: "专属责任区",
}

UNIT_KIND_LABELS = {
    "street_office": "街道办",
    "bureau": "职能部门",
    "property": "物业",
    "contractor": "承包单位",
    "duty": "值班室",
}


class ImportBatch(Base):
    """One accepted import of areas, units, rules, duties or the catalogue.

    The newest id is the revision of the district's set-up: running servers compare it and
    reload. A case keeps the revision that it was routed by.
    """

    __tablename__ = "import_batch"

    id: Mapped[Id]
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[bytes]
    rows: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class CalendarException(Base):
    """A day on which a calendar is not what its name says: `hours` as `08:30-12:00,14:30-17:30`,
    empty for a day off."""

    __tablename__ = "calendar_exception"

    calendar: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[str]
    note: Mapped[str]
    version: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))


class Area(Base):
    """One polygon of one version of the map; boundary is GeoJSON geometry in WGS-84."""

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint(
            "level IN ('district', 'street', 'community', 'grid', 'overlay')", name="level"
        ),
    )

    version: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent: Mapped[str | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    boundary: Mapped[Json]


class Unit(Base):
    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    kind: Mapped[str]
    calendar: Mapped[str | None]
    retired_at: Mapped[datetime | None]


class Responsibility(Base):
    """Area and category (or group, or neither: any) to unit, valid from day to day inclusive."""

    __tablename__ = "responsibility"
    __table_args__ = (
        CheckConstraint("category IS NULL OR category_group IS NULL", name="category_or_group"),
        Index("ix_responsibility_area", "area"),
    )

    id: Mapped[Id]
    area: Mapped[str]
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    category_group: Mapped[str | None]
    unit: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
