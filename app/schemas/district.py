"""Shapes of the catalogue, areas, places, and of public cases on a map."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from app.schemas.case_view import AreasOut
from app.schemas.parts import PairOut, PairsOut
from models.area import Level
from models.catalogue import EvidenceRule, Intake
from models.status import Status


class CategoryOut(BaseModel):
    """`fields` are what reports of it are asked besides."""

    code: str
    name: str
    kind: Literal["event", "component"]
    limit: str
    control_limit: str | None
    calendar: str
    intake: Intake
    public: bool
    evidence: EvidenceRule
    min_photos: int
    emergency: bool
    aliases: list[str]
    accept_when: str
    close_when: str
    call_first: list[str]
    fields: list[dict[str, Any]]


class CategoryGroupOut(BaseModel):
    code: str
    name: str
    categories: list[CategoryOut]


class CatalogueOut(BaseModel):
    groups: list[CategoryGroupOut]


class GeometryOut(BaseModel):
    """GeoJSON (RFC 7946), WGS-84."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class AreaPropertiesOut(BaseModel):
    code: str
    name: str
    level: Level
    parent: str | None


class AreaFeatureOut(BaseModel):
    type: Literal["Feature"]
    properties: AreaPropertiesOut
    geometry: GeometryOut


class AreaCollectionOut(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[AreaFeatureOut]


class NearbyOut(BaseModel):
    """A public open case that may be joined instead of reporting anew."""

    number: str
    category: str | None
    category_name: str
    status: Status
    distance_m: int
    reports: int
    submitted_at: datetime


class LocatedOut(AreasOut):
    placed: Literal["inside", "nearest"]
    wgs84: PairOut
    nearby: list[NearbyOut]


class ScannedPlaceOut(BaseModel):
    code: str
    name: str
    address: str
    location: PairsOut
    category: str | None
    category_name: str | None
