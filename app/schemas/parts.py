"""Parts that several answers share. Models of answers describe them in the document; views shape
them themselves, and tests compare the two."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from models.geo import CoordType

Id = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seconds = Annotated[int, Field(description="whole seconds")]
Cursor = Annotated[str | None, Field(description="of the next page; null on the last one")]
UNCHANGED: dict[str, Any] = {"description": "没有变化"}
"""The answer to a fitting If-None-Match."""


def media(*types: str) -> dict[str, Any]:
    """An answer of bytes in one of these types."""
    return {"content": {kind: {} for kind in types}}


class PairOut(BaseModel):
    """Degrees."""

    longitude: float
    latitude: float


class PairsOut(BaseModel):
    """The same place in both systems; a WeChat map takes gcj02."""

    wgs84: PairOut
    gcj02: PairOut


class RawPlaceOut(PairOut):
    """A place as it was sent."""

    coord_type: CoordType
    accuracy_m: float | None


class AreaOut(BaseModel):
    code: str
    name: str


class PhotoRoleOut(BaseModel):
    """A photo, and what it was attached as."""

    id: str
    role: str


class IdOut(BaseModel):
    id: Id


class AttributeOut(BaseModel):
    """An answer to a question that the category asks besides."""

    code: str
    description: str
    text: str
